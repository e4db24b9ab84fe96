"""The pages that every area has of cases, and their place in the rail."""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch, reverse

from bangfu.areas.frame import area_frame, name_of, standing_area
from bangfu.areas.models import Area
from bangfu.cases.pages.links import cases_url
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.screens import AreaPage, PageLink, area_pages, rail

NAVIGATION = {
    "cases": Text("事项", "Cases"),
    "decisions": Text("认定程序", "Decisions"),
    "meetings": Text("会议", "Meetings"),
    "notices": Text("公示", "Notices"),
    "kinship": Text("亲属和回避", "Relatives"),
    "papers": Text("收材料", "Papers"),
    "forecast": Text("预测", "Forecast"),
}


def navigation(path: str, here: str) -> list[tuple[Text, str, bool]]:
    """The pages of cases for an area: title, address, whether one is there; pages that are not part of the product are left out."""
    found = []
    for name, title in NAVIGATION.items():
        try:
            found.append((title, reverse(f"cases:{name}", kwargs={"path": path}), name == here))
        except NoReverseMatch:
            continue
    return found


def frame_of(actor: Actor, path: str, name: str) -> tuple[Area, dict[str, Any]]:
    """An area inside the actor's scope and the frame of a page of it. Raises BF-1108 for any other."""
    area = standing_area(actor, path)
    frame = area_frame(actor, area, lambda p: reverse(f"cases:{name}", kwargs={"path": p}), top=the_county().path)
    return area, frame | {"place": "cases", "area": name_of(area), "path": path, "navigation": navigation(path, name)}


@area_pages.provider("cases", order=25)
def of_an_area() -> list[AreaPage]:
    """The cases of an area."""
    return [AreaPage("cases", cases_url, "case.read")]


@rail.provider("cases", order=12)
def places() -> list[PageLink]:
    """The cases of one's own area."""
    return [PageLink("cases", Text("事项", "Cases"), "/cases/", "tasks", "case.read")]
