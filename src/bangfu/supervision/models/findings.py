"""Findings: what supervision found, what was ruled on it, and the case that mends it."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from bangfu.cases.models import Case
from bangfu.foundation.say import Text
from bangfu.register.models.base import Recorded, closed_path
from bangfu.supervision.models.base import SupervisedQuerySet, of_nobody
from bangfu.supervision.models.posts import PostCheck
from bangfu.supervision.models.samples import Revisit

REVISIT, POST, ABOVE = "revisit", "post", "above"
ORIGINS = {
    REVISIT: Text("背靠背复核", "blind re-visit"),
    POST: Text("查阅资料", "check of a post"),
    ABOVE: Text("上级反馈", "inspection from above"),
}
UPHELD, CHANGED, DISMISSED = "upheld", "changed", "dismissed"
RULINGS = {
    UPHELD: Text("属实，须整改", "so it is: to be mended"),
    CHANGED: Text("情况后来有变，两次都属实", "it changed in between: both were true"),
    DISMISSED: Text("不属实，以原登记为准", "it is not so: the register stands"),
}
JUDGEMENT = "judgement"  # the finding that a household is not what it is registered as
FINDING_WORDS, RULING_WORDS = "finding.words", "finding.ruling"


class InspectionFindingQuerySet(SupervisedQuerySet):
    """Every read of findings begins here."""

    def unruled(self) -> Self:
        """Those on which nobody ruled yet."""
        return self.filter(ruling="")


class InspectionFinding(Recorded):
    """Something that supervision found of a household, or of a place: ruled on the spot, and where it is so, a case of the loop.

    `about` is a fact of the register, `judgement`, an item of a post's check, or the kind of case that an inspection from above names. `weight` as in `comparing.py`.
    """

    origin = models.CharField(max_length=8, choices=[(o, o) for o in ORIGINS])
    household = models.ForeignKey("register.Household", on_delete=models.RESTRICT, null=True, blank=True, related_name="+")
    revisit = models.ForeignKey(Revisit, on_delete=models.CASCADE, null=True, blank=True, related_name="findings")
    post_check = models.ForeignKey(PostCheck, on_delete=models.CASCADE, null=True, blank=True, related_name="findings")
    about = models.CharField(max_length=40)
    weight = models.PositiveSmallIntegerField()
    words = models.BinaryField(null=True, blank=True)  # sealed: what was found, in words
    found_on = models.DateField()
    found_by = models.CharField(max_length=120)
    # Of an inspection from above: who inspected, its number of the matter, its deadline, the file it came with.
    body = models.CharField(max_length=120, blank=True)
    reference = models.CharField(max_length=60, blank=True)
    due = models.DateField(null=True, blank=True)
    file = models.CharField(max_length=64, blank=True)
    row = models.PositiveIntegerField(null=True, blank=True)
    ruling = models.CharField(max_length=10, blank=True, choices=[(r, r) for r in RULINGS])
    ruled_on = models.DateField(null=True, blank=True)
    ruled_by = models.CharField(max_length=60, blank=True)
    ruling_words = models.BinaryField(null=True, blank=True)  # sealed
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, blank=True, related_name="findings")

    objects = InspectionFindingQuerySet.as_manager()
    of_duty = staticmethod(of_nobody)

    class Meta:
        indexes = [
            models.Index(fields=["path", "ruling"], name="inspection_by_place"),
            models.Index(fields=["body", "reference"], name="inspection_by_reference"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["revisit", "about"], condition=Q(revisit__isnull=False), name="inspection_once"),
            models.UniqueConstraint(
                fields=["post_check", "about"], condition=Q(post_check__isnull=False), name="inspection_once_of_a_post"
            ),
            models.UniqueConstraint(fields=["body", "reference"], condition=Q(origin="above"), name="inspection_once_from_above"),
            models.CheckConstraint(
                condition=(Q(ruling="") & Q(ruled_on=None) & Q(ruled_by=""))
                | (~Q(ruling="") & Q(ruled_on__isnull=False) & ~Q(ruled_by="")),
                name="inspection_ruled_whole",
            ),
            models.CheckConstraint(
                condition=(Q(origin="revisit", revisit__isnull=False, household__isnull=False, post_check=None))
                | Q(origin="post", post_check__isnull=False, revisit=None)
                | (Q(origin="above", revisit=None, post_check=None) & ~Q(body="") & ~Q(reference="")),
                name="inspection_of_its_origin",
            ),
            closed_path("inspectionfinding"),
        ]
