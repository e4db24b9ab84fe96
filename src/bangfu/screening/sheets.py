"""An income sheet with everything that it is reckoned and asked with: items, members, last year's, sums that repeat in the village, the line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.register.income import lines
from bangfu.register.income_recording import digest_of
from bangfu.register.income_sources import LineSource
from bangfu.register.models import FARMING, Household, IncomeAgreement, IncomeItem, IncomeSheet, Membership, Person, Work
from bangfu.register.problems import UNKNOWN_HOUSEHOLD
from bangfu.screening.income_sheet.parameters import limits_on
from bangfu.screening.income_sheet.periods import Period
from bangfu.screening.income_sheet.queries import Query, queries
from bangfu.screening.income_sheet.reckoning import Distance, Totals, all_items, distance, reckon
from bangfu.screening.pack import Pack
from bangfu.screening.pages.additions import present_pack
from bangfu.screening.proposing import sheet_before

UNCOUNTED = "uncounted_items"
LINE, ADMISSION_LINE = "income_line", "range_line"

TWO_YEARS = 731  # days


@dataclass(frozen=True, slots=True)
class Item:
    """A line as it stands: amount in fen, source (None: a sum as a file gave it), the evidence behind it."""

    code: str
    fen: int
    source: LineSource | None
    evidence: int


@dataclass(frozen=True, slots=True)
class Rules:
    """What the pack of the day says of income: which items count (None: all of income and cost), the line of the year and the one of
    admission to monitoring, in fen per head (None: not known), and the pack's title."""

    counted: frozenset[str] | None
    line: int | None
    admission_line: int | None
    title: Text | None


@dataclass(frozen=True, slots=True)
class Subject:
    """The household that a sheet is of: its head, how many members it has today, the village it belongs to, whether anybody works."""

    household: Household
    head: str
    members: int
    village: str
    worker: bool | None


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What items come to by the rules: totals, the distance of net income per head to the line and of reference income per head to the
    line of admission, and what is to be asked."""

    totals: Totals
    to_line: Distance | None
    reference_to_line: Distance | None
    queries: list[Query]


def find_household(actor: Actor, number: str) -> Household:
    """The farming household of a number that the actor sees. Raises BF-1222 for any other."""
    found: Household | None = Household.objects.visible_to(actor).farming().filter(number=number).first()
    if found is None:
        raise UNKNOWN_HOUSEHOLD(household=number)
    return found


def subject_of(actor: Actor, household: Household) -> Subject:
    """The household as it is today."""
    today = clock.today()
    memberships = list(Membership.objects.visible_to(actor).on(today).filter(household=household, sort=FARMING))
    people = [m.person_id for m in memberships]
    head = next((m.person_id for m in memberships if m.relation == "head"), None)
    name = Person.objects.visible_to(actor).filter(pk=head).values_list("name", flat=True).first()
    works = list(Work.objects.visible_to(actor).on(today).filter(person__in=people))
    worker = any((w.months or 0) > 0 or (w.post_months or 0) > 0 or w.place for w in works) if works else None
    return Subject(household, name or household.number, len(people), village_of(household.path), worker)


def village_of(path: str) -> str:
    """The path of the village that a household's path lies in; its own where there is none above."""
    level = profile_of(path).plays.village
    found = Area.objects.breadcrumb(path).filter(level=level).values_list("path", flat=True).first()
    return str(found or path)


def rules_on(day: date) -> Rules:
    """What the pack by which the pages speak says of income on a day."""
    pack = present_pack()
    if pack is None:
        return Rules(None, None, None, None)
    uncounted = frozenset(_value(pack, UNCOUNTED, day) or ())
    line = _value(pack, LINE, day)
    return Rules(all_items() - uncounted, line, _value(pack, ADMISSION_LINE, day) or line, pack.title)


def _value(pack: Pack, name: str, day: date) -> Any:
    """The value of a parameter in force on a day; None where the pack has none."""
    parameter = pack.parameters.get(name)
    begun = parameter.begun(day) if parameter else None
    return begun[1] if begun else None


