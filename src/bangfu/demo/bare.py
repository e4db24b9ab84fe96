"""The baseline of the bench `submissions`: parse the XML, insert it, say 201. No credentials, no checks, no encryption, no files."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from typing import Any

from psycopg_pool import ConnectionPool

from bangfu.foundation.postgres import dsn

_pool: list[ConnectionPool[Any]] = []


def _connections() -> ConnectionPool[Any]:
    if not _pool:
        pool: ConnectionPool[Any] = ConnectionPool(
            kwargs={**dsn.libpq("owner"), "autocommit": True}, min_size=1, max_size=4, open=True
        )
        _pool.append(pool)
    return _pool[0]


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """One post: the part that is the XML, its instance id, one row."""
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    xml = body.split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n--", 1)[0]
    instance = ET.fromstring(xml).findtext("meta/instanceID")
    with _connections().connection() as one:
        one.execute("INSERT INTO bare (instance, content) VALUES (%s, %s) ON CONFLICT DO NOTHING", [instance, xml])
    start("201 Created", [("Content-Length", "2"), ("X-Process", str(os.getpid()))])
    return [b"ok"]
