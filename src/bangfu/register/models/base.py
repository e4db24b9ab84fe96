"""What every row of the register has: where it is, when it is true, when we knew it, and who says so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import BigIntegerField, BooleanField, DateField, F, Func, Q, Value

from bangfu.foundation import clock
from bangfu.foundation.actor import Actor, Duty
from bangfu.foundation.fields import RecordedNow


class ScopedQuerySet(models.QuerySet[Any]):
    """Rows with a path: every read begins with who reads."""

    def visible_to(self, actor: Actor) -> Self:
        """Rows inside the actor's scope and, where there is one, duty: nothing where the role sees no household."""
        if not actor.scope or not actor.may("household.read"):
            return self.none()
        rows = self.filter(path__gte=actor.scope, path__lt=actor.scope + "~")
        if actor.duty is None:
            return rows
        return rows.filter(self.model.of_duty(actor.duty) | within(actor.duty.paths))

    def under(self, path: str) -> Self:
        """Rows at or below an area."""
        return self.filter(path__gte=path, path__lt=path + "~")


class OneOf(Func):
    """`column = ANY (keys)`: a statement with one parameter, however many keys a page has."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, name: str, keys: Iterable[int]) -> None:
        super().__init__(F(name), Value(list(keys), output_field=ArrayField(BigIntegerField())))


def within(paths: Iterable[str]) -> Q:
    """Rows at or below any of some areas; none where there are none."""
    found = Q(pk__in=[])
    for path in paths:
        found |= Q(path__gte=path, path__lt=path + "~")
    return found


def members_of(duty: Duty) -> models.QuerySet[Any, Any]:
    """The persons who are members, today, of the households of a duty."""
    from bangfu.register.models.households import Membership

    return Membership.objects.filter(household__in=duty.households).on(clock.today()).values("person")


class HoldsOn(Func):
    """`valid @> day`, written so that the planner expects nearly every row to hold.

    Range operators are not leakproof, so under row-level security the planner may not look at the statistics of `valid` and
    expects one row in two hundred: it then reads half a million rows one by one. An inequality without statistics is expected
    to hold for all rows but one in two hundred, which is how it is with facts of today.
    """

    template = "(%(expressions)s)::int <> 0"
    arg_joiner = " @> "
    output_field = BooleanField()

    def __init__(self, day: date) -> None:
        super().__init__(F("valid"), Value(day, output_field=DateField()))


class DatedQuerySet(ScopedQuerySet):
    """Rows in valid time."""

    def on(self, day: date) -> Self:
        """Rows that were true on a day."""
        return self.filter(HoldsOn(day))


class Recorded(models.Model):
    """A row with a place and a recorded time; older versions lie in `<table>_history`."""

    path = models.CharField(max_length=80, db_collation="C")
    recorded_from = models.DateTimeField(db_default=RecordedNow(), editable=False)

    class Meta:
        abstract = True


def named_evidence() -> models.ForeignKey[Any, Any]:
    """The evidence behind a row. No constraint in the database: evidence is append-only (a trigger refuses to change or delete it),
    so a reference cannot dangle, and checking half a million of them per table would be a third of a first import. No index either:
    nobody asks for the rows of one piece of evidence; those of a file are found through its households and persons."""
    return models.ForeignKey(
        "register.Evidence", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )


class Alone(models.Model):
    """A dated row that may be `pristine`: written by a first load and never touched, so the only one of its subject.

    A pristine open row need not stand in the exclusion index: another open row is refused by a unique index, and a closed one
    first takes the mark away (a trigger, `ddl.alone`). Building an index of half a million rows that cannot overlap anything
    would cost a first import most of its time (docs/adr/0003-pristine-rows.md).
    """

    pristine = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta:
        abstract = True


class HouseholdFact(Alone, Recorded):
    """Something true of a household for a time, from a piece of evidence; one row of a kind at a time."""

    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, related_name="+")
    valid = DateRangeField()
    evidence = named_evidence()

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Facts of the households of a duty."""
        return Q(household__in=duty.households)


class PersonFact(Alone, Recorded):
    """Something true of a person for a time, from a piece of evidence; one row of a kind at a time."""

    person = models.ForeignKey("register.Person", on_delete=models.CASCADE, related_name="+")
    valid = DateRangeField()
    evidence = named_evidence()

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Facts of the members of the households of a duty."""
        return Q(person__in=members_of(duty))


TOUCHED = Q(pristine=False) | Q(valid__upper_inf=False)


def never_two(name: str, *subject: str, condition: Q | None = None) -> list[models.BaseConstraint]:
    """Rows of one subject never overlap in valid time (see `Alone`)."""
    only = condition or Q()
    return [
        ExclusionConstraint(
            name=name,
            expressions=[*((column, RangeOperators.EQUAL) for column in subject), ("valid", RangeOperators.OVERLAPS)],
            condition=only & TOUCHED,
        ),
        models.UniqueConstraint(fields=list(subject), condition=only & Q(valid__upper_inf=True), name=f"{name}_open"),
    ]


def one_at_a_time(subject: str, table: str) -> list[models.BaseConstraint]:
    """Constraints of a dated fact: its rows of one subject never overlap, and its path is closed."""
    return [*never_two(f"{table}_one_at_a_time", subject), closed_path(table)]


def closed_path(table: str) -> models.CheckConstraint:
    """A path ends with its separator: otherwise the scope `cn/1` would also show `cn/10`."""
    return models.CheckConstraint(condition=Q(path__endswith="/"), name=f"{table}_path_closed")


def code(length: int = 24) -> models.CharField[str | None, str | None]:
    """A code of one of the lists in `codes.yaml`; blank means not known."""
    return models.CharField(max_length=length, null=True, blank=True)


def yes_no() -> models.BooleanField[bool | None, bool | None]:
    """Yes, no, or not known."""
    return models.BooleanField(null=True, blank=True)


def amount(decimals: int = 2) -> models.DecimalField[Any, Any]:
    """A measured quantity; blank means not known."""
    return models.DecimalField(max_digits=10, decimal_places=decimals, null=True, blank=True)
