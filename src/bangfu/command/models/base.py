"""What the rows of command have in common: where they are and when they hold; who reads them."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.contrib.postgres.fields import DateRangeField
from django.db import models

from bangfu.areas.models import ancestors
from bangfu.foundation.actor import Actor
from bangfu.register.models.base import HoldsOn, Recorded


class PublicQuerySet(models.QuerySet[Any]):
    """Who holds which office is no secret within the county: rows of one's area and of the areas above it."""

    def visible_to(self, actor: Actor) -> Self:
        """Rows at, below and above the actor's area; none for a role that does not read the chain."""
        if not actor.scope or not actor.may("command.read"):
            return self.none()
        inside = models.Q(path__gte=actor.scope, path__lt=actor.scope + "~")
        return self.filter(inside | models.Q(path__in=ancestors(actor.scope)))

    def under(self, path: str) -> Self:
        """Rows at or below an area."""
        return self.filter(path__gte=path, path__lt=path + "~")

    def on(self, day: date) -> Self:
        """Rows that hold on a day."""
        return self.filter(HoldsOn(day))


class Dated(Recorded):
    """A row with a place that holds for a time."""

    valid = DateRangeField()

    class Meta:
        abstract = True


def person_reference() -> models.ForeignKey[Any, Any]:
    """The person of the register whom somebody is, where the register has them."""
    return models.ForeignKey("register.Person", on_delete=models.RESTRICT, null=True, blank=True, related_name="+")
