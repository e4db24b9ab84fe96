"""The log of a hotline as a table of rows: told by its content, its columns found by their headings, each cell held to what it may say. Pure but for the file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bangfu.areas import naming
from bangfu.fieldwork.problems_reports import BAD_LOG, LOG_TOO_LONG, NO_LOG_COLUMN
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text, quoted, why_no_text
from bangfu.register.fields import fields
from bangfu.register.importing.opening import open_sheets, require_true_sizes
from bangfu.register.importing.parsing import Unreadable, parse_number, parse_phone

MOST_ROWS, MOST_MB = 5_000, 5
HEADING_ROWS = 10  # among the first of which the heading is found
LONGEST = {"name": 60, "area": 120, "household": 60, "words": 2000}
A_TIME = Text("日期或时间，如 2020-04-12 09:30，不晚于今天", "a day or a time such as 2020-04-12 09:30, not after today")
A_PHONE = Text("7 到 15 位数字，没有号码的留空", "seven to fifteen digits, blank where there is none")
_TIME = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s]+(\d{1,2})[::时](\d{1,2})?.*)?")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the log: what it is called, whether a log needs it, and the headings by which it is found."""

    title: Text
    needed: bool
    names: frozenset[str]


@lru_cache(maxsize=1)
def columns() -> dict[str, Column]:
    """The columns by key, as `data/hotline.yaml` has them."""
    raw: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "data" / "hotline.yaml").read_text("utf-8"))
    return {
        key: Column(
            Text(c["zh"], c["en"]), bool(c.get("needed")), frozenset(_plain(n) for n in (key, c["zh"], c["en"], *c["known"]))
        )
        for key, c in raw.items()
    }


@dataclass(frozen=True, slots=True)
class Call:
    """A row of the log as it is taken. `at` is its time as it was written, which tells two calls of a day apart."""

    row: int
    day: date
    at: str
    phone: str
    name: str
    area: str
    household: str
    words: str
    kind: str

    @property
    def mark(self) -> str:
        """What tells this call from every other; the same row of another file has the same."""
        return "\x1f".join((self.at, self.phone, self.name, self.area, self.household, self.words))


@dataclass(frozen=True, slots=True)
class Log:
    """A log that was read: its calls, what is wrong with it, and the headings that nobody knows."""

    calls: tuple[Call, ...]
    problems: tuple[Problem, ...]
    unknown: tuple[str, ...]
    digest: bytes


def read_log(path: Path, today: date, kinds: Mapping[str, Text]) -> Log:
    """Read a log: .xlsx, .xls or CSV, whatever its name says. `kinds` are those that a call may be of.

    Every wrong cell is a problem of its own (BF-2681 with row, column and what would do); a column that lacks is BF-2682. Raises BF-2683 for one that is too long, and
    what `open_sheets` raises for what is no table.
    """
    size = path.stat().st_size
    if size > MOST_MB * 1_000_000:
        raise LOG_TOO_LONG(file=path.name, most=MOST_ROWS, mb=MOST_MB)
    require_true_sizes(path)
    table = open_sheets(path)[0].table
    rows = [[(cell or "").strip() for cell in row.values()] for row in table.to_pylist()]
    if len(rows) > MOST_ROWS + HEADING_ROWS:
        raise LOG_TOO_LONG(file=path.name, most=MOST_ROWS, mb=MOST_MB)
    digest = hashlib.sha256(path.read_bytes()).digest()
    at, heading = _heading(rows)
    known = columns()
    lacking = [c for key, c in known.items() if c.needed and key not in heading]
    if lacking or not rows:
        told = ", ".join(sorted({str(c.title) for c in known.values()}))
        return Log((), tuple(NO_LOG_COLUMN(column=c.title, known=told) for c in lacking), (), digest)
    unknown = tuple(h for n, h in enumerate(rows[at]) if h and n not in heading.values())
    calls: list[Call] = []
    problems: list[Problem] = []
    for number, cells in enumerate(rows[at + 1 :], at + 2):
        said = {key: cells[n] if n < len(cells) else "" for key, n in heading.items()}
        if not any(said.values()):
            continue
        wrong = list(_faults(number, said, today, kinds))
        problems += wrong
        if not wrong:
            calls.append(_call(number, said, kinds))
    return Log(tuple(calls), tuple(problems), unknown, digest)


def _plain(heading: str) -> str:
    return re.sub(r"[\s_*::（）()]+", "", naming.plain(heading)).lower()


def _heading(rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    """The heading row, the one of the first ten with the most known headings, and the place of each column."""
    best: tuple[int, dict[str, int]] = (0, {})
    for n, row in enumerate(rows[:HEADING_ROWS]):
        found: dict[str, int] = {}
        for place, cell in enumerate(row):
            key = next((k for k, c in columns().items() if _plain(cell) in c.names), None) if cell else None
            if key is not None:
                found.setdefault(key, place)
        if len(found) > len(best[1]):
            best = n, found
    return best


def _faults(row: int, said: Mapping[str, str], today: date, kinds: Mapping[str, Text]) -> Iterator[Problem]:
    known = columns()
    day = day_of(said.get("time", ""))
    if day is None or day > today:
        yield BAD_LOG(row=row, column=known["time"].title, value=quoted(said.get("time", "")), wanted=A_TIME)
    if phone := said.get("phone", ""):
        try:
            parse_phone(phone, fields()["phone"])
        except Unreadable:
            yield BAD_LOG(row=row, column=known["phone"].title, value="…", wanted=A_PHONE)
    for key, longest in LONGEST.items():
        if (why := why_no_text(said.get(key, ""), longest, blank=key != "words")) is not None:
            yield BAD_LOG(row=row, column=known[key].title, value=quoted(said.get(key, "")), wanted=why)
    if (kind := said.get("kind", "")) and kind_of(kind, kinds) is None:
        some = ", ".join(str(t) for t in kinds.values())
        yield BAD_LOG(
            row=row,
            column=known["kind"].title,
            value=quoted(kind),
            wanted=Text(f"须是 {some} 之一，或留空", f"one of {some}, or blank"),
        )


def _call(row: int, said: Mapping[str, str], kinds: Mapping[str, Text]) -> Call:
    phone = parse_phone(said["phone"], fields()["phone"]) if said.get("phone") else ""
    household = parse_number(said.get("household", ""), fields()["account"])
    day = day_of(said["time"]) or date.min
    return Call(
        row,
        day,
        said["time"],
        phone,
        said.get("name", ""),
        said.get("area", ""),
        household,
        said["words"],
        kind_of(said.get("kind", ""), kinds) or "",
    )


def day_of(said: str) -> date | None:
    """The day of a time as logs write it (`2020-04-12 09:30`, `2020/4/12`, `2020年4月12日`); None where it is none."""
    found = _TIME.fullmatch(said.strip())
    if found is None:
        return None
    try:
        hour, minute = int(found[4] or 0), int(found[5] or 0)
        return datetime(int(found[1]), int(found[2]), int(found[3]), hour, minute).date()  # noqa: DTZ001 (a written time, no moment)
    except ValueError:
        return None


def kind_of(said: str, kinds: Mapping[str, Text]) -> str | None:
    """The kind that a word names: its key, or its title in either language. None where none does."""
    word = _plain(said)
    return next((key for key, title in kinds.items() if word and word in (_plain(key), _plain(title.zh), _plain(title.en))), None)
