"""Every write to the market days of areas, and on which days a market is held at a place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.areas.acts import MARKET_ADD, MARKET_END
from bangfu.areas.lunar import BRANCHES, has_lunar
from bangfu.areas.markets import KINDS, LUNAR, RANGES, WEEKDAYS, MarketRule, market_days
from bangfu.areas.models import Area, MarketDay
from bangfu.areas.problems import BAD_MARKET, MARKET_OVERLAPS, NO_LUNAR, UNKNOWN_AREA, UNKNOWN_MARKET
from bangfu.areas.profile import profile_of
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.acts import tell
from bangfu.foundation.csv_files import day_said, read_columns
from bangfu.foundation.say import Text

PERMISSION = "market.manage"
COLUMNS: dict[str, Text] = {
    "area": Text("区划（空：本页区划）", "area (blank: that of the page)"),
    "name": Text("集市", "market"),
    "name_en": Text("英文名称", "name in English"),
    "kind": Text("规则", "rule"),
    "days": Text("日子", "days"),
    "every": Text("每几天", "every days"),
    "first": Text("首场日期", "first market"),
    "since": Text("起", "since"),
    "until": Text("止", "until"),
    "source": Text("来源", "source"),
    "verified": Text("已核实", "verified"),
}
NEEDED = ("name", "kind", "since", "source")
LENGTHS = {"name": 60, "name_en": 60, "source": 200}
LONGEST_CYCLE, MOST_DATES = 366, 400
YES, NO = ("true", "yes", "1", "是"), ("", "false", "no", "0", "否")
# What the template shows: one line for each way to write a rule.
EXAMPLES: tuple[Mapping[str, str], ...] = (
    {"name": "逢一六场", "name_en": "Market on 1 and 6", "kind": "lunar_tens", "days": "1、6", "since": "2020-01-01", "source": "…", "verified": "否"},
    {"name": "周日场", "name_en": "Sunday market", "kind": "weekday", "days": "7", "since": "2020-01-01", "source": "…", "verified": "否"},
    {"name": "鼠马场", "name_en": "Market of Rat and Horse", "kind": "branch", "days": "子、午", "since": "2020-01-01", "source": "…", "verified": "否"},
    {
        "name": "转转场", "name_en": "Market that comes round", "kind": "cycle", "every": "6", "first": "2020-01-05", "since": "2020-01-01",
        "source": "…", "verified": "否",
    },
    {
        "name": "年货会", "name_en": "New Year fair", "kind": "listed", "days": "2020-01-18、2020-01-19", "since": "2020-01-01", "until": "2020-02-01",
        "source": "…", "verified": "否",
    },
)  # fmt: skip
A_TEXT = Text("不能为空，也不能太长", "It may be neither blank nor too long")
A_DAY = Text("请写成 2020-03-12，止日晚于起日", "Write it as 2020-03-12; the last day comes after the first")
DAYS_WANTED = {
    "lunar_tens": Text(
        "请写 0 至 9 的尾数，如 1、6；逢十写 0 或十", "Write last digits from 0 to 9, such as 1, 6; 0 for the tenth"
    ),
    "solar_tens": Text(
        "请写 0 至 9 的尾数，如 1、6；逢十写 0 或十", "Write last digits from 0 to 9, such as 1, 6; 0 for the tenth"
    ),
    "weekday": Text("请写周一至周日，或 1 至 7", "Write Monday to Sunday, or 1 to 7"),
    "branch": Text("请写地支或生肖，如 子、午，或 1 至 12", "Write branches or their animals, such as Rat, Horse, or 1 to 12"),
    "listed": Text("请写日期，如 2020-01-18、2020-01-19", "Write dates, such as 2020-01-18, 2020-01-19"),
}
_SPLIT = re.compile(r"[、，,;；\s]+")
_DIGITS = {word: n % 10 for n, word in enumerate("零一二三四五六七八九十")}


@dataclass(frozen=True, slots=True)
class MarketRow:
    """A market's rule to be added, with the number of its row where it is one of a file. `area`: a code, path or name; blank for the page's."""

    name: str
    name_en: str
    rule: MarketRule
    since: date
    until: date | None
    source: str
    verified: bool
    area: str = ""
    row: int | None = None


def read_market(told: Mapping[str, str], row: int | None = None) -> MarketRow:
    """A rule from texts by the keys of `COLUMNS`. Raises BF-1118 for what will not do."""

    def refuse(column: str, wanted: Text) -> None:
        raise BAD_MARKET(row=row, column=COLUMNS[column], value=told.get(column, "") or "–", wanted=wanted)

    for column in NEEDED:
        if not told.get(column, "").strip():
            refuse(column, A_TEXT)
    for column, most in LENGTHS.items():
        if len(told.get(column, "")) > most:
            refuse(column, A_TEXT)
    kind = next((key for key, name in KINDS.items() if told["kind"] in (key, name.zh, name.en)), "")
    if not kind:
        refuse("kind", Text("请写：" + "、".join(k.zh for k in KINDS.values()), "Write one of " + ", ".join(KINDS)))
    since, until = day_said(told["since"]), day_said(told.get("until", ""))
    if since is None or (told.get("until") and until is None) or (until is not None and until <= since):
        refuse("since" if since is None else "until", A_DAY)
    assert since is not None
    said = told.get("verified", "").lower()
    if said not in (*YES, *NO):
        refuse("verified", Text("请写是或否", "Write true or false"))
    every, first = 0, None
    days: tuple[int, ...] = ()
    dates: tuple[date, ...] = ()
    written = [part for part in _SPLIT.split(told.get("days", "").strip()) if part]
    if kind == "cycle":
        every = int(told.get("every", "")) if re.fullmatch(r"\d{1,3}", told.get("every", "")) else 0
        if not 2 <= every <= LONGEST_CYCLE:
            refuse("every", Text(f"请写 2 至 {LONGEST_CYCLE} 的整数", f"Write a whole number from 2 to {LONGEST_CYCLE}"))
        first = day_said(told.get("first", ""))
        if first is None:
            refuse("first", A_DAY)
    elif kind == "listed":
        found = [day_said(part) for part in written]
        if not found or None in found or len(found) > MOST_DATES:
            refuse("days", DAYS_WANTED[kind])
        dates = tuple(sorted({day for day in found if day is not None}))
    else:
        numbers = [_number(kind, part) for part in written]
        if not numbers or None in numbers:
            refuse("days", DAYS_WANTED[kind])
        days = tuple(sorted({n for n in numbers if n is not None}))
    name = told["name"].strip()
    rule = MarketRule(kind, days, every, first, dates)
    return MarketRow(
        name, told.get("name_en") or name, rule, since, until, told["source"], said in YES, told.get("area", ""), row
    )


def _number(kind: str, part: str) -> int | None:
    """A day as somebody wrote it: a number, a digit in Chinese, a day of the week, a branch or its animal."""
    low, high = RANGES[kind]
    found: int | None = int(part) if part.isascii() and part.isdecimal() and len(part) < 3 else None
    if found is None and kind in ("lunar_tens", "solar_tens"):
        found = _DIGITS.get(part.removeprefix("逢"))
    elif found is None and kind == "weekday":
        said = part.replace("星期", "周").replace("周天", "周日").lower()
        found = next(
            (n for n, day in enumerate(WEEKDAYS, 1) if said in (day.zh, day.zh[1:], day.en.lower(), day.en[:3].lower())), None
        )
    elif found is None:
        found = next((n for n, b in enumerate(BRANCHES, 1) if part.lower() in (b.zh, b.zh[0], b.zh[2], b.en.lower())), None)
    if found == 10 and high == 9:
        found = 0
    return found if found is not None and low <= found <= high else None


def read_markets(path: Path) -> list[MarketRow]:
    """The rules of a CSV file, by headings in either language. Raises BF-1009 for what is no CSV file, BF-1118 for a heading or a value."""
    return [read_market(told, number) for number, told in read_columns(path, COLUMNS, NEEDED, BAD_MARKET)]


def add_markets(actor: Actor, path: str, rows: Sequence[MarketRow]) -> int:
    """Let rules of market days hold at an area, or at the areas that the rows name within it: all of them or none.

    Returns how many are new; one that is there already stays. Raises BF-1119 where a rule of the same market holds on some of the days,
    BF-1121 for a lunar rule in a country without a lunar calendar, BF-1108 for an area outside the actor's, BF-1118 for an area that no row
    can mean, BF-1001 without `market.manage`.
    """
    actor.require(PERMISSION)
    new = 0
    with acting(actor):
        if not actor.covers(path) or not Area.objects.visible_to(actor).filter(path=path).exists():
            raise UNKNOWN_AREA(area=path)
        lunar = has_lunar(profile_of(path))
        for row in rows:
            if row.rule.kind in LUNAR and not lunar:
                raise NO_LUNAR(row=row.row, kind=KINDS[row.rule.kind])
            new += _add(actor, _place(path, row), row)
        if new:
            tell(actor, MARKET_ADD, path=path, detail={"rows": len(rows), "new": new})
    return new


def _place(path: str, row: MarketRow) -> str:
    """The path of the area that a row is of: by its path, its code of today or its name, within the area."""
    if not row.area:
        return path
    today = clock.today()
    inside = Area.objects.under(path).on(today)
    named = inside.filter(path=row.area.rstrip("/") + "/") or inside.by_code(row.area, today, profile_of(path).code.key)
    found = list((named or inside.filter(name=row.area))[:2])
    if len(found) != 1:
        wanted = Text("请写本区划内的一个代码或名称", "Write the code or name of one area within this one")
        raise BAD_MARKET(row=row.row, column=COLUMNS["area"], value=row.area, wanted=wanted)
    return found[0].path


def _add(actor: Actor, path: str, row: MarketRow) -> int:
    rule, title = row.rule, Text(row.name, row.name_en)
    for other in MarketDay.objects.filter(path=path, name=row.name, valid__overlap=DateRange(row.since, row.until)):
        held = (other.valid.lower, other.valid.upper, other.rule, other.name_en, other.source, other.verified)
        if held == (row.since, row.until, rule, row.name_en, row.source, row.verified):
            return 0
        raise MARKET_OVERLAPS(row=row.row, title=title)
    MarketDay.objects.create(
        path=path,
        name=row.name,
        name_en=row.name_en,
        kind=rule.kind,
        days=list(rule.days),
        every=rule.every,
        first=rule.first,
        dates=list(rule.dates),
        valid=DateRange(row.since, row.until),
        source=row.source,
        verified=row.verified,
        actor=actor.name,
    )
    return 1


def end_market(actor: Actor, key: int, on: date) -> None:
    """Let a rule hold no longer: on the day itself another may begin.

    Raises BF-1120 where the actor's area has no such rule on that day, BF-1118 for a day before it began, BF-1001 without `market.manage`.
    """
    actor.require(PERMISSION)
    with acting(actor):
        market = MarketDay.objects.filter(pk=key).select_for_update().first()
        if market is None or not actor.covers(market.path) or (market.valid.upper is not None and market.valid.upper <= on):
            raise UNKNOWN_MARKET()
        if on <= market.valid.lower:
            raise BAD_MARKET(column=COLUMNS["until"], value=on, wanted=A_DAY)
        market.valid = DateRange(market.valid.lower, on)
        market.save(update_fields=["valid"])
        tell(actor, MARKET_END, subject=market.name, path=market.path, detail={"until": on})


# --- on which days


def is_market_day(path: str, day: date) -> bool:
    """Whether a market is held on a day for the people of a place: by the rules of the nearest area that has some."""
    return day in markets_between([path], day, day)[path]


def markets_between(paths: Iterable[str], first: date, last: date) -> dict[str, frozenset[date]]:
    """The market days of places from a day to a day, both counted. One query for all places; none where the calendar has no market days."""
    asked = list(dict.fromkeys(paths))
    rules = MarketDay.objects.holding_at_any(asked).filter(valid__overlap=DateRange(first, last, "[]")).rules()
    return {path: market_days(rules, path, first, last) for path in asked}
