"""What the calendar asks of each village as last counted: read within scope and duty, written by the system alone; and the county's first pairing,
which everybody's calendar counts from, whichever pairings they see."""

from django.db import migrations, models

import bangfu.foundation.fields
from bangfu.accounts.ddl import limited
from bangfu.foundation import ddl

FIRST = """
    CREATE FUNCTION bangfu_first_pairing() RETURNS date LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
      SELECT min(lower(valid)) FROM command_pairing $$;
"""


class Migration(migrations.Migration):
    dependencies = [("command", "0003_known_to_all"), ("accounts", "0005_audit")]
    operations = [
        migrations.CreateModel(
            name="VisitsDue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("day", models.DateField()),
                ("due", models.PositiveIntegerField()),
                ("overdue", models.PositiveIntegerField()),
                ("longest", models.PositiveIntegerField()),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("path",), name="visitsdue_once"),
                    models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="visitsdue_path_closed"),
                ],
            },
        ),
        ddl.scoped("command_visitsdue", writable=False),
        limited("command_visitsdue"),
        migrations.RunSQL(FIRST, "DROP FUNCTION bangfu_first_pairing()"),
    ]
