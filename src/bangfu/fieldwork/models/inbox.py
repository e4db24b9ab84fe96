"""The inbox: submissions as they came, their files, what became of them; visits, and values that contradict each other.

A submission is evidence: its content never changes. What changes is its state.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value

from bangfu.accounts.models import User
from bangfu.fieldwork.facts import MODES
from bangfu.fieldwork.instance import Instance, read_instance
from bangfu.fieldwork.models.devices import Device
from bangfu.foundation.actor import Actor, Duty
from bangfu.foundation.fields import RecordedNow
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt, decrypt_bytes
from bangfu.register.models import Household
from bangfu.register.models.base import ScopedQuerySet, closed_path

LONGEST = 249
PAYLOAD, WORDS, VALUE = "submission.payload", "visit.words", "conflict.value"
INCOMPLETE, WAITING, APPLIED, KEPT, STUCK, REPLACED, DROPPED = (
    "incomplete", "waiting", "applied", "kept", "stuck", "replaced", "dropped",
)  # fmt: skip
STATES = {
    INCOMPLETE: Text("附件未齐", "files still to come"),
    WAITING: Text("待办理", "waiting"),
    APPLIED: Text("已入登记", "in the register"),
    KEPT: Text("已存", "kept"),
    STUCK: Text("需要处理", "stuck"),
    REPLACED: Text("已被更正", "replaced by a correction"),
    DROPPED: Text("不采用", "set aside"),
}
CAME_BY = {
    "phone": Text("手机", "phone"),
    "api": Text("接口", "programme"),
    "packet": Text("数据包", "packet"),
    "page": Text("网页", "page"),
    "demo": Text("演示", "demo"),
}


class SubmissionQuerySet(ScopedQuerySet):
    """Every read of submissions begins here."""

    def visible_to(self, actor: Actor) -> Self:
        """One's own, and those of the scope and duty."""
        own = Q(user=actor.user_id) if actor.user_id else Q(pk__in=[])
        if not actor.scope or not actor.may("household.read"):
            return self.filter(own)
        there = Q(path__gte=actor.scope, path__lt=actor.scope + "~")
        if actor.duty is not None:
            there &= Q(household__in=actor.duty.households)
            for path in actor.duty.paths:
                there |= Q(path__gte=path, path__lt=path + "~")
        return self.filter(own | there)

    def in_state(self, *states: str) -> Self:
        """Those in any of some states."""
        return self.filter(state__in=states)


class Submission(models.Model):
    """A form as it was filled in and sent, once and for all.

    `digest` is the keyed hash of its XML, which is its `content`. `deprecates` names the instance that it takes the place of. `path` is the worker's place until the household is known. `problem` says why it is stuck: number and words.
    """

    path = models.CharField(max_length=80, db_collation="C")
    instance = models.CharField(max_length=LONGEST, unique=True)
    form = models.CharField(max_length=LONGEST)
    version = models.CharField(max_length=LONGEST, blank=True)
    deprecates = models.CharField(max_length=LONGEST, blank=True)
    digest = models.BinaryField(max_length=16)
    came_by = models.CharField(max_length=10, choices=[(c, c) for c in CAME_BY])
    # Without a constraint: to hold it, every submission of an evening would lock the row of its device and its user. The door has just read both.
    device = models.ForeignKey(
        Device, on_delete=models.SET_NULL, null=True, db_index=False, db_constraint=False, related_name="+"
    )
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, db_index=False, db_constraint=False, related_name="+")
    worker = models.CharField(max_length=60)  # the name, also where the account is gone or of another county's data
    phone = models.CharField(max_length=LONGEST, blank=True)
    received_at = models.DateTimeField(db_default=RecordedNow())
    state = models.CharField(max_length=10, choices=[(s, s) for s in STATES])
    household = models.ForeignKey(Household, on_delete=models.RESTRICT, null=True, db_index=False, related_name="+")
    day = models.DateField(null=True)
    evidence = models.BigIntegerField(null=True)
    problem = models.JSONField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=60, blank=True)
    released = models.BooleanField(
        default=False
    )  # a post has said that it is to be applied though it is not of the worker's duty
    keys_here = models.BooleanField(db_default=True, default=True)  # versions and members in it are those of this register
    recorded_from = models.DateTimeField(db_default=RecordedNow(), editable=False)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        constraints = [closed_path("submission")]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="waiting"), name="submission_waiting"),
            models.Index(fields=["path", "-id"], name="submission_by_place"),
            models.Index(fields=["household", "-id"], name="submission_of_household"),
            models.Index(fields=["user", "-id"], name="submission_of_user"),
            models.Index(fields=["device", "id"], name="submission_of_device"),
            models.Index(fields=["form", "id"], name="submission_of_form"),
            models.Index(fields=["deprecates"], condition=~Q(deprecates=""), name="submission_deprecates"),
        ]

    def __str__(self) -> str:
        return self.instance

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Submissions about the households of a duty."""
        return Q(household__in=duty.households)

    @property
    def xml(self) -> bytes:
        """What was sent, in the clear."""
        return decrypt_bytes(bytes(self.content.payload), PAYLOAD)

    @cached_property
    def read(self) -> Instance:
        """Its answers."""
        return read_instance(self.xml)

    @property
    def state_title(self) -> Text:
        """The state as people read it."""
        return STATES[self.state]


class Content(models.Model):
    """The XML of a submission, encrypted. Apart from its state, which has a history."""

    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, primary_key=True, related_name="content")
    payload = models.BinaryField()


class SubmissionFile(models.Model):
    """A photograph, a signature, a voice: kept encrypted under the hash of its content. The place it was taken at is not in it but in `place`."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="files")
    path = models.CharField(max_length=80, db_collation="C")
    household_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=120)
    file = models.CharField(max_length=64)
    kind = models.CharField(max_length=40)  # by its content
    size = models.PositiveIntegerField()
    likeness = models.BigIntegerField(null=True)  # of a picture: what it looks like, in 64 bits (`pictures.likeness`)
    place = models.BinaryField(null=True)  # latitude, longitude and time of the picture, encrypted
    received_at = models.DateTimeField(db_default=RecordedNow())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["submission", "name"], name="submission_file_once")]


