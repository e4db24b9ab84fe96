"""Who answers for a household: up the chain, before and now, and whatever a role may do about it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import area_frame
from bangfu.areas.models import Area
from bangfu.areas.remembered import areas
from bangfu.command.actions import (
    PairRow,
    ask_change,
    avoid,
    confirm_pairings,
    decide_change,
    end_pairings,
    hand_over,
    pair,
)
from bangfu.command.actions.pairings import END_REASONS, START_REASONS
from bangfu.command.answering import who_answers
from bangfu.command.models import Avoidance, Pairing, PairingRequest
from bangfu.command.models.pairings import REQUEST_REASONS
from bangfu.command.pages.shown import (
    day_said,
    full_place,
    helper_url,
    home_url,
    load_bar,
    not_a_choice,
    pairing_url,
    profession_title,
    rank_title,
    said,
)
from bangfu.command.pairings_shown import heads_of, in_target
from bangfu.command.settings import found_pairing_settings
from bangfu.command.suggesting import Candidate, Suggestions, suggestions
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor, name_shown
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import key_of
from bangfu.register.models import Household
from bangfu.register.pages.links import household_url, households_url
from bangfu.register.problems import UNKNOWN_HOUSEHOLD

FIELDS = ("do", "pairing", "by", "reason", "words", "helper", "other", "on", "request", "granted", "officer")
BY_HAND = ("left", "household_closed", "request")  # why somebody may end a pairing without another helper


@page("command.read")
@never_cache
def household(request: HttpRequest, number: str) -> HttpResponse:
    """The household's helper. Every form of the page comes back here; what is refused stands beside its form."""
    actor = acting_as(request)
    home = Household.objects.visible_to(actor).farming().filter(number=number).first()
    if home is None:
        raise UNKNOWN_HOUSEHOLD(household=number)
    if request.method != "POST":
        return _show(request, actor, home)
    told = said(request, *FIELDS)
    try:
        _do(actor, home, told)
    except Problem as refused:
        if refused.kind.status == 403:
            raise
        return _show(request, actor, home, refused, told)
    return redirect(home_url(home.number))


def _do(actor: Actor, home: Household, told: dict[str, str]) -> None:
    chosen = told["other"] or told["helper"]
    match told["do"]:
        case "pair":
            pair(actor, [PairRow(home.number, chosen, day_said(told["on"]), principal=told["by"] != "beside")])
        case "hand-over":
            hand_over(actor, _own(actor, home, told), chosen, on=day_said(told["on"]), handover=told["words"])
        case "end":
            end_pairings(actor, [_own(actor, home, told)], on=day_said(told["on"]), reason=told["reason"], handover=told["words"])
        case "confirm":
            confirm_pairings(actor, [_own(actor, home, told)], by=told["by"], on=clock.today())
        case "ask":
            ask_change(actor, home.number, told["reason"], told["words"], told["other"])
        case "decide":
            decide_change(
                actor, _request(actor, home, told), granted=told["granted"] == "yes", answer=told["words"], helper=chosen
            )
        case "avoid":
            avoid(actor, told["officer"], home.number, told["reason"])
        case other:
            raise not_a_choice(other)


def _own(actor: Actor, home: Household, told: dict[str, str]) -> int:
    """The key of a pairing of this household; 0 where the form names another's."""
    key = key_of(told["pairing"])
    return key if Pairing.objects.visible_to(actor).filter(pk=key, household=home).exists() else 0


def _request(actor: Actor, home: Household, told: dict[str, str]) -> int:
    key = key_of(told["request"])
    return key if PairingRequest.objects.visible_to(actor).filter(pk=key, household=home).exists() else 0


