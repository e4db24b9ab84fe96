"""Starting and stopping the server's process. Everything here happens under the home's start lock."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import psycopg
from psycopg import pq

from bangfu.foundation.postgres import cluster, processes
from bangfu.foundation.postgres.locks import Progress, Waiting, close_lock, open_lock, try_lock
from bangfu.foundation.postgres.places import DATABASE, ROLES, Kind, Places, Secrets, change_port, port_is_free
from bangfu.foundation.postgres.problems import OUT_OF_REACH, PASSWORDS_REFUSED, SERVER_UNREACHABLE, START_FAILED
from bangfu.foundation.postgres.processes import Postmaster
from bangfu.foundation.postgres.programs import Programs, programs
from bangfu.foundation.say import Text

LOG_LIMIT = 16 * 1024 * 1024

# How long orphans of a killed server may take to notice, before they are told; and to be gone before we give up.
ORPHANS_TOLD_AFTER = 5.0
ORPHANS_GIVEN_UP_AFTER = 60.0
# How long a server that says it is ready may leave a connection unanswered (its socket file was removed, it is stopped).
SILENCE_LIMIT = 30.0


def reach(places: Places, secrets: Secrets, kind: Kind, postmaster: Postmaster | None = None) -> dict[str, Any]:
    """What libpq needs to connect as one role; with a living server, where that server really listens."""
    host, port = places.host, places.port
    if postmaster is not None and postmaster.port:
        host, port = postmaster.socket_folder or postmaster.listens_on or host, postmaster.port
    return {
        "host": host,
        "port": str(port),
        "user": ROLES[kind],
        "password": secrets.of(kind),
        "dbname": "postgres" if kind == "admin" else DATABASE,
        # A stranger who got hold of the address must prove that it knows the password before it learns anything.
        "require_auth": "scram-sha-256",
        # The server has neither, whatever the caller's PGSSLMODE asks for.
        "sslmode": "disable",
        "gssencmode": "disable",
    }


def ensure(places: Places, secrets: Secrets, progress: Progress | None) -> tuple[Places, Postmaster]:
    """The living server of the home, started where there is none, once it answers.

    Crash recovery is waited for as long as the server lives, and so is a server that is just stopping. Returns the
    places as well: a taken loopback port is changed. Raises the problems BF-1011 to BF-1025.
    """
    waiting = Waiting(progress)
    tries = 0
    while True:
        postmaster = processes.living(places.data)
        if (
            postmaster is not None
            and _answers(places, secrets, postmaster, waiting)
            and _greeted(places, secrets, postmaster, waiting)
        ):
            return places, postmaster
        if postmaster is None:
            tries += 1
            places = _start(places, secrets, progress, waiting, last_try=tries >= 3)


def _answers(places: Places, secrets: Secrets, postmaster: Postmaster, waiting: Waiting) -> bool:
    """Wait until the server takes connections (True) or is gone (False). Raises BF-1014 where it never answers."""
    born = processes.mark(postmaster.pid)
    silence = Waiting(None)
    while True:
        seen = processes.living(places.data)
        if seen is None or seen.pid != postmaster.pid or processes.mark(seen.pid) != born:
            return False
        target = reach(places, secrets, "admin", seen)
        if seen.port:
            answer = pq.PGconn.ping(psycopg.conninfo.make_conninfo("", **target, connect_timeout=5).encode())
            if answer == pq.Ping.OK and seen.status != "stopping":
                return True
            if answer != pq.Ping.NO_RESPONSE or seen.status != "ready":
                silence = Waiting(None)
        if silence.seconds > SILENCE_LIMIT:
            raise OUT_OF_REACH(pid=seen.pid, where=f"{target['host']}:{target['port']}")
        waiting.pause(_reason(seen.status))


def _reason(status: str) -> Text:
    if status == "stopping":
        return Text("等待数据库停止({seconds} 秒)……", "Waiting for the database to stop ({seconds} s) …")
    return Text(
        "等待数据库启动,非正常退出后会先恢复数据({seconds} 秒)……",
        "Waiting for the database to start; after a crash it recovers its data first ({seconds} s) …",
    )


def _greeted(places: Places, secrets: Secrets, postmaster: Postmaster, waiting: Waiting) -> bool:
    """Hold by one real connection that the server takes the home's passwords; False where it died over it.

    Raises BF-1018 where it refuses them, BF-1027 where it lives on and still gives no connection.
    """
    target = reach(places, secrets, "admin", postmaster)
    born = processes.mark(postmaster.pid)
    tried = Waiting(None)
    while born is not None and processes.mark(postmaster.pid) == born:
        try:
            psycopg.connect(**target, connect_timeout=10, application_name="bangfu").close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise PASSWORDS_REFUSED(file=places.secrets_file) from error
            if "too many clients" in str(error) or "remaining connection slots" in str(error):
                return True  # it lives and is busy
            # A server that is being killed breaks connections before its process is gone.
            if tried.seconds > SILENCE_LIMIT or _lasting(str(error)):
                raise SERVER_UNREACHABLE(where=f"{target['host']}:{target['port']}", detail=str(error).strip()) from error
            waiting.pause(_reason(postmaster.status))
        else:
            return True
    return False


def _lasting(refusal: str) -> bool:
    """Whether a living server's refusal will not pass by waiting."""
    return "FATAL:" in refusal and not any(words in refusal for words in ("the database system is", "terminating connection"))


