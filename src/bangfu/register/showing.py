"""A household as it was on a day, as it was known on a day: the one reading behind the command line and the household's page."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

from django.apps import apps
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Min
from django.db.models.functions import Lower

from bangfu.foundation import clock
from bangfu.foundation.acting import reading_as
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.reading import read
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt
from bangfu.register import masks
from bangfu.register.fields import fields_of, title_of
from bangfu.register.income import lines
from bangfu.register.models import Membership
from bangfu.register.problems import NOT_KNOWN_YET, UNKNOWN_HOUSEHOLD
from bangfu.register.sorts import FARMING

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


Rows = dict[str, list[dict[str, Any]]]


BY_NUMBER, BY_KEYS = "number = %(number)s", "id = ANY(%(keys)s::bigint[])"


def _read(known: Known, which: str, asked: dict[str, Any]) -> Rows:
    """The households that `which` asks for with all their rows and those of their members, by table, in one statement: empty where there
    is none."""
    own, theirs = "household_id = ANY(ARRAY(SELECT id FROM home))", "person_id = ANY(ARRAY(SELECT person_id FROM member))"
    of = {
        "person": known.rows("register_person", "id = ANY(ARRAY(SELECT person_id FROM member))", dated=False),
        **{table: known.rows(f"register_{table}", theirs) for table in PERSON_FACTS},
        **{table: known.rows(f"register_{table}", own) for table in HOUSEHOLD_FACTS},
        **{table: known.rows(f"register_{table}", own, dated=False) for table in ("incomesheet", "incomeitem")},
    }
    home = known.rows("register_household", f"{which} AND sort = 'farming'", dated=False)
    member = known.rows("register_membership", f"{own} AND sort = 'farming'")
    sql = (
        f"WITH home AS ({home}), member AS ({member}) "
        "SELECT 'household', to_jsonb(home)::text FROM home UNION ALL SELECT 'membership', to_jsonb(member)::text FROM member"
    ) + "".join(f" UNION ALL SELECT '{table}', to_jsonb(r)::text FROM ({rows}) r" for table, rows in of.items())
    found: Rows = defaultdict(list)
    for table, row in read(sql, asked | {"day": known.day, "until": known.until}):
        kinds = _kinds(table)
        plain = json.loads(row, parse_float=Decimal)
        found[table].append({k: kinds[k](v) if v is not None and k in kinds else v for k, v in plain.items()})
    return found


@lru_cache(maxsize=32)
def _kinds(table: str) -> dict[str, Callable[[Any], Any]]:
    """How the columns of a table that JSON cannot say become what they are."""
    fields = apps.get_model("register", table)._meta.concrete_fields
    return {f.column: _KINDS[kind] for f in fields if (kind := f.get_internal_type()) in _KINDS}


def _span(said: str) -> DateRange:
    """A range of days as PostgreSQL writes it: `[2019-01-01,)`."""
    if said == "empty":
        return DateRange(empty=True)
    lower, _, upper = said[1:-1].partition(",")
    first, last = (date.fromisoformat(day) if day else None for day in (lower, upper))
    return DateRange(first, last, said[0] + said[-1])


_KINDS: dict[str, Callable[[Any], Any]] = {
    "BinaryField": lambda said: bytes.fromhex(said[2:]),
    "DateField": date.fromisoformat,
    "DateRangeField": _span,
    "DateTimeField": datetime.fromisoformat,
    "DecimalField": lambda said: said if isinstance(said, Decimal) else Decimal(said),
    "FloatField": float,
}


def show_household(
    actor: Actor, number: str, *, as_of: date | None = None, known_on: date | datetime | None = None
) -> dict[str, Any]:
    """A household with its members and facts: as true on `as_of` (today), as known at the end of `known_on` (now).

    What the actor may not see comes masked (`masks`). Each fact names its evidence and since when it holds. Raises BF-1222 where the
    actor sees no such household, BF-1253 for a day before anything is known of it, BF-1001 without `household.read`.
    """
    actor.require("household.read")
    day = as_of or clock.today()
    known = Known(day, _end_of(known_on))
    with reading_as(actor):
        rows = _read(known, BY_NUMBER, {"number": number})
        if not rows["household"]:
            raise UNKNOWN_HOUSEHOLD(household=number)
        household = rows["household"][0]
        if not rows["membership"] and (first := _first_day(known, household["id"])) is not None:
            what = Text("户 {number} ", "Household {number}").format(number=number)
            raise NOT_KNOWN_YET(what=what, first=first, day=day)
        return _shown(actor, known, rows)


def show_households(actor: Actor, keys: Sequence[int], *, as_of: date | None = None) -> dict[int, dict[str, Any]]:
    """Households by key as `show_household` shows each, all read in one statement; those that the actor does not see are left out, and
    those of whom nothing is known on the day. Raises BF-1001 without `household.read`."""
    actor.require("household.read")
    known = Known(as_of or clock.today(), None)
    with reading_as(actor):
        apart = _apart(_read(known, BY_KEYS, {"keys": list(keys)}))
        return {key: _shown(actor, known, rows) for key, rows in apart.items() if rows["membership"]}


def _apart(rows: Rows) -> dict[int, Rows]:
    """Rows of many households, each household's own: a person is a member of one of them."""
    home_of = {m["person_id"]: m["household_id"] for m in rows["membership"]}
    apart: dict[int, Rows] = {h["id"]: defaultdict(list, {"household": [h]}) for h in rows["household"]}
    for table, found in rows.items():
        for row in found if table != "household" else ():
            home = row["household_id"] if "household_id" in row else home_of[row["id" if table == "person" else "person_id"]]
            if home in apart:
                apart[home][table].append(row)
    return apart


