"""Every write to users, assignments, log-ins and second factors."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.accounts import second_factor
from bangfu.accounts.models import Assignment, FailedLogIn, LogIn, User
from bangfu.accounts.problems import (
    LOCKED_OUT,
    SAME_PASSWORD,
    UNKNOWN_ROLE,
    USER_NAME_TAKEN,
    WEAK_PASSWORD,
    WRONG_CODE,
    WRONG_PASSWORD,
)
from bangfu.accounts.roles import roles
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt, encrypt_many

FAILURES_OF_A_NAME, FAILURES_OF_AN_ADDRESS = 5, 50  # within the window; an office shares one address
WINDOW = timedelta(minutes=15)
SEEN_EVERY = timedelta(minutes=1)
FACTOR = "user.factor"

WEAKNESSES = {
    "password_too_short": Text("少于{min_length}个字符", "it has fewer than {min_length} characters"),
    "password_too_common": Text("太常见", "it is too common"),
    "password_too_similar": Text("与用户名或姓名太相似", "it is too much like the user name or the name"),
    "password_entirely_numeric": Text("全是数字", "it is all digits"),
}


def create_user(
    actor: Actor, username: str, name: str, password: str, *, language: str = "zh-hans", must_change: bool = False
) -> User:
    """Create a user who can log in but holds no role yet. `must_change`: the password serves for the first log-in only.

    Raises BF-1304 where the name is taken, BF-1305 for a password that will not do, BF-1001 without `user.manage`.
    """
    actor.require("user.manage")
    with acting(actor):
        if User.objects.filter(username=username).exists():
            raise USER_NAME_TAKEN(username=username)
        user = User(username=username, name=name, language=language, must_change_password=must_change)
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


def log_in(username: str, password: str, *, address: str | None) -> User:
    """The user of a name and a password. Five failures of a name within a quarter of an hour close it, known or not.

    Attempts at one name come one after the other, so that many at once are counted like many in turn. Raises BF-1303 where they do
    not belong together and BF-1307 while the name or the address is closed, whatever the password.
    """
    name = username[:60]
    with transaction.atomic():
        _one_at_a_time(name)
        _require_open(name, address)
        user = authenticate(None, username=username, password=password)
        if isinstance(user, User):
            FailedLogIn.objects.filter(username=name, forgiven=False).update(forgiven=True)
            return user
        FailedLogIn.objects.create(username=name, address=address, at=clock.machine_now())
    raise WRONG_PASSWORD()


def _one_at_a_time(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 13))", [name])


def _require_open(name: str, address: str | None) -> None:
    since = clock.machine_now() - WINDOW
    recent = FailedLogIn.objects.filter(at__gt=since, forgiven=False)
    for failures, limit in (
        (recent.filter(username=name), FAILURES_OF_A_NAME),
        (recent.filter(address=address), FAILURES_OF_AN_ADDRESS),
    ):
        times = list(failures.order_by("-at").values_list("at", flat=True)[:limit])
        if len(times) == limit:
            minutes = max(1, -int(-(times[-1] - since).total_seconds() // 60))
            raise LOCKED_OUT(minutes=minutes)


def begin_log_in(user: User, *, address: str | None, device: str) -> LogIn:
    """Note that a session of the user began on a device."""
    now = clock.machine_now()
    return LogIn.objects.create(user=user, began_at=now, seen_at=now, address=address, device=device[:200])


def seen(log_in: LogIn) -> None:
    """Note that a session is used: once a minute, not with every request."""
    now = clock.machine_now()
    if now - log_in.seen_at >= SEEN_EVERY:
        LogIn.objects.filter(pk=log_in.pk).update(seen_at=now)


def end_log_ins(user: User, *, by: str, only: int | None = None, but: int | None = None) -> int:
    """End the open sessions of a user: all, only one, or all but one. Returns how many ended. `by` says who or what ended them."""
    open_ones = LogIn.objects.of(user).open()
    if only is not None:
        open_ones = open_ones.filter(pk=only)
    if but is not None:
        open_ones = open_ones.exclude(pk=but)
    return open_ones.update(ended_at=clock.machine_now(), ended_by=by)


def change_password(user: User, old: str, new: str, *, keep: int | None = None) -> None:
    """A user chooses another password; their other sessions end (`keep` goes on).

    Raises BF-1303 where the present one is wrong, BF-1309 where the new one is the present one, BF-1305 where it will not do.
    """
    if not user.check_password(old):
        raise WRONG_PASSWORD()
    if old == new:
        raise SAME_PASSWORD()
    _require_good(new, user)
    with transaction.atomic():
        user.set_password(new)
        user.must_change_password = False
        user.save(update_fields=["password", "must_change_password"])
        end_log_ins(user, by="password", but=keep)


def enrol_factor(user: User, log_in: LogIn, secret: str, code: str) -> None:
    """A user adds an authenticator: the code shows that it has the secret, to this session too. Raises BF-1308 where it does not."""
    step = second_factor.matching_step(secret, code, clock.machine_now(), None)
    if step is None:
        raise WRONG_CODE()
    user.factor_secret, user.factor_step = encrypt_many([secret], FACTOR)[0], step
    with transaction.atomic():
        user.save(update_fields=["factor_secret", "factor_step"])
        LogIn.objects.filter(pk=log_in.pk).update(factor=True)


def show_factor(user: User, log_in: LogIn, code: str, *, address: str | None) -> None:
    """A session shows the second factor. Wrong codes count as failed log-ins. Raises BF-1308, and BF-1307 while the name is closed."""
    with transaction.atomic():
        _one_at_a_time(user.username)
        _require_open(user.username, address)
        held = User.objects.select_for_update().get(pk=user.pk)
        secret = decrypt(held.factor_secret, FACTOR)
        step = second_factor.matching_step(secret, code, clock.machine_now(), held.factor_step) if secret else None
        if step is not None:
            User.objects.filter(pk=user.pk).update(factor_step=step)
            LogIn.objects.filter(pk=log_in.pk).update(factor=True)
            return
        FailedLogIn.objects.create(username=user.username, address=address, at=clock.machine_now())
    raise WRONG_CODE()


def drop_factor(actor: Actor, user: User) -> None:
    """Take a lost authenticator away and end the user's sessions. Raises BF-1001 without `user.manage`."""
    actor.require("user.manage")
    with acting(actor):
        User.objects.filter(pk=user.pk).update(factor_secret=None, factor_step=None)
        end_log_ins(user, by="administrator")


def unlock(actor: Actor, user: User) -> None:
    """Forgive the failed log-ins of a name. Raises BF-1001 without `user.manage`."""
    actor.require("user.manage")
    with acting(actor):
        FailedLogIn.objects.filter(username=user.username, forgiven=False).update(forgiven=True)


def reset_password(actor: Actor, user: User, password: str) -> None:
    """Give a user a password for one log-in and end their sessions. Raises BF-1305, and BF-1001 without `user.manage`."""
    actor.require("user.manage")
    _require_good(password, user)
    with acting(actor):
        user.set_password(password)
        user.must_change_password = True
        user.save(update_fields=["password", "must_change_password"])
        end_log_ins(user, by="administrator")


def set_active(actor: Actor, user: User, *, active: bool) -> None:
    """Close a user's account, which ends their sessions, or open it again. Raises BF-1001 without `user.manage`."""
    actor.require("user.manage")
    with acting(actor):
        user.is_active = active
        user.save(update_fields=["is_active"])
        if not active:
            end_log_ins(user, by="administrator")
