"""Reports: a difficulty that a household, or somebody on its behalf, or a caller of the hotline tells of; what was handed in with it, and what it was told back."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from bangfu.cases.models import Case
from bangfu.foundation.actor import Duty
from bangfu.foundation.say import Text
from bangfu.register.models.base import Recorded, ScopedQuerySet, closed_path

WEB, HOTLINE = "web", "hotline"
CHANNELS = {WEB: Text("网页自主申报", "self-report"), HOTLINE: Text("热线", "hotline")}
SELF, BEHALF, UNSAID = "self", "behalf", ""
TELLERS = {
    SELF: Text("本户", "the household itself"),
    BEHALF: Text("代人申报", "somebody for it"),
    UNSAID: Text("未说明", "not said"),
}
NEW, MATCHED, CASE, DISMISSED = "new", "matched", "case", "dismissed"
REPORT_STATES = {
    NEW: Text("新收到", "new"),
    MATCHED: Text("已对应到户", "matched to a household"),
    CASE: Text("已立项", "a case"),
    DISMISSED: Text("未立项", "not taken on"),
}
WAITING = (NEW, MATCHED)
# Why a report does not become a case: what the post says, and what the one who reported reads.
DISMISSALS = {
    "told_before": (Text("已申报过，正在办理", "told before and under way"), Text("这件事以前已经申报过，正在办理。", "This was reported before and is being dealt with.")),
    "answered": (Text("当场答复", "answered at once"), Text("已经当面或电话答复。", "It was answered in person or by telephone.")),
    "other_office": (Text("不属帮扶事项，已转告", "for another office"), Text("这件事由其他部门受理，村指挥所会告诉您找谁。", "This is for another office; the village post tells you which.")),
    "not_found": (Text("核对不到人和事", "neither person nor matter found"), Text("没有核对到人和事，请与村指挥所联系。", "Neither the person nor the matter could be found; please get in touch with the village post.")),
    "not_so": (Text("核实后不属实", "checked and not so"), Text("核实后没有立项，请向村指挥所了解。", "It was checked and not taken on; please ask the village post.")),
}  # fmt: skip
VOICE, PHOTO = "voice", "photo"
QUEUED, SENT, FAILED = "queued", "sent", "failed"
TOLD_STATES = {
    QUEUED: Text("待发送", "to be sent"),
    SENT: Text("已发送", "sent"),
    FAILED: Text("没有送达", "not delivered"),
}

REPORT_WORDS = "report.words"  # the purposes under which what people tell is sealed
REPORT_PHONE = "report.phone"
REPORT_CODE = "report.code"  # of the keyed hash of one-time codes


class ReportQuerySet(ScopedQuerySet):
    """Every read of reports begins here."""

    def waiting(self) -> Self:
        """Those that are neither a case nor dismissed."""
        return self.filter(state__in=WAITING)

    def late(self, day: date) -> Self:
        """Those that were to be answered before a day."""
        return self.waiting().filter(answer_by__lt=day)


class Report(Recorded):
    """A report. `path` is that of the village it is for, and of the household once it is matched.

    Sealed: the words, the name of the teller, the telephone number (beside its keyed hash, as the register has it), household and address as they were given.
    `answer_by`: the day by which it is to be a case or dismissed, `settled_on` the day it was. `token` is of the form that was sent, so that a second press of
    the button gives the same receipt; `digest` of the row of a hotline's log. `source` is the keyed hash of the address and the day, for limits; `filed_at` is the
    machine's time. `taken`: the worker has looked whether it fits a household by itself.
    """

    receipt = models.CharField(max_length=14, unique=True)
    channel = models.CharField(max_length=8, choices=[(c, c) for c in CHANNELS])
    teller = models.CharField(max_length=8, blank=True, choices=[(t, t) for t in TELLERS if t])
    words = models.BinaryField(null=True, blank=True)
    name = models.BinaryField(null=True, blank=True)
    phone = models.BinaryField(null=True, blank=True)
    phone_hash = models.BinaryField(max_length=16, null=True, blank=True)
    said_household = models.BinaryField(null=True, blank=True)
    said_address = models.BinaryField(null=True, blank=True)
    household = models.ForeignKey("register.Household", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=24, blank=True)
    state = models.CharField(max_length=10, choices=[(s, s) for s in REPORT_STATES], default=NEW)
    reason = models.CharField(max_length=12, blank=True)
    reason_words = models.BinaryField(null=True, blank=True)
    day = models.DateField()
    answer_by = models.DateField()
    settled_on = models.DateField(null=True, blank=True)
    settled_by = models.CharField(max_length=60, blank=True)
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=2, default="zh")
    token = models.UUIDField(null=True, blank=True, unique=True)
    source = models.BinaryField(max_length=16, null=True, blank=True)
    filed_at = models.DateTimeField()
    digest = models.BinaryField(max_length=16, null=True, blank=True, unique=True)
    taken = models.BooleanField(default=False)

    objects = ReportQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["path", "state", "id"], name="selfreport_place_state"),
            models.Index(fields=["source", "filed_at"], name="selfreport_of_address"),
            models.Index(fields=["phone_hash", "filed_at"], name="selfreport_of_phone"),
            models.Index(fields=["id"], condition=Q(taken=False), name="selfreport_to_take"),
        ]
        constraints = [
            closed_path("selfreport"),
            models.CheckConstraint(condition=~Q(state=CASE) | Q(settled_on__isnull=False), name="selfreport_case_on_a_day"),
            models.CheckConstraint(condition=~Q(state=DISMISSED) | (Q(settled_on__isnull=False) & ~Q(reason="")), name="selfreport_dismissed_why"),
            models.CheckConstraint(condition=~Q(state=MATCHED) | Q(household__isnull=False), name="selfreport_matched_to_one"),
        ]  # fmt: skip

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Reports that were matched to the households of a duty."""
        return Q(household__in=duty.households)

    def __str__(self) -> str:
        return self.receipt

    @property
    def state_title(self) -> Text:
        """The state as people read it."""
        return REPORT_STATES[self.state]

    def late(self, day: date) -> int:
        """Days since it was to be answered; 0 where it is, or need not be yet."""
        return max(0, (day - self.answer_by).days) if self.state in WAITING else 0


