"""The files of many households: chosen in the list of an area, printed by a job, taken as one PDF by whoever asked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import area_frame, name_of, standing_area
from bangfu.areas.models import Area
from bangfu.cases.actions import printing
from bangfu.cases.problems import TOO_MANY_FILES
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.screens import ListAction, list_actions
from bangfu.kit.forms import key_of
from bangfu.register.models.base import OneOf
from bangfu.register.pages.links import households_url
from bangfu.register.pages.listing import Asked, asked

TICKED = "row"
SECONDS = 8  # households that are read and set in a second, as it is told before


def files_url(path: str) -> str:
    """Where the files of an area's households are printed."""
    return reverse("cases:household-files", kwargs={"path": path})


@list_actions.provider("cases")
def print_them(actor: Actor, name: str, path: str) -> list[ListAction]:
    """Under the list of households: their files on paper."""
    if name != "households" or not actor.may("case.read"):
        return []
    return [ListAction(Text("打印户档", "Print their files"), files_url(path), "print")]


@page("case.read")
@never_cache
def household_files(request: HttpRequest, path: str) -> HttpResponse:
    """The files of the ticked households of a list, else of all that it is narrowed to: GET says how many, POST has them printed."""
    actor = acting_as(request)
    area = standing_area(actor, path)
    found, keys = _chosen(actor, area, request.GET)
    problem = TOO_MANY_FILES(count=_count(found, keys), most=printing.MOST) if len(keys) > printing.MOST else None
    if request.method == "POST":
        try:
            return redirect("cases:files-print", key=printing.ask_print(actor, keys, path))
        except Problem as refused:
            problem = refused
    context = _frame(actor, area) | {
        "count": _count(found, keys),
        "ticked": bool(request.GET.getlist(TICKED)),
        "chips": found.listing.show([], found.state).chips,
        "back": households_url(path) + found.state.address(),
        "seconds": max(3, round(len(keys) / SECONDS)),
        "kept": printing.KEPT_DAYS,
        "problem": problem,
    }
    return render(
        request, "cases/files.html", context, status=problem.kind.status if problem and request.method == "POST" else 200
    )


def _chosen(actor: Actor, area: Area, query: QueryDict) -> tuple[Asked, list[int]]:
    """The list as it is narrowed, and the keys of the households that are meant: one more than may be, where there are more."""
    rest = query.copy()
    ticked = [key_of(raw) for raw in rest.pop(TICKED, [])]
    found = asked(actor, area, rest)
    rows = found.rows.filter(OneOf("id", ticked)) if ticked else found.rows
    return found, list(rows.order_by("path", "number").values_list("pk", flat=True)[: printing.MOST + 1])


def _count(found: Asked, keys: list[int]) -> int:
    """How many households are meant."""
    return len(keys) if len(keys) <= printing.MOST else int(found.rows.count())


def _frame(actor: Actor, area: Area) -> dict[str, Any]:
    frame = area_frame(actor, area, households_url, top=the_county().path)
    return frame | {"place": "households", "area": name_of(area)}


@page("case.read")
@never_cache
def files_print(request: HttpRequest, key: UUID) -> HttpResponse:
    """A print that one asked for: how it stands, and the PDF once it is done."""
    actor = acting_as(request)
    found = printing.the_print(actor, key)
    context = _frame(actor, standing_area(actor, found.path)) | {
        "print": found,
        "problem": None,
        "at": found.asked_at.astimezone(clock.zone()),
        "kept": printing.KEPT_DAYS,
        "back": households_url(found.path),
    }
    return render(request, "cases/files_print.html", context)


@page("case.read")
@never_cache
def files_pdf(request: HttpRequest, key: UUID) -> HttpResponse:
    """The PDF of a print, for whoever asked for it."""
    actor = acting_as(request)
    answer = HttpResponse(printing.printed(actor, key), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="household-files-{str(key)[:8]}.pdf"'
    return answer
