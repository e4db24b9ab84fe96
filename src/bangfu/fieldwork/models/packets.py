"""Partners (stations whose packets are taken and for whom packets are made), the packets that went and came, and what became of each row of them."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from bangfu.fieldwork.models.inbox import LONGEST
from bangfu.fieldwork.sealing import NAME_LENGTH, Card, in_groups
from bangfu.foundation.actor import Actor
from bangfu.foundation.fields import RecordedNow
from bangfu.foundation.say import Text
from bangfu.register.models.base import closed_path

PERMISSION = "packet.exchange"
BELOW, ABOVE = "below", "above"
SIDES = {
    BELOW: Text("下级站点（交来提交，领取表单和名单）", "below (brings submissions, gets forms and lists)"),
    ABOVE: Text("上级站点（收取提交，下发表单和名单）", "above (gets submissions, gives forms and lists)"),
}
OUT, IN = "out", "in"
DIRECTIONS = {OUT: Text("发出", "out"), IN: Text("收到", "in")}
KINDS = {"submissions": Text("提交", "submissions"), "package": Text("表单和名单", "forms and lists")}
SENT, NEW, SAME, OTHER, BROKEN, REFUSED = "sent", "new", "same", "other", "broken", "refused"
OUTCOMES = {
    SENT: Text("已装入", "in the packet"),
    NEW: Text("新收", "new"),
    SAME: Text("已有", "here already"),
    OTHER: Text("同一编号、另一内容，另存", "another content under an id that is here; kept apart"),
    BROKEN: Text("读不了", "cannot be read"),
    REFUSED: Text("不属对方地点，未收", "outside the partner's area; not taken"),
}


class ExchangeQuerySet(models.QuerySet["Partner"]):
    """Every read of partners begins here."""

    def visible_to(self, actor: Actor) -> Self:
        """Those of the actor's area, to whoever may exchange packets."""
        if not actor.scope or not actor.may(PERMISSION):
            return self.none()
        return self.filter(path__gte=actor.scope, path__lt=actor.scope + "~")

    def open(self) -> Self:
        """Those that are trusted still."""
        return self.filter(revoked_at=None)


class Partner(models.Model):
    """Another station: its public keys, who compared their fingerprint, and what it is trusted for.

    `path` is the area whose submissions it may bring (`below`), or the one whose submissions it is given and whose lists it may give (`above`). `arrived` are the
    numbers of our packets that it says it has read.
    """

    path = models.CharField(max_length=80, db_collation="C")
    name = models.CharField(max_length=NAME_LENGTH)
    side = models.CharField(max_length=8, choices=[(s, s) for s in SIDES])
    sealing = models.BinaryField(max_length=32)
    signing = models.BinaryField(max_length=32)
    fingerprint = models.CharField(max_length=40)
    arrived = models.JSONField(default=list)
    trusted_at = models.DateTimeField()
    trusted_by = models.CharField(max_length=60)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=60, blank=True)
    recorded_from = models.DateTimeField(db_default=RecordedNow(), editable=False)

    objects = ExchangeQuerySet.as_manager()

    class Meta:
        constraints = [
            closed_path("partner"),
            models.UniqueConstraint(fields=["fingerprint"], condition=Q(revoked_at=None), name="partner_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def card(self) -> Card:
        """Its card as it was trusted."""
        return Card(self.name, bytes(self.sealing), bytes(self.signing))

    @property
    def groups(self) -> str:
        """Its fingerprint as it is read aloud."""
        return in_groups(self.fingerprint)

    @property
    def side_title(self) -> Text:
        """What it is trusted for, in words."""
        return SIDES[self.side]


class PacketQuerySet(models.QuerySet["Packet"]):
    """Every read of packets begins here."""

    def visible_to(self, actor: Actor) -> Self:
        """Those of the actor's area, to whoever may exchange packets."""
        if not actor.scope or not actor.may(PERMISSION):
            return self.none()
        return self.filter(path__gte=actor.scope, path__lt=actor.scope + "~")


class Packet(models.Model):
    """A packet that was made or read: its number and digest, when and by whom, and what it had. It never changes.

    `number` is the sender's, counted for each recipient; `made_at` the sender's time. `told` are what else there is to say: forms that were or were not
    published, households of its lists, numbers before it that never came. `lists` is the kept file of the lists that a package brought.
    """

    path = models.CharField(max_length=80, db_collation="C")
    partner = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="packets")
    direction = models.CharField(max_length=4, choices=[(d, d) for d in DIRECTIONS])
    kind = models.CharField(max_length=12, choices=[(k, k) for k in KINDS])
    number = models.PositiveIntegerField()
    digest = models.BinaryField(max_length=32)
    size = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    new = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    other = models.PositiveIntegerField(default=0)
    broken = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    told = models.JSONField(default=dict)
    lists = models.CharField(max_length=64, blank=True)
    recorded_from = models.DateTimeField(db_default=RecordedNow(), editable=False)

    objects = PacketQuerySet.as_manager()

    class Meta:
        constraints = [
            closed_path("packet"),
            models.UniqueConstraint(fields=["partner", "direction", "digest"], name="packet_once"),
            models.UniqueConstraint(fields=["partner", "number"], condition=Q(direction="out"), name="packet_numbered_once"),
        ]
        indexes = [models.Index(fields=["path", "-id"], name="packet_by_place")]

    def __str__(self) -> str:
        return f"{self.partner} {self.number}"

    @property
    def kind_title(self) -> Text:
        """What is in it, in words."""
        return KINDS[self.kind]

    @property
    def direction_title(self) -> Text:
        """Whether it went or came."""
        return DIRECTIONS[self.direction]


class PacketRow(models.Model):
    """A submission that was in a packet and what became of it; `kept` is the kept file of another content under an id that is here."""

    packet = models.ForeignKey(Packet, on_delete=models.CASCADE, related_name="rows")
    instance = models.CharField(max_length=LONGEST, blank=True)
    worker = models.CharField(max_length=60)
    outcome = models.CharField(max_length=8, choices=[(o, o) for o in OUTCOMES])
    files = models.PositiveSmallIntegerField(default=0)
    kept = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["instance"], name="packet_row_instance")]

    @property
    def outcome_title(self) -> Text:
        """What became of it, in words."""
        return OUTCOMES[self.outcome]
