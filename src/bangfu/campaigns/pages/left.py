"""Who has no visit yet: the households of a campaign that nobody reached, when they are to be visited, how often somebody went in vain. Nobody is left out."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import area_frame, name_of
from bangfu.areas.remembered import areas
from bangfu.campaigns import acts
from bangfu.campaigns.actions.setting_up import KINDS
from bangfu.campaigns.models import COUNTED, Planned, VisitCampaign, visits_in_campaign
from bangfu.campaigns.pages.places import frame_of, url_of
from bangfu.command.pairings_shown import heads_of
from bangfu.fieldwork.models import Visit
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.kit.listing import Choice, Column, Listing, Option
from bangfu.register.pages.export import Exported, export_page

Rows = QuerySet[Any, Any]
STATES = {
    "late": Text("计划日已过", "their day has passed"),
    "today": Text("今天", "today"),
    "coming": Text("还没到计划日", "their day is to come"),
    "unplaced": Text("没有排入计划", "in no plan"),
}
MADE_BY = Text(
    "{area}还没走访的农户。数据截至 {day}。导出：{who}（{role}），{at}。事由：{why}",
    "{area}: households not visited yet. As of {day}. Exported by {who} ({role}), {at}. Reason: {why}",
)


def left_rows(actor: Actor, campaign: VisitCampaign, path: str, day: date) -> Rows:
    """The households of a campaign in an area that have no visit up to a day, with `attempts`: how often somebody went and met nobody."""
    tried = (
        Visit.objects.filter(
            household=OuterRef("household"), source__in=COUNTED, day__lte=day, day__gte=campaign.campaign.valid.lower, day__lt=campaign.campaign.valid.upper
        )
        .filter(Q(away=True) | Q(answered="nobody"))
        .order_by()
        .values("household")
    )  # fmt: skip
    rows = Planned.objects.visible_to(actor).filter(campaign=campaign, path__startswith=path)
    found: Rows = rows.filter(~Exists(visits_in_campaign(day))).annotate(
        attempts=Coalesce(Subquery(tried.annotate(n=Count("pk")).values("n")), 0),
        when=Coalesce(F("day"), campaign.campaign.valid.upper),
    )
    return found


def in_state(rows: Rows, key: str) -> Rows:
    """The rows of one of the states."""
    today = clock.today()
    return rows.filter(
        {"late": Q(day__lt=today), "today": Q(day=today), "coming": Q(day__gt=today), "unplaced": Q(team=None)}.get(
            key, Q(pk__in=[])
        )
    )


def in_vain(rows: Rows, key: str) -> Rows:
    """The rows to which somebody went in vain: at least so often."""
    return rows.filter(attempts__gte=int(key)) if key.isdigit() else rows.none()


def left_list() -> Listing:
    """The list: its columns, filters and order."""
    return Listing(
        columns=[
            Column("who", Text("户主", "Head"), lambda p: p.shown["head"] or p.household.number, phone="title", fixed=True),
            Column("place", Text("地点", "Place"), lambda p: p.shown["place"]),
            Column("kind", Text("类别", "Kind"), lambda p: KINDS[p.kind], kind="word"),
            Column("day", Text("计划日", "Planned for"), lambda p: p.shown["day"], sort=("when",), kind="word", phone="end"),
            Column("team", Text("走访组", "Team"), lambda p: p.shown["team"], kind="word"),
            Column(
                "attempts", Text("去过未遇", "In vain"), lambda p: p.attempts, sort=("attempts",), first="-", kind="number", phone="named",
                short=Text("未遇", "in vain"),
            ),
            Column("number", Text("户编号", "Household"), lambda p: p.household.number, shown=False),
        ],
        filters=[
            Choice("state", Text("状态", "State"), in_state, [Option(k, t) for k, t in STATES.items()]),
            Choice("kind", Text("类别", "Kind"), lambda rows, key: rows.filter(kind=key), [Option(k, t) for k, t in KINDS.items()]),
            Choice(
                "vain", Text("去过未遇", "In vain"), in_vain,
                [Option("1", Text("一次以上", "once or more")), Option("2", Text("两次以上", "twice or more")), Option("3", Text("三次以上", "three times or more"))],
            ),
        ],
        order=("when", "id"),
        empty=Text("都走访到了，没有遗漏。", "Everybody was visited: nobody is left out."),
    )  # fmt: skip


def fill(actor: Actor, rows: list[Any]) -> None:
    """Give the rows of a page what their cells show."""
    heads = heads_of(actor, [p.household_id for p in rows], clock.today())
    today = clock.today()
    for row in rows:
        late = (today - row.day).days if row.day is not None else 0
        row.shown = {
            "head": heads.get(row.household_id, ""),
            "place": " ".join(name_of(a) for a in areas().line(row.path)[-2:]),
            "day": _day(row, late),
            "team": Text(f"第{row.team.number}组 {row.team.leader.name}", f"{row.team.number} {row.team.leader.name}")
            if row.team
            else Text(row.why["zh"], row.why["en"]),
        }


def _day(row: Any, late: int) -> Text | str:
    if row.day is None:
        return "–"
    return (
        Text(f"{row.day} 已过{late}天", f"{row.day}, {late} days ago" if late > 1 else f"{row.day}, yesterday")
        if late > 0
        else str(row.day)
    )


@page("household.read")
@never_cache
def left(request: HttpRequest, path: str, campaign: str) -> HttpResponse:
    """The households without a visit, those whose day has passed first."""
    actor = acting_as(request)
    _, asked, frame = frame_of(actor, path, campaign, "left")
    listing = left_list()
    state = listing.read(request.GET)
    rows = listing.narrow(left_rows(actor, asked, path, clock.today()).select_related("household", "team__leader"), state)
    context = frame | {
        "listing": listing.page(
            rows, state, total=listing.count(rows, state), row_url=lambda p: f"/households/{p.household.number}/", prepare=partial(fill, actor)
        ),
        "noun": Text("户", "households"),
        "export_url": url_of("left-export", path, campaign) if actor.may("register.export") else "",
    }  # fmt: skip
    return render(request, "campaigns/left.html", context)


@page("register.export")
@never_cache
def export(request: HttpRequest, path: str, campaign: str) -> HttpResponseBase:
    """The households without a visit as a workbook."""
    actor = acting_as(request)
    area, asked, frame = frame_of(actor, path, campaign, "left")
    listing = left_list()
    state = listing.read(request.GET)
    rows = listing.narrow(left_rows(actor, asked, path, clock.today()).select_related("household", "team__leader"), state)
    exported = Exported(
        Text("导出还没走访的农户", "Export the households not visited yet"), Text("还没走访", "Not visited"), MADE_BY, Text("户数", "Households"), "not-visited.xlsx",
        acts.EXPORT, listing, state, rows, partial(fill, actor), url_of("left", path, campaign),
    )  # fmt: skip
    place = area_frame(
        actor, area, lambda p: reverse("campaigns:left-export", kwargs={"path": p, "campaign": campaign}), top=the_county().path
    )
    return export_page(request, actor, area, exported, frame | place)
