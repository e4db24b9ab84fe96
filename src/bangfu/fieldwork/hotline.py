"""The log of a hotline as a table of rows: told by its content, its columns found by their headings, each cell held to what it may say. Pure but for the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bangfu.fieldwork.problems_reports import BAD_LOG, LOG_TOO_LONG, NO_LOG_COLUMN
from bangfu.fieldwork.sheets import Column, day_of, known_columns, named, read_table
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text, quoted, why_no_text
from bangfu.register.fields import fields
from bangfu.register.importing.parsing import Unreadable, parse_number, parse_phone

MOST_ROWS, MOST_MB = 5_000, 5
LONGEST = {"name": 60, "area": 120, "household": 60, "words": 2000}
A_TIME = Text("日期或时间，如 2020-04-12 09:30，不晚于今天", "a day or a time such as 2020-04-12 09:30, not after today")
A_PHONE = Text("7 到 15 位数字，没有号码的留空", "seven to fifteen digits, blank where there is none")


def columns() -> Mapping[str, Column]:
    """The columns by key, as `data/hotline.yaml` has them."""
    return known_columns("hotline")


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
    """A log that was read: its calls, what is wrong with it, and the headings that nobody knows. `unsound` are the rows in which something is wrong: row, address, household."""

    calls: tuple[Call, ...]
    problems: tuple[Problem, ...]
    unknown: tuple[str, ...]
    digest: bytes
    unsound: tuple[tuple[int, str, str], ...] = ()


def read_log(path: Path, today: date, kinds: Mapping[str, Text]) -> Log:
    """Read a log: .xlsx, .xls or CSV, whatever its name says. `kinds` are those that a call may be of.

    Every wrong cell is a problem of its own (BF-2681 with row, column and what would do); a column that lacks is BF-2682. Raises BF-2683 for one that is too long, and
    what `open_sheets` raises for what is no table.
    """
    table = read_table(path, columns(), most=MOST_ROWS, mb=MOST_MB, too_long=LOG_TOO_LONG)
    if table.lacking or not table.rows:
        told = ", ".join(sorted({str(c.title) for c in columns().values()}))
        return Log((), tuple(NO_LOG_COLUMN(column=c.title, known=told) for c in table.lacking), (), table.digest)
    calls: list[Call] = []
    problems: list[Problem] = []
    unsound: list[tuple[int, str, str]] = []
    for number, said in table.rows:
        wrong = list(_faults(number, said, today, kinds))
        problems += wrong
        if wrong:
            unsound.append((number, said.get("area", ""), parse_number(said.get("household", ""), fields()["account"])))
        else:
            calls.append(_call(number, said, kinds))
    return Log(tuple(calls), tuple(problems), table.unknown, table.digest, tuple(unsound))


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
    if (kind := said.get("kind", "")) and named(kind, kinds) is None:
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
        named(said.get("kind", ""), kinds) or "",
    )
