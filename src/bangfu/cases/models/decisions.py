"""Decisions about a household or a village: their steps as they were frozen at the beginning, papers, notices with objections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value

from bangfu.cases.models.cases import Case, proof
from bangfu.cases.numbers import DECISION, NOTICE, number_of_key
from bangfu.foundation.actor import Duty
from bangfu.foundation.fields import RecordedNow
from bangfu.foundation.say import Text
from bangfu.register.models.base import Recorded, ScopedQuerySet, closed_path

RUNNING, DECIDED, REFUSED, WITHDRAWN = "running", "decided", "refused", "withdrawn"
DECISION_STATES = {
    RUNNING: Text("办理中", "under way"),
    DECIDED: Text("已认定", "decided"),
    REFUSED: Text("不予认定", "refused"),
    WITHDRAWN: Text("已撤回", "withdrawn"),
}
PASSED, SENT_BACK, STOPPED, TAKEN_BACK = "passed", "sent_back", "refused", "withdrawn"
OUTCOMES = {
    PASSED: Text("通过", "passed"),
    SENT_BACK: Text("退回", "sent back"),
    STOPPED: Text("不予认定", "refused"),
    TAKEN_BACK: Text("已撤回", "withdrawn"),
}
ORIGINS = {
    "self_report": Text("农户申请", "application by the household"),
    "visit": Text("干部走访排查", "visit by cadres"),
    "feed": Text("部门筛查预警", "screening by departments"),
    "screening": Text("系统评定建议", "proposed by screening"),
    "order": Text("上级安排", "order from above"),
}


class DecisionQuerySet(ScopedQuerySet):
    """Every read of decisions begins here."""

    def running(self) -> Self:
        """Those that nobody has ended."""
        return self.filter(state=RUNNING)

    def at(self, key: str, values: Sequence[str]) -> Self:
        """Those under way whose next step has one of some values of a key: `by` which level it is done, which `act` it is."""
        step = Func(F("steps"), F("place"), template="(%(expressions)s)", arg_joiner=" -> ", output_field=models.JSONField())
        said = Func(step, Value(key), template="(%(expressions)s)", arg_joiner=" ->> ", output_field=models.TextField())
        name = f"_{key}"
        return self.running().alias(**{name: said}).filter(**{f"{name}__in": list(values)})

    def late(self, day: date) -> Self:
        """Those whose step, or whose whole, ran out before a day."""
        return self.running().filter(Q(step_due__lt=day) | Q(due__lt=day))


class Decision(Recorded):
    """Something that is decided about a household (or, without one, about a village) step by step.

    `kind` is a name of the pack's section `decisions`. `steps` is what the pack said on the day it began: a list of
    `{step, by, act, documents, people, other_than, after, quorum, majority, limit}`; what the pack says later changes other decisions only.
    `place` counts the steps that are done; the step at it is the next one.
    """

    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, null=True, blank=True, related_name="decisions")
    kind = models.CharField(max_length=24)
    origin = models.CharField(max_length=12, choices=[(k, k) for k in ORIGINS])
    proposal = models.CharField(max_length=40, blank=True)
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, blank=True, related_name="decisions")
    pack = models.CharField(max_length=60)
    steps = models.JSONField()
    notice_days = models.PositiveSmallIntegerField(null=True, blank=True)
    objection_days = models.PositiveSmallIntegerField(null=True, blank=True)
    place = models.PositiveSmallIntegerField(default=0)
    step_entered = models.DateField()
    step_due = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=[(s, s) for s in DECISION_STATES], default=RUNNING)
    opened_on = models.DateField()
    opened_by = models.BigIntegerField(null=True, blank=True)
    opened_name = models.CharField(max_length=60)
    words = models.BinaryField(null=True, blank=True)  # sealed
    due = models.DateField(null=True, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    sets = models.JSONField(default=dict)  # field → code: what the register is told once it is decided
    facts = models.JSONField(default=dict)  # what a step found: risks, rate and facilities of a village
    refusal = models.BinaryField(null=True, blank=True)  # sealed: the reason that the household is told
    told_on = models.DateField(null=True, blank=True)
    told_how = models.CharField(max_length=40, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["path", "state", "id"], name="decision_place_state"),
            models.Index(fields=["household", "kind"], name="decision_of_household"),
        ]
        constraints = [
            closed_path("decision"),
            models.UniqueConstraint(fields=["household", "kind"], condition=Q(state=RUNNING), name="decision_one_running"),
            models.UniqueConstraint(
                fields=["path", "kind"], condition=Q(state=RUNNING) & Q(household=None), name="decision_one_of_a_village"
            ),
            models.CheckConstraint(condition=~Q(state=REFUSED) | Q(refusal__isnull=False), name="decision_refused_with_a_reason"),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Decisions about the households of a duty."""
        return Q(household__in=duty.households)

    @property
    def number(self) -> str:
        """What people call it by: `D2020-000045`."""
        return number_of_key(DECISION, self.opened_on.year, self.pk)

    @property
    def present(self) -> dict[str, Any] | None:
        """The next step; None where all are done or it has ended."""
        if self.state in (REFUSED, WITHDRAWN) or self.place >= len(self.steps):
            return None
        found: dict[str, Any] = self.steps[self.place]
        return found


