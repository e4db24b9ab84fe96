"""A whole county, or a nation in parts: the statement over relations, into Parquet files or a table."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from bangfu.rules.compile import text_literal
from bangfu.rules.dialects import DUCKDB, Dialect
from bangfu.rules.schema import HOUSEHOLD, PERSON, RELATIONS
from bangfu.screening.engine.places import Place
from bangfu.screening.engine.results import Ask, ScreenResult, count_findings, count_results, quota_limits
from bangfu.screening.engine.statement import compile_pack, require_columns
from bangfu.screening.pack import Pack

Part = Mapping[
    str, str
]  # what stands after FROM for each relation: households, persons, and items and land where a rule reads them


def screen(
    connection: duckdb.DuckDBPyConnection,
    pack: Pack,
    as_of: dt.date,
    *,
    households: str = "households",
    overrides: Mapping[str, Any] | None = None,
    into: str | Path = "verdicts",
    **rows: str,
) -> ScreenResult:
    """Judge every household of a relation; write the result to a Parquet file (a path ending in .parquet) or a temp table.

    `rows` as in `compile_pack`. The caller answers for the register being as of `as_of`. Raises BF-1506 for missing columns and
    what `compile_pack` raises. The seconds are those of the statement alone, reading and writing included.
    """
    statement = compile_pack(pack, as_of, overrides, households=households, dialect=DUCKDB, **rows)
    relations = {HOUSEHOLD: households} | {level: rows.get(name, name) for level, name in RELATIONS.items()}
    require_columns(connection, statement, relations)
    target = str(into)
    started = time.perf_counter()
    if target.endswith(".parquet"):
        connection.execute(f"COPY ({statement.sql}) TO {text_literal(target)} (FORMAT parquet)")
        relation = f"read_parquet({text_literal(target)})"
    else:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {target} AS {statement.sql}")
        relation = target
    seconds = time.perf_counter() - started
    people = connection.execute(f"SELECT count(*) FROM {relations[PERSON]}").fetchall()[0][0]
    return in_numbers(asking(connection), relation, pack, as_of, overrides, persons=people, seconds=seconds)


def screen_parts(
    connection: duckdb.DuckDBPyConnection,
    pack: Pack,
    as_of: dt.date,
    parts: Iterable[Part],
    *,
    into: Path,
    overrides: Mapping[str, Any] | None = None,
) -> ScreenResult:
    """Judge what does not fit into memory, part by part: no household may have rows in two of the parts.

    A relation that a part does not have is taken by its name: it serves every part. Each part is judged by the same statement, with the memory that `connection` allows, and goes to a file of its own in the
    folder `into`, which appears only when all are judged; of a single part `into` is a file. Raises BF-1506 for missing columns,
    BF-1520 where `into` holds something else, and what `compile_pack` raises. The seconds are those of the statement over all parts.
    """
    named = {name: f"judged_{name}" for name in ("households", *RELATIONS.values())}
    statement = compile_pack(pack, as_of, overrides, dialect=DUCKDB, **named)
    needed = ["households", *(RELATIONS[level] for level in statement.reads if level != HOUSEHOLD)]
    seconds, persons = 0.0, 0
    with Place(into) as place:
        for number, part in enumerate(parts, 1):
            for name in needed:
                connection.execute(f"CREATE OR REPLACE TEMP VIEW judged_{name} AS SELECT * FROM {part.get(name, name)}")
            if number == 1:
                require_columns(
                    connection,
                    statement,
                    {HOUSEHOLD: "judged_households"} | {level: f"judged_{name}" for level, name in RELATIONS.items()},
                )
            started = time.perf_counter()
            connection.execute(f"COPY ({statement.sql}) TO {text_literal(str(place.part(number)))} (FORMAT parquet)")
            seconds += time.perf_counter() - started
            persons += connection.execute(f"SELECT count(*) FROM {part['persons']}").fetchall()[0][0]
        relation = f"read_parquet({text_literal(place.pattern)})"
        return in_numbers(asking(connection), relation, pack, as_of, overrides, persons=persons, seconds=seconds)


def asking(connection: duckdb.DuckDBPyConnection) -> Ask:
    """Questions in SQL to a DuckDB."""
    return lambda sql: connection.execute(sql).fetchall()


def in_numbers(
    ask: Ask,
    relation: str,
    pack: Pack,
    as_of: dt.date,
    overrides: Mapping[str, Any] | None,
    *,
    persons: int,
    seconds: float,
    dialect: Dialect = DUCKDB,
) -> ScreenResult:
    """A result relation in numbers, whichever engine made it."""
    limits = quota_limits(ask, relation, pack, pack.constants(as_of, overrides))
    return ScreenResult(
        pack=pack.name,
        version=pack.version,
        as_of=as_of,
        households=ask(f"SELECT count(*) FROM {relation}")[0][0],
        persons=persons,
        seconds=seconds,
        counts=count_results(ask, relation, tuple(pack.guarantees)),
        provisional=pack.provisional(as_of, overrides),
        findings=count_findings(ask, relation, pack, limits, dialect),
        limits=limits,
        engine=dialect.name,
    )
