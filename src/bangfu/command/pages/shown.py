"""Small things that the pages of helpers and pairing share: words, a bar of a load, a map of the areas below, what a form says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.urls import get_script_prefix, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from bangfu.areas.frame import areas_below, name_of
from bangfu.areas.models import Area, AreaCell
from bangfu.areas.profile import profile_of
from bangfu.areas.remembered import areas
from bangfu.command.actions.plans import RANKS
from bangfu.command.problems import BAD_ROW
from bangfu.foundation import clock
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.addresses import Address
from bangfu.kit.forms import day_of, not_a_button, number_of

PROFESSIONS = {
    "cadre": Text("干部", "cadre"),
    "teacher": Text("教师", "teacher"),
    "medic": Text("医务人员", "medic"),
    "police": Text("民警", "police"),
    "technician": Text("农技人员", "technician"),
    "villager": Text("村民", "villager"),
}
WIDTH = 72  # of a bar
home_url = Address("command:household-helper", "number")


def helper_url(helper: int) -> str:
    """The page of a helper."""
    return _helper_url(helper, get_script_prefix())


@lru_cache(maxsize=5_000)
def _helper_url(helper: int, prefix: str) -> str:
    return reverse("command:helper", kwargs={"helper": helper})


def rank_title(rank: str) -> Text:
    """What a rank is called; a rank of the county's own by its code."""
    return RANKS.get(rank, Text(rank, rank))


def profession_title(profession: str) -> Text:
    """What a profession is called; one of the county's own by its code."""
    return PROFESSIONS.get(profession, Text(profession, profession))


def pairing_url(path: str) -> str:
    """The page of pairing of an area."""
    return reverse("command:pairing", kwargs={"path": path})


def helpers_url(path: str) -> str:
    """The list of helpers of an area."""
    return reverse("command:helpers", kwargs={"path": path})


def load_bar(load: int, target: int | None, most: int | None) -> SafeString:
    """A load as a number with a bar: a line at the target, the end at the ceiling. -1 and None: nothing is said."""
    target, most = (None if n is None or n < 0 else n for n in (target, most))
    whole = max(load, most or 0, target or 0, 1)
    state = "over" if most is not None and load > most else "above" if target is not None and load > target else "within"
    line = "" if target is None else f'<path d="M{WIDTH * target / whole:.1f} 0V12"/>'
    words = Text("{n} 户，目标 {t}，上限 {m}", "{n} household(s), target {t}, ceiling {m}").format(
        n=load, t="–" if target is None else target, m="–" if most is None else most
    )
    return format_html(
        '<span class="load" title="{}"><b>{}</b><svg class="load-bar {}" viewBox="0 0 {} 12" aria-hidden="true"><rect class="whole" width="{}" height="12"/>'
        '<rect class="held" width="{}" height="12"/>{}</svg><span class="muted">{}</span></span>',
        words, load, state, WIDTH, WIDTH, f"{WIDTH * load / whole:.1f}", mark_safe(line),
        "" if most is None else f"{target if target is not None else '–'}/{most}",
    )  # fmt: skip


def place_of(path: str) -> str:
    """The village and the group of a path, as far as areas have them, in the reader's language."""
    plays = profile_of(the_county().path).plays
    return " ".join(name_of(a) for a in areas().line(path) if a.level in (plays.village, plays.group))


def full_place(path: str) -> str:
    """The township and what lies below it, of a path."""
    top = the_county().path
    return " ".join(name_of(a) for a in areas().line(path) if a.path.startswith(top) and a.path != top)


def rows_below(area: Area) -> list[Area]:
    """The areas below an area of which a table is made: none below a village's groups."""
    plays = profile_of(area.path).plays
    return [] if area.level in (plays.group, plays.grid) else areas_below(area)


def _has_cells(area: int) -> bool:
    return AreaCell.objects.filter(area__parent=area).exists()


def map_of(
    area: Area, title: Text, cells: Mapping[str, dict[str, Any]], *, level: str = "", percent: bool = False
) -> dict[str, Any] | None:
    """The map of an area's cells, or of those of a level below it; None where nothing was drawn."""
    if not cells or not areas().made(_has_cells, area.pk):
        return None
    url = reverse("areas:cells", kwargs={"path": area.path})
    drawn: dict[str, Any] = {
        "title": title,
        "note": Text(
            "示意图：范围由计算得出，不是行政界线；数字也在旁边的表里。",
            "Schematic: the cells are computed and are no boundaries; the same numbers stand in the table.",
        ),
        "cells_url": f"{url}?level={level}" if level else url,
        "data": {"percent": percent, "cells": cells},
    }
    if level:
        drawn["borders_url"] = url
    return drawn


def said(request: HttpRequest, *names: str) -> dict[str, str]:
    """What a form says, by name."""
    return {name: request.POST.get(name, "").strip()[:4000] for name in names}


def day_said(raw: str) -> date:
    """The day of a form, today where it names none. Raises BF-2204 for one that cannot be read."""
    return day_of(raw, Text("日期", "day"), BAD_ROW) if raw else clock.today()


def number_said(raw: str, column: Text, least: int, most: int) -> int:
    """A whole number of a form. Raises BF-2204 for anything else."""
    return number_of(raw, column, BAD_ROW, least, most)


def not_a_choice(do: str) -> Problem:
    """The problem of a form that asks for what the page does not have: BF-2204."""
    return not_a_button(do, BAD_ROW)
