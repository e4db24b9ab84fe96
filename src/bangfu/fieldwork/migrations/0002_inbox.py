"""Devices, the inbox, visits and values that contradict each other."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import bangfu.foundation.fields
from bangfu.accounts.ddl import limited
from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_audit"),
        ("fieldwork", "0001_initial"),
        ("messages", "0001_initial"),
        ("register", "0007_income_lines"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Submission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("instance", models.CharField(max_length=249, unique=True)),
                ("form", models.CharField(max_length=249)),
                ("version", models.CharField(blank=True, max_length=249)),
                ("deprecates", models.CharField(blank=True, max_length=249)),
                ("digest", models.BinaryField(max_length=16)),
                (
                    "came_by",
                    models.CharField(
                        choices=[("phone", "phone"), ("api", "api"), ("packet", "packet"), ("page", "page"), ("demo", "demo")],
                        max_length=10,
                    ),
                ),
                ("worker", models.CharField(max_length=60)),
                ("phone", models.CharField(blank=True, max_length=249)),
                ("received_at", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow())),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("incomplete", "incomplete"),
                            ("waiting", "waiting"),
                            ("applied", "applied"),
                            ("kept", "kept"),
                            ("stuck", "stuck"),
                            ("replaced", "replaced"),
                            ("dropped", "dropped"),
                        ],
                        max_length=10,
                    ),
                ),
                ("day", models.DateField(null=True)),
                ("evidence", models.BigIntegerField(null=True)),
                ("problem", models.JSONField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_by", models.CharField(blank=True, max_length=60)),
                ("released", models.BooleanField(default=False)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                (
                    "household",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="register.household",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Device",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("label", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=24, unique=True)),
                ("key", models.BinaryField(max_length=32, unique=True)),
                ("ha1", models.BinaryField()),
                ("made_by", models.CharField(max_length=60)),
                ("seen_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                (
                    "assignment",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.assignment"),
                ),
                (
                    "user",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Content",
            fields=[
                (
                    "submission",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="content",
                        serialize=False,
                        to="fieldwork.submission",
                    ),
                ),
                ("payload", models.BinaryField()),
            ],
        ),
        migrations.AddField(
            model_name="submission",
            name="device",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="fieldwork.device",
            ),
        ),
        migrations.CreateModel(
            name="SubmissionFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("household_id", models.BigIntegerField(null=True)),
                ("user_id", models.BigIntegerField(null=True)),
                ("name", models.CharField(max_length=120)),
                ("file", models.CharField(max_length=64)),
                ("kind", models.CharField(max_length=40)),
                ("size", models.PositiveIntegerField()),
                ("place", models.BinaryField(null=True)),
                ("received_at", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow())),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="files", to="fieldwork.submission"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("day", models.DateField()),
                ("source", models.CharField(max_length=16)),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("home", "home"),
                            ("workplace", "workplace"),
                            ("phone", "phone"),
                            ("video", "video"),
                            ("relative", "relative"),
                        ],
                        max_length=12,
                    ),
                ),
                ("worker", models.CharField(max_length=60)),
                ("leader", models.BooleanField(null=True)),
                ("answered", models.CharField(blank=True, max_length=12)),
                ("away", models.BooleanField(default=False)),
                ("contact", models.DateField(null=True)),
                ("words", models.BinaryField(null=True)),
                ("signed", models.CharField(blank=True, max_length=12)),
                ("questions", models.PositiveSmallIntegerField(default=0)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                (
                    "household",
                    models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="register.household"),
                ),
                (
                    "submission",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.RESTRICT, related_name="visit", to="fieldwork.submission"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Conflict",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("person", models.BigIntegerField(null=True)),
                ("fact", models.CharField(max_length=60)),
                ("told", models.BinaryField()),
                ("held", models.BinaryField()),
                ("day", models.DateField()),
                ("held_on", models.DateField()),
                ("held_evidence", models.BigIntegerField()),
                ("chosen", models.CharField(blank=True, max_length=8)),
                ("chosen_by", models.CharField(blank=True, max_length=60)),
                ("chosen_at", models.DateTimeField(null=True)),
                ("reason", models.BinaryField(null=True)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                (
                    "household",
                    models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="register.household"),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT, related_name="conflicts", to="fieldwork.submission"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("chosen", "")), fields=["path", "id"], name="conflict_open"),
                    models.Index(fields=["submission"], name="conflict_of_submission"),
                    models.Index(fields=["household"], name="conflict_of_household"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="conflict_path_closed"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("chosen", ""), ("chosen_at", None)),
                            models.Q(models.Q(("chosen", ""), _negated=True), ("chosen_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="conflict_chosen_whole",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(condition=models.Q(("state", "waiting")), fields=["id"], name="submission_waiting"),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(fields=["path", "-id"], name="submission_by_place"),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(fields=["household", "-id"], name="submission_of_household"),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(fields=["user", "-id"], name="submission_of_user"),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(fields=["device", "id"], name="submission_of_device"),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(fields=["form", "id"], name="submission_of_form"),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(
                condition=models.Q(("deprecates", ""), _negated=True), fields=["deprecates"], name="submission_deprecates"
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="submission_path_closed"),
        ),
        migrations.AddConstraint(
            model_name="device",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="device_path_closed"),
        ),
        migrations.AddConstraint(
            model_name="submissionfile",
            constraint=models.UniqueConstraint(fields=("submission", "name"), name="submission_file_once"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["household", "-day"], name="visit_of_household"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["path", "-day"], name="visit_by_place"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["day"], name="visit_by_day"),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="visit_path_closed"),
        ),
        ddl.kept("fieldwork_device", "fieldwork_submission", "fieldwork_visit", "fieldwork_conflict"),
        ddl.scoped("fieldwork_visit", "fieldwork_conflict"),
        limited("fieldwork_visit", "fieldwork_conflict", household="household_id"),
        ddl.sql_file(__file__, "0002_inbox.sql"),
    ]
