"""Pages of the register: the list of households, and a household."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe

from bangfu.areas.frame import area_frame, name_of, standing_area
from bangfu.areas.models import Area, AreaCell
from bangfu.areas.profile import Currency, profile_of
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.screens import record_panels, standing_of
from bangfu.kit.asked import day_asked, keeping_query
from bangfu.kit.parts import Fact, FactGroup
from bangfu.kit.shapes import drawing
from bangfu.register import masks
from bangfu.register.fields import fields_of, title_of
from bangfu.register.models import Evidence, Household
from bangfu.register.pages.links import household_url as household_url
from bangfu.register.pages.links import households_url as households_url
from bangfu.register.pages.listing import asked, fill, persons_found
from bangfu.register.pages.personal import reveal_url
from bangfu.register.problems import UNKNOWN_HOUSEHOLD
from bangfu.register.revealing import details
from bangfu.register.showing import say_facts, show_household

TABLES = {
    "house": Text("住房", "House"),
    "water": Text("饮水", "Drinking water"),
    "living": Text("生活条件", "Living"),
    "land": Text("土地", "Land"),
    "relocation": Text("易地搬迁", "Relocation"),
    "registration": Text("建档立卡", "Registration"),
}
COSTS = ("production_cost",)
NOT_INCOME = ("claims", "self_paid")
UNITS = {
    "mu": Text("亩", "mu"),
    "m²": Text("平方米", "m²"),
    "km": Text("公里", "km"),
    "m": Text("米", "m"),
    "day": Text("天", "days"),
    "month": Text("个月", "months"),
    "l/person/day": Text("升/人·日", "l per person and day"),
}


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
    )
    context = area_frame(actor, area, households_url, top=the_county().path) | {
        "listing": shown,
        "place": "households",
        "policy": None,
    }
    return render(request, "register/households.html", context)


@page("household.read")
def household(request: HttpRequest, number: str) -> HttpResponse:
    """A household: what to do next, members, facts with their sources, position, evidence. `?as_of=` shows a day gone by: what was
    true then, as it is known now, and the verdicts of that day."""
    actor = acting_as(request)
    record = Household.objects.visible_to(actor).farming().filter(number=number).first()
    if record is None:
        raise UNKNOWN_HOUSEHOLD(household=number)
    day, notices = day_asked(request.GET)
    shown = show_household(actor, number, as_of=day)
    evidence = _evidence(actor, record.pk)
    area = Area.objects.get(pk=record.area_id)
    standing = next((s for _, s in standing_of.ask(actor, record.pk, day) if s is not None), None)
    head = next((m for m in shown["members"] if m["relation"] == "head"), None)
    kind = shown["facts"].get("kind", {})
    registration = shown["facts"].get("registration", {})
    frame = area_frame(actor, area, households_url, top=the_county().path)
    context = frame | {
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
        "reveal_url": reveal_url(number) if _hidden(actor, shown["household"]) else "",
        "actions": [],
        "next": standing.steps if standing else [],
        "settled": standing.settled if standing else [],
        "policy": standing.policy if standing else None,
        "judged_note": standing.note if standing else None,
        "members": [_member(m, day, reveal_url(number, m["person"]) if actor.may("person.reveal") else "") for m in shown["members"]],
        "groups": _groups(shown["facts"], evidence, day),
        "income": _income(shown, evidence, standing, profile_of(area.path).currency),
        "position": _position(actor, area),
        "evidence": [
            {"day": e.happened_on, "kind": Text("导入", "Import"), "source": _source(e), "who": e.actor, "url": ""} for e in evidence.values() if e.happened_on <= day
        ],
        "history": [],
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
        tags.append(Text("{y}年脱贫", "exited in {y}").format(y=registration["exited_on"].year))
    return [t for t in tags if t is not None]


def _evidence(actor: Any, household: int) -> dict[int, Evidence]:
    rows = Evidence.objects.visible_to(actor).filter(household=household).select_related("source").order_by("-happened_on", "-id")
    return {e.pk: e for e in rows[:50]}


def _source(e: Evidence) -> Text:
    return Text("{name} 第{row}行", "{name}, row {row}").format(name=e.source.name, row=e.row)


def _said(e: Evidence | None) -> Text | str:
    return "" if e is None else Text("{day} 导入", "import {day}").format(day=e.happened_on)


def _groups(facts: dict[str, Any], evidence: dict[int, Evidence], day: date) -> list[FactGroup]:
    groups = []
    for table, title in TABLES.items():
        fact = facts.get(table)
        if fact is None:
            continue
        source = _said(evidence.get(fact["evidence"]))
        said = [Fact(_without_unit(t), _words(v), UNITS.get(u or "", ""), source) for t, v, u in say_facts(table, fact, day)]
        groups.append(FactGroup(table, title, said))
    return groups


def _words(value: Any) -> Any:
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, list):
        return Text("、".join(v.zh for v in value), ", ".join(v.en for v in value))
    return value


def _reached(household: dict[str, Any]) -> list[tuple[Text, Any]]:
    """How the household is reached and paid, as the reader may see it; what is not known is left out."""
    titles = {f.column: f.title for f in fields_of("household")}
    return [(titles[column], household[column]) for column in ("address", "phone", "bank", "account") if household[column]]


def _hidden(actor: Actor, household: dict[str, Any]) -> bool:
    """Whether the reader may ask for something of the household that comes masked."""
    return actor.may("person.reveal") and any(household[f.column or ""] for f in details(actor, "household"))


def _member(m: dict[str, Any], day: date, revealed_at: str) -> dict[str, Any]:
    schooling, condition, insurance = m.get("schooling", {}), m.get("condition", {}), m.get("insurance", {})
    stage, status = schooling.get("stage"), schooling.get("status")
    school = (
        title_of("school_stage", stage, day) if stage and status in (None, "enrolled") else title_of("school_status", status, day)
    )
    if school is None and schooling.get("education"):
        school = title_of("education", schooling["education"], day)
    health = condition.get("health", [])
    health = [masks.HIDDEN_WORDS] if health == masks.HIDDEN else [title_of("health", h, day) for h in health]
    residence = m.get("residence", {})
    return {
        "name": m["name"],
        "relation": title_of("relation", m["relation"], day),
        "sex": title_of("sex", m["sex"], day),
        "age": m["age"],
        "identity": m["identity"],
        "phone": m["phone"],
        "reveal_url": revealed_at,
        "school": school,
        "health": _words([h for h in health if h]) if health else None,
        "labour": title_of("labour", condition.get("labour"), day),
        "insured": _insured(insurance),
        "note": title_of("residence", residence["place"], day) if residence.get("place") not in (None, "here") else None,
        "url": "",
    }


def _insured(insurance: dict[str, Any]) -> Text | None:
    resident, employee = insurance.get("resident_medical"), insurance.get("employee_medical")
    if insurance.get("insured_elsewhere"):
        return Text("异地参保", "elsewhere")
    if resident and employee:
        return Text("居民和职工（重复）", "resident and employee (both)")
    if resident:
        return Text("居民医保", "resident")
    if employee:
        return Text("职工医保", "employee")
    return Text("未参保", "none") if resident is False and employee is False else None


def _income(shown: dict[str, Any], evidence: dict[int, Evidence], standing: Any, money: Currency) -> dict[str, Any] | None:
    if not shown["income"]:
        return None
    sheet, members = shown["income"][0], max(len(shown["members"]), 1)
    items = {f.column: f for f in fields_of("income") if f.type == "money"}
    income = [(k, f) for k, f in items.items() if k not in (*COSTS, *NOT_INCOME)]
    minor = 10**money.digits
    net = sum(sheet["items"].get(k, 0) for k, _ in income) - sum(sheet["items"].get(k, 0) for k in COSTS)

    def line(key: str | None) -> dict[str, Any]:
        return {"title": _without_unit(items[key].title), "amount": sheet["items"][key] / minor, "note": ""}

    policy = (standing.policy or {}) if standing else {}
    return {
        "period": Text("{a} 至 {b}", "{a} to {b}").format(a=sheet["from"], b=sheet["to"]),
        "items": [line(k) for k, _ in income if k in sheet["items"]],
        "costs": [line(k) for k in COSTS if k in sheet["items"]],
        "net": net / minor,
        "members": members,
        "per_head": net // members / minor,
        "line": policy.get("income_line"),
        "line_title": Text("当年标准：人均", "Line of the year: per head"),
        "source": _said(evidence.get(sheet["evidence"])),
        "unit": money.title,
        "complete": True,
    }


def _without_unit(title: Text) -> Text:
    """The title without the unit in brackets that a heading carries: the unit stands beside the value."""
    return Text(re.sub(r"（[^）]*）$", "", title.zh), re.sub(r" \([^)]*\)$", "", title.en))


def _position(actor: Any, area: Area) -> dict[str, Any] | None:
    """The village's cell in its township, drawn on the server."""
    plays = profile_of(area.path).plays
    line = {a.level: a for a in Area.objects.breadcrumb(area.path)}
    village, township = line.get(plays.village), line.get(plays.township)
    if village is None or township is None:
        return None
    cells = AreaCell.objects.filter(area__parent=township).select_related("area")
    features = [
        {"geometry": c.geometry, "properties": {"part": "cell", "path": c.area.path, "name": name_of(c.area)}} for c in cells
    ]
    if not features:
        return None
    return {
        "drawing": drawing({"features": features}, village.path),
        "title": Text("{v}在{t}的位置", "{v} in {t}").format(v=name_of(village), t=name_of(township)),
        "note": Text("示意图，不是行政界线", "schematic, no boundaries"),
    }
