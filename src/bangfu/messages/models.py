"""What was told to whom: messages, a receipt per reader and channel, the channels of a county, its rhythm, and where a user is reached."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from bangfu.accounts.models import User
from bangfu.areas.paths import PATH_LENGTH
from bangfu.foundation.fields import RecordedNow
from bangfu.foundation.hiding import stars
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt, encrypt_many

if TYPE_CHECKING:
    from bangfu.foundation.actor import Actor

CONTENT, SETTINGS, WHERE = "message.content", "message.channel", "message.address"  # the purposes of what is encrypted
STATES: dict[str, Text] = {
    "queued": Text("待发", "queued"),
    "held": Text("免打扰时段暂缓", "held"),
    "sending": Text("发送中", "being sent"),
    "sent": Text("已发出", "sent"),
    "delivered": Text("已送达", "delivered"),
    "read": Text("已读", "read"),
    "failed": Text("失败", "failed"),
    "copied": Text("已复制到群", "copied"),
}
OPEN = ("queued", "held", "sending", "failed")  # of a failed one: while another attempt is planned


def closed(name: str) -> models.CheckConstraint:
    """A path ends with its separator."""
    return models.CheckConstraint(condition=Q(path__endswith="/"), name=f"{name}_path_closed")


def _manages(actor: Actor) -> str:
    """Where the actor manages messages: the area at which the role is held, blank for other roles."""
    return (actor.stands or actor.scope) if actor.may("message.manage") else ""


class ChannelQuerySet(models.QuerySet["Channel"]):
    """Every read of channels begins here."""

    def visible_to(self, actor: Actor) -> ChannelQuerySet:
        """Those of the area at which the actor manages messages."""
        at = _manages(actor)
        return self.filter(path__gte=at, path__lt=f"{at}~") if at else self.none()

    def at_work(self) -> ChannelQuerySet:
        """Those that are switched on and whose address was allowed."""
        return self.filter(on=True).exclude(allowed_host="")


class Channel(models.Model):
    """A way out of the house that was set up: a group's robot, an SMS gateway, a mail server, for an area. Settings are encrypted.

    `allowed_host` is the host (with its port) that the county's administrator allowed; nothing is sent to another. `callback` is the
    keyed hash of the secret in the address at which a gateway reports delivery.
    """

    kind = models.CharField(max_length=24)
    name = models.CharField(max_length=60)
    path = models.CharField(max_length=PATH_LENGTH, db_collation="C")
    settings = models.BinaryField()
    allowed_host = models.CharField(max_length=120, default="")
    on = models.BooleanField(default=True)
    callback = models.BinaryField(max_length=16, null=True, unique=True)
    recorded_from = models.DateTimeField(db_default=RecordedNow(), editable=False)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path", "id"], name="channel_by_place")]
        constraints = [closed("channel")]

    def __str__(self) -> str:
        return self.name

    def opened(self) -> dict[str, str]:
        """The settings in clear."""
        found: dict[str, str] = json.loads(decrypt(self.settings, SETTINGS) or "{}")
        return found

    def seal(self, settings: Mapping[str, str]) -> None:
        """Put settings in, encrypted."""
        self.settings = encrypt_many([json.dumps(dict(settings), ensure_ascii=False)], SETTINGS)[0] or b""


class Message(models.Model):
    """Something told once: to users, or to the chat group of an area (`to_group`). Subject and body are encrypted, in both languages.

    `key` names the business event, so that what is told twice is told once. `personal`: it may name a person, so that it leaves the
    house as a notice that there is something to read. `spread`: the worker has given it its receipts of the outer channels.
    """

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=40)
    path = models.CharField(max_length=PATH_LENGTH, db_collation="C")
    content = models.BinaryField()
    deadline = models.DateField(null=True)
    link = models.CharField(max_length=200, default="")
    urgent = models.BooleanField(default=False)
    personal = models.BooleanField(default=False)
    to_group = models.BooleanField(default=False)
    sender = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    sender_name = models.CharField(max_length=60)
    at = models.DateTimeField()
    spread = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["path", "id"], name="message_by_place"),
            models.Index(fields=["id"], condition=Q(spread=False), name="message_to_spread"),
        ]
        constraints = [closed("message")]

    def __str__(self) -> str:
        return self.key

    @property
    def said(self) -> tuple[Text, Text]:
        """Subject and body."""
        raw = json.loads(decrypt(self.content, CONTENT) or "{}")
        return Text(*raw["subject"]), Text(*raw["body"])


def sealed_content(said: list[tuple[Text, Text]]) -> list[bytes]:
    """Subjects and bodies as they are kept."""
    raw = [json.dumps({"subject": [s.zh, s.en], "body": [b.zh, b.en]}, ensure_ascii=False) for s, b in said]
    return [sealed or b"" for sealed in encrypt_many(raw, CONTENT)]


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    """Every read of receipts begins here."""

    def visible_to(self, actor: Actor) -> ReceiptQuerySet:
        """Those of the area at which the actor manages messages; of others nobody's but their own (`of`)."""
        at = _manages(actor)
        return self.filter(path__gte=at, path__lt=f"{at}~") if at else self.of(actor.user_id)

    def of(self, user_id: int | None) -> ReceiptQuerySet:
        """The user's own."""
        return self.filter(user_id=user_id) if user_id is not None else self.none()

    def inbox(self) -> ReceiptQuerySet:
        """Those of the inbox."""
        return self.filter(channel="in_app")

    def unread(self) -> ReceiptQuerySet:
        """Those that nobody has read."""
        return self.filter(read_at=None)


