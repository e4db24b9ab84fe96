"""How a household lives: house, water, food, clothing, utilities, road, and its income in a period."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from bangfu.foundation.actor import Duty
from bangfu.register.models.base import (
    HouseholdFact,
    Recorded,
    ScopedQuerySet,
    amount,
    closed_path,
    code,
    named_evidence,
    one_at_a_time,
    yes_no,
)


class House(HouseholdFact):
    """Where the household lives and how safe it is; the grade comes from an appraisal, blank where nobody appraised."""

    tenure = code()
    area_m2 = amount()
    structure = code()
    built_year = models.SmallIntegerField(null=True, blank=True)
    grade = code(1)
    appraised_on = models.DateField(null=True, blank=True)
    repair = code()

    class Meta:
        constraints = one_at_a_time("household", "house")


class Water(HouseholdFact):
    """Drinking water by the four indicators: quantity (l per person and day), quality, convenience (m), assurance (days a year)."""

    source = code()
    supply = code()
    piped = yes_no()
    litres = amount()
    quality = code()
    distance_m = models.IntegerField(null=True, blank=True)
    climb_m = models.IntegerField(null=True, blank=True)
    minutes = models.SmallIntegerField(null=True, blank=True)
    outage_days = models.SmallIntegerField(null=True, blank=True)
    dry_spell_days = models.SmallIntegerField(null=True, blank=True)
    declared_safe = yes_no()
    declared_hard = yes_no()

    class Meta:
        constraints = one_at_a_time("household", "water")


class Living(HouseholdFact):
    """Food and clothing, utilities, fuel and the road to the house."""

    food_staple = yes_no()
    food_nutrition = yes_no()
    clothing_seasons = yes_no()
    bedding = yes_no()
    electricity = yes_no()
    production_electricity = yes_no()
    broadcast = yes_no()
    sanitary_toilet = yes_no()
    toilet_shared = yes_no()
    fuel = code()
    road_type = code()
    road_km = amount(3)

    class Meta:
        constraints = one_at_a_time("household", "living")


class Means(HouseholdFact):
    """What the household owns and can do for itself, as far as a registration is reviewed by it, and assets that indices count."""

    commercial_house = yes_no()
    vehicle = yes_no()
    company = yes_no()
    absent = yes_no()
    assets = ArrayField(models.CharField(max_length=24), null=True, blank=True)
    child_deaths = models.SmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = one_at_a_time("household", "means")


class IncomeSheet(Recorded):
    """A household's income in an accounting period (`period`); its items are `IncomeItem`. Without a sheet income is not known."""

    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, related_name="+")
    period = DateRangeField()
    method = models.CharField(max_length=24, default="import")
    evidence = named_evidence()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="incomesheet_once_a_period",
                expressions=[("household", RangeOperators.EQUAL), ("period", RangeOperators.EQUAL)],
            ),
            closed_path("incomesheet"),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Those of the households of a duty."""
        return Q(household__in=duty.households)


class IncomeItem(Recorded):
    """One item of an income sheet in fen; costs and self-paid spending are items of their own and kept positive.

    `source` says where the amount of a line is from (`income_sources.LineSource`); blank where a file gave a sum.
    """

    sheet = models.ForeignKey(IncomeSheet, on_delete=models.CASCADE, related_name="items")
    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, related_name="+")
    item = models.CharField(max_length=24)
    fen = models.BigIntegerField()
    source = models.JSONField(null=True, blank=True)
    evidence = named_evidence()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "item"], name="incomeitem_once"),
            closed_path("incomeitem"),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Those of the households of a duty."""
        return Q(household__in=duty.households)


class IncomeAgreement(Recorded):
    """That a household heard its income sheet read out and agreed: on paper, whose scan is kept encrypted, or by word.

    `digest` is that of the lines that were agreed to: a sheet that changed since is no longer the one. Rows are only ever added.
    """

    sheet = models.ForeignKey(IncomeSheet, on_delete=models.CASCADE, related_name="agreements")
    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, related_name="+")
    how = models.CharField(max_length=8, choices=[("paper", "paper"), ("word", "word")])
    agreed_by = models.CharField(max_length=60)
    agreed_on = models.DateField()
    digest = models.BinaryField(max_length=16)
    scan = models.BinaryField(null=True, blank=True)
    scan_kind = models.CharField(max_length=40, blank=True)
    actor = models.CharField(max_length=60)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["sheet", "id"], name="incomeagreement_by_sheet")]
        constraints = [closed_path("incomeagreement")]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Those of the households of a duty."""
        return Q(household__in=duty.households)
