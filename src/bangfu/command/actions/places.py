"""What the actions of command look up first: areas, officers, units and posts by the names that people use, for many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeVar

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q

from bangfu.accounts.audit import note
from bangfu.areas.models import Area
from bangfu.areas.problems import UNKNOWN_AREA
from bangfu.command.models import Officer, Post, Unit
from bangfu.command.problems import BAD_ROW, OUTSIDE_AREA, UNKNOWN_APPOINTMENT, UNKNOWN_OFFICER, UNKNOWN_POST, UNKNOWN_UNIT
from bangfu.foundation import changes
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.acts import Act
from bangfu.foundation.problems import Problem, ProblemKind
from bangfu.foundation.say import Text, quoted, why_no_text

BATCH = 2_000
A_SPAN = Text("止日须晚于起日", "the last day comes after the first")
TWICE = Text("它在表中出现了两次", "it stands twice in the list")
CAUSE = "command"
T = TypeVar("T")
Asked = Iterable[str] | Mapping[str, int | None]  # names, or names with the row that has them


PAIRINGS, OFFICES = 2201, 2202


def one_at_a_time(lock: int) -> None:
    """Let nobody else write pairings (or offices) until this transaction ends: what was counted and compared stays true."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])


def told() -> None:
    """Tell the followers (lake, figures) that something of command changed."""
    changes.nudge(CAUSE)


def span(since: date, until: date | None, row: int | None) -> DateRange:
    """Days from the first to the day after the last. Raises BF-2204 where they end before they begin."""
    if until is not None and until <= since:
        raise BAD_ROW(row=row, column=Text("止", "until"), value=until, wanted=A_SPAN)
    return DateRange(since, until)


def text(value: str, column: Text, longest: int, row: int | None) -> str:
    """A text that is neither blank nor too long. Raises BF-2204."""
    told_ = value.strip()
    if (why := why_no_text(told_, longest)) is not None:
        raise BAD_ROW(row=row, column=column, value=quoted(told_), wanted=why)
    return told_


def code(value: str, column: Text, known: Iterable[str], row: int | None) -> str:
    """One of a few codes. Raises BF-2204, which lists them."""
    if value not in known:
        listed = ", ".join(known)
        raise BAD_ROW(row=row, column=column, value=value or "–", wanted=Text(f"须是 {listed} 之一", f"one of {listed}"))
    return value


def once(rows: Iterable[Any], name: str, column: Text) -> None:
    """Hold that no two rows of a list have the same key. Raises BF-2204 with the row of the second."""
    seen: set[str] = set()
    for row in rows:
        value = getattr(row, name)
        if value in seen:
            raise BAD_ROW(row=row.row, column=column, value=value, wanted=TWICE)
        seen.add(value)


def asked(rows: Iterable[Any], name: str) -> dict[str, int | None]:
    """What rows have in a column, each with the first row that has it."""
    found: dict[str, int | None] = {}
    for row in rows:
        found.setdefault(getattr(row, name), row.row)
    return found


def areas_by_path(actor: Actor, paths: Iterable[str]) -> dict[str, Area]:
    """Areas of the actor's own by path. Raises BF-1108 for one that is not there, or outside."""
    wanted = set(paths)
    found = {a.path: a for a in Area.objects.filter(path__in=wanted)}
    for path in sorted(wanted):
        if path not in found or not actor.covers(path):
            raise UNKNOWN_AREA(area=path)
    return found


def officers_by_number(numbers: Asked, day: date) -> dict[str, Officer]:
    """Officers in service on a day, by number. Raises BF-2202."""
    return _known(Officer.objects.on(day).filter(number__in=set(numbers)), "number", numbers, UNKNOWN_OFFICER, "officer")


def officers_serving(wanted: Iterable[tuple[str, date, int | None]]) -> dict[str, Officer]:
    """Officers by number, each of whom serves on every day that is asked with the number, in a row. Raises BF-2202."""
    asked = list(wanted)
    found = {o.number: o for o in Officer.objects.filter(number__in={number for number, _, _ in asked})}
    for number, day, row in asked:
        if number not in found or day not in found[number].valid:
            raise UNKNOWN_OFFICER(officer=number, row=row)
    return found


def units_by_key(keys: Asked, day: date) -> dict[str, Unit]:
    """Units that are there on a day, by key. Raises BF-2203."""
    return _known(Unit.objects.on(day).filter(key__in=set(keys)), "key", keys, UNKNOWN_UNIT, "unit")


def posts_by_key(keys: Asked, day: date) -> dict[str, Post]:
    """Posts that are there on a day, by key. Raises BF-2201."""
    return _known(Post.objects.on(day).filter(key__in=set(keys)), "key", keys, UNKNOWN_POST, "post")


def _known(rows: Any, field: str, wanted: Asked, problem: ProblemKind, what: str) -> dict[str, Any]:
    found = {getattr(row, field): row for row in rows}
    for one in wanted:
        if one not in found:
            raise problem(**{what: one}, **({"row": wanted[one]} if isinstance(wanted, Mapping) else {}))
    return found


def overlap(one: DateRange, other: DateRange) -> bool:
    """Whether two spans of days, open or not, have a day in common."""
    return (one.upper is None or other.lower < one.upper) and (other.upper is None or one.lower < other.upper)


def require_covered(actor: Actor, path: str, what: object, row: int | None) -> None:
    """Raise BF-2235 where a path lies outside the actor's area."""
    if not actor.covers(path):
        raise OUTSIDE_AREA(row=row, what=what)


def end_dated(actor: Actor, act: Act, model: type[Any], keys: Sequence[int], on: date, reason: str = "") -> int:
    """End dated rows that have not ended: on the day itself they hold no longer. Returns how many ended; the reason is kept where the model keeps one.

    Raises BF-2234 for one that is not there, has ended or lies outside the actor's area, BF-2204 for a day that is not after its first.
    """
    with acting(actor):
        open_ = Q(valid__upper_inf=True) | Q(valid__endswith__gt=on)
        held = list(model.objects.filter(open_, pk__in=keys).select_for_update())
        if len(held) != len(set(keys)) or not all(actor.covers(row.path) for row in held):
            raise UNKNOWN_APPOINTMENT()
        fields = ["valid"]
        for row in held:
            row.valid = span(row.valid.lower, on, 1)
            if hasattr(row, "end_reason"):
                row.end_reason, fields = reason[:120], ["valid", "end_reason"]
        model.objects.bulk_update(held, fields, batch_size=BATCH)
        note(actor, act, reason=reason, detail={"rows": len(held), "until": on})
        told()
    return len(held)


@contextmanager
def instead(refusals: Mapping[str, Callable[[], Problem]]) -> Iterator[None]:
    """Within it, a constraint that refuses is told as the problem of its name; another goes on as it is."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if name in refusals:
            raise refusals[name]() from error
        raise
