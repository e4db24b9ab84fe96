"""The ground of the tests: a real county at scale 0.01, built once by the product's own command and cloned per worker.

A test's writes are rolled back. What a test needs that must be committed (locks, watermarks, pooled connections) it does in a
clone of its own (`own_database`).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from tests.environment import HOME, ROOT

SCALE = "0.01"
# How long an example takes depends on who else is at work on the machine: it tells nothing of the product.
settings.register_profile("bangfu", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bangfu")
STAMP = HOME.with_name("test-county.digest")


def _digest() -> str:
    """What the county is made of: code and data of the product, templates and pages left out."""
    state = hashlib.sha256(sys.version.encode())
    for path in sorted((ROOT / "src").rglob("*")):
        if path.suffix in (".py", ".yaml", ".sql", ".csv", ".geojson") and not {"pages", "templates", "static"} & set(path.parts):
            state.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return state.hexdigest()


def _administer(statement: str) -> None:
    from bangfu.foundation.postgres import dsn

    target = dsn.libpq("owner") | {"dbname": "postgres"}
    with psycopg.connect(**target, autocommit=True) as connection:
        for attempt in range(100):
            try:
                connection.execute(statement)
                return
            except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
                # The server's own vacuum may be at work in the database: nobody but it may end it, and it is soon done.
                if attempt == 99:
                    raise
                time.sleep(0.2)


@pytest.fixture(scope="session")
def county_template() -> str:
    """The name of the database that holds the built county; built anew where the code has changed."""
    from bangfu.foundation.postgres.server import Server

    HOME.parent.mkdir(parents=True, exist_ok=True)
    with (HOME.parent / "test-county.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = _digest()
        if not STAMP.exists() or STAMP.read_text() != wanted:
            STAMP.unlink(missing_ok=True)
            Server().attach()
            _administer("DROP DATABASE IF EXISTS bangfu WITH (FORCE)")
            _administer("CREATE DATABASE bangfu")
            for folder in ("lake", "demo", "files"):
                shutil.rmtree(HOME / folder, ignore_errors=True)
            command = [sys.executable, "-m", "bangfu", "demo", "--no-serve", "--scale", SCALE]
            done = subprocess.run(
                command, env=os.environ | {"PYTHONWARNINGS": "default"}, capture_output=True, text=True, check=False
            )
            if done.returncode:
                pytest.exit(f"the demo county could not be built:\n{done.stderr[-6000:]}", returncode=1)
            STAMP.write_text(wanted)
        Server().attach()
    return "bangfu"


def clone(template: str, name: str) -> None:
    """Make a copy of a database; one worker at a time, since a template must have no other user."""
    with (HOME.parent / "test-county.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        _administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


@pytest.fixture(scope="session")
def worker_database(county_template: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """This worker's own copy of the county."""
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}_{os.getpid()}"
    clone(county_template, name)
    yield name
    _administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def django_db_setup(worker_database: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Point Django at the worker's copy instead of letting it migrate a database of its own."""
    from django.db import connection

    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["NAME"] = worker_database
        yield
        connection.close()


@pytest.fixture
def own_database(county_template: str, django_db_blocker: pytest.FixtureRequest, request: pytest.FixtureRequest) -> Iterator[str]:
    """A copy of the county for one test that commits."""
    from django.db import connection

    name = f"test_own_{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**8}"
    clone(county_template, name)
    with django_db_blocker.unblock():
        connection.close()
        before = connection.settings_dict["NAME"]
        connection.settings_dict["NAME"] = name
        try:
            yield name
        finally:
            connection.close()
            connection.settings_dict["NAME"] = before
            _administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Passwords of tests are hashed with the least that Argon2 does: a thousand tests give somebody a log-in. How it hashes outside of them is a setting of Django's own."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    with pytest.MonkeyPatch.context() as patch:
        for name, least in (("time_cost", 1), ("memory_cost", 8), ("parallelism", 1)):
            patch.setattr(Argon2PasswordHasher, name, least)
        yield


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Whoever asks for the county sets the process's clock on its day, and a page its thread's language: neither is left to the next
    test."""
    from django.utils import translation

    from bangfu.foundation import clock

    yield
    clock.set_process_clock(None)
    translation.deactivate()


@pytest.fixture
def county(db: None) -> object:
    """The demo county, its clock on its day."""
    from bangfu.foundation.county import the_county

    return the_county()


@pytest.fixture
def temporary_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Another lake and report folder for a test that writes files; the database stays the worker's."""
    from bangfu.foundation import home as module

    monkeypatch.setenv("BANGFU_HOME", str(tmp_path / "var"))
    module.home.cache_clear()
    yield tmp_path / "var"
    monkeypatch.undo()
    module.home.cache_clear()
