"""Whose tasks somebody has: those of the place where they stand; of a department's liaison those of their own unit alone."""

from __future__ import annotations

from collections.abc import Iterable

from bangfu.command.models import Officer, Task
from bangfu.command.models.orders import TaskQuerySet
from bangfu.foundation.actor import Actor

LIAISON = "case.department"  # the permission of who works for one unit of the place, and not for the place


def own_tasks(actor: Actor) -> TaskQuerySet:
    """The tasks that are an actor's to deal with; none of a liaison whose unit is not known."""
    rows = Task.objects.of_place(actor.stands or actor.scope)
    return rows.filter(unit=_unit(actor)) if actor.may(LIAISON) and not actor.is_system else rows


def are_own(actor: Actor, tasks: Iterable[Task]) -> list[bool]:
    """Of each of some tasks, whether it is the actor's to deal with; the system deals with all of them."""
    if actor.is_system:
        return [True for _ in tasks]
    place, unit, narrow = actor.stands or actor.scope, _unit(actor), actor.may(LIAISON)
    return [t.path == place and (not narrow or (t.unit_id is not None and t.unit_id == unit)) for t in tasks]


def _unit(actor: Actor) -> int:
    """The unit in which the actor serves; 0, which none has, where they are no officer."""
    if actor.user_id is None:
        return 0
    return Officer.objects.filter(user=actor.user_id).values_list("unit", flat=True).first() or 0
