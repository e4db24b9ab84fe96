"""What is proposed for a sheet from what stands: last year's sheet, money that the register knows of, public-welfare posts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from bangfu.foundation.say import Text
from bangfu.register.fields import title_of
from bangfu.register.income import lines
from bangfu.register.income_sources import Asked, ProposedLine, income_sources
from bangfu.register.models import FARMING, Condition, IncomeItem, IncomeSheet, Insurance, Membership, Person, Work
from bangfu.screening.income_sheet.parameters import numbers

# Who pays which post is not recorded: rangers are the forestry department's, the others the village's. Inferred.
POST_ITEMS = {"forest_ranger": "a2_department_post"}
VILLAGE_POST = "a4_village_post"
TOLD = {
    "minimum_allowance": (
        "allowance",
        Text("登记享受低保，金额请问清", "On the minimum allowance by the register; ask how much"),
    ),
    "extreme_poverty_support": (
        "extreme_poverty",
        Text("登记享受特困供养，金额请问清", "On extreme-poverty support by the register; ask how much"),
    ),
}


def sheet_before(household: int, last: date) -> IncomeSheet | None:
    """The last sheet of a household that ended before a day: of an admission that is the yearly account, whose months overlap."""
    return (
        IncomeSheet.objects.filter(household=household, period__endswith__lte=last).order_by("-period__endswith", "-pk").first()
    )


@income_sources.provider("last_year", order=10)
def last_year(asked: Asked) -> list[ProposedLine]:
    """The amounts of the sheet before, item by item."""
    sheet = sheet_before(asked.household, asked.last)
    if sheet is None:
        return []
    words = Text("上次的表（至 {last}）", "the sheet before (to {last})").format(last=_last(sheet))
    rows = IncomeItem.objects.visible_to(asked.actor).filter(sheet=sheet).values_list("item", "fen", "evidence")
    return [ProposedLine(item, fen, words, (evidence,)) for item, fen, evidence in rows if item in lines() and fen]


def _last(sheet: IncomeSheet) -> date:
    return date.fromordinal(sheet.period.upper.toordinal() - 1)


@income_sources.provider("register", order=20)
def known_money(asked: Asked) -> list[ProposedLine]:
    """Allowances that members are recorded to receive (the amount is asked), and residents' pensions by age."""
    members = _members(asked)
    found = []
    conditions = list(Condition.objects.visible_to(asked.actor).on(asked.last).filter(person__in=members))
    for column, (item, words) in TOLD.items():
        holding = [c.evidence_id for c in conditions if getattr(c, column)]
        if holding:
            found.append(ProposedLine(item, None, words, tuple(holding)))
    return found + list(_pensions(asked, members))


def _pensions(asked: Asked, members: list[int]) -> Iterable[ProposedLine]:
    month, age = (numbers()[key].on(asked.last) for key in ("pension_month", "pension_age"))
    insured = Insurance.objects.visible_to(asked.actor).on(asked.last).filter(person__in=members, resident_pension=True)
    evidence = dict(insured.values_list("person", "evidence"))
    born = Person.objects.visible_to(asked.actor).filter(pk__in=evidence).values_list("pk", "birth_date")
    months = {pk: _months_from(birth, age or 0, asked) for pk, birth in born if birth is not None}
    drawing = {pk: n for pk, n in months.items() if n > 0}
    if month and age and drawing:
        words = Text(
            "{n} 人满 {age} 岁且参保，{months} 个月 × {yuan} 元",
            "{n} insured and {age} or older: {months} months × {yuan} yuan",
        ).format(n=len(drawing), age=age, months=sum(drawing.values()), yuan=month // 100)
        rests = tuple(evidence[pk] for pk in drawing)
        yield ProposedLine("pension", sum(drawing.values()) * month, words, rests, verified=numbers()["pension_month"].verified)


def _months_from(birth: date, age: int, asked: Asked) -> int:
    """Months of the period from the month after somebody reached an age; at most the period's."""
    reached = (birth.year + age) * 12 + birth.month  # the month after, counted from 0
    first, last = (day.year * 12 + day.month - 1 for day in (asked.first, asked.last))
    return max(0, last - max(first, reached) + 1)


@income_sources.provider("posts", order=30)
def posts(asked: Asked) -> list[ProposedLine]:
    """Public-welfare posts of members: months times the number of the day."""
    month = numbers()["post_month"].on(asked.last)
    rows = (
        Work.objects.visible_to(asked.actor).on(asked.last).filter(person__in=_members(asked), post_months__gt=0).order_by("pk")
    )
    found: dict[str, list[Work]] = {}
    for work in rows:
        found.setdefault(POST_ITEMS.get(work.post_type or "", VILLAGE_POST), []).append(work)
    proposed = []
    for item, works in found.items():
        months = sum(w.post_months or 0 for w in works)
        titles = [title_of("post_type", w.post_type, asked.last) or Text("公益性岗位", "public-welfare post") for w in works]
        words = Text(
            "{posts} {months} 个月" + (" × {yuan} 元" if month else "，金额请问清"),
            "{posts}, {months} months" + (" × {yuan} yuan" if month else "; ask how much"),
        ).format(
            posts=Text("、".join(t.zh for t in titles), ", ".join(t.en for t in titles)), months=months, yuan=(month or 0) // 100
        )
        fen = months * month if month else None
        proposed.append(ProposedLine(item, fen, words, tuple(w.evidence_id for w in works), numbers()["post_month"].verified))
    return proposed


def _members(asked: Asked) -> list[int]:
    rows = Membership.objects.visible_to(asked.actor).on(asked.last).filter(household=asked.household, sort=FARMING)
    return list(rows.values_list("person", flat=True))


def proposals(asked: Asked) -> dict[str, list[ProposedLine]]:
    """Everything that is proposed for a sheet, by item; the last of a list is the nearest to what was received."""
    found: dict[str, list[ProposedLine]] = {}
    for _, proposed in income_sources.ask(asked):
        for line in proposed:
            found.setdefault(line.item, []).append(line)
    return found


def best(proposed: list[ProposedLine]) -> ProposedLine | None:
    """The one that is taken over where somebody says so: the last whose amount is known."""
    return next((line for line in reversed(proposed) if line.fen is not None), None)
