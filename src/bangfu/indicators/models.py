"""Figures as last computed, per village: what the pages add up. The truth is the catalogue's SQL; this is its memory."""

from __future__ import annotations

from typing import Self

from django.db import models

from bangfu.foundation.actor import Actor
from bangfu.foundation.fields import RecordedNow
from bangfu.register.models.base import closed_path, within


class FigureQuerySet(models.QuerySet["Figure"]):
    """Every read of figures begins here. Figures are totals: roles that see no household may read them."""

    def visible_to(self, actor: Actor) -> Self:
        """Figures of villages inside the actor's scope, and inside the areas of the duty where there is one."""
        if not actor.scope or not actor.may("figure.read"):
            return self.none()
        rows = self.filter(path__gte=actor.scope, path__lt=actor.scope + "~")
        return rows if actor.duty is None else rows.filter(within(actor.duty.paths))


class Figure(models.Model):
    """A figure's part of one village on a day, computed at a version of the lake."""

    key = models.CharField(max_length=80)
    path = models.CharField(max_length=80, db_collation="C")
    as_of = models.DateField()
    value = models.FloatField()
    lake_version = models.IntegerField()
    recorded_at = models.DateTimeField(db_default=RecordedNow())

    objects = FigureQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path", "key"])]
        constraints = [models.UniqueConstraint(fields=["key", "path"], name="figure_once"), closed_path("figure")]
