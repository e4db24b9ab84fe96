"""Screening: one statement judges a county, the same statement, prepared, judges one household.

The result has one row per household, in this order of columns:

    household BIGINT, path VARCHAR, and for each guarantee g of the pack
    g          ENUM('met', 'unmet', 'unknown', 'not_assessed')
    g_reasons  VARCHAR[]  codes of the reasons (unmet) or of the missing lines (unknown); NULL where met or not assessed
    g_values   VARCHAR    JSON object of the values that the texts need, with the ids of persons, never their names;
                          money in whole fen, rounded down; NULL where met, not assessed, or no text needs a value

Texts are rendered when read (`bangfu.screening.reasons`).
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from bangfu.rules.compile import Compiled, compile_households, text_literal
from bangfu.rules.expressions import Node
from bangfu.rules.schema import DUCKDB_TYPES, MONEY
from bangfu.screening.pack import RESULTS, Guarantee, Pack, Reason
from bangfu.screening.problems import COLUMNS_MISSING

RESULT_TYPE = "ENUM(" + ", ".join(text_literal(result) for result in RESULTS) + ")"


@dataclass(frozen=True, slots=True)
class Statement:
    """The compiled screening of a pack on a day: the SELECT and the fields it reads of each level."""

    sql: str
    person_columns: tuple[str, ...]
    household_columns: tuple[str, ...]
    guarantees: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was judged of one guarantee of one household; `values` as in the result relation."""

    result: str
    reasons: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScreenResult:
    """A screened county in numbers: `counts` is result → households, by guarantee; `provisional` as `Pack.provisional`."""

    pack: str
    version: str
    as_of: dt.date
    households: int
    persons: int
    seconds: float
    counts: Mapping[str, Mapping[str, int]]
    provisional: Mapping[str, Sequence[str]]

    def as_json(self) -> dict[str, Any]:
        """The document that `bangfu screen --json` prints."""
        return {
            "pack": self.pack,
            "version": self.version,
            "as_of": self.as_of.isoformat(),
            "engine": "duckdb",
            "households": self.households,
            "persons": self.persons,
            "seconds": self.seconds,
            "guarantees": {name: dict(counts) for name, counts in self.counts.items()},
            "provisional": {name: list(parameters) for name, parameters in self.provisional.items()},
        }


def compile_pack(
    pack: Pack,
    as_of: dt.date,
    overrides: Mapping[str, Any] | None = None,
    *,
    persons: str = "persons",
    households: str = "households",
) -> Statement:
    """The one statement that judges every household of a relation on a day.

    `persons` and `households` are SQL that may stand after FROM (a table, a view, `read_parquet('…')`), with the columns
    described in `bangfu.rules.compile`. Raises BF-1409, BF-1507, BF-1508 for parameters.
    """
    constants = pack.constants(as_of, overrides)
    wanted: dict[str, Node] = {}
    for guarantee in pack.guarantees.values():
        wanted[f"{guarantee.name}__assessed"] = guarantee.assessed
        wanted[f"{guarantee.name}__met"] = guarantee.met
        for kind, reasons in (("unmet", guarantee.unmet), ("missing", guarantee.missing)):
            for reason in reasons:
                wanted[f"{guarantee.name}__{kind}__{reason.code}"] = reason.when
        for key in _keys(guarantee):
            wanted[f"v__{key}"] = pack.value_nodes[key]
    inner: Compiled = compile_households(pack.program, wanted, constants, persons=persons, households=households)
    columns = ", ".join(_columns(pack, guarantee) for guarantee in pack.guarantees.values())
    return Statement(
        sql=f"SELECT household, path, {columns} FROM ({inner.sql})",
        person_columns=inner.person_columns,
        household_columns=inner.household_columns,
        guarantees=tuple(pack.guarantees),
    )


def _keys(guarantee: Guarantee) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for reason in (*guarantee.unmet, *guarantee.missing) for key in reason.values))


