"""Experts by what they know, and volunteers with their tasks; to enrol, to call, to take a task, to mark it served."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bangfu.areas.frame import name_of, standing_area
from bangfu.command.actions import ExpertRow, call_volunteers, enrol_experts, serve, volunteer
from bangfu.command.models.field import SKILLS, VOLUNTEER_KINDS
from bangfu.command.pages.appointments import parts_of
from bangfu.command.pages.doing import area_meant, done, either
from bangfu.command.pages.places import address_of, frame_of, places_to_name
from bangfu.command.staffing import experts_at, officer_meant, volunteer_tasks_at
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import Typed

MOST = 40  # experts listed at once


def skill_title(code: str) -> Text | str:
    """What a skill is called; its code where it has no other name."""
    return SKILLS.get(code, code)


@page("command.read")
@never_cache
def roster(request: HttpRequest, path: str) -> HttpResponse:
    """The experts of an area, `?skill=` those who know one thing, and the tasks of volunteers. `?task=` is the one that the forms fill."""
    return _show(request, acting_as(request), path)


def _show(request: HttpRequest, actor: Actor, path: str, problem: Problem | None = None) -> HttpResponse:
    today = clock.today()
    _, frame = frame_of(actor, path, "roster", "appointments")
    may = actor.may("command.manage")
    skill = request.GET.get("skill", "")
    experts, counts = experts_at(actor, path, today, skill)
    tasks = volunteer_tasks_at(actor, path)
    typed = request.POST if problem else request.GET
    chosen = next((t for t in tasks if str(t.pk) == typed.get("task", "")), None) if may else None
    context = frame | {
        "parts": parts_of(path, "roster"),
        "experts": [(e, [skill_title(s) for s in e.skills]) for e in experts[:MOST]],
        "found": len(experts),
        "most": MOST,
        "skills": [(code, skill_title(code), n, code == skill) for code, n in counts.items()],
        "skill": skill,
        "tasks": [
            {
                "task": t,
                "kind": VOLUNTEER_KINDS[t.kind],
                "where": name_of(t.area),
                "days": (t.valid.lower, t.valid.upper - timedelta(1)),
                "may": may and actor.covers(t.path),
            }
            for t in tasks
        ],
        "chosen": chosen,
        "takers": list(chosen.volunteers.select_related("officer", "person").order_by("pk")) if chosen else [],
        "may": may,
        "typed": typed,
        "problem": problem,
        "today": today,
        "kinds": VOLUNTEER_KINDS,
        "known": SKILLS,
        "options": places_to_name(actor, path) if may else [],
        "do_url": address_of("roster-do")(path),
        "here_url": address_of("roster")(path),
    }
    return render(request, "command/roster.html", context, status=problem.kind.status if problem else 200)


@page("command.manage")
@never_cache
@require_POST
def do(request: HttpRequest, path: str) -> HttpResponse:
    """Enrol an expert, call volunteers, let somebody take a task, or mark it served."""
    actor = acting_as(request)
    standing_area(actor, path)
    acts = {
        "enrol": partial(_enrol, actor, path),
        "call": partial(_call, actor, path),
        "take": partial(_take, actor),
        "serve": partial(_serve, actor),
    }
    return done(request, acts, lambda refused: _show(request, actor, path, refused), address_of("roster")(path))


def _enrol(actor: Actor, path: str, typed: Typed) -> None:
    since = typed.day("since", Text("起", "since"))
    codes = {str(word): code for code, title in SKILLS.items() for word in (code, title.zh, title.en)}
    told = [*typed.raw.getlist("skill"), *re.split(r"[、,，;；\s]+", typed.text("skills"))]
    skills = tuple(dict.fromkeys(codes.get(one, one) for one in told if one))
    row = ExpertRow(
        officer_meant(actor, typed.text("officer"), since), skills, area_meant(actor, path, typed.text("area")), since
    )
    enrol_experts(actor, [row])


def _call(actor: Actor, path: str, typed: Typed) -> None:
    call_volunteers(
        actor,
        area_meant(actor, path, typed.text("area")),
        typed.text("kind"),
        either(typed.text("zh"), typed.text("en")),
        since=typed.day("since", Text("起", "since")),
        until=typed.day("until", Text("止", "until")),
        wanted=typed.number("wanted", Text("人数", "number")),
    )


def _take(actor: Actor, typed: Typed) -> None:
    today = clock.today()
    words = [one for one in re.split(r"[、,，;；\n]+", typed.text("officers")) if one.strip()]
    volunteer(actor, typed.key("task"), officers=[officer_meant(actor, one, today) for one in words or [""]])


def _serve(actor: Actor, typed: Typed) -> None:
    chosen = typed.raw.getlist("officer")
    serve(actor, typed.key("task"), on=typed.day("on", Text("日期", "day")), officers=chosen or None)
