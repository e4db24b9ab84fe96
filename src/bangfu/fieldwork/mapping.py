"""A form's questions held against what they tell: types, code lists, levels. Pure: it is given the fields and code lists of the register.

A form that asks nothing of the register is a form too: its answers are kept and exported, and nothing is applied.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from bangfu.fieldwork.facts import (
    HOUSEHOLD,
    INCOME_DAYS,
    NEED,
    NEEDS,
    NUMBERS,
    PERSON,
    PLACE,
    REPEATS,
    TEXTS,
    VISIT,
    WHOLE,
    YES_NO,
)
from bangfu.fieldwork.problems import BAD_MAPPING
from bangfu.fieldwork.xform import Question, XForm
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.register.fields import Code, Field
from bangfu.register.stating import TABLES

# The types of binds by which a field of each type may be told.
FITTING: Mapping[str, tuple[str, ...]] = {
    "text": (*TEXTS, "int"),
    "integer": WHOLE,
    "decimal": NUMBERS,
    "money": NUMBERS,
    "boolean": (*TEXTS, "boolean"),
    "date": ("date", "dateTime"),
    "month": ("date", "dateTime"),
    "year": (*WHOLE, "date"),
    "code": TEXTS,
    "codes": TEXTS,
    "identity": TEXTS,
    "phone": TEXTS,
    "account": TEXTS,
}
# What an import tells with its row and a form with its own means, and what only a decision may say.
NOT_TOLD = frozenset({"county", "township", "village", "village_code", "group", "data_date", "household_no", "person_no"})


@dataclass(frozen=True, slots=True)
class Ground:
    """What a mapping is held against: fields of the register, code lists, items of an income sheet, kinds of case, the day."""

    fields: Mapping[str, Field]
    codes: Mapping[str, Mapping[str, Code]]
    income: Collection[str]
    kinds: Collection[str]
    day: date


def complaints(form: XForm, ground: Ground) -> list[Problem]:
    """What does not fit, a problem each (BF-2605); none where the form may be published."""
    found = [_told(q, why) for q in form.questions if q.fact and (why := _unfit(form, q, ground)) is not None]
    twice = set()
    for q in form.questions:
        if q.fact and (q.fact, q.repeat) in twice:
            found.append(_told(q, Text("另一题已经填写它", "another question tells it already")))
        twice.add((q.fact, q.repeat))
    for path, of in form.repeats.items():
        if of and of not in REPEATS:
            known = ", ".join(REPEATS)
            found.append(
                BAD_MAPPING(question=path, label=path, fact=of, why=Text(f"重复组只能是 {known}", f"a repeat is of {known}"))
            )
        if of == PERSON and not any(q.repeat == path and q.fact in (PERSON, "name", "identity") for q in form.questions):
            why = Text("组内没有说明是哪位成员的题", "no question in it says which member")
            found.append(BAD_MAPPING(question=path, label=path, fact=of, why=why))
    needs_home = any(_of_household(q.fact, ground) for q in form.questions)
    if needs_home and form.telling(HOUSEHOLD) is None and not _new_home(form):
        first = next(q for q in form.questions if _of_household(q.fact, ground))
        found.append(
            _told(
                first, Text("表单没有说明是哪一户的题（fact = household）", "no question says which household (fact = household)")
            )
        )
    return found


def unused(form: XForm, used: Collection[str]) -> list[Question]:
    """Questions that nobody needs: they tell nothing that a rule or a figure reads, and no reader is named. Notes and hidden values ask nothing."""
    return [q for q in form.questions if q.asks and not q.reader and (not q.fact or (q.fact not in used and _is_field(q.fact)))]


def _is_field(fact: str) -> bool:
    return "." not in fact and fact not in (HOUSEHOLD, PLACE, PERSON)


def _of_household(fact: str, ground: Ground) -> bool:
    return fact in ground.fields or fact.startswith(("need.", "income.", "visit."))


def _new_home(form: XForm) -> bool:
    """Whether a form registers a household that nobody knows: it has a place, and members by name."""
    return form.telling(PLACE) is not None


def _told(q: Question, why: Text) -> Problem:
    return BAD_MAPPING(question=q.path, label=q.shown(), fact=q.fact, why=why)


def _unfit(form: XForm, q: Question, ground: Ground) -> Text | None:
    """Why a question cannot tell its fact; None where it can."""
    of = form.repeats.get(q.repeat, "") if q.repeat else ""
    fact = q.fact
    if fact in (HOUSEHOLD, PLACE):
        return _typed(q, TEXTS) or _outside(q)
    if fact == PERSON:
        return _typed(q, TEXTS) or (None if of == PERSON else Text("须在成员重复组内", "it stands outside a repeat of members"))
    if (known := VISIT.get(fact)) is not None:
        codes = known[2]
        return _outside(q) or _typed(q, known[1]) or (_listed(q, codes) if codes is not None and q.control else None)
    if (known := NEEDS.get(fact)) is not None:
        if of != NEED:
            return Text("须在需求重复组内", "it stands outside a repeat of needs")
        return _typed(q, known[1]) or (_listed(q, ground.kinds) if fact == "need.kind" and q.choices is not None else None)
    if fact.startswith("income."):
        item = fact.removeprefix("income.")
        if fact in INCOME_DAYS:
            return _outside(q) or _typed(q, ("date",))
        if item not in ground.income:
            return Text("收入测算表没有这一项", "no such line of the income sheet")
        return _outside(q) or _typed(q, NUMBERS)
    field = ground.fields.get(fact)
    if field is None or fact in NOT_TOLD:
        return Text("登记中没有这个字段，或它不能由表单填写", "the register has no such field, or no form may tell it")
    if field.table not in TABLES and not _new_home(form):
        return Text("只有新户首次调查可以填写它", "only the first survey of a new household may tell it")
    return _typed(q, FITTING[field.type]) or _level(field, of) or _coded(field, q, ground)


def _typed(q: Question, types: Collection[str]) -> Text | None:
    if q.type in types:
        return None
    return Text(f"题型是 {q.type}，须是 {'、'.join(types)}", f"its type is {q.type}, and has to be {' or '.join(types)}")


def _outside(q: Question) -> Text | None:
    return Text("它不能在重复组内", "it may not stand in a repeat") if q.repeat else None


def _level(field: Field, of: str) -> Text | None:
    if field.level == "person" and of != PERSON:
        return Text("这是个人的字段，须在成员重复组内", "it is of a person, and stands outside a repeat of members")
    if field.level == "household" and of:
        return Text("这是全户的字段，不能在重复组内", "it is of the household, and stands in a repeat")
    return None


def _listed(q: Question, codes: Collection[str]) -> Text | None:
    if q.choices is None:
        return Text("须是单选题，选项为代码", "it has to be a choice of codes")
    strange = [c.name for c in q.choices if c.name not in codes]
    if not strange:
        return None
    return Text(f"选项 {'、'.join(strange[:5])} 不在代码表内", f"not in the code list: {', '.join(strange[:5])}")


def _coded(field: Field, q: Question, ground: Ground) -> Text | None:
    """Choices of a coded field are codes of its list that are in force; those of a yes or no are yes and no."""
    if field.type == "boolean":
        return _listed(q, YES_NO) if q.type != "boolean" else None
    if field.type not in ("code", "codes"):
        return None
    if (field.type == "codes" and q.control not in ("select", "")) or (field.type == "code" and q.control == "select"):
        return Text("单选、多选与字段不符", "one choice or several does not fit the field")
    return _listed(q, list(_in_force(ground.codes[field.codes or ""], ground.day)))


def _in_force(codes: Mapping[str, Code], day: date) -> Iterator[str]:
    return (
        k for k, c in codes.items() if (c.valid_from is None or c.valid_from <= day) and (c.valid_to is None or day <= c.valid_to)
    )