def _columns(pack: Pack, guarantee: Guarantee) -> str:
    name = guarantee.name
    assessed, met = f"{name}__assessed", f"{name}__met"
    silent = f"{assessed} IS NOT TRUE OR {met}"
    unmet, missing = (
        _codes(name, kind, reasons) for kind, reasons in (("unmet", guarantee.unmet), ("missing", guarantee.missing))
    )
    result = (
        f"CASE WHEN {assessed} IS NOT TRUE THEN 'not_assessed'::{RESULT_TYPE} WHEN {met} THEN 'met'::{RESULT_TYPE} "
        f"WHEN {met} IS NULL THEN 'unknown'::{RESULT_TYPE} ELSE 'unmet'::{RESULT_TYPE} END AS {name}"
    )
    codes = f"CASE WHEN {silent} THEN NULL WHEN {met} IS NULL THEN {missing} ELSE {unmet} END AS {name}_reasons"
    keys = _keys(guarantee)
    if not keys:
        return f"{result}, {codes}, NULL::VARCHAR AS {name}_values"
    # Only what the texts of the case at hand need: an unknown household seldom needs the values of an unmet one.
    values = f"CASE WHEN {silent} THEN NULL"
    for test, reasons in ((f"WHEN {met} IS NULL", guarantee.missing), ("ELSE", guarantee.unmet)):
        used = tuple(dict.fromkeys(key for reason in reasons for key in reason.values))
        pairs = ", ".join(f"{text_literal(key)}, {_value(pack.value_nodes[key], key)}" for key in used)
        made = f"json_object({pairs})::VARCHAR" if used else "NULL"
        values += f" {test}{' THEN' if test != 'ELSE' else ''} {made}"
    return f"{result}, {codes}, {values} END AS {name}_values"


def _codes(name: str, kind: str, reasons: Sequence[Reason]) -> str:
    codes = ", ".join(text_literal(reason.code) for reason in reasons)
    held = ", ".join(f"coalesce({name}__{kind}__{reason.code}, FALSE)" for reason in reasons)
    return f"list_where([{codes}], [{held}])"


def _value(node: Node, key: str) -> str:
    if node.type == MONEY:
        return f"floor(v__{key})::BIGINT"
    return f"v__{key}"


def require_columns(connection: duckdb.DuckDBPyConnection, statement: Statement, persons: str, households: str) -> None:
    """Raise BF-1506 where a relation lacks a column that the statement reads."""
    for relation, needed in (
        (persons, ("household", "person", *statement.person_columns)),
        (households, ("household", "path", *statement.household_columns)),
    ):
        have = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}
        lacking = [column for column in needed if column not in have]
        if lacking:
            raise COLUMNS_MISSING(relation=relation, columns=", ".join(lacking))


def screen(
    connection: duckdb.DuckDBPyConnection,
    pack: Pack,
    as_of: dt.date,
    *,
    persons: str = "persons",
    households: str = "households",
    overrides: Mapping[str, Any] | None = None,
    into: str | Path = "verdicts",
) -> ScreenResult:
    """Judge every household of a relation; write the result to a Parquet file (a path ending in .parquet) or a temp table.

    The caller answers for the register being as of `as_of`. Raises BF-1506 for missing columns and what `compile_pack`
    raises. The seconds are those of the statement alone, reading and writing included.
    """
    statement = compile_pack(pack, as_of, overrides, persons=persons, households=households)
    require_columns(connection, statement, persons, households)
    target = str(into)
    started = time.perf_counter()
    if target.endswith(".parquet"):
        connection.execute(f"COPY ({statement.sql}) TO {text_literal(target)} (FORMAT parquet)")
        relation = f"read_parquet({text_literal(target)})"
    else:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {target} AS {statement.sql}")
        relation = target
    seconds = time.perf_counter() - started
    counts = count_results(connection, relation, statement.guarantees)
    people = connection.execute(f"SELECT count(*) FROM {persons}").fetchall()[0]
    return ScreenResult(
        pack=pack.name,
        version=pack.version,
        as_of=as_of,
        households=sum(next(iter(counts.values())).values()),
        persons=people[0],
        seconds=seconds,
        counts=counts,
        provisional=pack.provisional(as_of, overrides),
    )