class StepDone(models.Model):
    """A step that was done, sent back or with which it ended: by whom, at which place, with whom, on which day. Append-only."""

    path = models.CharField(max_length=80, db_collation="C")
    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="done")
    step = models.CharField(max_length=24)
    place = models.PositiveSmallIntegerField()
    entered_on = models.DateField()
    due = models.DateField(null=True, blank=True)
    day = models.DateField()
    outcome = models.CharField(max_length=10, choices=[(o, o) for o in OUTCOMES])
    user = models.BigIntegerField(null=True, blank=True)
    actor = models.CharField(max_length=60)
    stands = models.CharField(max_length=80)
    together = ArrayField(models.BigIntegerField(), default=list)  # officers who did it together
    words = models.BinaryField(null=True, blank=True)  # sealed
    facts = models.JSONField(default=dict)
    evidence = proof()
    recorded_at = models.DateTimeField(db_default=RecordedNow(), editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["decision", "id"], name="stepdone_of_decision")]
        constraints = [closed_path("stepdone")]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Steps of decisions about the households of a duty."""
        return Q(household__in=duty.households)


class Paper(Recorded):
    """A paper of a step: which document of the pack it is, the kept file, how many pages, and who handed it in. One that was replaced stays."""

    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="papers")
    step = models.CharField(max_length=24)
    document = models.CharField(max_length=24)
    file = models.CharField(max_length=64)
    pages = models.PositiveSmallIntegerField(default=1)
    missing = ArrayField(models.PositiveSmallIntegerField(), default=list)
    day = models.DateField()
    actor = models.CharField(max_length=60)
    replaced = models.BooleanField(default=False)
    evidence = proof()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["decision", "document"], name="paper_of_decision")]
        constraints = [closed_path("paper")]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Papers of decisions about the households of a duty."""
        return Q(household__in=duty.households)


class NoticeQuerySet(ScopedQuerySet):
    """Every read of notices begins here."""

    def open(self) -> Self:
        """Those that hang, or are to be taken down."""
        return self.filter(closed_on=None)


class Notice(Recorded):
    """A public notice about decisions of one kind and step in a village: what may be published and nothing else, from day to day."""

    kind = models.CharField(max_length=24)
    step = models.CharField(max_length=24)
    starts_on = models.DateField()
    ends_on = models.DateField()  # the last day on which it hangs
    lines = models.JSONField()  # [{decision, group, head, members, category}]: what may be published
    office = models.CharField(max_length=80)
    telephone = models.CharField(max_length=40, blank=True)
    first_photo = models.CharField(max_length=64, blank=True)
    last_photo = models.CharField(max_length=64, blank=True)
    first_photo_on = models.DateField(null=True, blank=True)  # the days on which they were handed in
    last_photo_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    actor = models.CharField(max_length=60)
    decisions = models.ManyToManyField(Decision, related_name="notices", through="Noticed")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path", "ends_on"], name="notice_place_end")]
        constraints = [
            closed_path("notice"),
            models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="notice_lasts"),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """A notice is public: whoever sees the place reads it."""
        return Q(pk__in=[])

    @property
    def number(self) -> str:
        """What people call it by: `N2020-000007`."""
        return number_of_key(NOTICE, self.starts_on.year, self.pk)

    def days(self) -> int:
        """The days on which it hangs, the first and the last counted."""
        return (self.ends_on - self.starts_on).days + 1


class Noticed(models.Model):
    """A decision that a notice tells of. Sent back, refused or taken back, its line is withdrawn, with the reason."""

    path = models.CharField(max_length=80, db_collation="C")
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="+")
    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="+")
    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    withdrawn_on = models.DateField(null=True, blank=True)
    withdrawn_why = models.BinaryField(null=True, blank=True)  # sealed

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "decision"], name="noticed_once"), closed_path("noticed")]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Of the households of a duty."""
        return Q(household__in=duty.households)


class Objection(Recorded):
    """What somebody says against a decision while it is on notice: checked and answered before the decision goes on."""

    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="objections")
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="objections")
    raised_on = models.DateField()
    anonymous = models.BooleanField(default=False)
    who = models.BinaryField(null=True, blank=True)  # sealed
    words = models.BinaryField()  # sealed
    due = models.DateField()
    upheld = models.BooleanField(null=True, blank=True)
    answer = models.BinaryField(null=True, blank=True)  # sealed
    answered_on = models.DateField(null=True, blank=True)
    answered_by = models.BigIntegerField(null=True, blank=True)
    answered_name = models.CharField(max_length=60, blank=True)
    actor = models.CharField(max_length=60)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path", "due"], name="objection_place_due")]
        constraints = [
            closed_path("objection"),
            models.CheckConstraint(
                condition=Q(answered_on=None, upheld=None)
                | Q(answered_on__isnull=False, upheld__isnull=False, answer__isnull=False),
                name="objection_answered_whole",
            ),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Objections to decisions about the households of a duty."""
        return Q(household__in=duty.households)
