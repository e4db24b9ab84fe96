"""What has changed in a household since it was entered: who came and went, and what is said of it now and was not before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.foundation.actor import Actor
from bangfu.foundation.reading import read
from bangfu.foundation.say import Text
from bangfu.kit.parts import Event
from bangfu.register.fields import title_of
from bangfu.register.models import (
    Condition,
    Evidence,
    House,
    Household,
    Insurance,
    Kind,
    Land,
    Living,
    Means,
    Membership,
    Monitoring,
    Person,
    Registration,
    Relocation,
    Residence,
    Schooling,
    Water,
    Work,
)
from bangfu.register.models.base import HouseholdFact, PersonFact
from bangfu.register.pages.parts import TABLES, said_facts, source_of, table_title
from bangfu.register.showing import say_facts, visible
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
PERSON_FACTS: dict[str, tuple[type[PersonFact], Text]] = {
    "insurance": (Insurance, Text("保险", "insurance")),
    "schooling": (Schooling, Text("就学", "school")),
    "condition": (Condition, Text("健康", "health")),
    "residence": (Residence, Text("实际居住", "where they live")),
    "work": (Work, Text("务工", "work away")),
}
NOBODY_SEEN = Text("一名成员", "A member")
NOTHING = Text("不详", "not known")


def history_of(actor: Actor, household: int, evidence: dict[int, Evidence], day: date) -> list[Event]:
    """The changes of a household up to a day, the newest first: its members and the facts about it. What it was entered with is none."""
    changed = _changed(household)
    told = [*_facts(actor, household, evidence, day, changed)]
    if changed & PERSON_FACTS.keys():
        told += _facts_of_members(actor, household, evidence, day, changed)
    if MEMBERS in changed:
        told += _members(actor, household, evidence)
    return sorted((event for event in told if event.day <= day), key=lambda event: event.day, reverse=True)


MEMBERS = "membership"
SAID_OF_MEMBERS = ("person", "valid", "evidence", "reason", "end_reason")
_CHANGED = (
    f"""
    SELECT '{MEMBERS}' WHERE EXISTS (
      SELECT FROM register_membership m WHERE m.household_id = %(household)s AND m.sort = '{FARMING}' AND (
        NOT upper_inf(m.valid)
        OR lower(m.valid) > (SELECT min(lower(f.valid)) FROM register_membership f WHERE f.household_id = %(household)s)
        OR EXISTS (SELECT FROM register_membership o WHERE o.person_id = m.person_id AND o.household_id <> m.household_id)))
"""
    + "".join(
        f" UNION ALL SELECT '{table}' WHERE (SELECT count(*) FROM register_{table} WHERE household_id = %(household)s) > 1"
        for table in FACTS
    )
    + "".join(
        f" UNION ALL SELECT '{table}' WHERE EXISTS (SELECT FROM register_{table} WHERE person_id = ANY(ARRAY(SELECT person_id FROM "
        f"register_membership WHERE household_id = %(household)s AND sort = '{FARMING}')) GROUP BY person_id HAVING count(*) > 1)"
        for table in PERSON_FACTS
    )
)


def _changed(household: int) -> set[str]:
    """Where a household may have a history at all: most have none, and then nothing more is asked."""
    return {row[0] for row in read(_CHANGED, {"household": household})}


def _members(actor: Actor, household: int, evidence: dict[int, Evidence]) -> Iterable[Event]:
    own = list(
        Membership.objects.visible_to(actor).filter(household=household, sort=FARMING).only(*SAID_OF_MEMBERS).order_by("id")
    )
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


def _facts(actor: Actor, household: int, evidence: dict[int, Evidence], day: date, changed: set[str]) -> Iterable[Event]:
    for table, model in FACTS.items():
        if table not in changed:
            continue
        title = table_title(table, day) if table in TABLES else KIND
        for old, new in pairwise(model.objects.visible_to(actor).filter(household=household).order_by("valid")):
            if changes := _changes(actor, table, old, new, day):
                yield Event(new.valid.lower, _listed(title, changes), _said(evidence, new.evidence_id))


def _facts_of_members(
    actor: Actor, household: int, evidence: dict[int, Evidence], day: date, changed: set[str]
) -> Iterable[Event]:
    """What has changed of the members while they lived here."""
    own = Membership.objects.visible_to(actor).filter(household=household, sort=FARMING).only("person", "valid")
    here: dict[int, list[DateRange]] = defaultdict(list)
    for m in own:
        here[m.person_id].append(m.valid)
    names = dict(Person.objects.visible_to(actor).filter(pk__in=here).values_list("pk", "name"))
    for table, (model, titled) in PERSON_FACTS.items():
        if table not in changed:
            continue
        rows = model.objects.visible_to(actor).filter(person__in=here).order_by("person", "valid")
        for old, new in pairwise(rows):
            since = new.valid.lower
            if old.person_id != new.person_id or not any(_holds(span, since) for span in here[new.person_id]):
                continue
            if changes := _changes(actor, table, old, new, day):
                title = Text("{n}·{t}", "{n}, {t}").format(n=names.get(new.person_id, NOBODY_SEEN), t=titled)
                yield Event(since, _listed(title, changes), _said(evidence, new.evidence_id))


def _holds(span: DateRange, day: date) -> bool:
    return span.lower <= day and (span.upper is None or day < span.upper)


def _listed(title: Text, changes: list[Text]) -> Text:
    listed = Text("；".join(c.zh for c in changes), "; ".join(c.en for c in changes))
    return Text("{title}：{c}", "{title}: {c}").format(title=title, c=listed)


def _changes(actor: Actor, table: str, old: HouseholdFact | PersonFact, new: HouseholdFact | PersonFact, day: date) -> list[Text]:
    """What differs between two rows of a fact, as the actor may see them."""
    seen = (visible(actor, table, vars(row)) for row in (old, new))
    before, after = ({fact.term: fact for fact in said_facts(say_facts(table, row, day))} for row in seen)
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
