"""Rows of the register are limited to the duty of those who see no more than it."""

from django.db import migrations

from bangfu.accounts.ddl import limited

OF_HOUSEHOLDS = ("kind", "registration", "relocation", "land", "house", "water", "living", "incomesheet", "incomeitem")
OF_PERSONS = ("residence", "schooling", "condition", "insurance", "work", "membership")


class Migration(migrations.Migration):
    dependencies = [("register", "0003_evidence_unindexed"), ("accounts", "0004_duty")]
    operations = [
        migrations.RunSQL(
            """
            -- Members, today, of the households of the duty; and all units that these are in (registration book, allowance family).
            CREATE FUNCTION bangfu_duty_persons() RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
            $$ SELECT coalesce(array_agg(DISTINCT person_id), '{}') FROM register_membership
               WHERE household_id = ANY (bangfu_duty_households()) AND valid @> bangfu_today() $$;
            CREATE FUNCTION bangfu_duty_units() RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
            $$ SELECT bangfu_duty_households() || coalesce(array_agg(DISTINCT household_id), '{}') FROM register_membership
               WHERE person_id = ANY (bangfu_duty_persons()) AND sort <> 'farming' AND valid @> bangfu_today() $$;
            """,
            "DROP FUNCTION bangfu_duty_units; DROP FUNCTION bangfu_duty_persons;",
        ),
        limited("register_household", unit="id"),
        limited(*(f"register_{table}" for table in OF_HOUSEHOLDS), household="household_id"),
        limited("register_person", person="id"),
        limited(*(f"register_{table}" for table in OF_PERSONS), person="person_id"),
        limited("register_evidence", household="household"),
    ]
