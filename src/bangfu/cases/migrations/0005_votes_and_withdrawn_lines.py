"""Which vote counts for a step, lines of a notice that were withdrawn, and the days on which its photographs were handed in."""

from django.db import migrations, models

from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_meeting_cancelled_why")]
    operations = [
        migrations.AddField("item", "voted_after", models.BigIntegerField(blank=True, null=True)),
        migrations.AddField("notice", "first_photo_on", models.DateField(blank=True, null=True)),
        migrations.AddField("notice", "last_photo_on", models.DateField(blank=True, null=True)),
        migrations.AddField("noticed", "withdrawn_on", models.DateField(blank=True, null=True)),
        migrations.AddField("noticed", "withdrawn_why", models.BinaryField(blank=True, null=True)),
        ddl.kept("cases_item", "cases_notice"),
        ddl.scoped("cases_item", "cases_notice", "cases_noticed"),
    ]
