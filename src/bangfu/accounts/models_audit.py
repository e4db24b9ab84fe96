"""The entries of the audit as rows. They are written by `bangfu.accounts.audit.note` alone."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bangfu.accounts.roles import roles
from bangfu.foundation.actor import Actor
from bangfu.foundation.acts import acts
from bangfu.foundation.say import Text

DEVICE_LENGTH = 200


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Every read of the audit begins here."""

    def visible_to(self, actor: Actor) -> AuditQuerySet:
        """Entries at or below the area at which the actor stands; none without `audit.read`."""
        at = actor.stands or actor.scope
        if not actor.may("audit.read") or not at:
            return self.none()
        return self.filter(path__gte=at, path__lt=at + "~")


class AuditEntry(models.Model):
    """Who did or saw what, when, from where and why. Nothing personal stands here in clear.

    `at` is the machine's time, `told_at` the county's clock. `sequence` and `link` come as the transaction commits; `seal` is the
    keyed hash of everything else, by which a change shows.
    """

    sequence = models.BigIntegerField(null=True, unique=True)
    at = models.DateTimeField()
    told_at = models.DateTimeField()
    user_id = models.BigIntegerField(null=True)  # no foreign key: an entry outlives everything it names
    actor = models.CharField(max_length=60)
    role = models.CharField(max_length=40)
    act = models.CharField(max_length=40)
    path = models.CharField(max_length=80, db_collation="C")  # blank: of no area
    subject = models.CharField(max_length=120)
    reason = models.CharField(max_length=300)
    detail = models.JSONField()
    address = models.CharField(max_length=45)
    device = models.CharField(max_length=DEVICE_LENGTH)
    log_in = models.BigIntegerField(null=True)
    seal = models.BinaryField(max_length=32, unique=True)
    link = models.BinaryField(max_length=32, null=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        db_table = "audit_entry"
        indexes = [
            models.Index(fields=["user_id", "act", "at"], name="audit_by_user"),
            models.Index(fields=["path", "id"], name="audit_by_place"),
        ]
        constraints = [models.CheckConstraint(condition=Q(path="") | Q(path__endswith="/"), name="audit_path_closed")]

    @property
    def title(self) -> Text:
        """The act in words; its key where no package of this installation knows it."""
        known = acts().get(self.act)
        return known.title if known else Text(self.act, self.act)

    @property
    def role_title(self) -> Text:
        """The role in words."""
        known = roles().get(self.role)
        return known.title if known else Text(self.role, self.role)
