"""Figures are limited to the areas of the duty of those who see no more than it."""

from django.db import migrations

from bangfu.accounts.ddl import limited


class Migration(migrations.Migration):
    dependencies = [("indicators", "0002_ground"), ("accounts", "0004_duty")]
    operations = [limited("indicators_figure")]
