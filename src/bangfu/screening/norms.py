"""Every write to the norms of yield, price and cost, and which of them hold at a place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.accounts.audit import note
from bangfu.areas.models import Area
from bangfu.areas.problems import UNKNOWN_AREA
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.csv_files import day_said, read_columns
from bangfu.foundation.say import Text
from bangfu.screening.acts import NORM_ADD, NORM_END
from bangfu.screening.income_sheet.produce import HEAD, LAND, SORTS, NormValue
from bangfu.screening.models import Norm
from bangfu.screening.problems import BAD_NORM, NORM_OVERLAPS, UNKNOWN_NORM

SHIPPED = Path(__file__).parent / "income_sheet" / "norms.csv"
SORT_NAMES = {"crop": Text("农作物", "crop"), "tree": Text("林果", "trees"), "animal": Text("养殖", "animals")}
COLUMNS: dict[str, Text] = {
    "code": Text("代码", "code"),
    "zh": Text("名称", "name in Chinese"),
    "en": Text("英文名称", "name in English"),
    "sort": Text("类别", "kind"),
    "unit_zh": Text("计价单位", "unit in Chinese"),
    "unit_en": Text("英文单位", "unit in English"),
    "yield_low": Text("亩产低", "lowest yield per mu"),
    "yield_high": Text("亩产高", "highest yield per mu"),
    "price_low": Text("单价低", "lowest price"),
    "price_high": Text("单价高", "highest price"),
    "cost_low": Text("成本低", "lowest cost"),
    "cost_high": Text("成本高", "highest cost"),
    "since": Text("起", "since"),
    "until": Text("止", "until"),
    "source": Text("来源", "source"),
    "verified": Text("已核实", "verified"),
}
NEEDED = ("code", "zh", "sort", "unit_zh", "price_low", "since", "source")
YES, NO = ("true", "yes", "1", "是"), ("", "false", "no", "0", "否")
A_NUMBER = Text(
    "请写大于 0 的数，最多两位小数，低的不大于高的",
    "Write a number above 0 with two decimals at most, the low one not above the high one",
)
A_DAY = Text("请写成 2020-03-12，止日晚于起日", "Write it as 2020-03-12; the last day comes after the first")
A_TEXT = Text("不能为空，也不能太长", "It may be neither blank nor too long")
LENGTHS = {"code": 40, "zh": 60, "en": 60, "unit_zh": 20, "unit_en": 20, "source": 200}


@dataclass(frozen=True, slots=True)
class NormRow:
    """A norm to be added, with the number of its row where it is one of a file. Prices and costs in fen."""

    code: str
    zh: str
    en: str
    sort: str
    unit_zh: str
    unit_en: str
    yields: tuple[Decimal, Decimal] | None
    price: tuple[int, int]
    cost: tuple[int, int] | None
    since: date
    until: date | None
    source: str
    verified: bool
    row: int | None = None


def read_norm(told: Mapping[str, str], row: int | None = None) -> NormRow:
    """A norm from texts by the keys of `COLUMNS`. Raises BF-1558 for what will not do."""

    def refuse(column: str, wanted: Text) -> None:
        raise BAD_NORM(row=row, column=COLUMNS[column], value=told.get(column, "") or "–", wanted=wanted)

    for column in NEEDED:
        if not told.get(column, "").strip():
            refuse(column, A_TEXT)
    for column, most in LENGTHS.items():
        if len(told.get(column, "")) > most:
            refuse(column, A_TEXT)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", told["code"]):
        refuse("code", Text("请用小写字母、数字和下划线", "Use small letters, digits and underscores"))
    sort = next((key for key, name in SORT_NAMES.items() if told["sort"] in (key, name.zh, name.en)), "")
    if not sort:
        refuse("sort", Text("请写：" + "、".join(SORTS), "Write one of " + ", ".join(SORTS)))
    ends: dict[str, tuple[Decimal, Decimal] | None] = {}
    for key in ("yield", "price", "cost"):
        low, high = (_number(told.get(f"{key}_{end}", "")) for end in ("low", "high"))
        if (low is None and told.get(f"{key}_low", "")) or (high is None and told.get(f"{key}_high", "")):
            refuse(f"{key}_low", A_NUMBER)
        ends[key] = None if low is None else (low, low if high is None else high)
        if (
            (low is None) != (ends[key] is None)
            or (low is not None and high is not None and low > high)
            or (low is None and high is not None)
        ):
            refuse(f"{key}_low", A_NUMBER)
    if ends["price"] is None:
        refuse("price_low", A_NUMBER)
    if (ends["yield"] is None) == (SORTS[sort] == LAND):
        wanted = (
            Text("农作物、林果须有亩产", "Crops and trees need a yield")
            if SORTS[sort] == LAND
            else Text("养殖不填亩产", "Animals have no yield")
        )
        refuse("yield_low", wanted)
    since, until = day_said(told["since"]), day_said(told.get("until", ""))
    if since is None or (told.get("until") and until is None) or (until is not None and until <= since):
        refuse("since" if since is None else "until", A_DAY)
    said = told.get("verified", "").lower()
    if said not in (*YES, *NO):
        refuse("verified", Text("请写是或否", "Write true or false"))
    price, cost = ends["price"], ends["cost"]
    assert price is not None
    assert since is not None
    return NormRow(
        told["code"], told["zh"], told.get("en") or told["zh"], sort, told["unit_zh"], told.get("unit_en") or told["unit_zh"],
        ends["yield"], _fen(price), _fen(cost) if cost else None, since, until, told["source"], said in YES, row,
    )  # fmt: skip


def _fen(ends: tuple[Decimal, Decimal]) -> tuple[int, int]:
    return int(ends[0] * 100), int(ends[1] * 100)


def _number(text: str) -> Decimal | None:
    if not re.fullmatch(r"\d{1,7}(\.\d{1,2})?", text.strip()):
        return None
    try:
        return Decimal(text.strip()) or None
    except InvalidOperation:
        return None


def read_norms(path: Path) -> list[NormRow]:
    """The norms of a CSV file, by headings in either language. Raises BF-1009 for what is no CSV file, BF-1558 for a heading or a value."""
    return [read_norm(told, number) for number, told in read_columns(path, COLUMNS, NEEDED, BAD_NORM)]


def add_norms(actor: Actor, path: str, rows: Sequence[NormRow]) -> int:
    """Let norms hold at an area and below: all of them or none. Returns how many are new; one that is there already stays.

    Raises BF-1559 where one of the same code holds on some of the days, BF-1108 for an area outside the actor's, BF-1001 without
    `norm.manage`.
    """
    actor.require("norm.manage")
    new = 0
    with acting(actor):
        if not actor.covers(path) or not Area.objects.visible_to(actor).filter(path=path).exists():
            raise UNKNOWN_AREA(area=path)
        for row in rows:
            new += _add(actor, path, row)
        if new:
            note(actor, NORM_ADD, path=path, detail={"rows": len(rows), "new": new})
    return new


def _add(actor: Actor, path: str, row: NormRow) -> int:
    span = DateRange(row.since, row.until)
    made: dict[str, Any] = {
        "zh": row.zh, "en": row.en, "sort": row.sort, "unit_zh": row.unit_zh, "unit_en": row.unit_en,
        "yield_low": row.yields[0] if row.yields else None, "yield_high": row.yields[1] if row.yields else None,
        "price_low": row.price[0], "price_high": row.price[1],
        "cost_low": row.cost[0] if row.cost else None, "cost_high": row.cost[1] if row.cost else None,
        "source": row.source, "verified": row.verified,
    }  # fmt: skip
    for other in Norm.objects.filter(path=path, code=row.code, valid__overlap=span):
        if (other.valid.lower, other.valid.upper) == (row.since, row.until) and all(
            getattr(other, k) == v for k, v in made.items()
        ):
            return 0
        raise NORM_OVERLAPS(row=row.row, title=Text(row.zh, row.en))
    Norm.objects.create(path=path, code=row.code, valid=span, actor=actor.name, **made)
    return 1


def add_planning_ranges(actor: Actor, path: str) -> int:
    """Add the planning ranges that come with the product, none of them verified; those of a code that the area has are left out.
    Returns how many are new."""
    actor.require("norm.manage")
    held = set(Norm.objects.filter(path=path).values_list("code", flat=True))
    return add_norms(actor, path, [row for row in read_norms(SHIPPED) if row.code not in held])


def end_norm(actor: Actor, key: int, on: date) -> None:
    """Let a norm hold no longer: on the day itself another may begin. Lines that were computed by it keep it.

    Raises BF-1557 where the actor's area has no such norm on that day, BF-1558 for a day before it began, BF-1001 without `norm.manage`.
    """
    actor.require("norm.manage")
    with acting(actor):
        norm = Norm.objects.filter(pk=key).select_for_update().first()
        if norm is None or not actor.covers(norm.path) or (norm.valid.upper is not None and norm.valid.upper <= on):
            raise UNKNOWN_NORM()
        if on <= norm.valid.lower:
            raise BAD_NORM(column=COLUMNS["until"], value=on, wanted=A_DAY)
        norm.valid = DateRange(norm.valid.lower, on)
        norm.save(update_fields=["valid"])
        note(actor, NORM_END, subject=norm.code, path=norm.path, detail={"until": on})


def norms_at(path: str, day: date) -> list[NormValue]:
    """The norms that hold at a place on a day, one per code: that of the nearest area."""
    nearest: dict[str, Norm] = {}
    for norm in Norm.objects.holding_at(path).on(day):
        if norm.code not in nearest or len(norm.path) > len(nearest[norm.code].path):
            nearest[norm.code] = norm
    return [norm.value for norm in sorted(nearest.values(), key=lambda n: (list(SORTS).index(n.sort), n.code))]


UNIT_OF = {LAND: Text("亩", "mu"), HEAD: Text("头（只）", "head")}
