"""Every fact that a question can tell, with how a question that tells it is written: for whoever makes a form of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bangfu.cases.models.cases import SEVERITIES
from bangfu.cases.policy import kinds_on
from bangfu.fieldwork.catalogue import ground
from bangfu.fieldwork.facts import HOUSEHOLD, INCOME_DAYS, NEED, NEEDS, PERSON, PLACE, VISIT, YES_OR_NO
from bangfu.fieldwork.mapping import NOT_TOLD, Ground
from bangfu.foundation.say import Text
from bangfu.register.fields import Field
from bangfu.register.income import lines

FORM, HOME, MEMBER, A_VISIT, A_NEED, INCOME = "form", "household", "member", "visit", "need", "income"
OF = {
    FORM: Text("表单是关于谁的", "whom the form is of"),
    HOME: Text("农户", "the household"),
    MEMBER: Text("成员（在成员重复组内）", "a member (in a repeat of members)"),
    A_VISIT: Text("走访本身", "the visit"),
    A_NEED: Text("困难和需求（在需求重复组内）", "a need (in a repeat of needs)"),
    INCOME: Text("收入测算表", "the income sheet"),
}
ONE, SEVERAL = "select_one", "select_multiple"
YES_NO = {"yes": Text("是", "yes"), "no": Text("否", "no")}
# How a question is written that tells a field of each type, or whose bind is of each type.
WRITTEN = {
    "text": "text", "integer": "integer", "decimal": "decimal", "money": "decimal", "boolean": ONE, "date": "date", "month": "date",
    "year": "integer", "code": ONE, "codes": SEVERAL, "identity": "text", "phone": "text", "account": "text",
}  # fmt: skip
BINDS = {"int": "integer", "string": "text", "date": "date", "dateTime": "dateTime", "binary": "image", "geopoint": "geopoint"}
FROM_FILE = {
    HOUSEHOLD: ("select_one_from_file households.csv", Text("户编号", "number of the household")),
    PLACE: ("select_one_from_file villages.csv", Text("地点（区划代码）", "place (code of the area)")),
    PERSON: ("select_one_from_file members.csv", Text("哪位成员（人编号）", "which member (number of the person)")),
}


@dataclass(frozen=True, slots=True)
class Known:
    """A fact: its key, what people call it, what it is of, the type that a question of it has in a workbook, and the codes of its choices (none: any answer)."""

    key: str
    title: Text
    of: str
    type: str
    codes: Mapping[str, Text] = field(default_factory=dict)


def known_facts(on: Ground | None = None) -> dict[str, Known]:
    """Every fact by key: whom the form is of, the visit, needs, the fields of the register, the lines of an income sheet."""
    return {one.key: one for one in _known(on or ground())}


def _known(on: Ground) -> Iterator[Known]:
    for key, (kind, title) in FROM_FILE.items():
        yield Known(key, title, MEMBER if key == PERSON else FORM, kind)
    for key, (title, binds, listed) in VISIT.items():
        codes = YES_NO if key in YES_OR_NO else listed or {}
        yield Known(key, title, A_VISIT, ONE if codes else BINDS[binds[0]], codes)
    kinds = kinds_on(on.day)
    for key, (title, _, _) in NEEDS.items():
        need: Mapping[str, Mapping[str, Text]] = {
            f"{NEED}.kind": {name: kinds.title(name) for name in on.kinds},
            f"{NEED}.severity": SEVERITIES,
        }
        yield Known(key, title, A_NEED, ONE if key in need else "text", need.get(key, {}))
    for one in on.fields.values():
        if one.key not in NOT_TOLD:
            yield _of_field(one, on)
    for key, title in INCOME_DAYS.items():
        yield Known(key, title, INCOME, "date")
    for code in on.income:
        yield Known(f"income.{code}", lines()[code].title, INCOME, "decimal")


def _of_field(one: Field, on: Ground) -> Known:
    codes: Mapping[str, Text] = YES_NO if one.type == "boolean" else {}
    if one.type in ("code", "codes"):
        listed = on.codes[one.codes or ""]
        codes = {
            key: code.title(on.day)
            for key, code in listed.items()
            if (code.valid_from is None or code.valid_from <= on.day) and (code.valid_to is None or on.day <= code.valid_to)
        }
    return Known(one.key, one.title_on(on.day), MEMBER if one.level == "person" else HOME, WRITTEN[one.type], codes)
