"""Messages with their receipts, the channels of a county, its rhythm, and where users are reached."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import bangfu.foundation.fields
from bangfu.foundation import ddl


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0005_audit"),
    ]

    operations = [
        migrations.CreateModel(
            name="Channel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=24)),
                ("name", models.CharField(max_length=60)),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("settings", models.BinaryField()),
                ("allowed_host", models.CharField(default="", max_length=120)),
                ("on", models.BooleanField(default=True)),
                ("callback", models.BinaryField(max_length=16, null=True, unique=True)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
            ],
            options={
                "indexes": [models.Index(fields=["path", "id"], name="channel_by_place")],
                "constraints": [models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="channel_path_closed")],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=120, unique=True)),
                ("kind", models.CharField(max_length=40)),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("content", models.BinaryField()),
                ("deadline", models.DateField(null=True)),
                ("link", models.CharField(default="", max_length=200)),
                ("urgent", models.BooleanField(default=False)),
                ("personal", models.BooleanField(default=False)),
                ("to_group", models.BooleanField(default=False)),
                ("sender_name", models.CharField(max_length=60)),
                ("at", models.DateTimeField()),
                ("spread", models.BooleanField(default=False)),
                (
                    "sender",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(max_length=24)),
                ("path", models.CharField(db_collation="C", max_length=80)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("held", "held"),
                            ("sending", "sending"),
                            ("sent", "sent"),
                            ("delivered", "delivered"),
                            ("read", "read"),
                            ("failed", "failed"),
                            ("copied", "copied"),
                        ],
                        max_length=10,
                    ),
                ),
                ("queued_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("attempts", models.SmallIntegerField(default=0)),
                ("tried_at", models.DateTimeField(null=True)),
                ("retry_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("delivered_at", models.DateTimeField(null=True)),
                ("read_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(default="", max_length=300)),
                ("provider_key", models.CharField(default="", max_length=80)),
                ("letter", models.UUIDField(null=True)),
                ("digest", models.BooleanField(default=False)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="receipts", to="messages.message"
                    ),
                ),
                (
                    "route",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="messages.channel"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Rhythm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quiet_from", models.TimeField()),
                ("quiet_until", models.TimeField()),
                ("digest_at", models.TimeField()),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("source", models.CharField(max_length=200)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                (
                    "user",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Address",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("phone", "phone"), ("email", "email")], max_length=8)),
                ("value", models.BinaryField()),
                (
                    "user",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "kind"), name="address_once")],
            },
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["path", "id"], name="message_by_place"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(condition=models.Q(("spread", False)), fields=["id"], name="message_to_spread"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="message_path_closed"),
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(
                condition=models.Q(("channel", "in_app"), ("read_at", None)), fields=["user"], name="receipt_unread"
            ),
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(
                condition=models.Q(("state__in", ("queued", "held", "sending", "failed"))),
                fields=["state", "id"],
                name="receipt_open",
            ),
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(condition=models.Q(("retry_at__isnull", False)), fields=["retry_at"], name="receipt_to_retry"),
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(condition=models.Q(("digest", True)), fields=["sent_at"], name="receipt_of_digests"),
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(fields=["path", "id"], name="receipt_by_place"),
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(fields=["route", "tried_at"], name="receipt_by_route"),
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(
                condition=models.Q(("provider_key", ""), _negated=True), fields=["provider_key"], name="receipt_by_provider"
            ),
        ),
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="receipt_path_closed"),
        ),
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.UniqueConstraint(
                fields=("message", "channel", "user", "route"), name="receipt_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="rhythm",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("user__isnull", False)),
                expressions=[("user", "="), ("valid", "&&")],
                name="rhythm_of_a_user_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="rhythm",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("user__isnull", True)), expressions=[("valid", "&&")], name="rhythm_of_the_county_once"
            ),
        ),
        ddl.kept("messages_receipt", "messages_channel", "messages_rhythm"),
        ddl.sql_file(__file__, "0001_messages.sql"),
    ]
