"""Cases: a gap with an owner, a deadline and a proof; its measures, and the story of what happened to it."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from bangfu.cases.deadlines import after_pause
from bangfu.cases.numbers import CASE, number_of_key
from bangfu.command.models import Officer, Pairing, Unit
from bangfu.command.models.base import PublicQuerySet
from bangfu.foundation.actor import Duty
from bangfu.foundation.fields import RecordedNow
from bangfu.foundation.say import Text
from bangfu.register.models.base import Recorded, ScopedQuerySet, closed_path

# --- what is kept as codes

OPEN, PAUSED, IN_EFFECT, TO_VERIFY, SUPPORTED, CLOSED = "open", "paused", "in_effect", "to_verify", "supported", "closed"
STATES = {
    OPEN: Text("办理中", "under way"),
    PAUSED: Text("已暂停", "paused"),
    IN_EFFECT: Text("已落实，待见效", "in place, taking effect"),
    TO_VERIFY: Text("待核验", "to be verified"),
    SUPPORTED: Text("长期帮扶", "long-term support"),
    CLOSED: Text("已销号", "closed"),
}
PENDING = (OPEN, PAUSED, IN_EFFECT, TO_VERIFY)  # neither solved nor on long-term support
RUNNING = (OPEN, TO_VERIFY)  # those whose deadline runs

HELPER, VILLAGE, TOWNSHIP, COUNTY, DEPARTMENT = "helper", "village", "township", "county", "department"
STEPS = {
    HELPER: Text("帮扶责任人", "helper"),
    VILLAGE: Text("村指挥所", "village post"),
    TOWNSHIP: Text("乡镇指挥部", "township post"),
    COUNTY: Text("县级指挥部", "county post"),
    DEPARTMENT: Text("县直部门", "county department"),
}
SEVERITIES = {
    "ordinary": Text("一般", "ordinary"),
    "serious": Text("较重", "serious"),
    "urgent": Text("紧急", "urgent"),
}
SOURCES = {
    "verdict": Text("评定未达标", "unmet verdict"),
    "unknown": Text("逾期未查清", "not known in time"),
    "visit": Text("入户走访", "visit"),
    "feed": Text("部门数据", "department data"),
    "warning": Text("预警", "warning"),
    "self_report": Text("农户自主申报", "self-report"),
    "hotline": Text("热线", "hotline"),
    "spot_check": Text("督导抽查", "spot check"),
    "inspection": Text("上级检查反馈", "inspection from above"),
    "order": Text("指令", "order"),
}
MET, NOT_TRUE, ENDED, TAKEN_OVER, SUPPORT = "met", "not_true", "household_ended", "taken_over", "long_term_support"
RESULTS = {
    MET: Text("已达标（已解决）", "met (solved)"),
    NOT_TRUE: Text("线索经核查不实", "clue checked and not true"),
    ENDED: Text("户已注销或迁出", "household ended or moved"),
    TAKEN_OVER: Text("由其他事项或政策承接", "taken over by another case or scheme"),
    SUPPORT: Text("转长期帮扶", "long-term support"),
}
PAUSES = {
    "season": Text("受季节、气候限制", "the season or the weather"),
    "procedure": Text("等待法定程序", "a procedure that the law demands"),
    "absent": Text("农户暂时外出", "the household is away"),
    "hospital": Text("成员住院治疗", "a member is in hospital"),
    "epidemic": Text("疫情防控", "rules against an epidemic"),
    "other": Text("其他", "another"),
}

CLOSED_WITHOUT = Text("事项已销号", "the case was closed")  # why a measure was dropped that was planned when its case was closed
WORDS = "case.words"  # the purpose under which free words about a household are sealed


def proof() -> models.ForeignKey[Any, Any]:
    """The evidence that shows something, where there is some: no constraint and no index, as the register's own references."""
    return models.ForeignKey(
        "register.Evidence",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        null=True,
        blank=True,
    )


class CaseQuerySet(ScopedQuerySet):
    """Every read of cases begins here."""

    def pending(self) -> Self:
        """Those that are neither closed nor on long-term support."""
        return self.filter(state__in=PENDING)

    def standing(self) -> Self:
        """Those that are not closed: a second one for the same thing is refused."""
        return self.exclude(state=CLOSED)

    def overdue(self, day: date) -> Self:
        """Those whose deadline ran out before a day."""
        return self.filter(state__in=RUNNING, due__lt=day)

    def to_escalate(self, day: date) -> Self:
        """Those that go a step further up on a day."""
        return self.filter(state__in=RUNNING, escalate_on__lte=day)

    def reviews_due(self, day: date) -> Self:
        """Households on long-term support that are to be looked at again."""
        return self.filter(state=SUPPORTED, review_on__lte=day)

    def of_helper(self, user: int | None, day: date) -> Self:
        """Those that lie with a helper of a user: of the households for whom they are the principal."""
        held = Pairing.objects.principals().on(day).filter(helper__officer__user=user).values("household")
        return self.filter(step=HELPER, household__in=held)

    def without_measure(self) -> Self:
        """Those for which nothing is planned or done."""
        return self.exclude(models.Exists(Measure.objects.filter(case=models.OuterRef("pk")).exclude(state="dropped")))


