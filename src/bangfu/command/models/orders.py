"""Campaigns of work, and the orders that go down the chain: tasks with deadlines, acknowledgement, sub-orders, reports and escalations."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q

from bangfu.command.models.base import Dated, PublicQuerySet
from bangfu.command.models.chain import Post, Unit
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.register.models.base import Recorded, closed_path

LENGTH_UNITS = {"day": Text("天", "days"), "month": Text("个月", "months")}


class CampaignQuerySet(PublicQuerySet):
    """Every read of campaigns begins here."""


class Campaign(Dated):
    """A campaign of work: a sprint, a great visit. `valid` runs from its first day to the day after its last; `length` is what its order says.

    Attendance is kept only where a campaign switches it on, with its legal ground and its last day.
    """

    key = models.SlugField(max_length=40, unique=True)
    zh = models.CharField(max_length=80)
    en = models.CharField(max_length=120)
    kind = models.CharField(max_length=16)  # sprint, visits, reinforcement, other
    length = models.PositiveSmallIntegerField()
    length_unit = models.CharField(max_length=8, choices=[(u, u) for u in LENGTH_UNITS])
    attendance = models.BooleanField(default=False)
    attendance_ground = models.CharField(max_length=200, blank=True)
    attendance_until = models.DateField(null=True, blank=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(attendance=False) | (~Q(attendance_ground="") & Q(attendance_until__isnull=False)),
                name="campaign_attendance_has_a_ground",
            ),
            closed_path("campaign"),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def title(self) -> Text:
        """What it is called."""
        return Text(self.zh, self.en)

    def day_number(self, day: date) -> int | None:
        """Which day of the campaign a day is, the first being 1; None outside it."""
        if day < self.valid.lower or day >= self.valid.upper:
            return None
        return int((day - self.valid.lower).days) + 1

    def days(self) -> int:
        """How many days it lasts."""
        return int((self.valid.upper - self.valid.lower).days)

    def days_left(self, day: date) -> int:
        """How many days come after a day."""
        return max(0, min(self.days(), int((self.valid.upper - day).days) - 1))


class CampaignTarget(Recorded):
    """What a campaign is to reach: a figure of the catalogue and the value wanted by its end."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="targets")
    figure = models.CharField(max_length=60)
    op = models.CharField(max_length=2, default=">=")
    value = models.DecimalField(max_digits=14, decimal_places=3)

    objects = PublicQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "figure"], name="campaign_target_once"),
            closed_path("campaigntarget"),
        ]


ORDER_KINDS = {
    "order": Text("指令", "Order"),
    "meeting": Text("会议决定", "Resolution of a meeting"),
    "notice": Text("通知", "Notice"),
}


class OrderQuerySet(PublicQuerySet):
    """Every read of orders begins here."""


