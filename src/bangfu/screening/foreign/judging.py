"""Judging files of others: opened, held against the mapping, judged set-wise and out of core; nothing is imported, no database is asked."""

from __future__ import annotations

import datetime as dt
import glob
import tempfile
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Mapped
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from bangfu.foundation.problems import Problem
from bangfu.register.fields import fields
from bangfu.rules.compile import text_literal
from bangfu.screening.engine.ranges import parts_by_range
from bangfu.screening.engine.results import ScreenResult
from bangfu.screening.engine.running import screen_parts
from bangfu.screening.engine.statement import Statement, compile_pack
from bangfu.screening.foreign.mapping import LEVELS, Mapping, Table
from bangfu.screening.foreign.reading import Opened, open_file, unreadable
from bangfu.screening.foreign.translating import (
    WANTED,
    Translated,
    key_of,
    known_codes,
    relation_of,
    translate,
    unknown_rows,
    whole_key,
)
from bangfu.screening.pack import Pack
from bangfu.screening.problems import KEY_BLANK, KEY_TWICE, MORE_VALUES, NO_CODE, NO_COLUMN, NOT_A_PLACE, NOT_READABLE

TOLD = 5  # distinct values of a column that are told one by one


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of the files: problems and nothing else, or the result; `apart` is rows by relation that belong to no household."""

    problems: tuple[Problem, ...] = ()
    result: ScreenResult | None = None
    apart: Mapped[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The document that `bangfu screen --json` prints."""
        if self.result is None:
            return {"problems": [problem.as_json() for problem in self.problems]}
        return self.result.as_json() | {"rows_without_household": dict(self.apart)}


def judge_files(
    files: Mapped[str, str | Path],
    mapping: Mapping,
    pack: Pack,
    as_of: dt.date,
    *,
    overrides: Mapped[str, Any] | None = None,
    into: Path | None = None,
    engine: str = "duckdb",
    master: str = "local[*]",
    memory: str = "4GB",
    threads: int = 2,
    room: Path | None = None,
    kept: Iterable[Path] = (),
) -> Judged:
    """Judge files (relation → path) by a pack on a day; `into` keeps the result as Parquet.

    `engine` is duckdb or spark; for Spark (`master`) the mapped rows are laid down in `room` first, which all its workers must reach.
    `kept` are further files that the result must not take the place of. `memory` and `threads` are DuckDB's limits; what does not fit is spilled to `room`. Problems of the files are given back, all that
    there are. Raises BF-1513 for a file that cannot be read, BF-1521 and BF-1522 of Spark, and what `compile_pack` raises.
    """
    with tempfile.TemporaryDirectory(prefix="bangfu-files-", dir=room) as folder, closing(duckdb.connect(":memory:")) as con:
        scratch = Path(folder)
        con.execute(
            f"SET threads = {threads}; SET memory_limit = {text_literal(memory)}; SET temp_directory = {text_literal(folder)}"
        )
        con.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false")
        statement = compile_pack(pack, as_of, overrides)
        opened = {name: open_file(con, path, scratch) for name, path in files.items()}
        if into is not None:
            _require_not_input(into, [*files.values(), *kept])
        case = _Case(con, mapping, opened, statement)
        problems = tuple(case.problems())
        if problems:
            return Judged(problems)
        target = into or scratch / "verdicts.parquet"
        parts = case.parts()
        if engine == "spark":
            from bangfu.screening.engine.spark import screen_on_spark

            staged = {name: scratch / name for name in parts[0]}
            for name, place in staged.items():
                place.mkdir()
                for number, part in enumerate(parts, 1):
                    con.execute(f"COPY (SELECT * FROM {part[name]}) TO '{place}/part-{number:05}.parquet' (FORMAT parquet)")
            result = screen_on_spark(pack, as_of, staged, into=target, overrides=overrides, master=master)
        else:
            try:
                result = screen_parts(con, pack, as_of, parts, into=target, overrides=overrides)
            except duckdb.Error as error:
                raise unreadable(", ".join(file.name for file in opened.values()), error) from error
        return Judged(result=result, apart=case.apart())


def _require_not_input(into: Path, inputs: Iterable[str | Path]) -> None:
    """Hold that the result takes the place of nothing that is read. Raises BF-1520."""
    place = into.resolve()
    for given in inputs:
        files = [Path(found) for found in glob.glob(str(given))] or [Path(given)]
        if any(place == file.resolve() or place in file.resolve().parents or file.resolve() in place.parents for file in files):
            raise NOT_A_PLACE(file=into)


