"""What a household owns and how it is monitored; further fields of water, toilet, schooling, health and work."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

import bangfu.foundation.fields
from bangfu.accounts.ddl import limited
from bangfu.foundation import ddl

NEW = ("register_means", "register_monitoring")


class Migration(migrations.Migration):
    dependencies = [
        ("register", "0005_handed"),
    ]

    operations = [
        migrations.AddField(
            model_name="condition",
            name="undernourished",
            field=models.BooleanField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="living",
            name="toilet_shared",
            field=models.BooleanField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="schooling",
            name="years",
            field=models.SmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="water",
            name="minutes",
            field=models.SmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="work",
            name="lost_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="work",
            name="public_salary",
            field=models.BooleanField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="Means",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                ("pristine", models.BooleanField(db_default=False, default=False, editable=False)),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("commercial_house", models.BooleanField(blank=True, null=True)),
                ("vehicle", models.BooleanField(blank=True, null=True)),
                ("company", models.BooleanField(blank=True, null=True)),
                ("absent", models.BooleanField(blank=True, null=True)),
                (
                    "assets",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=24), blank=True, null=True, size=None
                    ),
                ),
                ("child_deaths", models.SmallIntegerField(blank=True, null=True)),
                (
                    "evidence",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="register.evidence",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="register.household"),
                ),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("pristine", False), ("valid__upper_inf", False), _connector="OR"),
                        expressions=[("household", "="), ("valid", "&&")],
                        name="means_one_at_a_time",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("valid__upper_inf", True)), fields=("household",), name="means_one_at_a_time_open"
                    ),
                    models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="means_path_closed"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Monitoring",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                ("pristine", models.BooleanField(db_default=False, default=False, editable=False)),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("identified", models.DateField(blank=True, null=True)),
                (
                    "risks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=24), blank=True, null=True, size=None
                    ),
                ),
                ("no_labour", models.BooleanField(blank=True, null=True)),
                (
                    "measures",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=24), blank=True, null=True, size=None
                    ),
                ),
                ("measures_since", models.DateField(blank=True, null=True)),
                ("stable_since", models.DateField(blank=True, null=True)),
                ("event", models.CharField(blank=True, max_length=24, null=True)),
                ("event_on", models.DateField(blank=True, null=True)),
                ("event_loss", models.BigIntegerField(blank=True, null=True)),
                ("eliminated", models.BooleanField(blank=True, null=True)),
                ("way", models.CharField(blank=True, max_length=24, null=True)),
                ("eliminated_on", models.DateField(blank=True, null=True)),
                (
                    "evidence",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="register.evidence",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="register.household"),
                ),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("pristine", False), ("valid__upper_inf", False), _connector="OR"),
                        expressions=[("household", "="), ("valid", "&&")],
                        name="monitoring_one_at_a_time",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("valid__upper_inf", True)),
                        fields=("household",),
                        name="monitoring_one_at_a_time_open",
                    ),
                    models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="monitoring_path_closed"),
                ],
            },
        ),
        # Tables that have new columns keep them in their history as well.
        ddl.kept("register_water", "register_living", "register_schooling", "register_condition", "register_work", *NEW),
        *(ddl.alone(table, "household_id") for table in NEW),
        ddl.scoped(*NEW),
        limited(*NEW, household="household_id"),
    ]
