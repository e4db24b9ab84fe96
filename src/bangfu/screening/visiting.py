"""Rows of some households as rules read them, and by which rule of the pack each is visited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
from django.db import connection

from bangfu.register import frame
from bangfu.rules.compile import compile_households
from bangfu.screening.engine.judge import arrow_columns
from bangfu.screening.pack import Pack


def read_relations(
    households: list[int], reads: Mapping[str, Sequence[str]], columns: Mapping[str, Mapping[str, pa.DataType]], day: date
) -> dict[str, pa.Table]:
    """The rows of some households that a statement reads, from PostgreSQL: one query for each relation, and one for who lives there."""
    views = frame.views(reads, day, frame.tables_on(day, several=True))
    made = {}
    with connection.cursor() as cursor:
        cursor.execute(frame.members_sql(day), {"households": households})
        members = [person for (person,) in cursor.fetchall()]
        for relation, types in columns.items():
            cursor.execute(views[relation], {"households": households, "persons": members})
            names = [c.name for c in cursor.description]
            # Tuples side by side: a list for each column, blank where there are no rows.
            values = dict(zip(names, zip(*cursor.fetchall(), strict=True), strict=False))
            made[relation] = pa.table({name: _column(values.get(name, ()), kind) for name, kind in types.items()})
    return made


def _column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_floating(kind):  # PostgreSQL gives exact decimals
        return pa.array([None if value is None else float(value) for value in values], kind)
    return pa.array(values, kind)


def visit_rules(households: list[int], pack: Pack, day: date) -> dict[int, str]:
    """By which rule of the pack each household is visited on a day: the first that holds, in the pack's order. Who falls under none is left out."""
    if not pack.visits or not households:
        return {}
    wanted = {name: visit.when for name, visit in pack.visits.items()}
    compiled = compile_households(pack.program, wanted, pack.constants(day))
    columns = arrow_columns(pack.program.schema, compiled.reads)
    relations = read_relations(households, compiled.reads, columns, day)
    chosen = " ".join(f"WHEN {name} THEN '{name}'" for name in wanted)
    with closing(duckdb.connect(":memory:", config={"threads": 1})) as con:
        for relation, table in relations.items():
            con.register(relation, table)
        rows = con.execute(f"SELECT household, CASE {chosen} END AS rule FROM ({compiled.sql})").fetchall()
    return {household: rule for household, rule in rows if rule is not None}