class ReportFile(models.Model):
    """A voice or a photograph that was handed in with a report: a kept file, encrypted."""

    path = models.CharField(max_length=80, db_collation="C")
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(max_length=6, choices=[(k, k) for k in (VOICE, PHOTO)])
    file = models.CharField(max_length=64)
    size = models.PositiveIntegerField()

    class Meta:
        constraints = [closed_path("reportfile")]


class ReportMessage(Recorded):
    """What a post told the one who reported, by text message; the worker sends it."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="messages")
    words = models.BinaryField()
    day = models.DateField()
    actor = models.CharField(max_length=60)
    state = models.CharField(max_length=6, choices=[(s, s) for s in TOLD_STATES], default=QUEUED)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(state=QUEUED), name="reportmessage_to_send")]
        constraints = [closed_path("reportmessage")]

    @property
    def state_title(self) -> Text:
        """What became of it."""
        return TOLD_STATES[self.state]


class ReportCode(models.Model):
    """A question where a report stands, and the one-time code that answers it. No page reads or writes this table: three functions of the database do.

    A question about a receipt that is not there has a row too, without a report, so that both are counted and answered alike. `code_hash` is a keyed hash over ticket and
    code, put there by the worker as it sends the code.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, null=True, related_name="+")
    ticket = models.UUIDField(unique=True)
    source = models.BinaryField(max_length=16, null=True)
    asked_at = models.DateTimeField()
    code_hash = models.BinaryField(max_length=16, null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    used = models.BooleanField(default=False)
    handled = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["source", "asked_at"], name="reportcode_of_address"),
            models.Index(fields=["id"], condition=Q(handled=False), name="reportcode_to_send"),
        ]
