"""The board of a plan: what it is worth, what it changes and why, what lacks; adjusted by hand, adopted, undone or dropped."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import area_frame, name_of, standing_area
from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.areas.remembered import areas
from bangfu.command.actions.plans import STATES, adopt_plan, drop_plan, move_planned, undo_plan
from bangfu.command.models import Helper, PairingPlan, PlannedPairing
from bangfu.command.pages.household import offered_rows
from bangfu.command.pages.places import navigation
from bangfu.command.pages.shown import (
    day_said,
    full_place,
    helper_url,
    home_url,
    map_of,
    not_a_choice,
    pairing_url,
    place_of,
    rank_title,
    rows_below,
    said,
)
from bangfu.command.pairings_shown import PlanCounts, heads_of, plan_counts, planned_loads, rank_loads
from bangfu.command.problems import UNKNOWN_PLAN
from bangfu.command.suggesting import Ways, suggestions
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor, name_shown
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.listing import Area as AreaFilter
from bangfu.kit.listing import Choice, Column, Listing, Option
from bangfu.kit.parts import Figure
from bangfu.register.models import Household

Rows = QuerySet[Any, Any]
KINDS = {
    "new": Text("新结对", "new"),
    "changed": Text("更换", "changed"),
    "nobody": Text("无人负责", "nobody"),
    "hand": Text("手工调整", "by hand"),
}
TERMS = {
    "distance": Text("路程", "way"),
    "attached": Text("挂帮单位就近", "attached department"),
    "profession": Text("专业对口", "fitting profession"),
    "above_target": Text("超过目标", "beyond target"),
    "change": Text("更换帮扶人", "changes"),
    "unserved": Text("无人负责", "nobody"),
}
FIELDS = ("do", "household", "helper", "other", "on", "scenario")


def _of_kind(rows: Rows, value: str) -> Rows:
    match value:
        case "new":
            return rows.filter(before=None, after__isnull=False)
        case "changed":
            return rows.filter(before__isnull=False, after__isnull=False).exclude(before=F("after"))
        case "nobody":
            return rows.filter(after=None)
    return rows.filter(by_hand=True)


def _kind(row: PlannedPairing) -> SafeString | Text:
    key = (
        "nobody"
        if row.after_id is None
        else "new"
        if row.before_id is None
        else "kept"
        if row.before_id == row.after_id
        else "changed"
    )
    title = KINDS.get(key, Text("维持", "kept"))
    return format_html(
        '<span class="change change-{}">{}</span>{}',
        key,
        title,
        format_html(' <span class="tag">{}</span>', KINDS["hand"]) if row.by_hand else "",
    )


def _side(helper: Helper | None) -> SafeString | Text:
    if helper is None:
        return format_html('<span class="nobody">{}</span>', Text("无人", "nobody"))
    return format_html(
        '<a href="{}">{}</a> <span class="muted">{}</span>', helper_url(helper.pk), helper.officer.name, helper.officer.unit.title
    )


def change_list(*, adjusting: bool) -> Listing:
    """The differences of a plan; with a column to adjust them while it is a proposal."""
    columns = [
        Column("household", Text("户", "Household"), lambda r: r.shown["head"], phone="title", fixed=True),
        Column("kind", Text("变动", "Change"), _kind, phone="end", kind="word", fixed=True),
        Column("place", Text("村组", "Place"), lambda r: r.shown["place"], sort=("path",)),
        Column("before", Text("现在", "Before"), lambda r: _side(r.before), phone="named"),
        Column("after", Text("方案", "After"), lambda r: _side(r.after), phone="named"),
        Column("why", Text("为什么", "Why"), lambda r: r.shown["why"], phone="full"),
        Column("number", Text("户编号", "Number"), lambda r: r.household.number, phone="hide", shown=False),
    ]
    if adjusting:
        columns.append(
            Column("adjust", Text("调整", "Adjust"), lambda r: r.shown["adjust"], phone="full", kind="word", fixed=True)
        )
    return Listing(
        columns=columns,
        filters=[AreaFilter(), Choice("kind", Text("变动", "Change"), _of_kind, [Option(k, t) for k, t in KINDS.items()])],
        order=("path", "household_id"),
        keep=("household",),
        empty=Text("没有变动。", "Nothing changes."),
        empty_remedy=Text("这个方案与现在的结对一致，或者筛选条件太多。", "The plan agrees with what stands, or the filters leave nothing."),
    )  # fmt: skip


@page("pairing.manage")
@never_cache
def plan(request: HttpRequest, plan: int) -> HttpResponse:
    """The board of a plan. Whatever it does is shown in numbers beside the button before it is done."""
    actor = acting_as(request)
    found = PairingPlan.objects.visible_to(actor).filter(pk=plan).first()
    if found is None:
        raise UNKNOWN_PLAN()
    if request.method != "POST":
        return _show(request, actor, found)
    told = said(request, *FIELDS)
    url = reverse("command:plan", kwargs={"plan": found.pk})
    try:
        match told["do"]:
            case "adopt":
                adopt_plan(actor, found.pk, on=day_said(told["on"]), scenario=told["scenario"] == "yes")
            case "undo":
                undo_plan(actor, found.pk, on=day_said(told["on"]))
            case "drop":
                drop_plan(actor, found.pk)
            case "move":
                move_planned(actor, found.pk, told["household"], told["other"] or told["helper"])
                url += "?kind=hand"
            case "nobody":
                move_planned(actor, found.pk, told["household"], "")
                url += "?kind=hand"
            case other:
                raise not_a_choice(other)
    except Problem as refused:
        if refused.kind.status == 403:
            raise
        return _show(request, actor, found, refused, told)
    return redirect(url)


def _show(
    request: HttpRequest, actor: Actor, found: PairingPlan, problem: Problem | None = None, typed: dict[str, str] | None = None
) -> HttpResponse:
    area = standing_area(actor, found.path)
    typed = typed or {}
    proposed = found.state == "proposed"
    below = rows_below(area)
    villages = _villages(area)
    length = len(villages[0].path) if villages else len(area.path)
    counts = plan_counts(found, length)
    whole = counts.get("", PlanCounts())
    listing = change_list(adjusting=proposed)
    options = [Option(a.path, name_of(a)) for a in below]
    state = listing.read(request.GET, options={"area": options})
    rows = listing.narrow(found.pairs.shown().select_related("household", "before__officer__unit", "after__officer__unit"), state)
    shown = listing.page(rows, state, total=listing.count(rows, state), prepare=lambda part: _fill(actor, found, part))
    adjusting = (typed.get("household") or request.GET.get("household", ""))[:40] if proposed else ""
    result = found.result
    ranks = list(found.settings.get("targets", {}))
    context = area_frame(actor, area, pairing_url, top=the_county().path) | {
        "area_choices": [],
        "place": "chain",
        "navigation": navigation(found.path, "pairing"),
        "plan": found,
        "title": found.title if found.zh else Text("结对方案", "Plan of pairings"),
        "scenario": bool(found.zh),
        "state": STATES[found.state],
        "proposed": proposed,
        "adopted": found.state == "adopted",
        "made_by": name_shown(found.made_by),
        "decided_by": name_shown(found.decided_by),
        "area": name_of(area),
        "figures": _figures(whole),
        "whole": whole,
        "back": whole.changed + whole.lost,
        "terms": [(TERMS.get(key, Text(key, key)), value) for key, value in result.get("costs", {}).items()],
        "words": [Text(*pair) for pair in result.get("words", []) if pair not in result.get("leaves_out", [])],
        "leaves_out": [Text(*pair) for pair in result.get("leaves_out", [])],
        "settings": found.settings,
        "targets": [(rank_title(rank), n) for rank, n in found.settings.get("targets", {}).items()],
        "keep_first": found.settings.get("weights", {}).get("keep_first", True),
        "shortages": _shortages(result.get("shortages", [])),
        "raised": _raised(result.get("raised", [])),
        "ranks": [(rank_title(r.rank), found.settings.get("targets", {}).get(r.rank), r) for r in rank_loads(found, ranks)],
        "listing": shown,
        "map": _map(area, villages, counts, below),
        "villages": [(name_of(v), _narrowed(v, below), c) for v in villages if (c := counts.get(v.path)) is not None and (c.changing or c.nobody)],
        "adjust": _adjust(actor, found, adjusting) if adjusting else None,
        "today": clock.today(),
        "pairing_url": pairing_url(found.path),
        "typed": typed,
        "problem": problem,
    }  # fmt: skip
    return render(request, "command/plan.html", context, status=problem.kind.status if problem else 200)


def _figures(whole: PlanCounts) -> list[Figure]:
    homes = Text("户", "")
    return [
        Figure(Text("方案内的户", "Households of the plan"), whole.households, "#changes", homes),
        Figure(KINDS["new"], whole.new, "?kind=new#changes", homes),
        Figure(KINDS["changed"], whole.changed, "?kind=changed#changes", homes),
        Figure(Text("维持不变", "Kept"), whole.kept, "#changes", homes),
        Figure(KINDS["nobody"], whole.unserved, "?kind=nobody#changes", homes),
        Figure(KINDS["hand"], whole.by_hand, "?kind=hand#changes", homes),
    ]


def _villages(area: Area) -> list[Area]:
    """The villages of an area, or itself where it is one."""
    level = profile_of(area.path).plays.village
    if area.level == level:
        return [area]
    return list(Area.objects.under(area.path).level(level).order_by("path"))


def _narrowed(village: Area, below: list[Area]) -> str:
    """The list of changes narrowed to the area that the filter has for a village."""
    within = next((a.path for a in below if village.path.startswith(a.path)), "")
    return f"?area={within}#changes" if within else "#changes"


def _map(area: Area, villages: list[Area], counts: dict[str, PlanCounts], below: list[Area]) -> dict[str, Any] | None:
    """How many households change, village by village."""
    level = profile_of(area.path).plays.village
    if area.level == level:
        return None
    cells = {}
    for v in villages:
        c = counts.get(v.path)
        cells[v.path] = {
            "value": None if c is None else c.changing,
            "text": "–" if c is None else str(c.changing),
            "name": name_of(v),
            "url": _narrowed(v, below),
        }
    direct = bool(villages) and len(villages[0].path) == len(area.path) + 4
    return map_of(area, Text("变动的户，按村", "Households that change, by village"), cells, level="" if direct else level)


def _shortages(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Villages that lack helpers: how many households, and the village's part of the cheapest remedy."""
    known = areas().by_path({one["path"] for one in told})
    return [
        {
            "place": full_place(one["path"]) if one["path"] in known else one["path"],
            "lacking": one["lacking"],
            "recruits": [(rank_title(rank), n) for rank, n in one.get("recruits", {}).items()],
            "shared": one.get("shared", 0),
            "exceptions": one.get("exceptions", 0),
        }
        for one in told
    ]


