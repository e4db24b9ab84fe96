"""Work in the field: leaders' visits, experts, volunteers, those deployed to the front line, and attendance where it is switched on."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import Q

from bangfu.command.models.base import Dated, PublicQuerySet, person_reference
from bangfu.command.models.chain import Officer, Unit
from bangfu.command.models.orders import Campaign, Task
from bangfu.foundation.say import Text
from bangfu.register.models.base import Recorded, closed_path


class FieldVisit(Dated):
    """A leader's visit to the field (调研): its itinerary is its stops; `path` is the area visited as a whole."""

    zh = models.CharField(max_length=120)
    en = models.CharField(max_length=200)
    officer = models.ForeignKey(Officer, on_delete=models.RESTRICT, related_name="field_visits")
    campaign = models.ForeignKey(Campaign, on_delete=models.RESTRICT, null=True, blank=True, related_name="field_visits")
    actor = models.CharField(max_length=60)

    objects = PublicQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path"])]
        constraints = [closed_path("fieldvisit")]

    @property
    def title(self) -> Text:
        """What the visit is about."""
        return Text(self.zh, self.en)


class FieldStop(Recorded):
    """A stop of a leader's visit; `visited_on` once they were there."""

    visit = models.ForeignKey(FieldVisit, on_delete=models.CASCADE, related_name="stops")
    place = models.PositiveSmallIntegerField()
    area = models.ForeignKey("areas.Area", on_delete=models.RESTRICT, related_name="+")
    visited_on = models.DateField(null=True, blank=True)

    objects = PublicQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path"])]
        constraints = [
            models.UniqueConstraint(fields=["visit", "place"], name="field_stop_place_once"),
            closed_path("fieldstop"),
        ]


class FieldQuestion(Recorded):
    """A question raised on the spot; the task that it became."""

    stop = models.ForeignKey(FieldStop, on_delete=models.CASCADE, related_name="questions")
    zh = models.CharField(max_length=200)
    en = models.CharField(max_length=300, blank=True)
    task = models.OneToOneField(Task, on_delete=models.SET_NULL, null=True, blank=True, related_name="question")

    objects = PublicQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path"])]
        constraints = [closed_path("fieldquestion")]

    @property
    def title(self) -> Text:
        """What was asked."""
        return Text(self.zh, self.en or self.zh)


SKILLS = {
    "pepper": Text("辣椒", "Pepper"),
    "vegetables": Text("蔬菜", "Vegetables"),
    "mushrooms": Text("食用菌", "Mushrooms"),
    "honeysuckle": Text("金银花", "Honeysuckle"),
    "sorghum": Text("高粱", "Sorghum"),
    "bamboo": Text("方竹", "Bamboo"),
    "tea": Text("茶叶", "Tea"),
}  # words for codes that are in use; a county may have others, which are shown as they are


class Expert(Dated):
    """An expert on the roster: what they know (codes of industries and crops) and where they are sent."""

    officer = models.ForeignKey(Officer, on_delete=models.RESTRICT, related_name="expertise")
    skills = ArrayField(models.CharField(max_length=24))
    end_reason = models.CharField(max_length=120, blank=True)

    objects = PublicQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path"])]
        constraints = [
            ExclusionConstraint(
                name="expert_once_at_a_time",
                expressions=[("officer", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
            closed_path("expert"),
        ]


VOLUNTEER_KINDS = {
    "ploughing": Text("春耕服务", "Spring ploughing"),
    "harvest": Text("抢收", "Harvest"),
    "transport": Text("运送", "Transport"),
    "repair": Text("修缮", "Repair"),
    "other": Text("其他", "Other"),
}


class VolunteerTask(Dated):
    """A task for volunteers at a place, such as spring ploughing for households without hands."""

    kind = models.CharField(max_length=12, choices=[(k, k) for k in VOLUNTEER_KINDS])
    zh = models.CharField(max_length=120)
    en = models.CharField(max_length=200)
    area = models.ForeignKey("areas.Area", on_delete=models.RESTRICT, related_name="+")
    wanted = models.PositiveSmallIntegerField(default=1)
    actor = models.CharField(max_length=60)

    objects = PublicQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path"])]
        constraints = [closed_path("volunteertask")]

    @property
    def title(self) -> Text:
        """What is to be done."""
        return Text(self.zh, self.en)


class Volunteering(Recorded):
    """Somebody takes a volunteers' task: an officer, or a person of the register; `served_on` once it was done."""

    task = models.ForeignKey(VolunteerTask, on_delete=models.CASCADE, related_name="volunteers")
    officer = models.ForeignKey(Officer, on_delete=models.RESTRICT, null=True, blank=True, related_name="volunteering")
    person = person_reference()
    served_on = models.DateField(null=True, blank=True)

    objects = PublicQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(officer__isnull=False, person__isnull=True) | Q(officer__isnull=True, person__isnull=False),
                name="volunteering_of_an_officer_or_a_person",
            ),
            models.UniqueConstraint(fields=["task", "officer"], name="volunteering_officer_once"),
            models.UniqueConstraint(fields=["task", "person"], name="volunteering_person_once"),
            closed_path("volunteering"),
        ]


class Deployment(Dated):
    """An officer sent from their unit to the front line, a township or village."""

    officer = models.ForeignKey(Officer, on_delete=models.RESTRICT, related_name="deployments")
    unit = models.ForeignKey(Unit, on_delete=models.RESTRICT, related_name="deployments")
    area = models.ForeignKey("areas.Area", on_delete=models.RESTRICT, related_name="+")
    document = models.CharField(max_length=120, blank=True)

    objects = PublicQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path"])]
        constraints = [
            ExclusionConstraint(
                name="deployment_one_at_a_time",
                expressions=[("officer", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
            closed_path("deployment"),
        ]


class Attendance(Recorded):
    """A day that an officer was in a village, kept only for a campaign that has switched attendance on."""

    campaign = models.ForeignKey(Campaign, on_delete=models.RESTRICT, related_name="attended")
    officer = models.ForeignKey(Officer, on_delete=models.RESTRICT, related_name="attended")
    area = models.ForeignKey("areas.Area", on_delete=models.RESTRICT, related_name="+")
    day = models.DateField()

    objects = PublicQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path", "day"])]
        constraints = [
            models.UniqueConstraint(fields=["officer", "day", "campaign"], name="attendance_once_a_day"),
            closed_path("attendance"),
        ]
