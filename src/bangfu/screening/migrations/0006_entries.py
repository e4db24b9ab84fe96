"""What the county enters for parameters of policy packs: the pages may add an entry of their own user and decide another's, nothing else."""

from django.db import migrations, models

import bangfu.foundation.fields
from bangfu.foundation import ddl

# The pages write what they must and no more: who enters is who acts, who decides is who acts, and what was entered is never changed.
# That both are two persons is a constraint of the table.
PAGES = """
GRANT INSERT ON screening_parameterentry TO bangfu_web;
GRANT UPDATE (state, decided_by, decided_name, decided_at, reason) ON screening_parameterentry TO bangfu_web;
CREATE POLICY enters ON screening_parameterentry AS RESTRICTIVE FOR INSERT TO bangfu_web
  WITH CHECK (entered_by::text = current_setting('bangfu.actor', true) AND state = 'entered');
CREATE POLICY decides ON screening_parameterentry AS RESTRICTIVE FOR UPDATE TO bangfu_web
  WITH CHECK (state = 'replaced' OR decided_by::text = current_setting('bangfu.actor', true));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("screening", "0005_findings"),
    ]

    operations = [
        migrations.CreateModel(
            name="ParameterEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pack", models.CharField(max_length=60)),
                ("parameter", models.CharField(max_length=63)),
                ("since", models.DateField()),
                ("value", models.JSONField()),
                ("document", models.CharField(max_length=120)),
                ("document_date", models.DateField()),
                ("scan", models.CharField(max_length=64)),
                ("scan_name", models.CharField(max_length=120)),
                ("scan_type", models.CharField(max_length=40)),
                ("state", models.CharField(default="entered", max_length=12)),
                ("entered_by", models.BigIntegerField()),
                ("entered_name", models.CharField(max_length=60)),
                ("entered_at", models.DateTimeField()),
                ("decided_by", models.BigIntegerField(null=True)),
                ("decided_name", models.CharField(blank=True, max_length=60)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
            ],
            options={
                "indexes": [models.Index(fields=["pack", "state"], name="screening_entry_of_pack")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "confirmed")),
                        fields=("pack", "parameter", "since"),
                        name="entry_in_use_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "entered")), fields=("pack", "parameter", "since"), name="entry_waits_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(("decided_by", models.F("entered_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="entry_by_two_persons",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_by__isnull", True), ("state", "entered")),
                            models.Q(("state__in", ["confirmed", "returned", "replaced"]), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="entry_decided_by_somebody",
                    ),
                ],
            },
        ),
        ddl.kept("screening_parameterentry"),
        ddl.county_wide("screening_parameterentry"),
        migrations.RunSQL(PAGES, migrations.RunSQL.noop),
    ]
