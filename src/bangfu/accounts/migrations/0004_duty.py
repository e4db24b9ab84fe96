"""What users answer for, and how tables are limited to it."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_log_ins"),
    ]

    operations = [
        migrations.CreateModel(
            name="Duty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("household", models.BigIntegerField(null=True)),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("source", models.CharField(max_length=24)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="duties", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="duty_path_closed"),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("household__isnull", False)),
                        expressions=[("user", "="), ("household", "="), ("valid", "&&")],
                        name="duty_household_once_at_a_time",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("household__isnull", True)),
                        expressions=[("user", "="), ("path", "="), ("valid", "&&")],
                        name="duty_area_once_at_a_time",
                    ),
                ],
            },
        ),
        ddl.machinery("accounts_duty", grants="SELECT"),
        ddl.sql_file(__file__, "0004_duty.sql"),
    ]
