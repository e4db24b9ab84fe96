"""File checks of a post: the four things that are supervised, item by item."""

from __future__ import annotations

from django.db import models

from bangfu.command.models import Officer, Post
from bangfu.foundation.say import Text
from bangfu.register.models.base import Recorded, closed_path
from bangfu.supervision.models.base import SupervisedQuerySet, of_nobody

GOOD, PARTLY, BAD, NOT_ASKED = "good", "partly", "bad", "not_asked"
ITEM_VERDICTS = {
    GOOD: Text("落实", "in order"),
    PARTLY: Text("部分落实", "partly"),
    BAD: Text("没有落实", "not done"),
    NOT_ASKED: Text("不适用", "does not apply"),
}
ITEM_WORDS = "postcheck.words"


class PostCheck(Recorded):
    """A check of a post on a day: arrangement, responsibility, visits, judgement. `path` is where the post stands."""

    post = models.ForeignKey(Post, on_delete=models.RESTRICT, related_name="checks")
    day = models.DateField()
    examiner = models.ForeignKey(Officer, on_delete=models.RESTRICT, related_name="+")
    user_id = models.BigIntegerField(null=True, blank=True)
    worker = models.CharField(max_length=60)

    objects = SupervisedQuerySet.as_manager()
    of_duty = staticmethod(of_nobody)

    class Meta:
        indexes = [models.Index(fields=["path", "day"], name="postcheck_by_place")]
        constraints = [
            models.UniqueConstraint(fields=["post", "day"], name="postcheck_once_a_day"),
            closed_path("postcheck"),
        ]


class PostCheckItem(Recorded):
    """One item of a check: what the files of the system say of it (`computed`: {zh, en, good}), and what whoever examined says."""

    check_of = models.ForeignKey(PostCheck, on_delete=models.CASCADE, related_name="items")
    item = models.CharField(max_length=40)
    computed = models.JSONField()
    verdict = models.CharField(max_length=10, choices=[(v, v) for v in ITEM_VERDICTS])
    words = models.BinaryField(null=True, blank=True)  # sealed

    objects = SupervisedQuerySet.as_manager()
    of_duty = staticmethod(of_nobody)

    class Meta:
        indexes = [models.Index(fields=["path", "item"], name="postcheckitem_by_place")]
        constraints = [
            models.UniqueConstraint(fields=["check_of", "item"], name="postcheck_item_once"),
            closed_path("postcheckitem"),
        ]
