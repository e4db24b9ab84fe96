"""The quality watch: what among the visits deserves a second look, each with its evidence. Pure.

A hint is a question and no finding: each has an innocent reason that somebody on the spot may know (a phone with a wrong clock, neighbours who share a spring). Hints come in the order of
days, never by how much speaks for them, and nothing is summed up per worker: this ranks nobody. Positions are looked at only where a campaign has switched them on, pictures only where they
are neither blank nor dark.

Chances are exact under the model that is named with them, one for each place that was looked at: among a hundred thousand visits a chance of 1 in 10,000 comes by itself ten times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from bangfu.foundation.say import Text
from bangfu.supervision.chances import at_least, binomial
from bangfu.supervision.copies import distance, groups, near_pairs

Ints = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

UNKNOWN = -1
NO_PATTERN = 0
DAY = 24 * 60
SIGMA = 1.4826  # from a median of deviations to a standard deviation


class Kind(StrEnum):
    """What a hint is about."""

    TOO_MANY = "too_many"
    OVERLAP = "overlap"
    TOO_FAST = "too_fast"
    SHORT_FOR_FORM = "short_for_form"
    SHORT_FOR_ANSWERS = "short_for_answers"
    SERIES = "series"
    COPIED_PHOTO = "copied_photo"
    NIGHT = "night"
    ROUND_TIMES = "round_times"
    ROUND_NUMBERS = "round_numbers"


@dataclass(frozen=True, eq=False)
class Visits:
    """Visits, all of shape (visits,). `day` a number of days, `began` and `ended` minutes from the beginning of that day (past 1440 after midnight), `answered` questions;
    -1 where unknown. An end before its beginning counts as unknown. `pattern` a hash of the answers, 0 for none. `x`, `y` metres, NaN where unknown; None where positions are off.

    Raises ValueError where shapes do not fit.
    """

    worker: Ints
    day: Ints
    began: Ints
    ended: Ints
    household: Ints
    village: Ints
    form: Ints
    answered: Ints
    pattern: Ints
    x: Reals | None = None
    y: Reals | None = None

    def __post_init__(self) -> None:
        columns = [v for v in vars(self).values() if v is not None]
        if any(column.shape != self.worker.shape for column in columns) or (self.x is None) != (self.y is None):
            raise ValueError("every column has one entry per visit, and positions have x and y")

    @property
    def minutes(self) -> Ints:
        """How long each took, -1 where unknown."""
        known = (self.began >= 0) & (self.ended >= self.began)
        return np.where(known, self.ended - self.began, UNKNOWN)

    def metres(self, one: Ints, other: Ints) -> Reals:
        """The straight way between visits, NaN where a position is unknown or positions are off."""
        if self.x is None or self.y is None:
            return np.full(len(one), np.nan)
        return np.hypot(self.x[one] - self.x[other], self.y[one] - self.y[other])


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures of visits, all of shape (pictures,): the number of the visit, a perceptual hash of 64 bits (signed or not), and whether it is blank or dark, so that its hash says nothing."""

    visit: Ints
    hash: Ints | npt.NDArray[np.uint64]
    blank: Flags


@dataclass(frozen=True, slots=True)
class Settings:
    """From where something is a hint. `chance`: below it, a coincidence is told."""

    chance: float = 1e-4
    day_minutes: int = 600  # that a day has for visits
    visit_minutes: int = 20  # that a visit takes at least, with the way
    overlap_minutes: int = 2
    same_place_metres: float = 150.0
    metres_per_minute: float = 600.0
    way_slack_minutes: float = 5.0
    short_z: float = 3.5
    form_visits: int = 30  # before a form has a usual duration
    answer_seconds: float = 2.0
    run_least: int = 5
    run_others: int = 10  # visits of others in the village, before a pattern has a share
    photo_bits: int = 4
    night: tuple[int, int] = (22 * 60, 6 * 60)
    round_least: int = 20


@dataclass(frozen=True, slots=True)
class Hint:
    """What deserves a second look: the numbers of the visits, the evidence in numbers, a sentence, and how strong it is: a `chance` under the model, or the `ratio` of what was to what may be."""

    kind: Kind
    visits: tuple[int, ...]
    said: Text
    evidence: Mapping[str, float | int]
    chance: float | None = None
    ratio: float | None = None


