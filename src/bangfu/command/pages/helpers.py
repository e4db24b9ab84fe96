"""Helpers: the list of an area with their loads, and the page of one of them."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import area_frame, standing_area
from bangfu.areas.remembered import areas
from bangfu.command.actions import confirm_pairings, end_helpers, except_from_ceiling
from bangfu.command.actions.pairings import END_REASONS
from bangfu.command.models import Helper, Pairing
from bangfu.command.models.pairings import SCOPES
from bangfu.command.pages.places import navigation
from bangfu.command.pages.shown import (
    PROFESSIONS,
    day_said,
    full_place,
    helper_url,
    helpers_url,
    home_url,
    load_bar,
    not_a_choice,
    number_said,
    place_of,
    profession_title,
    rank_title,
    said,
)
from bangfu.command.pairings_shown import heads_of
from bangfu.command.problems import UNKNOWN_HELPER
from bangfu.command.refusing import whole_loads
from bangfu.command.settings import PairingSettings, found_pairing_settings
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.terms import term
from bangfu.kit.forms import key_of
from bangfu.kit.listing import Choice, Column, Listing, Option, Search
from bangfu.kit.parts import Fact

Rows = QuerySet[Any, Any]
BEFORE = 50  # pairings of the past on a helper's page
LOADS = {
    "none": Text("没有户", "nobody to answer for"),
    "below": Text("低于目标", "below target"),
    "target": Text("正好达到目标", "at target"),
    "beyond": Text("超过目标", "beyond target"),
    "full": Text("已满上限", "at the ceiling"),
    "over": Text("超过上限", "beyond the ceiling"),
    "exception": Text("有例外", "with an exception"),
    "unconfirmed": Text("有结对未经确认", "with pairings not confirmed"),
}


def _of_load(rows: Rows, value: str) -> Rows:
    match value:
        case "none":
            return rows.filter(load=0)
        case "below":
            return rows.filter(load__lt=F("target"))
        case "target":
            return rows.filter(load=F("target"))
        case "beyond":
            return rows.filter(target__gte=0, load__gt=F("target"))
        case "full":
            return rows.filter(most__gte=0, load=F("most"))
        case "over":
            return rows.filter(most__gte=0, load__gt=F("most"))
        case "unconfirmed":
            return rows.filter(confirmed__lt=F("load"))
    return rows.filter(ceiling__isnull=False)


def _exception(row: Helper) -> str:
    return "" if row.ceiling is None else f"{row.ceiling}：{row.ceiling_reason}"


def _confirmed(row: Any) -> str:
    return f"{row.confirmed}/{row.load}" if row.load else "–"


def helper_list(settings: PairingSettings | None) -> Listing:
    """The list of helpers; ranks are those of the settings, else those that are known."""
    ranks = list(settings.targets) if settings else ["county", "section", "general"]
    return Listing(
        columns=[
            Column("name", Text("姓名", "Name"), lambda row: row.officer.name, phone="title", fixed=True, sort=("officer__name",)),
            Column("load", Text("户数", "Households"), lambda row: load_bar(row.load, row.target, row.most), phone="full", sort=("load",), first="-", kind="word"),
            Column("unit", Text("单位", "Unit"), lambda row: row.officer.unit.title),
            Column("rank", Text("职级", "Rank"), lambda row: rank_title(row.rank), phone="end", kind="word"),
            Column("profession", Text("身份", "Profession"), lambda row: profession_title(row.profession), kind="word"),
            Column("station", Text("驻点", "Station"), lambda row: full_place(row.path), sort=("path",)),
            Column("scope", Text("职责范围", "Duty scope"), lambda row: SCOPES[row.scope], phone="hide", kind="word"),
            Column("appointed", Text("任命日期", "Appointed"), lambda row: row.appointed.isoformat(), phone="hide", kind="word"),
            Column("confirmed", Text("双方确认", "Confirmed by both"), _confirmed, phone="named", kind="word"),
            Column("exception", Text("上限例外", "Exception"), _exception, phone="line"),
        ],
        filters=[
            Choice("rank", Text("职级", "Rank"), lambda rows, v: rows.filter(rank=v), [Option(r, rank_title(r)) for r in ranks]),
            Choice("profession", Text("身份", "Profession"), lambda rows, v: rows.filter(profession=v), [Option(k, t) for k, t in PROFESSIONS.items()]),
            Choice("load", Text("户数", "Load"), _of_load, [Option(k, t) for k, t in LOADS.items()]),
            Choice("scope", Text("职责范围", "Duty scope"), lambda rows, v: rows.filter(scope=v), [Option(k, t) for k, t in SCOPES.items()]),
        ],
        search=Search(Text("姓名", "Name"), lambda rows, words: rows.filter(officer__name__contains=words)),
        order=("path", "id"),
        empty=Text("没有符合条件的帮扶责任人。", "No helper matches."),
        empty_remedy=Text("减少筛选条件；还没有任命的，请先任命。", "Take a filter away; where none is made yet, make helpers first."),
    )  # fmt: skip


@page("command.read")
@never_cache
def helpers(request: HttpRequest, path: str) -> HttpResponse:
    """The helpers who are stationed in an area, or answer for a household of it, with their loads of today."""
    actor = acting_as(request)
    area = standing_area(actor, path)
    if actor.duty is not None:
        return redirect("command:today")
    today = clock.today()
    settings = found_pairing_settings(today)
    listing = helper_list(settings)
    state = listing.read(request.GET)
    serving = Helper.objects.serving(path, today).select_related("officer__unit")
    rows: Rows = serving.loaded(today, settings.targets if settings else {}, settings.ceiling if settings else None)
    rows = listing.narrow(rows, state)
    context = area_frame(actor, area, helpers_url, top=the_county().path) | {
        "place": "chain",
        "navigation": navigation(path, "pairing"),
        "path": path,
        "limited": actor.scope != the_county().path,
        "settings": settings,
        "listing": listing.page(rows, state, total=listing.count(rows, state), row_url=lambda row: helper_url(row.pk)),
    }
    return render(request, "command/helpers.html", context)


@page("command.read")
@never_cache
def helper(request: HttpRequest, helper: int) -> HttpResponse:
    """A helper: who they are, whom they answer for and did before, as far as the reader sees these; what the reader may do."""
    actor = acting_as(request)
    found = Helper.objects.named_to(actor).select_related("officer__unit").filter(pk=helper).first()
    if found is None:
        raise UNKNOWN_HELPER()
    if request.method != "POST":
        return _show(request, actor, found)
    told = said(request, "do", "ceiling", "reason", "on", "pairing", "by")
    try:
        _do(actor, found, told)
    except Problem as refused:
        if refused.kind.status == 403:
            raise
        return _show(request, actor, found, refused, told)
    return redirect(helper_url(found.pk))


def _do(actor: Actor, found: Helper, told: dict[str, str]) -> None:
    match told["do"]:
        case "except":
            except_from_ceiling(actor, found.pk, number_said(told["ceiling"], Text("上限", "ceiling"), 0, 99), told["reason"])
        case "no-exception":
            except_from_ceiling(actor, found.pk, None, "")
        case "end":
            end_helpers(actor, [found.pk], on=day_said(told["on"]), reason=told["reason"])
        case "confirm-all":
            keys = _standing(actor, found).filter(helper_confirmed=None).values_list("pk", flat=True)
            confirm_pairings(actor, list(keys), by="helper", on=clock.today())
        case "confirm":
            confirm_pairings(actor, [key_of(told["pairing"])], by=told["by"], on=clock.today())
        case other:
            raise not_a_choice(other)


def _standing(actor: Actor, found: Helper) -> Any:
    return Pairing.objects.visible_to(actor).open().filter(helper=found)


def _show(
    request: HttpRequest, actor: Actor, found: Helper, problem: Problem | None = None, typed: dict[str, str] | None = None
) -> HttpResponse:
    today = clock.today()
    settings = found_pairing_settings(today)
    held = Pairing.objects.visible_to(actor).filter(helper=found).select_related("household").order_by("path", "pk")
    now = list(held.filter(valid__contains=today))
    to_come = list(held.filter(valid__startswith__gt=today))
    past = list(held.filter(valid__endswith__lte=today).order_by("-valid", "pk")[:BEFORE])
    heads = heads_of(actor, [p.household_id for p in (*now, *to_come, *past)], today)
    load = sum(p.principal for p in now)
    target = settings.targets.get(found.rank) if settings else None
    most = found.ceiling if found.ceiling is not None else settings.ceiling if settings else None
    serves = found.valid.upper is None or found.valid.upper > today
    own = actor.user_id is not None and found.officer.user_id == actor.user_id
    area = areas().by_path([found.path])[found.path]
    frame = area_frame(actor, area, helpers_url, top=the_county().path)
    context = frame | {
        "area_choices": [],
        "place": "chain",

        "helper": found,
        "title": found.officer.name,
        "tags": [term("helper").as_heading(), *([] if serves else [Text("已退出", "ended")])],
        "ids": [(Text("工号", "Number"), found.officer.number), (Text("单位", "Unit"), found.officer.unit.title), (Text("驻点", "Station"), full_place(found.path))],
        "facts": [
            Fact(Text("职级", "Rank"), rank_title(found.rank).as_heading()),
            Fact(Text("身份", "Profession"), profession_title(found.profession).as_heading()),
            Fact(Text("任命日期", "Appointed"), found.appointed),
            Fact(Text("职责范围", "Duty scope"), SCOPES[found.scope].as_heading()),
            *([] if found.valid.upper is None else [Fact(Text("退出", "Ended"), found.valid.upper, source=found.end_reason)]),
            *([] if found.ceiling is None else [Fact(Text("上限例外", "Exception to the ceiling"), found.ceiling, Text("户", "households"), found.ceiling_reason)]),
        ],
        "bar": load_bar(load, target, most),
        "now": [_row(p, heads, own=own, actor=actor) for p in (*now, *to_come)],
        "past": [_row(p, heads, own=own, actor=actor) for p in past],
        "elsewhere": max(0, whole_loads([found.pk]).get(found.pk, (0, 0))[1] - sum(p.valid.upper is None for p in (*now, *to_come))),
        "serves": serves,
        "own": own,
        "losing": sum(p.principal for p in (*now, *to_come)),
        "to_confirm": sum(p.helper_confirmed is None and p.valid.upper is None for p in (*now, *to_come)),
        "may": actor.may("pairing.manage") and actor.covers(found.path) and serves,
        "may_confirm": actor.may("pairing.confirm"),
        "settings": settings,
        "today": today,
        "typed": typed or {},
        "problem": problem,
    }  # fmt: skip
    return render(request, "command/helper.html", context, status=problem.kind.status if problem else 200)


def _row(pairing: Pairing, heads: dict[int, str], *, own: bool, actor: Actor) -> dict[str, Any]:
    may = actor.may("pairing.confirm") and pairing.valid.upper is None
    return {
        "pairing": pairing,
        "number": pairing.household.number,
        "head": heads.get(pairing.household_id, "–"),
        "place": place_of(pairing.path),
        "url": home_url(pairing.household.number),
        "why": END_REASONS.get(pairing.end_reason, pairing.end_reason),
        "may_confirm_helper": may and pairing.helper_confirmed is None and (own or actor.duty is None),
        "may_confirm_household": may and pairing.household_confirmed is None and actor.duty is None,
    }
