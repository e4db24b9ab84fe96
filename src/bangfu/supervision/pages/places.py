"""Where the pages of supervision stand: one tab in the place of fieldwork, and the pages side by side below it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from bangfu.fieldwork.pages.tabs import PLACE
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.screens import Tab, place_tabs, tabs_for
from bangfu.supervision.models.base import READS

TAB = "supervision"
PAGES = {
    "samples": Text("抽查", "Samples"),
    "findings": Text("问题", "Findings"),
    "posts": Text("指挥所检查", "Posts"),
    "watch": Text("质量核看", "Quality watch"),
    "rehearsal-first": Text("迎检演练", "Rehearsal"),
}


@place_tabs.provider("supervision", order=30)
def tabs(place: str) -> list[Tab]:
    """Supervision stands beside campaigns."""
    return [Tab(TAB, Text("督导", "Supervision"), "/fieldwork/samples/", READS)] if place == PLACE else []


def frame_in(actor: Actor, page: str) -> dict[str, Any]:
    """The frame of a page of supervision: its place, the tabs, and the pages beside it (`pages`: title, address, whether it is this one)."""
    pages = [(title, reverse(f"supervision:{name}"), name.startswith(page)) for name, title in PAGES.items()]
    return {"place": PLACE, "tabs": tabs_for(actor, PLACE), "tab": TAB, "pages": pages}
