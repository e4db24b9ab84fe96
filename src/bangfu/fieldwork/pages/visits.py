"""The visits of an area: who was visited when and how, and until when a signature is due; the households wholly away, with the last contact and who reaches
them."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import area_frame, name_of, standing_area
from bangfu.areas.remembered import areas
from bangfu.command.pairings_shown import heads_of
from bangfu.fieldwork import acts
from bangfu.fieldwork.away import ORDER, away, contacts_of, reached
from bangfu.fieldwork.facts import ANSWERED, MODES, SOURCES
from bangfu.fieldwork.models import Visit
from bangfu.fieldwork.models.signing import WAYS
from bangfu.fieldwork.modes import ModesOfDays, sign_by
from bangfu.fieldwork.pages.one import frame
from bangfu.fieldwork.pages.tabs import PLACE
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.hiding import hide
from bangfu.foundation.say import Text
from bangfu.kit.leafing import leaf_of
from bangfu.kit.listing import Column, Listing
from bangfu.register.pages.export import Exported, export_page

READS = "household.read"
VIEWS = {"all": Text("走访记录", "visits"), "away": Text("举家外出", "wholly away"), "unsigned": Text("未签字", "not signed")}
SIGNED = WAYS | {"": Text("未签", "not yet")}
NONE_NEEDED = Text("无需签字", "none needed")
MADE_BY = Text(
    "{area}举家外出名单。数据截至 {day}。导出：{who}（{role}），{at}。事由：{why}",
    "{area}: households wholly away. As of {day}. Exported by {who} ({role}), {at}. Reason: {why}",
)


@page(READS)
@never_cache
def visits(request: HttpRequest) -> HttpResponse:
    """The visits of one's area, newest first; `?view=away` the households whose newest visit says that nobody lives there now, the longest without contact
    first; `?view=unsigned` those that nobody has signed, the oldest first."""
    actor = acting_as(request)
    rows = Visit.objects.visible_to(actor)
    chosen = {"all": rows, "away": away(actor), "unsigned": rows.filter(signed="", away=False)}
    view = str(request.GET.get("view", "all"))
    view = view if view in VIEWS else "all"
    order = {"away": ORDER, "unsigned": ("day", "pk")}.get(view, ("-day", "-pk"))
    leaf = leaf_of(request, chosen[view].select_related("household").order_by(*order))
    url = reverse("fieldwork:visits")
    context = frame(request) | {
        "tab": "visits",
        "views": [(title, chosen[key].count(), f"{url}?view={key}", key == view) for key, title in VIEWS.items()],
        "view": view,
        "rows": lines_of(actor, leaf.rows),
        "leaf": leaf,
        "export_url": reverse("fieldwork:away-export", kwargs={"path": actor.scope})
        if view == "away" and actor.scope and actor.may("register.export")
        else "",
        "ledgers_url": reverse("fieldwork:ledgers") if actor.may("visit.record") else "",
    }
    return render(request, "fieldwork/visits.html", context)


def lines_of(actor: Actor, rows: list[Visit]) -> list[dict[str, Any]]:
    """Visits as a list shows them."""
    today, modes = clock.today(), ModesOfDays()
    heads = heads_of(actor, [v.household_id for v in rows], today)
    noted = contacts_of(actor, [v.household_id for v in rows if v.away])
    found = []
    for v in rows:
        told, last = v.told, reached(v, noted.get(v.household_id) if v.away else None)
        due = sign_by(v, modes.of(v)) if not v.signed else None
        found.append(
            {
                "v": v, "head": heads.get(v.household_id, ""), "place": " ".join(name_of(a) for a in areas().line(v.path)[-2:]),
                "household_url": f"/households/{v.household.number}/", "mode": MODES.get(v.mode, Text(v.mode, v.mode)),
                "source": SOURCES.get(v.source, Text(v.source, v.source)), "answered": ANSWERED.get(v.answered, ""), "words": hide(told.get("words", "")),
                "name": told.get("name", ""), "reached": last, "since": last.since(today), "due": due,
                "late": max(0, (today - due).days) if due else 0, "signed": NONE_NEEDED if v.away and not v.signed else SIGNED.get(v.signed, ""),
                "url": reverse("fieldwork:visit", kwargs={"visit": v.pk}),
            }
        )  # fmt: skip
    return found


# --- the households that are away, as a workbook


def away_list() -> Listing:
    """The households wholly away as a list: the longest without contact first."""
    return Listing(
        columns=[
            Column("who", Text("户主", "Head"), lambda v: v.shown["head"] or v.household.number, fixed=True),
            Column("number", Text("户编号", "Household"), lambda v: v.household.number),
            Column("place", Text("地点", "Place"), lambda v: v.shown["place"]),
            Column("last", Text("最近联系", "Last contact"), lambda v: _day(v.shown["reached"].day)),
            Column("since", Text("天数", "Days"), lambda v: v.shown["since"], kind="number"),
            Column("way", Text("方式", "How"), lambda v: v.shown["reached"].way),
            Column("by", Text("由谁联系", "Who reaches them"), lambda v: v.shown["reached"].by),
            Column("visited", Text("走访", "Visit"), lambda v: _day(v.day)),
            Column("worker", Text("走访人", "Visited by"), lambda v: v.worker),
        ],
        order=("last", "id"),
        empty=Text("没有举家外出的农户。", "No household is wholly away."),
    )  # fmt: skip


def _day(day: Any) -> str:
    return day.isoformat() if day is not None else ""


def _fill(actor: Actor, rows: list[Any]) -> None:
    """Give the visits of a part of the list what its cells show."""
    for visit, line in zip(rows, lines_of(actor, rows), strict=True):
        visit.shown = line


@page("register.export")
@never_cache
def away_export(request: HttpRequest, path: str) -> HttpResponseBase:
    """The households of an area that are wholly away, as a workbook."""
    actor = acting_as(request)
    area = standing_area(actor, path)
    listing, url = away_list(), f"{reverse('fieldwork:visits')}?view=away"
    rows = away(actor).filter(path__startswith=path).select_related("household")
    exported = Exported(
        Text("导出举家外出名单", "Export the households wholly away"), Text("举家外出", "Wholly away"), MADE_BY, Text("户数", "Households"), "away.xlsx",
        acts.AWAY_EXPORT, listing, listing.read(request.GET), rows, partial(_fill, actor), url,
    )  # fmt: skip
    frame_ = area_frame(actor, area, lambda p: reverse("fieldwork:away-export", kwargs={"path": p}), top=the_county().path)
    return export_page(request, actor, area, exported, frame_ | {"place": PLACE})
