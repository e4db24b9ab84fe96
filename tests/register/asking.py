"""What tests ask of the register: rows by household or person, counts of every table, everything in a form that can be compared."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.apps import apps
from django.db import connection

from bangfu.register.importing.bulk import TABLES
from bangfu.register.models.base import HouseholdFact, PersonFact

HOUSEHOLD_FACTS = tuple(m._meta.db_table for m in HouseholdFact.__subclasses__())
PERSON_FACTS = tuple(m._meta.db_table for m in PersonFact.__subclasses__())
# What people hand in on the page is no part of the register: it goes when it is imported.
REGISTER = tuple(
    m._meta.db_table for m in apps.get_app_config("register").get_models() if not m._meta.db_table.startswith("register_handed")
)


def ask(sql: str, *parameters: Any) -> list[dict[str, Any]]:
    """The rows of a query, by column."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        names = [c.name for c in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def one(sql: str, *parameters: Any) -> Any:
    """The only value of a query."""
    ((value,),) = (tuple(row.values()) for row in ask(sql, *parameters))
    return value


def household_id(number: str) -> int:
    """The farming household of that number."""
    return int(one("SELECT id FROM register_household WHERE sort = 'farming' AND number = %s", number))


def facts(table: str, number: str) -> list[dict[str, Any]]:
    """The rows of a household's fact in the order of their days."""
    return ask(f"SELECT * FROM register_{table} WHERE household_id = %s ORDER BY valid", household_id(number))


def spans(table: str, number: str, column: str) -> list[tuple[Any, date, date | None]]:
    """(value, from, until) of a household's fact."""
    return [(row[column], row["valid"].lower, row["valid"].upper) for row in facts(table, number)]


def person_spans(table: str, name: str, column: str) -> list[tuple[Any, date, date | None]]:
    """(value, from, until) of the fact of the person of that name."""
    rows = ask(
        f"SELECT t.* FROM register_{table} t JOIN register_person p ON p.id = t.person_id WHERE p.name = %s ORDER BY t.valid",
        name,
    )
    return [(row[column], row["valid"].lower, row["valid"].upper) for row in rows]


def memberships(name: str, sort: str = "farming") -> list[tuple[str, str, date, date | None]]:
    """(household, relation, from, until) of the person of that name."""
    rows = ask(
        "SELECT h.number, m.relation, lower(m.valid) AS since, upper(m.valid) AS until FROM register_membership m "
        "JOIN register_person p ON p.id = m.person_id JOIN register_household h ON h.id = m.household_id "
        "WHERE p.name = %s AND m.sort = %s ORDER BY m.valid",
        name,
        sort,
    )
    return [(r["number"], r["relation"], r["since"], r["until"]) for r in rows]


def counts() -> dict[str, int]:
    """How many rows every table of the register has, histories and changes too."""
    tables = [*REGISTER, *(f"register_{t}_history" for t in TABLES if t != "evidence"), "areas_area", "change"]
    return {t: int(one(f"SELECT count(*) FROM {t}")) for t in tables}


def content(
    *, leave: frozenset[str] = frozenset({"recorded_from", "recorded_at", "pristine"})
) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of the register as comparable rows: identifiers replaced by what they stand for, ciphertexts by their hashes."""
    named = {
        "household_id": "(SELECT sort || number FROM register_household WHERE id = t.household_id)",
        "household": "(SELECT sort || number FROM register_household WHERE id = t.household)",
        "person_id": "(SELECT encode(identity_hash, 'hex') FROM register_person WHERE id = t.person_id)",
        "person": "(SELECT encode(identity_hash, 'hex') FROM register_person WHERE id = t.person)",
        "evidence_id": "(SELECT s.name || e.row FROM register_evidence e JOIN register_source s ON s.id = e.source_id WHERE e.id = t.evidence_id)",
        "source_id": "(SELECT name FROM register_source WHERE id = t.source_id)",
        "sheet_id": "(SELECT period::text FROM register_incomesheet WHERE id = t.sheet_id)",
        "area_id": "(SELECT path FROM areas_area WHERE id = t.area_id)",
    }
    ciphered = {"identity", "phone", "account", "disability_certificate"}
    found = {}
    for table in REGISTER:
        columns = [
            c["column_name"]
            for c in ask("SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY 1", table)
        ]
        kept = [c for c in columns if c not in leave and c != "id"]
        shown = [f"({c} IS NULL)::text" if c in ciphered else f"({named.get(c, f't.{c}')})::text" for c in kept]
        found[table] = sorted(
            (
                tuple(row.values())
                for row in ask(f"SELECT {', '.join(f'{s} AS c{n}' for n, s in enumerate(shown))} FROM {table} t")
            ),
            key=str,
        )
    return found