def _show(
    request: HttpRequest, actor: Actor, home: Household, problem: Problem | None = None, typed: dict[str, str] | None = None
) -> HttpResponse:
    today = clock.today()
    settings = found_pairing_settings(today)
    pairings = list(
        Pairing.objects.visible_to(actor).filter(household=home).select_related("helper__officer__unit").order_by("-valid", "-pk")
    )
    open_ = [p for p in pairings if p.valid.upper is None]
    principal = next((p for p in open_ if p.principal), None)
    requests = list(
        PairingRequest.objects.visible_to(actor)
        .filter(household=home)
        .select_related("wanted__officer")
        .order_by("-asked_on", "-pk")
    )
    waiting = next((r for r in requests if r.decided_on is None), None)
    may, did = actor.may("pairing.manage"), (typed or {}).get("do", "")
    offered = None
    if may and (
        principal is None or waiting is not None or did in ("pair", "hand-over", "decide") or request.GET.get("do") == "change"
    ):
        offered = suggestions(
            home, actor.scope, today, settings.targets if settings else {}, settings.ceiling if settings else None,
            standing=principal.helper_id if principal else None,
        )  # fmt: skip
    forms = {"ask": actor.may("pairing.ask") and waiting is None, "decide": may and waiting is not None}
    forms |= dict.fromkeys(("pair", "hand-over"), may and waiting is None) | dict.fromkeys(("end", "avoid"), may)
    area = areas().by_path([home.path]).get(home.path) or Area.objects.get(pk=home.area_id)
    frame = area_frame(actor, area, households_url, top=the_county().path)
    in_set = in_target(today).filter(household=home).exists()
    answers = who_answers(home.pk, home.path, today)
    context = frame | {
        "area_choices": [],
        "place": "chain",

        "number": home.number,
        "title": heads_of(actor, [home.pk], today).get(home.pk, home.number),
        "tags": [Text("应结对", "to be paired") if in_set else Text("不在应结对范围", "need not be paired"), *([] if principal else [Text("无帮扶责任人", "no helper")])],
        "ids": [(Text("户编号", "Number"), home.number), (Text("所在地", "Place"), full_place(home.path))],
        "actions": [(Text("户情", "The household"), household_url(home.number), False)] if actor.may("household.read") else [],
        "lacking": in_set and principal is None,
        "answers": [
            {"a": a, "url": helper_url(a.key) if a.step == "helper" and a.key else "", "where": full_place(a.path) if a.step == "beside" else ""}
            for a in answers
        ],
        "pairings": [_row(actor, p) for p in pairings],
        "principal": principal,
        "requests": [{"request": r, "reason": REQUEST_REASONS[r.reason], "by": name_shown(r.asked_by), "decided_by": name_shown(r.decided_by)} for r in requests],
        "waiting": waiting,
        "late": max(0, (today - waiting.due).days) if waiting else 0,
        "request_reasons": REQUEST_REASONS,
        "end_reasons": {key: END_REASONS[key] for key in BY_HAND},
        "avoidances": list(Avoidance.objects.visible_to(actor).filter(household=home).select_related("officer__unit").order_by("pk")),
        "offered": offered_rows(offered) if offered else None,
        "change_url": home_url(home.number) + "?do=change#pair",
        "pairing_url": pairing_url(actor.scope),
        "may": may,
        "may_ask": forms["ask"],
        "may_see_avoidances": actor.duty is None,
        "today": today,
        "typed": typed or {},
        "did": did if forms.get(did) else "none",  # what was sent by a form that is not shown is told at the top
        "problem": problem,
    }  # fmt: skip
    return render(request, "command/household_helper.html", context, status=problem.kind.status if problem else 200)


def _row(actor: Actor, pairing: Pairing) -> dict[str, Any]:
    own = actor.user_id is not None and pairing.helper.officer.user_id == actor.user_id
    may = actor.may("pairing.confirm") and pairing.valid.upper is None
    return {
        "pairing": pairing,
        "name": pairing.helper.officer.name,
        "unit": pairing.helper.officer.unit.title,
        "url": helper_url(pairing.helper_id),
        "start": START_REASONS.get(pairing.start_reason, pairing.start_reason),
        "end": END_REASONS.get(pairing.end_reason, pairing.end_reason),
        "by": name_shown(pairing.actor),
        "may_confirm_helper": may and pairing.helper_confirmed is None and (own or actor.duty is None),
        "may_confirm_household": may and pairing.household_confirmed is None and actor.duty is None,
    }


def candidate_row(c: Candidate) -> dict[str, Any]:
    """A candidate as a table of helpers to choose from shows them."""
    return {
        "c": c,
        "url": helper_url(c.key),
        "rank": rank_title(c.rank),
        "profession": profession_title(c.profession),
        "bar": load_bar(c.load, c.target, c.most),
        "km": None if c.km is None else f"{c.km:.1f}",
    }


def offered_rows(found: Suggestions) -> dict[str, Any]:
    """Who is offered, and who is refused with the reason."""
    return {
        "best": [candidate_row(c) for c in found.best],
        "refused": [candidate_row(c) | {"why": why} for c, why in found.refused],
    }
