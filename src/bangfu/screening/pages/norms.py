"""The norms of yield, price and cost of an area: listed with those of the areas above, added, read from a file, ended."""

from __future__ import annotations

import csv
from collections.abc import Callable

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bangfu.areas.frame import area_frame, name_of, standing_area
from bangfu.areas.models import Area
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import Typed, done, handed_in, list_to_fill_in
from bangfu.screening.models import Norm
from bangfu.screening.norms import (
    COLUMNS,
    SHIPPED,
    SORT_NAMES,
    add_norms,
    add_planning_ranges,
    end_norm,
    read_norm,
    read_norms,
)
from bangfu.screening.problems import BAD_NORM

FROM = Text("自哪天起不再适用", "the day from which it no longer holds")
PAIRS = ("yield", "price", "cost")


def norms_url(path: str) -> str:
    """Where the norms that hold at an area are listed."""
    return reverse("screening:norms", kwargs={"path": path})


@page("household.read")
@never_cache
def norms(request: HttpRequest, path: str) -> HttpResponse:
    """The norms that hold at an area: its own and those of the areas above; `?ended=1` with those of days gone by."""
    return _show(request, acting_as(request), path)


def _show(
    request: HttpRequest, actor: Actor, path: str, problem: Problem | None = None, typed: dict[str, str] | None = None
) -> HttpResponse:
    area = standing_area(actor, path)
    today, ended = clock.today(), request.GET.get("ended") == "1"
    rows = Norm.objects.holding_at(path).order_by("code", "-path", "-valid")
    if not ended:
        rows = rows.filter(Q(valid__endswith__isnull=True) | Q(valid__endswith__gt=today))
    names = {a.path: name_of(a) for a in Area.objects.breadcrumb(path)}
    may = actor.may("norm.manage")
    context = area_frame(actor, area, norms_url, top=the_county().path) | {
        "place": "households",
        "area": name_of(area),
        "path": path,
        "rows": [
            {
                "norm": norm,
                "sort": SORT_NAMES[norm.sort],
                "where": names.get(norm.path, norm.path),
                "may_end": may and norm.path == path and (norm.valid.upper is None or norm.valid.upper > today),
                "price": (norm.price_low / 100, norm.price_high / 100),
                "cost": (norm.cost_low / 100, norm.cost_high / 100)
                if norm.cost_low is not None and norm.cost_high is not None
                else None,
            }
            for norm in rows
        ],
        "ended": ended,
        "may": may,
        "may_import": may,
        "columns": COLUMNS,
        "sorts": SORT_NAMES,
        "typed": typed or {},
        "problem": problem,
        "today": today,
        "do_url": reverse("screening:norms-do", kwargs={"path": path}),
        "template_url": reverse("screening:norms-template", kwargs={"path": path}),
    }
    return render(request, "screening/norms.html", context, status=problem.kind.status if problem else 200)


@page("norm.manage")
@never_cache
@require_POST
def do(request: HttpRequest, path: str) -> HttpResponse:
    """Add a norm, read a file of them, add the planning ranges, or end one."""
    actor = acting_as(request)
    standing_area(actor, path)
    told = {key: request.POST.get(key, "").strip() for key in COLUMNS}
    acts: dict[str, Callable[[Typed], object]] = {
        "add": lambda _: add_norms(actor, path, [read_norm(told)]),
        "import": lambda _: add_norms(actor, path, handed_in(request, read_norms, BAD_NORM)),
        "shipped": lambda _: add_planning_ranges(actor, path),
        "end": lambda typed: end_norm(actor, typed.key("norm"), typed.day("on", FROM, blank=True)),
    }
    return done(request, acts, lambda refused: _show(request, actor, path, refused, told), norms_url(path), BAD_NORM)


@page("norm.manage")
def template(request: HttpRequest, path: str) -> HttpResponse:
    """A CSV file to fill in: the headings in the reader's language and the planning ranges as examples."""
    standing_area(acting_as(request), path)
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        return list_to_fill_in("norms", COLUMNS, csv.DictReader(file))
