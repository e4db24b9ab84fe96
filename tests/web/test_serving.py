"""`bangfu serve` as an office runs it: a process of its own, one at a time, stopped cleanly by Ctrl-C."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
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
            time.sleep(0.1)
        else:
            raise AssertionError("the port is still listened on")
    Server(own_home).stop(even_if_used=True)


def test_doctor_finds_a_fresh_home_sound_once_it_is_migrated(own_home: Home) -> None:
    """Before the migrations doctor says what is missing and exits with 1; after them it finds nothing."""
    before = _run(own_home, "doctor", "--json")
    assert before.returncode == 1
    assert "migrate" in before.stdout
    assert _run(own_home, "migrate", "--verbosity", "0").returncode == 0
    after = _run(own_home, "doctor", "--json")
    assert after.returncode == 0, after.stdout + after.stderr
