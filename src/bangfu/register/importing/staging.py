"""From accepted rows to staged rows with identifiers: what is new, what is known, what says nothing new.

Runs between DuckDB (the files) and PostgreSQL (the register): the keys of the files go over, the identifiers come back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

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


def clear() -> None:
    """Drop the temporary tables of an import before: those of one that ran in the same transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TABLE pg_temp."{name}"')


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
    """How many of the files' persons and households the register had."""

    persons: int
    households: int


def recognise(con: duckdb.DuckDBPyConnection, *, empty: bool) -> Known:
    """Lay out from the register (all empty for an empty one): `known_persons` with their household and the day up to which that is
    known, `known_households`, `known_heads`, and `known_digests`, what the last imported row of each person said."""
    persons = {
        "id": pa.int64(), "hash": pa.binary(), "household": pa.int64(), "number": pa.string(), "relation": pa.string(), "path": pa.string(),
        "said_on": pa.date32(),
    }  # fmt: skip
    households = {"id": pa.int64(), "number": pa.string(), "path": pa.string()}
    digests = {"person": pa.int64(), "digest": pa.binary()}
    heads = {"number": pa.string(), "hash": pa.binary()}
    laid_out = {"known_persons": persons, "known_households": households, "known_digests": digests, "known_heads": heads}
    if empty:
        for name, columns in laid_out.items():
            con.register(name, pa.table({n: pa.array([], t) for n, t in columns.items()}))
        return Known(0, 0)
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
            SELECT p.id, p.identity_hash, m.household_id, h.number, m.relation, h.path, greatest(lower(m.valid), e.happened_on)
            FROM register_person p JOIN (SELECT DISTINCT hash FROM asked_hash) a ON a.hash = p.identity_hash
            LEFT JOIN register_membership m ON m.person_id = p.id AND m.sort = 'farming' AND upper_inf(m.valid)
            LEFT JOIN register_household h ON h.id = m.household_id
            LEFT JOIN register_evidence e ON e.id = m.evidence_id
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
            SELECT DISTINCT ON (e.person) e.person, e.digest FROM register_evidence e
            WHERE e.kind = 'import' AND e.person IS NOT NULL
              AND e.household IN (SELECT h.id FROM register_household h JOIN asked_number a USING (number) WHERE h.sort = 'farming')
            ORDER BY e.person, e.happened_on DESC, e.id DESC
            """,
            digests,
        ),
    )
    con.register(
        "known_heads",
        fetch(
            """
            SELECT h.number, p.identity_hash FROM register_household h JOIN asked_number a USING (number)
            JOIN register_membership m ON m.household_id = h.id AND m.relation = 'head' AND upper_inf(m.valid)
            JOIN register_person p ON p.id = m.person_id WHERE h.sort = 'farming'
            """,
            heads,
        ),
    )
    one = con.execute("SELECT (SELECT count(*) FROM known_persons), (SELECT count(*) FROM known_households)").fetchall()[0]
    return Known(one[0], one[1])


def unchanged(con: duckdb.DuckDBPyConnection) -> int:
    """How many of the accepted rows say nothing new."""
    return int(
        con.execute(
            "SELECT count(*) FROM persons p JOIN known_persons k ON k.hash = p._identity_hash AND k.number = p.hh "
            "JOIN known_digests d ON d.person = k.id AND d.digest = p._digest"
        ).fetchall()[0][0]
    )


PINYIN, INITIALS = 120, 20  # what the columns hold: a search key need not be whole
CAME_IN = "('marriage_in', 'moved_in', 'adopted')"


def check_moves(con: duckdb.DuckDBPyConnection, scope: str, day: date) -> None:
    """Refuse what the register contradicts: a person who is registered in another household (BF-1219), unless the row says that
    they came in and is no older than that (BF-1227); households and persons of other areas than the actor's (BF-1217); a head
    beside the one that is there (BF-1250); a head who leaves others behind without one (BF-1211)."""
    con.execute(
        f"""
        CREATE TABLE movers AS
        SELECT g._file, g._row, g.hh, k.number, k.household, k.relation, k.path, k.said_on, coalesce(g.data_date, DATE '{day}') AS day,
               coalesce(g.change_reason, '') IN {CAME_IN} AS came_in
        FROM given g JOIN known_persons k ON k.hash = g._identity_hash WHERE k.number IS NOT NULL AND k.number <> g.hh;
        INSERT INTO refused SELECT _file, _row, 'BF-1219', 'identity', number FROM movers WHERE NOT came_in;
        INSERT INTO refused SELECT _file, _row, 'BF-1227', 'identity', number FROM movers WHERE came_in AND day < said_on;
        INSERT INTO refused SELECT _file, _row, 'BF-1217', 'village', number FROM movers WHERE came_in AND NOT starts_with(path, '{scope}');
        INSERT INTO refused
        SELECT g._file, g._row, 'BF-1217', 'household_no', g.hh FROM given g JOIN known_households k ON k.number = g.hh
        WHERE NOT starts_with(k.path, '{scope}');
        INSERT INTO refused
        SELECT g._file, g._row, 'BF-1250', 'relation', g.hh FROM given g JOIN known_heads k ON k.number = g.hh
        WHERE g.relation = 'head' AND k.hash IS DISTINCT FROM g._identity_hash
          AND NOT EXISTS (SELECT 1 FROM given o WHERE o._identity_hash = k.hash)
          AND NOT EXISTS (SELECT 1 FROM refused r WHERE r.file = g._file AND r.row = g._row AND r.field = 'identity')
        """
    )
    leaving = con.execute(
        "SELECT household, count(*) FROM movers m WHERE came_in GROUP BY household, number "
        "HAVING bool_or(relation = 'head') AND NOT EXISTS (SELECT 1 FROM given g WHERE g.hh = m.number AND g.relation = 'head')"
    ).fetchall()
    if leaving:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT household_id, count(*) FROM register_membership WHERE household_id = ANY(%s) AND upper_inf(valid) GROUP BY 1",
                [[household for household, _ in leaving]],
            )
            members = dict(cursor.fetchall())
        for household, gone in leaving:
            if members[household] > gone:
                con.execute(
                    "INSERT INTO refused SELECT _file, _row, 'BF-1211', 'relation', number FROM movers WHERE household = ? AND relation = 'head'",
                    [household],
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
        LEFT JOIN known_persons kp ON kp.hash = p._identity_hash AND kp.number = p.hh
        WHERE NOT EXISTS (SELECT 1 FROM known_digests d WHERE d.person = kp.id AND d.digest = p._digest)
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


def secret_columns(values: list[str | None], purpose: str, *, hashed: bool, last4: bool) -> dict[str, pa.Array]:
    """Ciphertext of a column, on demand its keyed hash and keyed last four, as PostgreSQL's hex text."""
    columns = {"": _hexed(encrypt_many(values, purpose))}
    if hashed:
        kind = purpose.rsplit(".", 1)[1]
        columns["_hash"] = _hexed([None if v is None else keyed_hash(v, kind) for v in values])
    if last4:
        columns["_last4"] = _hexed([None if v is None else keyed_hash(v[-4:], "last4", size=8) for v in values])
    return columns