@dataclass(frozen=True)
class Found:
    """The hints in the order of days, and how many visits each kind could look at at all."""

    hints: list[Hint]
    looked_at: Mapping[Kind, int] = field(default_factory=dict)


def find(visits: Visits, pictures: Pictures | None = None, settings: Settings | None = None) -> Found:
    """All hints of some visits."""
    s = settings or Settings()
    timed = int((visits.minutes >= 0).sum())
    began = int((visits.began >= 0).sum())
    placed = 0 if visits.x is None else int((~np.isnan(visits.x) & (visits.minutes >= 0)).sum())
    hints = [
        *too_many(visits, s), *overlaps(visits, s), *too_fast(visits, s), *short_for_form(visits, s), *short_for_answers(visits, s),
        *series(visits, s), *at_night(visits, s), *round_times(visits, s),
    ]  # fmt: skip
    looked_at = {
        Kind.TOO_MANY: len(visits.worker), Kind.OVERLAP: timed, Kind.TOO_FAST: placed, Kind.SHORT_FOR_FORM: timed,
        Kind.SHORT_FOR_ANSWERS: int(((visits.minutes >= 0) & (visits.answered > 0)).sum()),
        Kind.SERIES: int((visits.pattern != NO_PATTERN).sum()), Kind.NIGHT: began, Kind.ROUND_TIMES: began,
    }  # fmt: skip
    if pictures is not None:
        hints += copied_photos(visits, pictures, s)
        looked_at[Kind.COPIED_PHOTO] = len(np.unique(pictures.visit[~pictures.blank]))
    days = visits.day.tolist()
    hints.sort(key=lambda hint: (min(days[v] for v in hint.visits), hint.visits, hint.kind))
    return Found(hints, looked_at)


def _hint(kind: Kind, visits: Ints, evidence: dict[str, Any], **strength: float) -> Hint:
    shown = {name: f"{v:.1f}" if isinstance(v, float) else v for name, v in evidence.items()}
    if (chance := strength.get("chance")) is not None:
        shown["chance"] = f"{chance:.1g}"
    return Hint(kind, tuple(int(v) for v in visits), SAID[kind].format(**shown), evidence, **strength)


def _spans(*columns: Ints) -> tuple[Ints, Ints, Ints]:
    """The order by columns (the first counts most), and where spans with equal columns begin and how long they are."""
    order = np.lexsort(columns[::-1])
    changed = np.zeros(len(order), np.bool_)
    changed[:1] = True
    for column in columns:
        changed[1:] |= column[order][1:] != column[order][:-1]
    starts = np.flatnonzero(changed)
    return order, starts, np.diff(np.append(starts, len(order)))


def too_many(visits: Visits, s: Settings) -> Iterator[Hint]:
    """Days with more households of one worker than its minutes allow."""
    order, starts, lengths = _spans(visits.worker, visits.day)
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        if length * s.visit_minutes <= s.day_minutes:
            continue
        rows = np.sort(order[start : start + length])
        households = len(np.unique(visits.household[rows]))
        needed = households * s.visit_minutes
        if needed > s.day_minutes:
            evidence = {"households": households, "least": s.visit_minutes, "needed": needed, "minutes": s.day_minutes}
            yield _hint(Kind.TOO_MANY, rows, evidence, ratio=needed / s.day_minutes)


def _timed(visits: Visits) -> tuple[Ints, Ints, Ints]:
    """Visits with both times in the order of worker and time, when each began and when it ended, in minutes."""
    rows = np.flatnonzero(visits.minutes >= 0)
    begin = visits.day[rows] * DAY + visits.began[rows]
    end = begin + visits.minutes[rows]
    order = np.lexsort((rows, end, begin, visits.worker[rows]))
    return rows[order], begin[order], end[order]


