"""Partners, packets and what became of their rows; whether the keys in a submission are of this register."""

import django.db.models.deletion
from django.db import migrations, models

import bangfu.foundation.fields
from bangfu.accounts.ddl import limited
from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [
        ("fieldwork", "0004_signing"),
    ]

    operations = [
        migrations.AddField(
            model_name="submission",
            name="keys_here",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.CreateModel(
            name="Partner",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("name", models.CharField(max_length=60)),
                ("side", models.CharField(choices=[("below", "below"), ("above", "above")], max_length=8)),
                ("sealing", models.BinaryField(max_length=32)),
                ("signing", models.BinaryField(max_length=32)),
                ("fingerprint", models.CharField(max_length=40)),
                ("arrived", models.JSONField(default=list)),
                ("trusted_at", models.DateTimeField()),
                ("trusted_by", models.CharField(max_length=60)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_by", models.CharField(blank=True, max_length=60)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="partner_path_closed"),
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None)), fields=("fingerprint",), name="partner_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Packet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("direction", models.CharField(choices=[("out", "out"), ("in", "in")], max_length=4)),
                ("kind", models.CharField(choices=[("submissions", "submissions"), ("package", "package")], max_length=12)),
                ("number", models.PositiveIntegerField()),
                ("digest", models.BinaryField(max_length=32)),
                ("size", models.PositiveIntegerField()),
                ("made_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=60)),
                ("new", models.PositiveIntegerField(default=0)),
                ("same", models.PositiveIntegerField(default=0)),
                ("other", models.PositiveIntegerField(default=0)),
                ("broken", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0)),
                ("told", models.JSONField(default=dict)),
                ("lists", models.CharField(blank=True, max_length=64)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT, related_name="packets", to="fieldwork.partner"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PacketRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("instance", models.CharField(blank=True, max_length=249)),
                ("worker", models.CharField(max_length=60)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("sent", "sent"),
                            ("new", "new"),
                            ("same", "same"),
                            ("other", "other"),
                            ("broken", "broken"),
                            ("refused", "refused"),
                        ],
                        max_length=8,
                    ),
                ),
                ("files", models.PositiveSmallIntegerField(default=0)),
                ("kept", models.CharField(blank=True, max_length=64)),
                (
                    "packet",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="fieldwork.packet"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["instance"], name="packet_row_instance")],
            },
        ),
        migrations.AddIndex(
            model_name="packet",
            index=models.Index(fields=["path", "-id"], name="packet_by_place"),
        ),
        migrations.AddConstraint(
            model_name="packet",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="packet_path_closed"),
        ),
        migrations.AddConstraint(
            model_name="packet",
            constraint=models.UniqueConstraint(fields=("partner", "direction", "digest"), name="packet_once"),
        ),
        migrations.AddConstraint(
            model_name="packet",
            constraint=models.UniqueConstraint(
                condition=models.Q(("direction", "out")), fields=("partner", "number"), name="packet_numbered_once"
            ),
        ),
        ddl.kept("fieldwork_submission", "fieldwork_partner", "fieldwork_packet"),
        ddl.scoped("fieldwork_partner", "fieldwork_packet", writable=False),
        limited("fieldwork_partner", "fieldwork_packet"),
        ddl.sql_file(__file__, "0005_packets.sql"),
    ]