def count_results(connection: duckdb.DuckDBPyConnection, relation: str, guarantees: Sequence[str]) -> dict[str, dict[str, int]]:
    """Households by result for each guarantee of a result relation."""
    parts = ", ".join(f"count(*) FILTER (WHERE {name} = '{result}')" for name in guarantees for result in RESULTS)
    row = connection.execute(f"SELECT {parts} FROM {relation}").fetchall()[0]
    numbers = iter(row)
    return {name: {result: next(numbers) for result in RESULTS} for name in guarantees}


def long_rows(relation: str, guarantees: Sequence[str]) -> str:
    """A SELECT that gives a result relation as long rows: household, path, guarantee, result, reasons, values."""
    return " UNION ALL ".join(
        f"SELECT household, path, {text_literal(name)} AS guarantee, {name}::VARCHAR AS result, "
        f"{name}_reasons AS reasons, {name}_values AS values FROM {relation}"
        for name in guarantees
    )


def verdicts_of(row: Mapping[str, Any], guarantees: Sequence[str]) -> dict[str, Verdict]:
    """The verdicts of one row of a result relation, by guarantee."""
    return {
        name: Verdict(
            result=str(row[name]),
            reasons=tuple(row[f"{name}_reasons"] or ()),
            values=json.loads(row[f"{name}_values"]) if row[f"{name}_values"] else {},
        )
        for name in guarantees
    }


class HouseholdJudge:
    """The screening of a pack on a day, prepared for one household at a time. Not for several threads at once.

    Rows are mappings by field name in the columns' form (money in fen, dates as dates); absent names are blank.
    """

    def __init__(self, pack: Pack, as_of: dt.date, overrides: Mapping[str, Any] | None = None) -> None:
        self.pack = pack
        self.as_of = as_of
        self.statement = compile_pack(pack, as_of, overrides)
        self.connection = duckdb.connect(":memory:", config={"threads": 1})
        schema = pack.program.schema
        self.connection.execute("SET enable_progress_bar = false")
        self._columns: dict[str, tuple[str, ...]] = {
            "persons": ("household", "person", *self.statement.person_columns),
            "households": ("household", "path", *self.statement.household_columns),
        }
        for relation, names in self._columns.items():
            types = {"household": "BIGINT", "person": "BIGINT", "path": "VARCHAR"}
            made = ", ".join(f"{name} {types.get(name) or DUCKDB_TYPES[schema.columns[name].type.kind]}" for name in names)
            self.connection.execute(f"CREATE TABLE {relation} ({made})")
        # For a handful of rows the optimiser's hash joins cost more than they save (48 ms against 8 ms a household).
        self.connection.execute("PRAGMA disable_optimizer")
        self.connection.execute(f"PREPARE judge AS {self.statement.sql}")

    def judge(self, household: Mapping[str, Any], persons: Sequence[Mapping[str, Any]]) -> dict[str, Verdict]:
        """Judge one household with its persons; each person needs an id under `person`."""
        return self.judge_many([(household, persons)])[0]

    def judge_many(self, cases: Sequence[tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]]) -> list[dict[str, Verdict]]:
        """Judge several households in one run, in their order; their own ids are not looked at."""
        self.connection.execute("DELETE FROM persons")
        self.connection.execute("DELETE FROM households")
        self._fill("households", [{**household, "household": index, "path": ""} for index, (household, _) in enumerate(cases)])
        self._fill("persons", [{**person, "household": index} for index, (_, people) in enumerate(cases) for person in people])
        answer = self.connection.execute("EXECUTE judge")
        names = [column[0] for column in answer.description or ()]
        rows = sorted((dict(zip(names, row, strict=True)) for row in answer.fetchall()), key=lambda row: row["household"])
        return [verdicts_of(row, self.statement.guarantees) for row in rows]

    def _fill(self, relation: str, rows: Sequence[Mapping[str, Any]]) -> None:
        names = self._columns[relation]
        marks = "(" + ", ".join("?" * len(names)) + ")"
        for start in range(0, len(rows), 500):
            part = rows[start : start + 500]
            values = [row.get(name) for row in part for name in names]
            self.connection.execute(f"INSERT INTO {relation} VALUES {', '.join([marks] * len(part))}", values)

    def close(self) -> None:
        """Give back the memory of the judge."""
        self.connection.close()


__all__ = ["HouseholdJudge", "ScreenResult", "Statement", "Verdict", "compile_pack", "long_rows", "screen"]
