"""The first page, and the table of an area: households, persons, registered, verdicts, with a map, drilled down level by level."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container
from functools import lru_cache
from typing import Any, cast
from urllib.parse import urlencode

from django.db.models import Q, Sum
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import get_script_prefix, reverse

from bangfu.areas.frame import area_frame, areas_below, name_of, standing_area
from bangfu.areas.models import Area, AreaCell
from bangfu.areas.profile import profile_of
from bangfu.areas.remembered import areas
from bangfu.foundation.access import acting_as, own_page, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.screens import places_for
from bangfu.foundation.terms import term, worded
from bangfu.indicators.models import Figure
from bangfu.kit.asked import keeping_query
from bangfu.kit.listing import LONGEST_WORDS, Option
from bangfu.kit.numbers import percent
from bangfu.kit.parts import VERDICTS, Guarantee, VerdictCounts
from bangfu.kit.parts import Figure as KeyFigure
from bangfu.kit.problems import NOT_A_CHOICE, NOT_A_COLUMN
from bangfu.register.pages.listing import kinds
from bangfu.register.pages.views import households_url
from bangfu.screening.pages.additions import guarantees, policy, present_pack

RESULTS = ("met", "unmet", "unknown", "not_assessed")
NUMBERS = ("households", "persons", "registered_households", "registered_persons", "households_unmet", "households_unknown")
ROW_SORTS = ("area", "households", "persons", "registered_households", "registered_persons")
HEADS = ("households", "persons", "registered_households", "registered_persons")  # the key of a number is the key of its term
COUNT_SORTS = ("unmet", "unknown", "met", "not_assessed", "unmet_share")


def county_url(path: str) -> str:
    """The address of an area's table."""
    return _county_url(path, get_script_prefix())


@lru_cache(maxsize=5_000)
def _county_url(path: str, prefix: str) -> str:
    return reverse("web:county", kwargs={"path": path})


@own_page()
def home(request: HttpRequest) -> HttpResponse:
    """One's own area; the first place of the rail for a role that reads no figures, else one's own account."""
    actor = acting_as(request)
    if actor.may("figure.read"):
        return redirect(keeping_query(request, county_url(actor.scope)))
    places = [place.url for place in places_for(actor) if place.url != "/"]
    return redirect(places[0] if places else "accounts:account")


@page("area.read")
def county(request: HttpRequest, path: str) -> HttpResponse:
    """The table of an area by the areas directly below it. `?guarantee=`, `?kind=` and `?sort=` are its state."""
    actor = acting_as(request)
    area = standing_area(actor, path)
    plays = profile_of(path).plays
    if area.level in (plays.group, plays.grid) or not actor.may("figure.read"):
        # Figures are kept per village: below it there is the list of those who live there, or the village itself. A role that reads
        # no figures would see noughts.
        url = households_url(path) if actor.may("household.read") else county_url(area.path[:-4])
        return redirect(_listed(url, kind=request.GET.get("kind", "")))
    pack = present_pack()
    judged_by = policy(pack, actor) if pack else None
    named = guarantees(pack) if pack and judged_by else []  # nothing judged: the table without verdicts
    known = {g.key: g for g in named}
    notices: list[Problem] = []
    chosen = _choice(request, "guarantee", known, Text("保障", "guarantee"), notices)
    options = kinds()
    kind = _choice(request, "kind", {o.key for o in options}, Text("户类型", "kind of household"), notices)
    below = _rows_of(area)
    sums = _sums(actor, path, [a.path for a in below], kind)
    shown = known.get(chosen) or known.get("housing") or next(iter(named), None)
    rows = [_row(actor, a, sums[a.path], named, shown, kind, chosen) for a in below]
    asked = request.GET.get("sort", "")
    sort = _sorted(rows, asked, list(known))
    if asked != sort:
        notices.append(NOT_A_COLUMN(value=asked[:LONGEST_WORDS]))
    total = _row(actor, area, sums[""], named, shown, kind)
    seen = actor.may("household.read")
    context = area_frame(actor, area, county_url, top=the_county().path) | {
        "place": "county",
        "level_title": _level_title(area) if _has_table(area) else None,
        "households_url": households_url(path) if seen else "",
        "figures": _key_figures(total, households_url(path) if seen else "", kind, judged=bool(named)),
        "guarantees": named,
        "guarantee": chosen,
        "overview": [{"guarantee": g, "counts": c} for g, c in zip(named, total["verdicts"], strict=True)],
        "kinds": options,
        "kind": kind,
        "sort": sort,
        "sorts": _sorts(known.get(chosen), named, sort),
        "rows": rows,
        "totals": total | {"path": "", "url": ""} if rows else None,
        "map": _map(area, rows, shown),
        "policy": judged_by,
        "export_url": "",
        "notices": notices,
    }
    return render(request, "web/county.html", context)