def _hexed(items: list[bytes | None]) -> pa.Array:
    array = pa.array(items, pa.binary())
    valid, offsets, data = array.buffers()
    digits = pa.py_buffer((data.to_pybytes() if data else b"").hex().encode())
    doubled = pa.py_buffer(np.frombuffer(offsets, dtype=np.int32) * 2)
    text = pa.StringArray.from_buffers(len(array), doubled, digits, valid, array.null_count)
    return pc.binary_join_element_wise("\\x", text, "")


def name_columns(names: pa.ChunkedArray) -> dict[str, pa.Array]:
    """What names are searched by: the given name, the pinyin and the initials. Names repeat, so each is spelled once."""
    from pypinyin import Style, lazy_pinyin  # its dictionaries are a third of a second, and few commands spell

    encoded = names.combine_chunks().dictionary_encode()
    syllables: dict[str, str] = {}

    def spell(name: str) -> tuple[str, str, str]:
        plain = name.replace("·", "").replace(" ", "").lower()
        if plain.isascii():
            words = name.lower().replace("·", " ").split()
            return (name.split()[-1] if words else name, "".join(words), "".join(w[0] for w in words)[:INITIALS])
        for character in plain:
            if character not in syllables:
                syllables[character] = lazy_pinyin(character, style=Style.NORMAL)[0]
        sounds = [syllables[c] for c in plain]
        return name[1:] or name, "".join(sounds)[:PINYIN], "".join(s[:1] for s in sounds)[:INITIALS]

    spelled = [spell(n) for n in encoded.dictionary.to_pylist()]
    indices = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return {
        key: pa.array([s[i] for s in spelled], pa.string()).take(pa.array(indices))
        for i, key in enumerate(("given", "pinyin", "initials"))
    }
