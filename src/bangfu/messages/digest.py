"""What goes out now, and what waits until when: quiet hours, and one digest a day unless a deadline falls today. No database in sight.

Three rules, in this order:

1. What is urgent, or has a deadline that falls today or has passed, is for now. All else is for the next digest: the first time of day
   `digest_at` at or after the moment at which it was told, and never on a day on which that reader already had a digest on that channel.
2. In quiet hours nothing goes out on a channel that disturbs people: it is held until they end.
3. What goes to one reader on one channel at one time goes as one letter.

A channel that disturbs nobody (the inbox) knows neither digest nor quiet hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

Reader = tuple[str, int]  # a channel (its key, or the one that was set up) and the reader (0: the group)


@dataclass(frozen=True, slots=True)
class Hours:
    """Quiet from one time of day until another (past midnight where the first is the later; none where they are the same), and the time
    of the digest. In the county's time zone."""

    quiet_from: time
    quiet_until: time
    digest_at: time


@dataclass(frozen=True, slots=True)
class Manner:
    """How a channel behaves: whether quiet hours hold what is on it, and whether it folds the day's messages into one."""

    quiet: bool = True
    digest: bool = True


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits for a reader on a channel. `since`: when it was told (aware). `deadline`: the day, where there is one."""

    key: int
    reader: Reader
    since: datetime
    deadline: date | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """Messages that go to one reader on one channel as one; `digest` where they are the day's."""

    reader: Reader
    keys: tuple[int, ...]
    digest: bool


@dataclass(frozen=True, slots=True)
class Held:
    """Until when a message waits, and whether quiet hours are why."""

    until: datetime
    quiet: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The letters of now, and when each other message is to be looked at again."""

    letters: list[Letter] = field(default_factory=list)
    held: dict[int, Held] = field(default_factory=dict)


def plan(
    waiting: Iterable[Waiting],
    *,
    now: datetime,
    zone: tzinfo,
    hours: Mapping[int, Hours],
    county: Hours,
    manners: Mapping[str, Manner],
    last_digest: Mapping[Reader, date],
) -> Plan:
    """Which messages go now and until when the others wait.

    `hours` are those of users who have their own, `county` those of all others and of groups; `manners` by channel (of one that is not
    named, those of a channel that disturbs); `last_digest` the last day of the county on which a reader had a digest.
    """
    made = Plan()
    at_once: dict[Reader, list[Waiting]] = {}
    folded: dict[Reader, list[Waiting]] = {}
    today = now.astimezone(zone).date()
    for one in sorted(waiting, key=lambda w: (w.since, w.key)):
        manner, own = manners.get(one.reader[0], Manner()), hours.get(one.reader[1], county)
        pressing = one.urgent or (one.deadline is not None and one.deadline <= today) or not manner.digest
        if not pressing:
            moment = digest_moment(one.since, zone, own, last_digest.get(one.reader))
            if moment > now:
                made.held[one.key] = Held(_first(moment, _turns_pressing(one, zone)), False)
                continue
        if manner.quiet and (end := quiet_end(now, zone, own)) is not None:
            made.held[one.key] = Held(end, True)
            continue
        (at_once if pressing else folded).setdefault(one.reader, []).append(one)
    for group, digest in ((at_once, False), (folded, True)):
        made.letters.extend(Letter(reader, tuple(w.key for w in found), digest) for reader, found in sorted(group.items()))
    return made


def quiet_end(now: datetime, zone: tzinfo, hours: Hours) -> datetime | None:
    """When the quiet hours in which `now` lies end; None outside them. They begin with their first minute and end before their last."""
    local = now.astimezone(zone)
    at, begin, end = local.time().replace(tzinfo=None), hours.quiet_from, hours.quiet_until
    if begin == end:
        return None
    if begin < end:
        inside, day = begin <= at < end, local.date()
    else:
        inside, day = at >= begin or at < end, local.date() + timedelta(days=1 if at >= begin else 0)
    return datetime.combine(day, end, tzinfo=zone) if inside else None


def digest_moment(since: datetime, zone: tzinfo, hours: Hours, last: date | None) -> datetime:
    """The digest for what was told at a moment: the first at or after it, on a day on which none has gone yet; after quiet hours where
    it falls into them."""
    day = since.astimezone(zone).date() - timedelta(days=1)
    if last is not None:
        day = max(day, last - timedelta(days=1))
    while True:
        moment = datetime.combine(day, hours.digest_at, tzinfo=zone)
        moment = quiet_end(moment, zone, hours) or moment
        if moment >= since and (last is None or moment.date() > last):
            return moment
        day += timedelta(days=1)


def _turns_pressing(one: Waiting, zone: tzinfo) -> datetime | None:
    """When the day of the deadline begins."""
    return datetime.combine(one.deadline, time(0), tzinfo=zone) if one.deadline is not None else None


def _first(moment: datetime, other: datetime | None) -> datetime:
    return moment if other is None else min(moment, other)
