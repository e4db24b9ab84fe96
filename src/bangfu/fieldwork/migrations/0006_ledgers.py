"""Visits that come from a ledger; who was there, when it began and how long it took; what pictures look like."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import bangfu.foundation.fields
from bangfu.accounts.ddl import limited
from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [
        ("fieldwork", "0005_packets"),
        ("register", "0007_income_lines"),
    ]

    operations = [
        migrations.AddField(
            model_name="submissionfile",
            name="likeness",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="visit",
            name="began_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="visit",
            name="minutes",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="visit",
            name="pattern",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="visit",
            name="present",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                db_default=models.Value(
                    [], output_field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)
                ),
                default=list,
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="visit",
            name="submission",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.RESTRICT, related_name="visit", to="fieldwork.submission"
            ),
        ),
        migrations.CreateModel(
            name="VisitLedger",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("name", models.CharField(max_length=120)),
                ("digest", models.BinaryField(max_length=32)),
                ("rows", models.PositiveIntegerField()),
                ("actor", models.CharField(max_length=60)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
            ],
            options={
                "indexes": [models.Index(fields=["path", "-id"], name="ledger_by_place")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="visitledger_path_closed")
                ],
            },
        ),
        migrations.AddField(
            model_name="visit",
            name="ledger",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.RESTRICT, related_name="visits", to="fieldwork.visitledger"
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ledger__isnull", False), ("submission", None)),
                    models.Q(("ledger", None), ("submission__isnull", False)),
                    _connector="OR",
                ),
                name="visit_came_one_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("submission", None)), fields=("household", "day"), name="visit_of_ledgers_once"
            ),
        ),
        ddl.kept("fieldwork_visit", "fieldwork_visitledger"),
        migrations.RunSQL("ALTER TABLE fieldwork_visit_history ALTER COLUMN submission_id DROP NOT NULL", migrations.RunSQL.noop),
        ddl.scoped("fieldwork_visitledger"),
        limited("fieldwork_visitledger"),
    ]
