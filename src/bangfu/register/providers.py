"""What the register answers to the extension points of the layers below."""

from __future__ import annotations

from django.db import connection

from bangfu.foundation.changes import Change, Effect, Reference, effects_of, references_of
from bangfu.foundation.say import Text
from bangfu.foundation.screens import PageLink, rail
from bangfu.foundation.secrecy import SealedColumn, sealed_columns
from bangfu.lake.tables import members_of
from bangfu.register.models import Evidence, IncomeAgreement, IncomeSheet, Membership
from bangfu.register.models.base import PersonFact


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
