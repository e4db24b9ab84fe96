"""The quality watch: hints about visits of one's area, the oldest first, and one hint with its visits and what was found."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.fieldwork.models import Visit
from bangfu.fieldwork.pages.visits import lines_of
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt
from bangfu.kit.forms import Typed
from bangfu.kit.leafing import leaf_of
from bangfu.supervision.actions import settle
from bangfu.supervision.hints import Kind
from bangfu.supervision.models import CONFIRMED, EXPLAINED, HINT_STATES, OPEN, WORDS, WatchHint
from bangfu.supervision.pages.places import frame_in
from bangfu.supervision.problems import BAD_ENTRY, UNKNOWN_HINT

READS = "supervision.read"
SHOWN = 60  # visits of a hint
KINDS = {
    Kind.TOO_MANY: Text("一天走访太多", "too many in a day"),
    Kind.OVERLAP: Text("时间重叠", "overlapping times"),
    Kind.TOO_FAST: Text("来不及赶到", "no time for the way"),
    Kind.SHORT_FOR_FORM: Text("比同类走访短得多", "far shorter than others"),
    Kind.SHORT_FOR_ANSWERS: Text("答题太快", "answers too quick"),
    Kind.SERIES: Text("答案成串相同", "the same answers in a row"),
    Kind.COPIED_PHOTO: Text("照片重复", "a photograph twice"),
    Kind.NIGHT: Text("夜间走访", "at night"),
    Kind.ROUND_TIMES: Text("时间多为整点", "round times"),
    Kind.ROUND_NUMBERS: Text("数字多为整数", "round numbers"),
}
STATES = {EXPLAINED: "met", CONFIRMED: "unmet", OPEN: "waiting"}


@page(READS)
@never_cache
def watch(request: HttpRequest) -> HttpResponse:
    """The hints of one's area by state, in the order of days: it is a list of visits to be looked at, never of persons."""
    actor = acting_as(request)
    state = request.GET.get("state", OPEN)
    state = state if state in HINT_STATES else OPEN
    rows = WatchHint.objects.visible_to(actor)
    leaf = leaf_of(request, rows.filter(state=state).order_by("day", "pk"))
    url = reverse("supervision:watch")
    context = frame_in(actor, "watch") | {
        "views": [
            (title, rows.filter(state=key).count(), f"{url}?state={key}", key == state) for key, title in HINT_STATES.items()
        ],
        "rows": [_line(h) for h in leaf.rows],
        "leaf": leaf,
    }
    return render(request, "supervision/watch.html", context)


@page(READS)
@never_cache
def hint(request: HttpRequest, hint: int) -> HttpResponse:
    """A hint with its evidence and its visits; posted, what somebody found is kept."""
    actor = acting_as(request)
    found = _the_hint(actor, hint)
    problem: Problem | None = None
    if request.method == "POST":
        typed = Typed(request, BAD_ENTRY)
        try:
            settle(actor, found.pk, typed.text("do"), typed.text("words"))
            return redirect("supervision:hint", hint=found.pk)
        except Problem as refused:
            problem = refused
    visits = list(
        Visit.objects.visible_to(actor)
        .filter(pk__in=found.visits[:SHOWN])
        .select_related("household")
        .order_by("day", "began_at", "pk")
    )
    zone = clock.zone()
    context = frame_in(actor, "watch") | {
        "h": found,
        "line": _line(found),
        "evidence": sorted(found.evidence.items()),
        "visits": [
            x | {"at": f"{v.began_at.astimezone(zone):%H:%M}" if v.began_at else "–", "minutes": v.minutes}
            for x, v in zip(lines_of(actor, visits), visits, strict=True)
        ],
        "more": max(0, len(found.visits) - SHOWN),
        "words": decrypt(found.words, WORDS) or "",
        "may": actor.may("supervision.watch"),
        "typed": request.POST if problem else {},
        "problem": problem,
    }
    return render(request, "supervision/hint.html", context, status=problem.kind.status if problem else 200)


def _the_hint(actor: Actor, key: int) -> WatchHint:
    found: WatchHint | None = WatchHint.objects.visible_to(actor).select_related("campaign__campaign").filter(pk=key).first()
    if found is None:
        raise UNKNOWN_HINT()
    return found


def _line(h: WatchHint) -> dict[str, Any]:
    return {
        "h": h, "kind": KINDS[Kind(h.kind)], "place": " ".join(name_of(a) for a in areas().line(h.path)[-2:]), "n": len(h.visits), "state": HINT_STATES[h.state],
        "shape": STATES[h.state], "url": reverse("supervision:hint", kwargs={"hint": h.pk}),
    }  # fmt: skip
