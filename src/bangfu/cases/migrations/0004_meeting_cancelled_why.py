"""Why a meeting was cancelled."""

from django.db import migrations, models

from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_claim_change")]
    operations = [
        migrations.AddField("meeting", "cancelled_why", models.CharField(max_length=200, blank=True)),
        ddl.kept("cases_meeting"),
        ddl.scoped("cases_meeting"),
    ]
