"""Relatives of an area: who is declared a relative of whom, of officers and of households; to declare, to read in from a file, to end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.cases.actions import KinshipRow, declare_kinship, end_kinship
from bangfu.cases.actions.kinship import own_officer
from bangfu.cases.kinship_files import COLUMNS, read_kinship
from bangfu.cases.models import Kinship
from bangfu.cases.pages.places import frame_of
from bangfu.cases.problems import BAD_ROW
from bangfu.command.models import Avoidance
from bangfu.command.pairings_shown import heads_of
from bangfu.command.staffing import officer_meant
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor, name_shown
from bangfu.foundation.problems import Problem
from bangfu.kit.forms import Typed, done, handed_in, list_to_fill_in
from bangfu.kit.leafing import leaf_of
from bangfu.register.pages.links import household_url

HOMES = 200  # avoidances of households on the page; more are found on the pages of the households


@page("case.read")
@never_cache
def kinship(request: HttpRequest, path: str) -> HttpResponse:
    """Who is declared a relative of whom, at an area and above it; posted, a declaration, a file of them, or the end of one."""
    actor = acting_as(request)
    if request.method != "POST":
        return _show(request, actor, path)
    frame_of(actor, path, "kinship")
    acts: dict[str, Callable[[Typed], object]] = {
        "declare": lambda t: declare_kinship(actor, [_row(actor, t)]),
        "import": lambda _: declare_kinship(actor, handed_in(request, read_kinship, BAD_ROW)),
        "end": lambda t: end_kinship(actor, t.text("why"), pair=t.key("pair"), household=t.key("avoidance")),
    }
    back = reverse("cases:kinship", kwargs={"path": path})
    return done(request, acts, lambda refused: _show(request, actor, path, refused), back, BAD_ROW)


def _row(actor: Actor, typed: Typed) -> KinshipRow:
    """What the form says: officers by their numbers or names; nobody named is the reader, where they are an officer."""
    today, own = clock.today(), own_officer(actor)
    named, relative = typed.text("officer"), typed.text("relative")
    officer = own.number if own is not None and not named else officer_meant(actor, named, today)
    return KinshipRow(
        officer,
        officer_meant(actor, relative, today) if relative else "",
        typed.text("relation"),
        household=typed.text("household"),
    )


def _show(request: HttpRequest, actor: Actor, path: str, problem: Problem | None = None) -> HttpResponse:
    _, frame = frame_of(actor, path, "kinship")
    pairs = Kinship.objects.visible_to(actor).select_related("officer__unit", "relative__unit")
    here = Q(officer__path__startswith=path) | Q(relative__path__startswith=path) | Q(path__startswith=path)
    leaf = leaf_of(request, pairs.filter(here).order_by("-pk"))
    may, own = actor.may("case.kinship"), own_officer(actor)
    avoided: list[Any] = []
    if actor.duty is None:
        rows = Avoidance.objects.visible_to(actor).under(path).select_related("officer__unit", "household")
        avoided = list(rows.order_by("path", "pk")[:HOMES])
    heads = heads_of(actor, [a.household_id for a in avoided], clock.today())
    context = frame | {
        "leaf": leaf,
        "pairs": [{"k": k, "by": name_shown(k.actor), "may": may and actor.covers(k.path)} for k in leaf.rows],
        "homes": [
            {
                "a": a,
                "by": name_shown(a.actor),
                "who": heads.get(a.household_id, a.household.number),
                "url": household_url(a.household.number),
                "may": may,
            }
            for a in avoided
        ],
        "may": may,
        "own": own,
        "may_declare": may or own is not None,
        "typed": request.POST,
        "did": request.POST.get("do", "") if problem else "",
        "problem": problem,
        "template_url": reverse("cases:kinship-template", kwargs={"path": path}),
    }
    return render(request, "cases/kinship.html", context, status=problem.kind.status if problem else 200)


@page("case.read")
def template(request: HttpRequest, path: str) -> HttpResponse:
    """A CSV file to fill in."""
    frame_of(acting_as(request), path, "kinship")
    return list_to_fill_in("kinship", COLUMNS, [])
