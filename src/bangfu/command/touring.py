"""Leaders' visits to the field with their stops, what was raised at each, and the tasks that it became."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from bangfu.command.models import FieldQuestion, FieldStop, FieldVisit
from bangfu.foundation.actor import Actor


@dataclass(slots=True)
class Tour:
    """A leader's visit, its stops in their order, each with its questions; `state` is `planned`, `under way`, `done` or `missed` (over, with
    stops that nobody visited)."""

    visit: FieldVisit
    state: str
    stops: list[tuple[FieldStop, list[FieldQuestion]]] = field(default_factory=list)


def tours_at(actor: Actor, path: str, day: date) -> list[Tour]:
    """The visits with a stop at or below an area, the latest first; of each only the stops there."""
    questions = defaultdict(list)
    rows = FieldQuestion.objects.visible_to(actor).under(path).select_related("task__post", "task__unit")
    for question in rows.order_by("pk"):
        questions[question.stop_id].append(question)
    found: dict[int, Tour] = {}
    stops = FieldStop.objects.visible_to(actor).under(path).select_related("visit__officer__unit", "visit__campaign", "area")
    for stop in stops.order_by("-visit__valid", "visit", "place"):
        tour = found.setdefault(stop.visit_id, Tour(stop.visit, ""))
        tour.stops.append((stop, questions[stop.pk]))
    for tour in found.values():
        tour.state = _state(tour, day)
    return list(found.values())


def _state(tour: Tour, day: date) -> str:
    if all(stop.visited_on for stop, _ in tour.stops):
        return "done"
    if day < tour.visit.valid.lower:
        return "planned"
    return "under way" if day < tour.visit.valid.upper else "missed"


def places_of(tours: Sequence[Tour]) -> set[str]:
    """The paths of all stops."""
    return {stop.path for tour in tours for stop, _ in tour.stops}
