"""Own produce valued by dated norms: land by its yield and price, animals by their number and price, and what they cost.

What was sold and what was eaten or kept count alike, of animals only those sold or eaten; own labour is no cost (domain notes §5). A norm is a
range; where it has two ends the middle is used, and the range stays beside it. A price or a yield that the household names takes the norm's
place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from bangfu.foundation.say import Text

LAND, HEAD = "land", "head"
SORTS = {"crop": LAND, "tree": LAND, "animal": HEAD}  # what is counted: mu of land, or head
ITEMS = {
    "crop": ("b1_planting", "e1_planting"),
    "animal": ("b2_breeding", "e2_breeding"),
    "tree": ("b3_forest_fruit", "e3_forest_fruit"),
}


@dataclass(frozen=True, slots=True)
class NormValue:
    """A norm as it is used: what is grown or kept, `sort` (crop, tree, animal), the unit that is priced, and ranges (low, high): yield in
    units per mu (of animals None), price in fen per unit, cost in fen per mu or head (None: not known)."""

    key: int
    code: str
    title: Text
    sort: str
    unit: Text
    yields: tuple[Decimal, Decimal] | None
    price: tuple[int, int]
    cost: tuple[int, int] | None
    verified: bool
    source: str


@dataclass(frozen=True, slots=True)
class Produce:
    """What a household says: how much (mu of land, head of animals), and where it knows them its own yield per mu and price in fen."""

    norm: NormValue
    quantity: Decimal
    own_yield: Decimal | None = None
    own_price: int | None = None


@dataclass(frozen=True, slots=True)
class Valued:
    """What produce is worth in fen: `income`, its range, and `cost` (None where the norm knows none)."""

    income: int
    low: int
    high: int
    cost: int | None


def value(said: Produce) -> Valued:
    """Value what a household grows or keeps. Whole fen, rounded half up, once, at the end."""
    norm = said.norm
    yields = (said.own_yield, said.own_yield) if said.own_yield is not None else norm.yields
    price = (said.own_price, said.own_price) if said.own_price is not None else norm.price
    amount = Fraction(said.quantity)
    units = [amount * (Fraction(y) if SORTS[norm.sort] == LAND else 1) for y in yields or (Decimal(1), Decimal(1))]
    cost = None if norm.cost is None else _rounded(amount * _middle(*norm.cost))
    return Valued(
        income=_rounded(_middle(*units) * _middle(*price)),
        low=_rounded(units[0] * price[0]),
        high=_rounded(units[1] * price[1]),
        cost=cost,
    )


def _middle(low: Fraction | int, high: Fraction | int) -> Fraction:
    return (Fraction(low) + Fraction(high)) / 2


def _rounded(fen: Fraction) -> int:
    return int(fen + Fraction(1, 2))


def part_of(said: Produce, worth: Valued) -> dict[str, Any]:
    """What a line keeps of how it was computed: the norm that was used, the quantities, and what they came to."""
    norm = said.norm
    return {
        "norm": norm.key,
        "code": norm.code,
        "title": {"zh": norm.title.zh, "en": norm.title.en},
        "quantity": str(said.quantity),
        "yield": None if norm.yields is None and said.own_yield is None else [str(y) for y in _pair(said.own_yield, norm.yields)],
        "own_yield": said.own_yield is not None,
        "price_fen": list(_pair(said.own_price, norm.price)),
        "own_price": said.own_price is not None,
        "unit": {"zh": norm.unit.zh, "en": norm.unit.en},
        "cost_fen": list(norm.cost) if norm.cost else None,
        "fen": worth.income,
        "range_fen": [worth.low, worth.high],
        "verified": norm.verified,
    }


def _pair(own: Any, norm: Any) -> tuple[Any, Any]:
    return (own, own) if own is not None else norm


def said_of(part: Mapping[str, Any]) -> Text:
    """How a line was computed, in words: `辣椒 2 亩 × 1,500 千克 × 3.6 元`."""
    counted = Text("亩", "mu") if part.get("yield") else Text("头（只）", "head")
    yields = "" if not part.get("yield") else " × " + _range(part["yield"])
    price = _range([_plain(Decimal(p) / 100) for p in part["price_fen"]])
    unit = part["unit"]
    return Text(
        f"{part['title']['zh']} {part['quantity']} {counted.zh}{yields}{' ' + unit['zh'] if yields else ''} × {price} 元",
        f"{part['title']['en']}, {part['quantity']} {counted.en}{yields}{' ' + unit['en'] if yields else ''} × {price} yuan",
    )


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _range(ends: Any) -> str:
    low, high = (_plain(Decimal(str(end))) for end in ends)
    return low if low == high else f"{low}–{high}"
