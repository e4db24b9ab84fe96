"""Pages of the register: the list of households, and a household."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe

from bangfu.areas.frame import area_frame, name_of, standing_area
from bangfu.areas.models import Area, AreaCell
from bangfu.areas.profile import profile_of
from bangfu.areas.remembered import areas
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor, name_shown
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text, language
from bangfu.foundation.screens import list_actions, record_actions, record_lines, record_panels
from bangfu.foundation.terms import term
from bangfu.kit.asked import day_asked, keeping_query
from bangfu.kit.parts import Drawing
from bangfu.kit.problems import BEFORE_ALL
from bangfu.kit.shapes import drawing
from bangfu.register.fields import fields_of, title_of
from bangfu.register.models import Household
from bangfu.register.pages.history import history_of
from bangfu.register.pages.links import household_url as household_url
from bangfu.register.pages.links import households_url as households_url
from bangfu.register.pages.listing import HOUSEHOLDS, asked, fill, persons_found
from bangfu.register.pages.parts import evidence_of, household_parts, kind_of, source_of
from bangfu.register.pages.personal import reveal_url
from bangfu.register.problems import NOT_KNOWN_YET, UNKNOWN_HOUSEHOLD
from bangfu.register.revealing import details
from bangfu.register.showing import show_household

TICKS = "with-rows"  # the form of the boxes


@page("household.read")
def my_households(request: HttpRequest) -> HttpResponse:
    """The list of one's own area."""
    return redirect(keeping_query(request, households_url(acting_as(request).scope)))


@page("household.read")
def households(request: HttpRequest, path: str) -> HttpResponse:
    """The households of an area: searched, narrowed, paged by key."""
    actor = acting_as(request)
    area = standing_area(actor, path)
    found = asked(actor, area, request.GET)
    listing, state = found.listing, found.state
    actions = [one for _, some in list_actions.ask(actor, HOUSEHOLDS, path) for one in some]
    shown = listing.page(
        found.rows,
        state,
        total=listing.count(found.rows, state),
        row_url=lambda row: household_url(row.number),
        export_url=reverse("register:export", kwargs={"path": path}) + state.with_(after="", before="").address()
        if actor.may("register.export")
        else "",
        prepare=lambda part: fill(
            actor, part, clock.today(), found.additions, persons_found(state.words, path) if state.words else None
        ),
        ticks=TICKS if actions else "",
    )
    context = area_frame(actor, area, households_url, top=the_county().path) | {
        "listing": shown,
        "place": "households",
        "policy": None,
        "actions": actions,
        "form": TICKS,
        "kept": parse_qsl(state.with_().address()[1:]),
    }
    return render(request, "register/households.html", context)


@page("household.read")
def household(request: HttpRequest, number: str) -> HttpResponse:
    """A household: what to do next, members, facts with their sources, position, evidence. `?as_of=` shows a day gone by: what was
    true then, as it is known now, and the verdicts of that day."""
    actor = acting_as(request)
    record = Household.objects.visible_to(actor).farming().filter(number=number).only("id", "path", "area_id").first()
    if record is None:
        raise UNKNOWN_HOUSEHOLD(household=number)
    day, notices = day_asked(request.GET)
    try:
        shown = show_household(actor, number, as_of=day)
    except Problem as problem:
        if problem.kind is not NOT_KNOWN_YET:
            raise
        notices, day = [BEFORE_ALL(value=day, first=problem.values["first"], day=clock.today())], clock.today()
        shown = show_household(actor, number)
    evidence = evidence_of(actor, record.pk)
    area = areas().by_path([record.path]).get(record.path) or Area.objects.get(pk=record.area_id)
    head = next((m for m in shown["members"] if m["relation"] == "head"), None)
    kind = shown["facts"].get("kind", {})
    registration = shown["facts"].get("registration", {})
    frame = area_frame(actor, area, households_url, top=the_county().path)
    context = frame | household_parts(actor, shown, evidence, area) | {
        "area_choices": [],
        "place": "households",
        "notices": notices,
        "then": day if day != clock.today() else None,
        "title": head["name"] if head else number,
        "number": number,
        "tags": _tags(kind, registration, day),
        "ids": [
            (Text("户编号", "Number"), number),
            (Text("所在地", "Place"), " ".join(title for title, _ in frame["crumbs"][1:])),
            (Text("人口", "Members"), len(shown["members"])),
            *_reached(shown["household"]),
        ],
        "lines": [
            {"title": line.title, "html": mark_safe(line.html)}
            for _, lines in record_lines.ask(actor, record.pk, record.path, day)
            for line in lines
        ],
        "reveal_url": reveal_url(number) if _hidden(actor, shown["household"]) else "",
        "actions": [] if day != clock.today() else [one for _, some in record_actions.ask(actor, number) for one in some],
        "position": _position(area),
        "evidence": [
            {"day": e.happened_on, "kind": kind_of(e), "source": source_of(e), "who": name_shown(e.actor), "url": ""}
            for e in evidence.values() if e.happened_on <= day
        ],
        "history": history_of(actor, record.pk, evidence, day),
        "panels": [{"title": p.title, "html": mark_safe(p.html)} for _, panels in record_panels.ask(actor, record.pk) for p in panels],
    }  # fmt: skip
    return render(request, "register/household.html", context)


def _tags(kind: dict[str, Any], registration: dict[str, Any], day: date) -> list[Any]:
    tags: list[Any] = [title_of("household_kind", kind.get("kind"), day)]
    tags += [
        title_of("monitoring_kind", kind.get("monitoring_kind"), day),
        title_of("poverty_attribute", registration.get("attribute"), day),
    ]
    if registration.get("exited_on"):
        tags.append(term("exited_in", day).format(year=registration["exited_on"].year))
    return [t for t in tags if t is not None]


def _reached(household: dict[str, Any]) -> list[tuple[Text, Any]]:
    """How the household is reached and paid, as the reader may see it; what is not known is left out."""
    titles = {f.column: f.title for f in fields_of("household")}
    return [(titles[column], household[column]) for column in ("address", "phone", "bank", "account") if household[column]]


def _hidden(actor: Actor, household: dict[str, Any]) -> bool:
    """Whether the reader may ask for something of the household that comes masked."""
    return actor.may("person.reveal") and any(household[f.column or ""] for f in details(actor, "household"))


def _position(area: Area) -> dict[str, Any] | None:
    """The village's cell in its township, drawn on the server."""
    plays = profile_of(area.path).plays
    line = {a.level: a for a in areas().line(area.path)}
    village, township = line.get(plays.village), line.get(plays.township)
    if village is None or township is None:
        return None
    drawn = areas().made(_drawn, township.pk, village.path, language())
    if drawn is None:
        return None
    return {
        "drawing": drawn,
        "title": Text("{v}在{t}的位置", "{v} in {t}").format(v=name_of(village), t=name_of(township)),
        "note": Text("示意图，不是行政界线", "schematic, no boundaries"),
    }


def _drawn(township: int, village: str, said: str) -> Drawing | None:
    """The cells of a township with a village marked, their names in a language; None where none were drawn."""
    cells = AreaCell.objects.filter(area__parent=township).select_related("area")
    features = [
        {"geometry": c.geometry, "properties": {"part": "cell", "path": c.area.path, "name": name_of(c.area)}} for c in cells
    ]
    return drawing({"features": features}, village) if features else None
