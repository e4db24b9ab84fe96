"""Leaders' visits to the field at an area: itineraries, what was raised on the spot and the task it became; to plan, to mark, to raise."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bangfu.areas.frame import areas_below, name_of, standing_area
from bangfu.areas.models import Area, AreaCell
from bangfu.command.actions import Stop, plan_field_visit, raise_question, visit_stops
from bangfu.command.actions.orders import STATES
from bangfu.command.models import Campaign, FieldStop
from bangfu.command.pages.doing import area_meant, done, either
from bangfu.command.pages.order import SHAPES
from bangfu.command.pages.orders import owners_by_words
from bangfu.command.pages.places import address_of, frame_of, places_to_name
from bangfu.command.problems import BAD_ROW, UNKNOWN_POST
from bangfu.command.staffing import officer_meant
from bangfu.command.touring import Tour, places_of, tours_at
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import Typed, key_of
from bangfu.kit.parts import Drawing
from bangfu.kit.shapes import drawing

TOUR_STATES = {
    "planned": ("unknown", Text("已安排", "Planned")),
    "under way": ("waiting", Text("进行中", "Under way")),
    "done": ("met", Text("已完成", "Done")),
    "missed": ("unmet", Text("有未到的点", "Stops not visited")),
}
WHO, MORE = (
    Text("由谁办理", "who does it"),
    Text("须填由谁办理和期限，或两项都不填", "both who does it and a deadline, or neither"),
)


@page("command.read")
@never_cache
def visits(request: HttpRequest, path: str) -> HttpResponse:
    """The field visits with stops at an area. `?stop=` is the stop at which a question is raised."""
    return _show(request, acting_as(request), path)


def _show(request: HttpRequest, actor: Actor, path: str, problem: Problem | None = None) -> HttpResponse:
    today = clock.today()
    area, frame = frame_of(actor, path, "field-visits")
    may = actor.may("command.manage")
    tours = tours_at(actor, path, today)
    typed = request.POST if problem else request.GET
    chosen = None
    if may and (key := key_of(typed.get("stop", ""))):
        chosen = FieldStop.objects.visible_to(actor).under(path).filter(pk=key).select_related("area", "visit").first()
    drawn = _drawn(area, places_of(tours))
    context = frame | {
        "tours": [_tour(actor, tour) for tour in tours],
        "visited": len({s.path for tour in tours for s, _ in tour.stops if s.visited_on}),
        "drawing": drawn,
        "drawing_title": Text("调研点的位置", "Where the stops are"),
        "may": may,
        "may_order": may and actor.may("order.issue"),
        "chosen": chosen,
        "typed": typed,
        "problem": problem,
        "today": today,
        "campaigns": Campaign.objects.visible_to(actor).on(today).order_by("valid", "pk") if may else [],
        "owners": owners_by_words(actor) if may and chosen else {},
        "options": places_to_name(actor, path) if may else [],
        "do_url": address_of("field-visits-do")(path),
        "here_url": address_of("field-visits")(path),
    }
    return render(request, "command/visits.html", context, status=problem.kind.status if problem else 200)


def _tour(actor: Actor, tour: Tour) -> dict[str, Any]:
    shape, word = TOUR_STATES[tour.state]
    return {
        "tour": tour,
        "shape": shape,
        "word": word,
        "open": [s.pk for s, _ in tour.stops if s.visited_on is None and actor.covers(s.path)],
        "stops": [
            {
                "stop": stop,
                "name": name_of(stop.area),
                "may": actor.covers(stop.path),
                "questions": [
                    {
                        "question": q,
                        "task": q.task,
                        "shape": SHAPES[q.task.state] if q.task else "",
                        "word": STATES[q.task.state].as_heading() if q.task else "",
                        "url": reverse("command:order", kwargs={"order": q.task.order_id}) + f"#task-{q.task.pk}"
                        if q.task
                        else "",
                    }
                    for q in questions
                ],
            }
            for stop, questions in tour.stops
        ],
    }


def _drawn(area: Area, stops: set[str]) -> Drawing | None:
    """The cells below an area with those of the stops marked; None where no cells were made, or nothing is visited."""
    below = [a.pk for a in areas_below(area)]
    cells = AreaCell.objects.filter(area__in=below) | AreaCell.objects.filter(area__path__in=stops)
    features = [
        {"geometry": c.geometry, "properties": {"part": "cell", "path": c.area.path, "name": name_of(c.area)}}
        for c in cells.select_related("area").order_by("area__path")
    ]
    return drawing({"features": features}, stops) if features and stops else None


@page("command.manage")
@never_cache
@require_POST
def do(request: HttpRequest, path: str) -> HttpResponse:
    """Plan a visit, mark stops as visited, or raise a question at one."""
    actor = acting_as(request)
    standing_area(actor, path)
    acts = {"plan": partial(_plan, actor, path), "visited": partial(_visited, actor), "raise": partial(_raise, actor)}
    return done(request, acts, lambda refused: _show(request, actor, path, refused), address_of("field-visits")(path))


def _plan(actor: Actor, path: str, typed: Typed) -> None:
    since = typed.day("since", Text("起", "since"))
    until = typed.maybe_day("until", Text("止", "until")) or since
    words = [one.strip() for one in re.split(r"[、,，;；\n]+", typed.text("stops")) if one.strip()]
    plan_field_visit(
        actor,
        officer_meant(actor, typed.text("officer"), since),
        either(typed.text("zh"), typed.text("en")),
        [Stop(area_meant(actor, path, one)) for one in words],
        since=since,
        until=until,
        campaign=typed.text("campaign"),
    )


def _visited(actor: Actor, typed: Typed) -> None:
    visit_stops(actor, typed.keys("stop"), on=typed.day("on", Text("日期", "day")))


def _raise(actor: Actor, typed: Typed) -> None:
    owner, deadline = typed.text("owner"), typed.maybe_day("deadline", Text("期限", "deadline"))
    if bool(owner) != (deadline is not None):
        raise BAD_ROW(column=WHO, value=owner[:40] or "–", wanted=MORE)
    sort, key = "", ""
    if owner:
        known = owners_by_words(actor).get(owner, [])
        if len(known) != 1:
            raise UNKNOWN_POST(post=owner[:40])
        sort, key = known[0]
    raise_question(
        actor,
        typed.key("stop"),
        either(typed.text("zh"), typed.text("en")),
        post=key if sort == "post" else "",
        unit=key if sort == "unit" else "",
        deadline=deadline,
    )
