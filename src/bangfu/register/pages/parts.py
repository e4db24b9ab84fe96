"""The parts of a household's page: its verdicts, members, facts with their sources, income, as the reader may see them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from bangfu.areas.models import Area
from bangfu.areas.profile import Currency, profile_of
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.screens import standing_of
from bangfu.foundation.terms import worded
from bangfu.kit.parts import Fact, FactGroup
from bangfu.register import masks
from bangfu.register.evidence_kinds import kind_title
from bangfu.register.fields import fields_of, title_of
from bangfu.register.models import Evidence
from bangfu.register.pages.personal import reveal_url
from bangfu.register.showing import say_facts

NOBODY_LIVES = Text(
    "该户在登记中已没有成员，不再评定。", "The register has no members of this household: it is judged no longer."
)
TABLES = {
    "house": Text("住房", "House"),
    "water": Text("饮水", "Drinking water"),
    "living": Text("生活条件", "Living"),
    "land": Text("土地", "Land"),
    "relocation": Text("{term.relocation}", "{term.relocation}"),
    "registration": Text("{term.registration}", "{term.registration}"),
    "monitoring": Text("{term.monitoring}", "{term.monitoring}"),
    "means": Text("家庭财产", "Means"),
}
PERSON_TABLES = {
    "schooling": Text("就学", "School"),
    "work": Text("务工", "Work away"),
    "residence": Text("实际居住", "Where they live"),
}
SAID_OF_EVIDENCE = ("kind", "happened_on", "actor", "row", "source__name")
COSTS = ("production_cost",)
NOT_INCOME = ("claims", "self_paid")
UNITS = {
    "mu": Text("亩", "mu"),
    "m²": Text("平方米", "m²"),
    "km": Text("公里", "km"),
    "m": Text("米", "m"),
    "day": Text("天", "days"),
    "month": Text("个月", "months"),
    "minute": Text("分钟", "minutes"),
    "year": Text("年", "years"),
    "person": Text("人", "persons"),
    "l/person/day": Text("升/人·日", "l per person and day"),
}


def household_parts(actor: Actor, shown: dict[str, Any], evidence: dict[int, Evidence], area: Area) -> dict[str, Any]:
    """What the templates in `register/parts` need of a household that `show_household` has read: `next`, `settled`, `policy`,
    `judged_note` and `found` of its day, `members`, `groups`, `income`."""
    day, household = shown["as_of"], shown["household"]
    standing = next((s for _, s in standing_of.ask(actor, household["id"], day) if s is not None), None)
    reveals = actor.may("person.reveal")
    lived = bool(shown["members"])  # what was judged while somebody lived there says nothing of a household without members
    return {
        "next": standing.steps if standing and lived else [],
        "settled": standing.settled if standing and lived else [],
        "policy": standing.policy if standing else None,
        "judged_note": NOBODY_LIVES if not lived else standing.note if standing else None,
        "found": list(standing.found) if standing else [],
        "members": [
            said_member(m, day, reveal_url(household["number"], m["person"]) if reveals else "") for m in shown["members"]
        ],
        "groups": [
            fact_group(table, table_title(table, day), table, shown["facts"][table], evidence, day)
            for table in TABLES
            if table in shown["facts"]
        ],
        "income": said_income(shown, evidence, standing, profile_of(area.path).currency),
    }


def table_title(table: str, day: date) -> Text:
    """What a fact of a household is called on a day: the heading of its group."""
    return worded(TABLES[table], day).as_heading()


def evidence_of(actor: Actor, household: int) -> dict[int, Evidence]:
    """The last pieces of evidence about a household, the newest first."""
    rows = Evidence.objects.visible_to(actor).filter(household=household).select_related("source").only(*SAID_OF_EVIDENCE)
    return {e.pk: e for e in rows.order_by("-happened_on", "-id")[:50]}


def kind_of(e: Evidence) -> Text:
    """What a piece of evidence is."""
    return kind_title(e.kind)


def source_of(e: Evidence) -> Text:
    """The file and the row of a piece of evidence; of what is no row of a file, its source alone."""
    if e.row is None:
        return Text(e.source.name, e.source.name)
    return Text("{name} 第{row}行", "{name}, row {row}").format(name=e.source.name, row=e.row)


def _said(e: Evidence | None) -> Text | str:
    if e is None:
        return ""
    kind = kind_of(e)
    return Text(f"{e.happened_on} {kind.zh}", f"{kind.en.lower()} {e.happened_on}")


def fact_group(
    key: str, title: Text | str, table: str, fact: dict[str, Any], evidence: dict[int, Evidence], day: date
) -> FactGroup:
    """A fact of a household or of a person under its heading, each value with its unit and its source."""
    return FactGroup(key, title, said_facts(say_facts(table, fact, day), _said(evidence.get(fact["evidence"]))))


def said_facts(told: list[tuple[Any, Any, str | None]], source: Text | str = "") -> list[Fact]:
    """Values as `say_facts` tells them, each as people read it, with its unit and its source."""
    return [Fact(_without_unit(t), _words(v), UNITS.get(u or "", ""), source) for t, v, u in told]


def _words(value: Any) -> Any:
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, list):
        if not value:
            return Text("无", "none")
        return Text("、".join(v.zh for v in value), ", ".join(v.en for v in value))
    return value


def said_member(m: dict[str, Any], day: date, revealed_at: str = "") -> dict[str, Any]:
    """A member in words: relation, sex, age, numbers as they may be seen, school, health, labour, insurance, and where they live if elsewhere."""
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


def said_income(shown: dict[str, Any], evidence: dict[int, Evidence], standing: Any, money: Currency) -> dict[str, Any] | None:
    """The last income sheet of a household that `show_household` has read, in words and in whole units of money; None where there is none."""
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
        "beside": [line(k) for k in NOT_INCOME if sheet["items"].get(k)],
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
