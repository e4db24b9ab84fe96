"""Norms of yield, price and cost by which own produce is valued."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
from django.db import migrations, models

import bangfu.foundation.fields
from bangfu.foundation import ddl

WITHIN = "path >= nullif(current_setting('bangfu.scope', true), '') AND path < nullif(current_setting('bangfu.scope', true), '') || '~'"


class Migration(migrations.Migration):
    dependencies = [
        ("screening", "0006_entries"),
    ]

    operations = [
        migrations.CreateModel(
            name="Norm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                ("code", models.CharField(max_length=40)),
                ("zh", models.CharField(max_length=60)),
                ("en", models.CharField(max_length=60)),
                ("sort", models.CharField(choices=[("crop", "crop"), ("tree", "tree"), ("animal", "animal")], max_length=8)),
                ("unit_zh", models.CharField(max_length=20)),
                ("unit_en", models.CharField(max_length=20)),
                ("yield_low", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("yield_high", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("price_low", models.BigIntegerField()),
                ("price_high", models.BigIntegerField()),
                ("cost_low", models.BigIntegerField(blank=True, null=True)),
                ("cost_high", models.BigIntegerField(blank=True, null=True)),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("source", models.CharField(max_length=200)),
                ("verified", models.BooleanField(default=False)),
                ("actor", models.CharField(max_length=60)),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("path", "="), ("code", "="), ("valid", "&&")], name="norm_one_at_a_time"
                    ),
                    models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="norm_path_closed"),
                ],
            },
        ),
        ddl.kept("screening_norm"),
        # Read by whoever acts at some area, since the norms of the areas above hold below; written inside one's own area only.
        ddl.county_wide("screening_norm", writable=True),
        migrations.RunSQL(
            f"""
            CREATE POLICY put_in ON screening_norm AS RESTRICTIVE FOR INSERT WITH CHECK ({WITHIN});
            CREATE POLICY changed ON screening_norm AS RESTRICTIVE FOR UPDATE USING ({WITHIN}) WITH CHECK ({WITHIN});
            CREATE POLICY taken ON screening_norm AS RESTRICTIVE FOR DELETE USING ({WITHIN});
            """,
            "DROP POLICY taken ON screening_norm; DROP POLICY changed ON screening_norm; DROP POLICY put_in ON screening_norm;",
        ),
    ]
