"""Signatures given later, links that ask for one, contacts with households that are away."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import bangfu.foundation.fields
from bangfu.accounts.ddl import limited
from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [
        ("fieldwork", "0003_reports"),
        ("register", "0007_income_lines"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WrongKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.BinaryField(max_length=16)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["address", "at"], name="wrong_key_by_address")],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("day", models.DateField()),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("phone", "phone"),
                            ("video", "video"),
                            ("message", "message"),
                            ("met", "met"),
                            ("other", "other"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.BinaryField(null=True)),
                ("worker", models.CharField(max_length=60)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                (
                    "household",
                    models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="register.household"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["household", "-day", "-id"], name="contact_of_household")],
                "constraints": [models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="contact_path_closed")],
            },
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                (
                    "way",
                    models.CharField(
                        choices=[("on_phone", "on_phone"), ("paper", "paper"), ("link", "link"), ("proxy", "proxy")],
                        max_length=12,
                    ),
                ),
                ("signer", models.BinaryField(null=True)),
                ("file", models.CharField(blank=True, max_length=64)),
                ("kind", models.CharField(blank=True, max_length=40)),
                ("size", models.PositiveIntegerField(default=0)),
                ("signed_at", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow())),
                ("entered_by", models.CharField(max_length=60)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                (
                    "household",
                    models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="register.household"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "visit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="signature", to="fieldwork.visit"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="signature_path_closed")
                ],
            },
        ),
        migrations.CreateModel(
            name="SigningLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("key", models.BinaryField(max_length=32, unique=True)),
                ("expires", models.DateField()),
                ("used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("made_by", models.CharField(max_length=60)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                (
                    "household",
                    models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="register.household"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="links", to="fieldwork.visit"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="signinglink_path_closed"),
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None), ("used_at", None)),
                        fields=("visit",),
                        name="signing_link_one_open",
                    ),
                ],
            },
        ),
        ddl.kept("fieldwork_signature", "fieldwork_signinglink", "fieldwork_contact"),
        ddl.scoped("fieldwork_signature", "fieldwork_signinglink", "fieldwork_contact"),
        limited("fieldwork_signature", "fieldwork_signinglink", "fieldwork_contact", household="household_id"),
        ddl.owners("fieldwork_wrongkey"),
        ddl.sql_file(__file__, "0004_signing.sql"),
    ]
