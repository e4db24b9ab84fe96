"""The change of a household that ended, as it is claimed with its case; a step at which an application was taken back."""

from django.db import migrations, models

from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_ground")]
    operations = [
        migrations.AddField("case", "claim_change", models.JSONField(default=dict)),
        migrations.AlterField(
            "stepdone",
            "outcome",
            models.CharField(
                max_length=10,
                choices=[("passed", "passed"), ("sent_back", "sent_back"), ("refused", "refused"), ("withdrawn", "withdrawn")],
            ),
        ),
        ddl.kept("cases_case"),
        ddl.scoped("cases_case"),
    ]
