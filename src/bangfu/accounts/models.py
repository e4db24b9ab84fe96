"""Users, and the roles that they hold at areas for a time."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from bangfu.accounts.models_audit import AuditEntry as AuditEntry
from bangfu.accounts.roles import Role, roles
from bangfu.foundation import actor as foundation
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable


NAME_LENGTH = 60


class UserManager(BaseUserManager["User"]):
    """Users by their log-in name."""

    def named(self, username: str) -> User | None:
        """The user of a log-in name, however its capitals are written: two names never differ by them alone."""
        wanted = User.normalize_username(username)
        return self.filter(username=wanted).first() or self.filter(username__iexact=wanted).order_by("pk").first()


class User(AbstractBaseUser):
    """A person who can log in. What they may do follows from their assignments alone: there is no superuser."""

    username: models.CharField[str | int | Combinable, str] = models.CharField(max_length=NAME_LENGTH, unique=True)
    name: models.CharField[str | int | Combinable, str] = models.CharField(max_length=NAME_LENGTH)
    is_active: models.BooleanField[bool | Combinable, bool] = models.BooleanField(default=True)
    language: models.CharField[str | int | Combinable, str] = models.CharField(max_length=8, default="zh-hans")
    # Somebody else chose the password: it opens nothing but the page on which another is chosen.
    must_change_password = models.BooleanField(default=False, db_default=False)
    # The second factor: its secret, encrypted, and the last time step that was accepted, so that a code serves once.
    factor_secret = models.BinaryField(null=True)
    factor_step = models.BigIntegerField(null=True)

    # What was read along with the user of a session: the assignments of a day (`entering`).
    held: tuple[date | None, list[Assignment]] = (None, [])

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.name


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Every read of assignments begins here."""

    def of(self, user: User) -> AssignmentQuerySet:
        """The user's own assignments."""
        return self.filter(user=user)

    def on(self, day: date) -> AssignmentQuerySet:
        """Those in force on a day, the widest scope first."""
        return self.filter(valid__contains=day).order_by("path", "role", "id")


class Assignment(models.Model):
    """A role that a user holds at an area for a time: one of them is acted under at a time."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assignments")
    role = models.CharField(max_length=40)
    path = models.CharField(max_length=80, db_collation="C")
    valid = DateRangeField()

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(path__endswith="/"), name="assignment_path_closed"),
            ExclusionConstraint(
                name="assignment_once_at_a_time",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("path", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    @property
    def role_kind(self) -> Role:
        """The role with its title and permissions."""
        return roles()[self.role]

    def actor(self) -> Actor:
        """The actor that this assignment makes of its user. A role that sees no household has an empty scope."""
        role = self.role_kind
        duty = Duty.objects.of(self.user).on(clock.today()).as_duty() if role.sees == "duty" else None
        return Actor(
            user_id=self.user_id,
            name=self.user.name,
            role=role.key,
            title=role.title,
            scope=self.path if role.sees != "nothing" else "",
            permissions=role.permissions,
            duty=duty,
            stands=self.path,
        )


class DutyQuerySet(models.QuerySet["Duty"]):
    """Every read of duties begins here."""

    def of(self, user: User) -> DutyQuerySet:
        """The user's own."""
        return self.filter(user=user)

    def on(self, day: date) -> DutyQuerySet:
        """Those in force on a day."""
        return self.filter(valid__contains=day).order_by("path", "household", "id")

    def as_duty(self) -> foundation.Duty:
        """What these add up to."""
        rows = list(self.values_list("household", "path"))
        return foundation.Duty(
            households=frozenset(household for household, _ in rows if household is not None),
            paths=tuple(sorted(path for household, path in rows if household is None)),
        )


class Duty(models.Model):
    """What a user answers for, for a time: a household (its key; `path` is where it is), or all of an area.

    The limit of roles that see their duty only, by `visible_to` and by policy. A projection: whoever keeps the duties (a hand, an
    import, the pairing) writes it in the same transaction.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="duties")
    household = models.BigIntegerField(null=True)
    path = models.CharField(max_length=80, db_collation="C")
    valid = DateRangeField()
    source = models.CharField(max_length=24)  # hand, import, pairing

    objects = DutyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(path__endswith="/"), name="duty_path_closed"),
            ExclusionConstraint(
                name="duty_household_once_at_a_time",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("household", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                condition=Q(household__isnull=False),
            ),
            ExclusionConstraint(
                name="duty_area_once_at_a_time",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("path", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                condition=Q(household__isnull=True),
            ),
        ]


# The first word that fits names it: a browser names its forebears as well.
PROGRAMS = (
    ("MicroMessenger", "微信 WeChat"), ("DingTalk", "钉钉 DingTalk"), ("Edg", "Edge"), ("HuaweiBrowser", "Huawei"), ("Firefox", "Firefox"),
    ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device_name(device: str) -> str:
    """What people call a device: `Chrome · Android`; the beginning of what it says of itself where it is none of the known."""
    program = next((name for word, name in PROGRAMS if word in device), None)
    system = next((name for word, name in SYSTEMS if word in device), None)
    return " · ".join(filter(None, (program, system))) or device[:40]


class LogInQuerySet(models.QuerySet["LogIn"]):
    """Every read of log-ins begins here."""

    def of(self, user: User) -> LogInQuerySet:
        """The user's own, the latest first."""
        return self.filter(user=user).order_by("-began_at")

    def open(self) -> LogInQuerySet:
        """Those that nobody and nothing has ended."""
        return self.filter(ended_at=None)


class LogIn(models.Model):
    """A session of a user on a device, from log-in to its end. Times are the machine's, whatever the county's clock says."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="log_ins")
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=20, default="")  # logged_out, idle, user, administrator, password, restored
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=200, default="")
    factor = models.BooleanField(default=False)  # whether the second factor was shown

    objects = LogInQuerySet.as_manager()

    @property
    def device_name(self) -> str:
        """What people call the device."""
        return device_name(self.device)


class FailedLogIn(models.Model):
    """A log-in that failed: counted by name, known or not, and by address, until a time has passed."""

    username = models.CharField(max_length=60)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()
    forgiven = models.BooleanField(default=False)  # by a log-in that succeeded, or by an administrator

    class Meta:
        indexes = [
            models.Index(fields=["username", "at"], condition=Q(forgiven=False), name="failed_log_in_by_name"),
            models.Index(fields=["address", "at"], condition=Q(forgiven=False), name="failed_log_in_by_address"),
        ]
