"""A household as it was on a day, as it was known on a day: the one reading behind the command line and the household's page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection

from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.secrecy import decrypt
from bangfu.register import masks
from bangfu.register.fields import fields_of, title_of
from bangfu.register.income import lines
from bangfu.register.problems import UNKNOWN_HOUSEHOLD

HOUSEHOLD_FACTS = ("kind", "registration", "relocation", "house", "water", "living", "land", "means", "monitoring")
PERSON_FACTS = ("schooling", "condition", "insurance", "residence", "work")
HIDDEN = {
    "recorded_from",
    "recorded_until",
    "recorded_by",
    "operation",
    "path",
    "id",
    "household_id",
    "person_id",
    "evidence_id",
    "valid",
    "pristine",
}


@dataclass(frozen=True, slots=True)
class Known:
    """A day of valid time, and the moment of recorded time up to which things were known (None: now)."""

    day: date
    until: datetime | None

    def rows(self, table: str, where: str, *, dated: bool = True) -> str:
        """SQL of a table's rows that were true on the day and known at the moment; `where` names the subject."""
        when = " AND valid @> %(day)s::date" if dated else ""
        now = f"SELECT t.*, NULL::timestamptz AS recorded_until FROM {table} t WHERE {where}{when}"
        if self.until is None:
            return now
        names = ", ".join(_columns(table))
        return (
            f"SELECT {names}, NULL::timestamptz AS recorded_until FROM {table} t WHERE {where}{when} AND recorded_from < %(until)s "
            f"UNION ALL SELECT {names}, recorded_until FROM {table}_history t "
            f"WHERE {where}{when} AND recorded_from < %(until)s AND recorded_until >= %(until)s"
        )


def _columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [c.name for c in connection.introspection.get_table_description(cursor, table)]


def _ask(sql: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        names = [c.name for c in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def show_household(
    actor: Actor, number: str, *, as_of: date | None = None, known_on: date | datetime | None = None
) -> dict[str, Any]:
    """A household with its members and facts: as true on `as_of` (today), as known at the end of `known_on` (now).

    What the actor may not see comes masked (`masks`). Each fact names its evidence and since when it holds. Raises BF-1222 where the actor sees no
    such household, BF-1001 without `household.read`.
    """
    actor.require("household.read")
    day = as_of or clock.today()
    known = Known(day, _end_of(known_on))
    parameters: dict[str, Any] = {"day": day, "until": known.until, "number": number}
    with acting(actor):
        found = _ask(known.rows("register_household", "number = %(number)s AND sort = 'farming'", dated=False), parameters)
        if not found:
            raise UNKNOWN_HOUSEHOLD(household=number)
        household = found[0]
        parameters["household"] = household["id"]
        members = _members(actor, known, parameters)
        facts = {t: _fact(actor, known, t, "household_id = %(household)s", parameters) for t in HOUSEHOLD_FACTS}
        sheets = _income(known, parameters)
    return {
        "household": {"id": household["id"], "number": number, "area": household["area_id"], "path": household["path"], "natural_village": household["natural_village"], "bank": household["bank"]} | _secrets(actor, "household", household),
        "as_of": day,
        "known_on": known.until,
        "members": members,
        "facts": {k: v for k, v in facts.items() if v},
        "income": sheets,
    }  # fmt: skip


def _end_of(known_on: date | datetime | None) -> datetime | None:
    if known_on is None:
        return None
    day = known_on.date() if isinstance(known_on, datetime) else known_on
    return datetime.combine(day + timedelta(days=1), time(0), tzinfo=clock.zone())


def _secrets(actor: Actor, table: str, row: dict[str, Any]) -> dict[str, Any]:
    """The personal fields of a household or a person as the actor may see them."""
    return {column: masks.shown(actor, f.personal, plain(table, column, row)) for column, f in masks.personal(table).items()}


def plain(table: str, column: str, row: dict[str, Any]) -> Any:
    """A column of a row, deciphered where it is kept so."""
    value = row[column]
    return decrypt(value, f"{table}.{column}") if isinstance(value, bytes | memoryview) else value


def _age(birth: date | None, day: date) -> int | None:
    return None if birth is None else day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _members(actor: Actor, known: Known, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    memberships = _ask(known.rows("register_membership", "household_id = %(household)s AND sort = 'farming'"), parameters)
    ids = [m["person_id"] for m in memberships]
    given = parameters | {"persons": ids}
    persons = {p["id"]: p for p in _ask(known.rows("register_person", "id = ANY(%(persons)s)", dated=False), given)}
    facts = {
        table: {f["person_id"]: f for f in _ask(known.rows(f"register_{table}", "person_id = ANY(%(persons)s)"), given)}
        for table in PERSON_FACTS
    }
    shown = []
    for m in sorted(memberships, key=lambda m: (m["relation"] != "head", persons[m["person_id"]]["birth_date"] or date.max)):
        person = persons[m["person_id"]]
        shown.append(
            {
                "person": person["id"],
                "name": person["name"],
                "relation": m["relation"],
                "since": m["valid"].lower,
                "sex": person["sex"],
                "age": _age(person["birth_date"], known.day),
                "ethnic": person["ethnic"],
                **_secrets(actor, "person", person),
                "evidence": person["evidence_id"],
                **{t: _visible(actor, t, facts[t][person["id"]]) for t in PERSON_FACTS if person["id"] in facts[t]},
            }
        )
    return shown


def _visible(actor: Actor, table: str, row: dict[str, Any]) -> dict[str, Any]:
    secret = masks.personal(table)
    kept = {
        k: masks.shown(actor, secret[k].personal, v) if k in secret else v
        for k, v in row.items()
        if k not in HIDDEN and v is not None
    }
    return kept | {"since": row["valid"].lower, "evidence": row["evidence_id"]}


def _fact(actor: Actor, known: Known, table: str, where: str, parameters: dict[str, Any]) -> dict[str, Any] | None:
    rows = _ask(known.rows(f"register_{table}", where), parameters)
    return _visible(actor, table, rows[0]) if rows else None


def _income(known: Known, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    sheets = _ask(known.rows("register_incomesheet", "household_id = %(household)s", dated=False), parameters)
    items = _ask(known.rows("register_incomeitem", "household_id = %(household)s", dated=False), parameters)
    return [
        {
            "from": s["period"].lower,
            "to": s["period"].upper - timedelta(days=1),
            "evidence": s["evidence_id"],
            "items": _by_field(i for i in items if i["sheet_id"] == s["id"]),
        }
        for s in sorted(sheets, key=lambda s: (s["period"].upper, s["id"]), reverse=True)
        if s["period"].upper - timedelta(days=1) <= known.day
    ]


def _by_field(items: Iterable[dict[str, Any]]) -> dict[str, int]:
    """What each field of the sheet comes to: the lines of the form added up, or the sum that a file gave."""
    added: dict[str, int] = {}
    for item in items:
        field = lines()[item["item"]].field if item["item"] in lines() else item["item"]
        added[field] = added.get(field, 0) + item["fen"]
    return added


def say_facts(table: str, fact: dict[str, Any], day: date) -> list[tuple[Any, Any, str | None]]:
    """A fact as (title, value in words or None, unit), in the order of the fields; values that nobody knows are left out."""
    said = []
    for f in fields_of(table):
        value = fact.get(f.column or "")
        if value is None or value == "":
            continue
        if f.codes and isinstance(value, list):
            value = [title_of(f.codes, v, day) for v in value]
        elif f.codes:
            value = title_of(f.codes, value, day)
        said.append((f.title, value, f.unit))
    return said
