"""How an engine spells what the compiled statement is made of: DuckDB, and Spark SQL for files on a cluster.

The compiler and the screening decide what is computed; a dialect only says it in its engine's words. Both engines give the same
rows: lists in the same order, JSON that is equal once it is read, words of results as text or as an enumeration of the same words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from bangfu.rules.schema import DUCKDB_TYPES

_SHORT_LIST = 9


class Dialect:
    """The words of DuckDB, which every other engine takes over as far as they are its own."""

    name = "duckdb"
    types = DUCKDB_TYPES
    date_step = "INTEGER"  # what is added to a date

    # --- constants and types

    def text(self, value: str) -> str:
        """A text as a literal."""
        return "'" + value.replace("'", "''") + "'"

    def cast(self, value: str, kind: str) -> str:
        """A value as a type of the rule language (`integer`, `money`, `codes`, …)."""
        return f"CAST({value} AS {self.types[kind]})"

    def literal(self, value: Any, kind: str) -> str:
        """A constant of a type; None is the blank of that type."""
        if value is None:
            return self.cast("NULL", kind if kind in self.types else "boolean")
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, dt.date):
            return f"DATE '{value.isoformat()}'"
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, tuple):
            return self.array([self.text(item) for item in value])
        if isinstance(value, float):
            return self.cast(repr(value), "decimal")
        return str(value)

    def array(self, items: Sequence[str]) -> str:
        """A list of values."""
        return f"[{', '.join(items)}]"

    def word(self, value: str, words: Sequence[str]) -> str:
        """One of a few words that a column may hold; of blanks the type alone."""
        return f"{value}::ENUM({', '.join(map(self.text, words))})"

    # --- words of flags, and the lists of members

    def shifted(self, value: str, places: int) -> str:
        """A whole number moved up by some bits."""
        return f"({value} << {places})"

    def pairs(self, person: str, word: str, bits: int) -> str:
        """The aggregate that lists the members of whom a bit is set, each with its word."""
        return f"list({{'p': {person}, 'w': {word}}}) FILTER (WHERE {word} & {bits} <> 0)"

    def in_order(self, pairs: str) -> str:
        """Such a list in the order of its members, empty where nobody is in it."""
        return f"list_sort(coalesce({pairs}, []))"

    def members(self, pairs: str, bit: int) -> str:
        """The members of such a list of whom one bit is set."""
        return f"list_transform(list_filter({pairs}, lambda s: s.w & {bit} <> 0), lambda s: s.p)"

    # --- functions

    def among(self, value: str, items: Sequence[str]) -> str:
        """Whether a value is one of several."""
        # DuckDB turns IN over a few constants into a hash join; comparing one by one is faster.
        if len(items) < _SHORT_LIST:
            return "(" + " OR ".join(f"{value} = {item}" for item in items) + ")"
        return f"({value} IN ({', '.join(items)}))"

    def has(self, listed: str, value: str) -> str:
        """Whether a list has a value."""
        return f"list_contains({listed}, {value})"

    def has_any(self, listed: str, other: str) -> str:
        """Whether two lists have a value in common."""
        return f"list_has_any({listed}, {other})"

    def moved(self, date: str, op: str, days: str) -> str:
        """A date some days later (`+`) or earlier (`-`)."""
        return f"({date} {op} {days}::{self.date_step})"

    def days_between(self, start: str, end: str) -> str:
        """Whole days from one date to another."""
        return f"({end} - {start})::BIGINT"

    # --- what a row of the result says

    def chosen(self, codes: Sequence[str], held: Sequence[str]) -> str:
        """The list of those codes whose conditions are true."""
        return f"list_where({self.array(list(map(self.text, codes)))}, {self.array([f'coalesce({one}, FALSE)' for one in held])})"

    def json(self, pairs: Sequence[tuple[str, str]]) -> str:
        """A JSON object as text, blanks in it as null."""
        return f"json_object({', '.join(f'{self.text(key)}, {value}' for key, value in pairs)})::VARCHAR"

    def each(self, listed: str) -> str:
        """A row for every element of a list, in a SELECT."""
        return f"unnest({listed})"

    # --- relations

    def parquet(self, path: str) -> str:
        """A Parquet file, or a folder of such files, as it may stand after FROM."""
        return f"read_parquet({self.text(path)})"


class SparkDialect(Dialect):
    """The words of Spark SQL 4. Its own rules of ANSI are on; nothing here relies on them."""

    name = "spark"
    types = DUCKDB_TYPES | {"code": "STRING", "text": "STRING", "codes": "ARRAY<STRING>"}

    def text(self, value: str) -> str:
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def array(self, items: Sequence[str]) -> str:
        return f"array({', '.join(items)})"

    def word(self, value: str, words: Sequence[str]) -> str:
        return value if value != "NULL" else self.cast(value, "text")

    def shifted(self, value: str, places: int) -> str:
        return f"shiftleft({value}, {places})"

    def pairs(self, person: str, word: str, bits: int) -> str:
        return f"collect_list(named_struct('p', {person}, 'w', {word})) FILTER (WHERE ({word} & {bits}) <> 0)"

    def in_order(self, pairs: str) -> str:
        return f"sort_array({pairs})"  # of nobody it is blank; `members` makes it empty

    def members(self, pairs: str, bit: int) -> str:
        return f"coalesce(transform(filter({pairs}, s -> (s.w & {bit}) <> 0), s -> s.p), array())"

    def among(self, value: str, items: Sequence[str]) -> str:
        return f"({value} IN ({', '.join(items)}))"

    def has(self, listed: str, value: str) -> str:
        return f"array_contains({listed}, {value})"

    def has_any(self, listed: str, other: str) -> str:
        return f"arrays_overlap({listed}, {other})"

    def moved(self, date: str, op: str, days: str) -> str:
        return f"{'date_add' if op == '+' else 'date_sub'}({date}, CAST({days} AS INT))"

    def days_between(self, start: str, end: str) -> str:
        return f"CAST(datediff({end}, {start}) AS BIGINT)"

    def chosen(self, codes: Sequence[str], held: Sequence[str]) -> str:
        return f"array_compact({self.array([f'CASE WHEN {one} THEN {self.text(code)} END' for code, one in zip(codes, held, strict=True)])})"

    def json(self, pairs: Sequence[tuple[str, str]]) -> str:
        made = ", ".join(f"{self.text(key)}, {value}" for key, value in pairs)
        return f"to_json(named_struct({made}), map('ignoreNullFields', 'false'))"

    def each(self, listed: str) -> str:
        return f"explode({listed})"

    def parquet(self, path: str) -> str:
        return f"parquet.`{path.replace('`', '``')}`"


DUCKDB: Dialect = Dialect()
SPARK: Dialect = SparkDialect()
