"""From accepted rows to staged rows with identifiers: what is new, what is known, what says nothing new.

Runs between DuckDB (the files) and PostgreSQL (the register): the keys of the files go over, the identifiers come back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from django.db import connection
from pypinyin import Style, lazy_pinyin

from bangfu.foundation.copying import copy_in
from bangfu.foundation.secrecy import encrypt_many, keyed_hash


def fetch(sql: str, columns: dict[str, pa.DataType], parameters: list[Any] | None = None) -> pa.Table:
    """The rows of a query as an Arrow table."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = cursor.fetchall()
    listed: list[Any] = list(zip(*rows, strict=True)) or [[] for _ in columns]
    return pa.table(
        {
            n: pa.array([bytes(v) if isinstance(v, memoryview) else v for v in c], t)
            for (n, t), c in zip(columns.items(), listed, strict=True)
        }
    )


def reserve(sequence_of: str, count: int) -> int:
    """Reserve `count` identifiers of a table and give the first. The import's lock makes the two steps one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [sequence_of])
        (sequence,) = cursor.fetchone()
        cursor.execute(f"SELECT nextval('{sequence}')")
        (first,) = cursor.fetchone()
        if count > 1:
            cursor.execute(f"SELECT setval('{sequence}', %s)", [first + count - 1])
    return int(first)


@dataclass(frozen=True, slots=True)
class Known:
    """How much of the files the register had: identifiers found, rows that say nothing new."""

    persons: int
    households: int
    unchanged_rows: int


def recognise(con: duckdb.DuckDBPyConnection, *, empty: bool) -> Known:
    """Lay out `known_persons`, `known_households` and `known_digests` from the register (all empty for an empty one)."""
    persons = {"id": pa.int64(), "hash": pa.binary(), "household": pa.int64(), "number": pa.string(), "since": pa.date32()}
    households = {"id": pa.int64(), "number": pa.string(), "path": pa.string()}
    digests = {"household": pa.int64(), "digest": pa.binary()}
    if empty:
        for name, columns in (("known_persons", persons), ("known_households", households), ("known_digests", digests)):
            con.register(name, pa.table({n: pa.array([], t) for n, t in columns.items()}))
        return Known(0, 0, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE asked_hash (hash bytea) ON COMMIT DROP; CREATE TEMP TABLE asked_number (number text) ON COMMIT DROP"
        )
    hashes = con.sql(
        "SELECT '\\x' || lower(hex(_identity_hash)) AS hash FROM given WHERE _identity_hash IS NOT NULL"
    ).to_arrow_table()
    numbers = con.sql("SELECT DISTINCT hh AS number FROM given").to_arrow_table()
    copy_in("asked_hash", hashes)
    copy_in("asked_number", numbers)
    con.register(
        "known_persons",
        fetch(
            """
            SELECT p.id, p.identity_hash, m.household_id, h.number, lower(m.valid)
            FROM register_person p JOIN asked_hash a ON a.hash = p.identity_hash
            LEFT JOIN register_membership m ON m.person_id = p.id AND m.sort = 'farming' AND upper_inf(m.valid)
            LEFT JOIN register_household h ON h.id = m.household_id
            """,
            persons,
        ),
    )
    con.register(
        "known_households",
        fetch(
            "SELECT h.id, h.number, h.path FROM register_household h JOIN asked_number a USING (number) WHERE h.sort = 'farming'",
            households,
        ),
    )
    con.register(
        "known_digests",
        fetch(
            """
            SELECT e.household, e.digest FROM register_evidence e
            WHERE e.household IN (SELECT h.id FROM register_household h JOIN asked_number a USING (number) WHERE h.sort = 'farming')
            """,
            digests,
        ),
    )
    one = con.execute("SELECT (SELECT count(*) FROM known_persons), (SELECT count(*) FROM known_households)").fetchall()[0]
    unchanged = con.execute(
        "SELECT count(*) FROM given g JOIN known_households k ON k.number = g.hh "
        "WHERE EXISTS (SELECT 1 FROM known_digests d WHERE d.household = k.id AND d.digest = g._digest)"
    ).fetchall()[0][0]
    return Known(one[0], one[1], unchanged)


def check_moves(con: duckdb.DuckDBPyConnection) -> None:
    """Refuse a person who is registered in another household (BF-1219), unless the row says that they came in."""
    con.execute(
        """
        INSERT INTO refused
        SELECT g._file, g._row, 'BF-1219', 'identity', k.number
        FROM given g JOIN known_persons k ON k.hash = g._identity_hash
        WHERE k.number IS NOT NULL AND k.number <> g.hh AND coalesce(g.change_reason, '') NOT IN ('marriage_in', 'moved_in', 'adopted')
        """
    )


def identify(con: duckdb.DuckDBPyConnection) -> None:
    """Give every accepted row that says something new its identifiers: `new_persons`, `new_households` (views over Arrow).

    `new` tells rows that the register does not have; the others are compared column by column when they are applied.
    """
    con.execute(
        """
        CREATE TABLE fresh AS
        SELECT p._file, p._row, p.hh, p._identity_hash, k.id AS known_household
        FROM persons p LEFT JOIN known_households k ON k.number = p.hh
        WHERE NOT EXISTS (SELECT 1 FROM known_digests d WHERE d.household = k.id AND d.digest = p._digest)
        """
    )
    rows, persons, households = con.execute(
        """
        SELECT count(*), count(*) FILTER (WHERE k.id IS NULL), count(DISTINCT hh) FILTER (WHERE known_household IS NULL)
        FROM fresh f LEFT JOIN known_persons k ON k.hash = f._identity_hash
        """
    ).fetchall()[0]
    evidence = reserve("register_evidence", max(rows, 1))
    person = reserve("register_person", max(persons, 1))
    household = reserve("register_household", max(households, 1))
    con.execute(
        f"""
        CREATE TABLE household_ids AS
        SELECT hh, coalesce(known, {household} - 1 + row_number() OVER (PARTITION BY known IS NULL ORDER BY hh)) AS household, known IS NULL AS new
        FROM (SELECT hh, max(known_household) AS known FROM fresh GROUP BY hh);
        CREATE TABLE row_ids AS
        SELECT f._file, f._row, h.hh, h.household, h.new AS new_household, k.household AS held_household,
               {evidence} - 1 + row_number() OVER (ORDER BY f._file, f._row) AS evidence,
               coalesce(k.id, {person} - 1 + row_number() OVER (PARTITION BY k.id IS NULL ORDER BY f._file, f._row)) AS person,
               k.id IS NULL AS new
        FROM fresh f JOIN household_ids h USING (hh) LEFT JOIN known_persons k ON k.hash = f._identity_hash;
        """
    )


def secret_columns(values: list[str | None], purpose: str, *, last4: bool) -> dict[str, pa.Array]:
    """Ciphertext, keyed hash and keyed last four of a column, as PostgreSQL's hex text."""

    def hexed(items: Iterator[bytes | None]) -> pa.Array:
        return pa.array([None if b is None else "\\x" + b.hex() for b in items], pa.string())

    columns = {
        "": hexed(iter(encrypt_many(values, purpose))),
        "_hash": hexed(None if v is None else keyed_hash(v, purpose.rsplit(".", 1)[1]) for v in values),
    }
    if last4:
        columns["_last4"] = hexed(None if v is None else keyed_hash(v[-4:], "last4", size=8) for v in values)
    return columns


def name_columns(names: pa.ChunkedArray) -> dict[str, pa.Array]:
    """What names are searched by: the given name, the pinyin and the initials. Names repeat, so each is spelled once."""
    encoded = names.combine_chunks().dictionary_encode()
    syllables: dict[str, str] = {}

    def spell(name: str) -> tuple[str, str, str]:
        plain = name.replace("·", "").replace(" ", "").lower()
        if plain.isascii():
            words = name.lower().replace("·", " ").split()
            return (name.split()[-1] if words else name, "".join(words), "".join(w[0] for w in words))
        for character in plain:
            if character not in syllables:
                syllables[character] = lazy_pinyin(character, style=Style.NORMAL)[0]
        sounds = [syllables[c] for c in plain]
        return name[1:] or name, "".join(sounds), "".join(s[:1] for s in sounds)

    spelled = [spell(n) for n in encoded.dictionary.to_pylist()]
    indices = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return {
        key: pa.array([s[i] for s in spelled], pa.string()).take(pa.array(indices))
        for i, key in enumerate(("given", "pinyin", "initials"))
    }