def sheets_of(actor: Actor, household: int) -> list[IncomeSheet]:
    """Every sheet of a household, the latest period first."""
    return list(IncomeSheet.objects.visible_to(actor).filter(household=household).order_by("-period__endswith", "-pk"))


def period_of_sheet(sheet: IncomeSheet) -> Period:
    """The days of a sheet, both ends in it."""
    return Period(sheet.period.lower, sheet.period.upper - timedelta(days=1))


def items_of(actor: Actor, sheets: Iterable[IncomeSheet]) -> dict[int, dict[str, Item]]:
    """The lines of sheets, by sheet and code."""
    found: dict[int, dict[str, Item]] = {sheet.pk: {} for sheet in sheets}
    for row in IncomeItem.objects.visible_to(actor).filter(sheet__in=list(found)):
        found[row.sheet_id][row.item] = Item(row.item, row.fen, LineSource.from_json(row.source), row.evidence_id)
    return found


def amounts(items: Mapping[str, Item]) -> dict[str, int]:
    """The amounts of lines by code."""
    return {code: item.fen for code, item in items.items()}


def opened_with(items: Mapping[str, Item]) -> bytes:
    """The digest by which a form notices that the sheet was changed meanwhile."""
    return digest_of(amounts(items).items())


def reckon_sheet(actor: Actor, subject: Subject, period: Period, items: Mapping[str, int]) -> Reckoned:
    """Reckon items by the rules of today and say what is to be asked about them."""
    today = clock.today()
    rules = rules_on(today)
    totals = reckon(items, subject.members, rules.counted)
    before = sheet_before(subject.household.pk, period.last)
    last_year = None
    if before is not None and (period.last - before.period.upper).days < TWO_YEARS:  # an older one is no measure of a jump
        last_year = reckon(amounts(items_of(actor, [before])[before.pk]), subject.members, rules.counted)
    repeated = repeats(actor, subject, period, items)
    asked = queries(totals, items, limits_on(today), last_year=last_year, repeated=repeated, worker=subject.worker)
    return Reckoned(
        totals,
        distance(totals.net, subject.members, rules.line),
        distance(totals.reference, subject.members, rules.admission_line),
        asked if items else [],
    )


def repeats(actor: Actor, subject: Subject, period: Period, items: Mapping[str, int]) -> dict[str, int]:
    """In how many households of the village an item has the very same amount for the same days, this household among them; of those that
    the actor sees."""
    told = {code: fen for code, fen in items.items() if fen}
    if not told:
        return {}
    rows = IncomeItem.objects.visible_to(actor).under(subject.village).exclude(household=subject.household)
    rows = rows.filter(sheet__period=(period.first, period.last + timedelta(days=1)), item__in=told)
    found: dict[str, set[int]] = {}
    for item, fen, household in rows.filter(fen__in=set(told.values())).values_list("item", "fen", "household"):
        if told[item] == fen:
            found.setdefault(item, set()).add(household)
    return {item: len(households) + 1 for item, households in found.items()}


@dataclass(frozen=True, slots=True)
class Change:
    """A line that was changed or taken away: what it was until when, and by whom it was ended."""

    until: datetime
    by: str
    item: str
    fen: int
    taken_away: bool


def changes_of(sheet: IncomeSheet, most: int = 60) -> list[Change]:
    """What the lines of a sheet were before, the latest change first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.recorded_until, h.recorded_by, h.item, h.fen, NOT EXISTS (SELECT 1 FROM register_incomeitem i WHERE i.sheet_id = h.sheet_id "
            "AND i.item = h.item) FROM register_incomeitem_history h WHERE h.sheet_id = %s ORDER BY h.recorded_until DESC, h.item LIMIT %s",
            [sheet.pk, most],
        )
        return [Change(*row) for row in cursor.fetchall()]


def agreements_of(actor: Actor, sheet: IncomeSheet) -> list[IncomeAgreement]:
    """The agreements of the household with a sheet, the latest first; the scans are not read."""
    return list(IncomeAgreement.objects.visible_to(actor).filter(sheet=sheet).defer("scan").order_by("-pk"))


def county_path() -> str:
    """Where the breadcrumb of pages begins."""
    return the_county().path


__all__ = ["lines", "reckon"]
