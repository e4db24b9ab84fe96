"""Lists as workbooks: what the list shows, as it is narrowed, for a reason that is kept. The list of households is one of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from bangfu.accounts.acts import REASONS, SHORTEST_REASON
from bangfu.areas.frame import area_frame, name_of, standing_area
from bangfu.areas.models import Area
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.acts import Act
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.listing import Listing, State
from bangfu.kit.sheets import MAX_ROWS
from bangfu.register import actions
from bangfu.register.acts import EXPORT
from bangfu.register.pages.links import households_url
from bangfu.register.pages.listing import Rows, asked, fill

MADE_BY = Text(
    "{area}农户清单。数据截至 {day}。导出：{who}（{role}），{at}。事由：{why}",
    "{area}: households. As of {day}. Exported by {who} ({role}), {at}. Reason: {why}",
)
TITLE, COUNTED = Text("导出农户清单", "Export the list"), Text("户数", "Households")
SHEET = Text("农户清单", "Households")
NARROWED = Text("筛选：{filters}", "Narrowed by {filters}")


@dataclass(frozen=True, slots=True)
class Exported:
    """A list that can be taken along: what it is, its rows as narrowed, what its cells need, and where it stands.

    `made_by` has {area}, {day} (of the data), {who}, {role}, {at} (by the clock of the county; the audit keeps the time of the machine) and {why}.
    """

    title: Text
    sheet: Text
    made_by: Text
    counted: Text
    file: str
    act: Act
    listing: Listing
    state: State
    rows: Rows
    prepare: Callable[[list[Any]], None]
    back: str


def export_page(request: HttpRequest, actor: Actor, area: Area, asked: Exported, frame: dict[str, Any]) -> HttpResponseBase:
    """A list as a workbook: GET says what it will hold and asks why, POST gives the file."""
    listing, state = asked.listing, asked.state
    problem = None
    reason, words = request.POST.get("reason", ""), request.POST.get("words", "")
    shown = listing.show([], state)
    if request.method == "POST":
        chips = "；".join(f"{chip.name} {chip.value}" for chip in shown.chips)

        def write(to: Path, why: str) -> int:
            at = clock.now().astimezone(clock.zone()).strftime("%Y-%m-%d %H:%M")
            made = asked.made_by.format(
                area=name_of(area), day=clock.today(), who=actor.name, role=actor.title or actor.role, at=at, why=why
            )
            titles = [str(made), *([str(NARROWED.format(filters=chips))] if chips else [])]
            return listing.export(asked.rows, state, to, sheet=str(asked.sheet), titles=titles, prepare=asked.prepare)

        try:
            with tempfile.TemporaryDirectory() as folder:
                to = Path(folder) / asked.file
                narrowed = sorted([*state.filters, *(["q"] if state.words else [])])
                actions.export_list(actor, area.path, to, write, reason=reason, words=words, narrowed=narrowed, act=asked.act)
                stamp = clock.machine_now().astimezone(clock.zone()).strftime("%Y%m%d-%H%M")
                # The open file outlives its name.
                return FileResponse(to.open("rb"), as_attachment=True, filename=f"{name_of(area)} {asked.sheet} {stamp}.xlsx")
        except Problem as refused:
            problem = refused
    context = frame | {
        "title": asked.title,
        "counted": asked.counted,
        "back": asked.back,
        "rows": listing.count(asked.rows, state),
        "most": MAX_ROWS - 3,
        "columns": shown.columns,
        "chips": shown.chips,
        "reasons": REASONS.items(),
        "reason": reason,
        "words": words,
        "least": SHORTEST_REASON,
        "problem": problem,
    }
    return render(request, "register/export.html", context, status=problem.kind.status if problem else 200)


@page("register.export")
@never_cache
def households(request: HttpRequest, path: str) -> HttpResponseBase:
    """The households of an area as a workbook."""
    actor = acting_as(request)
    area = standing_area(actor, path)
    found = asked(actor, area, request.GET)
    day = clock.today()
    exported = Exported(
        TITLE, SHEET, MADE_BY, COUNTED, "households.xlsx", EXPORT, found.listing, found.state, found.rows,
        lambda part: fill(actor, part, day, found.additions), households_url(path) + found.state.address(),
    )  # fmt: skip
    frame = area_frame(actor, area, households_url, top=the_county().path) | {"place": "households"}
    return export_page(request, actor, area, exported, frame)
