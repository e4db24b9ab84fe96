"""The county's keys are known by their fingerprints, and ciphertext can be put under another key without making history."""

from django.db import migrations

from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_ground")]
    operations = [ddl.sql_file(__file__, "0002_keys.sql")]
