"""The audit: its table, the function that writes it, the order of commits, and that nothing is taken from it."""

from django.db import migrations, models
from django.db.models import Q

from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_duty")]
    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sequence", models.BigIntegerField(null=True, unique=True)),
                ("at", models.DateTimeField()),
                ("told_at", models.DateTimeField()),
                ("user_id", models.BigIntegerField(null=True)),
                ("actor", models.CharField(max_length=60)),
                ("role", models.CharField(max_length=40)),
                ("act", models.CharField(max_length=40)),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("subject", models.CharField(max_length=120)),
                ("reason", models.CharField(max_length=300)),
                ("detail", models.JSONField()),
                ("address", models.CharField(max_length=45)),
                ("device", models.CharField(max_length=200)),
                ("log_in", models.BigIntegerField(null=True)),
                ("seal", models.BinaryField(max_length=32, unique=True)),
                ("link", models.BinaryField(max_length=32, null=True)),
            ],
            options={
                "db_table": "audit_entry",
                "indexes": [
                    models.Index(fields=["user_id", "act", "at"], name="audit_by_user"),
                    models.Index(fields=["path", "id"], name="audit_by_place"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("path", ""), ("path__endswith", "/"), _connector="OR"), name="audit_path_closed"
                    )
                ],
            },
        ),
        ddl.sql_file(__file__, "0005_audit.sql"),
    ]
