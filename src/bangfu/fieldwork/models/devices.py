"""Devices: what a phone shows instead of a person's password, for one worker in one role."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from bangfu.accounts.models import Assignment, User
from bangfu.foundation.actor import Actor
from bangfu.foundation.fields import RecordedNow
from bangfu.register.models.base import closed_path

HA1 = "device.ha1"


class DeviceQuerySet(models.QuerySet["Device"]):
    """Every read of devices begins here."""

    def visible_to(self, actor: Actor) -> Self:
        """The actor's own; all of the area to whoever may see to those of others."""
        own = Q(user=actor.user_id) if actor.user_id else Q(pk__in=[])
        if not actor.is_system and not actor.may("device.manage"):
            return self.filter(own)
        return self.filter(own | Q(path__gte=actor.scope, path__lt=actor.scope + "~")) if actor.scope else self.filter(own)

    def open(self) -> Self:
        """Those that nobody has revoked."""
        return self.filter(revoked_at=None)


class Device(models.Model):
    """A credential that was made for a phone: its name and the digest of its secret, the worker and the role that it acts for.

    `ha1` is what Digest needs instead of the secret, encrypted. `path` is where the role is held; `seen_at` when it last sent something.
    """

    path = models.CharField(max_length=80, db_collation="C")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="+")
    label = models.CharField(max_length=60)
    name = models.CharField(max_length=24, unique=True)
    key = models.BinaryField(max_length=32, unique=True)
    ha1 = models.BinaryField()
    made_by = models.CharField(max_length=60)
    seen_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    recorded_from = models.DateTimeField(db_default=RecordedNow(), editable=False)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        constraints = [closed_path("device")]

    def __str__(self) -> str:
        return self.label
