"""A ledger of visits as rows: each cell held to what it may say. Pure but for the file.

Offices keep their visits on paper and in spreadsheets; what is told so is a visit like any other, only that it changes no fact of the register.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path

from bangfu.fieldwork.facts import ANSWERED, MODES
from bangfu.fieldwork.problems import BAD_LEDGER, LEDGER_TOO_LONG, NO_LEDGER_COLUMN
from bangfu.fieldwork.sheets import Column, day_of, known_columns, named, read_table
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text, quoted, why_no_text

MOST_ROWS, MOST_MB, LONGEST_VISIT = 20_000, 20, 600  # minutes
LONGEST = {"household": 40, "leader": 24, "companions": 200, "words": 2000}
YEARS = 3  # for which a ledger may be late
A_DAY = Text(
    "某一天，如 2020-03-20，不晚于今天、不早于三年前", "a day such as 2020-03-20, not after today and within three years"
)
A_TIME = Text("时刻，如 09:30", "a time of the day such as 09:30")
MINUTES = Text("1 到 {n} 的整数", "a whole number from 1 to {n}").format(n=LONGEST_VISIT)
YES_NO = Text("是或否", "yes or no")
YES, NO = ("是", "有", "yes", "y", "true", "1", "√"), ("否", "无", "no", "n", "false", "0", "×")
SOMEBODY = Text("带队领导或同行人员至少写一人的工号", "the number of a leader or of a companion at least")
_HOUR = re.compile(r"(?:.*[\sT])?(\d{1,2})[::时点](\d{1,2})(?:[::分].*)?")
_BETWEEN = re.compile(r"[\s,，、;；/]+")


@dataclass(frozen=True, slots=True)
class Line:
    """A visit of a ledger. `companions` and `leader` are numbers of officers; `began` the hour of the day."""

    row: int
    household: str
    day: date
    began: time | None
    minutes: int | None
    mode: str
    answered: str
    away: bool
    leader: str
    companions: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger that was read: its lines, what is wrong with it, and the headings that nobody knows."""

    lines: tuple[Line, ...]
    problems: tuple[Problem, ...]
    unknown: tuple[str, ...]
    digest: bytes


def columns() -> Mapping[str, Column]:
    """The columns by key, as `data/ledger.yaml` has them."""
    return known_columns("ledger")


def template() -> str:
    """The heading of a ledger to fill in, in the reader's language, as CSV."""
    out = io.StringIO()
    csv.writer(out).writerow([str(c.title) for c in columns().values()])
    return out.getvalue()


def read_ledger(path: Path, today: date) -> Ledger:
    """Read a ledger: .xlsx, .xls or CSV, whatever its name says.

    Every wrong cell is a problem of its own (BF-2644 with row, column and what would do); a column that lacks is BF-2645. Raises BF-2646 for one that is too long,
    and what `open_sheets` raises for what is no table.
    """
    table = read_table(path, columns(), most=MOST_ROWS, mb=MOST_MB, too_long=LEDGER_TOO_LONG)
    told = ", ".join(sorted({str(c.title) for c in columns().values()}))
    problems: list[Problem] = [NO_LEDGER_COLUMN(column=c.title, known=told) for c in table.lacking]
    lines: list[Line] = []
    for number, said in table.rows:
        wrong = list(_faults(number, said, today))
        problems += wrong
        if not wrong:
            lines.append(_line(number, said))
    return Ledger(tuple(lines), tuple(problems), table.unknown, table.digest)


def _faults(row: int, said: Mapping[str, str], today: date) -> Iterator[Problem]:
    def bad(key: str, wanted: Text) -> Problem:
        return BAD_LEDGER(row=row, column=columns()[key].title, value=quoted(said.get(key, "")), wanted=wanted)

    for key, longest in LONGEST.items():
        if (why := why_no_text(said.get(key, ""), longest, blank=key != "household")) is not None:
            yield bad(key, why)
    day = day_of(said.get("day", ""))
    if day is None or day > today or day < today - timedelta(YEARS * 366):
        yield bad("day", A_DAY)
    if said.get("began") and _hour(said["began"]) is None:
        yield bad("began", A_TIME)
    if said.get("minutes") and not (
        said["minutes"].isascii() and said["minutes"].isdigit() and 1 <= int(said["minutes"][:4]) <= LONGEST_VISIT
    ):
        yield bad("minutes", MINUTES)
    for key, titles in (("mode", MODES), ("answered", ANSWERED)):
        if said.get(key) and named(said[key], titles) is None:
            some = ", ".join(str(t) for t in titles.values())
            yield bad(key, Text(f"须是 {some} 之一，或留空", f"one of {some}, or blank"))
    if said.get("away", "").lower() not in (*YES, *NO, ""):
        yield bad("away", YES_NO)
    if not said.get("leader") and not said.get("companions"):
        yield bad("leader", SOMEBODY)


def _line(row: int, said: Mapping[str, str]) -> Line:
    leader = said.get("leader", "")
    companions = tuple(dict.fromkeys(n for n in _BETWEEN.split(said.get("companions", "")) if n and n != leader))
    return Line(
        row, said["household"], day_of(said["day"]) or date.min, _hour(said.get("began", "")), int(said["minutes"]) if said.get("minutes") else None,
        named(said.get("mode", ""), MODES) or "home", named(said.get("answered", ""), ANSWERED) or "", said.get("away", "").lower() in YES, leader,
        companions, said.get("words", ""),
    )  # fmt: skip


def _hour(said: str) -> time | None:
    """The time of the day that a cell says; None where it is none."""
    found = _HOUR.fullmatch(said.strip())
    try:
        return time(int(found[1]), int(found[2])) if found else None
    except ValueError:
        return None
