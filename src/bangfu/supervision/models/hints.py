"""What the quality watch asks to be looked at a second time, and what somebody found when they did."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from bangfu.campaigns.models import VisitCampaign
from bangfu.foundation.say import Text
from bangfu.register.models.base import Recorded, closed_path
from bangfu.supervision.models.base import SupervisedQuerySet, of_nobody

OPEN, EXPLAINED, CONFIRMED = "open", "explained", "confirmed"
HINT_STATES = {
    OPEN: Text("待核看", "to be looked at"),
    EXPLAINED: Text("有说明", "explained"),
    CONFIRMED: Text("属实，须重访", "so it was: visit again"),
}
WORDS = "hint.words"


class WatchHint(Recorded):
    """A review hint of the quality watch: visits of a campaign that deserve a second look, with the evidence. No finding, and of nobody: what it names are visits.

    `mark` is what tells it from every other, so that looking again keeps what was said of it. `path` is the area that holds all of its visits.
    """

    campaign = models.ForeignKey(VisitCampaign, on_delete=models.CASCADE, related_name="hints")
    kind = models.CharField(max_length=20)
    day = models.DateField()
    visits = ArrayField(models.BigIntegerField())
    evidence = models.JSONField()
    zh = models.CharField(max_length=400)
    en = models.CharField(max_length=600)
    mark = models.BinaryField(max_length=16)
    state = models.CharField(max_length=10, default=OPEN, choices=[(s, s) for s in HINT_STATES])
    words = models.BinaryField(null=True)  # what was found, encrypted
    settled_on = models.DateField(null=True)
    settled_by = models.CharField(max_length=60, blank=True)

    objects = SupervisedQuerySet.as_manager()
    of_duty = staticmethod(of_nobody)

    class Meta:
        indexes = [models.Index(fields=["path", "day"], name="hint_by_place")]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "mark"], name="hint_once"),
            models.CheckConstraint(
                condition=Q(state="open", settled_on=None, settled_by="")
                | (~Q(state="open") & Q(settled_on__isnull=False) & ~Q(settled_by="")),
                name="hint_settled_whole",
            ),
            closed_path("watchhint"),
        ]

    @property
    def said(self) -> Text:
        """The hint in words."""
        return Text(self.zh, self.en)
