"""The pages' role reads the list of migrations, to tell whether the database is as new as the program."""

from django.db import migrations

from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [("web", "0001_jobs"), ("foundation", "0001_ground")]
    operations = [ddl.machinery("django_migrations", grants="SELECT")]
