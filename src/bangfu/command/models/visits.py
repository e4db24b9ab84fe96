"""What the work calendar asks of each village, as it was last counted: the memory that days of a township and a county are read from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Self

from django.db import models

from bangfu.foundation.actor import Actor
from bangfu.foundation.fields import RecordedNow
from bangfu.register.models.base import closed_path, within


class VisitsDueQuerySet(models.QuerySet["VisitsDue"]):
    """Every read of these counts begins here."""

    def visible_to(self, actor: Actor) -> Self:
        """Counts of villages inside the actor's scope and, where there is one, duty: nothing for a role that sees no household or no calendar."""
        if not actor.scope or not (actor.may("command.read") and actor.may("household.read")):
            return self.none()
        rows = self.under(actor.scope)
        return rows if actor.duty is None else rows.filter(within(actor.duty.paths))

    def under(self, path: str) -> Self:
        """Rows at or below an area."""
        return self.filter(path__gte=path, path__lt=path + "~")

    def fresh(self, today: date) -> Self:
        """Rows of a day or of the day before: older ones say nothing of it."""
        return self.filter(day__gte=today - timedelta(1), day__lte=today)


class VisitsDue(models.Model):
    """How many households of a village the work calendar asks something of, as counted on a day: due within a week (what is overdue included),
    overdue, and for how many days at the longest. A village of which nothing is asked has a row with zeros."""

    path = models.CharField(max_length=80, db_collation="C")
    day = models.DateField()
    due = models.PositiveIntegerField()
    overdue = models.PositiveIntegerField()
    longest = models.PositiveIntegerField()
    recorded_at = models.DateTimeField(db_default=RecordedNow(), editable=False)

    objects = VisitsDueQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["path"], name="visitsdue_once"), closed_path("visitsdue")]

    def __str__(self) -> str:
        return f"{self.path} {self.day}"
