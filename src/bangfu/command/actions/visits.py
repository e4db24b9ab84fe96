"""Counting what the work calendar asks of each village: kept, since a whole county takes seconds and its day must open at once."""

from __future__ import annotations

from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.command.actions.places import one_at_a_time
from bangfu.command.calendar import DueCount
from bangfu.command.models import VisitsDue
from bangfu.command.scheduling import due_by_village
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor

COUNTING = 2203  # the advisory lock of this memory: docs/architecture.md lists the numbers
COUNTED = ("day", "due", "overdue", "longest")


def count_visits(actor: Actor) -> int:
    """Count for every village of an area what the calendar asks of its households today, and keep it in place of what was kept; without a pack
    of today nothing is kept. Returns how many rows changed: counted twice on a day, nothing does unless something happened.

    The table is written by the system alone: whoever holds no whole area would count a part of it.
    """
    if not actor.is_system:
        raise PermissionError("visits due are counted by the system")
    with acting(actor):
        one_at_a_time(COUNTING)
        today = clock.today()
        found = due_by_village(actor, actor.scope)
        counts: dict[str, DueCount] = {}
        if found is not None:
            villages = Area.objects.under(actor.scope).on(today).level(profile_of(actor.scope).plays.village)
            counts = dict.fromkeys(villages.values_list("path", flat=True), DueCount()) | found
        kept = {row.path: row for row in VisitsDue.objects.under(actor.scope)}
        rows = [
            VisitsDue(path=p, day=today, due=c.due, overdue=c.overdue, longest=c.longest, recorded_at=clock.now())
            for p, c in counts.items()
        ]
        changed = [row for row in rows if row.path not in kept or _said(kept[row.path]) != _said(row)]
        VisitsDue.objects.bulk_create(
            changed, update_conflicts=True, unique_fields=["path"], update_fields=[*COUNTED, "recorded_at"]
        )
        gone, _ = VisitsDue.objects.filter(path__in=kept.keys() - counts.keys()).delete()
    return len(changed) + gone


def _said(row: VisitsDue) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in COUNTED)
