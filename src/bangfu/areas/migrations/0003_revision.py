"""A change of areas or of their cells makes a new revision of the county."""

from django.db import migrations

TABLES = ("areas_area", "areas_areacell")


class Migration(migrations.Migration):
    dependencies = [("areas", "0002_marks"), ("foundation", "0003_county_revision")]
    operations = [
        migrations.RunSQL(
            "".join(
                f"CREATE TRIGGER county_revised AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION bangfu_county_revised();"
                for table in TABLES
            ),
            "".join(f"DROP TRIGGER county_revised ON {table};" for table in TABLES),
        )
    ]
