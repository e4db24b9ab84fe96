"""The county says when what the pages keep of it in memory has changed."""

from django.db import migrations

from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [("foundation", "0002_keys")]
    operations = [ddl.sql_file(__file__, "0003_county_revision.sql")]
