"""Pairing of an area: who is without a helper, what waits, the plans, the map."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import area_frame, name_of, standing_area
from bangfu.areas.models import Area
from bangfu.command.actions.plans import STATES, propose_pairing
from bangfu.command.models import Officer, PairingPlan, PairingRequest
from bangfu.command.models.pairings import REQUEST_REASONS
from bangfu.command.pages.places import navigation
from bangfu.command.pages.shown import (
    full_place,
    helpers_url,
    home_url,
    map_of,
    not_a_choice,
    number_said,
    pairing_url,
    place_of,
    rows_below,
    said,
)
from bangfu.command.pairings_shown import (
    LoadCounts,
    PlaceCounts,
    counts_by_place,
    heads_of,
    load_counts,
    unhelped_households,
)
from bangfu.command.problems import BAD_ROW, UNKNOWN_OFFICER
from bangfu.command.settings import found_pairing_settings
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor, name_shown
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.numbers import grouped
from bangfu.kit.parts import Figure
from bangfu.register.pages.links import households_url

FIRST = 20  # households and requests on the page; all are a link away
PLANS = 12
FIELDS = ("area", "title", "ceiling", "without", "first")
A_TITLE = Text("另设上限只用于情景，请写明情景名称", "another ceiling is for a scenario: give it a name")


@page("command.read")
@never_cache
def pairing(request: HttpRequest, path: str) -> HttpResponse:
    """How households and helpers of an area stand; a plan is made here. Who sees single households only is sent to their day."""
    actor = acting_as(request)
    area = standing_area(actor, path)
    if actor.duty is not None:
        return redirect("command:today")
    if request.method != "POST":
        return _show(request, actor, area)
    told = said(request, *FIELDS, "do")
    try:
        if told["do"] != "plan":
            raise not_a_choice(told["do"])
        plan = _propose(actor, path, told)
    except Problem as refused:
        if refused.kind.status == 403:
            raise
        return _show(request, actor, area, refused, told)
    return redirect("command:plan", plan=plan.pk)


def _propose(actor: Actor, path: str, told: dict[str, str]) -> PairingPlan:
    ceiling = number_said(told["ceiling"], Text("上限", "ceiling"), 1, 99) if told["ceiling"] else None
    title = told["title"][:80]
    if ceiling is not None and not title:
        raise BAD_ROW(column=Text("情景名称", "name of the scenario"), value="–", wanted=A_TITLE)
    without = [one for one in re.split(r"[\s,，;；、]+", told["without"]) if one]
    known = set(Officer.objects.filter(number__in=without).values_list("number", flat=True))
    for number in without:
        if number not in known:
            raise UNKNOWN_OFFICER(officer=number)
    return propose_pairing(
        actor, told["area"] or path, title=Text(title, title) if title else None, without=without, ceiling=ceiling,
        keep_first=told["first"] != "shorter",
    )  # fmt: skip


def _show(
    request: HttpRequest, actor: Actor, area: Area, problem: Problem | None = None, typed: dict[str, str] | None = None
) -> HttpResponse:
    today, path = clock.today(), area.path
    settings = found_pairing_settings(today)
    below = rows_below(area)
    counts = counts_by_place(path, len(below[0].path) if below else len(path), today)
    whole = counts.get("", PlaceCounts())
    loads = load_counts(path, today, settings.targets if settings else {}, settings.ceiling if settings else None)
    waiting = PairingRequest.objects.visible_to(actor).under(path).waiting()
    requests = list(waiting.select_related("household", "wanted__officer").order_by("due", "pk")[:FIRST])
    unhelped = list(unhelped_households(actor, path, today)[:FIRST])
    heads = heads_of(actor, [h.pk for h in unhelped] + [r.household_id for r in requests], today)
    by_load = request.GET.get("map") == "load"
    rows = [_row(a, counts.get(a.path, PlaceCounts())) for a in below]
    number_waiting = waiting.count()
    may = actor.may("pairing.manage")
    context = area_frame(actor, area, pairing_url, top=the_county().path) | {
        "place": "chain",
        "navigation": navigation(path, "pairing"),
        "path": path,
        "today": today,
        "figures": _figures(actor, path, whole, loads, number_waiting),
        "settings": settings,
        "told": settings.told if settings else (),
        "unhelped": [{"number": h.number, "head": heads.get(h.pk, "–"), "place": full_place(h.path), "url": home_url(h.number)} for h in unhelped],
        "without": whole.without,
        "without_url": households_url(path) + "?helper=none" if actor.may("household.read") else "",
        "requests": [
            {
                "request": r, "reason": REQUEST_REASONS[r.reason], "head": heads.get(r.household_id, "–"), "number": r.household.number,
                "place": place_of(r.path), "by": name_shown(r.asked_by), "late": max(0, (today - r.due).days), "url": home_url(r.household.number),
            }
            for r in requests
        ],
        "waiting": number_waiting,
        "waiting_url": households_url(path) + "?helper=asked",
        "plans": [_plan_row(p) for p in PairingPlan.objects.visible_to(actor).filter(path__gte=path, path__lt=path + "~").order_by("-made_at", "-pk")[:PLANS]],
        "rows": rows,
        "map": _map(area, rows, by_load=by_load),
        "by_load": by_load,
        "may": may,
        "areas": [(area.path, name_of(area)), *((a.path, name_of(a)) for a in below)] if may else [],
        "typed": typed or {},
        "problem": problem,
        "helpers_url": helpers_url(path),
    }  # fmt: skip
    return render(request, "command/pairing.html", context, status=problem.kind.status if problem else 200)


def _figures(actor: Actor, path: str, whole: PlaceCounts, loads: LoadCounts, waiting: int) -> list[Figure]:
    homes, people = Text("户", ""), Text("人", "")
    listed = households_url(path) if actor.may("household.read") else ""
    helpers = helpers_url(path)

    def of(state: str) -> str:
        return f"{listed}?helper={state}" if listed else ""

    mean = None if loads.mean is None else grouped(loads.mean, 1)
    return [
        Figure(Text("应结对户", "Households to be paired"), whole.households, of("target"), homes),
        Figure(Text("无人负责", "Nobody answers"), whole.without, of("none"), homes),
        Figure(Text("已有帮扶责任人", "With a helper"), whole.helped, of("some"), homes),
        Figure(Text("帮扶责任人", "Helpers"), loads.helpers, helpers, people, _answering(loads)),
        Figure(Text("平均每人", "Mean load"), mean, f"{helpers}?sort=-load", homes),
        Figure(Text("最多一人", "Largest load"), loads.largest, f"{helpers}?sort=-load", homes),
        Figure(Text("超过目标", "Beyond target"), loads.beyond_target, f"{helpers}?load=beyond", people),
        Figure(
            Text("上限例外", "Exceptions to the ceiling"), loads.exceptions, f"{helpers}?load=exception", people, _beyond(loads)
        ),
        Figure(Text("未经双方确认", "Not confirmed by both"), whole.unconfirmed, of("unconfirmed"), homes),
        Figure(Text("更换申请待办结", "Requests waiting"), waiting, of("asked"), Text("件", "")),
    ]


def _answering(loads: LoadCounts) -> Text:
    return Text("其中 {n} 人有户", "{n} of them answer for somebody").format(n=loads.answering)


def _beyond(loads: LoadCounts) -> Text | str:
    return Text("{n} 人超过上限", "{n} beyond the ceiling").format(n=loads.beyond_ceiling) if loads.beyond_ceiling else ""


def _row(area: Area, counts: PlaceCounts) -> dict[str, Any]:
    return {
        "path": area.path,
        "area": name_of(area),
        "url": pairing_url(area.path),
        "counts": counts,
        "mean": None if counts.mean is None else grouped(counts.mean, 1),
        "without_url": households_url(area.path) + "?helper=none",
        "helpers_url": helpers_url(area.path),
    }


def _map(area: Area, rows: list[dict[str, Any]], *, by_load: bool) -> dict[str, Any] | None:
    """The cells below an area by households without a helper, or by households per helper."""
    title = (
        Text("每名帮扶责任人户数，按区划", "Households per helper, by area")
        if by_load
        else Text("无人负责户数，按区划", "Households without a helper, by area")
    )
    cells = {}
    for r in rows:
        counts: PlaceCounts = r["counts"]
        value = counts.mean if by_load else counts.without if counts.households else None
        text = (r["mean"] or "–") if by_load else str(counts.without)
        cells[r["path"]] = {"value": value, "text": text, "name": r["area"], "url": r["url"]}
    return map_of(area, title, cells)


def _plan_row(plan: PairingPlan) -> dict[str, Any]:
    result = plan.result
    return {
        "plan": plan,
        "title": plan.title if plan.zh else Text("结对方案", "Plan of pairings"),
        "scenario": bool(plan.zh),
        "state": STATES[plan.state],
        "area": full_place(plan.path) or name_of_path(plan.path),
        "by": name_shown(plan.made_by),
        "new": result.get("new"),
        "ended": result.get("ended"),
        "unserved": result.get("unserved"),
        "url": reverse("command:plan", kwargs={"plan": plan.pk}),
    }


def name_of_path(path: str) -> str:
    """The name of the area of a path."""
    from bangfu.areas.remembered import areas

    found = areas().by_path([path]).get(path)
    return name_of(found) if found is not None else path
