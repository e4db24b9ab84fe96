"""Signing later: the signature of a visit, the links by which one is asked for, and contacts with households that are away."""

from __future__ import annotations

import json

from django.db import models

from bangfu.accounts.models import User
from bangfu.fieldwork.models.inbox import Visit
from bangfu.foundation.actor import Duty
from bangfu.foundation.fields import RecordedNow
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt
from bangfu.register.models import Household
from bangfu.register.models.base import ScopedQuerySet, closed_path

SIGNER, CONTACT = "signature.signer", "contact.words"
ON_PHONE, PAPER, LINK, PROXY = "on_phone", "paper", "link", "proxy"
WAYS = {
    ON_PHONE: Text("手机签字", "on the phone"),
    PAPER: Text("纸上签字", "on paper"),
    LINK: Text("链接签字", "by link"),
    PROXY: Text("代签", "by proxy"),
}
REACHED = {
    "phone": Text("电话", "by telephone"),
    "video": Text("视频", "by video"),
    "message": Text("短信、微信", "by message"),
    "met": Text("见面", "in person"),
    "other": Text("经他人转达", "through somebody else"),
}


class Signature(models.Model):
    """A visit was signed: in which way, by whom, and the page or the drawing that shows it.

    `signer` is encrypted: the name, and of a proxy the relation to the household. `file` is a kept file (blank where a name was typed and ticked, and on the
    phone, where it is one of the submission), `kind` its type by content. A correction takes its visit's place and has to be signed anew; the history keeps
    what was signed before.
    """

    path = models.CharField(max_length=80, db_collation="C")
    household = models.ForeignKey(Household, on_delete=models.RESTRICT, related_name="+")
    visit = models.OneToOneField(Visit, on_delete=models.CASCADE, related_name="signature")
    way = models.CharField(max_length=12, choices=[(w, w) for w in WAYS])
    signer = models.BinaryField(null=True)
    file = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=40, blank=True)
    size = models.PositiveIntegerField(default=0)
    signed_at = models.DateTimeField(db_default=RecordedNow())
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    entered_by = models.CharField(max_length=60)  # of a link whoever made it
    recorded_from = models.DateTimeField(db_default=RecordedNow(), editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [closed_path("signature")]

    @staticmethod
    def of_duty(duty: Duty) -> models.Q:
        """Signatures of the households of a duty."""
        return models.Q(household__in=duty.households)

    @property
    def by(self) -> dict[str, str]:
        """Who signed, in the clear: `name`, and of a proxy `relation`."""
        clear = decrypt(self.signer, SIGNER)
        return json.loads(clear) if clear else {}


class SigningLink(models.Model):
    """An address by which a visit can be signed once: the digest of its key, its last day, when it was used or revoked, how often it was tried."""

    path = models.CharField(max_length=80, db_collation="C")
    household = models.ForeignKey(Household, on_delete=models.RESTRICT, related_name="+")
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="links")
    key = models.BinaryField(max_length=32, unique=True)
    expires = models.DateField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    made_by = models.CharField(max_length=60)
    recorded_from = models.DateTimeField(db_default=RecordedNow(), editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            closed_path("signinglink"),
            models.UniqueConstraint(
                fields=["visit"], condition=models.Q(used_at=None, revoked_at=None), name="signing_link_one_open"
            ),
        ]

    @staticmethod
    def of_duty(duty: Duty) -> models.Q:
        """Links of the households of a duty."""
        return models.Q(household__in=duty.households)


class WrongKey(models.Model):
    """A key that opens nothing was shown: from which address (its keyed hash) and when. Kept for an hour, for the limit of tries; no page reads it."""

    address = models.BinaryField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["address", "at"], name="wrong_key_by_address")]


class Contact(models.Model):
    """Somebody reached a household without visiting it: on which day, how; `words` are encrypted (`reached_by`, `words`)."""

    path = models.CharField(max_length=80, db_collation="C")
    household = models.ForeignKey(Household, on_delete=models.RESTRICT, related_name="+")
    day = models.DateField()
    way = models.CharField(max_length=12, choices=[(w, w) for w in REACHED])
    words = models.BinaryField(null=True)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    worker = models.CharField(max_length=60)
    recorded_from = models.DateTimeField(db_default=RecordedNow(), editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [closed_path("contact")]
        indexes = [models.Index(fields=["household", "-day", "-id"], name="contact_of_household")]

    @staticmethod
    def of_duty(duty: Duty) -> models.Q:
        """Contacts with the households of a duty."""
        return models.Q(household__in=duty.households)

    @property
    def told(self) -> dict[str, str]:
        """Who reaches them and what was said, in the clear."""
        clear = decrypt(self.words, CONTACT)
        return json.loads(clear) if clear else {}
