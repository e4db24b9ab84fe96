"""Burn-down and forecast: how open cases came down, with what probability those that are open now are closed by an end date, and what holds them up. Pure.

What is simulated is a part: one place and one kind of case. A whole (a village, a township, a kind in the county) is some parts, and finishes when each of them
has: on every path of one simulation, so that a whole is never likelier to finish than a part of it. The weeks to come repeat weeks of the window at
random, each day on its own day of the week, and on a path all parts repeat the same weeks: good and bad weeks are common. A part whose past is shorter than
two weeks draws single days, the others as many weeks as they know. The past of a part begins on the first day of the window on which there was anything to close.

The forecast is of what is open now: nothing new comes, so the open count of a path never rises. What would be open on the end date if as many came as
lately is told beside it. The days on which a great visit found most cases are no measure of what comes, so arrivals are drawn from the last two weeks.

A pace is shown by what was solved, on two days at least: what ended otherwise, and the work of one day, promise nothing.
A part with open cases and no pace of its own in the window borrows one: that of its place, where it has one. It comes down as all open
cases of the place would as one queue, and has finished when that queue has: the same hands will get to it. What was borrowed is told apart. Where a place has none,
there is no pace: nobody can say when it finishes, so the whole cannot be said to finish either. Its probability is unknown, and at most that of its other parts;
where those do not finish in any case, it is nought.

The model leaves out that people work faster towards a deadline, holidays, hands that come and go (see `mobilise`), hard cases that stay for last, that what is new takes
its share of the work, and that days on which little was open show less than the pace that was possible.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from bangfu.foundation.say import Text

Ints = npt.NDArray[np.int64]
Counts = npt.NDArray[np.signedinteger[Any]]
Reals = npt.NDArray[np.float64]

WEEK = 7
WINDOW = 6 * WEEK  # days of the past that closings are drawn from
ARRIVALS = 2 * WEEK  # days of the past that new cases are drawn from
PATHS = 1000
LEAST_DAYS = 2  # with something done, before they show a pace
QUANTILES = (0.1, 0.5, 0.9)
NEVER = 0.005  # below it the probability reads as nought
CHUNK = 1 << 18  # numbers of one array of the simulation: a few megabytes whatever the parts


@dataclass(frozen=True, slots=True)
class History:
    """What was opened and closed, day by day. The last column is the last day that is over; `backlog` is open at its end.

    `keys` (parts) name the parts; `opened`, `closed` (parts, days) counts; `backlog` (parts,). `places` (parts,) number the place of each: parts of one place
    lend each other a pace (None: each is a place by itself). `solved` (parts, days) are those of the closed that show a pace, the others having ended
    otherwise (None: all do). `open_` (parts, days + 1) is the open count before the first day and at the end of each.
    Raises ValueError where shapes do not fit, a count is below zero, or more is closed than there was.
    """

    keys: tuple[str, ...]
    opened: Ints
    closed: Ints
    backlog: Ints
    places: Ints | None = None
    solved: Ints | None = None
    open_: Ints = field(init=False, repr=False)

    def __post_init__(self) -> None:
        parts = len(self.keys)
        if self.opened.ndim != 2 or self.opened.shape != self.closed.shape or len(self.opened) != parts:
            raise ValueError("opened and closed are counts by part and day")
        if self.backlog.shape != (parts,):
            raise ValueError("the backlog is a count by part")
        if self.places is not None and self.places.shape != (parts,):
            raise ValueError("each part is of one place")
        if self.solved is not None and (self.solved.shape != self.closed.shape or (self.solved > self.closed).any()):
            raise ValueError("what is solved is some of what is closed")
        if any((count < 0).any() for count in (self.opened, self.closed, self.backlog)):
            raise ValueError("a count is below zero")
        after = np.cumsum((self.opened - self.closed)[:, ::-1], axis=1)[:, ::-1]
        open_ = np.concatenate([self.backlog[:, None] - after, self.backlog[:, None]], axis=1).astype(np.int64)
        if (wrong := np.flatnonzero((open_ < 0).any(axis=1))).size:
            raise ValueError(f"more was opened than is open or closed in {[self.keys[part] for part in wrong[:5]]}")
        object.__setattr__(self, "open_", open_)

    def known_days(self, window: int = WINDOW) -> Ints:
        """The days of each part's past: of the last `window` those from the first on which there was anything to close. Shape (parts,)."""
        busy = (self.open_[:, :-1] + self.opened > 0)[:, -window:]
        return (
            np.where(busy.any(axis=1), busy.shape[1] - busy.argmax(axis=1), 0) if busy.shape[1] else np.zeros(len(busy), np.int64)
        )

    @property
    def work_done(self) -> Ints:
        """What was closed and shows a pace. Shape (parts, days)."""
        return self.closed if self.solved is None else self.solved

    def paces(self, window: int = WINDOW) -> Paces:
        """At what pace each part comes down: its own, or that of its place. What was done on one day alone shows none."""
        known = self.known_days(window)
        own = lately((self.work_done > 0).astype(np.int64), known) >= LEAST_DAYS
        places = np.arange(len(self.keys)) if self.places is None else np.unique(self.places, return_inverse=True)[1]
        member = places == np.arange(places.max(initial=-1) + 1)[:, None]
        closed, work = member.astype(np.int64) @ self.work_done, member.astype(np.int64) @ self.backlog
        since = np.where(member, known, 0).max(axis=1, initial=0)
        lent = ~own & (self.backlog > 0) & (lately((closed > 0).astype(np.int64), since) >= LEAST_DAYS)[places]
        return Paces(
            np.where(lent[:, None], closed[places], self.work_done),
            np.where(lent, work[places], self.backlog),
            np.where(lent, since[places], known),
            own | lent,
            lent,
        )


