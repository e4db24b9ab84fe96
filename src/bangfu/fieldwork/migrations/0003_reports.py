"""Reports of households and callers, their files and messages, and the functions by which the public pages reach them."""

import django.db.models.deletion
from django.db import migrations, models

import bangfu.foundation.fields
from bangfu.accounts.ddl import limited
from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_audit"),
        ("areas", "0004_market_days"),
        ("cases", "0005_votes_and_withdrawn_lines"),
        ("messages", "0001_initial"),
        ("fieldwork", "0002_inbox"),
        ("register", "0007_income_lines"),
    ]

    operations = [
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                ("receipt", models.CharField(max_length=14, unique=True)),
                ("channel", models.CharField(choices=[("web", "web"), ("hotline", "hotline")], max_length=8)),
                ("teller", models.CharField(blank=True, choices=[("self", "self"), ("behalf", "behalf")], max_length=8)),
                ("words", models.BinaryField(blank=True, null=True)),
                ("name", models.BinaryField(blank=True, null=True)),
                ("phone", models.BinaryField(blank=True, null=True)),
                ("phone_hash", models.BinaryField(blank=True, max_length=16, null=True)),
                ("said_household", models.BinaryField(blank=True, null=True)),
                ("said_address", models.BinaryField(blank=True, null=True)),
                ("kind", models.CharField(blank=True, max_length=24)),
                (
                    "state",
                    models.CharField(
                        choices=[("new", "new"), ("matched", "matched"), ("case", "case"), ("dismissed", "dismissed")],
                        default="new",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=12)),
                ("reason_words", models.BinaryField(blank=True, null=True)),
                ("day", models.DateField()),
                ("answer_by", models.DateField()),
                ("settled_on", models.DateField(blank=True, null=True)),
                ("settled_by", models.CharField(blank=True, max_length=60)),
                ("language", models.CharField(default="zh", max_length=2)),
                ("token", models.UUIDField(blank=True, null=True, unique=True)),
                ("source", models.BinaryField(blank=True, max_length=16, null=True)),
                ("filed_at", models.DateTimeField()),
                ("digest", models.BinaryField(blank=True, max_length=16, null=True, unique=True)),
                ("taken", models.BooleanField(default=False)),
                (
                    "case",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="cases.case"
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="register.household",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReportCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ticket", models.UUIDField(unique=True)),
                ("source", models.BinaryField(max_length=16, null=True)),
                ("asked_at", models.DateTimeField()),
                ("code_hash", models.BinaryField(max_length=16, null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("used", models.BooleanField(default=False)),
                ("handled", models.BooleanField(default=False)),
                (
                    "report",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="fieldwork.report"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReportFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("kind", models.CharField(choices=[("voice", "voice"), ("photo", "photo")], max_length=6)),
                ("file", models.CharField(max_length=64)),
                ("size", models.PositiveIntegerField()),
                (
                    "report",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="files", to="fieldwork.report"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReportMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                ("words", models.BinaryField()),
                ("day", models.DateField()),
                ("actor", models.CharField(max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "queued"), ("sent", "sent"), ("failed", "failed")], default="queued", max_length=6
                    ),
                ),
                ("failure", models.CharField(blank=True, max_length=300)),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="messages", to="fieldwork.report"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["path", "state", "id"], name="selfreport_place_state"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["source", "filed_at"], name="selfreport_of_address"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["phone_hash", "filed_at"], name="selfreport_of_phone"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(condition=models.Q(("taken", False)), fields=["id"], name="selfreport_to_take"),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="selfreport_path_closed"),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("state", "case"), _negated=True), ("settled_on__isnull", False), _connector="OR"),
                name="selfreport_case_on_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "dismissed"), _negated=True),
                    models.Q(("settled_on__isnull", False), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="selfreport_dismissed_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("state", "matched"), _negated=True), ("household__isnull", False), _connector="OR"),
                name="selfreport_matched_to_one",
            ),
        ),
        migrations.AddIndex(
            model_name="reportcode",
            index=models.Index(fields=["source", "asked_at"], name="reportcode_of_address"),
        ),
        migrations.AddIndex(
            model_name="reportcode",
            index=models.Index(condition=models.Q(("handled", False)), fields=["id"], name="reportcode_to_send"),
        ),
        migrations.AddConstraint(
            model_name="reportfile",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="reportfile_path_closed"),
        ),
        migrations.AddIndex(
            model_name="reportmessage",
            index=models.Index(condition=models.Q(("state", "queued")), fields=["id"], name="reportmessage_to_send"),
        ),
        migrations.AddConstraint(
            model_name="reportmessage",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="reportmessage_path_closed"),
        ),
        ddl.kept("fieldwork_report", "fieldwork_reportmessage"),
        ddl.scoped("fieldwork_report", "fieldwork_reportfile", "fieldwork_reportmessage"),
        limited("fieldwork_report", household="household_id"),
        migrations.RunSQL(
            "SELECT bangfu_limit_to_duty(t::regclass, 'report_id IN (SELECT r.id FROM fieldwork_report r)') "
            "FROM unnest(ARRAY['fieldwork_reportfile', 'fieldwork_reportmessage']) t",
            migrations.RunSQL.noop,
        ),
        ddl.owners("fieldwork_reportcode"),
        ddl.sql_file(__file__, "0003_reports.sql"),
    ]