class Case(Recorded):
    """A gap of a household (or, without one, of a place), from the day it was found to the day somebody else verified that it is closed.

    `kind` is a name of the policy pack's section `cases`; `subject` tells two matters of one kind apart (a ticket, a place). At most one case
    of a household, kind and subject stands at a time. `step` is where it lies on the chain: who that is follows from the chain of the day.
    """

    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, null=True, blank=True, related_name="cases")
    kind = models.CharField(max_length=24)
    subject = models.CharField(max_length=60, blank=True)
    severity = models.CharField(max_length=10, choices=[(k, k) for k in SEVERITIES])
    source = models.CharField(max_length=12, choices=[(k, k) for k in SOURCES])
    source_reference = models.CharField(max_length=60, blank=True)
    reasons = ArrayField(models.CharField(max_length=60), null=True, blank=True)
    values = models.JSONField(null=True, blank=True)
    words = models.BinaryField(null=True, blank=True)  # sealed
    opened_on = models.DateField()
    opened_by = models.BigIntegerField(null=True, blank=True)
    opened_name = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=[(s, s) for s in STATES], default=OPEN)
    step = models.CharField(max_length=10, choices=[(s, s) for s in STEPS])
    unit = models.ForeignKey(Unit, on_delete=models.RESTRICT, null=True, blank=True, related_name="+")
    due = models.DateField()
    escalate_on = models.DateField(null=True, blank=True)  # None: nobody is above
    escalated = models.PositiveSmallIntegerField(default=0)
    paused_on = models.DateField(null=True, blank=True)
    paused_until = models.DateField(null=True, blank=True)
    pause_reason = models.CharField(max_length=12, blank=True)
    effect_until = models.DateField(null=True, blank=True)
    claim_result = models.CharField(max_length=20, blank=True)
    claim_words = models.BinaryField(null=True, blank=True)  # sealed
    claim_reference = models.CharField(max_length=120, blank=True)
    claim_change = models.JSONField(
        default=dict
    )  # of a household that ended: {reason, day}, made in the register once it is verified
    claim_evidence = proof()
    claim_file = models.CharField(max_length=64, blank=True)
    claimed_on = models.DateField(null=True, blank=True)
    claimed_by = models.BigIntegerField(null=True, blank=True)
    claimed_name = models.CharField(max_length=60, blank=True)
    claimed_at = models.CharField(max_length=80, blank=True)  # the path where the claimant stands in the matter
    result = models.CharField(max_length=20, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    verified_by = models.BigIntegerField(null=True, blank=True)
    verified_name = models.CharField(max_length=60, blank=True)
    review_on = models.DateField(null=True, blank=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    merged_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="merged")

    objects = CaseQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["path", "state", "id"], name="case_place_state"),
            models.Index(fields=["state", "escalate_on"], name="case_escalates"),
            models.Index(fields=["household", "kind"], name="case_of_household"),
            models.Index(fields=["path", "due", "id"], name="case_place_due"),
        ]
        constraints = [
            closed_path("case"),
            models.UniqueConstraint(
                fields=["household", "kind", "subject"], condition=~Q(state=CLOSED), name="case_one_for_the_same_thing"
            ),
            models.UniqueConstraint(
                fields=["path", "kind", "subject"],
                condition=~Q(state=CLOSED) & Q(household=None),
                name="case_one_of_a_place",
            ),
            models.CheckConstraint(
                condition=(Q(state=CLOSED) & Q(closed_on__isnull=False) & ~Q(result="")) | (~Q(state=CLOSED) & Q(closed_on=None)),
                name="case_closed_whole",
            ),
            models.CheckConstraint(
                condition=Q(verified_by=None) | Q(claimed_by=None) | ~Q(verified_by=models.F("claimed_by")),
                name="case_verified_by_another",
            ),
            models.CheckConstraint(condition=~Q(state=PAUSED) | ~Q(pause_reason=""), name="case_paused_with_a_reason"),
            models.CheckConstraint(condition=~Q(state=SUPPORTED) | Q(review_on__isnull=False), name="case_support_is_reviewed"),
            models.CheckConstraint(condition=~Q(state=TO_VERIFY) | ~Q(claim_result=""), name="case_claim_has_a_result"),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Cases of the households of a duty."""
        return Q(household__in=duty.households)

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What people call it by: `2020-000123`, the year in which it was opened and its key."""
        return number_of_key(CASE, self.opened_on.year, self.pk)

    def due_on(self, day: date) -> date:
        """The deadline as it stands on a day: of a case whose clock stands still it moves with every day of the pause, and is kept when the pause ends."""
        if self.state != PAUSED or self.paused_on is None:
            return self.due
        return after_pause(self.due, self.paused_on, max(day, self.paused_on))

    def late(self, day: date) -> int:
        """Days since the deadline ran out; 0 where it has not, or does not run."""
        return max(0, (day - self.due).days) if self.state in RUNNING else 0


PLANNED, DONE, DROPPED = "planned", "done", "dropped"


class Measure(Recorded):
    """Something that is planned, then done, about a case: of a family of the national form, with cost, programme and evidence."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="measures")
    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    family = models.CharField(max_length=24)
    title = models.CharField(max_length=120)
    programme = models.CharField(max_length=60, blank=True)
    cost_fen = models.BigIntegerField(null=True, blank=True)
    planned_on = models.DateField()
    planned_by = models.CharField(max_length=60)
    due = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=[(s, s) for s in (PLANNED, DONE, DROPPED)], default=PLANNED)
    done_on = models.DateField(null=True, blank=True)
    done_by = models.CharField(max_length=60, blank=True)
    evidence = proof()
    file = models.CharField(max_length=64, blank=True)
    dropped_because = models.CharField(max_length=120, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path", "state"], name="measure_place_state")]
        constraints = [
            closed_path("measure"),
            models.CheckConstraint(condition=~Q(state=DONE) | Q(done_on__isnull=False), name="measure_done_on_a_day"),
            models.CheckConstraint(condition=Q(cost_fen=None) | Q(cost_fen__gte=0), name="measure_costs_something"),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Measures of the cases of a duty."""
        return Q(household__in=duty.households)


EVENTS = {
    "opened": Text("立项", "opened"),
    "changed": Text("情况有变", "the gap changed"),
    "deadline": Text("另定期限", "deadline set by hand"),
    "severity": Text("调整严重程度", "severity changed"),
    "note": Text("记录", "note"),
    "escalated": Text("逾期上报", "escalated"),
    "handed_over": Text("移交", "handed over"),
    "referred": Text("转交部门", "referred"),
    "returned": Text("部门退回", "referred back"),
    "paused": Text("暂停", "paused"),
    "resumed": Text("恢复办理", "resumed"),
    "planned": Text("计划措施", "measure planned"),
    "done": Text("落实措施", "measure done"),
    "dropped": Text("取消措施", "measure dropped"),
    "in_effect": Text("进入见效期", "taking effect"),
    "effect_over": Text("见效期满", "time to take effect is over"),
    "claimed": Text("申请销号", "closing asked for"),
    "withdrawn": Text("撤回申请", "claim withdrawn"),
    "refused": Text("退回重办", "closing refused"),
    "closed": Text("核验销号", "verified and closed"),
    "supported": Text("转长期帮扶", "long-term support"),
    "reviewed": Text("长期帮扶复核", "support reviewed"),
    "reopened": Text("重新立项", "re-opened"),
    "merged": Text("合并", "merged"),
    "took_over": Text("承接另一事项", "took another case over"),
    "sheet": Text("收到办理表", "signed sheet filed"),
}
SHEET = "sheet"  # the event that keeps the printed sheet of a case, come back signed: `detail` names file, pages, missing


class CaseEvent(models.Model):
    """One step of a case's story: what happened, on which day, by whom, and the words they gave. Append-only (a trigger holds it)."""

    path = models.CharField(max_length=80, db_collation="C")
    recorded_at = models.DateTimeField(db_default=RecordedNow(), editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=12)
    day = models.DateField()
    user = models.BigIntegerField(null=True, blank=True)
    actor = models.CharField(max_length=60)
    words = models.BinaryField(null=True, blank=True)  # sealed
    detail = models.JSONField(null=True, blank=True)  # codes, days and names of offices; nothing of a person
    evidence = proof()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["case", "id"], name="event_of_case"),
            models.Index(fields=["path", "day"], name="event_place_day"),
        ]
        constraints = [closed_path("caseevent")]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Events of the cases of a duty."""
        return Q(household__in=duty.households)

    @property
    def title(self) -> Text:
        """What happened."""
        return EVENTS.get(self.kind, Text(self.kind, self.kind))


class Kinship(Recorded):
    """Two officers who are relatives, as one of them or somebody above declared: neither verifies or votes on what the other claims.
    Relatives of a household are declared as avoidances of command."""

    officer = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="+")
    relative = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="+")
    relation = models.CharField(max_length=40)
    actor = models.CharField(max_length=60)

    objects = PublicQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["officer", "relative"], name="kinship_once"),
            models.CheckConstraint(condition=Q(officer__lt=models.F("relative")), name="kinship_in_one_order"),
            closed_path("kinship"),
        ]