class _Case:
    """Some files under a mapping, for one statement."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, mapping: Mapping, opened: Mapped[str, Opened], statement: Statement
    ) -> None:
        self.con = con
        self.mapping = mapping
        self.opened = dict(opened)
        self.statement = statement
        self.whole = all(name in mapping.tables and whole_key(mapping.tables[name], f.types) for name, f in opened.items())

    def table(self, name: str) -> Table:
        return self.mapping.tables.get(name) or Table(name, self.mapping.tables["households"].key)

    # --- what does not fit

    def problems(self) -> Iterator[Problem]:
        """Columns that are not there, or else values and keys that cannot be read, file by file."""
        lacking = [problem for name in self.opened for problem in self.columns_lacking(name)]
        if lacking:
            yield from lacking
            return
        for name, file in self.opened.items():
            try:
                yield from self.values(name)
                yield from self.keys(name)
            except duckdb.Error as error:
                raise unreadable(file.name, error) from error

    def columns_lacking(self, name: str) -> Iterator[Problem]:
        table, file = self.table(name), self.opened[name]
        wanted = [("household", column) for column in table.key]
        if not table.plain:
            wanted += [("path", table.path)] if table.path else []
            wanted += [("person", table.person)] if table.person else []
            wanted += [(key, found.source) for key, found in table.fields.items() if found.source is not None]
        for key, column in wanted:
            if column not in file.types:
                known = ", ".join(list(file.types)[:40])
                yield NO_COLUMN(file=file.name, column=column, field=key, known=known)

    def values(self, name: str) -> Iterator[Problem]:
        table, file = self.table(name), self.opened[name]
        if not table.fields:
            return
        made = [translate(found, file.types) for found in table.fields.values()]
        counted = ", ".join(f"count(*) FILTER (WHERE {one.bad})" for one in made)
        counts = self.con.execute(f"SELECT {counted} FROM {file.relation}").fetchall()[0]
        for one, count in zip(made, counts, strict=True):
            if count:
                yield from self.told(file, one)

    def told(self, file: Opened, one: Translated) -> Iterator[Problem]:
        rows = self.con.execute(
            f"SELECT {one.written} AS written, count(*) FROM {file.relation} WHERE {one.bad} GROUP BY written ORDER BY count(*) DESC, written"
        ).fetchall()
        place: dict[str, Any] = {"file": file.name, "column": one.field.source, "field": one.field.column.name}
        for value, count in rows[:TOLD]:
            if one.field.column.type.kind in ("code", "codes"):
                yield NO_CODE(**place, value=value, rows=count, known=", ".join(known_codes(one.field)))
            else:
                yield NOT_READABLE(**place, value=value, rows=count, wanted=WANTED[one.field.column.type.kind])
        if len(rows) > TOLD:
            more = rows[TOLD:]
            yield MORE_VALUES(file=file.name, column=one.field.source, count=len(more), rows=sum(count for _, count in more))

    def keys(self, name: str) -> Iterator[Problem]:
        table, file = self.table(name), self.opened[name]
        key, column = key_of(table, file.types, self.whole), " + ".join(table.key)
        blank = self.con.execute(f"SELECT count(*) FROM {file.relation} WHERE {key} IS NULL").fetchall()[0][0]
        if blank:
            yield KEY_BLANK(file=file.name, column=column, rows=blank)
        if name == "households":
            rows = self.con.execute(
                f"SELECT {key}, count(*) FROM {file.relation} WHERE {key} IS NOT NULL GROUP BY ALL HAVING count(*) > 1 "
                f"ORDER BY count(*) DESC, 1 LIMIT {TOLD + 1}"
            ).fetchall()
            for value, count in rows[:TOLD]:
                yield KEY_TWICE(file=file.name, column=column, value=value, rows=count)

    # --- what is judged

    def parts(self) -> list[dict[str, str]]:
        """What stands after FROM for each relation, in as many parts as the files can be cut into."""
        sources = [{name: file.relation for name, file in self.opened.items()}]
        if self.whole and all(file.parquet for file in self.opened.values()):
            keys = {name: self.table(name).key[0] for name in self.opened}
            sources = parts_by_range(self.con, {name: file.parquet for name, file in self.opened.items()}, keys)
        return [self.relations(source) for source in sources]

    def sums_told(self) -> bool:
        """Whether the households come with sums of an income sheet."""
        table = self.table("households")
        told = self.opened["households"].types if table.plain else table.fields
        return any(name in told for name, one in fields().items() if one.table == "income" and one.type == "money")

    def relations(self, source: Mapped[str, str]) -> dict[str, str]:
        made = {}
        for name, level in LEVELS.items():
            reads = self.statement.reads.get(level, ())
            if name in source:
                made[name] = relation_of(self.table(name), self.opened[name].types, source[name], reads, self.whole)
            elif level in self.statement.reads:
                # Nobody has told: a row of which nothing is known, for no rows at all would mean that there is nothing. Where the
                # sums of a sheet are told, there are no items: the sheet is not broken down.
                made[name] = unknown_rows(made["households"], reads, any_=not (name == "items" and self.sums_told()))
        return made

    def apart(self) -> dict[str, int]:
        """Rows whose household is not among the households, by relation: they were judged with nobody."""
        home = self.opened["households"]
        homes = f"SELECT {key_of(self.table('households'), home.types, self.whole)} FROM {home.relation}"
        counts = {}
        for name, file in self.opened.items():
            if name != "households":
                key = key_of(self.table(name), file.types, self.whole)
                counts[name] = self.con.execute(
                    f"SELECT count(*) FROM (SELECT {key} AS k FROM {file.relation}) WHERE k NOT IN ({homes})"
                ).fetchall()[0][0]
        return {name: count for name, count in counts.items() if count}
