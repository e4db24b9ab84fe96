"""Backups of the tests' county, and fresh places that they are restored into."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.environment import HOME

from bangfu.foundation.home import Home, home
from bangfu.foundation.postgres.server import Server

PASSPHRASE = "six words that have no company"


@dataclass
class Fresh:
    """A data folder of its own, with a copy of the county's keys, that commands are run in."""

    home: Home
    keys: Path

    def run(self, *words: str, code: int = 0, **environment: str) -> str:
        """Run a command there; holds its exit code and returns what it said: its output, or its refusal."""
        told = {"BANGFU_HOME": str(self.home.root), "BANGFU_KEYS": str(self.keys), "BANGFU_BACKUP_PASSPHRASE": PASSPHRASE}
        done = subprocess.run(
            [sys.executable, "-m", "bangfu", *words],
            env=os.environ | told | environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stderr if code else done.stdout

    def refused(self, *words: str, **environment: str) -> str:
        """Run a command that is refused; returns the number of its problem."""
        said = self.run(*words, code=1, **environment)
        (number,) = {line[:7] for line in said.splitlines() if line.startswith("BF-")}
        return number


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Fresh]:
    """A fresh place; its server is stopped and everything of it removed in the end."""
    keys = tmp_path / "fresh.keys"
    keys.mkdir(mode=0o700)
    for key in home().keys.glob("*.key"):
        shutil.copy(key, keys)
    place = Home(tmp_path / "fresh")
    yield Fresh(place, keys)
    if (place.root / "pg.location").exists():
        server = Server(place, progress=None)
        server.stop(even_if_used=True)
        shutil.rmtree(server.places.base, ignore_errors=True)


@pytest.fixture(autouse=True)
def one_at_a_time() -> Iterator[None]:
    """A data folder has one backup at a time, and all tests share theirs."""
    with HOME.with_name("test-backup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Where backups go."""
    return tmp_path / "store"
