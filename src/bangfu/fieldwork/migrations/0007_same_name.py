"""Another file under a name that a submission has is refused, and whether files were added is told."""

from django.db import migrations

from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [("fieldwork", "0006_ledgers")]
    operations = [ddl.sql_file(__file__, "0007_same_name.sql")]
