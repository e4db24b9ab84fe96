"""Campaigns of visits, their rules, teams and plans."""

import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

import bangfu.foundation.fields
from bangfu.accounts.ddl import limited
from bangfu.foundation import ddl

PUBLIC = [f"campaigns_{name}" for name in ("visitcampaign", "visitrule", "team", "companion")]


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("command", "0004_visits_due"),
        ("register", "0007_income_lines"),
    ]

    operations = [
        migrations.CreateModel(
            name="VisitCampaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                ("kinds", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), size=None)),
                ("ranks", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), size=None)),
                ("forms", models.JSONField()),
                ("minutes", models.JSONField()),
                ("day_minutes", models.PositiveSmallIntegerField(default=480)),
                ("parties", models.PositiveSmallIntegerField(default=3)),
                ("leader_share", models.DecimalField(decimal_places=3, max_digits=4)),
                ("leaflets", models.JSONField(default=list)),
                ("times_ground", models.CharField(blank=True, max_length=200)),
                ("times_until", models.DateField(blank=True, null=True)),
                ("positions_ground", models.CharField(blank=True, max_length=200)),
                ("positions_until", models.DateField(blank=True, null=True)),
                ("source", models.CharField(max_length=200)),
                ("actor", models.CharField(max_length=60)),
                (
                    "campaign",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.RESTRICT, related_name="visits", to="command.campaign"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Team",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                ("number", models.PositiveSmallIntegerField()),
                ("parties", models.PositiveSmallIntegerField()),
                ("places", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), size=None)),
                ("gone_on", models.DateField(blank=True, null=True)),
                ("gone_why", models.CharField(blank=True, max_length=200)),
                (
                    "leader",
                    models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="command.officer"),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="teams", to="campaigns.visitcampaign"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Planned",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                ("kind", models.CharField(max_length=12)),
                ("day", models.DateField(blank=True, null=True)),
                ("party", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("place", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("arrive", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("leader", models.BooleanField(default=False)),
                ("why", models.JSONField(blank=True, null=True)),
                (
                    "household",
                    models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="register.household"),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="planned",
                        to="campaigns.team",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="planned", to="campaigns.visitcampaign"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VisitPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                ("made_on", models.DateField()),
                ("why", models.CharField(blank=True, max_length=200)),
                ("figures", models.JSONField()),
                ("actor", models.CharField(max_length=60)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="plans", to="campaigns.visitcampaign"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VisitRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("zh", models.CharField(max_length=120)),
                ("en", models.CharField(max_length=200)),
                ("closed", models.BooleanField(default=False)),
                ("most_persons", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "modes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), blank=True, default=list, size=None
                    ),
                ),
                ("source", models.CharField(max_length=200)),
                ("verified", models.BooleanField(default=False)),
                ("actor", models.CharField(max_length=60)),
            ],
            options={
                "indexes": [models.Index(fields=["path"], name="campaigns_v_path_fc47a7_idx")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="visitrule_path_closed")
                ],
            },
        ),
        migrations.CreateModel(
            name="Companion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=80)),
                ("recorded_from", models.DateTimeField(db_default=bangfu.foundation.fields.RecordedNow(), editable=False)),
                ("party", models.PositiveSmallIntegerField()),
                (
                    "officer",
                    models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="command.officer"),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="companions", to="campaigns.team"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["path"], name="campaigns_c_path_37a0d1_idx")],
                "constraints": [
                    models.UniqueConstraint(fields=("team", "officer"), name="companion_once"),
                    models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="companion_path_closed"),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="visitcampaign",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="visitcampaign_path_closed"),
        ),
        migrations.AddConstraint(
            model_name="visitcampaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("times_ground", ""), ("times_until", None)),
                    models.Q(models.Q(("times_ground", ""), _negated=True), ("times_until__isnull", False)),
                    _connector="OR",
                ),
                name="campaign_times_have_a_ground",
            ),
        ),
        migrations.AddConstraint(
            model_name="visitcampaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("positions_ground", ""), ("positions_until", None)),
                    models.Q(models.Q(("positions_ground", ""), _negated=True), ("positions_until__isnull", False)),
                    _connector="OR",
                ),
                name="campaign_positions_have_a_ground",
            ),
        ),
        migrations.AddConstraint(
            model_name="visitcampaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("leader_share__gte", 0), ("leader_share__lte", 1)), name="campaign_leader_share"
            ),
        ),
        migrations.AddIndex(
            model_name="team",
            index=models.Index(fields=["path"], name="campaigns_t_path_bea1c5_idx"),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.UniqueConstraint(fields=("campaign", "number"), name="team_number_once"),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.UniqueConstraint(
                condition=models.Q(("gone_on", None)), fields=("campaign", "leader"), name="team_leader_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("gone_on", None), ("gone_why", "")),
                    models.Q(("gone_on__isnull", False), models.Q(("gone_why", ""), _negated=True)),
                    _connector="OR",
                ),
                name="team_gone_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="team_path_closed"),
        ),
        migrations.AddIndex(
            model_name="planned",
            index=models.Index(fields=["path", "day"], name="planned_by_place"),
        ),
        migrations.AddIndex(
            model_name="planned",
            index=models.Index(fields=["team", "day", "party", "place"], name="planned_of_team"),
        ),
        migrations.AddConstraint(
            model_name="planned",
            constraint=models.UniqueConstraint(fields=("household", "campaign"), name="campaign_planned_once"),
        ),
        migrations.AddConstraint(
            model_name="planned",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("day__isnull", False),
                        ("party__isnull", False),
                        ("place__isnull", False),
                        ("team__isnull", False),
                        ("why__isnull", True),
                    ),
                    models.Q(("day", None), ("party", None), ("place", None), ("team", None), ("why__isnull", False)),
                    _connector="OR",
                ),
                name="planned_or_why_not",
            ),
        ),
        migrations.AddConstraint(
            model_name="planned",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="planned_path_closed"),
        ),
        migrations.AddIndex(
            model_name="visitplan",
            index=models.Index(fields=["path", "-id"], name="campaigns_v_path_b2e5a4_idx"),
        ),
        migrations.AddConstraint(
            model_name="visitplan",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", "/")), name="visitplan_path_closed"),
        ),
        ddl.kept(*PUBLIC, "campaigns_visitplan", "campaigns_planned"),
        ddl.county_wide(*PUBLIC, writable=True),
        ddl.written_within(*PUBLIC),
        ddl.scoped("campaigns_visitplan", "campaigns_planned"),
        limited("campaigns_planned", household="household_id"),
        limited("campaigns_visitplan"),
    ]
