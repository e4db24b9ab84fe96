"""Cutting Parquet files into parts by ranges of the household key, so that any number of persons is judged in bounded memory.

A household's rows have one key, so ranges that cover all keys put each household into exactly one part whatever the files look like.
The cuts come from the statistics that Parquet keeps of its row groups: files that are sorted by household, or split by it, are read
once over all parts. Files in no order would be read once a part; they are left whole, and DuckDB spills to disk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from bangfu.rules.compile import text_literal

HOUSEHOLDS_A_PART = 1_000_000
_READ_AGAIN = 2.0  # how often rows may be read before one part is the better plan


@dataclass(frozen=True, slots=True)
class Span:
    """Keys from `low` (included) to `high` (not included); None has no bound."""

    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A row group: its file, its rows and the smallest and largest key in it."""

    file: str
    rows: int
    low: int
    high: int

    def meets(self, span: Span) -> bool:
        """Whether keys of a span may be in it."""
        return (span.high is None or self.low < span.high) and (span.low is None or self.high >= span.low)

    def within(self, span: Span) -> bool:
        """Whether nothing else can be in it."""
        return (span.low is None or self.low >= span.low) and (span.high is None or self.high < span.high)


def row_groups(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], key: str) -> list[Group] | None:
    """The row groups of Parquet files by their keys; None where the key is no whole number, blank somewhere or without statistics."""
    listed = f"[{', '.join(text_literal(str(file)) for file in files)}]"
    rows = connection.execute(
        f"SELECT file_name, row_group_num_rows, try_cast(stats_min_value AS BIGINT), try_cast(stats_max_value AS BIGINT), "
        f"type LIKE 'INT%' AND coalesce(stats_null_count, 0) = 0 FROM parquet_metadata({listed}) WHERE path_in_schema = {text_literal(key)}"
    ).fetchall()
    if not rows or any(low is None or high is None or not whole for _, _, low, high, whole in rows):
        return None
    return [Group(file, count, low, high) for file, count, low, high, _ in rows]


def spans(
    households: Sequence[Group], others: Sequence[Sequence[Group]], households_a_part: int = HOUSEHOLDS_A_PART
) -> list[Span]:
    """Ranges of keys that hold about so many households each, and cover all keys; one where cutting would not pay."""
    cuts: list[int] = []
    rows, top = 0, None
    for group in sorted(households, key=lambda g: (g.low, g.high)):
        if top is not None and group.low <= top:  # in no order: nowhere to cut between these two
            rows, top = rows + group.rows, max(top, group.high)
            continue
        if rows and rows + group.rows > households_a_part:
            cuts.append(group.low)
            rows = 0
        rows, top = rows + group.rows, group.high
    made = [Span(low, high) for low, high in zip([None, *cuts], [*cuts, None], strict=True)]
    for groups in (households, *others):
        read = sum(group.rows for span in made for group in groups if group.meets(span))
        if read > _READ_AGAIN * sum(group.rows for group in groups):
            return [Span()]
    return made


def within(groups: Sequence[Group], key: str, span: Span) -> str:
    """The rows of a span, as they may stand after FROM: only the files that may have some, filtered where they have others too."""
    met = [group for group in groups if group.meets(span)]
    files = list(dict.fromkeys(group.file for group in met)) or [groups[0].file]
    source = f"read_parquet([{', '.join(map(text_literal, files))}])"
    there = set(files)
    if met and all(group.within(span) for group in groups if group.file in there):
        return source
    name = '"' + key.replace('"', '""') + '"'
    bounds = [f"{name} {op} {bound}" for op, bound in ((">=", span.low), ("<", span.high)) if bound is not None]
    return f"(SELECT * FROM {source} WHERE {' AND '.join(bounds or ['TRUE'])})"


def parts_by_range(
    connection: duckdb.DuckDBPyConnection,
    files: Mapping[str, Sequence[Path]],
    keys: Mapping[str, str],
    households_a_part: int = HOUSEHOLDS_A_PART,
) -> list[dict[str, str]]:
    """The parts of Parquet files, each as SQL by relation (`households`, `persons`, …); one part of everything where they cannot be cut.

    `keys` names the column of the household's key in the files of each relation.
    """
    whole = {name: f"read_parquet([{', '.join(text_literal(str(file)) for file in listed)}])" for name, listed in files.items()}
    groups = {name: row_groups(connection, listed, keys[name]) for name, listed in files.items()}
    known = {name: found for name, found in groups.items() if found is not None}
    if len(known) < len(groups):
        return [whole]
    cut = spans(known["households"], [found for name, found in known.items() if name != "households"], households_a_part)
    if len(cut) == 1:
        return [whole]
    return [{name: within(found, keys[name], span) for name, found in known.items()} for span in cut]
