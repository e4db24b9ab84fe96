"""Market days: rules by which markets come round, at an area for a time."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
from django.db import migrations, models

import bangfu.foundation.fields
from bangfu.foundation import ddl

KINDS = ("lunar_tens", "solar_tens", "weekday", "branch", "cycle", "listed")


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0003_revision"),
    ]

    operations = [
        migrations.CreateModel(
            name="MarketDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("name", models.CharField(max_length=60)),
                ("name_en", models.CharField(max_length=60)),
                ("kind", models.CharField(choices=[(kind, kind) for kind in KINDS], max_length=12)),
                (
                    "days",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("every", models.SmallIntegerField(default=0)),
                ("first", models.DateField(blank=True, null=True)),
                (
                    "dates",
                    django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), blank=True, default=list, size=None),
                ),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("source", models.CharField(max_length=200)),
                ("verified", models.BooleanField(default=False)),
                ("actor", models.CharField(max_length=60)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("path", "="), ("name", "="), ("valid", "&&")], name="market_day_one_rule_at_a_time"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("path__regex", "^[a-z]{2}/([0-9a-z]{3}/)*$")), name="market_day_path_closed"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid__isempty", False), ("valid__startswith__isnull", False)),
                        name="market_day_begun",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("every__gt", 1), ("first__isnull", False), ("kind", "cycle")),
                            models.Q(models.Q(("kind", "cycle"), _negated=True), ("every", 0), ("first__isnull", True)),
                            _connector="OR",
                        ),
                        name="market_day_cycle_whole",
                    ),
                ],
            },
        ),
        ddl.kept("areas_marketday"),
        # Read by whoever acts at some area, since the markets of the areas above are gone to from below; written inside one's own area only.
        ddl.county_wide("areas_marketday", writable=True),
        ddl.written_within("areas_marketday"),
    ]
