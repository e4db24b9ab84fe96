"""Scope of the kept figures."""

from django.db import migrations

from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [("indicators", "0001_initial"), ("foundation", "0001_ground")]
    operations = [ddl.scoped("indicators_figure", writable=False)]
