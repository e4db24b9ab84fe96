"""Root, ordinary users, long paths, and machines without sockets."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bangfu.foundation.home import Home
from bangfu.foundation.postgres import Server, connect, connection_settings, places, processes
from bangfu.foundation.postgres.programs import programs
from bangfu.foundation.problems import Problem

Ordinary = Callable[[Callable[[], Any]], Any]

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")


def _modes(*paths: Path) -> dict[Path, int]:
    return {path: stat.S_IMODE(path.stat().st_mode) for start in paths for path in (start, *start.parents)}


@needs_root
def test_root_runs_it_as_another_user_and_loosens_nothing(home: Home, system_root: Path) -> None:
    home.root.mkdir(mode=0o700)
    before = _modes(home.root, Path(sys.prefix), Path(sys.executable).resolve())
    server = Server(home, progress=None)
    pid = server.attach().pid
    tools = programs(server.places, None)
    assert tools.account is not None
    assert Path(f"/proc/{pid}").stat().st_uid == tools.account.uid != 0
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    groups = next(line for line in status.splitlines() if line.startswith("Groups:")).split()[1:]
    assert "0" not in groups, "none of root's groups is left"
    assert _modes(home.root, Path(sys.prefix), Path(sys.executable).resolve()) == before
    assert server.places.base.is_relative_to(system_root)
    assert (home.root / "pg.location").exists()
    for folder, folders, files in os.walk(system_root / f"{tools.folder.parents[2].name}"):
        for name in [".", *folders, *files]:
            seen = Path(folder, name).lstat()
            assert seen.st_uid == 0, "the server cannot change its own programs"
            assert stat.S_ISLNK(seen.st_mode) or not seen.st_mode & 0o022


@needs_root
def test_no_other_user_reaches_roots_server(home: Home, ordinary: Ordinary, client: Callable[[Home], Any]) -> None:
    client(home).endpoint()
    target = Server(home).libpq("owner")

    def attempt() -> str:
        try:
            psycopg.connect(**target).close()
        except psycopg.OperationalError as error:
            return str(error)
        return "connected"

    assert "Permission denied" in ordinary(attempt)


@needs_root
def test_root_and_an_ordinary_user_do_not_share_a_home(
    ordinary_home: Home, ordinary: Ordinary, home: Home, client: Callable[[Home], Any]
) -> None:
    def own() -> int:
        return Server(ordinary_home, progress=None).attach().pid

    ordinary(own)
    with pytest.raises(Problem) as refused:
        Server(ordinary_home, progress=None).attach()
    assert refused.value.number == "BF-1016"

    home.root.parent.chmod(0o755)
    client(home).endpoint()

    def others() -> str:
        try:
            Server(home, progress=None).attach()
        except Problem as problem:
            return f"{problem.number} {problem.values['owner']}"
        return "attached"

    assert ordinary(others) == "BF-1016 root"


@needs_root
def test_a_copied_home_does_not_share_the_cluster(home: Home) -> None:
    Server(home, progress=None).attach()
    Server(home, progress=None).detach()
    copy = Home(home.root.with_name("copy"))
    shutil.copytree(home.root, copy.root)
    with pytest.raises(Problem) as refused:
        Server(copy, progress=None).attach()
    assert refused.value.number == "BF-1025"
    (copy.root / "pg.location").unlink()
    with connect("owner", copy) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert Server(copy, progress=None).detach() is True
    with connect("owner", home) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@needs_root
def test_a_system_folder_that_the_account_cannot_enter(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setenv("BANGFU_PG_ROOT", str(closed / "root"))
    with pytest.raises(Problem) as refused:
        Server(home, progress=None).attach()
    assert refused.value.number == "BF-1017"
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_an_ordinary_user_needs_nothing_outside_the_home(ordinary_home: Home, ordinary: Ordinary) -> None:
    def use() -> dict[str, Any]:
        server = Server(ordinary_home, progress=None)
        pid = server.attach().pid
        with connect("owner", ordinary_home) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
        owner = Path(f"/proc/{pid}").stat().st_uid if Path("/proc").exists() else os.geteuid()
        stopped = server.detach()
        with connect("owner", ordinary_home) as connection:
            row = connection.execute("SELECT n FROM kept").fetchone()
        return {
            "mine": owner == os.geteuid(),
            "stopped": stopped,
            "gone": processes.mark(pid) is None,
            "row": row,
            "folder": str(server.places.base),
            "socket": str(server.places.socket),
            "stopped again": server.detach(),
        }

    assert ordinary(use) == {
        "mine": True,
        "stopped": True,
        "gone": True,
        "row": [42] if os.geteuid() == 0 else (42,),
        "folder": str(ordinary_home.root / "pg"),
        "socket": str(ordinary_home.root / "pg" / "run"),
        "stopped again": True,
    }


def test_a_home_too_deep_for_a_socket(ordinary_home: Home, ordinary: Ordinary) -> None:
    deep = Home(ordinary_home.root / ("深" * 20) / ("d" * 60) / "var")
    assert not places.fits(deep.root / "pg" / "run")

    def use() -> dict[str, Any]:
        server = Server(deep, progress=None)
        server.attach()
        with connect("web", deep) as connection:
            row = connection.execute("SELECT 1").fetchone()
        folder = server.places.socket
        assert folder is not None
        mode = stat.S_IMODE(folder.stat().st_mode)
        server.detach()
        shutil.rmtree(folder)  # the temporary folder is emptied at a reboot
        again = server.attach().host == str(folder)
        server.detach()
        folder.rmdir()
        folder.symlink_to("/tmp")  # a stranger's link in its place
        try:
            server.attach()
            number = "attached"
        except Problem as problem:
            number = problem.number
        finally:
            folder.unlink()
        return {
            "row": list(row or ()),
            "mode": mode,
            "inside": str(folder).startswith(str(deep.root)),
            "again": again,
            "link": number,
        }

    assert ordinary(use) == {"row": [1], "mode": 0o700, "inside": False, "again": True, "link": "BF-1019"}


@needs_root
def test_a_strangers_socket_folder_is_refused(ordinary_home: Home, ordinary: Ordinary) -> None:
    deep = Home(ordinary_home.root / ("d" * 120) / "var")

    def look() -> str:
        return str(Server(deep).places.socket)

    folder = Path(ordinary(look))
    folder.mkdir(mode=0o700)  # root's, where the ordinary user's is to be
    try:

        def use() -> str:
            try:
                Server(deep, progress=None).attach()
            except Problem as problem:
                return problem.number
            return "attached"

        assert ordinary(use) == "BF-1019"
    finally:
        folder.rmdir()


def test_loopback_where_there_are_no_sockets(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANGFU_PG_LOOPBACK", "1")
    server = Server(home, progress=None)
    before = server.attach()
    assert before.host == "127.0.0.1"
    with connect("owner", home) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
        assert connection.execute("SELECT host(inet_server_addr()), inet_server_port()").fetchone() == ("127.0.0.1", before.port)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(**{**server.libpq("owner"), "password": "wrong"})
    server.detach()
    monkeypatch.delenv("BANGFU_PG_LOOPBACK")
    assert server.attach().port == before.port, "the choice is remembered"
    server.detach()

    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", before.port))
        taken.listen()
        after = server.attach()
        assert after.port != before.port
        with connect("owner", home) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (42,)
    assert connection_settings("web", home)["PORT"] == str(after.port)
    server.detach()
    assert connection_settings("web", home)["PORT"] == str(after.port), "and so is the new port"


def test_an_impostor_on_loopback_learns_no_password(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that took the port and asks for the password in clear is refused it."""
    import struct
    import threading

    monkeypatch.setenv("BANGFU_PG_LOOPBACK", "1")
    target = Server(home).libpq("owner")
    heard: list[bytes] = []
    with socket.socket() as impostor:
        impostor.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        impostor.bind(("127.0.0.1", int(target["port"])))
        impostor.listen()

        def ask() -> None:
            peer, _ = impostor.accept()
            with peer:
                start = peer.recv(4096)
                while struct.unpack("!i", start[4:8])[0] in (80877103, 80877104):  # asks for encryption first
                    peer.sendall(b"N")
                    start = peer.recv(4096)
                peer.sendall(b"R" + struct.pack("!ii", 8, 3))
                heard.append(peer.recv(4096))

        thread = threading.Thread(target=ask)
        thread.start()
        with pytest.raises(psycopg.OperationalError, match="authentication method requirement"):
            psycopg.connect(**target)
        thread.join()
    assert heard == [b""]


