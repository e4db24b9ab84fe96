"""History and scope of verdicts; runs are the county's."""

from django.db import migrations

from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [("screening", "0001_initial"), ("foundation", "0001_ground")]
    operations = [
        ddl.kept("screening_verdict"),
        ddl.scoped("screening_verdict", writable=False),
        ddl.county_wide("screening_run"),
    ]
