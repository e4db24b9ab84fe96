"""Meetings of appraisal and triage: who is entitled and present, what is on the agenda, who keeps away, how it was voted."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from bangfu.cases.models.cases import Case
from bangfu.cases.models.decisions import Decision
from bangfu.cases.numbers import MEETING, number_of_key
from bangfu.command.models import Officer
from bangfu.foundation.actor import Duty
from bangfu.foundation.say import Text
from bangfu.register.models.base import Recorded, ScopedQuerySet, closed_path

PLANNED, HELD, CANCELLED = "planned", "held", "cancelled"
MEETING_STATES = {
    PLANNED: Text("待召开", "to be held"),
    HELD: Text("已召开", "held"),
    CANCELLED: Text("已取消", "cancelled"),
}
MEETING_KINDS = {
    "appraisal": Text("民主评议会", "appraisal meeting"),
    "triage": Text("线索研判会", "triage of clues"),
    "review": Text("审核会", "review meeting"),
}
HANDS, SECRET = "hands", "secret"
VOTES = {HANDS: Text("举手表决", "by hands"), SECRET: Text("无记名投票", "by secret vote")}


class MeetingQuerySet(ScopedQuerySet):
    """Every read of meetings begins here."""

    def to_be_held(self) -> Self:
        """Those that are planned."""
        return self.filter(state=PLANNED)


class Meeting(Recorded):
    """A meeting of a village, township or the county. `entitled` is how many may attend and vote; `quorum` how many of them have to be there."""

    kind = models.CharField(max_length=12, choices=[(k, k) for k in MEETING_KINDS])
    day = models.DateField()
    where = models.CharField(max_length=120)
    chair = models.CharField(max_length=60)
    clerk = models.CharField(max_length=60, blank=True)
    entitled = models.PositiveSmallIntegerField()
    quorum = models.PositiveSmallIntegerField()
    vote = models.CharField(max_length=8, choices=[(v, v) for v in VOTES], default=HANDS)
    state = models.CharField(max_length=10, choices=[(s, s) for s in MEETING_STATES], default=PLANNED)
    minutes = models.CharField(max_length=64, blank=True)  # the signed minutes, as a kept file
    cancelled_why = models.CharField(max_length=200, blank=True)
    actor = models.CharField(max_length=60)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path", "day"], name="meeting_place_day")]
        constraints = [
            closed_path("meeting"),
            models.CheckConstraint(condition=Q(quorum__lte=models.F("entitled")), name="meeting_quorum_of_the_entitled"),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Nobody's duty: whoever sees the place reads it."""
        return Q(pk__in=[])

    @property
    def number(self) -> str:
        """What people call it by: `M2020-000003`."""
        return number_of_key(MEETING, self.day.year, self.pk)


class Present(Recorded):
    """Somebody who attended: an officer, or a villager by name. `votes` is False of those who only listen."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="present")
    officer = models.ForeignKey(Officer, on_delete=models.RESTRICT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=60)
    role = models.CharField(max_length=60, blank=True)
    votes = models.BooleanField(default=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "name"], name="present_once"), closed_path("present")]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Nobody's duty."""
        return Q(pk__in=[])


class Item(Recorded):
    """An item of the agenda: a decision at its step, or a case. Once voted: how many for, against and abstaining, who kept away and why."""

    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, null=True, blank=True, related_name="items")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, blank=True, related_name="items")
    place = models.PositiveSmallIntegerField()
    step = models.CharField(max_length=24, blank=True)
    recused = ArrayField(models.BigIntegerField(), default=list)  # keys of those present who keep away
    recused_why = models.JSONField(default=dict)
    in_favour = models.PositiveSmallIntegerField(null=True, blank=True)
    against = models.PositiveSmallIntegerField(null=True, blank=True)
    abstained = models.PositiveSmallIntegerField(null=True, blank=True)
    passed = models.BooleanField(null=True, blank=True)
    words = models.BinaryField(null=True, blank=True)  # sealed: what was said
    voted_after = models.BigIntegerField(
        null=True, blank=True
    )  # key of the step done before it was voted; 0: it stood at another

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__isnull=False, case=None) | Q(decision=None, case__isnull=False), name="item_is_one_matter"
            ),
            models.UniqueConstraint(fields=["meeting", "decision"], name="item_decision_once"),
            models.UniqueConstraint(fields=["meeting", "case"], name="item_case_once"),
            closed_path("item"),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Items about the households of a duty."""
        return Q(household__in=duty.households)
