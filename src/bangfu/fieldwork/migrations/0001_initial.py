"""Forms, their versions and files: the whole county's."""

import django.db.models.deletion
from django.db import migrations, models

import bangfu.foundation.fields
from bangfu.foundation import ddl


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Form",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("key", models.CharField(max_length=249, unique=True)),
                ("title", models.CharField(max_length=200)),
                ("shipped", models.BooleanField(default=False)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="form_path_closed")],
            },
        ),
        migrations.CreateModel(
            name="FormVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("version", models.CharField(blank=True, max_length=249)),
                ("xml", models.CharField(max_length=64)),
                ("source", models.CharField(blank=True, max_length=64)),
                ("source_name", models.CharField(blank=True, max_length=120)),
                ("md5", models.CharField(max_length=32)),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "draft"), ("published", "published"), ("retired", "retired")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("warnings", models.JSONField(default=list)),
                ("facts", models.JSONField(default=dict)),
                ("questions", models.PositiveIntegerField()),
                ("actor", models.CharField(max_length=60)),
                ("published_on", models.DateField(blank=True, null=True)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                (
                    "form",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="fieldwork.form"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FormFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("file", models.CharField(max_length=64)),
                ("md5", models.CharField(max_length=32)),
                ("size", models.PositiveIntegerField()),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="files", to="fieldwork.formversion"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="formversion",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="formversion_path_closed"),
        ),
        migrations.AddConstraint(
            model_name="formversion",
            constraint=models.UniqueConstraint(fields=("form", "version"), name="form_version_once"),
        ),
        migrations.AddConstraint(
            model_name="formversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "published")), fields=("form",), name="form_one_published"
            ),
        ),
        migrations.AddConstraint(
            model_name="formversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "published"), _negated=True), ("published_on__isnull", False), _connector="OR"
                ),
                name="form_published_on_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="formfile",
            constraint=models.UniqueConstraint(fields=("version", "name"), name="form_file_once"),
        ),
        ddl.kept("fieldwork_form", "fieldwork_formversion"),
        ddl.county_wide("fieldwork_form", "fieldwork_formversion", "fieldwork_formfile", writable=True),
    ]