def _raised(told: list[list[int]]) -> list[tuple[Helper, str, int]]:
    """Helpers whom the cheapest remedy gives households beyond the ceiling, with how many."""
    more = {one[0]: one[1] for one in told}
    helpers = Helper.objects.filter(pk__in=more).select_related("officer").order_by("path", "pk")
    return [(h, helper_url(h.pk), more[h.pk]) for h in helpers]


def _fill(actor: Actor, found: PairingPlan, rows: list[Any]) -> None:
    """Give the rows of a page what their cells show: the head, the place, why, the link to adjust."""
    heads = heads_of(actor, [r.household_id for r in rows], found.as_of)
    way = Ways([p for r in rows for p in (r.path, r.before.path if r.before else r.path, r.after.path if r.after else r.path)])
    loads = planned_loads(found)
    without = set(found.settings.get("without", ()))
    adjust = Text("调整", "Adjust")
    for r in rows:
        r.shown = {
            "head": format_html(
                '<a href="{}">{}</a>', home_url(r.household.number), heads.get(r.household_id, r.household.number)
            ),
            "place": place_of(r.path),
            "why": _why(r, way, loads, without, found),
            "adjust": format_html(
                '<a href="?household={}#adjust">{}<span class="hidden-text"> {}</span></a>',
                r.household.number,
                adjust,
                r.household.number,
            ),
        }


