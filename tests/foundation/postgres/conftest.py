"""Homes of their own for every test, and processes that use them."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from bangfu.foundation.home import Home
from bangfu.foundation.postgres import processes
from bangfu.foundation.postgres import server as server_module
from bangfu.foundation.postgres.programs import wheel
from bangfu.foundation.postgres.server import Server, detach_all

if not settings.configured and "DJANGO_SETTINGS_MODULE" not in os.environ:
    # Run without the Django plugin, a problem still needs settings to choose its reader's language.
    settings.configure(USE_TZ=True)

ORDINARY = pwd.getpwnam("nobody").pw_uid

CLIENT = """
import json, os, sys
from bangfu.foundation.home import home
from bangfu.foundation.postgres import Server
endpoint = Server(home(), progress=None).attach()
print(json.dumps({"pid": endpoint.pid, "host": endpoint.host, "port": endpoint.port}), flush=True)
sys.stdin.readline()
"""


@lru_cache(maxsize=1)
def _room() -> str:
    """Memory where programs may be executed there, so that many fresh clusters do not wait for a disk; else /tmp."""
    room = Path("/dev/shm")
    if not room.is_dir() or not os.access(room, os.W_OK) or shutil.disk_usage(room).free < 2 * 1024**3:
        return "/tmp"
    with tempfile.TemporaryDirectory(dir=room) as trial:
        program = shutil.copy("/bin/sh", trial)
        try:
            subprocess.run([program, "-c", "exit 0"], check=True)
        except PermissionError:
            return "/tmp"
    return str(room)


@pytest.fixture(scope="session")
def system_root() -> Iterator[Path]:
    """A system folder for root's clusters: the server's user must be able to enter it, so not pytest's 0700 one."""
    folder = Path(tempfile.mkdtemp(prefix="bfs", dir=_room()))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def _surroundings(system_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANGFU_PG_ROOT", str(system_root))
    for name in ("DATABASE_URL", "DATABASE_WEB_URL", "BANGFU_PG_LOOPBACK", "BANGFU_KEYS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def home(system_root: Path) -> Iterator[Home]:
    """A fresh home; its server is stopped and everything removed in the end."""
    yield from _home()


@pytest.fixture(scope="module")
def shared_home(system_root: Path) -> Iterator[Home]:
    """A home for the tests of one module that leave its cluster as they find it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BANGFU_PG_ROOT", str(system_root))
        yield from _home()


def _home() -> Iterator[Home]:
    folder = Path(tempfile.mkdtemp(prefix="bfh", dir=_room()))
    made = Home(folder / "var")
    yield made
    if (made.root / "pg.location").exists():
        Server(made, progress=None).stop(even_if_used=True)
        base = Server(made).places.base
        shutil.rmtree(base, ignore_errors=True)
    shutil.rmtree(folder)


class Client:
    """A process of its own that has attached to a home."""

    def __init__(self, home: Home) -> None:
        environment = {**os.environ, "BANGFU_HOME": str(home.root)}
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", CLIENT],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def endpoint(self) -> dict[str, Any]:
        """What it says once it is attached."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        said: dict[str, Any] = json.loads(line)
        return said

    def leave(self) -> None:
        """Let it exit in order, and hold that it had nothing to complain of."""
        _, complaints = self.process.communicate("\n")
        assert (self.process.returncode, complaints) == (0, "")

    def kill(self) -> None:
        """End it with no chance to tidy up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


@pytest.fixture
def client() -> Iterator[Callable[[Home], Client]]:
    """Makes processes that attach; those still there at the end are killed."""
    made: list[Client] = []

    def start(home: Home) -> Client:
        made.append(Client(home))
        return made[-1]

    yield start
    for one in made:
        if one.process.returncode is None:
            one.kill()


@pytest.fixture
def lives() -> Callable[[int], bool]:
    """Whether a process is there (a zombie is not)."""
    return lambda pid: processes.mark(pid) is not None


@pytest.fixture
def server_user() -> Callable[[Home], dict[str, Any]]:
    """The arguments of subprocess that start a program as the user of a home's server."""

    def arguments(home: Home) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {}
        owner = Server(home).places.data.stat()
        return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}

    return arguments


@pytest.fixture
def ordinary() -> Callable[[Callable[[], Any]], Any]:
    """Runs a function as an ordinary user: in a forked child where we are root, else simply here.

    Forked, because the interpreter may lie where only root can enter; what is imported stays usable.
    """

    if os.geteuid() == 0 and not all(folder.stat().st_mode & 0o001 for folder in wheel().parents):
        pytest.skip("the checkout lies where only root can enter: no ordinary user can run the programs in it")

    def run(function: Callable[[], Any]) -> Any:
        if os.geteuid() != 0:
            return function()
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                os.close(reading)
                # What the test process itself is attached to is no business of this user's.
                for hold in server_module._holds.values():
                    os.close(hold.fd)
                server_module._holds.clear()
                os.setgroups([])
                os.setgid(ORDINARY)
                os.setuid(ORDINARY)
                try:
                    said: dict[str, Any] = {"value": function()}
                finally:
                    detach_all()
                code = 0
            except BaseException:  # noqa: BLE001 - handed to the test, which fails with it
                said = {"error": traceback.format_exc()}
            os.write(writing, json.dumps(said).encode())
            os._exit(code)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as pipe:
            answer = json.loads(pipe.read())
        os.waitpid(pid, 0)
        assert "error" not in answer, answer["error"]
        return answer["value"]

    return run


@pytest.fixture
def ordinary_home() -> Iterator[Home]:
    """A home that belongs to the ordinary user."""
    folder = Path(tempfile.mkdtemp(prefix="bfo", dir=_room()))
    if os.geteuid() == 0:
        os.chown(folder, ORDINARY, ORDINARY)
    yield Home(folder / "var")
    data = folder / "var" / "pg" / "data"
    postmaster = processes.living(data) if data.exists() else None
    if postmaster is not None:
        processes.send(postmaster.pid, signal.SIGQUIT)
    shutil.rmtree(folder)
