"""The door's own way to the database: a few connections without a transaction of their own, one statement for each submission.

It is the one place of the product that writes outside `acting`: what comes from a phone comes before anybody acts. Both functions that it
calls say by themselves who the worker is, and nothing else can be reached through them (`sql/0002_inbox.sql`).
"""

from __future__ import annotations

import atexit
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from django.db import connection
from psycopg_pool import ConnectionPool

from bangfu.foundation import clock
from bangfu.foundation.county import find_county

CONNECTIONS = 4  # as many as a process has threads
COUNTY = 5.0  # seconds that the county's clock is held for
T = TypeVar("T")
_lock = threading.Lock()
_pools: dict[str, ConnectionPool[Any]] = {}
_read_at = [0.0]


@dataclass(frozen=True, slots=True)
class Worker:
    """A device and who holds it: its key and name, the user with name and assignment, where the role is held; what it is told by."""

    device: int
    name: str
    user: int
    worker: str
    assignment: int
    path: str
    key: bytes
    ha1: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """A submission as it enters: names, digest and content, encrypted; its files as they are kept; whether it is whole."""

    instance: str
    form: str
    version: str
    deprecates: str
    digest: bytes
    payload: bytes
    came_by: str
    phone: str
    whole: bool
    files: Sequence[dict[str, Any]]


def device_of(name: str, key: bytes) -> Worker | None:
    """The device of a name or of a secret's digest, with its worker; None where it may not be used today."""
    settle_clock()
    rows = _asked(lambda c: c.execute("SELECT * FROM fieldwork_device_of(%s, %s, %s)", [name, key, clock.today()]).fetchall())
    if len(rows) != 1:
        return None
    device, named, user, worker, assignment, path, kept, ha1 = rows[0]
    return Worker(device, named, user, worker, assignment, path, bytes(kept), bytes(ha1))


def accept(worker: Worker, sent: Sent) -> str:
    """Take a submission in and wait until it is on the disk; `new`, `same`, `more` (files were put to it), `named` (a file of that name is there with other content), `other`, `shut` or `unknown`."""
    settle_clock()
    given = [
        worker.device, sent.instance, sent.form, sent.version, sent.deprecates, sent.digest, sent.payload, sent.came_by, sent.phone, sent.whole,
        json.dumps(list(sent.files)) if sent.files else None, clock.today(), clock.now(),
    ]  # fmt: skip
    statement = "SELECT fieldwork_accept(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
    ((outcome,),) = _asked(lambda c: c.execute(statement, given).fetchall())
    return str(outcome)


def settle_clock() -> None:
    """Let this process live at the county's time: a synthetic county's clock may move."""
    if time.monotonic() - _read_at[0] > COUNTY:
        find_county()
        connection.close()  # back to Django's pool: nobody ends a request here
        _read_at[0] = time.monotonic()


def close() -> None:
    """Close the connections (at the end of the process, and of a test)."""
    with _lock:
        for pool in _pools.values():
            pool.close()
        _pools.clear()
    _read_at[0] = 0.0


def _asked(ask: Callable[[psycopg.Connection[Any]], T]) -> T:
    """Ask with one of the connections; once more with a new one where it had died. Both functions may be asked again: the second time changes nothing."""
    try:
        with _pool().connection() as one:
            return ask(one)
    except psycopg.OperationalError:
        close()
        with _pool().connection() as one:
            return ask(one)


def _pool() -> ConnectionPool[Any]:
    name = str(connection.settings_dict["NAME"])
    pool = _pools.get(name)
    if pool is not None:
        return pool
    with _lock:
        if name not in _pools:
            given = connection.get_connection_params()
            for own in ("cursor_factory", "context", "pool"):
                given.pop(own, None)
            given |= {"autocommit": True}
            _pools[name] = ConnectionPool(kwargs=given, min_size=1, max_size=CONNECTIONS, open=True, timeout=30)
        return _pools[name]


atexit.register(close)
