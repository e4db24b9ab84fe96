"""What has changed in a household since it was entered: who came and went, and what is said of it now and was not before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import Any

from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.kit.parts import Event
from bangfu.register.fields import title_of
from bangfu.register.models import (
    Evidence,
    House,
    Household,
    Kind,
    Land,
    Living,
    Means,
    Membership,
    Monitoring,
    Person,
    Registration,
    Relocation,
    Water,
)
from bangfu.register.models.base import HouseholdFact
from bangfu.register.pages.parts import TABLES, said_facts, source_of
from bangfu.register.showing import say_facts
from bangfu.register.sorts import FARMING

KIND = Text("户类型", "Kind of household")
FACTS: dict[str, type[HouseholdFact]] = {
    "kind": Kind,
    "registration": Registration,
    "relocation": Relocation,
    "house": House,
    "water": Water,
    "living": Living,
    "land": Land,
    "means": Means,
    "monitoring": Monitoring,
}
NOBODY_SEEN = Text("一名成员", "A member")
NOTHING = Text("不详", "not known")


def history_of(actor: Actor, household: int, evidence: dict[int, Evidence], day: date) -> list[Event]:
    """The changes of a household up to a day, the newest first: its members and the facts about it. What it was entered with is none."""
    told = [*_members(actor, household, evidence), *_facts(actor, household, evidence, day)]
    return sorted((event for event in told if event.day <= day), key=lambda event: event.day, reverse=True)


def _members(actor: Actor, household: int, evidence: dict[int, Evidence]) -> Iterable[Event]:
    own = list(Membership.objects.visible_to(actor).filter(household=household, sort=FARMING).order_by("id"))
    people = {m.person_id for m in own}
    elsewhere = Membership.objects.visible_to(actor).filter(person__in=people, sort=FARMING).exclude(household=household)
    others = list(elsewhere.values_list("person", "valid", "household"))
    numbers = dict(Household.objects.visible_to(actor).filter(pk__in={key for *_, key in others}).values_list("pk", "number"))
    names = dict(Person.objects.visible_to(actor).filter(pk__in=people).values_list("pk", "name"))
    first = min((m.valid.lower for m in own), default=None)
    for m in own:
        name = names.get(m.person_id, NOBODY_SEEN)
        came = next((numbers.get(h) for p, span, h in others if p == m.person_id and span.upper == m.valid.lower), None)
        went = next((numbers.get(h) for p, span, h in others if p == m.person_id and span.lower == m.valid.upper), None)
        if came:
            what = Text("{name}从户 {number} 转来", "{name} came from household {number}").format(name=name, number=came)
            yield Event(m.valid.lower, what, _said(evidence, m.evidence_id))
        elif m.valid.lower != first:
            yield Event(
                m.valid.lower, _why(Text("{name}成为本户成员", "{name} joined").format(name=name), m.reason, m.valid.lower)
            )
        if m.valid.upper and went:
            what = Text("{name}转到户 {number}", "{name} went to household {number}").format(name=name, number=went)
            yield Event(m.valid.upper, what)
        elif m.valid.upper:
            gone = Text("{name}不再是本户成员", "{name} left").format(name=name)
            yield Event(m.valid.upper, _why(gone, m.end_reason, m.valid.upper))


def _facts(actor: Actor, household: int, evidence: dict[int, Evidence], day: date) -> Iterable[Event]:
    for table, model in FACTS.items():
        rows = list(model.objects.visible_to(actor).filter(household=household).order_by("valid"))
        for old, new in pairwise(rows):
            changes = _changes(table, vars(old), vars(new), day)
            if changes:
                title = TABLES.get(table, KIND)
                what = Text("{title}：{c}", "{title}: {c}").format(
                    title=title, c=Text("；".join(c.zh for c in changes), "; ".join(c.en for c in changes))
                )
                yield Event(new.valid.lower, what, _said(evidence, new.evidence_id))


def _changes(table: str, old: dict[str, Any], new: dict[str, Any], day: date) -> list[Text]:
    before, after = ({fact.term: fact for fact in said_facts(say_facts(table, row, day))} for row in (old, new))
    changed = []
    for term in dict.fromkeys([*before, *after]):
        values = [side[term].value if term in side else NOTHING for side in (before, after)]
        if values[0] != values[1]:
            unit = (after.get(term) or before[term]).unit
            words = Text("{t} {a} → {b} {u}", "{t} {a} → {b} {u}").format(t=term, a=values[0], b=values[1], u=unit)
            changed.append(Text(words.zh.strip(), words.en.strip()))
    return changed


def _why(what: Text, reason: str | None, day: date) -> Text:
    why = title_of("change_reason", reason, day)
    return Text("{what}（{why}）", "{what} ({why})").format(what=what, why=why) if why else what


def _said(evidence: dict[int, Evidence], key: int) -> Text | str:
    return source_of(evidence[key]) if key in evidence else ""
