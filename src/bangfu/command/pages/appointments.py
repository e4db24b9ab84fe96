"""Who holds which office at an area: chiefs and deputies of posts, first secretaries and resident teams; to appoint and to end."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bangfu.areas.frame import name_of, standing_area
from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.command.actions import AppointmentRow, appoint, end_appointments
from bangfu.command.models import Appointment, Post
from bangfu.command.models.chain import AREA_ROLES, POST_ROLES, ROLES
from bangfu.command.pages.doing import area_meant, done
from bangfu.command.pages.places import address_of, frame_of
from bangfu.command.staffing import officer_meant, posts_staffed, villages_staffed
from bangfu.command.vacancies import first_secretaries_beyond
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import Typed, key_of

PARTS = {
    "appointments": Text("任职", "Appointments"),
    "deployment": Text("挂帮与选派", "Attached and sent"),
    "roster": Text("专家与志愿者", "Experts and volunteers"),
}


def parts_of(path: str, here: str) -> list[tuple[Text, str, bool]]:
    """The three pages of who serves: title, address, whether one is there."""
    return [(title, address_of(name)(path), name == here) for name, title in PARTS.items()]


@page("command.read")
@never_cache
def appointments(request: HttpRequest, path: str) -> HttpResponse:
    """Who is appointed at the posts and villages of an area. `?post=`, `?area=` and `?role=` fill the form; `?end=` is the appointment to end."""
    return _show(request, acting_as(request), path)


def _show(request: HttpRequest, actor: Actor, path: str, problem: Problem | None = None) -> HttpResponse:
    today = clock.today()
    _, frame = frame_of(actor, path, "appointments")
    may = actor.may("command.manage")
    typed = request.POST if problem else request.GET
    villages = villages_staffed(actor, path, today)
    ending = None
    if may and (key := key_of(typed.get("end", ""))):
        held = Appointment.objects.visible_to(actor).under(actor.scope).on(today).filter(pk=key)
        ending = held.select_related("officer", "post", "area").first()
    context = frame | {
        "parts": parts_of(path, "appointments"),
        "posts": posts_staffed(actor, path, today),
        "villages": [(v, name_of(v.area)) for v in villages],
        "needed": sum(v.needed for v in villages),
        "missing": sum(v.missing for v in villages),
        "beyond": [a for a in first_secretaries_beyond(actor, today) if a.path.startswith(path)],
        "may": may,
        "ending": ending,
        "typed": typed,
        "problem": problem,
        "today": today,
        "roles": [(role, ROLES[role]) for role in (*POST_ROLES, *AREA_ROLES)],
        "options": _places(actor, path) if may else [],
        "areas": _villages(actor, path) if may else [],
        "do_url": address_of("appointments-do")(path),
        "here_url": address_of("appointments")(path),
    }
    return render(request, "command/appointments.html", context, status=problem.kind.status if problem else 200)


def _places(actor: Actor, path: str) -> list[tuple[str, Any]]:
    """The posts to which one may appoint, for the form."""
    rows = Post.objects.visible_to(actor).under(path).on(clock.today()).order_by("path", "key")
    return [(p.key, p.title) for p in rows]


def _villages(actor: Actor, path: str) -> list[tuple[str, str]]:
    """The villages at which one may appoint, for the form."""
    rows = Area.objects.visible_to(actor).under(path).on(clock.today()).level(profile_of(path).plays.village)
    return [(a.path, name_of(a)) for a in rows.order_by("path")]


@page("command.manage")
@never_cache
@require_POST
def do(request: HttpRequest, path: str) -> HttpResponse:
    """Appoint an officer, or end an appointment."""
    actor = acting_as(request)
    standing_area(actor, path)
    acts = {"appoint": partial(_appoint, actor, path), "end": partial(_end, actor)}
    return done(request, acts, lambda refused: _show(request, actor, path, refused), address_of("appointments")(path))


def _appoint(actor: Actor, path: str, typed: Typed) -> None:
    role, since = typed.text("role"), typed.day("since", Text("起", "since"))
    at_post = role in POST_ROLES
    row = AppointmentRow(
        officer_meant(actor, typed.text("officer"), since),
        role,
        since,
        post=typed.text("post") if at_post else "",
        area="" if at_post else area_meant(actor, path, typed.text("area")),
        until=typed.maybe_day("until", Text("止", "until")),
        document=typed.text("document")[:120],
    )
    appoint(actor, [row])


def _end(actor: Actor, typed: Typed) -> None:
    end_appointments(actor, [typed.key("end")], on=typed.day("on", Text("日期", "day")), reason=typed.text("reason"))
