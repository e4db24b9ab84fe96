"""Hints of the quality watch."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import bangfu.foundation.fields
from bangfu.accounts.ddl import limited
from bangfu.foundation import ddl


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("campaigns", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="WatchHint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                ("kind", models.CharField(max_length=20)),
                ("day", models.DateField()),
                ("visits", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("evidence", models.JSONField()),
                ("zh", models.CharField(max_length=400)),
                ("en", models.CharField(max_length=600)),
                ("mark", models.BinaryField(max_length=16)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("explained", "explained"), ("confirmed", "confirmed")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("words", models.BinaryField(null=True)),
                ("settled_on", models.DateField(null=True)),
                ("settled_by", models.CharField(blank=True, max_length=60)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="hints", to="campaigns.visitcampaign"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["path", "day"], name="hint_by_place")],
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "mark"), name="hint_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_by", ""), ("settled_on", None), ("state", "open")),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                ("settled_on__isnull", False),
                                models.Q(("settled_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="hint_settled_whole",
                    ),
                    models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="watchhint_path_closed"),
                ],
            },
        ),
        ddl.kept("supervision_watchhint"),
        ddl.scoped("supervision_watchhint"),
        limited("supervision_watchhint"),
    ]
