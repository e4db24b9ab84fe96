"""The function that closes a table to whoever sees no more than a duty."""

from django.db import migrations

from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_audit")]
    operations = [ddl.sql_file(__file__, "0006_closed_to_duty.sql")]
