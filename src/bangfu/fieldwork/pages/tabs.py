"""The tabs of fieldwork's place in the rail."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.screens import Tab, place_tabs, tabs_for

PLACE = "fieldwork"


@place_tabs.provider(PLACE, order=10)
def tabs(place: str) -> list[Tab]:
    """What stands side by side in the place, in this order: a line each."""
    if place != PLACE:
        return []
    return [
        Tab("submissions", Text("提交", "Submissions"), "/fieldwork/submissions/", "submission.read"),
        Tab("contradictions", Text("不一致", "Contradictions"), "/fieldwork/contradictions/", "submission.read"),
        Tab("reports", Text("申报和来电", "Reports"), "/fieldwork/reports/", "case.read"),
        Tab("visits", Text("走访记录", "Visits"), "/fieldwork/visits/", "household.read"),
        Tab("devices", Text("设备", "Devices"), "/fieldwork/devices/", "form.fill"),
        Tab("packets", Text("数据包", "Packets"), "/fieldwork/packets/", "packet.exchange"),
        Tab("forms", Text("表单", "Forms"), "/fieldwork/forms/", "form.manage"),
        Tab("missing", Text("缺少的证据", "Missing evidence"), "/missing/", "household.read"),
    ]


def in_place(actor: Actor, tab: str) -> dict[str, Any]:
    """What a page of the place shows of it: its place in the rail, and the tabs with its own."""
    return {"place": PLACE, "tabs": tabs_for(actor, PLACE), "tab": tab}


@page("household.read")
def first(request: HttpRequest) -> HttpResponse:
    """The place itself: its first tab that the role may open."""
    return redirect(tabs_for(acting_as(request), PLACE)[0].url)
