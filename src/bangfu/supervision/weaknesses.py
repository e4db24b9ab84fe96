"""What an assessor would find in the register today, by cost of repair: read from rows, for an area and for the households of a sample."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.db.models import Exists, OuterRef, Q

from bangfu.campaigns.models import Planned, VisitCampaign, visits_in_campaign
from bangfu.cases.models import Case
from bangfu.cases.models.cases import CLOSED, OPEN
from bangfu.command.models import Pairing
from bangfu.fieldwork.models import Conflict
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.register.models import House, IncomeSheet, Kind
from bangfu.screening.models import Verdict
from bangfu.supervision.models import InspectionFinding
from bangfu.supervision.models.findings import UPHELD

FILE = Path(__file__).parent / "data" / "repairs.yaml"
WATCHED = ("registered", "monitored")
A_YEAR = timedelta(366)
Rows = Any  # a QuerySet of rows that have a household


@dataclass(frozen=True, slots=True)
class Repair:
    """A kind of weakness and what mending one costs: minutes of work, days until it can be mended, yuan."""

    key: str
    title: Text
    minutes: int
    days: int
    yuan: int


@dataclass(frozen=True, slots=True)
class Weakness:
    """A kind with how many households have it: in the area, and in the sample where there is one (None: there is none)."""

    repair: Repair
    area: int
    sample: int | None

    @property
    def hours(self) -> float:
        """Hours of work that mending all of it in the area takes."""
        return self.area * self.repair.minutes / 60


@lru_cache(maxsize=1)
def _raw() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return found


def source() -> tuple[Text, bool]:
    """Where the costs come from, and whether somebody verified them."""
    said = _raw()["source"]
    return Text(said["zh"], said["en"]), bool(said["verified"])


@lru_cache(maxsize=1)
def repairs() -> Mapping[str, Repair]:
    """The kinds by key, the cheapest first."""
    listed = [Repair(key, Text(s["zh"], s["en"]), s["minutes"], s["days"], s["yuan"]) for key, s in _raw()["kinds"].items()]
    return {r.key: r for r in sorted(listed, key=lambda r: (r.minutes, r.yuan, r.days))}


def households_with(actor: Actor, key: str, path: str, day: date) -> Rows:
    """The keys of the households of an area that have a weakness of a kind, as far as the actor sees them. Raises KeyError for another kind."""
    return _KINDS[key](actor, path, day)


def weaknesses(actor: Actor, path: str, day: date, sample: Collection[int] | None = None) -> list[Weakness]:
    """Every kind in an area, the cheapest to mend first."""
    found = []
    for key, repair in repairs().items():
        homes = set(households_with(actor, key, path, day).values_list("household", flat=True))
        found.append(Weakness(repair, len(homes), len(homes & set(sample)) if sample is not None else None))
    return found


def _watched(actor: Actor, path: str, day: date) -> Rows:
    """Registered and monitored households."""
    return Kind.objects.visible_to(actor).under(path).filter(kind__in=WATCHED).on(day)


def _unconfirmed(actor: Actor, path: str, day: date) -> Rows:
    rows = Pairing.objects.visible_to(actor).under(path).principals().on(day)
    return rows.filter(Q(helper_confirmed=None) | Q(household_confirmed=None))


def _no_helper(actor: Actor, path: str, day: date) -> Rows:
    return _watched(actor, path, day).filter(
        ~Exists(Pairing.objects.principals().on(day).filter(household=OuterRef("household")))
    )


def _unknown(actor: Actor, path: str, day: date) -> Rows:
    watched = Kind.objects.filter(household=OuterRef("household"), kind__in=WATCHED).on(day)
    return Verdict.objects.visible_to(actor).under(path).filter(Exists(watched), result="unknown")


def _not_visited(actor: Actor, path: str, day: date) -> Rows:
    campaign = VisitCampaign.objects.filter(campaign__valid__startswith__lte=day).order_by("-campaign__valid").first()
    rows = Planned.objects.visible_to(actor).under(path).filter(campaign=campaign)
    return rows.filter(~Exists(visits_in_campaign(day)))


def _no_income(actor: Actor, path: str, day: date) -> Rows:
    lately = IncomeSheet.objects.filter(household=OuterRef("household"), period__endswith__gt=day - A_YEAR)
    return _watched(actor, path, day).filter(~Exists(lately))


def _no_appraisal(actor: Actor, path: str, day: date) -> Rows:
    watched = Kind.objects.filter(household=OuterRef("household"), kind__in=WATCHED).on(day)
    return House.objects.visible_to(actor).under(path).on(day).filter(Exists(watched), grade__isnull=False, appraised_on=None)


def _cases(actor: Actor, path: str) -> Rows:
    return Case.objects.visible_to(actor).under(path).filter(household__isnull=False)


def _found(actor: Actor, path: str, day: date) -> Rows:
    return (
        InspectionFinding.objects.visible_to(actor)
        .under(path)
        .filter(household__isnull=False, ruling=UPHELD)
        .exclude(case__state=CLOSED)
    )


_KINDS: Mapping[str, Any] = {
    "unconfirmed": _unconfirmed,
    "contradiction": lambda actor, path, day: Conflict.objects.visible_to(actor).under(path).filter(chosen=""),
    "no_helper": _no_helper,
    "no_measure": lambda actor, path, day: _cases(actor, path).pending().filter(state=OPEN).without_measure(),
    "unknown": _unknown,
    "not_visited": _not_visited,
    "no_income": _no_income,
    "no_appraisal": _no_appraisal,
    "overdue": lambda actor, path, day: _cases(actor, path).overdue(day),
    "found": _found,
    "unmet": lambda actor, path, day: Verdict.objects.visible_to(actor).under(path).filter(result="unmet"),
}
