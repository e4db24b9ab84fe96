"""Tables that offices keep (a hotline's log, a ledger of visits) as rows of text: told by their content, the columns found by their headings. Pure but for the file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bangfu.areas import naming
from bangfu.foundation.problems import ProblemKind
from bangfu.foundation.say import Text
from bangfu.register.importing.opening import open_sheets, require_true_sizes

_TIME = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s]+(\d{1,2})[::时](\d{1,2})?.*)?")
DATA = Path(__file__).parent / "data"
HEADING_ROWS = 10  # among the first of which the heading is found


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it is called, whether the table needs it, and the headings by which it is found."""

    title: Text
    needed: bool
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Table:
    """What a file says: its rows with their number in the sheet, the columns that lack, the headings that nobody knows, the digest of its content."""

    rows: tuple[tuple[int, Mapping[str, str]], ...]
    lacking: tuple[Column, ...]
    unknown: tuple[str, ...]
    digest: bytes


@lru_cache(maxsize=8)
def known_columns(name: str, folder: Path = DATA) -> Mapping[str, Column]:
    """The columns by key, as `<name>.yaml` of a folder has them."""
    raw: dict[str, dict[str, Any]] = yaml.safe_load((folder / f"{name}.yaml").read_text("utf-8"))
    return {
        key: Column(
            Text(c["zh"], c["en"]),
            bool(c.get("needed")),
            frozenset(plain(n) for n in (key, c["zh"], c["en"], *c.get("known", ()))),
        )
        for key, c in raw.items()
    }


def read_table(path: Path, columns: Mapping[str, Column], *, most: int, mb: int, too_long: ProblemKind) -> Table:
    """Read the first sheet of an .xlsx, an .xls or a CSV, whatever its name says; rows without a word are left out.

    Raises `too_long` (with `file`, `most`, `mb`) for one of too many rows or bytes, and what `open_sheets` raises for what is no table.
    """
    if path.stat().st_size > mb * 1_000_000:
        raise too_long(file=path.name, most=most, mb=mb)
    require_true_sizes(path)
    rows = [[(cell or "").strip() for cell in row.values()] for row in open_sheets(path)[0].table.to_pylist()]
    if len(rows) > most + HEADING_ROWS:
        raise too_long(file=path.name, most=most, mb=mb)
    digest = hashlib.sha256(path.read_bytes()).digest()
    at, heading = _heading(rows, columns)
    lacking = tuple(c for key, c in columns.items() if c.needed and key not in heading)
    if lacking or not rows:
        return Table((), lacking, (), digest)
    unknown = tuple(h for n, h in enumerate(rows[at]) if h and n not in heading.values())
    said = (
        (number, {key: cells[n] if n < len(cells) else "" for key, n in heading.items()})
        for number, cells in enumerate(rows[at + 1 :], at + 2)
    )
    return Table(tuple((number, row) for number, row in said if any(row.values())), (), unknown, digest)


def plain(heading: str) -> str:
    """A heading, or the word for a choice, as it is compared: without blanks, brackets and marks, in small letters."""
    return re.sub(r"[\s_*::（）()]+", "", naming.plain(heading)).lower()


def named(said: str, titles: Mapping[str, Text]) -> str | None:
    """The key that a word names: itself, or its title in either language. None where none does."""
    word = plain(said)
    return next((key for key, t in titles.items() if word and word in (plain(key), plain(t.zh), plain(t.en))), None)


def day_of(said: str) -> date | None:
    """The day of a time as offices write it (`2020-04-12 09:30`, `2020/4/12`, `2020年4月12日`); None where it is none."""
    found = _TIME.fullmatch(said.strip())
    if found is None:
        return None
    try:
        hour, minute = int(found[4] or 0), int(found[5] or 0)
        return datetime(int(found[1]), int(found[2]), int(found[3]), hour, minute).date()  # noqa: DTZ001 (a written time, no moment)
    except ValueError:
        return None


def _heading(rows: Sequence[Sequence[str]], columns: Mapping[str, Column]) -> tuple[int, dict[str, int]]:
    """The heading row, the one of the first ten with the most known headings, and the place of each column."""
    best: tuple[int, dict[str, int]] = (0, {})
    for n, row in enumerate(rows[:HEADING_ROWS]):
        found: dict[str, int] = {}
        for place, cell in enumerate(row):
            key = next((k for k, c in columns.items() if plain(cell) in c.names), None) if cell else None
            if key is not None:
                found.setdefault(key, place)
        if len(found) > len(best[1]):
            best = n, found
    return best
