"""One household at a time, by the statement prepared once; several in one run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from bangfu.rules.schema import DUCKDB_TYPES, HOUSEHOLD, RELATIONS, Schema
from bangfu.screening.engine.results import Verdict, verdicts_of
from bangfu.screening.engine.statement import KEYS, compile_pack
from bangfu.screening.pack import Pack

_KEY_TYPES = {"household": pa.int64(), "person": pa.int64(), "path": pa.string()}
_ARROW_TYPES = {
    "integer": pa.int64(),
    "decimal": pa.float64(),
    "money": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "code": pa.string(),
    "codes": pa.list_(pa.string()),
    "text": pa.string(),
}


def arrow_columns(schema: Schema, reads: Mapping[str, Sequence[str]]) -> dict[str, dict[str, pa.DataType]]:
    """The columns of each relation that a compiled statement reads, keys first, with their Arrow types."""
    return {
        ("households" if level == HOUSEHOLD else RELATIONS[level]): {
            name: _KEY_TYPES.get(name) or _ARROW_TYPES[schema.columns[name].type.kind]
            for name in (*KEYS.get(level, ("household",)), *names)
        }
        for level, names in reads.items()
    }


class HouseholdJudge:
    """The screening of a pack on a day, prepared for one household at a time. Not for several threads at once.

    Rows are mappings by field name in the columns' form (money in fen, dates as dates); absent names are blank. The items of a
    household's income sheet and its land are lists of such rows under `items` and `land` of the household's own.
    """

    def __init__(self, pack: Pack, as_of: dt.date, overrides: Mapping[str, Any] | None = None) -> None:
        self.pack = pack
        self.as_of = as_of
        self.statement = compile_pack(pack, as_of, overrides)
        self.connection = duckdb.connect(":memory:", config={"threads": 1})
        schema = pack.program.schema
        self.connection.execute("SET enable_progress_bar = false")
        self._columns: dict[str, tuple[str, ...]] = {
            ("households" if level == HOUSEHOLD else RELATIONS[level]): (*KEYS.get(level, ("household",)), *names)
            for level, names in self.statement.reads.items()
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
        return [verdicts_of(row, self.statement.guarantees) for row in self.rows(cases)]

    def rows(self, cases: Sequence[tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]]) -> list[dict[str, Any]]:
        """The rows of the result relation for several households, in their order: `verdicts_of` and `findings_of` read them."""
        for relation in self._columns:
            self.connection.execute(f"DELETE FROM {relation}")
        for relation in self._columns:
            if relation == "households":
                listed = [{**household, "household": index, "path": ""} for index, (household, _) in enumerate(cases)]
            else:
                listed = [
                    {**row, "household": index}
                    for index, (household, people) in enumerate(cases)
                    for row in (people if relation == "persons" else household.get(relation, ()))
                ]
            self._fill(relation, listed)
        answer = self.connection.execute("EXECUTE judge")
        names = [column[0] for column in answer.description or ()]
        return sorted((dict(zip(names, row, strict=True)) for row in answer.fetchall()), key=lambda row: row["household"])

    def judge_set(self, relations: Mapping[str, pa.Table]) -> pa.Table:
        """The result relation of many households in one run; keys are the rows' own. `relations` has a table for each that rules read."""
        for relation, names in self._columns.items():
            self.connection.execute(f"DELETE FROM {relation}")
            self.connection.register("given", relations[relation])
            self.connection.execute(f"INSERT INTO {relation} ({', '.join(names)}) SELECT {', '.join(names)} FROM given")
            self.connection.unregister("given")
        return self.connection.sql("EXECUTE judge").to_arrow_table()

    @property
    def columns(self) -> dict[str, dict[str, pa.DataType]]:
        """The columns of each relation that rules read, with their types: what `judge_set` wants."""
        return arrow_columns(self.pack.program.schema, self.statement.reads)

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
