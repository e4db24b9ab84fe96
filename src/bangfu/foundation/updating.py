"""Many rows of a table updated by one statement: each with its own values. Django's `bulk_update` writes a CASE of every row and column, which takes
seconds for some thousands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.fields import DateRangeField
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Field, Model

BATCH = 5_000


def update_rows(rows: Sequence[Model], fields: Sequence[str]) -> int:
    """Write some fields of rows that are there, by their keys. Returns how many were written."""
    if not rows:
        return 0
    meta = rows[0]._meta
    columns: list[Field[Any, Any]] = [meta.get_field(name) for name in fields]  # type: ignore[misc]
    typed = ", ".join(f'"{f.column}" {f.rel_db_type(connection) if f.remote_field else f.db_type(connection)}' for f in columns)
    sets = ", ".join(f'"{f.column}" = v."{f.column}"' for f in columns)
    statement = f'UPDATE "{meta.db_table}" t SET {sets} FROM jsonb_to_recordset(%s::jsonb) AS v("key" bigint, {typed}) WHERE t."{meta.pk.column}" = v."key"'
    written = 0
    with connection.cursor() as cursor:
        for start in range(0, len(rows), BATCH):
            part = [
                {"key": r.pk, **{f.column: _plain(f, getattr(r, f.attname)) for f in columns}}
                for r in rows[start : start + BATCH]
            ]
            cursor.execute(statement, [json.dumps(part, ensure_ascii=False)])
            written += cursor.rowcount
    return written


def _plain(field: Field[Any, Any], value: Any) -> Any:
    """A value as PostgreSQL reads it from JSON."""
    if isinstance(field, DateRangeField) and isinstance(value, DateRange):
        low, high = value.lower, value.upper
        return f"[{low.isoformat() if low else ''},{high.isoformat() if high else ''})"
    if isinstance(value, bytes | memoryview):
        return "\\x" + bytes(value).hex()
    return value.isoformat() if isinstance(value, date | datetime) else value
