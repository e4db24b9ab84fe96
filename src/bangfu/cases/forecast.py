"""Burn-down and forecast: how open cases came down, and with what probability none is open by an end date. Pure.

A row is a post and a kind of case. The days to come repeat days of the row's own past, drawn at random: whole weeks, each day on its own day of the week,
so that a rhythm of weeks stays and what was opened and closed on one day stays together. A row whose past is shorter than two weeks draws single days. The open
count of a path is what is open today, plus what is opened, less what is closed, never below nothing. A row has finished on the first day on which
nothing is open: what is opened afterwards does not undo that, the fan shows it. The past of a row begins on the first day of the window on which there was
anything to close. Without a closing in it the pace is unknown, and so is the probability.

The model leaves out that people work faster towards a deadline, holidays, hands that come and go (see `mobilise`), hard cases that stay for last, and that days on
which little was open show less than the pace that was possible. A case counts like any other of its row. Rows are drawn each by itself: the
probability that several rows finish is not the product of theirs.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from bangfu.foundation.say import Text

Ints = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

# What holds a case, what is easiest to change first: the order decides among equals. What is under way is held by nothing.
UNDER_WAY = "under_way"
HOLDS: Mapping[str, Text] = {
    "no_measure": Text("没有帮扶措施", "no measure is laid down"),
    "at_department": Text("等部门办理", "a department has it"),
    "to_verify": Text("等核实", "it waits to be verified"),
    "overdue": Text("已过期限", "it is overdue"),
    "paused": Text("已暂停", "it is paused"),
    "in_effect": Text("措施已落实，等见效", "a measure is in place and has yet to take effect"),
    UNDER_WAY: Text("正在办理", "it is under way"),
}
WEEK = 7
QUANTILES = (0.1, 0.5, 0.9)
CHUNK = 1 << 18  # numbers of one array of the simulation: a few megabytes whatever the rows


@dataclass(frozen=True, slots=True)
class History:
    """What was opened and closed, day by day. The last column is the last day that is over; `backlog` is open at its end.

    `keys` (rows) name the rows and choose their draws; `opened`, `closed` (rows, days) counts; `backlog` (rows,); `holding` by code of `HOLDS` (rows,): how many
    open cases it holds. `open_` (rows, days + 1) is the open count before the first day and at the end of each. Raises ValueError where shapes do not
    fit, a count is below zero, a code is unknown, or more is closed than there was.
    """

    keys: tuple[str, ...]
    opened: Ints
    closed: Ints
    backlog: Ints
    holding: Mapping[str, Ints] = field(default_factory=dict)
    open_: Ints = field(init=False, repr=False)

    def __post_init__(self) -> None:
        rows = len(self.keys)
        if self.opened.ndim != 2 or self.opened.shape != self.closed.shape or len(self.opened) != rows:
            raise ValueError("opened and closed are counts by row and day")
        if any(count.shape != (rows,) for count in (self.backlog, *self.holding.values())):
            raise ValueError("backlog and what holds it are counts by row")
        if unknown := set(self.holding) - set(HOLDS):
            raise ValueError(f"nothing known holds a case by the name {sorted(unknown)}")
        if any((count < 0).any() for count in (self.opened, self.closed, self.backlog, *self.holding.values())):
            raise ValueError("a count is below zero")
        after = np.cumsum((self.opened - self.closed)[:, ::-1], axis=1)[:, ::-1]
        open_ = np.concatenate([self.backlog[:, None] - after, self.backlog[:, None]], axis=1).astype(np.int64)
        if (wrong := np.flatnonzero((open_ < 0).any(axis=1))).size:
            raise ValueError(f"more was opened than is open or closed in {[self.keys[row] for row in wrong[:5]]}")
        object.__setattr__(self, "open_", open_)

    def known_days(self, window: int) -> Ints:
        """The days of each row's past: of the last `window` those from the first on which there was anything to close. Shape (rows,)."""
        busy = (self.open_[:, :-1] + self.opened > 0)[:, -window:]
        return (
            np.where(busy.any(axis=1), busy.shape[1] - busy.argmax(axis=1), 0) if busy.shape[1] else np.zeros(len(busy), np.int64)
        )


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is known and expected of each row. Day 0 is the last day of the history, day d is d days later.

    `burn_down` (rows, days + 1) the open count before the first day and at the end of each; `known_days` (rows,) days that the draws come from; `throughput`
    (rows,) closings per day in them, nan where there are none. `probability` (rows,) that the row finishes by its end date, `by_day`
    (rows, horizon + 1) by each day: nan where the pace is unknown. `finish` (rows, 3) the day by which the row finishes with probability `QUANTILES`,
    `fan` (rows, 3, horizon + 1) quantiles of the open count; both −1 where unknown, `finish` also beyond the horizon. `held_by` (rows) the code that holds
    most of the open cases (`under_way` only where nothing else holds one), blank where none is told, and `held` (rows,) how many.
    """

    burn_down: Ints
    known_days: Ints
    throughput: Reals
    probability: Reals
    by_day: Reals
    finish: Ints
    fan: Ints
    held_by: tuple[str, ...]
    held: Ints


def forecast(
    history: History, days: int | Ints, *, horizon: int = 60, window: int = 8 * WEEK, paths: int = 2000, seed: int = 0
) -> Forecast:
    """The forecast of every row. `days` from the last day of the history to the end date, counted, for all rows or for each (rows,).

    The horizon grows to the last end date. The answer of a row depends on the row, its key and `seed` alone. Raises ValueError for a window or number of
    paths below one.
    """
    if window < 1 or paths < 1 or horizon < 0:
        raise ValueError("a window and paths of at least one, a horizon of no day or more")
    rows = len(history.keys)
    ends = np.broadcast_to(np.asarray(days, np.int64), (rows,))
    horizon = max(horizon, int(ends.max(initial=0)))
    known = history.known_days(window)
    closings = lately(history.closed, known)

    by_day = np.full((rows, horizon + 1), np.nan)
    by_day[:, 0] = history.backlog == 0
    by_day[history.backlog == 0] = 1.0
    finish = np.full((rows, len(QUANTILES)), -1, np.int64)
    finish[history.backlog == 0] = 0
    fan = np.full((rows, len(QUANTILES), horizon + 1), -1, np.int64)
    idle = (history.backlog == 0) & (lately(history.opened, known) == 0)
    fan[idle] = 0
    net = (history.opened - history.closed).astype(np.int32).ravel()
    ranks = [_rank(quantile, paths) for quantile in QUANTILES]
    for some in batches(np.flatnonzero((closings > 0) & ~idle), known, paths):
        level = np.repeat(history.backlog[some, None].astype(np.int32), paths, axis=1)
        unfinished = level > 0
        finished = unfinished.astype(np.int32)  # days that end with something open and none before that did not
        fan[some, :, 0] = history.backlog[some, None]
        for day, past in enumerate(resampled(history, some, known, horizon, paths, seed), start=1):
            level += np.take(net, past)
            np.maximum(level, 0, out=level)
            unfinished &= level > 0
            finished += unfinished
            fan[some, :, day] = np.sort(level, axis=1)[:, ranks]
        finished.sort(axis=1)
        by_day[some] = shares(finished, horizon)
        last = finished[:, ranks].astype(np.int64)
        finish[some] = np.where(last > horizon, -1, last)
    probability = by_day[np.arange(rows), np.maximum(ends, 0)]
    with np.errstate(invalid="ignore", divide="ignore"):
        throughput = closings / known
    held_by, held = _held(history)
    return Forecast(history.open_, known, throughput, probability, by_day, finish, fan, held_by, held)


def lately(counts: Ints, known: Ints) -> Ints:
    """The sum of each row's counts over its last known days. Shape (rows,)."""
    days = counts.shape[1]
    total: Ints = (counts * (np.arange(days) >= days - known[:, None])).sum(axis=1)
    return total


