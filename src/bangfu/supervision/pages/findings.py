"""Findings of supervision: the list by state, as a workbook too, and one finding with its ruling and its case."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import area_frame, name_of, standing_area
from bangfu.areas.remembered import areas
from bangfu.cases.models.cases import STATES
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt
from bangfu.kit.forms import Typed
from bangfu.kit.listing import Choice, Column, Listing, Option
from bangfu.register.pages.export import Exported, export_page
from bangfu.supervision import acts
from bangfu.supervision.actions import rule
from bangfu.supervision.actions.ruling import number_of
from bangfu.supervision.comparing import Weight
from bangfu.supervision.models import InspectionFinding
from bangfu.supervision.models.base import EXAMINES, READS
from bangfu.supervision.models.findings import FINDING_WORDS, ORIGINS, RULING_WORDS, RULINGS
from bangfu.supervision.pages.places import frame_in
from bangfu.supervision.problems import BAD_ENTRY, UNKNOWN_FINDING
from bangfu.supervision.wording import about_words

Rows = QuerySet[Any, Any]
UNRULED = "unruled"
STATES_OF = {UNRULED: Text("待裁定", "to be ruled"), **RULINGS}
SERIOUS = {"serious": Text("严重", "serious"), "minor": Text("一般", "minor")}
MADE_BY = Text(
    "{area}督导发现的问题。数据截至 {day}。导出：{who}（{role}），{at}。事由：{why}", "{area}: findings of supervision. As of {day}. Exported by {who} ({role}), {at}. Reason: {why}"
)  # fmt: skip


def findings_list() -> Listing:
    """The list: its columns, filters and order."""
    return Listing(
        columns=[
            Column("number", Text("编号", "Number"), number_of, kind="word", phone="title", fixed=True),
            Column("about", Text("内容", "About"), lambda f: f.shown["about"], phone="line"),
            Column("words", Text("问题", "What was found"), lambda f: f.shown["words"], phone="full"),
            Column("place", Text("地点", "Place"), lambda f: f.shown["place"], phone="line"),
            Column("origin", Text("来源", "Origin"), lambda f: ORIGINS[f.origin], phone="line"),
            Column("weight", Text("程度", "Weight"), lambda f: SERIOUS["serious" if f.weight >= Weight.SERIOUS else "minor"], sort=("weight",), first="-", kind="word", phone="line"),
            Column("day", Text("发现", "Found on"), lambda f: f.found_on.isoformat(), sort=("found_on",), first="-", kind="word", phone="end"),
            Column("ruling", Text("裁定", "Ruling"), lambda f: STATES_OF[f.ruling or UNRULED], phone="line"),
            Column("case", Text("事项", "Case"), lambda f: f"{f.case.number} {STATES[f.case.state]}" if f.case else "–", phone="line"),
            Column("due", Text("整改期限", "Due"), lambda f: f.due.isoformat() if f.due else "–", kind="word", shown=False),
        ],
        filters=[
            Choice("ruling", Text("裁定", "Ruling"), lambda rows, key: rows.filter(ruling="" if key == UNRULED else key), [Option(k, t) for k, t in STATES_OF.items()]),
            Choice("origin", Text("来源", "Origin"), lambda rows, key: rows.filter(origin=key), [Option(k, t) for k, t in ORIGINS.items()]),
            Choice(
                "weight", Text("程度", "Weight"), lambda rows, key: rows.filter(weight__gte=2) if key == "serious" else rows.filter(weight__lt=2),
                [Option(k, t) for k, t in SERIOUS.items()],
            ),
        ],
        order=("found_on", "id"),
        empty=Text("没有这样的问题。", "No such finding."),
    )  # fmt: skip


def fill(rows: list[Any]) -> None:
    """Give the rows of a page what their cells show."""
    for row in rows:
        row.shown = {
            "about": about_words(row.about, row.origin),
            "words": (decrypt(row.words, FINDING_WORDS) or "") if row.words else "",
            "place": " ".join(name_of(a) for a in areas().line(row.path)[-2:]),
        }


@page(READS)
@never_cache
def findings(request: HttpRequest) -> HttpResponse:
    """The findings of one's area."""
    actor = acting_as(request)
    listing = findings_list()
    state = listing.read(request.GET)
    rows = listing.narrow(InspectionFinding.objects.visible_to(actor).select_related("case", "household"), state)
    context = frame_in(actor, "findings") | {
        "listing": listing.page(
            rows, state, total=listing.count(rows, state), row_url=lambda f: reverse("supervision:finding", kwargs={"finding": f.pk}), prepare=fill
        ),
        "noun": Text("个问题", "findings"),
        "imports": actor.may("supervision.manage"),
        "export_url": reverse("supervision:findings-export", kwargs={"path": actor.scope}) if actor.may("register.export") and actor.scope else "",
    }  # fmt: skip
    return render(request, "supervision/findings.html", context)


