"""The income sheet on paper: one page with what was counted, what it comes to, and place to sign and seal; no identity number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bangfu.areas.frame import name_of
from bangfu.areas.models import Area
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text, language
from bangfu.kit.paper import code_of, compose
from bangfu.kit.templatetags.kit import yuan
from bangfu.register.models import IncomeSheet
from bangfu.screening import sheets as reading
from bangfu.screening.income_sheet.queries import PARTS
from bangfu.screening.pages.sheet_parts import line_rows

TEMPLATE = Path(__file__).parent / "paper" / "income_sheet.typ"
LEFT = ("wage", "production", "property", "cost")
SHORT, LONG = (
    16,
    30,
)  # lines from which on the type is smaller, so that a full form is one page, and a short one is read with ease


def compose_sheet(actor: Actor, subject: reading.Subject, sheet: IncomeSheet, leads_to: str) -> bytes:
    """The PDF of a sheet in the reader's language. `leads_to` is the address that its code leads to."""
    return compose(TEMPLATE, paper_of(actor, subject, sheet, leads_to))


def paper_of(actor: Actor, subject: reading.Subject, sheet: IncomeSheet, leads_to: str) -> dict[str, Any]:
    """The data of the page."""
    items = reading.items_of(actor, [sheet])[sheet.pk]
    period = reading.period_of_sheet(sheet)
    reckoned = reading.reckon_sheet(actor, subject, period, reading.amounts(items))
    totals, rules = reckoned.totals, reading.rules_on(clock.today())
    groups = {g["key"]: _part(g, totals.parts) for g in line_rows(items)}
    for part in LEFT:
        groups.setdefault(part, {"title": str(PARTS[part]), "sum": None, "rows": []})
    lines = sum(len(g["rows"]) for g in groups.values())
    return {
        "lang": language(),
        "size": 8 if lines > LONG else 9.5 if lines > SHORT else 11,
        "synthetic": the_county().synthetic,
        "words": _words(rules.title),
        "facts": _facts(subject, period.first, period.last, actor),
        "code": code_of(leads_to),
        "left": [groups[part] for part in LEFT],
        "right": [groups[part] for part in groups if part not in LEFT],
        "totals": [
            [str(Text("家庭纯收入（元）", "Net income (yuan)")), _money(totals.net)],
            [str(Text("人均纯收入（元）", "Per head (yuan)")), _money(totals.per_head)],
            [str(Text("监测参考收入人均（元）", "Reference income per head (yuan)")), _money(totals.reference_per_head)],
        ],
        "distance": _distance(reckoned),
        "queries": [f"{n}. {q.problem.cause}" for n, q in enumerate(reckoned.queries, 1)],
        "signs": [
            str(Text("户主或代表（签字、按印）", "The household (signature)")),
            str(Text("填表人（签字）", "Who filled it in (signature)")),
            str(Text("村民委员会（盖章）", "Village committee (seal)")),
        ],
    }


def _part(group: Mapping[str, Any], parts: Mapping[str, int | None]) -> dict[str, Any]:
    rows = [
        {"number": r["number"], "title": str(r["title"]), "amount": yuan(r["fen"]), "source": _source(r)} for r in group["rows"]
    ]
    return {"title": str(group["title"]), "sum": _money(parts[group["key"]]), "rows": rows}


def _source(row: Mapping[str, Any]) -> str:
    """What is said beside a line: how it was computed; that a household was asked goes without saying."""
    said = str(row["source"])
    return said if "×" in said else ""


def _money(fen: int | None) -> str | None:
    return None if fen is None else yuan(fen)


def _facts(subject: reading.Subject, first: date, last: date, actor: Actor) -> list[list[str]]:
    places = " ".join(name_of(a) for a in Area.objects.breadcrumb(subject.household.path) if a.path.startswith(the_county().path))
    return [
        [str(Text("户主", "Head")), subject.head],
        [str(Text("户编号", "Household")), subject.household.number],
        [str(Text("住址", "Place")), places],
        [str(Text("人口", "Members")), str(subject.members)],
        [str(Text("测算期", "Period")), f"{first} – {last}"],
        [str(Text("填表", "By")), f"{actor.name} {clock.today()}"],
    ]


def _distance(reckoned: reading.Reckoned) -> str | None:
    away = reckoned.to_line
    if away is None:
        return None
    words = (
        Text("人均纯收入比标准 {line} 元低 {n} 元（{p}%）。", "The income per head is {n} yuan ({p}%) below the line of {line}.")
        if away.below
        else Text(
            "人均纯收入达到标准 {line} 元，高 {n} 元（{p}%）。",
            "The income per head reaches the line of {line}: {n} yuan ({p}%) above it.",
        )
    )
    return str(words.format(line=yuan(away.line), n=yuan(away.size), p=away.percent))


def _words(policy: Text | None) -> dict[str, str]:
    title = str(policy) if policy else ""
    return {
        "title": str(Text("农户收入测算表", "Income sheet of a household")),
        "synthetic": str(Text("演示数据，人物均为虚构", "Synthetic data: the people are invented")),
        "code": str(Text("扫码看此表", "leads to this sheet")),
        "footer": str(Text("帮扶 · 收入测算表 · 不含证件号码", "Bangfu · income sheet · without identity numbers")),
        "queries": str(Text("要问清的事：", "To be asked: ")),
        "rules": str(
            Text(
                "人均纯收入 =（工资性 + 生产经营性 + 财产性 + 转移性 − 生产经营性支出）÷ 家庭人口；参考收入 = 纯收入 + 理赔 − 合规自付支出。{policy}",
                "Per head = (wages + production + property + transfers − cost of production) ÷ members; reference income = net income + insurance claims − compliant self-paid spending. {policy}",
            ).format(policy=title)
        ),
        "agreed": str(
            Text(
                "以上各项已逐项读给我家听，记得属实。□ 认可　□ 不认可，理由：＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿",
                "Each line was read out to us and is written down as we said.  □ We agree  □ We do not agree: ______________",
            )
        ),
        "day": str(Text("　　　　年　　月　　日", "Day:")),
    }