def batches(rows: Ints, known: Ints, paths: int) -> Iterator[Ints]:
    """The rows in parts that draw alike (weeks or single days) and fit into memory."""
    size = max(CHUNK // paths, 1)
    for alike in (rows[known[rows] >= 2 * WEEK], rows[known[rows] < 2 * WEEK]):
        for first in range(0, len(alike), size):
            yield alike[first : first + size]


def resampled(history: History, rows: Ints, known: Ints, horizon: int, paths: int, seed: int) -> Iterator[Ints]:
    """For each day to come the day of the past that it repeats, on every path. Yields `horizon` arrays (rows, paths).

    A day is told as a place in the flattened (rows, days) arrays of the history; the array is the same each time, with other places. The rows are of one batch of
    `batches`. The draws of a row depend on its key, `seed` and its known days: neither on the other rows nor on the horizon.
    """
    days = history.opened.shape[1]
    length = WEEK if int(known[rows].min()) >= 2 * WEEK else 1
    blocks = known[rows] // length
    draws = [_draws(history.keys[row], seed) for row in rows]
    end = (rows + 1) * days
    past = np.empty((len(rows), paths), np.int64)
    for day in range(horizon):
        if day % length:
            past += 1
        else:
            for i, draw in enumerate(draws):
                past[i] = end[i] - length - length * draw.integers(0, blocks[i], paths, dtype=np.int32)
        yield past


def shares(values: npt.NDArray[np.signedinteger[Any]], most: int) -> Reals:
    """The share of the paths whose value is at most 0, 1, … `most`. From (rows, paths) to (rows, most + 1)."""
    rows, paths = values.shape
    places = np.arange(rows)[:, None] * (most + 2) + np.minimum(values, most + 1)
    counts = np.bincount(places.ravel(), minlength=rows * (most + 2)).reshape(rows, most + 2)
    shared: Reals = np.cumsum(counts[:, :-1], axis=1) / paths
    return shared


def _draws(key: str, seed: int) -> np.random.Generator:
    digest = hashlib.blake2b(f"{seed}|{key}".encode(), digest_size=16).digest()
    return np.random.default_rng(int.from_bytes(digest))


def _rank(quantile: float, paths: int) -> int:
    """The place, in order, of the least value that so large a share of the paths does not exceed."""
    return max(math.ceil(round(quantile * paths, 6)) - 1, 0)


def _held(history: History) -> tuple[tuple[str, ...], Ints]:
    codes = [code for code in HOLDS if code in history.holding]
    if not codes:
        return ("",) * len(history.keys), np.zeros(len(history.keys), np.int64)
    counts = np.stack([history.holding[code] for code in codes]).astype(np.int64)
    weighed = counts * 2
    for n, code in enumerate(codes):
        if code == UNDER_WAY:
            weighed[n] = counts[n] > 0  # named only where nothing else holds anything
    most = weighed.argmax(axis=0)
    held = counts[most, np.arange(counts.shape[1])]
    return tuple(codes[n] if count else "" for n, count in zip(most, held, strict=True)), held
