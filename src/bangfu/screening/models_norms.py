"""Norms by which own produce is valued: dated local prices, yields and costs."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models

from bangfu.foundation.say import Text
from bangfu.register.models.base import HoldsOn, Recorded, closed_path
from bangfu.screening.income_sheet.produce import SORTS, NormValue


class NormQuerySet(models.QuerySet[Any]):
    """Norms are the county's to read: whoever acts at an area reads those of the areas above it too."""

    def on(self, day: date) -> Self:
        """Those that hold on a day."""
        return self.filter(HoldsOn(day))

    def holding_at(self, path: str) -> Self:
        """Those of an area and of the areas above it, the nearest first."""
        steps = path.rstrip("/").split("/")
        paths = ["/".join(steps[: n + 1]) + "/" for n in range(len(steps))]
        return self.filter(path__in=paths).order_by("-path", "code")


class Norm(Recorded):
    """What a crop or an animal yields, is sold for and costs, at an area for a time; each as a range whose ends may be the same.

    `sort` crop or tree: yield in units per mu and cost in fen per mu; animal: cost in fen per head, no yield. Prices in fen per unit.
    """

    code = models.CharField(max_length=40)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=60)
    sort = models.CharField(max_length=8, choices=[(s, s) for s in SORTS])
    unit_zh = models.CharField(max_length=20)
    unit_en = models.CharField(max_length=20)
    yield_low = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    yield_high = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    price_low = models.BigIntegerField()
    price_high = models.BigIntegerField()
    cost_low = models.BigIntegerField(null=True, blank=True)
    cost_high = models.BigIntegerField(null=True, blank=True)
    valid = DateRangeField()
    source = models.CharField(max_length=200)
    verified = models.BooleanField(default=False)
    actor = models.CharField(max_length=60)

    objects = NormQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="norm_one_at_a_time",
                expressions=[
                    ("path", RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            closed_path("norm"),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def title(self) -> Text:
        """What it is of."""
        return Text(self.zh, self.en)

    @property
    def value(self) -> NormValue:
        """As the arithmetic of produce uses it."""
        yields = (self.yield_low, self.yield_high) if self.yield_low is not None and self.yield_high is not None else None
        cost = (self.cost_low, self.cost_high) if self.cost_low is not None and self.cost_high is not None else None
        return NormValue(
            self.pk, self.code, self.title, self.sort, Text(self.unit_zh, self.unit_en), yields, (self.price_low, self.price_high), cost,
            self.verified, self.source,
        )  # fmt: skip
