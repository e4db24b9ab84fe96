"""Samples, blind re-visits, checks of posts, findings."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import bangfu.foundation.fields
from bangfu.accounts.ddl import closed
from bangfu.foundation import ddl

OF_HOMES = ("supervision_sampled", "supervision_revisit", "supervision_factcompared", "supervision_inspectionfinding")
OF_POSTS = ("supervision_postcheck", "supervision_postcheckitem")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_closed_to_duty"),
        ("campaigns", "0001_initial"),
        ("cases", "0006_inspection_source"),
        ("command", "0004_visits_due"),
        ("fieldwork", "0006_ledgers"),
        ("register", "0007_income_lines"),
        ("supervision", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="PostCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                ("day", models.DateField()),
                ("user_id", models.BigIntegerField(blank=True, null=True)),
                ("worker", models.CharField(max_length=60)),
                (
                    "examiner",
                    models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="command.officer"),
                ),
                (
                    "post",
                    models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name="checks", to="command.post"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PostCheckItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                ("item", models.CharField(max_length=40)),
                ("computed", models.JSONField()),
                (
                    "verdict",
                    models.CharField(
                        choices=[("good", "good"), ("partly", "partly"), ("bad", "bad"), ("not_asked", "not_asked")],
                        max_length=10,
                    ),
                ),
                ("words", models.BinaryField(blank=True, null=True)),
                (
                    "check_of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="supervision.postcheck"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Revisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                ("first_on", models.DateField(blank=True, null=True)),
                ("day", models.DateField()),
                ("mode", models.CharField(max_length=12)),
                ("answered", models.CharField(max_length=12)),
                ("persons", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "satisfied",
                    models.CharField(
                        blank=True, choices=[("satisfied", "satisfied"), ("so_so", "so_so"), ("not", "not")], max_length=12
                    ),
                ),
                ("exit_known", models.BooleanField(blank=True, null=True)),
                (
                    "judgement",
                    models.CharField(choices=[("met", "met"), ("unmet", "unmet"), ("unclear", "unclear")], max_length=8),
                ),
                ("answers", models.BinaryField()),
                ("words", models.BinaryField(blank=True, null=True)),
                ("user_id", models.BigIntegerField(blank=True, null=True)),
                ("worker", models.CharField(max_length=60)),
                (
                    "examiner",
                    models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="command.officer"),
                ),
                (
                    "first",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="fieldwork.visit",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="register.household"),
                ),
                (
                    "submission",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="revisit",
                        to="fieldwork.submission",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="InspectionFinding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                (
                    "origin",
                    models.CharField(choices=[("revisit", "revisit"), ("post", "post"), ("above", "above")], max_length=8),
                ),
                ("about", models.CharField(max_length=40)),
                ("weight", models.PositiveSmallIntegerField()),
                ("words", models.BinaryField(blank=True, null=True)),
                ("found_on", models.DateField()),
                ("found_by", models.CharField(max_length=120)),
                ("body", models.CharField(blank=True, max_length=120)),
                ("reference", models.CharField(blank=True, max_length=60)),
                ("due", models.DateField(blank=True, null=True)),
                ("file", models.CharField(blank=True, max_length=64)),
                ("row", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "ruling",
                    models.CharField(
                        blank=True,
                        choices=[("upheld", "upheld"), ("changed", "changed"), ("dismissed", "dismissed")],
                        max_length=10,
                    ),
                ),
                ("ruled_on", models.DateField(blank=True, null=True)),
                ("ruled_by", models.CharField(blank=True, max_length=60)),
                ("ruling_words", models.BinaryField(blank=True, null=True)),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="findings",
                        to="cases.case",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="register.household",
                    ),
                ),
                (
                    "post_check",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="supervision.postcheck",
                    ),
                ),
                (
                    "revisit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="supervision.revisit",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FactCompared",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                ("fact", models.CharField(max_length=40)),
                ("outcome", models.CharField(max_length=20)),
                ("weight", models.PositiveSmallIntegerField()),
                ("first", models.BinaryField(null=True)),
                ("again", models.BinaryField(null=True)),
                ("evidence", models.BigIntegerField(null=True)),
                (
                    "household",
                    models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="register.household"),
                ),
                (
                    "revisit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="compared", to="supervision.revisit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Sample",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                ("key", models.SlugField(max_length=40, unique=True)),
                ("title", models.CharField(max_length=120)),
                ("purpose", models.CharField(choices=[("recheck", "recheck"), ("rehearsal", "rehearsal")], max_length=10)),
                ("kinds", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), size=None)),
                ("strata", models.CharField(blank=True, max_length=10)),
                ("facts", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ("design", models.JSONField()),
                ("plans", models.JSONField(default=dict)),
                ("counts", models.JSONField(default=dict)),
                ("seed", models.CharField(max_length=120)),
                ("seed_source", models.CharField(max_length=200)),
                ("frame", models.CharField(max_length=64)),
                ("frame_digest", models.CharField(max_length=64)),
                ("frame_units", models.PositiveIntegerField()),
                ("drawn_on", models.DateField()),
                ("closed_on", models.DateField(blank=True, null=True)),
                ("actor", models.CharField(max_length=60)),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="samples",
                        to="campaigns.visitcampaign",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Sampled",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("exited", "exited"),
                            ("registered", "registered"),
                            ("monitored", "monitored"),
                            ("ordinary", "ordinary"),
                        ],
                        max_length=12,
                    ),
                ),
                ("persons", models.PositiveSmallIntegerField()),
                ("stratum", models.CharField(blank=True, max_length=80)),
                ("cluster", models.CharField(blank=True, max_length=80)),
                ("place", models.PositiveIntegerField()),
                ("stage1", models.FloatField()),
                ("weight", models.FloatField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waiting"), ("examined", "examined"), ("unfound", "unfound"), ("spare", "spare")],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=200)),
                (
                    "examiner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="command.officer",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="register.household"),
                ),
                (
                    "sample",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="drawn", to="supervision.sample"),
                ),
                (
                    "stands_for",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="substitute",
                        to="supervision.sampled",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="revisit",
            name="sampled",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="revisit", to="supervision.sampled"
            ),
        ),
        migrations.AddIndex(
            model_name="postcheck",
            index=models.Index(fields=["path", "day"], name="postcheck_by_place"),
        ),
        migrations.AddConstraint(
            model_name="postcheck",
            constraint=models.UniqueConstraint(fields=("post", "day"), name="postcheck_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="postcheck",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="postcheck_path_closed"),
        ),
        migrations.AddIndex(
            model_name="postcheckitem",
            index=models.Index(fields=["path", "item"], name="postcheckitem_by_place"),
        ),
        migrations.AddConstraint(
            model_name="postcheckitem",
            constraint=models.UniqueConstraint(fields=("check_of", "item"), name="postcheck_item_once"),
        ),
        migrations.AddConstraint(
            model_name="postcheckitem",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="postcheckitem_path_closed"),
        ),
        migrations.AddIndex(
            model_name="inspectionfinding",
            index=models.Index(fields=["path", "ruling"], name="inspection_by_place"),
        ),
        migrations.AddIndex(
            model_name="inspectionfinding",
            index=models.Index(fields=["body", "reference"], name="inspection_by_reference"),
        ),
        migrations.AddConstraint(
            model_name="inspectionfinding",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revisit__isnull", False)), fields=("revisit", "about"), name="inspection_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="inspectionfinding",
            constraint=models.UniqueConstraint(
                condition=models.Q(("post_check__isnull", False)),
                fields=("post_check", "about"),
                name="inspection_once_of_a_post",
            ),
        ),
        migrations.AddConstraint(
            model_name="inspectionfinding",
            constraint=models.UniqueConstraint(
                condition=models.Q(("origin", "above")), fields=("body", "reference"), name="inspection_once_from_above"
            ),
        ),
        migrations.AddConstraint(
            model_name="inspectionfinding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ruling", ""), ("ruled_on", None), ("ruled_by", "")),
                    models.Q(
                        models.Q(("ruling", ""), _negated=True),
                        ("ruled_on__isnull", False),
                        models.Q(("ruled_by", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="inspection_ruled_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="inspectionfinding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("household__isnull", False), ("origin", "revisit"), ("post_check", None), ("revisit__isnull", False)
                    ),
                    models.Q(("origin", "post"), ("post_check__isnull", False), ("revisit", None)),
                    models.Q(
                        ("origin", "above"),
                        ("post_check", None),
                        ("revisit", None),
                        models.Q(("body", ""), _negated=True),
                        models.Q(("reference", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="inspection_of_its_origin",
            ),
        ),
        migrations.AddConstraint(
            model_name="inspectionfinding",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="inspectionfinding_path_closed"),
        ),
        migrations.AddIndex(
            model_name="factcompared",
            index=models.Index(fields=["path", "fact"], name="compared_by_place"),
        ),
        migrations.AddConstraint(
            model_name="factcompared",
            constraint=models.UniqueConstraint(fields=("revisit", "fact"), name="compared_once"),
        ),
        migrations.AddConstraint(
            model_name="factcompared",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="factcompared_path_closed"),
        ),
        migrations.AddIndex(
            model_name="sample",
            index=models.Index(fields=["path", "-drawn_on"], name="sample_by_place"),
        ),
        migrations.AddConstraint(
            model_name="sample",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="sample_path_closed"),
        ),
        migrations.AddIndex(
            model_name="sampled",
            index=models.Index(fields=["path", "state"], name="sampled_by_place"),
        ),
        migrations.AddIndex(
            model_name="sampled",
            index=models.Index(fields=["examiner", "state"], name="sampled_of_examiner"),
        ),
        migrations.AddConstraint(
            model_name="sampled",
            constraint=models.UniqueConstraint(fields=("household", "sample"), name="sampled_once"),
        ),
        migrations.AddConstraint(
            model_name="sampled",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stands_for", None), ("state", "spare"), ("weight", None)),
                    models.Q(models.Q(("state", "spare"), _negated=True), ("weight__isnull", False)),
                    _connector="OR",
                ),
                name="sampled_has_a_weight",
            ),
        ),
        migrations.AddConstraint(
            model_name="sampled",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "unfound"), _negated=True), models.Q(("why", ""), _negated=True), _connector="OR"
                ),
                name="sampled_unfound_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="sampled",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="sampled_path_closed"),
        ),
        migrations.AddIndex(
            model_name="revisit",
            index=models.Index(fields=["path", "day"], name="revisit_by_place"),
        ),
        migrations.AddConstraint(
            model_name="revisit",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="revisit_path_closed"),
        ),
        ddl.kept("supervision_sample", *OF_HOMES, *OF_POSTS),
        ddl.county_wide("supervision_sample", writable=True),
        ddl.written_within("supervision_sample"),
        ddl.scoped(*OF_HOMES, *OF_POSTS),
        closed(*OF_HOMES, *OF_POSTS, "supervision_watchhint"),
    ]
