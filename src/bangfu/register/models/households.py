"""Households: units of several sorts, who belongs to them, and what each farming household is."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models import Q

from bangfu.foundation import clock
from bangfu.foundation.actor import Duty
from bangfu.register.models.base import (
    Alone,
    DatedQuerySet,
    HouseholdFact,
    Recorded,
    ScopedQuerySet,
    amount,
    closed_path,
    code,
    members_of,
    named_evidence,
    never_two,
    one_at_a_time,
    yes_no,
)
from bangfu.register.sorts import FARMING, SORTS


class HouseholdQuerySet(ScopedQuerySet):
    """Every read of households begins here."""

    def farming(self) -> Self:
        """The households that this register keeps and that are judged, poor or not."""
        return self.filter(sort=FARMING)


class Household(Recorded):
    """A unit of persons. `farming` is the household as this register keeps it, poor or not, and carries the verdicts;
    `hukou` is a registration book, `allowance` a minimum-allowance family."""

    sort = models.CharField(max_length=12, choices=[(s, s) for s in SORTS], default=FARMING)
    number = models.CharField(max_length=40, db_collation="C")
    area = models.ForeignKey("areas.Area", on_delete=models.RESTRICT, related_name="+")
    natural_village = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=120, blank=True)
    phone = models.BinaryField(null=True, blank=True)
    phone_hash = models.BinaryField(max_length=16, null=True, blank=True)
    bank = models.CharField(max_length=60, blank=True)
    account = models.BinaryField(null=True, blank=True)
    account_hash = models.BinaryField(max_length=16, null=True, blank=True)
    evidence = named_evidence()

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["sort", "path", "number", "id"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["sort", "number"], name="household_number_once"),
            closed_path("household"),
        ]

    def __str__(self) -> str:
        return self.number

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """The households of a duty, and the other units that their members are in."""
        units = Membership.objects.filter(person__in=members_of(duty)).exclude(sort=FARMING).on(clock.today())
        return Q(pk__in=duty.households) | Q(pk__in=units.values("household"))


class Membership(Alone, Recorded):
    """A person's place in a unit for a time. In at most one unit of each sort at a time; a unit has at most one head on any
    day by constraint, and at least one by `check_heads` at the end of every action."""

    person = models.ForeignKey("register.Person", on_delete=models.CASCADE, related_name="memberships")
    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="memberships")
    sort = models.CharField(max_length=12)
    relation = models.CharField(max_length=24)
    valid = DateRangeField()
    reason = code()
    end_reason = code()
    evidence = named_evidence()

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            *never_two("membership_one_unit_of_a_sort", "person", "sort"),
            *never_two("membership_one_head", "household", condition=Q(relation="head")),
            closed_path("membership"),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Memberships, past ones too, of those who are members of the households of a duty."""
        return Q(person__in=members_of(duty))


class Kind(HouseholdFact):
    """What a farming household is: ordinary, registered (建档立卡) or monitored."""

    kind = models.CharField(max_length=12)
    monitoring_kind = code()

    class Meta:
        indexes = [models.Index(fields=["kind", "path", "household"])]
        constraints = one_at_a_time("household", "kind")


class Monitoring(HouseholdFact):
    """What is monitored of a household that may fall (back) into poverty: risks, the sudden event, measures in place, elimination."""

    identified = models.DateField(null=True, blank=True)
    risks = ArrayField(models.CharField(max_length=24), null=True, blank=True)
    no_labour = yes_no()
    measures = ArrayField(models.CharField(max_length=24), null=True, blank=True)
    measures_since = models.DateField(null=True, blank=True)
    stable_since = models.DateField(null=True, blank=True)
    event = code()
    event_on = models.DateField(null=True, blank=True)
    event_loss = models.BigIntegerField(null=True, blank=True)
    eliminated = yes_no()
    way = code()
    eliminated_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = one_at_a_time("household", "monitoring")


class Registration(HouseholdFact):
    """The registration of a poor household and its state of exit. `exited_on` is the day from which the exit holds."""

    first_identified = models.DateField(null=True, blank=True)
    standard = code()
    attribute = code()
    exit_state = code()
    exit_year = models.SmallIntegerField(null=True, blank=True)
    exited_on = models.DateField(null=True, blank=True)
    return_year = models.SmallIntegerField(null=True, blank=True)
    not_exited_reason = code()
    main_cause = code()
    other_causes = ArrayField(models.CharField(max_length=24), null=True, blank=True)
    martyr_family = yes_no()
    only_child_family = yes_no()
    two_daughters_family = yes_no()
    coop_member = yes_no()
    leading_firm = yes_no()
    lead_farmer = yes_no()
    industry_help = code()

    class Meta:
        constraints = one_at_a_time("household", "registration")


class Relocation(HouseholdFact):
    """A household's relocation under the poverty programme."""

    relocated = yes_no()
    mode = code()
    resettlement = code()
    place = code()
    difficulty = models.CharField(max_length=120, null=True, blank=True)
    old_house_removed = yes_no()
    moved_in_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = one_at_a_time("household", "relocation")


class Land(HouseholdFact):
    """Land in mu (15 mu = 1 hectare)."""

    arable_mu = amount()
    irrigated_mu = amount()
    forest_mu = amount()
    returned_forest_mu = amount()
    orchard_mu = amount()
    pasture_mu = amount()
    water_surface_mu = amount()

    class Meta:
        constraints = one_at_a_time("household", "land")
