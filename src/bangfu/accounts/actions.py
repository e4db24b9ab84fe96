"""Every write to users, assignments, duties, log-ins and second factors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.accounts import acts, second_factor
from bangfu.accounts.audit import note
from bangfu.accounts.models import NAME_LENGTH, Assignment, Duty, FailedLogIn, LogIn, User
from bangfu.accounts.problems import (
    BAD_DUTY,
    BAD_NAME,
    BAD_USER_NAME,
    DUTY_OVERLAPS,
    LOCKED_OUT,
    NO_ROLE_FOR_DUTY,
    NO_SUCH_DUTY,
    ROLE_OF_ANOTHER_LEVEL,
    SAME_PASSWORD,
    UNKNOWN_ROLE,
    USER_NAME_TAKEN,
    WEAK_PASSWORD,
    WRONG_CODE,
    WRONG_PASSWORD,
)
from bangfu.accounts.roles import Role, roles
from bangfu.areas.models import Area
from bangfu.areas.problems import UNKNOWN_AREA
from bangfu.areas.profile import profile_of
from bangfu.foundation import clock
from bangfu.foundation.acting import acting, current_actor
from bangfu.foundation.actor import Actor
from bangfu.foundation.hiding import hide
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt, encrypt_many

FAILURES_OF_A_NAME, FAILURES_OF_AN_ADDRESS = 5, 50  # within the window; an office shares one address
WINDOW = timedelta(minutes=15)
SEEN_EVERY = timedelta(minutes=1)
FACTOR = "user.factor"
USER_NAME = re.compile(rf"[\w.@+-]{{1,{NAME_LENGTH}}}")  # what an address of a page can hold

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

    Raises BF-1304 where the name is taken, whatever its capitals; BF-1305 for a password, BF-1310 for a user name, BF-1311 for a
    name that will not do; BF-1001 without `user.manage`.
    """
    actor.require("user.manage")
    username, name = User.normalize_username(username), name.strip()
    if not USER_NAME.fullmatch(username):
        raise BAD_USER_NAME(username=username, most=NAME_LENGTH)
    if not (0 < len(name) <= NAME_LENGTH and name.isprintable()):
        raise BAD_NAME(name=name, most=NAME_LENGTH)
    with acting(actor):
        taken = User.objects.named(username)
        if taken is not None:
            raise USER_NAME_TAKEN(username=username, taken=taken.username)
        user = User(username=username, name=name, language=language, must_change_password=must_change)
        _require_good(password, user)
        user.set_password(password)
        user.save(force_insert=True)
        note(actor, acts.USER_CREATE, subject=username)
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

    Raises BF-1301 for an unknown role, BF-1108 for an unknown area, BF-1312 for an area of a level at which the role is not given,
    BF-1001 without `user.manage`.
    """
    actor.require("user.manage")
    if role not in roles():
        raise UNKNOWN_ROLE(role=role)
    with acting(actor):
        _require_level(roles()[role], path)
        given = Assignment.objects.create(user=user, role=role, path=path, valid=DateRange(since or clock.today(), until))
        detail = {"role": role, "since": given.valid.lower, "until": until}
        note(actor, acts.ROLE_GIVE, subject=user.username, path=path, detail=detail)
        return given


def _require_level(role: Role, path: str) -> None:
    area = Area.objects.filter(path=path).first()
    if area is None:
        raise UNKNOWN_AREA(area=path)
    book = profile_of(path)
    order = [level.key for level in book.levels]
    highest, lowest = getattr(book.plays, role.highest), getattr(book.plays, role.level)
    allowed = order[order.index(highest) : order.index(lowest) + 1] if lowest else []  # a country may have no groups
    if area.level not in allowed:
        titles = [book.level(key).title for key in allowed]
        wanted = Text("、".join(t.zh for t in titles) or "–", " or ".join(t.en for t in titles) or "–")
        raise ROLE_OF_ANOTHER_LEVEL(role=role.title, area=area.name, found=book.level(area.level).title, wanted=wanted)


def end_assignment(actor: Actor, assignment: Assignment, *, on: date) -> Assignment:
    """End an assignment: the day itself is no longer served. Raises BF-1001 without `user.manage`."""
    actor.require("user.manage")
    with acting(actor):
        assignment.valid = DateRange(assignment.valid.lower, on)
        assignment.save(update_fields=["valid"])
        detail = {"role": assignment.role, "until": on}
        note(actor, acts.ROLE_END, subject=assignment.user.username, path=assignment.path, detail=detail)
        return assignment


def log_in(username: str, password: str, *, address: str | None) -> User:
    """The user of a name, however its capitals are written, and a password. Five failures of a name within a quarter of an hour close it, known or not.

    Attempts at one name come one after the other, so that many at once are counted like many in turn. Raises BF-1303 where they do
    not belong together and BF-1307 while the name or the address is closed, whatever the password.
    """
    known = User.objects.named(username)
    name = known.username if known is not None else hide(User.normalize_username(username).lower())[:NAME_LENGTH]
    with transaction.atomic():
        _one_at_a_time(name)
        _require_open(name, address)
        user = authenticate(None, username=name, password=password)
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


def end_every_log_in(*, by: str) -> int:
    """End the open sessions of everybody. Returns how many ended."""
    return LogIn.objects.open().update(ended_at=clock.machine_now(), ended_by=by)


def end_sessions(actor: Actor, user: User, *, only: int | None = None) -> int:
    """End another's open sessions, all or one. Returns how many ended. Raises BF-1001 without `user.manage`."""
    actor.require("user.manage")
    with acting(actor):
        ended = end_log_ins(user, by="administrator", only=only)
        note(actor, acts.SESSIONS_END, subject=user.username, detail={"sessions": ended})
        return ended


