"""Every write to users and assignments."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.accounts.models import Assignment, User
from bangfu.accounts.problems import UNKNOWN_ROLE, USER_NAME_TAKEN, WEAK_PASSWORD
from bangfu.accounts.roles import roles
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text

WEAKNESSES = {
    "password_too_short": Text("少于{min_length}个字符", "it has fewer than {min_length} characters"),
    "password_too_common": Text("太常见", "it is too common"),
    "password_too_similar": Text("与用户名或姓名太相似", "it is too much like the user name or the name"),
    "password_entirely_numeric": Text("全是数字", "it is all digits"),
}


def create_user(actor: Actor, username: str, name: str, password: str, *, language: str = "zh-hans") -> User:
    """Create a user who can log in but holds no role yet.

    Raises BF-1304 where the name is taken, BF-1305 for a password that will not do, BF-1001 without `user.manage`.
    """
    actor.require("user.manage")
    with acting(actor):
        if User.objects.filter(username=username).exists():
            raise USER_NAME_TAKEN(username=username)
        user = User(username=username, name=name, language=language)
        _require_good(password, user)
        user.set_password(password)
        user.save(force_insert=True)
        return user


def _require_good(password: str, user: User) -> None:
    """Let every validator of the settings judge a password; what is wrong is said in both languages."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        said = [WEAKNESSES[e.code].format(**(e.params or {})) if e.code in WEAKNESSES else _plainly(e) for e in error.error_list]
        raise WEAK_PASSWORD(why=Text("；".join(t.zh for t in said), "; ".join(t.en for t in said))) from None


def _plainly(error: ValidationError) -> Text:
    """The words of a validator of the office's own."""
    text = " ".join(error.messages)
    return Text(text, text)


def assign_role(
    actor: Actor, user: User, role: str, path: str, *, since: date | None = None, until: date | None = None
) -> Assignment:
    """Give a user a role at an area from a day on (today by default) until a day (open by default).

    Raises BF-1301 for an unknown role and BF-1001 without `user.manage`.
    """
    actor.require("user.manage")
    if role not in roles():
        raise UNKNOWN_ROLE(role=role)
    with acting(actor):
        return Assignment.objects.create(user=user, role=role, path=path, valid=DateRange(since or clock.today(), until))


def end_assignment(actor: Actor, assignment: Assignment, *, on: date) -> Assignment:
    """End an assignment: the day itself is no longer served. Raises BF-1001 without `user.manage`."""
    actor.require("user.manage")
    with acting(actor):
        assignment.valid = DateRange(assignment.valid.lower, on)
        assignment.save(update_fields=["valid"])
        return assignment
