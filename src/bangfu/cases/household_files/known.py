"""What the register knows of households: who lives there, how they live, their income; masked as on every page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bangfu.areas.profile import Currency, profile_of
from bangfu.cases.household_files.parts import household_file_parts, joined, place_said, places_of, said, table
from bangfu.documents.forms import Block, Fields, Heading, Paragraph, Words
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.register.fields import fields_of, title_of
from bangfu.register.models import Household
from bangfu.register.pages.parts import TABLES, said_facts, said_income, said_member, table_title
from bangfu.register.showing import say_facts, show_households

OF_THE_HOUSEHOLD = ("registration", "monitoring", "relocation")  # what it is, before how it lives
REACHED = ("natural_village", "address", "phone", "bank", "account")
NO_INCOME = Text("没有登记收入测算表。", "No income sheet is recorded.")
MEMBER_HEAD = [
    Text("姓名", "Name"), Text("与户主关系", "Relation"), Text("性别", "Sex"), Text("年龄", "Age"), Text("出生日期", "Born"),
    Text("证件号码", "Identity number"), Text("电话", "Telephone"),
]  # fmt: skip
MEMBER_MORE = [
    Text("姓名", "Name"), Text("就学", "School"), Text("健康", "Health"), Text("劳动能力", "Labour"), Text("医疗保险", "Medical insurance"),
    Text("养老保险", "Pension"), Text("务工、居住", "Work, residence"),
]  # fmt: skip


@household_file_parts.provider("register", order=10)
def of_the_register(actor: Actor, households: Sequence[Household], day: date) -> Mapping[int, Sequence[Block]]:
    """Household, members, living conditions and income."""
    places = places_of(households)
    shown = show_households(actor, [h.pk for h in households], as_of=day)
    money = {h.pk: profile_of(h.path).currency for h in households if h.pk in shown}
    return {
        h.pk: [
            *_household(shown[h.pk], place_said(places[h.path]), day),
            *_members(shown[h.pk]["members"], day),
            *_living(shown[h.pk], day),
            *_income(shown[h.pk], money[h.pk]),
        ]
        for h in households
        if h.pk in shown
    }


def _household(shown: Mapping[str, Any], place: str, day: date) -> list[Block]:
    own, kind = shown["household"], shown["facts"].get("kind", {})
    titles = {f.column: f.title for f in fields_of("household")}
    rows: list[tuple[Words, Words | None]] = [
        (Text("户编号", "Number"), own["number"]),
        (Text("类型", "Kind"), _code("household_kind", kind.get("kind"), day)),
        (Text("所在地", "Place"), place),
        (Text("监测类型", "Monitored as"), _code("monitoring_kind", kind.get("monitoring_kind"), day)),
        *((titles.get(column) or Text("自然村寨", "Natural village"), said(own[column])) for column in REACHED),
    ]
    made: list[Block] = [Heading(Text("家庭基本情况", "The household")), Fields(rows)]
    for name in OF_THE_HOUSEHOLD:
        made += _facts(shown, name, day)
    return made


def _members(members: Sequence[Mapping[str, Any]], day: date) -> list[Block]:
    words = [said_member(dict(m), day) for m in members]
    one = [
        [w["name"], w["relation"], w["sex"], w["age"], m["birth_date"], w["identity"], w["phone"]]
        for m, w in zip(members, words, strict=True)
    ]
    two = [
        [w["name"], w["school"], w["health"], w["labour"], w["insured"], _pension(m), _away(m, w["note"], day)]
        for m, w in zip(members, words, strict=True)
    ]
    count = Text(f"家庭成员（{len(members)} 人）", f"Members ({len(members)})")
    return [
        Heading(count),
        table(MEMBER_HEAD, one, [None, 1.2, None, None, None, None, None]),
        table(MEMBER_MORE, two, [None, 1, 1.2, 1, 1, 1, 1.5]),
    ]  # fmt: skip


def _living(shown: Mapping[str, Any], day: date) -> list[Block]:
    made = [block for name in TABLES if name not in OF_THE_HOUSEHOLD for block in _facts(shown, name, day)]
    return [Heading(Text("住房、饮水和生产生活条件", "House, water, land and means")), *made] if made else []


def _facts(shown: Mapping[str, Any], name: str, day: date) -> list[Block]:
    if name not in shown["facts"]:
        return []
    facts = said_facts(say_facts(name, shown["facts"][name], day))
    return [Heading(table_title(name, day), 2), Fields([(f.term, said(f.value, f.unit)) for f in facts])] if facts else []


def _income(shown: Mapping[str, Any], money: Currency) -> list[Block]:
    income = said_income(dict(shown), {}, None, money)
    heading = Heading(Text("家庭收入", "Income"))
    if income is None:
        return [heading, Paragraph(NO_INCOME)]
    sorts = (
        ("items", Text("收入", "Income")),
        ("costs", Text("生产经营支出", "Cost of production")),
        ("beside", Text("不计入收入", "Not counted")),
    )
    rows = [[title, line["title"], f"{line['amount']:,.2f}"] for key, title in sorts for line in income[key]]
    unit = money.title
    totals: list[tuple[Words, Words | None]] = [
        (Text("家庭纯收入", "Net income"), said(f"{income['net']:,.2f}", unit)),
        (Text("人均纯收入", "Per head"), said(f"{income['per_head']:,.2f}", unit)),
    ]
    head = [Text("类别", "Sort"), Text("项目", "Item"), Text("金额（{u}）", "Amount ({u})").format(u=unit)]
    period = Text("核算期：{p}。", "Period: {p}.").format(p=income["period"])
    return [heading, Paragraph(period, indent=False, size=10.5), table(head, rows, [2, 4, 2], aligns=["left", "left", "right"]), Fields(totals)]  # fmt: skip


def _code(codes: str, key: str | None, day: date) -> Words:
    return said(title_of(codes, key, day) if key else None)


def _pension(m: Mapping[str, Any]) -> Text | None:
    insurance = m.get("insurance", {})
    resident, employee = insurance.get("resident_pension"), insurance.get("employee_pension")
    if employee:
        return Text("职工养老", "employee")
    if resident:
        return Text("居民养老", "resident")
    return Text("未参保", "none") if resident is False and employee is False else None


def _away(m: Mapping[str, Any], residence: Text | None, day: date) -> Text | None:
    work = m.get("work", {})
    lists = {f.column: f.codes for f in fields_of("work")}
    place = title_of(lists["place"] or "", work["place"], day) if work.get("place") else None
    months = Text(f"{work['months']} 个月", f"{work['months']} months") if place and work.get("months") else None
    post = title_of(lists["post_type"] or "", work["post_type"], day) if work.get("post_type") else None
    told = [t for t in (residence, place, months, post) if t is not None]
    return joined(told, "，", ", ") if told else None
