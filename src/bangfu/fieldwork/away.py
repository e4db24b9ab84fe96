"""Households wholly away: those whose newest visit says so, with the last contact, who reaches them and since how many days nobody has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import DateField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from bangfu.fieldwork.models import Contact, Visit
from bangfu.fieldwork.models.signing import REACHED
from bangfu.foundation.actor import Actor
from bangfu.foundation.hiding import hide
from bangfu.foundation.say import Text

NEVER = date(1900, 1, 1)  # no contact is known: the first of those that are ordered by it
ORDER = ("last", "day", "pk")
Rows = QuerySet[Any, Any]


@dataclass(frozen=True, slots=True)
class Reached:
    """The last contact with a household: on which day (None: none is known), how, who reaches them, what was said."""

    day: date | None
    way: Text | str
    by: str
    words: str

    def since(self, today: date) -> int | None:
        """Days since; None where no contact is known."""
        return (today - self.day).days if self.day is not None else None


def newest(actor: Actor) -> Rows:
    """The newest visit of each household that the actor sees."""
    rows = Visit.objects.visible_to(actor)
    last = Visit.objects.visible_to(actor).filter(household=OuterRef("household")).order_by("-day", "-pk").values("pk")[:1]
    return rows.filter(pk=Subquery(last))


def away(actor: Actor) -> Rows:
    """The newest visits that say that a household is wholly away; `last` is the day of the last contact, `NEVER` where none is known."""
    noted = Contact.objects.visible_to(actor).filter(household=OuterRef("household")).order_by("-day", "-pk").values("day")[:1]
    last = Greatest("contact", Subquery(noted, output_field=DateField()), output_field=DateField())
    rows: Rows = newest(actor).filter(away=True)
    found: Rows = rows.annotate(last=Coalesce(last, Value(NEVER), output_field=DateField()))
    return found


def contacts_of(actor: Actor, households: Sequence[int]) -> dict[int, Contact]:
    """The newest contact that was noted of each household."""
    rows = Contact.objects.visible_to(actor).filter(household__in=households).order_by("household", "-day", "-pk")
    return {one.household_id: one for one in rows.distinct("household")}


def reached(visit: Visit, contact: Contact | None) -> Reached:
    """The last contact with the household of a visit: what the visit says, or what was noted on the same day or later."""
    if contact is not None and (visit.contact is None or contact.day >= visit.contact):
        told = contact.told
        return Reached(
            contact.day, REACHED.get(contact.way, contact.way), told.get("reached_by", ""), hide(told.get("words", ""))
        )
    return Reached(visit.contact, "", visit.told.get("reached_by", ""), "")
