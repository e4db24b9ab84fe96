"""What is masked, shown in full to those who may and say why; and households found by somebody's whole number. Both leave a trace."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from bangfu.accounts.acts import REASONS, SHORTEST_REASON
from bangfu.accounts.audit import done_since, note
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.acts import Act
from bangfu.foundation.hiding import stars
from bangfu.foundation.problems import ProblemKind
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import keyed_hash
from bangfu.register import masks
from bangfu.register.acts import NUMBER_SEARCH, REVEAL
from bangfu.register.fields import Field, fields, title_of
from bangfu.register.importing.parsing import parse_number
from bangfu.register.models import FARMING, Condition, Household, Membership, Person
from bangfu.register.problems import (
    NO_SUCH_DETAIL,
    NOT_A_WHOLE_NUMBER,
    REASON_NEEDED,
    TOO_MANY_REVEALS,
    TOO_MANY_SEARCHES,
    UNKNOWN_HOUSEHOLD,
)
from bangfu.register.showing import plain

HOUR = timedelta(hours=1)
MOST_REVEALS, MOST_SEARCHES = 60, 120  # of a user within an hour
SHORTEST_NUMBER = 7
MOST_SHOWN = 50
WHOLE_NUMBER = re.compile(rf"[0-9A-Z]{{{SHORTEST_NUMBER},24}}")


@dataclass(frozen=True, slots=True)
class Revealed:
    """A value in full with its name; None is not known."""

    title: Text
    value: str | Text | None


def details(actor: Actor, level: str) -> list[Field]:
    """The personal fields of a `household` or a `person` that come masked to an actor, in the order of the fields."""
    tables = ("household",) if level == "household" else ("person", "condition")
    return [f for f in fields().values() if f.table in tables and f.personal and not masks.clear(actor, f.personal)]


def reveal(actor: Actor, number: str, key: str, *, person: int | None = None, reason: str, words: str) -> Revealed:
    """One masked field of a household or of one of its members, in full; who saw it and why goes into the audit with it.

    `reason` is one of `REASONS`, `words` says what it is about. Raises BF-1222 where the actor sees no such household, BF-1262 for
    a field or a member that it does not have, BF-1260 without a reason, BF-1261 after too many within an hour, BF-1001 without
    `person.reveal`.
    """
    actor.require("person.reveal")
    words = words.strip()
    with acting(actor):
        household = Household.objects.visible_to(actor).farming().filter(number=number).first()
        if household is None:
            raise UNKNOWN_HOUSEHOLD(household=number)
        field = next((f for f in details(actor, "household" if person is None else "person") if f.key == key), None)
        if field is None or (person is not None and not _belongs(actor, household, person)):
            raise NO_SUCH_DETAIL(household=number)
        if reason not in REASONS or len(words) < SHORTEST_REASON:
            raise REASON_NEEDED(least=SHORTEST_REASON)
        _within_limit(actor, REVEAL, MOST_REVEALS, TOO_MANY_REVEALS)
        detail = {"field": key, "person": person, "reason": reason}
        note(actor, REVEAL, subject=number, path=household.path, reason=words, detail=detail)
        return Revealed(field.title, _said(field, _value(actor, field, household, person)))


def _belongs(actor: Actor, household: Household, person: int) -> bool:
    return Membership.objects.visible_to(actor).filter(household=household, person=person).exists()


def _value(actor: Actor, field: Field, household: Household, person: int | None) -> Any:
    column = field.column or ""
    if field.table == "condition":
        return Condition.objects.visible_to(actor).on(clock.today()).filter(person=person).values_list(column, flat=True).first()
    rows = Household.objects.filter(pk=household.pk) if person is None else Person.objects.visible_to(actor).filter(pk=person)
    row = rows.values(column).first()
    return plain(field.table or "", column, row) if row else None


def _said(field: Field, value: Any) -> str | Text | None:
    if value is None or value == "":
        return None
    if field.codes:
        titles = [title_of(field.codes, v, clock.today()) or Text(v, v) for v in (value if isinstance(value, list) else [value])]
        return Text("、".join(t.zh for t in titles), ", ".join(t.en for t in titles))
    return value.isoformat() if isinstance(value, date) else str(value)


def _within_limit(actor: Actor, act: Act, most: int, problem: ProblemKind) -> None:
    """Hold a user to so many acts within an hour; those at the same time are counted one after the other."""
    if actor.user_id is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 12))", [f"{act.key} {actor.user_id}"])
    if done_since(actor.user_id, act, clock.machine_now() - HOUR) >= most:
        raise problem(most=most)


# --- by number


@dataclass(frozen=True, slots=True)
class Found:
    """A household that a number led to: its own number, and the member whose it is (blank where it is the household's)."""

    number: str
    member: str


def find_by_number(actor: Actor, said: str) -> list[Found]:
    """The households of the actor's area with a number: its own, a member's identity, a telephone or an account number.

    Exact matches by keyed hash. A search for a personal number goes into the audit, the number masked, whether anything was found or
    not. Raises BF-1263 for what is no whole number, BF-1264 after too many within an hour, BF-1001 without `household.read`.
    """
    actor.require("household.read")
    number = parse_number(unicodedata.normalize("NFKC", said).replace("-", ""), fields()["account"])
    if not WHOLE_NUMBER.fullmatch(number):
        raise NOT_A_WHOLE_NUMBER(least=SHORTEST_NUMBER)
    with acting(actor):
        own = list(Household.objects.visible_to(actor).farming().filter(number=number).values_list("number", flat=True))
        if own:
            return [Found(one, "") for one in own]
        _within_limit(actor, NUMBER_SEARCH, MOST_SEARCHES, TOO_MANY_SEARCHES)
        # A household's telephone is often its head's: each household is named once, with the member where there is one.
        found = list({f.number: f for f in [*_by_household(actor, number), *_by_member(actor, number)]}.values())
        note(actor, NUMBER_SEARCH, subject=stars(number, 3, 4), detail={"found": len(found)})
        return found


def _by_member(actor: Actor, number: str) -> list[Found]:
    last4 = keyed_hash(number[-4:], "last4", size=8)
    seen = Person.objects.visible_to(actor)
    persons = list(seen.filter(identity_hash=keyed_hash(number, "identity")).values_list("pk", flat=True))
    persons += seen.filter(phone_last4=last4, phone_hash=keyed_hash(number, "phone")).values_list("pk", flat=True)
    members = Membership.objects.visible_to(actor).on(clock.today()).filter(sort=FARMING, person__in=persons)
    return [Found(*row) for row in members.order_by("path", "id").values_list("household__number", "person__name")[:MOST_SHOWN]]


def _by_household(actor: Actor, number: str) -> list[Found]:
    whose = Q(phone_hash=keyed_hash(number, "phone")) | Q(account_hash=keyed_hash(number, "account"))
    rows = Household.objects.visible_to(actor).farming().filter(whose)
    return [Found(one, "") for one in rows.order_by("path", "id").values_list("number", flat=True)[:MOST_SHOWN]]
