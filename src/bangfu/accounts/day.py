"""What those who manage or review users have to do today: names locked by failed log-ins, roles without their second factor, roles about to end."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Count
from django.urls import reverse

from bangfu.accounts.actions import FAILURES_OF_A_NAME, WINDOW
from bangfu.accounts.models import Assignment, FailedLogIn, User
from bangfu.accounts.roles import roles
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.screens import DayItem, DaySection, my_day

SHOWN = 8  # of each sort; the list of users has all
SOON = timedelta(days=14)
LOOK = Text("查看", "Look")


@my_day.provider("accounts", order=60)
def of_accounts(actor: Actor) -> list[DaySection]:
    """The sections of users, for those who review them."""
    if not actor.may("user.review"):
        return []
    today = clock.today()
    return [_locked(), _without_factor(today), _about_to_end(today)]


def _section(key: str, title: Text, users: list[tuple[User, Text, date | None]]) -> DaySection:
    items = [
        DayItem(Text(user.name, user.name), reverse("accounts:user", args=[user.username]), user.username, due, why=why, do=LOOK)
        for user, why, due in users[:SHOWN]
    ]
    return DaySection(key, title, items, len(users), reverse("accounts:users"))


def _locked() -> DaySection:
    """Users whose name is locked by failed log-ins."""
    recent = FailedLogIn.objects.filter(forgiven=False, at__gt=clock.machine_now() - WINDOW)
    failed = dict(recent.values_list("username").annotate(n=Count("id")).filter(n__gte=FAILURES_OF_A_NAME))
    users = User.objects.filter(username__in=failed).order_by("username")
    why = Text("登录连续失败，暂时锁定", "locked for a while: log-ins failed")
    return _section("locked", Text("被锁定的用户", "Users locked out"), [(u, why, None) for u in users])


def _without_factor(today: date) -> DaySection:
    """Users in a role that asks for a second factor, who have none yet; a county of invented people asks nobody for one."""
    title = Text("尚未启用第二重验证", "Second factor still to be set up")
    if the_county().synthetic:
        return _section("no-factor", title, [])
    asked = [key for key, role in roles().items() if role.second_factor]
    held = (
        Assignment.objects.on(today).filter(role__in=asked, user__is_active=True, user__factor_secret=None).select_related("user")
    )
    found = {a.user_id: (a.user, a.role_kind.title, None) for a in held}
    return _section("no-factor", title, sorted(found.values(), key=lambda row: row[0].username))


def _about_to_end(today: date) -> DaySection:
    """Roles of users that end within two weeks."""
    ends = Assignment.objects.on(today).filter(valid__endswith__lte=today + SOON, user__is_active=True).select_related("user")
    rows = [(a.user, a.role_kind.title, a.valid.upper - timedelta(days=1)) for a in ends.order_by("valid__endswith", "pk")]
    return _section("ending", Text("即将到期的身份", "Roles about to end"), rows)