def overlaps(visits: Visits, s: Settings) -> Iterator[Hint]:
    """Visits of one worker to two households at the same time; where both positions are known, only those too far apart to be one place."""
    rows, begin, end = _timed(visits)
    if len(rows) < 2:
        return
    worker = np.unique(visits.worker[rows], return_inverse=True)[1]
    shifted = worker * (int(end.max()) - int(begin.min()) + 1) + end - int(begin.min())
    latest = np.maximum.accumulate(shifted)
    # Which visit up to here ends last: the one that raised the running maximum.
    holder = np.maximum.accumulate(np.where(np.diff(latest, prepend=-1) > 0, np.arange(len(rows)), 0))
    here = np.arange(1, len(rows))
    before = holder[:-1]
    shared = np.minimum(end[before], end[here]) - begin[here]
    one, other = rows[before], rows[here]
    wrong = (worker[before] == worker[here]) & (shared >= s.overlap_minutes) & (visits.household[one] != visits.household[other])
    metres = visits.metres(one, other)
    wrong &= ~(metres <= s.same_place_metres)
    for i in np.flatnonzero(wrong).tolist():
        evidence: dict[str, Any] = {"shared": int(shared[i])}
        if not np.isnan(metres[i]):
            evidence["metres"] = float(metres[i])
        shorter = max(1, int(min(end[before[i]] - begin[before[i]], end[here[i]] - begin[here[i]])))
        yield _hint(Kind.OVERLAP, np.array([one[i], other[i]]), evidence, ratio=float(shared[i] / shorter))


def too_fast(visits: Visits, s: Settings) -> Iterator[Hint]:
    """Visits of one worker that follow closer than the way between them needs."""
    rows, begin, end = _timed(visits)
    one, other = rows[:-1], rows[1:]
    gap = begin[1:] - end[:-1]
    metres = visits.metres(one, other)
    way = metres / s.metres_per_minute
    wrong = (visits.worker[one] == visits.worker[other]) & (gap >= 0) & (way > gap + s.way_slack_minutes)
    for i in np.flatnonzero(wrong).tolist():
        evidence = {"metres": float(metres[i]), "gap": int(gap[i]), "way": float(way[i])}
        yield _hint(Kind.TOO_FAST, np.array([one[i], other[i]]), evidence, ratio=float(way[i] / max(1, gap[i])))


def short_for_form(visits: Visits, s: Settings) -> Iterator[Hint]:
    """Visits much shorter than their form usually takes, those of a worker's day together: by the median and the median deviation of the logarithm of minutes."""
    minutes = visits.minutes
    known = np.flatnonzero(minutes >= 0)
    order, starts, lengths = _spans(visits.form[known])
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        if length < s.form_visits:
            continue
        rows = np.sort(known[order[start : start + length]])
        logs = np.log(np.maximum(minutes[rows], 0.5))
        middle = float(np.median(logs))
        spread = SIGMA * float(np.median(np.abs(logs - middle)))
        if spread == 0:  # half of the visits took the same time: there is no usual spread
            continue
        z = (logs - middle) / spread
        usual = float(np.exp(middle))
        short = np.flatnonzero(z < -s.short_z)
        of_day, begins, counts = _spans(visits.worker[rows[short]], visits.day[rows[short]])
        for begin, count in zip(begins.tolist(), counts.tolist(), strict=True):
            some = np.sort(short[of_day[begin : begin + count]])
            took = int(minutes[rows[some]].max())
            evidence = {"short": count, "took": took, "usual": usual, "z": float(z[some].max()), "visits": length}
            yield _hint(Kind.SHORT_FOR_FORM, rows[some], evidence, ratio=usual / max(took, 0.5))


def short_for_answers(visits: Visits, s: Settings) -> Iterator[Hint]:
    """Visits shorter than the questions answered take to be read out. Times are whole minutes: a visit may have taken almost one more than they say."""
    minutes = visits.minutes
    needed = visits.answered * s.answer_seconds / 60
    for i in np.flatnonzero((minutes >= 0) & (visits.answered > 0) & (minutes + 1 < needed)).tolist():
        evidence = {"took": int(minutes[i]), "answered": int(visits.answered[i]), "needed": float(needed[i])}
        yield _hint(Kind.SHORT_FOR_ANSWERS, np.array([i]), evidence, ratio=float(needed[i] / (minutes[i] + 1)))


def run_chance(n: int, run: int, share: float) -> float:
    """The chance that among n independent things, each of a sort with chance `share`, there are `run` or more of that sort one after the other. Exact."""
    if run > n:
        return 0.0
    whole = share**run
    chances = [0.0] * run + [whole]
    for i in range(run + 1, n + 1):
        chances.append(chances[-1] + (1 - chances[i - run - 1]) * (1 - share) * whole)
    return min(1.0, chances[n])