def _oneself(user: User) -> Actor:
    """Who acts on their own account: in the role that they act in, else in none."""
    present = current_actor()
    return present if present is not None and present.user_id == user.pk else Actor(user.pk, user.name, "", "")


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
        note(_oneself(user), acts.PASSWORD_CHANGE, subject=user.username)


def enrol_factor(user: User, log_in: LogIn, secret: str, code: str) -> None:
    """A user adds an authenticator: the code shows that it has the secret, to this session too. Raises BF-1308 where it does not."""
    step = second_factor.matching_step(secret, code, clock.machine_now(), None)
    if step is None:
        raise WRONG_CODE()
    user.factor_secret, user.factor_step = encrypt_many([secret], FACTOR)[0], step
    with transaction.atomic():
        user.save(update_fields=["factor_secret", "factor_step"])
        LogIn.objects.filter(pk=log_in.pk).update(factor=True)
        note(_oneself(user), acts.FACTOR_ADD, subject=user.username)


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
        note(actor, acts.FACTOR_DROP, subject=user.username)


def unlock(actor: Actor, user: User) -> None:
    """Forgive the failed log-ins of a name. Raises BF-1001 without `user.manage`."""
    actor.require("user.manage")
    with acting(actor):
        FailedLogIn.objects.filter(username=user.username, forgiven=False).update(forgiven=True)
        note(actor, acts.USER_UNLOCK, subject=user.username)


def reset_password(actor: Actor, user: User, password: str) -> None:
    """Give a user a password for one log-in and end their sessions. Raises BF-1305, and BF-1001 without `user.manage`."""
    actor.require("user.manage")
    _require_good(password, user)
    with acting(actor):
        user.set_password(password)
        user.must_change_password = True
        user.save(update_fields=["password", "must_change_password"])
        end_log_ins(user, by="administrator")
        note(actor, acts.PASSWORD_RESET, subject=user.username)


def set_active(actor: Actor, user: User, *, active: bool) -> None:
    """Close a user's account, which ends their sessions, or open it again. Raises BF-1001 without `user.manage`."""
    actor.require("user.manage")
    with acting(actor):
        user.is_active = active
        user.save(update_fields=["is_active"])
        if not active:
            end_log_ins(user, by="administrator")
        note(actor, acts.USER_OPEN if active else acts.USER_CLOSE, subject=user.username)


@dataclass(frozen=True, slots=True)
class DutyRow:
    """A duty to be given: whose, for which household (its key and number, None for a whole area), where, from when until when."""

    user: User
    path: str
    since: date
    until: date | None = None
    household: int | None = None
    shown: str = ""  # the household's number or the area's name, for what is said about it
    row: int | None = None


def give_duties(actor: Actor, rows: Sequence[DutyRow], *, source: str) -> int:
    """Let users answer for households and areas; all of the rows or none. Returns how many are new: what is held already stays.

    Raises BF-1321 where the user holds no role there that sees its duty, BF-1322 where a row overlaps one that is held from another
    day on, BF-1323 for days that end before they begin, BF-1001 without `duty.manage`.
    """
    actor.require("duty.manage")
    given = 0
    with acting(actor):
        for row in rows:
            given += _give_duty(row, source)
        if given:
            users = sorted({row.user.username for row in rows})
            note(actor, acts.DUTY_GIVE, subject=", ".join(users), detail={"rows": len(rows), "new": given, "source": source})
    return given


def _give_duty(row: DutyRow, source: str) -> int:
    if row.until is not None and row.until <= row.since:
        wanted = Text("结束日期须晚于开始日期", "The last day must come after the first")
        raise BAD_DUTY(row=row.row, column=Text("止", "until"), value=row.until.isoformat(), wanted=wanted)
    span = DateRange(row.since, row.until)
    limited = [role.key for role in roles().values() if role.sees == "duty"]
    held = Assignment.objects.of(row.user).filter(role__in=limited, valid__overlap=span).values_list("path", flat=True)
    if not any(row.path.startswith(path) or path.startswith(row.path) for path in held):
        raise NO_ROLE_FOR_DUTY(row=row.row, username=row.user.username, place=row.shown or row.path)
    same = Duty.objects.of(row.user).filter(household=row.household, valid__overlap=span)
    if row.household is None:
        same = same.filter(path=row.path)
    for other in same:
        if other.valid.lower <= row.since and (
            other.valid.upper is None or (row.until is not None and row.until <= other.valid.upper)
        ):
            return 0
        days = f"{other.valid.lower} – {other.valid.upper or ''}"
        raise DUTY_OVERLAPS(row=row.row, username=row.user.username, subject=row.shown or row.path, held=days)
    Duty.objects.create(user=row.user, household=row.household, path=row.path, valid=span, source=source)
    return 1


def end_duty(actor: Actor, user: User, *, on: date, path: str, household: int | None = None, shown: str = "") -> None:
    """End a duty: on the day itself it is no longer held. Raises BF-1324 where there is none, BF-1001 without `duty.manage`."""
    actor.require("duty.manage")
    with acting(actor):
        held = Duty.objects.of(user).filter(household=household, valid__contains=on)
        if household is None:
            held = held.filter(path=path)
        duty = held.first()
        if duty is None:
            raise NO_SUCH_DUTY(username=user.username, subject=shown or path)
        note(actor, acts.DUTY_END, subject=user.username, path=duty.path, detail={"of": shown or path, "until": on})
        if duty.valid.lower == on:
            duty.delete()  # it never was
            return
        duty.valid = DateRange(duty.valid.lower, on)
        duty.save(update_fields=["valid"])
