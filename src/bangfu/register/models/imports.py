"""Imports that people make on the page: what was handed in, how far it is, and what becomes of every row."""

from __future__ import annotations

from uuid import uuid4

from django.db import models

from bangfu.foundation.actor import Duty
from bangfu.foundation.say import Text
from bangfu.register.models.base import ScopedQuerySet, closed_path

STATES = {
    "checking": Text("正在核对", "being checked"),
    "checked": Text("已核对，待确认", "checked, to be confirmed"),
    "applying": Text("正在导入", "being imported"),
    "done": Text("已导入", "imported"),
    "failed": Text("未能导入", "not imported"),
    "dropped": Text("已放弃", "given up"),
}
BUSY = ("checking", "applying")


class Handed(models.Model):
    """An import made on the page. Its files lie in the data folder until it is done, given up or too old; times are the machine's."""

    key = models.UUIDField(unique=True, default=uuid4)
    user_id = models.BigIntegerField()
    actor = models.CharField(max_length=60)
    role = models.CharField(max_length=40)
    path = models.CharField(max_length=80, db_collation="C")
    state = models.CharField(max_length=12)
    made = models.DateTimeField()
    changed = models.DateTimeField()
    data_date = models.DateField(null=True)
    names = models.JSONField()
    size = models.BigIntegerField()
    outcome = models.JSONField(default=dict)  # counts, as the command gives them
    questions = models.JSONField(default=list)
    answers = models.JSONField(default=list)
    problem = models.JSONField(null=True)
    digest = models.CharField(max_length=64, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        db_table = "register_handed"
        constraints = [closed_path("handed")]
        indexes = [models.Index(fields=["path", "-id"], name="handed_by_place")]

    def __str__(self) -> str:
        return ", ".join(self.names)

    @staticmethod
    def of_duty(duty: Duty) -> models.Q:
        """No row belongs to a household."""
        return models.Q(pk__in=[])

    @property
    def title(self) -> Text:
        """The state as people read it."""
        return STATES[self.state]

    @property
    def busy(self) -> bool:
        """Whether a job is at work on it."""
        return self.state in BUSY


class HandedRow(models.Model):
    """What becomes of a row of an import: persons masked, changes and problems as people read them."""

    handed = models.ForeignKey(Handed, on_delete=models.CASCADE, related_name="rows")
    path = models.CharField(max_length=80, db_collation="C")
    file = models.CharField(max_length=250)
    row = models.IntegerField()
    household = models.CharField(max_length=80)
    person = models.CharField(max_length=120)
    outcome = models.CharField(max_length=12)
    changes = models.JSONField()
    problems = models.JSONField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        db_table = "register_handed_row"
        constraints = [closed_path("handed_row")]
        indexes = [models.Index(fields=["handed", "id"], name="handed_row_in_order")]

    def __str__(self) -> str:
        return f"{self.file} {self.row}"

    @staticmethod
    def of_duty(duty: Duty) -> models.Q:
        """No row belongs to a household."""
        return models.Q(pk__in=[])
