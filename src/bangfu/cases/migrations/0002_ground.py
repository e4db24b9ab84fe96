"""History, scope and duty of the tables of cases; the story is append-only."""

from django.db import migrations

from bangfu.accounts.ddl import limited
from bangfu.foundation import ddl

OF_HOUSEHOLDS = [
    f"cases_{name}" for name in ("case", "measure", "caseevent", "decision", "stepdone", "paper", "noticed", "objection", "item")
]
OF_PLACES = ["cases_notice", "cases_meeting", "cases_present"]
# Only the place of an event may change, with that of its household, and the key under which its words are sealed, by the owner; whoever acts on
# a page takes none away.
APPEND_ONLY = """
    CREATE FUNCTION bangfu_story_stays() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'path' - 'words' = to_jsonb(NEW) - 'path' - 'words'
           AND (current_user <> 'bangfu_web' OR OLD.words IS NOT DISTINCT FROM NEW.words) THEN RETURN NEW; END IF;
        IF TG_OP = 'DELETE' AND current_user <> 'bangfu_web' THEN RETURN OLD; END IF;
        RAISE EXCEPTION 'the story of a case is append-only' USING ERRCODE = 'restrict_violation';
      END $$;
    CREATE TRIGGER story_stays BEFORE UPDATE OR DELETE ON cases_caseevent FOR EACH ROW EXECUTE FUNCTION bangfu_story_stays();
    CREATE TRIGGER story_stays BEFORE UPDATE OR DELETE ON cases_stepdone FOR EACH ROW EXECUTE FUNCTION bangfu_story_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("accounts", "0005_audit"), ("command", "0002_ground")]
    operations = [
        ddl.kept(
            *(f"cases_{name}" for name in ("case", "measure", "kinship", "decision", "paper", "objection", "item")), *OF_PLACES
        ),
        ddl.scoped(*OF_HOUSEHOLDS, *OF_PLACES),
        limited(*OF_HOUSEHOLDS, household="household_id"),
        limited(*OF_PLACES),
        # Who verifies in a village must know of a declaration that the county keeps.
        ddl.county_wide("cases_kinship", writable=True),
        ddl.written_within("cases_kinship"),
        migrations.RunSQL(
            APPEND_ONLY,
            "DROP TRIGGER story_stays ON cases_caseevent; DROP TRIGGER story_stays ON cases_stepdone; DROP FUNCTION bangfu_story_stays();",
        ),
    ]
