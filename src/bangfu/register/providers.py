"""What the register answers to the extension points of the layers below."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb
from django.db import connection

from bangfu.foundation.changes import Change, Effect, Reference, effects_of, references_of
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.screens import PageLink, rail
from bangfu.foundation.secrecy import SealedColumn, sealed_columns
from bangfu.lake.tables import members_of, views_for_figures
from bangfu.register.models import Evidence, IncomeAgreement, IncomeSheet, Membership
from bangfu.register.models.base import PersonFact
from bangfu.register.showing import nothing_known

COUNTED = ("membership", "kind", "registration")  # what figures of the register count from


@rail.provider("register", order=40)
def places() -> list[PageLink]:
    """Imports, for those who hand files in."""
    return [PageLink("imports", Text("导入", "Import"), "/register/import/", "import", "register.import")]


@members_of.provider("register")
def members(households: list[int]) -> list[int]:
    """Persons who are or were members of households, whatever the sort."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person_id FROM register_membership WHERE household_id = ANY(%s) "
            "UNION SELECT person_id FROM register_membership_history WHERE household_id = ANY(%s)",
            [households, households],
        )
        return [row[0] for row in cursor.fetchall()]


@views_for_figures.provider("register", order=10)
def of_the_day(con: duckdb.DuckDBPyConnection, as_of: date) -> Mapping[str, Problem]:
    """The register's own tables, which can be counted on any day but those before the register begins (BF-1253)."""
    why = nothing_known(as_of)
    if why is None:
        return {}
    for name in COUNTED:
        con.execute(f"CREATE TABLE {name}_of_nobody AS FROM {name} LIMIT 0; DROP VIEW {name}")
        con.execute(f"ALTER TABLE {name}_of_nobody RENAME TO {name}")
    return dict.fromkeys(COUNTED, why)


@sealed_columns.provider("register", order=10)
def encrypted() -> list[SealedColumn]:
    """Numbers of persons and households."""
    return [
        SealedColumn("register_person", "identity", "person.identity"),
        SealedColumn("register_person", "phone", "person.phone"),
        SealedColumn("register_person", "disability_certificate", "person.disability_certificate"),
        SealedColumn("register_household", "phone", "household.phone"),
        SealedColumn("register_household", "account", "household.account"),
        SealedColumn("register_incomeagreement", "scan", "incomeagreement.scan"),
    ]


@effects_of.provider("register", order=10)
def members_touched(change: Change) -> list[Effect]:
    """The members of the household that a change touches, its income sheets and the agreements with them."""
    count = Membership.objects.filter(household=change.household, valid__endswith__isnull=True).count()
    sheets = IncomeSheet.objects.filter(household=change.household).count()
    agreed = IncomeAgreement.objects.filter(household=change.household).count()
    counts = {"members": count, "income sheets": sheets, "agreements": agreed}
    return [Effect("register", what, n) for what, n in counts.items() if n]


@references_of.provider("register", order=10)
def rows_of(person: int) -> list[Reference]:
    """Rows of the register that refer to a person."""
    found = [(m._meta.db_table, m.objects.filter(person=person).count()) for m in (Membership, *PersonFact.__subclasses__())]  # type: ignore[attr-defined]
    found.append((Evidence._meta.db_table, Evidence.objects.filter(person=person).count()))
    return [Reference("register", table, count) for table, count in found if count]
