"""Which villages lack the first secretary that the pack asks of their kind; which have more than one place allows."""

from __future__ import annotations

from datetime import date

from bangfu.areas.models import Area
from bangfu.command.models import Appointment
from bangfu.command.models.chain import FIRST_SECRETARY
from bangfu.command.settings import first_secretaries_needed
from bangfu.foundation.actor import Actor


def villages_that_need_one(actor: Actor, day: date) -> list[Area]:
    """The villages of the actor's area with a mark that asks for a first secretary on a day, in the order of their paths."""
    marks = list(first_secretaries_needed(day))
    inside = Area.objects.under(actor.scope).on(day)
    return list(inside.filter(marks__mark__in=marks, marks__valid__contains=day).distinct().order_by("path")) if marks else []


def first_secretaries_missing(actor: Actor, day: date) -> list[Area]:
    """Those of them where nobody is appointed on the day."""
    needing = villages_that_need_one(actor, day)
    held = set(Appointment.objects.on(day).filter(role=FIRST_SECRETARY, area__in=needing).values_list("area", flat=True))
    return [village for village in needing if village.pk not in held]


def first_secretaries_beyond(actor: Actor, day: date) -> list[Appointment]:
    """First secretaries of villages that the pack asks none for: no fault, but told."""
    needing = {village.pk for village in villages_that_need_one(actor, day)}
    rows = Appointment.objects.visible_to(actor).on(day).filter(role=FIRST_SECRETARY).select_related("officer", "area")
    return [a for a in rows.order_by("path") if a.area_id not in needing]
