"""The chain of command: units, officers, posts with the areas they cover, appointments, and the attachment of units to places."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q

from bangfu.areas.models import ancestors
from bangfu.command.models.base import Dated, PublicQuerySet, person_reference
from bangfu.foundation.say import Text
from bangfu.register.models.base import closed_path


class UnitQuerySet(PublicQuerySet):
    """Every read of units begins here."""


class Unit(Dated):
    """An organisation whose people serve: a county department, a township's government, a school, a hospital, a police station."""

    key = models.CharField(max_length=40, unique=True)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=80)
    kind = models.CharField(max_length=16)  # department, government, school, hospital, police, village, enterprise, other
    level = models.CharField(max_length=12)  # the level of area that it belongs to: county, township, village

    objects = UnitQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path"])]
        constraints = [closed_path("unit")]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def title(self) -> Text:
        """What it is called."""
        return Text(self.zh, self.en)


class OfficerQuerySet(PublicQuerySet):
    """Every read of officers begins here."""


class Officer(Dated):
    """Somebody who serves: a cadre, teacher, medic, police officer, technician or villager with a task. `valid` is the time of service.

    `path` is where they are stationed. Rank is a code by which households are shared out (`county`, `section`, `general`).
    """

    number = models.CharField(max_length=24, unique=True)
    name = models.CharField(max_length=60)
    sex = models.CharField(max_length=8, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.RESTRICT, related_name="officers")
    rank = models.CharField(max_length=12)
    profession = models.CharField(max_length=16)  # cadre, teacher, medic, police, technician, villager
    party_member = models.BooleanField(default=False)
    station = models.ForeignKey("areas.Area", on_delete=models.RESTRICT, related_name="+")
    identity = models.BinaryField(null=True, blank=True)
    identity_hash = models.BinaryField(max_length=16, null=True, blank=True, unique=True)
    phone = models.BinaryField(null=True, blank=True)
    person = person_reference()
    user = models.OneToOneField("accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="officer")

    objects = OfficerQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path", "name"])]
        constraints = [closed_path("officer")]

    def __str__(self) -> str:
        return self.name


class PostQuerySet(PublicQuerySet):
    """Every read of posts begins here."""


class Post(Dated):
    """A post of the chain of command (指挥部, 指挥所). It covers one or more areas (`PostArea`) and answers to its parent."""

    key = models.CharField(max_length=40, unique=True)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=80)
    level = models.CharField(max_length=12)  # county, township, village; what a country's levels play
    parent = models.ForeignKey("self", on_delete=models.RESTRICT, null=True, blank=True, related_name="children")

    objects = PostQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path"])]
        constraints = [
            closed_path("post"),
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="post_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def title(self) -> Text:
        """What it is called."""
        return Text(self.zh, self.en)


class PostAreaQuerySet(PublicQuerySet):
    """Every read of the areas that posts cover begins here."""

    def covering(self, path: str) -> PostAreaQuerySet:
        """The areas covered by some post at a place and above it, the nearest first."""
        return self.filter(path__in=[*ancestors(path), path]).order_by("-path")


class PostArea(Dated):
    """An area that a post covers: at most one post covers an area at a time."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="areas")
    area = models.ForeignKey("areas.Area", on_delete=models.RESTRICT, related_name="+")

    objects = PostAreaQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path"])]
        constraints = [
            ExclusionConstraint(
                name="post_area_covered_once",
                expressions=[("area", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
            closed_path("postarea"),
        ]


CHIEF, FIRST_SECRETARY = "chief", "first_secretary"
POST_ROLES = (CHIEF, "deputy", "liaison", "member")
AREA_ROLES = (FIRST_SECRETARY, "team_leader", "team_member", "village_secretary", "group_leader")
ROLES = {
    "chief": Text("指挥长", "Chief"),
    "deputy": Text("副指挥长", "Deputy"),
    "liaison": Text("联络员", "Liaison"),
    "member": Text("成员", "Member"),
    "first_secretary": Text("驻村第一书记", "First secretary"),
    "team_leader": Text("驻村工作队队长", "Leader of the resident team"),
    "team_member": Text("驻村工作队队员", "Member of the resident team"),
    "village_secretary": Text("村支书", "Village party secretary"),
    "group_leader": Text("组长", "Group leader"),
}


class AppointmentQuerySet(PublicQuerySet):
    """Every read of appointments begins here."""


class Appointment(Dated):
    """An officer's role at a post, or at an area, for a term."""

    officer = models.ForeignKey(Officer, on_delete=models.RESTRICT, related_name="appointments")
    role = models.CharField(max_length=20)
    post = models.ForeignKey(Post, on_delete=models.RESTRICT, null=True, blank=True, related_name="appointments")
    area = models.ForeignKey("areas.Area", on_delete=models.RESTRICT, null=True, blank=True, related_name="+")
    document = models.CharField(max_length=120, blank=True)
    end_reason = models.CharField(max_length=120, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(post__isnull=False, area__isnull=True, role__in=POST_ROLES)
                | Q(post__isnull=True, area__isnull=False, role__in=AREA_ROLES),
                name="appointment_at_a_post_or_an_area",
            ),
            ExclusionConstraint(
                name="appointment_one_chief",
                expressions=[("post", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
                condition=Q(role=CHIEF),
            ),
            ExclusionConstraint(
                name="appointment_one_first_secretary",
                expressions=[("area", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
                condition=Q(role=FIRST_SECRETARY),
            ),
            ExclusionConstraint(
                name="appointment_first_secretary_of_one",
                expressions=[("officer", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
                condition=Q(role=FIRST_SECRETARY),
            ),
            ExclusionConstraint(
                name="appointment_once_at_a_post",
                expressions=[
                    ("officer", RangeOperators.EQUAL),
                    ("post", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                condition=Q(post__isnull=False),
            ),
            closed_path("appointment"),
        ]

    @property
    def title(self) -> Text:
        """What the role is called."""
        return ROLES[self.role]


LEADER, LEAD_UNIT, MEMBER_UNIT = "leader", "lead_unit", "member_unit"
ATTACHED = {
    LEADER: Text("挂帮领导", "Leader"),
    LEAD_UNIT: Text("牵头单位", "Lead unit"),
    MEMBER_UNIT: Text("成员单位", "Member unit"),
}


class AttachmentQuerySet(PublicQuerySet):
    """Every read of attachments begins here."""

    def holding_at(self, path: str) -> AttachmentQuerySet:
        """Those of a place and of the places above it, the nearest first."""
        return self.filter(path__in=[*ancestors(path), path]).order_by("-path", "role", "id")


class Attachment(Dated):
    """ "1+1+N": a leader, one lead unit and any number of member units stand by a village or township for a time."""

    area = models.ForeignKey("areas.Area", on_delete=models.RESTRICT, related_name="+")
    role = models.CharField(max_length=12)
    officer = models.ForeignKey(Officer, on_delete=models.RESTRICT, null=True, blank=True, related_name="attachments")
    unit = models.ForeignKey(Unit, on_delete=models.RESTRICT, null=True, blank=True, related_name="attachments")
    document = models.CharField(max_length=120, blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["path"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(role=LEADER, officer__isnull=False, unit__isnull=True)
                | Q(role__in=(LEAD_UNIT, MEMBER_UNIT), officer__isnull=True, unit__isnull=False),
                name="attachment_of_an_officer_or_a_unit",
            ),
            ExclusionConstraint(
                name="attachment_one_leader_one_lead_unit",
                expressions=[
                    ("area", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                condition=Q(role__in=(LEADER, LEAD_UNIT)),
            ),
            ExclusionConstraint(
                name="attachment_unit_once",
                expressions=[
                    ("area", RangeOperators.EQUAL),
                    ("unit", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                condition=Q(unit__isnull=False),
            ),
            closed_path("attachment"),
        ]

    @property
    def title(self) -> Text:
        """What the role is called."""
        return ATTACHED[self.role]