def _shown(actor: Actor, known: Known, rows: Rows) -> dict[str, Any]:
    household = rows["household"][0]
    return {
        "household": {"id": household["id"], "number": household["number"], "area": household["area_id"], "path": household["path"], "natural_village": household["natural_village"], "bank": household["bank"]} | _secrets(actor, "household", household),
        "as_of": known.day,
        "known_on": known.until,
        "members": _members(actor, known, rows),
        "facts": {table: visible(actor, table, rows[table][0]) for table in HOUSEHOLD_FACTS if rows[table]},
        "income": _income(known, rows),
    }  # fmt: skip


def _first_day(known: Known, household: int) -> date | None:
    """The first day of which anything is known of a household, where the day asked for lies before it."""
    member = known.rows("register_membership", "household_id = %(household)s AND sort = 'farming'", dated=False)
    (first,) = read(
        f"SELECT min(lower(valid)) FROM ({member}) m HAVING NOT bool_or(lower_inf(valid)) AND min(lower(valid)) > %(day)s",
        {"household": household, "day": known.day, "until": known.until},
    ) or [(None,)]
    return cast("date | None", first[0])


def nothing_known(day: date) -> Problem | None:
    """Why nothing can be counted of a day: the whole register begins later (BF-1253). None where somebody is a member of a household
    on the day, and where the register is empty."""
    if Membership.objects.filter(sort=FARMING).on(day).exists():
        return None
    first = Membership.objects.filter(sort=FARMING).aggregate(first=Min(Lower("valid")))["first"]
    return NOT_KNOWN_YET(what=Text("名册", "The register"), first=first, day=day) if first and first > day else None


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


def _members(actor: Actor, known: Known, rows: Rows) -> list[dict[str, Any]]:
    persons = {p["id"]: p for p in rows["person"]}
    facts = {table: {f["person_id"]: f for f in rows[table]} for table in PERSON_FACTS}
    shown = []
    for m in sorted(
        rows["membership"], key=lambda m: (m["relation"] != "head", persons[m["person_id"]]["birth_date"] or date.max)
    ):
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
                **{t: visible(actor, t, facts[t][person["id"]]) for t in PERSON_FACTS if person["id"] in facts[t]},
            }
        )
    return shown


def visible(actor: Actor, table: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row of a fact as the actor may see it, with since when it holds and its evidence."""
    secret = masks.personal(table)
    kept = {
        k: masks.shown(actor, secret[k].personal, v) if k in secret else v
        for k, v in row.items()
        if k not in HIDDEN and v is not None
    }
    return kept | {"since": row["valid"].lower, "evidence": row["evidence_id"]}


def _income(known: Known, rows: Rows) -> list[dict[str, Any]]:
    sheets, items = rows["incomesheet"], rows["incomeitem"]
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
        said.append((f.title_on(day), value, f.unit))
    return said
