"""Helpers and the households that they answer for: pairings, requests for change, avoidances, and plans."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from bangfu.command.models.base import Dated, PublicQuerySet
from bangfu.command.models.chain import Officer
from bangfu.foundation.actor import Actor, Duty
from bangfu.foundation.say import Text
from bangfu.register.models.base import DatedQuerySet, Recorded, ScopedQuerySet, closed_path

SCOPES = {
    "village": Text("调度到村", "directs a village"),
    "household": Text("帮扶到户", "helps households"),
    "person": Text("服务到人", "serves persons"),
}


class HelperQuerySet(PublicQuerySet):
    """Every read of helpers begins here."""

    def named_to(self, actor: Actor) -> Self:
        """Helpers of one's area and of those above it, and whoever answers, or answered, for a household that the actor sees."""
        if not actor.scope or not actor.may("command.read"):
            return self.none()
        own = Helper.objects.visible_to(actor).values("pk")
        return self.filter(Q(pk__in=own) | Q(pk__in=Pairing.objects.visible_to(actor).values("helper")))

    def serving(self, path: str, day: date) -> Self:
        """Helpers of a day who are stationed in an area, or answer for a household of it."""
        answering = Pairing.objects.under(path).on(day).values("helper")
        return self.on(day).filter(Q(path__gte=path, path__lt=path + "~") | Q(pk__in=answering))

    def loaded(self, day: date, targets: Mapping[str, int], ceiling: int | None) -> Self:
        """Each with `load` (households that they are the principal of on a day), `confirmed` (those confirmed by both), `target` of their rank
        and `most`: their own ceiling, else that of all; -1 where nothing is said."""
        held = Pairing.objects.principals().on(day).filter(helper=OuterRef("pk")).order_by().values("helper")
        both = held.filter(helper_confirmed__isnull=False, household_confirmed__isnull=False)
        return self.annotate(
            load=Coalesce(Subquery(held.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0),
            confirmed=Coalesce(Subquery(both.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0),
            target=Case(
                *(When(rank=rank, then=Value(n)) for rank, n in targets.items()), default=Value(-1), output_field=IntegerField()
            ),
            most=Coalesce(F("ceiling"), Value(-1 if ceiling is None else ceiling), output_field=IntegerField()),
        )


class Helper(Dated):
    """An officer who is made responsible for households (帮扶责任人) from a day on. `appointed` is the first day of `valid`.

    `ceiling` is a named exception to the most households that a helper may have; `ceiling_reason` says why.
    """

    officer = models.ForeignKey(Officer, on_delete=models.RESTRICT, related_name="helping")
    profession = models.CharField(max_length=16)
    rank = models.CharField(max_length=12)
    scope = models.CharField(max_length=12, choices=[(s, s) for s in SCOPES], default="household")
    ceiling = models.PositiveSmallIntegerField(null=True, blank=True)
    ceiling_reason = models.CharField(max_length=200, blank=True)
    end_reason = models.CharField(max_length=120, blank=True)

    objects = HelperQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path"])]
        constraints = [
            ExclusionConstraint(
                name="helper_once_at_a_time",
                expressions=[("officer", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(ceiling__isnull=True) | ~Q(ceiling_reason=""), name="helper_exception_has_a_reason"
            ),
            closed_path("helper"),
        ]

    def __str__(self) -> str:
        return self.officer.name

    @property
    def appointed(self) -> date:
        """The day from which they answer for households."""
        lower: date = self.valid.lower
        return lower


class PairingQuerySet(DatedQuerySet):
    """Every read of pairings begins here."""

    def principals(self) -> Self:
        """Those of the one who answers for the household; others help beside."""
        return self.filter(principal=True)

    def open(self) -> Self:
        """Those that nobody has ended."""
        return self.filter(valid__upper_inf=True)


class Pairing(Recorded):
    """A helper answers for a household for a time: one principal at most at a time, others beside. `path` is the household's."""

    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, related_name="+")
    helper = models.ForeignKey(Helper, on_delete=models.RESTRICT, related_name="pairings")
    principal = models.BooleanField(default=True)
    valid = DateRangeField()
    start_reason = models.CharField(max_length=40)
    end_reason = models.CharField(max_length=40, blank=True)
    handover = models.TextField(blank=True)
    helper_confirmed = models.DateField(null=True, blank=True)
    household_confirmed = models.DateField(null=True, blank=True)
    plan = models.ForeignKey("PairingPlan", on_delete=models.SET_NULL, null=True, blank=True, related_name="pairings")
    actor = models.CharField(max_length=60)

    objects = PairingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path", "household"])]
        constraints = [
            ExclusionConstraint(
                name="pairing_one_principal",
                expressions=[("household", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
                condition=Q(principal=True),
            ),
            ExclusionConstraint(
                name="pairing_once",
                expressions=[
                    ("household", RangeOperators.EQUAL),
                    ("helper", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            closed_path("pairing"),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Pairings of the households of a duty."""
        return Q(household__in=duty.households)


class Avoidance(Recorded):
    """A household that an officer must not answer for: relatives, a conflict, a wish of the household. Declared by those who know."""

    officer = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="avoidances")
    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=120)
    actor = models.CharField(max_length=60)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["officer", "household"], name="avoidance_once"),
            closed_path("avoidance"),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Avoidances of the households of a duty."""
        return Q(household__in=duty.households)


REQUEST_REASONS = {
    "household": Text("群众要求更换", "the household wishes another"),
    "helper": Text("帮扶人无法继续", "the helper cannot go on"),
    "post": Text("村镇建议调整", "the village or township advises it"),
    "not_visited": Text("长期未走访", "not visited for long"),
}


class RequestQuerySet(ScopedQuerySet):
    """Every read of requests begins here."""

    def waiting(self) -> Self:
        """Those that are not decided."""
        return self.filter(decided_on=None)


class PairingRequest(Recorded):
    """A request to change who answers for a household, with the day by which it is to be decided."""

    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=16, choices=[(r, r) for r in REQUEST_REASONS])
    note = models.TextField(blank=True)
    asked_on = models.DateField()
    asked_by = models.CharField(max_length=60)
    due = models.DateField()
    wanted = models.ForeignKey(Helper, on_delete=models.RESTRICT, null=True, blank=True, related_name="+")
    granted = models.BooleanField(null=True, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    decided_by = models.CharField(max_length=60, blank=True)
    answer = models.TextField(blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path", "due"])]
        constraints = [
            models.UniqueConstraint(fields=["household"], condition=Q(decided_on=None), name="request_one_open"),
            models.CheckConstraint(
                condition=Q(decided_on=None, granted=None) | Q(decided_on__isnull=False, granted__isnull=False),
                name="request_decided_whole",
            ),
            closed_path("pairingrequest"),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Requests about the households of a duty."""
        return Q(household__in=duty.households)


PLAN_STATES = ("proposed", "adopted", "undone", "dropped")


class PlanQuerySet(models.QuerySet[Any]):
    """Every read of plans begins here."""

    def visible_to(self, actor: Any) -> Self:
        """Plans of areas at and below the actor's, for those who keep pairings."""
        if not actor.scope or not actor.may("pairing.manage"):
            return self.none()
        return self.filter(path__gte=actor.scope, path__lt=actor.scope + "~")


class PairingPlan(Recorded):
    """A proposal of who answers for whom in an area: computed, adjusted by hand, adopted as one act, undone as one act.

    `result` is what the solver says (terms of the cost, counts, shortages, what the model leaves out); `digest` that of its inputs.
    """

    zh = models.CharField(max_length=80, blank=True)
    en = models.CharField(max_length=120, blank=True)
    as_of = models.DateField()
    state = models.CharField(max_length=12, choices=[(s, s) for s in PLAN_STATES], default="proposed")
    settings = models.JSONField()
    digest = models.CharField(max_length=64)
    objective = models.BigIntegerField()
    bound = models.BigIntegerField()
    optimal = models.BooleanField()
    seconds = models.FloatField()
    result = models.JSONField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=60, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path", "made_at"])]
        constraints = [closed_path("pairingplan")]

    @property
    def title(self) -> Text:
        """What the scenario is called; blank for the plan itself."""
        return Text(self.zh, self.en)


class PlannedQuerySet(ScopedQuerySet):
    """Every read of planned pairings begins here."""

    def changing(self) -> Self:
        """Households for whom the plan changes something."""
        same = Q(before=models.F("after")) | Q(before=None, after=None)
        return self.exclude(same)

    def unserved(self) -> Self:
        """Households for whom the plan finds nobody."""
        return self.filter(after=None)

    def shown(self) -> Self:
        """What a reader of a plan looks at: households for whom it changes something or finds nobody, and those set by hand."""
        same = Q(before=models.F("after"))
        return self.exclude(same & Q(by_hand=False))


class PlannedPairing(models.Model):
    """Who answers for a household before and after a plan; nobody is None. `cost` is that of the arc, in the plan's own units."""

    path = models.CharField(max_length=80, db_collation="C")
    plan = models.ForeignKey(PairingPlan, on_delete=models.CASCADE, related_name="pairs")
    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, related_name="+")
    before = models.ForeignKey(Helper, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    after = models.ForeignKey(Helper, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    by_hand = models.BooleanField(default=False)

    objects = PlannedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["plan", "path", "household"])]
        constraints = [
            models.UniqueConstraint(fields=["plan", "household"], name="planned_once"),
            closed_path("plannedpairing"),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Planned pairings of the households of a duty."""
        return Q(household__in=duty.households)