def _choice(request: HttpRequest, name: str, among: Container[str], title: Text, notices: list[Problem]) -> str:
    """What the address chooses; nothing, and a notice, where there is no such choice."""
    said = request.GET.get(name, "")
    if not said or said in among:
        return said
    notices.append(NOT_A_CHOICE(name=title, value=said[:LONGEST_WORDS]))
    return ""


def _has_table(area: Area) -> bool:
    """Whether areas with figures of their own lie below: figures are kept per village."""
    plays = profile_of(area.path).plays
    return area.level not in (plays.village, plays.group)


def _rows_of(area: Area) -> list[Area]:
    return areas_below(area) if _has_table(area) else []


def _level_title(area: Area) -> Text:
    book = profile_of(area.path)
    levels = book.levels_from(area.level)
    return book.level(levels[1]).title if len(levels) > 1 else book.level(area.level).title


def _sums(actor: Actor, path: str, below: list[str], kind: str) -> dict[str, dict[str, float]]:
    """Every figure of the area (key "") and of each area below it, added up from the villages."""
    length = len(below[0]) if below else len(path)
    wanted = Figure.objects.visible_to(actor).filter(_families(kind), path__gte=path, path__lt=path + "~")
    sums = wanted.annotate(place=Left("path", length)).values_list("key", "place").annotate(value=Sum("value"))
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for key, place, value in sums.values_list("key", "place", "value"):
        plain = _plain_key(key, kind)
        if plain is not None:
            found[""][plain] += value
            found[place][plain] += value
    return found


def _families(kind: str) -> Q:
    """The kept keys that may fill this page, for the database; `_plain_key` has the last word."""
    if kind:
        return Q(key__contains=f"_of_kind.{kind}")
    return Q(key__startswith="verdict.") | Q(key__in=NUMBERS)


def _plain_key(key: str, kind: str) -> str | None:
    """The figure that a kept key fills on this page: with a kind chosen, the member of that kind of the figure's own family."""
    family, _, rest = key.partition(".")
    if not kind:
        return key if family in ("verdict", *NUMBERS) else None
    of, _, rest = rest.partition(".")
    plain = family.removesuffix("_of_kind")
    if plain == family or of != kind:
        return None
    return f"verdict.{rest}" if plain == "verdict" else plain


def _row(
    actor: Actor,
    area: Area,
    sums: dict[str, float],
    named: list[Guarantee],
    shown: Guarantee | None,
    kind: str,
    chosen: str = "",
) -> dict[str, Any]:
    base = households_url(area.path) if actor.may("household.read") else ""

    def counts(key: str) -> VerdictCounts:
        numbers = {result: int(sums[f"verdict.{key}.{result}"]) for result in RESULTS}
        return VerdictCounts(
            **numbers, url=base and base + _of(kind, key, "unmet"), unknown_url=base and base + _of(kind, key, "unknown")
        )

    verdicts = [counts(g.key) for g in named]
    lowest = area.level == profile_of(area.path).plays.village
    return {
        "path": area.path,
        "area": name_of(area),
        "url": _listed(base, kind=kind) if base and lowest else _listed(county_url(area.path), kind=kind, guarantee=chosen),
        **{n: int(sums[n]) for n in NUMBERS},
        "households_url": _listed(base, kind=kind),
        "registered_url": _listed(base, kind=kind, registered="yes"),
        "verdicts": verdicts,
        "counts": verdicts[named.index(shown)] if shown else VerdictCounts(),
    }


@lru_cache(maxsize=512)
def _of(kind: str, guarantee: str, result: str) -> str:
    """The end of an address that narrows a list by a verdict: the same in every row of the table."""
    return _listed("?", kind=kind, verdict=f"{guarantee}.{result}").removeprefix("?")


