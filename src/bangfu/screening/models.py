"""Verdicts: what was judged of each household and guarantee, with reasons, and from which run."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from bangfu.foundation.actor import Duty
from bangfu.foundation.fields import RecordedNow
from bangfu.register.models.base import Recorded, ScopedQuerySet, closed_path


class Run(models.Model):
    """One screening: the pack and its version, the day judged, the overrides if it was a trial, and its counts."""

    pack = models.CharField(max_length=60)
    version = models.CharField(max_length=64)
    as_of = models.DateField()
    overrides = models.JSONField(default=dict)
    households = models.IntegerField()
    persons = models.IntegerField()
    seconds = models.FloatField()
    counts = models.JSONField()
    lake_version = models.IntegerField()
    actor = models.CharField(max_length=60)
    recorded_at = models.DateTimeField(db_default=RecordedNow())

    def __str__(self) -> str:
        return f"{self.pack} {self.as_of}"


class VerdictQuerySet(ScopedQuerySet):
    """Every read of verdicts begins here."""


class Verdict(Recorded):
    """The present verdict of a household on a guarantee: `met`, `unmet`, `unknown`, `not_assessed`. It names the run that first
    found it so; a later run that finds the same leaves it. What was found before lies in the history."""

    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, related_name="verdicts")
    guarantee = models.CharField(max_length=24)
    result = models.CharField(max_length=12)
    reasons = ArrayField(models.CharField(max_length=60), null=True, blank=True)
    values = models.JSONField(null=True, blank=True)
    run = models.ForeignKey(Run, on_delete=models.RESTRICT, related_name="+")

    objects = VerdictQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["guarantee", "result", "path", "household"])]
        constraints = [
            models.UniqueConstraint(fields=["household", "guarantee"], name="verdict_once"),
            closed_path("verdict"),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> models.Q:
        """Verdicts of the households of a duty."""
        return models.Q(household__in=duty.households)
