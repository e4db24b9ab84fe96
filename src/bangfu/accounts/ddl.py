"""The migration operation that limits tables to the duty of those who see no more than it (see `sql/0004_duty.sql`).

operations = [..., scoped("screening_verdict"), limited("screening_verdict", household="household_id")]
"""

from __future__ import annotations

from django.db import migrations


def limited(*tables: str, household: str | None = None, person: str | None = None, unit: str | None = None) -> migrations.RunSQL:
    """Limit tables with a `path` to the duty; to be called after `scoped`.

    Name the column that holds the row's household, its person, or the unit that it is; a table with none of them (totals of places)
    is limited to the areas of the duty.
    """
    columns = {"households": household, "persons": person, "units": unit}
    whose = " OR ".join(
        f"{column} = ANY ((SELECT bangfu_duty_{kind}())::bigint[])" for kind, column in columns.items() if column is not None
    )
    rule = f"'{whose}'" if whose else "NULL"
    return migrations.RunSQL(
        "".join(f"SELECT bangfu_limit_to_duty('{table}', {rule});" for table in tables), migrations.RunSQL.noop
    )


def closed(*tables: str) -> migrations.RunSQL:
    """Close tables with a `path` to whoever sees no more than a duty (see `sql/0006_closed_to_duty.sql`); to be called after `scoped`."""
    return migrations.RunSQL("".join(f"SELECT bangfu_close_to_duty('{table}');" for table in tables), migrations.RunSQL.noop)