class Receipt(models.Model):
    """How a message fares on one channel with one reader (`user`; blank: the group of the channel `route`).

    `due_at` is by the county's clock: not before it. `retry_at` and `tried_at` are by the machine's, since they concern a real server.
    `letter` is the same for all that went out as one.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="receipts")
    channel = models.CharField(max_length=24)
    route = models.ForeignKey(Channel, on_delete=models.RESTRICT, null=True, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    path = models.CharField(max_length=PATH_LENGTH, db_collation="C")
    state = models.CharField(max_length=10, choices=[(s, s) for s in STATES])
    queued_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, default="")
    provider_key = models.CharField(max_length=80, default="")
    letter = models.UUIDField(null=True)
    digest = models.BooleanField(default=False)
    recorded_from = models.DateTimeField(db_default=RecordedNow(), editable=False)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user"], condition=Q(channel="in_app", read_at=None), name="receipt_unread"),
            models.Index(fields=["state", "id"], condition=Q(state__in=OPEN), name="receipt_open"),
            models.Index(fields=["retry_at"], condition=Q(retry_at__isnull=False), name="receipt_to_retry"),
            models.Index(fields=["sent_at"], condition=Q(digest=True), name="receipt_of_digests"),
            models.Index(fields=["path", "id"], name="receipt_by_place"),
            models.Index(fields=["route", "tried_at"], name="receipt_by_route"),
            models.Index(fields=["provider_key"], condition=~Q(provider_key=""), name="receipt_by_provider"),
        ]
        constraints = [
            closed("receipt"),
            models.UniqueConstraint(fields=["message", "channel", "user", "route"], nulls_distinct=False, name="receipt_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.state}"

    @property
    def state_title(self) -> Text:
        """The state as people read it."""
        return STATES[self.state]


class Address(models.Model):
    """Where a user is reached outside the product, as the user has entered it: a telephone number or an e-mail address, encrypted."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=[("phone", "phone"), ("email", "email")])
    value = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="address_once")]

    def __str__(self) -> str:
        return self.masked

    @property
    def opened(self) -> str:
        """The address in clear."""
        return decrypt(self.value, WHERE) or ""

    @property
    def masked(self) -> str:
        """The address as a page shows it."""
        name, at, host = self.opened.partition("@")
        return f"{stars(name, 1, 0)}{at}{host}" if at else stars(name, 3, 4)


class RhythmQuerySet(models.QuerySet["Rhythm"]):
    """Every read of rhythms begins here."""

    def on(self, day: date) -> RhythmQuerySet:
        """Those in force on a day."""
        return self.filter(valid__contains=day)

    def of(self, user_id: int | None) -> RhythmQuerySet:
        """A user's own; without a user the county's."""
        return self.filter(user__isnull=True) if user_id is None else self.filter(user_id=user_id)


class Rhythm(models.Model):
    """Quiet hours and the time of the digest, for a time: a user's own, or the county's (`user` blank)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    quiet_from = models.TimeField()
    quiet_until = models.TimeField()
    digest_at = models.TimeField()
    valid = DateRangeField()
    source = models.CharField(max_length=200)
    recorded_from = models.DateTimeField(db_default=RecordedNow(), editable=False)

    objects = RhythmQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="rhythm_of_a_user_once",
                expressions=[("user", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
                condition=Q(user__isnull=False),
            ),
            ExclusionConstraint(
                name="rhythm_of_the_county_once",
                expressions=[("valid", RangeOperators.OVERLAPS)],
                condition=Q(user__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quiet_from}–{self.quiet_until}"
