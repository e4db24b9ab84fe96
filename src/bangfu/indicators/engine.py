"""Computing figures from rows: the catalogue's SQL over the lake as of a day."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb

from bangfu.foundation import clock
from bangfu.foundation.csv_files import read_csv
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.indicators.catalogue import Indicator, catalogue
from bangfu.indicators.problems import EXPECTED_FAULT, FIGURES_TO_COME, NOTHING_EXPECTED, UNKNOWN_FIGURE
from bangfu.lake import store
from bangfu.lake.tables import views_for_figures

OPERATORS = ("=", "~", ">=", "<=")
LARGEST_POWER = 20  # of ten: no figure of a county has more digits


@dataclass(frozen=True, slots=True)
class Computed:
    """A figure on a day: its value for the county and its parts by path. The value is None where a ratio has no denominator, and where
    the day gives nothing to count from: `why` says so."""

    indicator: Indicator
    as_of: date
    value: float | None
    parts: dict[str, float]
    why: Problem | None = None


@dataclass(frozen=True, slots=True)
class LakeOfDay:
    """A DuckDB with the lake as of a day, and the tables from which nothing can be counted on that day, with why."""

    con: duckdb.DuckDBPyConnection
    as_of: date
    lacking: Mapping[str, Problem]

    def close(self) -> None:
        """Let the DuckDB go."""
        self.con.close()

    def why_not(self, sql: str) -> Problem | None:
        """Why a query gives nothing on this day; None where it does."""
        names = self.con.get_table_names(sql) if self.lacking else ()
        return next((self.lacking[name] for name in sorted(names) if name in self.lacking), None)


def open_lake(as_of: date, known_on: date | None = None) -> LakeOfDay:
    """The lake as of a day with the views that packages lay over it and the macro `as_of()`. Raises BF-1707 for a day to come."""
    if as_of > (today := clock.today()):
        raise FIGURES_TO_COME(day=as_of, today=today)
    con = store.connect()
    try:
        store.attach(con, as_of=as_of, known_on=known_on)
        con.execute(f"CREATE MACRO as_of() AS DATE '{as_of}'")
        lacking: dict[str, Problem] = {}
        for _, names in views_for_figures.ask(con, as_of):
            lacking |= names
    except BaseException:
        con.close()
        raise
    return LakeOfDay(con, as_of, lacking)


def compute(lake: LakeOfDay, keys: list[str] | None = None, *, path_length: int | None = None) -> dict[str, Computed]:
    """Figures by key (all without `keys`), their parts by path, cut to `path_length` where given.

    A family is asked for by its own key or by a member's. Raises BF-1701 for an unknown key.
    """
    known = catalogue()
    con, as_of = lake.con, lake.as_of
    done: dict[str, Computed] = {}
    place = f"left(path, {path_length})" if path_length else "path"

    def run(indicator: Indicator) -> None:
        if indicator.ratio:
            for key in indicator.ratio:
                want(key)
            over, under = (done[k] for k in indicator.ratio)
            share = over.value / under.value if over.value is not None and under.value else None
            done[indicator.key] = Computed(indicator, as_of, share, {}, over.why or under.why)
            return
        if (why := lake.why_not(indicator.sql or "")) is not None:
            done[indicator.key] = Computed(indicator, as_of, None, {}, why)
            return
        dims = "".join(f"{d}, " for d in indicator.by)
        rows = con.execute(
            f"SELECT {dims}{place} AS p, sum(value)::DOUBLE FROM ({indicator.sql}) GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        parts: dict[tuple[str, ...], dict[str, float]] = {} if indicator.by else {(): {}}
        for *dim, path, value in rows:
            if value:
                parts.setdefault(tuple(map(str, dim)), {})[path] = value
        for values, by_path in parts.items():
            one = indicator.member(values) if indicator.by else indicator
            done[one.key] = Computed(one, as_of, float(sum(by_path.values())), by_path)

    def want(key: str) -> None:
        family = known.get(key) or known.get(key.split(".")[0])
        if family is None:
            raise UNKNOWN_FIGURE(key=key)
        if key not in done and not any(k.startswith(f"{family.key}.") for k in done):
            run(family)
        if key not in done and key != family.key:
            why = done[family.key].why if family.key in done else None
            done[key] = Computed(family.member(tuple(key.split(".")[1:])), as_of, None if why else 0.0, {}, why)

    for key in keys or known:
        want(key)
    return done


@dataclass(frozen=True, slots=True)
class Expected:
    """A row of a facts file: a figure, how it is compared (`=`, `~`, `>=`, `<=`), its value and printed precision, and its own date."""

    key: str
    op: str
    value: Decimal
    precision: Decimal | None
    as_of: date

    def met_by(self, value: float | None) -> bool:
        """Whether a computed value is as expected; `=` and `~` compare after rounding to the printed precision."""
        if value is None:
            return False
        found = Decimal(repr(value))
        if self.op == ">=":
            return found >= self.value
        if self.op == "<=":
            return found <= self.value
        if self.precision is None:
            return found == self.value
        return _rounded(found, self.precision) == _rounded(self.value, self.precision)


def _rounded(value: Decimal, precision: Decimal) -> Decimal:
    return (value / precision).quantize(Decimal(1), ROUND_HALF_UP) * precision


def read_expected(path: Path) -> list[Expected]:
    """The rows of a facts file. Raises BF-1009 for one that is no CSV, BF-1704 with row and column for one that says what cannot be,
    BF-1706 for one that expects nothing."""
    heading, rows = read_csv(path)
    for column in ("key", "op", "value", "as_of"):
        if column not in heading:
            raise EXPECTED_FAULT(file=path.name, line=1, detail=Text(f"没有列 {column}", f"the column {column} is missing"))
    if not rows:
        raise NOTHING_EXPECTED(file=path.name)
    found = []
    for line, row in rows:
        fault = _fault(row)
        if fault is not None:
            raise EXPECTED_FAULT(file=path.name, line=line, detail=fault)
        precision = row.get("precision")
        found.append(
            Expected(
                key=row["key"],
                op=row["op"],
                value=Decimal(row["value"]),
                precision=Decimal(precision) if precision else None,
                as_of=date.fromisoformat(row["as_of"]),
            )
        )
    return found


def _fault(row: dict[str, str]) -> Text | None:
    """What cannot be in a row of a facts file, by its figure and column."""

    def wrong(column: str, wanted: Text) -> Text:
        key, value = row["key"] or "–", row.get(column, "")
        return Text(f"{key} 的 {column}「{value}」{wanted.zh}", f"{column} “{value}” of {key} {wanted.en}")

    if not row["key"]:
        return Text("key 是空的", "its key is blank")
    if row["op"] not in OPERATORS:
        return wrong("op", Text(f"不是 {' '.join(OPERATORS)} 之一", f"is none of {' '.join(OPERATORS)}"))
    if _decimal(row["value"]) is None:
        return wrong("value", Text("不是数", "is no number"))
    if row.get("precision") and not (_decimal(row["precision"]) or 0) > 0:
        return wrong("precision", Text("不是大于 0 的数", "is no number above 0"))
    try:
        date.fromisoformat(row["as_of"])
    except ValueError:
        return wrong("as_of", Text("不是 2020-04-28 这样的日期", "is no date like 2020-04-28"))
    return None


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except ArithmeticError:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < LARGEST_POWER else None


def check(expected: list[Expected]) -> list[tuple[Expected, Computed | None]]:
    """Each expected figure with what the rows give at its own date; None where the catalogue does not have the figure yet."""
    found: list[tuple[Expected, Computed | None]] = []
    known = catalogue()
    for day in sorted({e.as_of for e in expected}):
        of_day = [e for e in expected if e.as_of == day]
        with closing(open_lake(day)) as lake:
            computed = compute(lake, [e.key for e in of_day if e.key in known] or ["households"])
        found += [(e, computed.get(e.key)) for e in of_day]
    return found
