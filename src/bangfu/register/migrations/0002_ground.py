"""History and scope of the register's tables."""

from django.db import migrations

from bangfu.foundation import ddl

FACTS = [
    f"register_{name}"
    for name in (
        "household", "membership", "kind", "registration", "relocation", "land", "house", "water", "living", "incomesheet", "incomeitem",
        "person", "residence", "schooling", "condition", "insurance", "work",
    )
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("register", "0001_initial"), ("foundation", "0001_ground")]
    operations = [
        ddl.kept(*FACTS),
        *(
            ddl.alone(f"register_{t}", "household_id")
            for t in ("kind", "registration", "relocation", "land", "house", "water", "living")
        ),
        *(ddl.alone(f"register_{t}", "person_id") for t in ("residence", "schooling", "condition", "insurance", "work")),
        ddl.alone("register_membership", "person_id", "household_id"),
        ddl.scoped(*FACTS, "register_evidence"),
        ddl.county_wide("register_source", writable=True),
        # Evidence is append-only, whoever asks.
        migrations.RunSQL(
            """
            CREATE FUNCTION register_evidence_stays() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'evidence is append-only'; END $$;
            CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON register_evidence FOR EACH ROW EXECUTE FUNCTION register_evidence_stays();
            """,
            "DROP TRIGGER stays ON register_evidence; DROP FUNCTION register_evidence_stays();",
        ),
    ]
