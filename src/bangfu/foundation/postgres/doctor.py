"""Whether the operational store is sound, point by point; each point that is not says what to do.

Works for the embedded server (which it starts, as any command does) and for a server of `DATABASE_URL` alike.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from bangfu.foundation.clock import machine_now
from bangfu.foundation.failures import as_problem
from bangfu.foundation.home import Home
from bangfu.foundation.home import home as process_home
from bangfu.foundation.postgres import dsn
from bangfu.foundation.postgres.places import SOCKET_LIMIT, SOCKET_PORT, prepare
from bangfu.foundation.postgres.problems import SERVER_TOO_OLD, WEB_ROLE_TOO_STRONG
from bangfu.foundation.postgres.programs import programs
from bangfu.foundation.postgres.server import Server
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text

OLDEST = 16
EXTENSIONS = ("btree_gist", "pg_trgm")
LEAST_FREE = 2 * 1024**3
LARGEST_DRIFT = 5.0

NOTHING = Text("", "")


@dataclass(frozen=True, slots=True)
class Check:
    """One point: its key, whether it is well, what was seen, and what to do where it is not (empty where it is)."""

    key: str
    ok: bool
    says: Text
    remedy: Text = NOTHING

    def as_json(self) -> dict[str, Any]:
        """The point as `bangfu doctor --json` gives it."""
        both = {"says": self.says, "remedy": self.remedy}
        return {"key": self.key, "ok": self.ok, **{name: {"zh": text.zh, "en": text.en} for name, text in both.items()}}


def checks(home: Home | None = None) -> list[Check]:
    """Every point, in the order in which they depend on each other. Raises nothing that is a problem of the store."""
    where = home or process_home()
    found: list[Check] = []
    if dsn.embedded():
        found += _on_this_machine(where)
    connections: dict[str, psycopg.Connection[Any]] = {}
    try:
        for kind in ("owner", "web"):
            found.append(_trying(kind, lambda kind=kind: _connected(kind, where, connections)))  # type: ignore[misc]
        if "owner" in connections:
            found += _of_server(connections["owner"])
        if "web" in connections:
            found.append(_trying("web-role", lambda: _weak(connections["web"])))
    finally:
        for connection in connections.values():
            connection.close()
    return found


def require_weak(connection: psycopg.Connection[Any]) -> None:
    """Hold that row-level security binds the role of a connection. Raises BF-1024 where it would not; `serve` asks it."""
    row = connection.execute(
        """
        SELECT r.rolname, r.rolsuper, r.rolbypassrls, r.rolcreaterole,
               EXISTS (SELECT FROM pg_roles o
                       WHERE (o.rolsuper OR o.rolbypassrls) AND pg_has_role(r.oid, o.oid, 'MEMBER') AND o.oid <> r.oid),
               (SELECT pg_has_role(r.oid, d.datdba, 'MEMBER') FROM pg_database d WHERE d.datname = current_database()),
               (SELECT min(c.relname::text) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
                AND pg_has_role(r.oid, c.relowner, 'MEMBER'))
        FROM pg_roles r WHERE r.rolname = current_user
        """
    ).fetchone()
    assert row is not None  # every session has its role
    role, *powers, table = row
    names = ("SUPERUSER", "BYPASSRLS", "CREATEROLE", "SET ROLE → SUPERUSER/BYPASSRLS", "OWNER (DATABASE)")
    strong = [name for name, has in zip(names, powers, strict=True) if has]
    if table is not None:
        strong.append(f"OWNER ({table})")
    if strong:
        raise WEB_ROLE_TOO_STRONG(role=role, detail=", ".join(strong))


def require_version(connection: psycopg.Connection[Any]) -> None:
    """Raise BF-1023 where the server is older than Bangfu needs."""
    version = connection.info.server_version
    if version < OLDEST * 10000:
        raise SERVER_TOO_OLD(version=f"{version // 10000}.{version % 10000}")


def fallen(key: str, problem: Problem) -> Check:
    """A point that is not well because of a numbered problem."""
    return Check(key, False, Text(f"{problem.number} {problem.cause.zh}", f"{problem.number} {problem.cause.en}"), problem.remedy)


def _trying(key: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except Exception as error:
        problem = as_problem(error)
        if problem is None:
            raise
        return fallen(key, problem)


def _on_this_machine(home: Home) -> Iterator[Check]:
    yield _trying("programs", lambda: _programs(home))
    yield _trying("socket", lambda: _socket(home))
    yield _trying("disk", lambda: _disk(home))
    yield _trying("cluster", lambda: _cluster(home))


def _programs(home: Home) -> Check:
    tools = programs(prepare(home)[0], None)
    major, minor = tools.version
    if tools.account is not None and tools.account.name == "nobody":
        return Check(
            "programs",
            False,
            Text("数据库由用户 nobody 执行。", "The database runs as the user nobody."),
            Text(
                "停止 Bangfu,建立系统用户(useradd --system bangfu),备份后在新目录恢复。",
                "Stop Bangfu, make the system user (useradd --system bangfu), and restore a backup into a new folder.",
            ),
        )
    by = tools.account.name if tools.account else str(os.geteuid())
    return Check(
        "programs", True, Text(f"PostgreSQL {major}.{minor},由用户 {by} 执行。", f"PostgreSQL {major}.{minor}, run by {by}.")
    )


def _socket(home: Home) -> Check:
    places = prepare(home)[0]
    if places.socket is None:
        return Check(
            "socket", True, Text(f"使用本机地址 127.0.0.1:{places.port}。", f"On the loopback address 127.0.0.1:{places.port}.")
        )
    length = len(os.fsencode(places.socket / f".s.PGSQL.{SOCKET_PORT}"))
    says = Text(
        f"套接字路径 {length} 字节(上限 {SOCKET_LIMIT}):{places.socket}",
        f"Socket path of {length} bytes (limit {SOCKET_LIMIT}): {places.socket}",
    )
    remedy = Text("把数据目录移到较短的路径。", "Move the data folder to a shorter path.")
    ok = length <= SOCKET_LIMIT
    return Check("socket", ok, says, NOTHING if ok else remedy)


def _disk(home: Home) -> Check:
    places = prepare(home)[0]
    folder = next(path for path in (places.base, *places.base.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    says = Text(f"{folder} 剩余 {free / 1024**3:.1f} GB。", f"{free / 1024**3:.1f} GB free at {folder}.")
    remedy = Text("清出至少 2 GB;磁盘写满时数据库会停止。", "Free at least 2 GB; the database stops when the disk is full.")
    return Check("disk", free >= LEAST_FREE, says, NOTHING if free >= LEAST_FREE else remedy)


def _cluster(home: Home) -> Check:
    server = Server(home)
    endpoint = server.attach()
    state = server.status()
    return Check(
        "cluster",
        True,
        Text(
            f"{state['cluster']}(PostgreSQL {state['version']}),进程 {endpoint.pid}。",
            f"{state['cluster']} (PostgreSQL {state['version']}), process {endpoint.pid}.",
        ),
    )


def _connected(kind: dsn.Role, home: Home, connections: dict[str, psycopg.Connection[Any]]) -> Check:
    connection = dsn.connect(kind, home, connect_timeout=10, autocommit=True)
    connections[kind] = connection
    require_version(connection)
    version = connection.info.parameter_status("server_version")
    where = dsn.place(dsn.libpq(kind, home))
    return Check(kind, True, Text(f"已连接 {where}(PostgreSQL {version})。", f"Connected to {where} (PostgreSQL {version})."))


def _weak(connection: psycopg.Connection[Any]) -> Check:
    require_weak(connection)
    return Check("web-role", True, Text("网页角色受行级安全约束。", "Row-level security binds the pages' role."))


def _of_server(connection: psycopg.Connection[Any]) -> Iterator[Check]:
    yield _durable(connection)
    yield _extensions(connection)
    yield _clock(connection)


def _durable(connection: psycopg.Connection[Any]) -> Check:
    rows = connection.execute(
        "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name"
    ).fetchall()
    off = [name for name, setting in rows if setting == "off"]
    if not off:
        says = Text("提交即落盘。", "A commit is on disk when it returns.")
        return Check("durable", True, says)
    return Check(
        "durable",
        False,
        Text(
            f"已关闭:{'、'.join(off)}。断电会丢失或损坏数据。", f"Off: {', '.join(off)}. A power cut would lose or damage data."
        ),
        Text(
            "在服务器配置中打开它们(自带数据库:数据目录的 local.conf)。",
            "Turn them on in the server's configuration (embedded: local.conf).",
        ),
    )


def _extensions(connection: psycopg.Connection[Any]) -> Check:
    there = {name for (name,) in connection.execute("SELECT name FROM pg_available_extensions")}
    missing = [name for name in EXTENSIONS if name not in there]
    if not missing:
        return Check(
            "extensions", True, Text(f"扩展齐全:{'、'.join(EXTENSIONS)}。", f"Extensions at hand: {', '.join(EXTENSIONS)}.")
        )
    return Check(
        "extensions",
        False,
        Text(f"服务器缺少扩展:{'、'.join(missing)}。", f"The server lacks the extensions {', '.join(missing)}."),
        Text("安装服务器的 contrib 软件包。", "Install the server's contrib package."),
    )


def _clock(connection: psycopg.Connection[Any]) -> Check:
    before = machine_now()
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    after = machine_now()
    assert row is not None  # a SELECT without FROM has one row
    drift = _outside(row[0], before, after)
    says = Text(f"服务器与本机时钟相差 {drift:.1f} 秒。", f"The clocks of the server and this machine differ by {drift:.1f} s.")
    remedy = Text("在两台机器上启用时间同步。", "Synchronise the time on both machines.")
    ok = drift <= LARGEST_DRIFT
    return Check("clock", ok, says, NOTHING if ok else remedy)


def _outside(seen: datetime, before: datetime, after: datetime) -> float:
    """By how many seconds a moment lies outside the span in which it was asked for."""
    return max((before - seen).total_seconds(), (seen - after).total_seconds(), 0.0)


def log_tail(home: Home | None = None, lines: int = 50) -> list[str]:
    """The last lines of the embedded server's log; empty where there is none."""
    log: Path = prepare(home or process_home())[0].log
    return log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:] if log.exists() else []
