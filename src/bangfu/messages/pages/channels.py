"""The channels of a county: set up, allowed, tried, switched off; and the county's quiet hours and digest."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bangfu.areas.frame import name_of
from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.messages.actions import DOOR, address_field, allow, require_channel, set_channel, set_rhythm, switch, try_out
from bangfu.messages.channels import Channel as Kind
from bangfu.messages.channels import Receipt, known
from bangfu.messages.channels.outgoing import host_of
from bangfu.messages.models import Channel
from bangfu.messages.pages.frame import tabs
from bangfu.messages.pages.inbox import TIMES, read_hours
from bangfu.messages.problems import BAD_SETTING, UNKNOWN_CHANNEL
from bangfu.messages.rhythm import county_row, shipped

LAST = 4  # characters of a secret that a page shows
TRIED = "messages_tried"  # the outcome of a test, shown once


def masked(value: str) -> str:
    """A secret as a page shows it: that it is there, and how it ends."""
    return f"••••{value[-LAST:]}" if len(value) > 3 * LAST else "••••" if value else ""


def _fields(kind: Kind, settings: dict[str, str], typed: Any) -> list[dict[str, Any]]:
    shown = []
    for field in kind.fields:
        present = settings.get(field.key, field.default)
        value = "" if field.secret else (typed.get(field.key, present) if typed is not None else present)
        shown.append({"field": field, "value": value, "present": masked(present) if field.secret else ""})
    return shown


def _shown(request: HttpRequest, row: Channel, names: dict[str, str], typed: Any) -> dict[str, Any]:
    kind = known().get(row.kind)
    if kind is None:
        return {"row": row, "kind": None, "title": row.kind, "where": names.get(row.path, row.path)}
    settings = row.opened()
    field = address_field(kind)
    door = settings.get(DOOR, "")
    return {
        "row": row,
        "id": f"c{row.pk}",
        "kind": kind,
        "title": kind.title,
        "where": names.get(row.path, row.path),
        "host": host_of(settings.get(field.key, "")) if field is not None else "",
        "fields": _fields(kind, settings, typed),
        "door": request.build_absolute_uri(reverse("messages:report", kwargs={"secret": door})) if door else "",
        "asks": {"phone": Text("试发到手机号", "Number to try"), "email": Text("试发到邮箱", "Address to try")}.get(kind.reaches),
    }


def _places(actor: Actor) -> list[tuple[str, str]]:
    """The areas for which a channel may be set up: down to the villages."""
    stands = actor.stands or actor.scope
    plays = profile_of(stands).plays
    levels = [plays.county, plays.township, plays.village]
    found = Area.objects.under(stands).on(clock.today()).level(*[level for level in levels if level]).order_by("path")
    return [(area.path, f"{'　' * max(0, area.depth - 3)}{name_of(area)}") for area in found]


def _show(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    actor = acting_as(request)
    places = _places(actor)
    names = {path: name.strip() for path, name in places}
    posted = request.POST if problem is not None else None
    wrong = posted.get("channel", "") if posted is not None else ""
    rows = Channel.objects.visible_to(actor).order_by("path", "pk")
    rhythm = county_row(clock.today())
    hours = rhythm if rhythm is not None else shipped().hours
    context = {
        "problem": problem,
        "rows": [_shown(request, row, names, posted if wrong == str(row.pk) else None) for row in rows],
        "kinds": [
            {
                "kind": kind,
                "fields": _fields(kind, {}, posted if posted is not None and posted.get("kind") == key and not wrong else None),
            }
            for key, kind in known().items()
            if kind.fields
        ],
        "always": [kind for kind in known().values() if not kind.fields],
        "opened": posted.get("kind", "") if posted is not None and not wrong else "",
        "wrong": wrong,
        "typed": posted,
        "sites": places,
        "may_allow": actor.may("message.allow"),
        "hours": [(name, title, f"{getattr(hours, name):%H:%M}") for name, title in TIMES.items()],
        "rhythm": rhythm,
        "shipped": shipped(),
        "tried": request.session.pop(TRIED, None),
    }
    return render(
        request, "messages/channels.html", context | tabs(request, "channels"), status=problem.kind.status if problem else 200
    )


@page("message.manage")
@never_cache
def channels(request: HttpRequest) -> HttpResponse:
    """The channels that are set up, and those that can be."""
    return _show(request)


@page("message.manage")
@require_POST
def do(request: HttpRequest) -> HttpResponse:
    """Set a channel up or change it, allow its host, switch it, try it out, or set the county's rhythm."""
    actor, posted = acting_as(request), request.POST
    try:
        match posted.get("do", ""):
            case "set":
                row = _channel(request, actor) if posted.get("channel") else None
                set_channel(
                    actor,
                    posted.get("kind", ""),
                    posted.get("path", ""),
                    posted.get("name", "").strip(),
                    posted.dict(),
                    channel=row,
                )
            case "allow":
                allow(actor, _channel(request, actor))
            case "on" | "off" as wanted:
                switch(actor, _channel(request, actor), on=wanted == "on")
            case "try":
                row = _channel(request, actor)
                request.session[TRIED] = _told(row, try_out(actor, row, address=posted.get("address", "")))
            case "rhythm":
                set_rhythm(actor, read_hours(posted), source=posted.get("source", "").strip())
            case other:
                words = Text("请从页面办理：{other}", "Use the buttons of the page: {other}").format(other=other[:20] or "–")
                raise BAD_SETTING(field=Text("操作", "What to do"), wanted=words)
    except Problem as refused:
        return _show(request, refused)
    return redirect("messages:channels")


def _told(row: Channel, answer: Receipt) -> dict[str, str]:
    return {"name": row.name, "state": answer.state, "reason": answer.reason}


def _channel(request: HttpRequest, actor: Actor) -> Channel:
    key = request.POST.get("channel", "")
    if not key.isdecimal() or len(key) > 18:
        raise UNKNOWN_CHANNEL()
    return require_channel(actor, int(key))
