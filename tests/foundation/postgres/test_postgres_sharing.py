"""Who starts the server, who shares it, and who stops it."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bangfu.foundation.home import Home
from bangfu.foundation.postgres import Server, connect, locks
from bangfu.foundation.postgres import server as server_module
from bangfu.foundation.postgres.places import prepare
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text

Start = Callable[[Home], Any]
Lives = Callable[[int], bool]


def test_attaching_twice_is_one_share(home: Home, lives: Lives) -> None:
    server = Server(home, progress=None)
    first = server.attach()
    assert Server(home, progress=None).attach() == first
    assert lives(first.pid)
    assert server.detach() is True
    assert not lives(first.pid)
    assert server.detach() is False


def test_the_roles_are_what_they_should_be(home: Home) -> None:
    with connect("owner", home, autocommit=True) as owner:
        rows = owner.execute(
            "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolcanlogin "
            "FROM pg_roles WHERE rolname LIKE 'bangfu%' ORDER BY 1"
        ).fetchall()
        assert rows == [("bangfu_owner", False, True, False, False, True), ("bangfu_web", False, False, False, False, True)]
        owner.execute("CREATE EXTENSION btree_gist")
        owner.execute("CREATE EXTENSION pg_trgm")
        trigrams = owner.execute("SELECT cardinality(show_trgm('贫困户'))").fetchone()
        assert trigrams is not None
        assert trigrams[0] > 0, "Chinese characters are letters"
        owner.execute("CREATE TABLE secret (id int)")
        owner.execute("CREATE DATABASE cloned TEMPLATE bangfu")
        owner.execute("SET ROLE bangfu_web")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute("SELECT * FROM secret")
        settings = dict(
            owner.execute(
                "SELECT name, setting FROM pg_settings WHERE name IN "
                "('fsync', 'listen_addresses', 'jit', 'password_encryption', 'data_checksums')"
            ).fetchall()
        )
    assert settings == {
        "fsync": "on",
        "listen_addresses": "",
        "jit": "off",
        "password_encryption": "scram-sha-256",
        "data_checksums": "on",
    }
    with connect("web", home) as web, pytest.raises(psycopg.errors.InsufficientPrivilege):
        web.execute("CREATE TABLE mine (id int)")


def test_no_way_in_without_the_password(home: Home) -> None:
    server = Server(home, progress=None)
    server.attach()
    target = server.libpq("owner")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(**{**target, "password": "wrong"})
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        psycopg.connect(**target, replication="true")


def test_private_files_and_folders(home: Home) -> None:
    places, _ = prepare(home)
    Server(home, progress=None).attach()
    assert places.socket is not None
    for file in (places.secrets_file, home.root / "pg.location", places.log):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    for folder in (home.root, home.locks, places.data, places.socket):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
    assert stat.S_IMODE((places.socket / ".s.PGSQL.5432").stat().st_mode) == 0o700
    passwords = places.secrets_file.read_text(encoding="utf-8")
    own = [path for path in places.data.glob("*") if path.is_file()]
    assert own
    secret = prepare(home)[1].owner
    assert secret in passwords
    assert all(secret.encode() not in path.read_bytes() for path in [*own, places.log])


def test_last_process_out_stops_it(home: Home, client: Start, lives: Lives) -> None:
    one, two = client(home), client(home)
    pid = one.endpoint()["pid"]
    assert two.endpoint()["pid"] == pid
    one.leave()
    assert lives(pid)
    with connect("owner", home) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    two.leave()
    assert lives(pid), "this process is attached as well"
    assert Server(home, progress=None).detach() is True
    assert not lives(pid)


def test_six_at_once_on_a_fresh_home(home: Home, client: Start, lives: Lives) -> None:
    clients = [client(home) for _ in range(6)]
    pids = {one.endpoint()["pid"] for one in clients}
    assert len(pids) == 1
    pid = pids.pop()
    with ThreadPoolExecutor(6) as pool:
        for _ in pool.map(lambda one: one.leave(), clients):
            assert True
    assert not lives(pid)
    assert Server(home).status()["running"] is False


def test_threads_share_one_start(home: Home) -> None:
    server = Server(home, progress=None)
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: server.attach(), range(8)))) == 1
    assert server.detach() is True


def test_a_killed_client_leaves_a_server_for_the_next(home: Home, client: Start, lives: Lives) -> None:
    killed = client(home)
    pid = killed.endpoint()["pid"]
    killed.kill()
    assert lives(pid)
    server = Server(home, progress=None)
    assert server.status()["used"] is False
    assert server.attach().pid == pid
    assert server.detach() is True
    assert not lives(pid)


def test_the_server_inherits_no_lock_of_users(home: Home) -> None:
    server = Server(home, progress=None)
    pid = server.attach().pid
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux shows the open files of a process")
    files = {os.path.basename(os.readlink(f"/proc/{pid}/fd/{fd}")) for fd in os.listdir(f"/proc/{pid}/fd")}
    assert "server.lock" in files
    assert not files & {"users.lock", "start.lock", "prepare.lock"}


def test_a_session_of_its_own(home: Home) -> None:
    pid = Server(home, progress=None).attach().pid
    assert os.getsid(pid) != os.getsid(0)
    assert os.getpgid(pid) != os.getpgid(0)


def test_a_forked_child_does_not_stop_it(home: Home, lives: Lives) -> None:
    server = Server(home, progress=None)
    endpoint = server.attach()
    child = os.fork()
    if child == 0:
        stopped = Server(home, progress=None).detach()
        os._exit(7 if stopped else 0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert lives(endpoint.pid)
    assert server.detach() is True


def test_a_forked_child_keeps_it_when_its_parent_leaves(home: Home, lives: Lives) -> None:
    server = Server(home, progress=None)
    endpoint = server.attach()
    waiting, go = os.pipe()
    forked, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(go)
        os.write(told, b"!")
        os.read(waiting, 1)
        os._exit(0 if Server(home, progress=None).detach() else 7)
    os.close(waiting)
    assert os.read(forked, 1) == b"!"
    os.close(forked)
    os.close(told)
    assert server.detach() is False, "the child holds a share of its own"
    assert lives(endpoint.pid)
    os.close(go)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert not lives(endpoint.pid)


def _pid_in_worker(root: str) -> int:
    return Server(Home(Path(root)), progress=None).attach().pid


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_multiprocessing_workers_attach_and_leave(home: Home, lives: Lives, method: str) -> None:
    """The worker is the only user: it starts the server, and its end (without atexit where it is forked) stops it."""
    context = multiprocessing.get_context(method)
    reading, writing = context.Pipe(duplex=False)
    worker = context.Process(target=_attach_and_tell, args=(str(home.root), writing))
    worker.start()
    pid = reading.recv()
    worker.join()
    assert worker.exitcode == 0
    assert not lives(pid)


def _attach_and_tell(root: str, pipe: Any) -> None:
    pipe.send(_pid_in_worker(root))


def test_only_a_second_of_a_role_is_refused(home: Home) -> None:
    server = Server(home, progress=None)
    code = (
        "import sys; from bangfu.foundation.home import home; from bangfu.foundation.postgres import Server\n"
        "with Server(home()).exclusive('serve'):\n    print('in', flush=True); sys.stdin.readline()"
    )
    environment = {**os.environ, "BANGFU_HOME": str(home.root)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"in\n"
        with pytest.raises(Problem) as refused, server.exclusive("serve"):
            pass
        assert refused.value.number == "BF-1015"
        assert str(other.pid) in refused.value.cause.en
        with server.exclusive("worker"):
            pass
        other.send_signal(signal.SIGKILL)
    with server.exclusive("serve"):  # the killed one's lock went with it
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        with pytest.raises(Problem) as own, server.exclusive("serve"):
            pass
        assert str(os.getpid()) in own.value.cause.en
    with server.exclusive("serve"):
        pass


def test_a_role_goes_with_its_process_and_not_with_its_children(home: Home) -> None:
    """A worker's forked child that outlives a killed worker must not keep the next worker out."""
    home.make()
    code = """
import os, sys
from bangfu.foundation.home import home
from bangfu.foundation.postgres import Server
with Server(home()).exclusive("worker"):
    if os.fork() == 0:
        os.write(1, b"forked")
        sys.stdin.read()
        os._exit(0)
    sys.stdin.read()
"""
    environment = {**os.environ, "BANGFU_HOME": str(home.root)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        assert worker.stdout.read(6) == b"forked"
        worker.kill()
        worker.wait()
        with Server(home, progress=None).exclusive("worker"):
            pass


def test_a_child_forked_while_a_lock_is_held_does_not_keep_it(home: Home) -> None:
    """A thread may fork while another starts the server: the child must hold up neither the next start nor a stop."""
    home.make()
    waiting, go = os.pipe()
    forked, told = os.pipe()
    one = locks.open_lock(home.locks / "server.lock")
    assert locks.try_lock(one, fcntl.LOCK_EX)
    with locks.held(home.locks / "start.lock", locks.Waiting(None)):
        child = os.fork()
        if child == 0:
            os.close(go)
            os.write(told, b"!")
            os.read(waiting, 1)
            os._exit(0)
    locks.close_lock(one)
    assert os.read(forked, 1) == b"!"
    try:
        assert locks.free(home.locks / "start.lock")
        assert locks.free(home.locks / "server.lock")
    finally:
        os.close(go)
        os.waitpid(child, 0)
        for fd in (waiting, forked, told):
            os.close(fd)


def test_stop_asks_whether_others_use_it(home: Home, client: Start, lives: Lives) -> None:
    other = client(home)
    pid = other.endpoint()["pid"]
    server = Server(home, progress=None)
    with pytest.raises(Problem) as refused:
        server.stop()
    assert refused.value.number == "BF-1026"
    assert lives(pid)
    assert server.stop(even_if_used=True) is True
    assert not lives(pid)
    assert server.stop() is False


def test_a_server_that_is_stopping_is_waited_for(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A smart shutdown waits for open sessions: it lives, refuses newcomers, and goes when the last session ends."""
    server = Server(home, progress=None)
    before = server.attach()
    session = connect("owner", home)
    os.kill(before.pid, signal.SIGTERM)
    while server.status()["state"] != "stopping":
        time.sleep(0.01)
    told = threading.Event()
    heard: list[Text] = []

    def tell(text: Text) -> None:
        heard.append(text)
        told.set()
        session.close()

    # A process that attaches now would see a stopping server; this one is made to look again in the same way.
    monkeypatch.setattr(server_module._holds[home.root], "born", "another")
    after = Server(home, progress=tell).attach()
    assert told.is_set()
    assert "stop" in heard[0].en
    assert after.pid != before.pid
    with connect("owner", home) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_home_that_was_removed(home: Home, lives: Lives) -> None:
    server = Server(home, progress=None)
    pid = server.attach().pid
    aside = home.root.with_name("gone")
    home.root.rename(aside)
    assert server.detach() is True
    while lives(pid):
        time.sleep(0.01)
    aside.rename(home.root)
    shutil.rmtree(home.root / "pg", ignore_errors=True)


def test_a_home_that_moved_takes_its_cluster_along(home: Home) -> None:
    with connect("owner", home) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
    Server(home, progress=None).detach()
    moved = Home(home.root.with_name("moved"))
    home.root.rename(moved.root)
    try:
        with connect("owner", moved) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (42,)
        assert Server(moved, progress=None).detach() is True
    finally:
        moved.root.rename(home.root)


def test_new_secrets_are_given_to_the_cluster(home: Home) -> None:
    with connect("owner", home) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
    before = prepare(home)[1]
    server = Server(home, progress=None)
    server.places.secrets_file.unlink()
    server.attach()  # still attached with the old ones
    assert prepare(home)[1].owner != before.owner
    server.detach()
    with connect("owner", home) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (42,)


def test_another_version_is_not_touched(home: Home) -> None:
    server = Server(home, progress=None)
    server.attach()
    server.detach()
    version = server.places.data / "PG_VERSION"
    version.write_text("17\n", encoding="ascii")
    with pytest.raises(Problem) as refused:
        server.attach()
    assert refused.value.number == "BF-1012"
    assert "PostgreSQL 17" in refused.value.cause.en


def test_a_server_that_does_not_start_says_why(home: Home) -> None:
    server = Server(home, progress=None)
    server.attach()
    server.detach()
    (server.places.data / "local.conf").write_text("shared_buffers = 'plenty'\n", encoding="ascii")
    (server.places.data / "local.conf").chmod(0o644)
    with pytest.raises(Problem) as refused:
        server.attach()
    assert refused.value.number == "BF-1013"
    assert "shared_buffers" in refused.value.cause.en
    (server.places.data / "local.conf").unlink()
    server.attach()


def test_a_first_start_that_was_broken_off(home: Home) -> None:
    server = Server(home, progress=None)
    half = server.places.base / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n", encoding="ascii")
    with connect("owner", home) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not half.exists()
