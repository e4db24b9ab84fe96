"""Imports made on the page."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from bangfu.accounts.ddl import limited
from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [
        ("register", "0004_duty"),
    ]

    operations = [
        migrations.CreateModel(
            name="Handed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("user_id", models.BigIntegerField()),
                ("actor", models.CharField(max_length=60)),
                ("role", models.CharField(max_length=40)),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("state", models.CharField(max_length=12)),
                ("made", models.DateTimeField()),
                ("changed", models.DateTimeField()),
                ("data_date", models.DateField(null=True)),
                ("names", models.JSONField()),
                ("size", models.BigIntegerField()),
                ("outcome", models.JSONField(default=dict)),
                ("questions", models.JSONField(default=list)),
                ("answers", models.JSONField(default=list)),
                ("problem", models.JSONField(null=True)),
                ("digest", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "db_table": "register_handed",
                "indexes": [models.Index(fields=["path", "-id"], name="handed_by_place")],
                "constraints": [models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="handed_path_closed")],
            },
        ),
        migrations.CreateModel(
            name="HandedRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("file", models.CharField(max_length=250)),
                ("row", models.IntegerField()),
                ("household", models.CharField(max_length=80)),
                ("person", models.CharField(max_length=120)),
                ("outcome", models.CharField(max_length=12)),
                ("changes", models.JSONField()),
                ("problems", models.JSONField()),
                (
                    "handed",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="register.handed"),
                ),
            ],
            options={
                "db_table": "register_handed_row",
                "indexes": [models.Index(fields=["handed", "id"], name="handed_row_in_order")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="handed_row_path_closed")
                ],
            },
        ),
        ddl.scoped("register_handed", "register_handed_row"),
        limited("register_handed", "register_handed_row"),
    ]
