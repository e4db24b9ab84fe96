"""Notes of backups."""

from django.db import migrations, models

from bangfu.foundation import ddl


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Backup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(unique=True)),
                ("made", models.DateTimeField()),
                ("by", models.TextField()),
                ("place", models.TextField()),
                ("size", models.BigIntegerField()),
                ("rows", models.BigIntegerField()),
                ("verified", models.DateTimeField(null=True)),
                ("restored", models.DateTimeField(null=True)),
                ("removed", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["made"], name="backup_back_made_790975_idx")],
            },
        ),
        ddl.owners("backup_backup"),
    ]