class Order(Recorded):
    """An order, a notice or a meeting's resolutions, with its document; broken down into tasks. `path` is where it was issued.

    What comes from above the county has no post: `issuer` names who issued it. A sub-order serves a task of the order above.
    """

    number = models.CharField(max_length=80)
    zh = models.CharField(max_length=120)
    en = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=[(k, k) for k in ORDER_KINDS])
    issuer = models.CharField(max_length=80)
    post = models.ForeignKey(Post, on_delete=models.RESTRICT, null=True, blank=True, related_name="orders")
    issued_on = models.DateField()
    text = models.TextField(blank=True)
    source = models.CharField(max_length=200)
    campaign = models.ForeignKey(Campaign, on_delete=models.RESTRICT, null=True, blank=True, related_name="orders")
    serves = models.ForeignKey("Task", on_delete=models.RESTRICT, null=True, blank=True, related_name="sub_orders")
    actor = models.CharField(max_length=60)

    objects = OrderQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path", "issued_on"])]
        constraints = [
            models.UniqueConstraint(fields=["path", "number", "issued_on"], name="order_once"),
            closed_path("order"),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def title(self) -> Text:
        """What it is about."""
        return Text(self.zh, self.en)


class TaskQuerySet(PublicQuerySet):
    """Every read of tasks begins here."""

    def open(self) -> Self:
        """Those that are not done."""
        return self.filter(done_at=None)

    def unacknowledged(self) -> Self:
        """Those that nobody has acknowledged."""
        return self.open().filter(acknowledged_at=None)

    def overdue(self, day: date) -> Self:
        """Those not done whose deadline lies before a day."""
        return self.open().filter(deadline__lt=day)

    def of_place(self, path: str) -> Self:
        """Those of the posts and units at a place itself."""
        return self.filter(path=path)


class Task(Recorded):
    """What a post or a unit has to do by a day. `path` is where it has to be done."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="tasks")
    place = models.PositiveSmallIntegerField()
    zh = models.CharField(max_length=160)
    en = models.CharField(max_length=240)
    step = models.CharField(max_length=16, blank=True)  # of the five-step method
    post = models.ForeignKey(Post, on_delete=models.RESTRICT, null=True, blank=True, related_name="tasks")
    unit = models.ForeignKey(Unit, on_delete=models.RESTRICT, null=True, blank=True, related_name="tasks")
    acknowledge_by = models.DateField()
    deadline = models.DateField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=60, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=60, blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["path", "deadline"]),
            models.Index(fields=["deadline"], condition=Q(done_at=None), name="task_open_by_deadline"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order", "place"], name="task_place_once"),
            models.CheckConstraint(
                condition=Q(post__isnull=False, unit__isnull=True) | Q(post__isnull=True, unit__isnull=False),
                name="task_of_a_post_or_a_unit",
            ),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(acknowledged_at__isnull=False), name="task_acknowledged_before_done"
            ),
            closed_path("task"),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def title(self) -> Text:
        """What is to be done."""
        return Text(self.zh, self.en)

    @property
    def owner(self) -> Post | Unit:
        """The post or unit that has to do it."""
        owner = self.post or self.unit
        assert owner is not None  # held by a constraint
        return owner

    @property
    def state(self) -> str:
        """`done`, `overdue`, `acknowledged`, or `new`."""
        if self.done_at is not None:
            return "done"
        if self.deadline < clock.today():
            return "overdue"
        return "acknowledged" if self.acknowledged_at is not None else "new"


REPORT_KINDS = {
    "progress": Text("进展", "Progress"),
    "done": Text("完成", "Done"),
    "escalation": Text("上报求助", "Escalation"),
    "overdue": Text("逾期上报", "Overdue, told upwards"),
    "answer": Text("答复", "Answer"),
}


class ReportQuerySet(models.QuerySet[Any]):
    """Every read of reports begins here: they go up, and nobody reads beyond their own area."""

    def visible_to(self, actor: Actor) -> Self:
        """Reports of the tasks at and below the actor's area."""
        if not actor.scope or not actor.may("command.read"):
            return self.none()
        return self.filter(path__gte=actor.scope, path__lt=actor.scope + "~")

    def under(self, path: str) -> Self:
        """Reports of tasks at or below an area."""
        return self.filter(path__gte=path, path__lt=path + "~")

    def waiting(self) -> Self:
        """Escalations that nobody has answered, of tasks that are not done: what is done asks for nothing."""
        return self.filter(kind__in=("escalation", "overdue"), answered_at=None, task__done_at=None)


class Report(Recorded):
    """What a post reports of a task, or asks of the post above (`to`). Its path is that of the task."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="reports")
    kind = models.CharField(max_length=12, choices=[(k, k) for k in REPORT_KINDS])
    to = models.ForeignKey(Post, on_delete=models.RESTRICT, null=True, blank=True, related_name="reports")
    text = models.TextField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=60, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path", "at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "to"], condition=Q(kind="overdue"), name="report_overdue_told_once_to_a_post"
            ),
            closed_path("report"),
        ]

    @property
    def title(self) -> Text:
        """What sort of report it is."""
        return REPORT_KINDS[self.kind]

    @property
    def words(self) -> Text:
        """What is reported: the reporter's own words; of what was told by itself (whose text is the day) in the reader's language."""
        if self.kind != "overdue":
            return Text(self.text, self.text)
        return Text("期限 {d}，至 {t} 未完成。", "Due {d}, not done by {t}.").format(d=self.task.deadline, t=self.text)
