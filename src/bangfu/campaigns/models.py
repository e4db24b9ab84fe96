"""A campaign of visits: what it asks of whom, its teams, the rules of its days, the plan of every household."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from bangfu.command.models import Campaign, Officer
from bangfu.command.models.base import Dated, PublicQuerySet
from bangfu.fieldwork.models import Visit
from bangfu.foundation.actor import Duty
from bangfu.foundation.say import Text
from bangfu.register.models.base import Recorded, ScopedQuerySet, closed_path

COUNTED = ("visit", "survey")  # what a visit has to be to count: a spot check checks one


class VisitCampaignQuerySet(PublicQuerySet):
    """Every read of campaigns of visits begins here."""


class VisitCampaign(Recorded):
    """What a campaign asks: which households by kind, with which form, for how long; how teams go out; what may be watched and on which ground.

    `forms` and `minutes` are by kind of household (minutes include the leaflets that are explained). A day of a party has `day_minutes`; a team goes out as up to
    `parties` at once, and its leader is there at `leader_share` of its visits at least. Positions and times are looked at only where a ground and a last day are said.
    """

    campaign = models.OneToOneField(Campaign, on_delete=models.RESTRICT, related_name="visits")
    kinds = ArrayField(models.CharField(max_length=12))
    ranks = ArrayField(models.CharField(max_length=12))  # of those who lead
    forms = models.JSONField()
    minutes = models.JSONField()
    day_minutes = models.PositiveSmallIntegerField(default=480)
    parties = models.PositiveSmallIntegerField(default=3)
    leader_share = models.DecimalField(max_digits=4, decimal_places=3)
    leaflets = models.JSONField(default=list)  # [{zh, en}]
    times_ground = models.CharField(max_length=200, blank=True)
    times_until = models.DateField(null=True, blank=True)
    positions_ground = models.CharField(max_length=200, blank=True)
    positions_until = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=200)
    actor = models.CharField(max_length=60)

    objects = VisitCampaignQuerySet.as_manager()

    class Meta:
        constraints = [
            closed_path("visitcampaign"),
            models.CheckConstraint(
                condition=(Q(times_ground="") & Q(times_until=None)) | (~Q(times_ground="") & Q(times_until__isnull=False)),
                name="campaign_times_have_a_ground",
            ),
            models.CheckConstraint(
                condition=(Q(positions_ground="") & Q(positions_until=None))
                | (~Q(positions_ground="") & Q(positions_until__isnull=False)),
                name="campaign_positions_have_a_ground",
            ),
            models.CheckConstraint(condition=Q(leader_share__gte=0, leader_share__lte=1), name="campaign_leader_share"),
        ]

    def __str__(self) -> str:
        return str(self.campaign)

    def watches(self, what: str, day: date) -> bool:
        """Whether `times` or `positions` may be looked at on a day."""
        until = getattr(self, f"{what}_until")
        return until is not None and day <= until


class VisitRuleQuerySet(PublicQuerySet):
    """Every read of rules on visits begins here."""


class VisitRule(Dated):
    """What holds for visits in an area for a time, as an epidemic or a flood asks: nobody goes there (`closed`), at most so many go together, only some ways of visiting."""

    zh = models.CharField(max_length=120)
    en = models.CharField(max_length=200)
    closed = models.BooleanField(default=False)
    most_persons = models.PositiveSmallIntegerField(null=True, blank=True)
    modes = ArrayField(models.CharField(max_length=12), default=list, blank=True)  # ways that are allowed; none named: all
    source = models.CharField(max_length=200)
    verified = models.BooleanField(default=False)
    actor = models.CharField(max_length=60)

    objects = VisitRuleQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path"])]
        constraints = [closed_path("visitrule")]

    @property
    def title(self) -> Text:
        """The rule in words."""
        return Text(self.zh, self.en)


class TeamQuerySet(PublicQuerySet):
    """Every read of teams begins here."""

    def serving(self) -> Self:
        """Those that have not fallen out."""
        return self.filter(gone_on=None)


class Team(Recorded):
    """A lead team: a leader and companions who go out as up to `parties` parties at once. `path` is where it sets out from each day."""

    campaign = models.ForeignKey(VisitCampaign, on_delete=models.CASCADE, related_name="teams")
    number = models.PositiveSmallIntegerField()
    leader = models.ForeignKey(Officer, on_delete=models.RESTRICT, related_name="+")
    parties = models.PositiveSmallIntegerField()
    places = ArrayField(models.CharField(max_length=80))  # the areas whose households it may visit
    gone_on = models.DateField(null=True, blank=True)  # it fell out, from this day on
    gone_why = models.CharField(max_length=200, blank=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path"])]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="team_number_once"),
            models.UniqueConstraint(fields=["campaign", "leader"], condition=Q(gone_on=None), name="team_leader_once"),
            models.CheckConstraint(
                condition=(Q(gone_on=None) & Q(gone_why="")) | (Q(gone_on__isnull=False) & ~Q(gone_why="")), name="team_gone_why"
            ),
            closed_path("team"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.leader.name}"


class Companion(Recorded):
    """An officer who goes along with a party of a team: village cadres, resident teams, helpers."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="companions")
    officer = models.ForeignKey(Officer, on_delete=models.RESTRICT, related_name="+")
    party = models.PositiveSmallIntegerField()

    objects = PublicQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path"])]
        constraints = [
            models.UniqueConstraint(fields=["team", "officer"], name="companion_once"),
            closed_path("companion"),
        ]