def _why(r: Any, way: Ways, loads: dict[int, int], without: set[str], found: PairingPlan) -> str:
    """Why the plan has it so, from what is known: who cannot go on, whom nobody can take, what way is saved."""
    if r.by_hand:
        return str(Text("手工指定", "set by hand"))
    if r.after is None:
        return str(
            Text("范围内的帮扶责任人都已满上限，或须回避", "every helper of the area is at the ceiling or must stand back")
        )
    after = way.metres(r.path, r.after.path)
    if r.before is None:
        first = Text("现在无人负责", "nobody answers today")
    elif found.as_of not in r.before.valid:
        first = Text("原帮扶责任人已退出", "the helper of before has left")
    elif r.before.officer.number in without:
        first = Text("原帮扶责任人不参加本方案", "the helper of before is left out of the plan")
    elif loads.get(r.before_id, 0) >= (r.before.ceiling if r.before.ceiling is not None else found.settings["ceiling"]):
        first = Text("原帮扶责任人已满上限", "the helper of before is at the ceiling")
    else:
        first = Text("全局更省", "cheaper as a whole")
    before = way.metres(r.path, r.before.path) if r.before else None
    if after is None:
        return str(first)
    if before is None:
        return f"{first} · {after / 1000:.1f} km"
    return f"{first} · {before / 1000:.1f} → {after / 1000:.1f} km"


def _adjust(actor: Actor, found: PairingPlan, number: str) -> dict[str, Any] | None:
    """Who could answer for a household in the plan instead, with the loads of the plan; None for one that it does not have."""
    home = Household.objects.visible_to(actor).farming().filter(number=number).first()
    row = (
        found.pairs.filter(household=home).select_related("after__officer__unit", "before__officer__unit").first()
        if home
        else None
    )
    if home is None or row is None:
        return None
    settings = found.settings
    offered = suggestions(
        home, found.path, found.as_of, settings["targets"], settings["ceiling"],
        standing=row.after_id, loads=planned_loads(found), without=settings.get("without", ()),
    )  # fmt: skip
    return {
        "number": number,
        "head": heads_of(actor, [home.pk], found.as_of).get(home.pk, number),
        "place": full_place(home.path),
        "before": _side(row.before),
        "after": _side(row.after),
        "served": row.after_id is not None,
        "offered": offered_rows(offered),
    }
