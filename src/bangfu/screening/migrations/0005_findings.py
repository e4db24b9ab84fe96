"""Findings: hints, groups, proposals and scores of households; what a run found of them."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import bangfu.foundation.fields
from bangfu.accounts.ddl import limited
from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [
        ("register", "0005_handed"),
        ("screening", "0004_duty"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="findings",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="run",
            name="limits",
            field=models.JSONField(default=dict),
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                ("sort", models.CharField(max_length=10)),
                ("subject", models.CharField(max_length=40)),
                ("state", models.CharField(max_length=12)),
                (
                    "reasons",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), blank=True, null=True, size=None
                    ),
                ),
                ("values", models.JSONField(blank=True, null=True)),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="findings", to="register.household"
                    ),
                ),
                ("run", models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="screening.run")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["sort", "subject", "state", "path", "household"], name="screening_f_sort_a8c804_idx")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("household", "sort", "subject"), name="finding_once"),
                    models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="finding_path_closed"),
                ],
            },
        ),
        ddl.kept("screening_finding"),
        ddl.scoped("screening_finding", writable=False),
        limited("screening_finding", household="household_id"),
    ]
