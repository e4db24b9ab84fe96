"""`bangfu serve` as an office runs it: a process of its own, one at a time, stopped cleanly by Ctrl-C."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from bangfu.foundation.home import Home
from bangfu.foundation.postgres.server import Server


@pytest.fixture
def own_home(tmp_path: Path) -> Iterator[Home]:
    """A data folder of its own; as root its cluster lies outside and is taken away at the end."""
    home = Home(tmp_path / "var")
    yield home
    server = Server(home)
    server.stop(even_if_used=True)
    if server.status()["made"]:
        shutil.rmtree(server.places.base, ignore_errors=True)


def _environment(home: Home) -> dict[str, str]:
    return os.environ | {
        "BANGFU_HOME": str(home.root),
        "BANGFU_KEYS": str(home.root.with_name("keys")),
        "PYTHONWARNINGS": "ignore",
    }


def _run(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bangfu", *arguments]
    return subprocess.run(command, env=_environment(home), capture_output=True, text=True, timeout=180, check=False)


def _start(home: Home, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bangfu", *arguments]
    return subprocess.Popen(
        command, env=_environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def _until(address: str, child: subprocess.Popen[bytes]) -> str:
    for _ in range(600):
        assert child.poll() is None
        try:
            with urlopen(address, timeout=5) as answer:
                return str(answer.read().decode())
        except URLError:
            time.sleep(0.1)
    raise AssertionError(f"{address} never answered")


def test_serve_answers_is_alone_and_stops_everything_on_ctrl_c(own_home: Home) -> None:
    """Pages, worker and database come up, a second serve is refused by number, and Ctrl-C leaves nothing behind."""
    migrated = _run(own_home, "migrate", "--verbosity", "0")
    assert migrated.returncode == 0, migrated.stderr
    serving = _start(own_home, "serve", "--port", "8731")
    try:
        assert "登录" in _until("http://127.0.0.1:8731/login/", serving)
        second = _run(own_home, "serve", "--port", "8741")
        assert second.returncode == 1
        assert "BF-1015" in second.stderr
        assert Server(own_home).status()["running"]
        os.killpg(serving.pid, signal.SIGINT)
        assert serving.wait(timeout=60) == 0
    finally:
        if serving.poll() is None:
            os.killpg(serving.pid, signal.SIGKILL)
            serving.wait()
    with pytest.raises(URLError):
        urlopen("http://127.0.0.1:8731/login/", timeout=2)
    for _ in range(100):
        if not Server(own_home).status()["running"]:
            break
        time.sleep(0.1)
    assert not Server(own_home).status()["running"], "the last one out stops the database"


@pytest.mark.full
def test_a_database_that_is_killed_costs_nobody_a_page_and_does_not_end_the_server(own_home: Home) -> None:
    """Whoever asks once it is dead gets the page, if a little late; the worker beside the pages goes on too."""
    assert _run(own_home, "migrate", "--verbosity", "0").returncode == 0
    serving = _start(own_home, "serve", "--port", "8771")
    address = "http://127.0.0.1:8771/login/"
    answers: list[tuple[float, int]] = []  # when it was asked, what was answered
    kills: list[float] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            asked = time.monotonic()
            try:
                with urlopen(address, timeout=60) as answer:
                    answers.append((asked, answer.status))
            except HTTPError as refused:
                answers.append((asked, refused.code))

    askers = [threading.Thread(target=ask) for _ in range(4)]
    try:
        _until(address, serving)
        for asker in askers:
            asker.start()
        worker = _worker_of(serving.pid)
        for _ in range(2):
            killed = Server(own_home).status()["pid"]
            os.kill(killed, signal.SIGKILL)
            kills.append(time.monotonic())
            for _ in range(600):
                if Server(own_home).status()["pid"] not in (None, killed):
                    break
                time.sleep(0.1)
            time.sleep(8)
        assert serving.poll() is None
        assert _worker_of(serving.pid) == worker, "the worker that there was goes on"
        over.set()
        for asker in askers:
            asker.join()
        os.killpg(serving.pid, signal.SIGINT)
        assert serving.wait(timeout=60) == 0
    finally:
        over.set()
        if serving.poll() is None:
            os.killpg(serving.pid, signal.SIGKILL)
            serving.wait()
    # What was being answered in the very moment is lost with the transaction that it was in. The moment lasts until the last
    # of the database's processes has noticed that its parent is dead: until then one of them may still take a request up.
    dying = 1.0
    cut_off = [asked for asked, status in answers if status != 200]
    assert all(any(asked - dying <= kill <= asked + 5 for kill in kills) for asked in cut_off), (cut_off, kills)
    assert len(cut_off) <= len(askers) * len(kills)
    assert len(answers) > 20


def _worker_of(serving: int) -> list[str]:
    """The process that runs the jobs beside the pages."""
    asked = ["ps", "-eo", "pid=,ppid=,args="]
    lines = [
        line.split(maxsplit=2) for line in subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
    ]
    return [pid for pid, parent, command in lines if int(parent) == serving and command.endswith(" worker")]


@pytest.mark.full
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the children of a process that is killed")
def test_serve_can_be_killed_and_started_again(own_home: Home) -> None:
    """Nobody has to look for what a killed one has left."""
    assert _run(own_home, "migrate", "--verbosity", "0").returncode == 0
    for _ in range(2):
        serving = _start(own_home, "serve", "--port", "8751")
        try:
            _until("http://127.0.0.1:8751/login/", serving)
        finally:
            os.kill(serving.pid, signal.SIGKILL)
            serving.wait()
        for _ in range(200):
            try:
                urlopen("http://127.0.0.1:8751/login/", timeout=2).close()
            except URLError:
                break
            except ConnectionError:
                pass  # it was taken by one that was just ending
            time.sleep(0.1)
        else:
            raise AssertionError("the port is still listened on")
    Server(own_home).stop(even_if_used=True)


@pytest.mark.full
def test_doctor_finds_a_fresh_home_sound_once_it_is_migrated(own_home: Home) -> None:
    """Before the migrations doctor says what is missing and exits with 1; after them it finds nothing."""
    before = _run(own_home, "doctor", "--json")
    assert before.returncode == 1
    assert "migrate" in before.stdout
    assert _run(own_home, "migrate", "--verbosity", "0").returncode == 0
    after = _run(own_home, "doctor", "--json")
    assert after.returncode == 0, after.stdout + after.stderr
