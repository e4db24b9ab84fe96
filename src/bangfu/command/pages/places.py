"""The pages that every area has of command, for the switch of areas, and the way from one of them to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import NoReverseMatch, reverse

from bangfu.areas.frame import area_frame, name_of, standing_area
from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.screens import AreaPage, PageLink, area_pages, rail

NAVIGATION = {
    "chain": Text("指挥体系", "Chain"),
    "orders": Text("指令", "Orders"),
    "appointments": Text("任职与挂帮", "Appointments"),
    "field-visits": Text("领导调研", "Field visits"),
    "pairing": Text("结对", "Pairing"),
    "calendar": Text("日历", "Calendar"),
}


def address_of(name: str) -> Callable[[str], str]:
    """What makes the address of an area's page: `address_of("chain")("cn/001/")`."""
    return lambda path: reverse(f"command:{name}", kwargs={"path": path})


def navigation(path: str, here: str) -> list[tuple[Text, str, bool]]:
    """The pages of command for an area: title, address, whether one is there; pages that are not part of the product are left out."""
    found = []
    for name, title in NAVIGATION.items():
        try:
            found.append((title, address_of(name)(path), name == here))
        except NoReverseMatch:
            continue
    return found


def frame_of(actor: Actor, path: str, name: str, here: str = "") -> tuple[Area, dict[str, Any]]:
    """An area inside the actor's scope and the frame of a page of it. Raises BF-1108 for any other."""
    area = standing_area(actor, path)
    frame = area_frame(actor, area, address_of(name), top=the_county().path)
    return area, frame | {"place": "chain", "area": name_of(area), "path": path, "navigation": navigation(path, here or name)}


def places_to_name(actor: Actor, path: str) -> list[tuple[str, str]]:
    """The townships and villages of an area, path and name, for the forms of its pages."""
    plays = profile_of(path).plays
    rows = Area.objects.visible_to(actor).under(path).on(clock.today()).level(*(p for p in (plays.township, plays.village) if p))
    return [(a.path, name_of(a)) for a in rows.order_by("path")]


@area_pages.provider("command", order=30)
def of_an_area() -> list[AreaPage]:
    """The chain at an area."""
    return [AreaPage("chain", address_of("chain"), "command.read")]


@rail.provider("command.chain", order=15)
def places() -> list[PageLink]:
    """The chain of one's own area, and from there everything of command."""
    return [PageLink("chain", Text("指挥", "Command"), "/chain/", "chain", "command.read")]
