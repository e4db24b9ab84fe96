"""Lines of income sheets say where their amounts are from; agreements of households with their sheets."""

import django.db.models.deletion
from django.db import migrations, models

import bangfu.foundation.fields
from bangfu.accounts.ddl import limited
from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [
        ("register", "0006_means_and_monitoring"),
    ]

    operations = [
        migrations.AddField(model_name="incomeitem", name="source", field=models.JSONField(blank=True, null=True)),
        migrations.CreateModel(
            name="IncomeAgreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                ("how", models.CharField(choices=[("paper", "paper"), ("word", "word")], max_length=8)),
                ("agreed_by", models.CharField(max_length=60)),
                ("agreed_on", models.DateField()),
                ("digest", models.BinaryField(max_length=16)),
                ("scan", models.BinaryField(blank=True, null=True)),
                ("scan_kind", models.CharField(blank=True, max_length=40)),
                ("actor", models.CharField(max_length=60)),
                (
                    "household",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="register.household"),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="agreements", to="register.incomesheet"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["sheet", "id"], name="incomeagreement_by_sheet")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="incomeagreement_path_closed")
                ],
            },
        ),
        ddl.kept("register_incomeitem", "register_incomeagreement"),
        ddl.scoped("register_incomeagreement"),
        limited("register_incomeagreement", household="household_id"),
    ]
