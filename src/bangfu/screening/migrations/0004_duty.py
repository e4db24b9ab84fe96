"""Verdicts are limited to the duty of those who see no more than it."""

from django.db import migrations

from bangfu.accounts.ddl import limited


class Migration(migrations.Migration):
    dependencies = [("screening", "0003_results_go_together"), ("register", "0004_duty")]
    operations = [limited("screening_verdict", household="household_id")]
