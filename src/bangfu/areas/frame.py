"""Where a page stands: the breadcrumb down to an area, and the areas one can go to from there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bangfu.areas.models import Area
from bangfu.areas.problems import UNKNOWN_AREA
from bangfu.areas.profile import profile_of
from bangfu.areas.remembered import areas
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import language


def standing_area(actor: Actor, path: str) -> Area:
    """The area of a path inside the actor's scope. Raises BF-1108 for any other."""
    area = areas().by_path([path]).get(path) if actor.covers(path) else None
    if area is None:
        raise UNKNOWN_AREA(area=path)
    return area


def name_of(area: Area) -> str:
    """An area's name in the reader's language, where it has one."""
    return area.name_en if language() == "en" and area.name_en else area.name


def areas_below(area: Area) -> list[Area]:
    """The areas directly below an area today; grids are none to stand in."""
    grid = profile_of(area.path).plays.grid
    return [a for a in areas().below(area, clock.today()) if a.level != grid]


def area_frame(actor: Actor, area: Area, url: Callable[[str], str], *, top: str) -> dict[str, Any]:
    """`crumbs` from the county (`top`) down to the area, and `area_choices` directly below it; `url` makes the address of a path.

    Crumbs above the scope have no address: one may know where one stands, not look around there.
    """
    line = [a for a in areas().line(area.path) if a.path.startswith(top)]
    below = areas_below(area)
    return {
        "area_title": name_of(area),
        "crumbs": [(name_of(a), url(a.path) if actor.covers(a.path) else "#") for a in line],
        "area_choices": [(name_of(a), url(a.path)) for a in below],
    }