def _start(places: Places, secrets: Secrets, progress: Progress | None, waiting: Waiting, *, last_try: bool) -> Places:
    """Start the server's process and come back as soon as it lives or has died; a first start makes the cluster."""
    tools = programs(places, progress)
    cluster.make_folders(places, tools)
    cluster.check_reach(places, tools)
    lock = _server_lock(places, waiting)
    if lock is None:
        return places
    try:
        if not (places.data / "PG_VERSION").exists():
            if progress is not None:
                progress(Text("首次启动:建立数据库……", "First start: making the database …"))
            cluster.make_cluster(places, tools, secrets)
        cluster.check_version(places, tools)
        processes.disown(places.data / "postmaster.pid", places.data)
        if places.socket is not None:
            processes.disown(places.socket / f".s.PGSQL.{places.port}.lock", places.data)
        cluster.keep_passwords(places, tools, secrets)
        if places.socket is None and not port_is_free(places.port):
            places = change_port(places)
        cluster.write_configuration(places, tools, places.data)
        began = _rotate(places.log)
        pid = _spawn(places, tools, lock)
    finally:
        close_lock(lock)
    unseen = Waiting(None)
    while processes.mark(pid) is not None and processes.living(places.data) is None:
        if unseen.seconds > ORPHANS_GIVEN_UP_AFTER:
            raise OUT_OF_REACH(pid=pid, where=places.data)
        waiting.pause(_reason("starting"))
    if processes.mark(pid) is None and last_try:
        raise START_FAILED(log=places.log, tail=_tail(places.log, began))
    return places


def _server_lock(places: Places, waiting: Waiting) -> int | None:
    """The lock that the server's processes inherit and that no two servers of one home can hold.

    None where a server lives after all: whoever started it was killed before it had written its pid file.

    While it is taken and no postmaster lives, backends of a killed one are still about (or a server in another
    container). They end by themselves as soon as they look up; after a while those that can be seen are told to.
    """
    fd = open_lock(places.home.locks / "server.lock")
    told = False
    orphaned = Waiting(None)
    try:
        while not try_lock(fd, fcntl.LOCK_EX):
            if processes.living(places.data) is not None:
                close_lock(fd)
                return None
            if orphaned.seconds > ORPHANS_TOLD_AFTER and not told:
                for pid in processes.orphans(places.data):
                    processes.send(pid, signal.SIGQUIT)
                told = True
            if orphaned.seconds > ORPHANS_GIVEN_UP_AFTER:
                raise START_FAILED(log=places.log, tail=f"{places.home.locks / 'server.lock'}: {processes.orphans(places.data)}")
            waiting.pause(
                Text(
                    "等待上一个数据库的剩余进程退出({seconds} 秒)……",
                    "Waiting for the last processes of the previous database server ({seconds} s) …",
                )
            )
    except BaseException:
        close_lock(fd)
        raise
    return fd


def _spawn(places: Places, tools: Programs, lock: int) -> int:
    """Execute the server in a session of its own, so that Ctrl-C in a terminal does not reach it; its process number.

    A shell stands between, so that the server is nobody's child: we need not reap it, and everybody judges it alike.
    Of our open files it gets its log and the server's lock, none of the users' locks.
    """
    log = os.open(places.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        ended = subprocess.run(
            ["/bin/sh", "-c", '"$@" </dev/null >&2 & echo $!', "sh", str(tools.folder / "postgres"), "-D", str(places.data)],
            stdout=subprocess.PIPE,
            stderr=log,
            stdin=subprocess.DEVNULL,
            pass_fds=[lock],
            start_new_session=True,
            cwd=places.data,
            env=tools.environment(),
            check=True,
            **tools.as_account(),
        )
    finally:
        os.close(log)
    return int(ended.stdout)


def _rotate(log: Path) -> int:
    """Put a log that has grown aside (one is kept); returns the length of the log that remains."""
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_name(log.name + ".1"))
        else:
            return log.stat().st_size
    return 0


def _tail(log: Path, began: int) -> str:
    with log.open("rb") as file:
        file.seek(began)
        return file.read().decode("utf-8", errors="replace").strip()[-2000:]


def stop(data: Path, progress: Progress | None) -> bool:
    """Stop the living server (a fast shutdown: open transactions are rolled back) and wait; False where none lives."""
    postmaster = processes.living(data)
    if postmaster is None:
        return False
    born = processes.mark(postmaster.pid)
    processes.send(postmaster.pid, signal.SIGINT)
    waiting = Waiting(progress)
    while born is not None and processes.mark(postmaster.pid) == born:
        waiting.pause(_reason("stopping"))
    return True