def _listed(rows: str, **filters: str) -> str:
    """The address of a list narrowed by filters; none where the reader sees no list."""
    said = urlencode({name: value for name, value in filters.items() if value})
    return f"{rows}?{said}" if rows and said else rows


def _sorted(rows: list[dict[str, Any]], sort: str, keys: list[str]) -> str:
    """Sort the rows as the address says; what it says and the table does not have is left out. Returns the sort that holds."""
    key = sort.removeprefix("-")
    falling = sort.startswith("-")
    if key in keys:
        rows.sort(key=lambda r: r["verdicts"][keys.index(key)].unmet, reverse=falling)
    elif key in COUNT_SORTS:
        rows.sort(key=lambda r: getattr(r["counts"], key) or 0, reverse=falling)
    elif key in ROW_SORTS:
        rows.sort(key=lambda r: r[key] if key != "area" else r["path"], reverse=falling)
    else:
        return ""
    return sort


def _sorts(chosen: Guarantee | None, named: list[Guarantee], sort: str) -> list[Option]:
    """The orders of the table as choices, for a screen that shows no heads: the areas' own first, then the largest numbers first."""
    heads = {key: term(key).as_heading() for key in HEADS}
    if chosen:
        heads |= {key: VERDICTS[key] for key in RESULTS} | {"unmet_share": term("unmet_share").as_heading()}
    else:
        heads |= {g.key: Text("未达标：{g}", "Unmet: {g}").format(g=g.title) for g in named}
    sorts = [Option("", Text("区划顺序", "As the areas stand")), *(Option(f"-{key}", words) for key, words in heads.items())]
    if sort in heads:
        sorts.append(Option(sort, Text("{h}，从少到多", "{h}, fewest first").format(h=heads[sort])))
    elif sort == "-area":
        sorts.append(Option(sort, Text("区划倒序", "As the areas stand, last first")))
    return sorts


def _key_figures(total: dict[str, Any], rows: str, kind: str, *, judged: bool) -> list[KeyFigure]:
    """The figures above the table, each with the list of the rows that it counts."""
    households, persons = Text("户", ""), Text("人", "")

    def listed(**filters: str) -> str:
        return _listed(rows, kind=kind, **filters)

    registered = [
        KeyFigure(term("farming_households").as_heading(), total["households"], listed(), households),
        KeyFigure(term("farming_persons").as_heading(), total["persons"], listed(), persons),
        KeyFigure(
            term("registered_households").as_heading(),
            total["registered_households"],
            listed(registered="yes"),
            households,
        ),
        KeyFigure(
            term("registered_persons").as_heading(),
            total["registered_persons"],
            listed(registered="yes"),
            persons,
        ),
    ]
    if not judged:
        return registered
    return [
        *registered,
        KeyFigure(term("something_unmet").as_heading(), total["households_unmet"], listed(verdict="any.unmet"), households),
        KeyFigure(term("something_unknown").as_heading(), total["households_unknown"], listed(verdict="any.unknown"), households),
    ]


def _has_cells(area: int) -> bool:
    return AreaCell.objects.filter(area__parent=area).exists()


def _is_computed(path: str) -> bool:
    return AreaCell.objects.filter(area__path=path, schematic=True).exists()


def _map(area: Area, rows: list[dict[str, Any]], guarantee: Guarantee | None) -> dict[str, Any] | None:
    """The map by what is unmet of a guarantee; where nothing has been judged, by what is registered."""
    if not rows or not areas().made(_has_cells, area.pk):
        return None

    def share(row: dict[str, Any]) -> float | None:
        if guarantee is not None:
            return cast(VerdictCounts, row["counts"]).unmet_share
        return row["registered_households"] / row["households"] if row["households"] else None

    title = worded(Text("{term.registered_households}比例", "{term.registered_households}: share")).as_heading()
    if guarantee is not None:
        title = Text("{g}：未达标率", "{g}: share unmet").format(g=guarantee.title)
    computed = areas().made(_is_computed, the_county().path)
    cells = {r["path"]: {"value": share(r), "text": percent(share(r)), "name": r["area"], "url": r["url"]} for r in rows}
    return {
        "title": title,
        "note": Text(
            "示意图：轮廓和各地范围均由计算得出，不是界线。", "Schematic: outline and cells are computed and are no boundaries."
        )
        if computed
        else "",
        "cells_url": reverse("areas:cells", kwargs={"path": area.path}),
        "data": {"percent": True, "cells": cells},
    }