@page("register.export")
@never_cache
def export(request: HttpRequest, path: str) -> HttpResponseBase:
    """The findings of an area as a workbook; none for a role that does not read supervision."""
    actor = acting_as(request)
    area = standing_area(actor, path)
    listing = findings_list()
    state = listing.read(request.GET)
    rows = listing.narrow(InspectionFinding.objects.visible_to(actor).under(path).select_related("case", "household"), state)
    exported = Exported(
        Text("导出督导发现的问题", "Export the findings"), Text("问题清单", "Findings"), MADE_BY, Text("问题数", "Findings"), "findings.xlsx", acts.EXPORT, listing, state, rows, fill,
        reverse("supervision:findings"),
    )  # fmt: skip
    place = area_frame(actor, area, lambda p: reverse("supervision:findings-export", kwargs={"path": p}), top=the_county().path)
    return export_page(request, actor, area, exported, frame_in(actor, "findings") | place)


@page(READS)
@never_cache
def finding(request: HttpRequest, finding: int) -> HttpResponse:
    """A finding with what was ruled on it; posted, somebody rules."""
    actor = acting_as(request)
    found = the_finding(actor, finding)
    problem: Problem | None = None
    if request.method == "POST":
        typed = Typed(request, BAD_ENTRY)
        try:
            rule(actor, found.pk, typed.text("ruling"), typed.text("words"))
            return redirect("supervision:finding", finding=found.pk)
        except Problem as refused:
            problem = refused
    fill([found])
    revisit = found.revisit
    context = frame_in(actor, "findings") | {
        "f": found,
        "number": number_of(found),
        "origin": ORIGINS[found.origin],
        "serious": found.weight >= Weight.SERIOUS,
        "ruling": RULINGS.get(found.ruling),
        "why": (decrypt(found.ruling_words, RULING_WORDS) or "") if found.ruling_words else "",
        "rulings": RULINGS,
        "may": actor.may(EXAMINES) and not found.ruling,
        "revisit_url": reverse("supervision:revisit", kwargs={"sample": revisit.sampled.sample.key, "drawn": revisit.sampled_id}) if revisit else "",
        "post_url": reverse("supervision:post", kwargs={"post": found.post_check.post.key}) if found.post_check else "",
        "case_state": STATES[found.case.state] if found.case else "",
        "problem": problem,
        "typed": request.POST if problem else {},
    }  # fmt: skip
    return render(request, "supervision/finding.html", context, status=problem.kind.status if problem else 200)


def the_finding(actor: Actor, key: int) -> InspectionFinding:
    """A finding of the actor's. Raises BF-2913."""
    rows = InspectionFinding.objects.visible_to(actor).select_related(
        "case", "household", "revisit__sampled__sample", "post_check__post"
    )
    found: InspectionFinding | None = rows.filter(pk=key).first()
    if found is None:
        raise UNKNOWN_FINDING()
    return found