def test_a_file_system_without_sockets_is_noticed(tmp_path: Path) -> None:
    assert places.sockets_work(tmp_path)
    assert list(tmp_path.iterdir()) == []
    long = tmp_path / ("d" * 120)
    assert not places.sockets_work(long), "binding fails there as it does on a file system without sockets"


def test_programs_that_do_not_run(home: Home) -> None:
    from bangfu.foundation.postgres.programs import Programs

    with pytest.raises(Problem) as refused:
        _ = Programs(home.root / "nowhere", None).version
    assert refused.value.number == "BF-1011"


def test_the_caller_does_not_leak_into_the_server(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """PG* variables of the caller's shell would redirect the tools; its umask and locale do not matter either."""
    monkeypatch.setenv("PGDATA", "/nonexistent")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGSSLMODE", "require")
    monkeypatch.setenv("PGOPTIONS", "-c geqo=off")
    monkeypatch.setenv("LC_ALL", "zh_CN.GB18030")
    previous = os.umask(0)
    try:
        pid = Server(home, progress=None).attach().pid
    finally:
        os.umask(previous)
    assert stat.S_IMODE(Server(home).places.data.stat().st_mode) == 0o700
    if sys.platform.startswith("linux"):
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        assert b"PGOPTIONS" not in environment
        assert b"GB18030" not in environment
