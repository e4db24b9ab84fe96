"""A county of one test's own that commits: for what other connections read (the lake, followers of changes)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from bangfu.foundation import clock
from bangfu.foundation.county import County, the_county
from bangfu.foundation.home import home
from bangfu.foundation.postgres import dsn

WAIT = 120  # seconds for which a transaction of another test may hold the watermark back


@pytest.fixture
def own_county(own_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[County]:
    """The county in a database and a lake of the test's own; `DATABASE_URL` leads every connection of the product to it.

    Not for tests marked `django_db`: their transaction would be of another database.
    """
    addresses = {kind: make_conninfo("", **dsn.libpq(kind) | {"dbname": own_database}) for kind in ("owner", "web")}
    monkeypatch.setenv("DATABASE_URL", addresses["owner"])
    monkeypatch.setenv("DATABASE_WEB_URL", addresses["web"])
    monkeypatch.setenv("BANGFU_HOME", str(tmp_path / "var"))
    home.cache_clear()
    try:
        home().make()
        yield the_county()
    finally:
        clock.set_process_clock(None)
        connection.close()
        monkeypatch.undo()
        home.cache_clear()


def run_bangfu(*arguments: str, warnings: str = "default") -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, against the database and the folder that the environment names. As people see it
    with `warnings="ignore"`: Python shows them none of its own."""
    command = [sys.executable, "-m", "bangfu", *arguments]
    return subprocess.run(command, env=os.environ | {"PYTHONWARNINGS": warnings}, capture_output=True, text=True, check=False)


def settle() -> None:
    """Wait until followers can see every committed change: other tests on the same server may hold transactions open."""
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(xid) < pg_snapshot_xmin(pg_current_snapshot()), true) FROM change")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise TimeoutError("a transaction holds the watermark back")
