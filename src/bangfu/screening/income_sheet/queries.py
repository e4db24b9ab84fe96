"""What to ask about a sheet before it is believed. Each query is a numbered problem with its cause and what to ask; none of them refuses
a sheet.

Sources: checks of the national system (wage without a worker, production without cost, income per head beyond its limits; domain notes §4.4);
jumps against last year and sums that repeat in a village are practice of spot checks (ours).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.register.income import lines
from bangfu.screening.income_sheet.reckoning import COST, INCOME, Totals
from bangfu.screening.problems import (
    INCOME_HIGH,
    INCOME_JUMPED,
    INCOME_NONE,
    INCOME_REPEATS,
    PRODUCTION_WITHOUT_COST,
    WAGE_WITHOUT_WORKER,
    WORKER_WITHOUT_WAGE,
)

PARTS = {
    "wage": Text("工资性收入", "Wages"),
    "production": Text("生产经营性收入", "Production"),
    "property": Text("财产性收入", "Property"),
    "transfer": Text("转移性收入", "Transfers"),
    "cost": Text("生产经营性支出", "Cost of production"),
    "claims": Text("理赔收入", "Insurance claims"),
    "self_paid": Text("合规自付支出", "Compliant self-paid spending"),
}


@dataclass(frozen=True, slots=True)
class Query:
    """A question about a part of a sheet (`where`), or about one of its items."""

    problem: Problem
    where: str
    item: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on something is asked: per cent of a jump, households with one sum, fen per head; items whose sums are the same for
    many by rule. See `parameters.yaml`."""

    jump_percent: int
    repeats: int
    per_head_most: int
    same_for_many: frozenset[str] = field(default_factory=frozenset)


def queries(
    totals: Totals,
    items: Mapping[str, int],
    limits: Limits,
    *,
    last_year: Totals | None = None,
    repeated: Mapping[str, int] | None = None,
    worker: bool | None = None,
) -> list[Query]:
    """What to ask about a sheet, in the order of the form.

    `last_year` are the totals of the sheet before (None: there is none); `repeated` says of an item in how many households of the village,
    this one among them, it has the very same amount; `worker` whether anybody is known to work for wages (None: nobody was asked).
    """
    asked: list[Query] = []
    if last_year is not None:
        asked += [_jump(part, old, new) for part, old, new in _jumps(totals, last_year, limits.jump_percent)]
    for item, households in sorted((repeated or {}).items()):
        if households >= limits.repeats and items.get(item) and item not in limits.same_for_many:
            values = {"column": lines()[item].title, "amount": _yuan(items[item]), "households": households}
            asked.append(Query(INCOME_REPEATS(**values), lines()[item].group, item))
    if totals.parts["wage"] and not worker:
        asked.append(Query(WAGE_WITHOUT_WORKER(amount=_yuan(totals.parts["wage"])), "wage"))
    if worker and not totals.parts["wage"]:
        asked.append(Query(WORKER_WITHOUT_WAGE(), "wage"))
    if totals.parts["production"] and not totals.parts[COST]:
        asked.append(Query(PRODUCTION_WITHOUT_COST(amount=_yuan(totals.parts["production"])), COST))
    if totals.per_head is not None and totals.per_head <= 0:
        asked.append(Query(INCOME_NONE(amount=_yuan(totals.per_head)), "net"))
    if totals.per_head is not None and totals.per_head > limits.per_head_most:
        asked.append(Query(INCOME_HIGH(amount=_yuan(totals.per_head), most=_yuan(limits.per_head_most)), "net"))
    order = [*PARTS, "net"]
    return sorted(asked, key=lambda q: (order.index(q.where), q.item))


def _jumps(totals: Totals, before: Totals, percent: int) -> Iterable[tuple[str, int, int]]:
    """Parts that are more than so many per cent above or below last year's. What was not stated in either year is no jump."""
    for part in (*INCOME, COST):
        old, new = before.parts[part], totals.parts[part]
        if old is not None and new is not None and abs(new - old) * 100 > percent * old:
            yield part, old, new


def _jump(part: str, old: int, new: int) -> Query:
    rise = Text("增加", "more") if new > old else Text("减少", "less")
    change = f"{abs(new - old) * 100 // old}%" if old else "–"
    return Query(INCOME_JUMPED(column=PARTS[part], old=_yuan(old), new=_yuan(new), rise=rise, change=change), part)


def _yuan(fen: int) -> str:
    """An amount as people read it, with decimals only where there are some."""
    sign, whole, rest = "−" if fen < 0 else "", abs(fen) // 100, abs(fen) % 100
    return f"{sign}{whole:,}" + (f".{rest:02d}" if rest else "")
