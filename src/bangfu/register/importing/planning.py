"""What an import would do: rows of all files checked against each other, as sets, in a memory-only DuckDB.

Nothing is written here. A household with a refused row is held back whole, so that no household is half imported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from bangfu.register.fields import fields
from bangfu.register.importing.parsing import TYPES
from bangfu.register.importing.reading import HOMES, Reading
from bangfu.register.sorts import FARMING

PLACE = ("township", "village", "village_code", "group")
STEERING = {"county", *PLACE, "data_date"}
# The fields that only a registered household has.
REGISTERING = ("first_identified", "standard", "poverty_attribute", "exit_state", "exit_year", "return_year", "main_cause")


@dataclass(frozen=True, slots=True)
class Place:
    """Where rows say that they are, and what the area tree makes of it: a path, or the number of a problem."""

    path: str | None
    area: int | None
    problem: str | None = None


Resolver = Callable[[str | None, str | None, str | None, str | None], Place]


def connect(*, threads: int = 2, memory: str = "900MB") -> duckdb.DuckDBPyConnection:
    """A memory-only DuckDB: personal data of an import never reaches a disk in the clear."""
    con = duckdb.connect(":memory:")
    con.execute(
        f"SET threads = {threads}; SET memory_limit = '{memory}'; SET preserve_insertion_order = false; SET enable_progress_bar = false"
    )
    return con


def lay_out(con: duckdb.DuckDBPyConnection, readings: Sequence[Reading]) -> None:
    """Lay all rows out as the view `given`: every field's column, `_file`, `_row`, `_at` (where what belongs to the household stands),
    `_digest`, `_identity_hash`, `hh`."""
    tables = []
    for n, reading in enumerate(readings):
        table = reading.table
        for key in fields():
            if key not in table.column_names:
                table = table.append_column(key, pa.nulls(table.num_rows, TYPES[fields()[key].type]))
        table = table.append_column("_file", pa.array([n] * table.num_rows, pa.int32()))
        tables.append(table.select([*fields(), "_file", "_row", "_home", "_digest", "_identity_hash", "_identity_region"]))
    con.register("given_rows", pa.concat_tables(tables))
    refusals = [(n, r.row, r.number, r.field, r.value) for n, reading in enumerate(readings) for r in reading.refusals]
    con.execute("CREATE TABLE refused (file INTEGER, row INTEGER, number VARCHAR, field VARCHAR, value VARCHAR)")
    if refusals:
        con.register(
            "read_refusals",
            pa.table(dict(zip(("file", "row", "number", "field", "value"), map(list, zip(*refusals, strict=True)), strict=True))),
        )
        con.execute("INSERT INTO refused SELECT * FROM read_refusals")
        con.unregister("read_refusals")
    con.execute(
        "CREATE VIEW given AS SELECT *, coalesce(_home, _row) AS _at, coalesce(household_no, '?' || _file || '/' || _row) AS hh "
        "FROM given_rows"
    )


def place_rows(con: duckdb.DuckDBPyConnection, resolve: Resolver) -> None:
    """Resolve where rows are: `places` (file, row) -> path, area; refusals BF-1215, BF-1216, BF-1217, BF-1223."""
    columns = ", ".join(f'"{c}"' for c in PLACE)
    distinct = con.execute(f"SELECT DISTINCT {columns} FROM given").fetchall()
    found = [(*key, *(p := resolve(*key), p.path, p.area, p.problem)[1:]) for key in distinct]
    names = [*PLACE, "path", "area", "problem"]
    kinds = [pa.string()] * 5 + [pa.int64(), pa.string()]
    con.register(
        "resolved",
        pa.table({n: pa.array([f[i] for f in found], k) for i, (n, k) in enumerate(zip(names, kinds, strict=True))}),
    )
    on = " AND ".join(f'g."{c}" IS NOT DISTINCT FROM r."{c}"' for c in PLACE)
    con.execute(
        f"CREATE TABLE places AS SELECT g._file, g._row, g._at, g.hh, r.path, r.area, r.problem, "
        f"concat_ws(' ', g.township, g.village, g.village_code, g.\"group\") AS says FROM given g JOIN resolved r ON {on}"
    )
    con.execute(
        "INSERT INTO refused SELECT DISTINCT _file, _at, problem, 'village', says FROM places p WHERE problem IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM refused x WHERE x.file = p._file AND x.row IN (p._at, p._row) "
        "AND (x.field IN ('village', 'village_code') OR x.number = 'BF-1238'))"
    )
    con.execute(
        """
        INSERT INTO refused
        SELECT p._file, p._row, 'BF-1223', 'village', p.says FROM places p
        WHERE p.path IS NOT NULL AND p.hh IN (SELECT hh FROM places WHERE path IS NOT NULL GROUP BY hh HAVING count(DISTINCT path) > 1)
        """
    )


def check_together(con: duckdb.DuckDBPyConnection, today: date) -> None:
    """What only many rows together show: heads (BF-1211, BF-1212), one person twice (BF-1213), a household at odds (BF-1214);
    and what no cell alone can be blamed for: a period of income that ends before it begins (BF-1228), data of a day to come (BF-1229),
    who is born after the day of the data (BF-1255), an
    ordinary household with the particulars of a registered one (BF-1252)."""
    con.execute(
        "INSERT INTO refused SELECT DISTINCT _file, _at, 'BF-1229', 'data_date', data_date::VARCHAR FROM given WHERE data_date > ?",
        [today],
    )
    con.execute(
        "INSERT INTO refused SELECT _file, _row, 'BF-1255', 'birth_date', birth_date::VARCHAR FROM given "
        "WHERE birth_date > coalesce(data_date, ?)",
        [today],
    )
    con.execute(
        """
        INSERT INTO refused
        SELECT f.f, f.r, CASE WHEN heads = 0 THEN 'BF-1211' ELSE 'BF-1212' END, 'relation', hh
        FROM (SELECT hh, count(*) FILTER (relation = 'head') AS heads, arg_min({'f': _file, 'r': _row}, (_file, _row)) AS f,
                     count(*) FILTER (relation IS NULL) AS blank
              FROM given WHERE household_no IS NOT NULL GROUP BY hh)
        WHERE heads > 1 OR (heads = 0 AND blank = 0)
        """
    )
    con.execute(
        """
        INSERT INTO refused
        SELECT _file, _row, 'BF-1213', 'identity', identity FROM given
        WHERE _identity_hash IN (SELECT _identity_hash FROM given WHERE _identity_hash IS NOT NULL GROUP BY 1 HAVING count(*) > 1)
        """
    )
    con.execute(
        "INSERT INTO refused SELECT DISTINCT _file, _at, 'BF-1228', 'income_from', income_from::VARCHAR FROM given WHERE income_from > income_to"
    )
    registering = " OR ".join(f"{key} IS NOT NULL" for key in REGISTERING)
    con.execute(
        "INSERT INTO refused SELECT DISTINCT _file, _at, 'BF-1252', 'household_kind', hh FROM given "
        f"WHERE household_kind = 'ordinary' AND monitoring_kind IS NULL AND ({registering})"
    )
    columns = [f.key for f in fields().values() if f.level == "household" and f.key not in (*STEERING, "household_no")]
    counts = ", ".join(f'(min("{c}") <> max("{c}")) AS "{c}"' for c in columns)
    any_at_odds = " OR ".join(f'"{c}"' for c in columns)
    con.execute(f"CREATE TABLE at_odds AS SELECT * FROM (SELECT hh, {counts} FROM given GROUP BY hh) WHERE {any_at_odds}")
    if con.execute("SELECT count(*) FROM at_odds").fetchall()[0][0]:
        for c in columns:
            con.execute(
                f"INSERT INTO refused SELECT g._file, g._row, 'BF-1214', '{c}', left(g.\"{c}\"::VARCHAR, 60) "
                f'FROM given g JOIN at_odds o USING (hh) WHERE o."{c}" AND g."{c}" IS NOT NULL'
            )


def hold_back(con: duckdb.DuckDBPyConnection) -> None:
    """Hold back every household with a refused row (BF-1218 on its other rows), then lay out what is accepted:
    `persons` (a row per person, path and area joined) and `households` (a row per household, its fields from any row)."""
    con.execute(
        """
        CREATE TABLE held AS
        SELECT g.hh FROM given g JOIN refused r ON r.file = g._file AND r.row = g._row
        UNION SELECT g.hh FROM given g JOIN refused r ON r.file = g._file AND r.row = g._home;
        INSERT INTO refused
        SELECT g._file, g._row, 'BF-1218', 'household_no', g.hh FROM given g JOIN held USING (hh)
        WHERE NOT EXISTS (SELECT 1 FROM refused r WHERE r.file = g._file AND r.row = g._row);
        """
    )
    person = ", ".join(f'g."{f.key}"' for f in fields().values() if f.level == "person")
    con.execute(
        f"""
        CREATE VIEW persons AS
        SELECT g.hh, g._file, g._row, g._digest, g._identity_hash, g._identity_region, g.data_date, p.path, p.area, {person}
        FROM given g JOIN places p ON p._file = g._file AND p._row = g._row
        WHERE NOT EXISTS (SELECT 1 FROM held WHERE held.hh = g.hh)
        """
    )
    columns = [f.key for f in fields().values() if f.level == "household" and f.key not in (*STEERING, "household_no")]
    picked = ", ".join(f'max(g."{c}") AS "{c}"' for c in columns)
    con.execute(
        f"""
        CREATE VIEW households AS
        SELECT g.hh, '{FARMING}' AS sort, max(g.data_date) AS data_date, min(p.path) AS path, min(p.area) AS area,
               arg_min(g._file, (g.relation <> 'head', g._file, g._row)) AS _file,
               arg_min(g._row, (g.relation <> 'head', g._file, g._row)) AS _row, {picked}
        FROM given g JOIN places p ON p._file = g._file AND p._row = g._row
        WHERE NOT EXISTS (SELECT 1 FROM held WHERE held.hh = g.hh)
        GROUP BY g.hh
        """
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows and households there are, and how many of each are refused."""

    rows: int
    households: int
    refused_rows: int
    refused_households: int


def count(con: duckdb.DuckDBPyConnection) -> Counts:
    """Count what was given and what is refused."""
    rows, households = con.execute("SELECT count(*), count(DISTINCT hh) FROM given").fetchall()[0]
    # Every row of a household that is held back is refused; so is a household without anybody.
    refused_rows = con.execute(
        f"SELECT count(DISTINCT (file, row)) FROM refused WHERE row < {HOMES} OR number = 'BF-1239'"
    ).fetchall()[0][0]
    refused_households = con.execute("SELECT count(*) FROM held").fetchall()[0][0]
    return Counts(rows, households, refused_rows, refused_households)
