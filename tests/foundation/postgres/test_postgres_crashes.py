"""Killed servers, zombies and strangers: committed rows stay, and the next to attach gets a server."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bangfu.foundation.home import Home
from bangfu.foundation.postgres import Server, connect, launch, processes
from bangfu.foundation.postgres.locks import Waiting
from bangfu.foundation.postgres.programs import programs

Start = Callable[[Home], Any]
User = Callable[[Home], dict[str, Any]]

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    while processes.mark(pid) is not None:
        time.sleep(0.001)


def test_committed_rows_survive_and_others_are_gone(home: Home) -> None:
    server = Server(home, progress=None)
    pid = server.attach().pid
    with connect("owner", home) as connection:
        connection.execute("CREATE TABLE row (n int)")
    acknowledged: list[int] = []

    def write() -> None:
        with contextlib.suppress(psycopg.OperationalError), connect("owner", home, autocommit=True) as busy:
            for n in range(1_000_000):
                busy.execute("INSERT INTO row VALUES (%s)", [n])
                acknowledged.append(n)

    open_transaction = connect("owner", home)
    open_transaction.execute("INSERT INTO row VALUES (-1)")
    writer = threading.Thread(target=write)
    writer.start()
    while len(acknowledged) < 300:
        time.sleep(0.01)
    _kill(pid)
    after = server.attach()
    writer.join()
    with contextlib.suppress(psycopg.OperationalError):
        open_transaction.close()
    assert after.pid != pid
    with connect("owner", home) as connection:
        kept = {n for (n,) in connection.execute("SELECT n FROM row")}
    assert set(acknowledged) <= kept
    # One more may have been committed without its acknowledgement having arrived.
    assert len(kept - set(acknowledged)) <= 1
    assert -1 not in kept


def test_another_process_finds_it_after_a_kill(home: Home, client: Start) -> None:
    one = client(home)
    pid = one.endpoint()["pid"]
    with connect("owner", home) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    _kill(pid)
    two = client(home)
    assert two.endpoint()["pid"] != pid
    with connect("owner", home) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)
    one.leave()
    two.leave()


def test_a_starter_that_is_killed_leaves_its_server(home: Home, client: Start) -> None:
    """Its start lock goes with it, the server goes on starting, and whoever waits finds it."""
    Server(home, progress=None).attach()
    Server(home, progress=None).detach()
    log = Server(home).places.log
    length = log.stat().st_size
    starter = client(home)
    while log.stat().st_size == length:
        time.sleep(0.001)
    starter.kill()
    with connect("owner", home) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    # Exactly one server was started, and nobody was told to quit.
    said = log.read_text(encoding="utf-8")[length:]
    assert said.count("starting PostgreSQL") == 1
    assert "immediate shutdown" not in said
    assert Server(home, progress=None).detach() is True


def test_the_servers_lock_gives_way_to_a_living_server(home: Home) -> None:
    """Who waits for orphans must notice that a server has appeared meanwhile, and not end its processes."""
    server = Server(home, progress=None)
    pid = server.attach().pid
    assert launch._server_lock(server.places, Waiting(None)) is None
    assert processes.mark(pid) is not None


def test_killed_again_and_again(home: Home) -> None:
    server = Server(home, progress=None)
    with connect("owner", home) as connection:
        connection.execute("CREATE TABLE kept (n int)")
    for n in range(5):
        with connect("owner", home) as connection:
            connection.execute("INSERT INTO kept VALUES (%s)", [n])
        _kill(server.attach().pid)
    with connect("owner", home) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (5,)


@LINUX
def test_an_orphan_that_does_not_look_up_is_ended(home: Home) -> None:
    """A backend in a long computation does not notice that its postmaster is gone, and keeps the shared memory."""
    server = Server(home, progress=None)
    pid = server.attach().pid
    computing = connect("owner", home, autocommit=True)
    computing.execute("SET max_parallel_workers_per_gather = 0")
    orphan = computing.info.backend_pid

    def compute() -> None:
        with contextlib.suppress(psycopg.OperationalError):
            # Recursion without end and without a wait: between rows nobody asks whether the postmaster lives.
            computing.execute(
                "WITH RECURSIVE r(n) AS (SELECT 1 UNION SELECT (n + 1) % 1000 FROM r, generate_series(1, 1000000000)) SELECT sum(n) FROM r"
            )

    thread = threading.Thread(target=compute)
    with connect("owner", home, autocommit=True) as watcher:
        thread.start()
        while watcher.execute("SELECT state FROM pg_stat_activity WHERE pid = %s", [orphan]).fetchone() != ("active",):
            time.sleep(0.01)
    _kill(pid)
    assert processes.mark(orphan) is not None
    assert server.attach().pid != pid
    thread.join()
    assert processes.mark(orphan) is None
    computing.close()


def _stale(home: Home, pid: int) -> None:
    """Stop the server and leave its lock files behind as a crash does, naming another process."""
    server = Server(home, progress=None)
    server.attach()
    places = server.places
    assert places.socket is not None
    files = [places.data / "postmaster.pid", places.socket / ".s.PGSQL.5432.lock"]
    kept = [(file, file.read_text(encoding="utf-8"), file.stat()) for file in files]
    server.detach()
    for file, content, owner in kept:
        assert not file.exists()
        file.write_text(f"{pid}\n" + content.partition("\n")[2], encoding="utf-8")
        file.chmod(0o600)
        if os.geteuid() == 0:
            os.chown(file, owner.st_uid, owner.st_gid)


def _refuses_by_itself(home: Home) -> bool:
    """Whether PostgreSQL without us would refuse to start: else a test of it would prove nothing."""
    places = Server(home).places
    tools = programs(places, None)
    tried = tools.run("postgres", "-D", str(places.data), "-c", "config_file=/nonexistent", folder=places.data)
    assert tried.returncode != 0
    tried = subprocess.Popen(
        [str(tools.folder / "postgres"), "-D", str(places.data)],
        stderr=subprocess.PIPE,
        text=True,
        cwd=places.data,
        **tools.as_account(),
    )
    try:
        _, said = tried.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        tried.send_signal(signal.SIGINT)
        tried.communicate()
        return False
    return "already exists" in said


def test_a_stale_file_of_a_dead_process(home: Home) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    _stale(home, gone.pid)
    with connect("owner", home) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_stale_file_whose_number_a_stranger_has(home: Home, server_user: User) -> None:
    Server(home, progress=None).attach()
    stranger = subprocess.Popen(["sleep", "600"], **server_user(home))
    try:
        _stale(home, stranger.pid)
        assert _refuses_by_itself(home)
        with connect("owner", home) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert Server(home, progress=None).detach() is True
        assert stranger.poll() is None, "the stranger was not touched"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_stale_file_whose_number_another_homes_server_has(home: Home, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = Home(Path(home.root.with_name("other")))
    there = Server(other, progress=None)
    pid = there.attach().pid
    _stale(home, pid)
    with connect("owner", home) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert Server(home, progress=None).detach() is True
    assert processes.mark(pid) is not None
    assert there.detach() is True


def test_a_stale_file_of_a_zombie(home: Home, server_user: User) -> None:
    Server(home, progress=None).attach()
    zombie = subprocess.Popen(["true"], **server_user(home))
    try:
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and nobody has reaped it
        os.kill(zombie.pid, 0)
        assert processes.mark(zombie.pid) is None
        _stale(home, zombie.pid)
        assert _refuses_by_itself(home)
        with connect("owner", home) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        zombie.wait()


@pytest.mark.parametrize("content", ["", "nonsense\n", "-\n/data\n"])
def test_an_empty_or_broken_pid_file(home: Home, content: str) -> None:
    """What a power cut may leave: PostgreSQL alone calls it bogus and refuses."""
    server = Server(home, progress=None)
    server.attach()
    places = server.places
    server.detach()
    owner = places.data.stat()
    file = places.data / "postmaster.pid"
    file.write_text(content, encoding="utf-8")
    file.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(file, owner.st_uid, owner.st_gid)
    with connect("owner", home) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_disown_keeps_the_name_of_the_shared_memory(tmp_path: Path) -> None:
    """PostgreSQL finds orphans of a dead server by the last lines of its pid file: they must stay."""
    file = tmp_path / "postmaster.pid"
    rest = "/data\n1700000000\n5432\n/run\n\n  17000123    425984\nready   \n"
    file.write_text(f"{os.getpid()}\n{rest}", encoding="utf-8")
    assert processes.disown(file, tmp_path) is True
    assert file.read_text(encoding="utf-8") == f"{processes.NOBODY}\n{rest}"
    assert processes.disown(file, tmp_path) is False
    assert processes.disown(tmp_path / "none", tmp_path) is False


def test_disown_follows_no_link(tmp_path: Path) -> None:
    target = tmp_path / "important"
    target.write_text(f"{os.getpid()}\nrest\n", encoding="utf-8")
    link = tmp_path / "postmaster.pid"
    link.symlink_to(target)
    with pytest.raises(OSError, match="symbolic links"):
        processes.disown(link, tmp_path)
    assert target.read_text(encoding="utf-8") == f"{os.getpid()}\nrest\n"
