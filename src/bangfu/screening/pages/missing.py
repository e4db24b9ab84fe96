"""The evidence that an area lacks: what nobody knows of which household, and who could supply it.

Lines, not cases: what is not known is asked of the departments first, then on the next planned visit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bangfu.areas.frame import area_frame, standing_area
from bangfu.areas.profile import profile_of
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.screens import tabs_for
from bangfu.kit.asked import keeping_query
from bangfu.kit.listing import Choice, Column, Listing, Option
from bangfu.register.fields import fields
from bangfu.register.models import Person
from bangfu.register.pages.links import household_url
from bangfu.register.pages.listing import fill
from bangfu.rules.check import MEMBERS
from bangfu.screening.engine import Verdict as Judged
from bangfu.screening.models import Verdict
from bangfu.screening.pack import Pack, Reason
from bangfu.screening.pack.keys import SUPPLIERS
from bangfu.screening.pages.additions import ASK_THEM, guarantees, policy, present_pack
from bangfu.screening.reading import said_in_words

Rows = QuerySet[Any, Any]
PLACE = "fieldwork"  # the place of the rail whose tab it is
_VALUE = re.compile(r"[：:，, ]*\{[^{}]*\}")


def source_title(key: str) -> Text:
    """Who supplies what is missing; a source that the pages do not know by name is shown as the pack has it."""
    return SUPPLIERS.get(key, Text(key, key))


def lacking_title(reason: Reason) -> Text:
    """What is missing in general: the field that has it, else the pack's words without the values of one household."""
    field = fields().get(reason.fact)
    if field is not None:
        return field.title
    return Text(_VALUE.sub("", reason.text.zh), _VALUE.sub("", reason.text.en))


@dataclass(frozen=True, slots=True)
class Lacking:
    """One kind of evidence that is missing in an area: of how many households, and where they are listed."""

    title: Text
    guarantee: Text
    households: int
    url: str


@dataclass(frozen=True, slots=True)
class Source:
    """Who could supply evidence, what to ask of them, and what is missing, the most first."""

    key: str
    title: Text
    ask: Text
    lines: list[Lacking]
    chosen: bool
    url: str

    @property
    def total(self) -> int:
        return sum(line.households for line in self.lines)


def _reasons(pack: Pack) -> dict[tuple[str, str], Reason]:
    return {(g.name, reason.code): reason for g in pack.guarantees.values() for reason in g.missing}


def _counts(rows: Rows) -> dict[tuple[str, str], int]:
    """Households by guarantee and reason: grouped by the whole list of reasons, of which there are few."""
    found: dict[tuple[str, str], int] = {}
    for guarantee, reasons, count in rows.order_by().values_list("guarantee", "reasons").annotate(n=Count("pk")):
        for reason in reasons or ():
            found[guarantee, reason] = found.get((guarantee, reason), 0) + count
    return found


def _of_source(pack: Pack, rows: Rows, source: str) -> Rows:
    keys = [key for key, reason in _reasons(pack).items() if reason.supplied_by == source]
    return rows.filter(guarantee__in={g for g, _ in keys}, reasons__overlap=[code for _, code in keys])


def _of_line(rows: Rows, value: str) -> Rows:
    guarantee, _, code = value.partition(".")
    return rows.filter(guarantee=guarantee, reasons__contains=[code])


def _listing(pack: Pack, path: str) -> Listing:
    named = {g.key: g for g in guarantees(pack)}
    lines = [
        Option(f"{g}.{code}", lacking_title(reason), source_title(reason.supplied_by))
        for (g, code), reason in _reasons(pack).items()
    ]
    sources = [Option(key, source_title(key)) for key in dict.fromkeys(r.supplied_by for r in _reasons(pack).values())]
    plays = profile_of(path).plays
    where = profile_of(path).level(plays.group or plays.village).title
    return Listing(
        columns=[
            Column("head", Text("户主", "Head"), lambda row: row.shown["head"], phone="title", fixed=True),
            Column("area", where, lambda row: row.shown["area"], phone="end"),
            Column("members", Text("人口", "Members"), lambda row: row.shown["members"], kind="number", phone="hide", shown=False),
            Column("guarantee", Text("保障", "Guarantee"), lambda row: named[row.guarantee].title, kind="word"),
            Column("what", Text("缺什么", "What is missing"), lambda row: row.shown["what"], phone="full"),
            Column("source", Text("由谁提供", "Who supplies it"), lambda row: row.shown["source"]),
        ],
        filters=[
            Choice("source", Text("由谁提供", "Who supplies it"), partial(_of_source, pack), sources),
            Choice("line", Text("缺什么", "What is missing"), _of_line, lines),
            Choice("guarantee", Text("保障", "Guarantee"), lambda rows, value: rows.filter(guarantee=value),
                   [Option(g.key, g.title) for g in named.values()]),
        ],
        order=("path", "household_id", "guarantee"),
        empty=Text("没有缺少的证据。", "No evidence is missing."),
        empty_remedy=Text("请去掉筛选条件；或者这里的每一项都已经查清。", "Take a filter away; or everything here is known."),
    )  # fmt: skip


