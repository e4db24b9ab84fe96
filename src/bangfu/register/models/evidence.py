"""Evidence: who says so. Append-only; each row of the register names the evidence behind it."""

from __future__ import annotations

from django.db import models

from bangfu.foundation.actor import Duty
from bangfu.foundation.fields import RecordedNow
from bangfu.register.models.base import ScopedQuerySet, closed_path


class Source(models.Model):
    """Where evidence comes from: an imported file now; a form, a feed or a visit later. The payload is addressed by its digest."""

    kind = models.CharField(max_length=24)
    name = models.CharField(max_length=200)
    digest = models.BinaryField(max_length=32)
    size = models.BigIntegerField(default=0)
    profile = models.CharField(max_length=40, blank=True)
    data_date = models.DateField()
    rows = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    actor = models.CharField(max_length=60)
    recorded_at = models.DateTimeField(db_default=RecordedNow())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "digest"], name="source_once")]

    def __str__(self) -> str:
        return self.name


class Evidence(models.Model):
    """One statement: its kind, source and row, who made it, when it was true and when it was recorded, and of whom it speaks."""

    kind = models.CharField(max_length=24)
    source = models.ForeignKey(Source, on_delete=models.RESTRICT, related_name="+")
    row = models.IntegerField(null=True, blank=True)
    actor = models.CharField(max_length=60)
    happened_on = models.DateField()
    recorded_at = models.DateTimeField(db_default=RecordedNow())
    path = models.CharField(max_length=80, db_collation="C")
    household = models.BigIntegerField()
    person = models.BigIntegerField(null=True, blank=True)
    digest = models.BinaryField(max_length=16)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["household", "id"]),
        ]
        constraints = [closed_path("evidence")]

    @staticmethod
    def of_duty(duty: Duty) -> models.Q:
        """Statements about the households of a duty."""
        return models.Q(household__in=duty.households)