class VisitLedger(models.Model):
    """A list of visits that was kept on paper or in a spreadsheet and came as one file (走访台账)."""

    path = models.CharField(max_length=80, db_collation="C")
    name = models.CharField(max_length=120)
    digest = models.BinaryField(max_length=32)
    rows = models.PositiveIntegerField()  # visits that it brought; those that were there already are not among them
    actor = models.CharField(max_length=60)
    recorded_from = models.DateTimeField(db_default=RecordedNow(), editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [closed_path("visitledger")]
        indexes = [models.Index(fields=["path", "-id"], name="ledger_by_place")]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """A ledger is of an area, not of a household: nobody reads it by duty."""
        return Q(pk__in=[])


class Visit(models.Model):
    """A household was visited: on which day, how, by whom, who answered, whether it is away, and what was talked about.

    It comes from a submission or from a line of a ledger. `present` are the officers who were there, whoever led first.
    """

    path = models.CharField(max_length=80, db_collation="C")
    household = models.ForeignKey(Household, on_delete=models.RESTRICT, related_name="+")
    submission = models.OneToOneField(Submission, on_delete=models.RESTRICT, null=True, related_name="visit")
    ledger = models.ForeignKey(VisitLedger, on_delete=models.RESTRICT, null=True, related_name="visits")
    day = models.DateField()
    source = models.CharField(max_length=16)
    mode = models.CharField(max_length=12, choices=[(m, m) for m in MODES])
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    worker = models.CharField(max_length=60)
    leader = models.BooleanField(null=True)  # whether the leading cadre was there
    answered = models.CharField(max_length=12, blank=True)
    away = models.BooleanField(default=False)
    contact = models.DateField(null=True)
    words = models.BinaryField(null=True)  # who answered, who reaches them, what was talked about, encrypted
    signed = models.CharField(max_length=12, blank=True)  # on_phone, paper, link, proxy; blank: not yet
    questions = models.PositiveSmallIntegerField(default=0)  # asked
    present = ArrayField(
        models.BigIntegerField(), default=list, db_default=Value([], output_field=ArrayField(models.BigIntegerField()))
    )
    began_at = models.DateTimeField(null=True)
    minutes = models.PositiveSmallIntegerField(null=True)  # that it took
    pattern = models.BigIntegerField(null=True)  # a keyed hash of the answers from lists: the same answers, the same number
    recorded_from = models.DateTimeField(db_default=RecordedNow(), editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            closed_path("visit"),
            models.CheckConstraint(
                condition=Q(submission=None, ledger__isnull=False) | Q(submission__isnull=False, ledger=None),
                name="visit_came_one_way",
            ),
            models.UniqueConstraint(fields=["household", "day"], condition=Q(submission=None), name="visit_of_ledgers_once"),
        ]
        indexes = [
            models.Index(fields=["household", "-day"], name="visit_of_household"),
            models.Index(fields=["path", "-day"], name="visit_by_place"),
            models.Index(fields=["day"], name="visit_by_day"),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Visits to the households of a duty."""
        return Q(household__in=duty.households)

    @property
    def told(self) -> dict[str, str]:
        """Who answered, who reaches them, what was talked about, in the clear."""
        clear = decrypt(self.words, WORDS)
        return json.loads(clear) if clear else {}


class Conflict(models.Model):
    """A value that a submission tells and that the register has otherwise since: both are kept until somebody chooses one.

    `told`, `held` and `base` are encrypted: what the submission tells, what the register has, and what its worker had before them.
    """

    path = models.CharField(max_length=80, db_collation="C")
    household = models.ForeignKey(Household, on_delete=models.RESTRICT, related_name="+")
    submission = models.ForeignKey(Submission, on_delete=models.RESTRICT, related_name="conflicts")
    person = models.BigIntegerField(null=True)
    fact = models.CharField(max_length=60)
    told = models.BinaryField()
    held = models.BinaryField()
    day = models.DateField()  # of the submission's statement
    held_on = models.DateField()  # of the evidence behind the register's value
    held_evidence = models.BigIntegerField()
    chosen = models.CharField(max_length=8, blank=True)  # told, held; blank: still open
    chosen_by = models.CharField(max_length=60, blank=True)
    chosen_at = models.DateTimeField(null=True)
    reason = models.BinaryField(null=True)
    recorded_from = models.DateTimeField(db_default=RecordedNow(), editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            closed_path("conflict"),
            models.CheckConstraint(
                condition=(Q(chosen="") & Q(chosen_at=None)) | (~Q(chosen="") & Q(chosen_at__isnull=False)),
                name="conflict_chosen_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["path", "id"], condition=Q(chosen=""), name="conflict_open"),
            models.Index(fields=["submission"], name="conflict_of_submission"),
            models.Index(fields=["household"], name="conflict_of_household"),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> Q:
        """Conflicts about the households of a duty."""
        return Q(household__in=duty.households)

    @property
    def why(self) -> str:
        """The reason that was given for the choice."""
        return decrypt(self.reason, WORDS) or ""

    def value(self, which: str) -> Any:
        """One of the two values (`told`, `held`), in the clear."""
        clear = decrypt(getattr(self, which), VALUE)
        return None if clear is None else json.loads(clear)