def missing_url(path: str) -> str:
    """The page of an area."""
    return reverse("screening:missing", kwargs={"path": path})


@page("household.read")
def my_missing(request: HttpRequest) -> HttpResponse:
    """The page of one's own area."""
    return redirect(keeping_query(request, missing_url(acting_as(request).scope)))


@page("household.read")
def missing(request: HttpRequest, path: str) -> HttpResponse:
    """What evidence the households of an area lack: by who could supply it, then household by household."""
    actor = acting_as(request)
    area = standing_area(actor, path)
    frame = area_frame(actor, area, missing_url, top=the_county().path) | {
        "place": PLACE,
        "tabs": tabs_for(actor, PLACE),
        "tab": "missing",
    }
    pack = present_pack()
    if pack is None or not pack.guarantees:
        return render(request, "screening/missing.html", frame | {"listing": None, "sources": [], "policy": None})
    rows: Rows = Verdict.objects.visible_to(actor).under(path).filter(guarantee__in=list(pack.guarantees), result="unknown")
    listing = _listing(pack, path)
    state = listing.read(request.GET)
    narrowed = listing.narrow(rows, state)
    shown = listing.page(
        narrowed.select_related("household"),
        state,
        total=listing.count(narrowed, state),
        row_url=lambda row: household_url(row.household.number),
        prepare=partial(_fill, actor, pack),
    )
    context = frame | {
        "listing": shown,
        "sources": _sources(pack, _counts(rows), state.filters.get("source", "")),
        "policy": policy(pack),
    }
    return render(request, "screening/missing.html", context)


def _sources(pack: Pack, counts: dict[tuple[str, str], int], chosen: str) -> list[Source]:
    found: dict[str, list[Lacking]] = {}
    for (guarantee, code), reason in _reasons(pack).items():
        if count := counts.get((guarantee, code), 0):
            line = Lacking(lacking_title(reason), pack.guarantees[guarantee].short, count, f"?line={guarantee}.{code}")
            found.setdefault(reason.supplied_by, []).append(line)
    sources = [
        Source(
            key, source_title(key), ASK_THEM.get(key, Text("", "")), sorted(lines, key=lambda line: -line.households), key == chosen,
            "?" if key == chosen else f"?source={key}",
        )
        for key, lines in found.items()
    ]  # fmt: skip
    return sorted(sources, key=lambda source: -source.total)


def _fill(actor: Actor, pack: Pack, rows: list[Any]) -> None:
    """What the cells of a page show: the household's head and place, what is missing in words with the members it is missing of."""
    fill(actor, [row.household for row in rows], clock.today(), [])
    people = {person for row in rows for person in _persons(pack, row)}
    names = dict(Person.objects.visible_to(actor).filter(pk__in=people).values_list("pk", "name"))
    for row in rows:
        said = said_in_words(pack, row.guarantee, Judged(row.result, tuple(row.reasons or ()), row.values or {}), names)
        row.shown = row.household.shown | {
            "what": Text("；".join(r.text.zh for r in said), "; ".join(r.text.en for r in said)),
            "source": _all(source_title(r.supplied_by) for r in said if r.supplied_by),
        }


def _persons(pack: Pack, row: Verdict) -> Iterable[int]:
    for key, value in (row.values or {}).items():
        node = pack.value_nodes.get(key)
        if node is not None and node.type == MEMBERS:
            yield from value or ()


def _all(words: Iterable[Text]) -> Text:
    unique = list(dict.fromkeys(words))
    return Text("、".join(w.zh for w in unique), ", ".join(w.en for w in unique))
