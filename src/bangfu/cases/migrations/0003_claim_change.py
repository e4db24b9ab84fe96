"""The change of a household that ended, as it is claimed with its case."""

from django.db import migrations, models

from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_ground")]
    operations = [
        migrations.AddField("case", "claim_change", models.JSONField(default=dict)),
        ddl.kept("cases_case"),
        ddl.scoped("cases_case"),
    ]