def series(visits: Visits, s: Settings) -> Iterator[Hint]:
    """The same answers one visit after the other, by one worker in one village, more often than the share of these answers among other workers' visits there would give by chance."""
    known = np.flatnonzero(visits.pattern != NO_PATTERN)
    if not len(known):
        return
    # A pattern is that of a form; the village's shares are counted once.
    place = _numbered(visits.village[known], visits.form[known])
    sort = _numbered(place, visits.pattern[known])
    own = _numbered(place, visits.worker[known])
    own_sort = _numbered(sort, visits.worker[known])
    in_place, in_sort, in_own, in_own_sort = (np.bincount(column)[column] for column in (place, sort, own, own_sort))
    others = in_place - in_own
    # One more of either sort than seen: what nobody else has said is rare, not impossible.
    share = (in_sort - in_own_sort + 1) / (others + 2)
    order = np.lexsort((known, visits.began[known], visits.day[known], own))
    changed = np.diff(own_sort[order], prepend=-1) != 0
    starts = np.flatnonzero(changed)
    lengths = np.diff(np.append(starts, len(order)))
    first = order[starts]
    # A run is at least as likely as one that begins at once.
    rare = (lengths >= s.run_least) & (others[first] >= s.run_others) & (share[first] ** lengths < s.chance)
    for i in np.flatnonzero(rare).tolist():
        at = first[i]
        length, n = int(lengths[i]), int(in_own[at])
        chance = run_chance(n, length, float(share[at]))
        if chance < s.chance:
            rows = known[order[starts[i] : starts[i] + length]]
            evidence = {"run": length, "visits": n, "percent": float(100 * share[at]), "others": int(others[at])}
            yield _hint(Kind.SERIES, rows, evidence, chance=chance)


def _numbered(*columns: Ints) -> Ints:
    """Numbers 0, 1, … of the combinations of columns."""
    order, starts, lengths = _spans(*columns)
    numbers = np.empty(len(order), np.int64)
    numbers[order] = np.repeat(np.arange(len(starts)), lengths)
    return numbers


def copied_photos(visits: Visits, pictures: Pictures, s: Settings) -> Iterator[Hint]:
    """Pictures that look the same at different households. Several pictures of one household are no hint. Likeness goes on from picture to picture: all that hang together are one hint."""
    rows = np.flatnonzero(~pictures.blank)
    raw = pictures.hash[rows]
    hashes, own = np.unique(raw.view(np.uint64) if raw.dtype == np.int64 else raw.astype(np.uint64), return_inverse=True)
    left, right = near_pairs(hashes, s.photo_bits)
    group = groups(len(hashes), left, right)
    bits = np.zeros(len(hashes), np.int64)
    np.maximum.at(bits, group[left], distance(hashes[left], hashes[right]))
    order, starts, lengths = _spans(group[own])
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        if length < 2:
            continue
        alike = order[start : start + length]
        seen = np.unique(pictures.visit[rows[alike]])
        households = len(np.unique(visits.household[seen]))
        if households > 1:
            evidence = {"pictures": length, "households": households, "bits": int(bits[group[own[alike[0]]]])}
            yield _hint(Kind.COPIED_PHOTO, seen, evidence, ratio=float(households))