class VisitPlan(Recorded):
    """A plan that was made: when, by whom, what it says of itself (working minutes, the lower bound, loads, what has no place). The newest one holds."""

    campaign = models.ForeignKey(VisitCampaign, on_delete=models.CASCADE, related_name="plans")
    made_on = models.DateField()
    why = models.CharField(max_length=200, blank=True)  # of a plan made anew: who fell out
    figures = models.JSONField()
    actor = models.CharField(max_length=60)

    objects = PublicQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path", "-id"])]
        constraints = [closed_path("visitplan")]


class PlannedQuerySet(ScopedQuerySet):
    """Every read of planned visits begins here."""

    def with_done(self, until: date) -> Self:
        """Each with `done`: whether the household was visited in the campaign up to a day."""
        return self.annotate(done=Exists(visits_in_campaign(until)))


class Planned(Recorded):
    """A household of a campaign: by which team, on which day, by which party in which order, whether the leader is there. Without a team: `why` says why."""

    campaign = models.ForeignKey(VisitCampaign, on_delete=models.CASCADE, related_name="planned")
    household = models.ForeignKey("register.Household", on_delete=models.RESTRICT, related_name="+")
    kind = models.CharField(max_length=12)
    team = models.ForeignKey(Team, on_delete=models.RESTRICT, null=True, blank=True, related_name="planned")
    day = models.DateField(null=True, blank=True)
    party = models.PositiveSmallIntegerField(null=True, blank=True)
    place = models.PositiveSmallIntegerField(null=True, blank=True)  # in the order of the party's day, from 1
    arrive = models.PositiveSmallIntegerField(null=True, blank=True)  # minutes of the day: 480 is eight in the morning
    leader = models.BooleanField(default=False)
    why = models.JSONField(null=True, blank=True)  # {zh, en}

    objects = PlannedQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["path", "day"], name="planned_by_place"),
            models.Index(fields=["team", "day", "party", "place"], name="planned_of_team"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["household", "campaign"], name="campaign_planned_once"),
            models.CheckConstraint(
                condition=Q(team__isnull=False, day__isnull=False, party__isnull=False, place__isnull=False, why__isnull=True)
                | (Q(team=None, day=None, party=None, place=None, why__isnull=False)),
                name="planned_or_why_not",
            ),
            closed_path("planned"),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Planned visits of the households of a duty."""
        return Q(household__in=duty.households)


def visits_in_campaign(until: date) -> models.QuerySet[Any, Any]:
    """The visits by which a planned household (the outer row) was visited: within the days of its campaign, not after `until`, with somebody there."""
    days = OuterRef("campaign__campaign__valid")
    return Visit.objects.filter(
        household=OuterRef("household"), source__in=COUNTED, away=False, day__lte=until, day__contained_by=days
    ).exclude(answered="nobody")
