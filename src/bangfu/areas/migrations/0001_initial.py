"""Areas, their dated names and codes, and the cells of the map."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
from django.db import migrations, models

import bangfu.foundation.fields
from bangfu.foundation import ddl


class Migration(migrations.Migration):
    initial = True

    dependencies = [("foundation", "0001_ground")]

    operations = [
        migrations.CreateModel(
            name="Area",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80, unique=True)),
                ("level", models.CharField(max_length=20)),
                ("depth", models.SmallIntegerField()),
                ("kind", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=80)),
                ("official_name", models.CharField(max_length=120)),
                ("name_en", models.CharField(max_length=120)),
                ("pinyin", models.CharField(db_collation="C", max_length=200)),
                ("initials", models.CharField(db_collation="C", max_length=80)),
                ("search_key", models.TextField()),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("altitude_m", models.SmallIntegerField(null=True)),
                ("lon", models.FloatField(null=True)),
                ("lat", models.FloatField(null=True)),
                ("schematic", models.BooleanField(default=True)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow())),
                (
                    "parent",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.RESTRICT, related_name="children", to="areas.area"
                    ),
                ),
            ],
            options={
                "ordering": ["path"],
            },
        ),
        migrations.CreateModel(
            name="AreaCell",
            fields=[
                (
                    "area",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="cell",
                        serialize=False,
                        to="areas.area",
                    ),
                ),
                ("geometry", models.JSONField()),
                ("km2", models.FloatField()),
                ("schematic", models.BooleanField()),
                ("digest", models.CharField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name="AreaCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scheme", models.CharField(max_length=20)),
                ("code", models.CharField(db_collation="C", max_length=24)),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("edition", models.CharField(max_length=20)),
                ("source", models.CharField(max_length=120)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow())),
                ("area", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="codes", to="areas.area")),
            ],
        ),
        migrations.CreateModel(
            name="AreaName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("official_name", models.CharField(max_length=120)),
                ("name_en", models.CharField(max_length=120)),
                ("kind", models.CharField(max_length=20)),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("source", models.CharField(max_length=120)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow())),
                ("area", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="names", to="areas.area")),
            ],
        ),
        migrations.AddIndex(
            model_name="area",
            index=models.Index(fields=["level", "path"], name="area_level_path"),
        ),
        migrations.AddConstraint(
            model_name="area",
            constraint=models.CheckConstraint(
                condition=models.Q(("path__regex", "^[a-z]{2}/([0-9a-z]{3}/)*$")), name="area_path_closed"
            ),
        ),
        migrations.AddConstraint(
            model_name="area",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid__isempty", False), ("valid__startswith__isnull", False)), name="area_begun"
            ),
        ),
        migrations.AddConstraint(
            model_name="area",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "depth",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.functions.text.Length("path"), "-", models.Value(3)
                            ),
                            "/",
                            models.Value(4),
                        ),
                    )
                ),
                name="area_depth_of_path",
            ),
        ),
        migrations.AddConstraint(
            model_name="area",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("depth", 0), ("parent__isnull", True)),
                    models.Q(("depth__gt", 0), ("parent__isnull", False)),
                    _connector="OR",
                ),
                name="area_parent_unless_root",
            ),
        ),
        migrations.AddConstraint(
            model_name="area",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lat__isnull", True), ("lon__isnull", True)),
                    models.Q(("lat__gte", -90), ("lat__lte", 90), ("lon__gte", -180), ("lon__lte", 180)),
                    _connector="OR",
                ),
                name="area_centre_on_earth",
            ),
        ),
        migrations.AddIndex(
            model_name="areacode",
            index=models.Index(fields=["code", "scheme"], name="area_code_code"),
        ),
        migrations.AddConstraint(
            model_name="areacode",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid__isempty", False), ("valid__startswith__isnull", False)), name="area_code_begun"
            ),
        ),
        migrations.AddConstraint(
            model_name="areacode",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("area", "="), ("scheme", "="), ("valid", "&&")], name="area_one_code_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="areacode",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("code", "="), ("scheme", "="), ("valid", "&&")], name="area_code_means_one_area"
            ),
        ),
        migrations.AddConstraint(
            model_name="areaname",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid__isempty", False), ("valid__startswith__isnull", False)), name="area_name_begun"
            ),
        ),
        migrations.AddConstraint(
            model_name="areaname",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("area", "="), ("valid", "&&")], name="area_one_name_at_a_time"
            ),
        ),
        # Cells are computed from the rest and drawn again at will: no history.
        ddl.kept("areas_area", "areas_areaname", "areas_areacode"),
        # Public administrative data: readable by whoever acts at some area, written by the owner alone.
        ddl.county_wide("areas_area", "areas_areaname", "areas_areacode", "areas_areacell"),
    ]