@dataclass(frozen=True, slots=True)
class Paces:
    """At what pace each part comes down. Of a part with `lent`, these are numbers of its place; of others its own.

    `closed` (parts, days) closings per day, `work` (parts,) how many have to be closed until the part is empty, `known` (parts,) the days of the past
    that are drawn from. `has` (parts,) a pace at all, `lent` (parts,) a borrowed one.
    """

    closed: Ints
    work: Ints
    known: Ints
    has: npt.NDArray[np.bool_]
    lent: npt.NDArray[np.bool_]

    def left(self, parts: Ints, level: Counts, backlog: Ints) -> Counts:
        """What is open of some parts, whose `backlog` it was, when so much of the work is left. Shapes (parts, paths), (parts,); gives (parts, paths)."""
        borrowed = self.lent[parts]
        if not borrowed.any():
            return level
        found = level.astype(np.int64)
        found[borrowed] = -(-found[borrowed] * backlog[borrowed, None] // self.work[parts[borrowed], None])
        return found


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is known and expected of each whole. Day 0 is the last day of the history, day d is d days later.

    `burn_down` (wholes, days + 1) the open count before the first day and at the end of each; `known_days` (wholes,) days of the window on which there was
    anything to close; `throughput` (wholes,) solved per day in them, nan where there are none, or where all of it was done on one day. `stuck` (wholes,) open cases without a pace, `lent` (wholes,) at a borrowed one.
    `at_most` (wholes,) the probability that all other parts are closed by the end date; `probability` (wholes,) that all is, nan where that is unknown. `finish`
    (wholes, 3) the day by which all is closed with probability `QUANTILES`, −1 beyond the horizon or unknown. `fan` (wholes, 3, horizon + 1) quantiles
    of what is open of today's cases: it never rises. `with_new` (wholes, 3) quantiles of what is open on the end date if as many come as lately,
    `arriving` (wholes,) how many come per day then.
    """

    burn_down: Ints
    known_days: Ints
    throughput: Reals
    stuck: Ints
    lent: Ints
    at_most: Reals
    probability: Reals
    finish: Ints
    fan: Ints
    with_new: Ints
    arriving: Reals


def forecast(
    history: History,
    days: int,
    wholes: Sequence[Sequence[int]] | None = None,
    *,
    horizon: int = 60,
    window: int = WINDOW,
    arrivals: int = ARRIVALS,
    paths: int = PATHS,
    seed: int = 0,
) -> Forecast:
    """The forecast of every whole. `days` from the last day of the history to the end date, counted; `wholes` the parts of each (None: each part by itself).

    The horizon grows to the end date. The answer of a whole depends on its parts and `seed` alone, neither on the other wholes nor on names. Raises ValueError for a
    window or number of paths below one.
    """
    if min(window, arrivals, paths) < 1 or horizon < 0:
        raise ValueError("a window and paths of at least one, a horizon of no day or more")
    parts = len(history.keys)
    groups = [[n] for n in range(parts)] if wholes is None else wholes
    member = np.zeros((len(groups), parts), np.float32)  # counts below 2^24 are exact, and the product of matrices is quick
    for n, group in enumerate(groups):
        member[n, list(group)] = 1
    end = max(days, 0)
    horizon = max(horizon, end)
    paces = history.paces(window)
    waiting = history.backlog > 0
    closed = paces.closed.astype(np.int32).ravel()

    arrivals = min(arrivals, history.opened.shape[1])
    recent = history.opened[:, history.opened.shape[1] - arrivals :]
    coming = recent.sum(axis=1) > 0

    open_ = np.zeros((len(groups), horizon + 1, paths), np.float32)
    later = np.zeros((len(groups), paths), np.float32)
    last = np.zeros((len(groups), paths), np.int32)  # the day on which the last of the parts with a pace has finished
    still = member @ (history.backlog * ~paces.has).astype(np.float32)
    open_ += still[:, None, None]
    later += (member @ (history.backlog * ~paces.has * ~coming).astype(np.float32))[:, None]
    for some in batches(np.flatnonzero(waiting & paces.has), paces.known, paths):
        within, backlog = member[:, some], history.backlog[some]
        level = np.repeat(paces.work[some, None].astype(np.int32), paths, axis=1)
        finished = np.zeros_like(level)
        open_[:, 0] += (within @ backlog.astype(np.float32))[:, None]
        for day, past in enumerate(resampled(history, some, paces.known, horizon, paths, seed), start=1):
            finished += level > 0
            level -= np.take(closed, past)
            np.maximum(level, 0, out=level)
            left = paces.left(some, level, backlog).astype(np.float32)
            open_[:, day] += within @ left
            if day == end:
                later += (within * ~coming[some]) @ left
        finished += level > 0  # beyond the horizon
        if not end:
            later += ((within * ~coming[some]) @ backlog.astype(np.float32))[:, None]
        for whole, mine in zip(last, within > 0, strict=True):
            if mine.any():
                np.maximum(whole, finished[mine].max(axis=0), out=whole)
    for some, then in _with_new(history, paces, np.flatnonzero(coming), end, arrivals, paths, seed):
        later += member[:, some] @ then

    stuck = np.rint(still).astype(np.int64)
    at_most = (last <= end).mean(axis=1) if paths else np.ones(len(groups))
    probability = np.where((stuck == 0) | (at_most < NEVER), np.where(stuck > 0, 0.0, at_most), np.nan)
    if days <= 0:
        probability = np.where(member @ history.backlog > 0, 0.0, 1.0)
        at_most = np.where(stuck > 0, 0.0, at_most)
    ranks = [_rank(quantile, paths) for quantile in QUANTILES]
    finish = np.sort(last, axis=1)[:, ranks].astype(np.int64)
    finish[(finish > horizon) | (stuck > 0)[:, None]] = -1
    fan = np.sort(open_, axis=2)[:, :, ranks].transpose(0, 2, 1).astype(np.int64)
    with_new = np.sort(later, axis=1)[:, ranks].astype(np.int64)
    known = history.known_days(window)
    longest = np.array([max((int(known[part]) for part in group), default=0) for group in groups], np.int64)
    total = member.astype(np.int64)
    shown = history.work_done * (np.arange(history.closed.shape[1]) >= history.closed.shape[1] - known[:, None])
    with np.errstate(invalid="ignore", divide="ignore"):
        throughput = (total @ shown.sum(axis=1)) / longest
    throughput[((total @ shown) > 0).sum(axis=1) == 1] = np.nan
    arriving = (total @ recent.sum(axis=1)) / max(recent.shape[1], 1)
    return Forecast(
        total @ history.open_,
        longest,
        throughput,
        stuck,
        total @ (history.backlog * paces.lent),
        at_most,
        probability,
        finish,
        fan,
        with_new,
        np.asarray(arriving, float),
    )


def _with_new(
    history: History, paces: Paces, parts: Ints, end: int, arrivals: int, paths: int, seed: int
) -> Iterator[tuple[Ints, npt.NDArray[np.float32]]]:
    """Parts and what is open of each on the end date (parts, paths) if new cases come as in the last `arrivals` days. A borrowed pace is shared by what is open."""
    fresh = np.full(len(history.keys), arrivals, np.int64)
    share = np.where(paces.lent, history.backlog / np.maximum(paces.work, 1), paces.has)
    opened, closed = history.opened.ravel(), (paces.closed * share[:, None]).astype(np.float32).ravel()
    for some in batches(parts, paces.known, paths):
        level = np.repeat(history.backlog[some, None].astype(np.float32), paths, axis=1)
        draws = zip(
            resampled(history, some, paces.known, end, paths, seed),
            resampled(history, some, fresh, end, paths, seed + 1),
            strict=True,
        )
        for past, new in draws:
            level += np.take(opened, new) - np.take(closed, past)
            np.maximum(level, 0, out=level)
        yield some, np.ceil(level - 1e-3)


def lately(counts: Ints, known: Ints) -> Ints:
    """The sum of each part's counts over its last known days. Shape (parts,)."""
    days = counts.shape[1]
    total: Ints = (counts * (np.arange(days) >= days - known[:, None])).sum(axis=1)
    return total


def batches(parts: Ints, known: Ints, paths: int) -> Iterator[Ints]:
    """The parts in lots that draw alike (weeks or single days) and fit into memory. A part without a past is left with those that draw days."""
    size = max(CHUNK // paths, 1)
    for alike in (parts[known[parts] >= 2 * WEEK], parts[known[parts] < 2 * WEEK]):
        for first in range(0, len(alike), size):
            yield alike[first : first + size]


def resampled(history: History, parts: Ints, known: Ints, horizon: int, paths: int, seed: int) -> Iterator[Ints]:
    """For each day to come the day of the past that it repeats, on every path. Yields `horizon` arrays (parts, paths).

    A day is told as a place in the flattened (parts, days) arrays of the history; the array is the same each time, with other places. The parts are of one lot of
    `batches`. On a path all parts with as long a past repeat the same days: the draws depend on `seed` and the known days alone.
    """
    days = history.opened.shape[1]
    length = WEEK if parts.size and int(known[parts].min()) >= 2 * WEEK else 1
    blocks = np.maximum(known[parts] // length, 1)
    draws = np.random.default_rng([seed, length])
    end = (parts[:, None] + 1) * days
    past = np.empty((len(parts), paths), np.int64)
    for day in range(horizon):
        if day % length:
            past += 1
        else:
            drawn = draws.random(paths)
            past[:] = end - length - length * (drawn[None, :] * blocks[:, None]).astype(np.int64)
        yield past


def shares(values: Counts, most: int) -> Reals:
    """The share of the paths whose value is at most 0, 1, … `most`. From (rows, paths) to (rows, most + 1)."""
    rows, paths = values.shape
    places = np.arange(rows)[:, None] * (most + 2) + np.minimum(values, most + 1)
    counts = np.bincount(places.ravel(), minlength=rows * (most + 2)).reshape(rows, most + 2)
    shared: Reals = np.cumsum(counts[:, :-1], axis=1) / paths
    return shared


def _rank(quantile: float, paths: int) -> int:
    """The place, in order, of the least value that so large a share of the paths does not exceed."""
    return max(math.ceil(round(quantile * paths, 6)) - 1, 0)


# --- what holds cases up


# What a case waits for, each case for one thing; the order decides among equals.
HOLDS: Mapping[str, Text] = {
    "planned": Text("已安排措施，尚未落实", "a measure is planned and not done"),
    "no_measure": Text("没有安排措施", "no measure is planned"),
    "to_claim": Text("措施已落实，没有申请销号", "measures are done, closing was not asked for"),
    "to_verify": Text("等核验", "waiting to be verified"),
    "at_department": Text("等县直部门办理", "waiting for a county department"),
    "in_effect": Text("措施已落实，等见效", "measures are in place, waiting for them to take effect"),
    "paused": Text("已暂停", "paused"),
}


@dataclass(frozen=True, slots=True)
class Wait:
    """What one open case waits for: a code of `HOLDS`, with whom it lies (a step of the chain), and for how many days it has waited so."""

    code: str
    step: str
    days: int


@dataclass(frozen=True, slots=True)
class Held:
    """A reason that holds cases up: how many of all that are open, the median of their days, and with whom most of these lie and how many."""

    code: str
    count: int
    of: int
    days: int
    step: str
    at_step: int


def what_holds(waits: Iterable[Wait]) -> list[Held]:
    """The reasons that hold some cases up, the one with most cases first. Their counts sum up to all cases. Raises ValueError for an unknown code."""
    listed = list(waits)
    by_code: dict[str, list[Wait]] = {}
    for wait in listed:
        by_code.setdefault(wait.code, []).append(wait)
    if unknown := set(by_code) - set(HOLDS):
        raise ValueError(f"nothing known holds a case by the name {sorted(unknown)}")
    order = list(HOLDS)
    found = []
    for code in sorted(by_code, key=lambda code: (-len(by_code[code]), order.index(code))):
        some = by_code[code]
        step, at_step = min(Counter(wait.step for wait in some).items(), key=lambda pair: (-pair[1], pair[0]))
        found.append(Held(code, len(some), len(listed), int(median(wait.days for wait in some)), step, at_step))
    return found
