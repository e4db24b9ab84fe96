"""A change of the key that encrypts, while the county is at work.

The new key is entered and lies in the key folder from one moment to the next; every process encrypts with it from then on and
reads either. Then all ciphertext, the history's and that of kept files too, is put under it in small transactions, until no row and no transaction that
could still write one is left. The old key is marked as retired and its file kept: backups of before need it.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction
from psycopg import sql

from bangfu.foundation.actor import system
from bangfu.foundation.acts import KEY_CHANGE, tell
from bangfu.foundation.county import find_county
from bangfu.foundation.files import reseal_files
from bangfu.foundation.home import home
from bangfu.foundation.problems import declare
from bangfu.foundation.secrecy import (
    FIELDS,
    SIZE,
    SealedColumn,
    current_number,
    decrypt,
    encrypt_many,
    key_file,
    record_key,
    require_keys,
    sealed_columns,
)

ONE_AT_A_TIME = 1003  # the advisory lock of changes of keys: docs/architecture.md lists the numbers
BATCH = 5000
LARGEST_NUMBER = 255
Progress = Callable[[str, int], None]

CHANGE_UNDER_WAY = declare(
    "BF-1034",
    zh="另一个进程正在更换密钥。",
    en="Another process is changing the keys.",
    remedy_zh="等它结束；它中断时再次运行 bangfu keys rotate --resume 即可接着完成。",
    remedy_en="Wait for it; where it was cut off, `bangfu keys rotate --resume` goes on with it.",
    status=409,
)


@dataclass(frozen=True, slots=True)
class Resealed:
    """What a change of keys did: the number of the key that encrypts now, and how many values it was given."""

    number: int
    values: int


def rotate(*, resume: bool = False, progress: Progress = lambda table, values: None) -> Resealed:
    """Make a new key and put all ciphertext under it; with `resume`, go on with the newest key where an earlier change was cut off.

    Raises BF-1034 while another change is under way, BF-1031 and BF-1032 where the key folder is not the county's.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONE_AT_A_TIME])
        if not cursor.fetchone()[0]:
            raise CHANGE_UNDER_WAY()
        try:
            require_keys()
            number = current_number() if resume else _enter_key()
            cursor.execute("SELECT pg_current_xact_id()::text")
            entered = cursor.fetchone()[0]
            values = 0
            while True:
                cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot()) > %s::xid8", [entered])
                alone = cursor.fetchone()[0]  # every transaction that began before the key was entered has ended
                again = sum(_reseal(c, number, progress) for _, columns in sealed_columns.ask() for c in columns)
                again += reseal_files(number)
                values += again
                if alone and not again:
                    break
                if not alone:
                    time.sleep(0.5)
            cursor.execute(
                "UPDATE secret_key SET retired = now() WHERE name LIKE %s AND name <> %s AND retired IS NULL",
                [f"{FIELDS}.%", f"{FIELDS}.{number}"],
            )
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])
    return Resealed(number, values)


def _enter_key() -> int:
    """Make the next key: recorded and in its place in one step, so that no process sees half of it."""
    taken = [int(m[1]) for p in home().keys.glob(f"{FIELDS}.*") if (m := re.match(r"fields\.(\d+)\.key", p.name))]
    number = max(taken) + 1
    if number > LARGEST_NUMBER:
        raise ValueError(f"key number {number} does not fit into a byte")
    key = secrets.token_bytes(SIZE)
    place = key_file(f"{FIELDS}.{number}")
    half = place.with_suffix(".key.new")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(key)
        out.flush()
        os.fsync(out.fileno())
    with transaction.atomic():
        record_key(f"{FIELDS}.{number}", key)
        county = find_county()
        tell(county.operator() if county else system("", "command line"), KEY_CHANGE, subject=f"{FIELDS}.{number}")
        half.rename(place)
    return number


def _reseal(column: SealedColumn, number: int, progress: Progress) -> int:
    """Put one column and its history under a key; returns how many values there were."""
    done = 0
    for name in (column.table, f"{column.table}_history"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
            if not cursor.fetchone()[0]:
                continue
        last = "(0,0)"
        names = {"table": sql.Identifier(name), "column": sql.Identifier(column.column)}
        while True:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL bangfu.resealing = 'on'; SET LOCAL synchronous_commit = on")
                cursor.execute(
                    sql.SQL(
                        "SELECT ctid::text, {column} FROM {table} WHERE ctid > %s::tid AND {column} IS NOT NULL "
                        "AND get_byte({column}, 1) <> %s ORDER BY ctid LIMIT %s FOR UPDATE"
                    ).format(**names),
                    [last, number, BATCH],
                )
                rows = cursor.fetchall()
                if rows:
                    fresh = encrypt_many((decrypt(value, column.purpose) for _, value in rows), column.purpose)
                    cursor.execute(
                        sql.SQL(
                            "UPDATE {table} SET {column} = fresh.value FROM unnest(%s::tid[], %s::bytea[]) AS fresh (place, value) "
                            "WHERE {table}.ctid = fresh.place"
                        ).format(**names),
                        [[place for place, _ in rows], fresh],
                    )
            if not rows:
                break
            last = rows[-1][0]
            done += len(rows)
            progress(name, done)
    return done
