"""Market days of areas: dated rules, each with its source."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from bangfu.areas.markets import KINDS, Dated, MarketRule
from bangfu.areas.paths import BEGUN, PATH_LENGTH, PATH_PATTERN, ancestors
from bangfu.foundation.fields import RecordedNow
from bangfu.foundation.say import Text

if TYPE_CHECKING:
    from bangfu.foundation.actor import Actor


class MarketDayQuerySet(models.QuerySet["MarketDay"]):
    """Market days tell nothing of anybody: whoever acts at an area reads those of the areas above it too."""

    def visible_to(self, actor: Actor) -> Self:
        """Those within the actor's area and above it."""
        if not actor.scope:
            return self.none()
        return self.filter(Q(path__gte=actor.scope, path__lt=actor.scope + "~") | Q(path__in=ancestors(actor.scope)))

    def on(self, day: date) -> Self:
        """Those that hold on a day."""
        return self.filter(valid__contains=day)

    def holding_at(self, path: str) -> Self:
        """Those of an area and of the areas above it, the nearest first."""
        return self.filter(path__in=[*ancestors(path), path]).order_by("-path", "name")

    def holding_at_any(self, paths: list[str]) -> Self:
        """Those of areas and of the areas above them."""
        return self.filter(path__in={above for path in paths for above in (*ancestors(path), path)}).order_by("path", "name")

    def rules(self) -> list[Dated]:
        """As the calendar uses them."""
        return [market.dated for market in self]


class MarketDay(models.Model):
    """A market by the rule after which it comes round, at an area for a time. The fields beside `kind` are those of `MarketRule`."""

    path: models.CharField[str, str] = models.CharField(max_length=PATH_LENGTH, db_collation="C")
    name: models.CharField[str, str] = models.CharField(max_length=60)
    name_en: models.CharField[str, str] = models.CharField(max_length=60)
    kind: models.CharField[str, str] = models.CharField(max_length=12, choices=[(kind, kind) for kind in KINDS])
    days: Any = ArrayField(models.SmallIntegerField(), default=list, blank=True)
    every: models.SmallIntegerField[int, int] = models.SmallIntegerField(default=0)
    first: models.DateField[date | None, date | None] = models.DateField(null=True, blank=True)
    dates: Any = ArrayField(models.DateField(), default=list, blank=True)
    valid = DateRangeField()
    source: models.CharField[str, str] = models.CharField(max_length=200)
    verified: models.BooleanField[bool, bool] = models.BooleanField(default=False)
    actor: models.CharField[str, str] = models.CharField(max_length=60)
    recorded_from = models.DateTimeField(db_default=RecordedNow(), editable=False)

    objects = MarketDayQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="market_day_one_rule_at_a_time",
                expressions=[
                    ("path", RangeOperators.EQUAL),
                    ("name", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=Q(path__regex=PATH_PATTERN), name="market_day_path_closed"),
            models.CheckConstraint(condition=BEGUN, name="market_day_begun"),
            models.CheckConstraint(
                condition=Q(kind="cycle", every__gt=1, first__isnull=False) | (~Q(kind="cycle") & Q(every=0, first__isnull=True)),
                name="market_day_cycle_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def title(self) -> Text:
        """What the market is called."""
        return Text(self.name, self.name_en)

    @property
    def rule(self) -> MarketRule:
        """The rule after which it comes round."""
        return MarketRule(self.kind, tuple(self.days), self.every, self.first, tuple(self.dates))

    @property
    def dated(self) -> Dated:
        """The rule with its area and its days."""
        return Dated(self.path, self.rule, self.valid.lower, self.valid.upper)
