"""The list of households as a workbook: what the list shows, as it is narrowed, for a reason that is kept."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from bangfu.accounts.acts import REASONS, SHORTEST_REASON
from bangfu.areas.frame import area_frame, name_of, standing_area
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.sheets import MAX_ROWS
from bangfu.register import actions
from bangfu.register.pages.links import households_url
from bangfu.register.pages.listing import asked, fill

MADE_BY = Text(
    "{area}农户清单。导出：{who}（{role}），{at}。事由：{why}",
    "{area}: households. Exported by {who} ({role}), {at}. Reason: {why}",
)
SHEET = Text("农户清单", "Households")
NARROWED = Text("筛选：{filters}", "Narrowed by {filters}")


@page("register.export")
@never_cache
def households(request: HttpRequest, path: str) -> HttpResponseBase:
    """The households of an area as a workbook: GET says what it will hold and asks why, POST gives the file."""
    actor = acting_as(request)
    area = standing_area(actor, path)
    found = asked(actor, area, request.GET)
    listing, state = found.listing, found.state
    problem = None
    reason, words = request.POST.get("reason", ""), request.POST.get("words", "")
    shown = listing.show([], state)
    if request.method == "POST":
        day = clock.today()
        chips = "；".join(f"{chip.name} {chip.value}" for chip in shown.chips)

        def write(to: Path, why: str) -> int:
            at = clock.machine_now().astimezone(clock.zone()).strftime("%Y-%m-%d %H:%M")
            made = MADE_BY.format(area=name_of(area), who=actor.name, role=actor.title or actor.role, at=at, why=why)
            titles = [str(made), *([str(NARROWED.format(filters=chips))] if chips else [])]
            return listing.export(
                found.rows,
                state,
                to,
                sheet=str(SHEET),
                titles=titles,
                prepare=lambda part: fill(actor, part, day, found.additions),
            )

        try:
            with tempfile.TemporaryDirectory() as folder:
                to = Path(folder) / "households.xlsx"
                narrowed = sorted([*state.filters, *(["q"] if state.words else [])])
                actions.export_list(actor, path, to, write, reason=reason, words=words, narrowed=narrowed)
                stamp = clock.machine_now().astimezone(clock.zone()).strftime("%Y%m%d-%H%M")
                # The open file outlives its name.
                return FileResponse(to.open("rb"), as_attachment=True, filename=f"{name_of(area)} {SHEET} {stamp}.xlsx")
        except Problem as refused:
            problem = refused
    context = area_frame(actor, area, households_url, top=the_county().path) | {
        "place": "households",
        "back": households_url(path) + state.address(),
        "rows": listing.count(found.rows, state),
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