def at_night(visits: Visits, s: Settings) -> Iterator[Hint]:
    """Visits that began at night; the chance is the share of all visits that did."""
    known = visits.began >= 0
    minute = visits.began % DAY
    start, end = s.night
    inside = (minute >= start) | (minute < end) if start > end else (minute >= start) & (minute < end)
    rows = np.flatnonzero(known & inside)
    share = len(rows) / max(1, int(known.sum()))
    for i in rows.tolist():
        evidence = {"hour": int(minute[i]) // 60, "minute": int(minute[i]) % 60}
        yield _hint(Kind.NIGHT, np.array([i]), evidence, chance=share)


def round_times(visits: Visits, s: Settings) -> Iterator[Hint]:
    """Workers whose visits begin at the full hour far more often than those of the others: times written afterwards."""
    rows = np.flatnonzero(visits.began >= 0)
    yield from _heaped(Kind.ROUND_TIMES, visits.worker, rows, visits.began[rows] % 60 == 0, 1 / 60, 60, s)


def round_numbers(visits: Visits, rows: Ints, numbers: Ints, s: Settings | None = None, *, step: int = 10) -> Iterator[Hint]:
    """Workers whose numbers (of one question, at the visits `rows`) are multiples of a step far more often than those of the others. Nought is left out: it is an answer by itself."""
    told = numbers != 0
    yield from _heaped(Kind.ROUND_NUMBERS, visits.worker, rows[told], numbers[told] % step == 0, 1 / step, step, s or Settings())


def _heaped(kind: Kind, workers: Ints, rows: Ints, is_round: Flags, nominal: float, step: int, s: Settings) -> Iterator[Hint]:
    """By the binomial law with the share of all others, and with `nominal` at least: where everybody rounds, nobody is told."""
    order, starts, lengths = _spans(workers[rows])
    total, n = int(is_round.sum()), len(rows)
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        if length < s.round_least:
            continue
        mine = order[start : start + length]
        count = int(is_round[mine].sum())
        share = max(nominal, (total - count + 1) / (n - length + 2) if n > length else nominal)
        if count <= share * length:
            continue
        chance = at_least(count, binomial(length, share))
        if chance < s.chance:
            evidence = {"round": count, "visits": length, "percent": 100 * share, "step": step}
            yield _hint(kind, np.sort(rows[mine[is_round[mine]]]), evidence, chance=chance)


SAID = {
    Kind.TOO_MANY: Text(
        "一天走访 {households} 户，每户至少 {least} 分钟就要 {needed} 分钟，而一天只有 {minutes} 分钟可用",
        "{households} household(s) in a day: at {least} minute(s) each at least, that is {needed} minute(s), of {minutes} that a day has",
    ),
    Kind.OVERLAP: Text(
        "同一人对不同农户的两次走访重叠 {shared} 分钟",
        "two visits of one worker to different households share {shared} minute(s)",
    ),
    Kind.TOO_FAST: Text(
        "前后两次走访相距 {metres} 米，路上约需 {way} 分钟，中间只隔 {gap} 分钟",
        "two visits are {metres} m apart, a way of about {way} minutes, and {gap} minute(s) lie between them",
    ),
    Kind.SHORT_FOR_FORM: Text(
        "当天有 {short} 次走访用时不到 {took} 分钟（含），这张表通常用 {usual} 分钟（{visits} 次的中位数，z 至多 {z}）",
        "{short} visit(s) of the day took {took} minute(s) or less, while the form usually takes {usual} minutes (median of {visits}, z of {z} at most)",
    ),
    Kind.SHORT_FOR_ANSWERS: Text(
        "答了 {answered} 题，用时 {took} 分钟；光是念完也要 {needed} 分钟",
        "{answered} question(s) were answered in {took} minute(s); to read them out alone takes {needed} minutes",
    ),
    Kind.SERIES: Text(
        "同一人在本村 {visits} 次走访中连续 {run} 次答案完全相同；其他人在本村的走访中这种答案占 {percent}%，偶然出现的机会为 {chance}",
        "{run} of {visits} visit(s) of one worker to the village, one after the other, have the same answers; of the visits of others there {percent}% have them, and chance would give this with {chance}",
    ),
    Kind.COPIED_PHOTO: Text(
        "{households} 户的 {pictures} 张照片看上去相同（最多相差 {bits} 位）",
        "{pictures} picture(s) of {households} household(s) look the same (at most {bits} bit(s) apart)",
    ),
    Kind.NIGHT: Text("走访在夜间 {hour:02}:{minute:02} 开始", "the visit began at night, at {hour:02}:{minute:02}"),
    Kind.ROUND_TIMES: Text(
        "同一人的 {visits} 次走访中有 {round} 次在整点开始；其他人的占 {percent}%，偶然出现的机会为 {chance}",
        "{round} of {visits} visit(s) of one worker began at the full hour; of others {percent}% do, and chance would give this with {chance}",
    ),
    Kind.ROUND_NUMBERS: Text(
        "同一人记录的 {visits} 个数中有 {round} 个是 {step} 的倍数；其他人的占 {percent}%，偶然出现的机会为 {chance}",
        "{round} of {visits} number(s) of one worker are multiples of {step}; of others {percent}% are, and chance would give this with {chance}",
    ),
}
