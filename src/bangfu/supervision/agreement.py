"""Agreement of raters, question by question: does a question get the same answer when somebody else asks it? Pure.

Three coefficients, since each is blind somewhere. Krippendorff's alpha takes any number of raters, missing values and ordered answers. Cohen's kappa is what readers know, for two raters.
Both fall to nought where nearly everybody gives the same answer, however well raters agree; Gwet's AC1 does not. A question is called failing only where agreement is low and that is
not the reason.

Intervals: that of observed agreement of two raters is exact (Clopper–Pearson over pairs); those of coefficients are by jackknife, leaving out one unit at a time, with Student's t; nothing is
drawn at random. Where leaving out any unit changes nothing, as at complete agreement, the jackknife knows no interval, and none is told.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from bangfu.foundation.say import Text
from bangfu.supervision.chances import CONFIDENCE, share, t_quantile
from bangfu.supervision.intervals import clopper_pearson

Reals = npt.NDArray[np.float64]


class Level(StrEnum):
    """What the answers are: names, an order, or numbers."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"


class Verdict(StrEnum):
    """What is said of a question."""

    WORKS = "works"
    DOUBTFUL = "doubtful"
    FAILS = "does not work"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A coefficient with its interval; None where it is not defined, or no interval is known."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where a question works or fails (of alpha; of AC1 where answers are skewed), the pairs it takes to say anything, and the share of the commonest answer that is skew."""

    works: float = 0.667
    fails: float = 0.4
    pairs: int = 30
    skew: float = 0.9


@dataclass(frozen=True, slots=True)
class Agreement:
    """How raters agree on a question. `units` rated twice or more, of which `pairs` of ratings; `commonest` the share of the commonest answer."""

    units: int
    pairs: int
    observed: Estimate
    kappa: Estimate
    ac1: Estimate
    alpha: Estimate
    commonest: float | None
    skewed: bool
    verdict: Verdict
    reason: Text


@dataclass(frozen=True, slots=True)
class Table:
    """Ratings as counts: `counts` (units, answers) how many raters gave each answer to a unit, `answers` (answers,) in order.

    Only units with two ratings or more are in it: others are no evidence of agreement.
    """

    counts: Reals
    answers: Reals

    @classmethod
    def of(cls, ratings: npt.ArrayLike, possible: Sequence[float] | None = None) -> Table:
        """The table of ratings (units, raters), NaN where a rater gave none. `possible` answers count even where nobody gave them (None: those given).

        Raises ValueError where the shape is not two-dimensional or an answer is not possible.
        """
        given = np.asarray(ratings, np.float64)
        if given.ndim != 2:
            raise ValueError("ratings are by unit and rater")
        rated = given[(~np.isnan(given)).sum(axis=1) >= 2]
        answers = np.unique(rated[~np.isnan(rated)] if possible is None else np.asarray(possible, np.float64))
        if not np.isin(rated[~np.isnan(rated)], answers).all():
            raise ValueError("an answer is not among those possible")
        place = np.searchsorted(answers, np.nan_to_num(rated))
        counts = np.zeros((len(rated), len(answers)))
        unit, rater = np.nonzero(~np.isnan(rated))
        np.add.at(counts, (unit, place[unit, rater]), 1.0)
        return cls(counts, answers)


def krippendorff_alpha(table: Table, level: Level) -> float | None:
    """Krippendorff's alpha: 1 − disagreement observed ÷ expected. None without units, or where all answers are one."""
    return _alpha_and_without(table, level)[0]


def _alpha_and_without(table: Table, level: Level) -> tuple[float | None, list[float | None]]:
    """Alpha, and without each unit in turn. No matrix of answers by answers is made: numbers and codes may be many."""
    n = table.counts
    if not len(n):
        return None, []
    if level is Level.ORDINAL:  # the ranks are those of the units that are there
        return _alpha(n, level, table.answers), [_alpha(np.delete(n, u, axis=0), level, table.answers) for u in range(len(n))]
    within, parts = _within(n, level, table.answers), _parts(n, level, table.answers)
    left = zip(within.sum() - within, _expected(parts.sum(axis=0) - parts, level), strict=True)
    return _alpha(n, level, table.answers), [_from_disagreement(o, e) for o, e in left]


def _alpha(counts: Reals, level: Level, answers: Reals) -> float | None:
    if not len(counts):
        return None
    scores = answers
    if level is Level.ORDINAL:  # two answers are as far apart as answers lie between them, with half of each end
        given = counts.sum(axis=0)
        scores = np.cumsum(given) - given / 2
    observed = float(_within(counts, level, scores).sum())
    return _from_disagreement(observed, float(_expected(_parts(counts, level, scores).sum(axis=0)[None, :], level)[0]))


def _from_disagreement(observed: float, expected: float) -> float | None:
    return None if expected <= 1e-9 else 1 - observed / expected


def _parts(counts: Reals, level: Level, scores: Reals) -> Reals:
    """Of each unit what adds up to the disagreement expected: counts of answers (nominal), or how many there are, their sum and their sum of squares. Shape (units, parts)."""
    if level is Level.NOMINAL:
        return counts
    centred = scores - scores.mean()
    return np.stack([counts.sum(axis=1), counts @ centred, counts @ centred**2], axis=1)


def _sums_of_squares(parts: Reals, level: Level) -> tuple[Reals, Reals]:
    """How many ratings there are, and the squared distances of each with each, summed. Shapes (n,)."""
    if level is Level.NOMINAL:
        ratings = parts.sum(axis=1)
        return ratings, ratings**2 - (parts**2).sum(axis=1)
    return parts[:, 0], 2 * (parts[:, 0] * parts[:, 2] - parts[:, 1] ** 2)


def _within(counts: Reals, level: Level, scores: Reals) -> Reals:
    """The disagreement within each unit. Shape (units,)."""
    ratings, squares = _sums_of_squares(_parts(counts, level, scores), level)
    return np.asarray(squares / (ratings - 1))


def _expected(parts: Reals, level: Level) -> Reals:
    """The disagreement expected of ratings put together anyhow; 0 where all are one answer. Shape (n,)."""
    ratings, squares = _sums_of_squares(parts, level)
    # What rounding leaves of equal numbers is no disagreement.
    least = 0.0 if level is Level.NOMINAL else 1e-12 * ratings * parts[:, -1]
    return np.where((ratings > 1) & (squares > least), squares / np.maximum(ratings - 1, 1), 0.0)


def observed_agreement(table: Table) -> float | None:
    """The share of pairs of ratings that agree, each unit counting the same. None without units."""
    return float(_agreed(table).mean()) if len(table.counts) else None


def _agreed(table: Table) -> Reals:
    """The share of each unit's pairs of ratings that agree. Shape (units,)."""
    n = table.counts
    r = n.sum(axis=1)
    return np.asarray((n * (n - 1)).sum(axis=1) / (r * (r - 1)))


def gwet_ac1(table: Table) -> float | None:
    """Gwet's AC1 for any number of raters. None without units; where only one answer is possible there is nothing to agree on, and it is None too."""
    n, q = table.counts, len(table.answers)
    if not len(n) or q < 2:
        return None
    common = (n / n.sum(axis=1, keepdims=True)).mean(axis=0)
    return float(_ac1(np.asarray([_agreed(table).mean()]), common[None, :])[0])


def _ac1(agreed: Reals, common: Reals) -> Reals:
    """AC1 from the observed agreement (n,) and the shares of answers (n, answers)."""
    chance = (common * (1 - common)).sum(axis=1) / (common.shape[1] - 1)
    return np.asarray((agreed - chance) / (1 - chance))


def _ac1_without(table: Table) -> list[float | None]:
    n = table.counts
    if len(n) < 2 or n.shape[1] < 2:
        return [None] * len(n)
    common = n / n.sum(axis=1, keepdims=True)
    return [*_ac1(_mean_without(_agreed(table)), _mean_without(common)).tolist()]


def _mean_without(values: Reals) -> Reals:
    """The mean over all units but one, for each in turn. Shape as `values` (units, …) with two units or more."""
    return np.asarray((values.sum(axis=0) - values) / (len(values) - 1))


def cohen_kappa(ratings: npt.ArrayLike) -> float | None:
    """Cohen's kappa of two raters, over the units that both rated. None where there are none, or both give one and the same answer only."""
    pairs = _both(np.asarray(ratings, np.float64))
    if not len(pairs):
        return None
    answers = np.unique(pairs)
    first, second = ((pairs[:, [rater]] == answers).mean(axis=0) for rater in (0, 1))
    chance = float((first * second).sum())
    return None if chance >= 1 else (float((pairs[:, 0] == pairs[:, 1]).mean()) - chance) / (1 - chance)


def _both(ratings: Reals) -> Reals:
    if ratings.ndim != 2 or ratings.shape[1] != 2:
        raise ValueError("kappa is of two raters")
    return ratings[~np.isnan(ratings).any(axis=1)]


def jackknife(value: float | None, without: Sequence[float | None], confidence: float) -> Estimate:
    """A coefficient with the interval from its values `without` each unit in turn; the interval is None where one of them is not defined, or all are the same."""
    known = [v for v in without if v is not None]
    n = len(without)
    if value is None or n < 2 or len(known) < n:
        return Estimate(value)
    spread = np.asarray(known)
    error = math.sqrt((n - 1) / n * float(((spread - spread.mean()) ** 2).sum()))
    if error < 1e-12:
        return Estimate(value)
    reach = t_quantile((1 + confidence) / 2, n - 1) * error
    return Estimate(value, max(-1.0, value - reach), min(1.0, value + reach))


def assess(
    ratings: npt.ArrayLike,
    level: Level = Level.NOMINAL,
    *,
    possible: Sequence[float] | None = None,
    thresholds: Thresholds | None = None,
    confidence: float = 0.95,
) -> Agreement:
    """Everything of one question. `ratings` (units, raters), NaN where missing: codes of answers (ordinal: in their order), or numbers.

    For numbers, kappa, AC1 and skew are not told: they know only same and other. Raises ValueError as `Table.of`, Problem BF-2903 for a confidence out of range.
    """
    share(CONFIDENCE, confidence)
    limits = thresholds or Thresholds()
    given = np.asarray(ratings, np.float64)
    table = Table.of(given, possible)
    counts = table.counts
    r = counts.sum(axis=1)
    pairs = int((r * (r - 1) / 2).sum())
    named = level is not Level.INTERVAL
    alpha = jackknife(*_alpha_and_without(table, level), confidence)
    kappa = ac1 = Estimate(None)
    commonest = None
    if named:
        ac1 = jackknife(gwet_ac1(table), _ac1_without(table), confidence)
        commonest = float((counts / r[:, None]).mean(axis=0).max()) if len(counts) else None
        if given.shape[1] == 2:
            both = _both(given)
            left = [cohen_kappa(np.delete(both, i, axis=0)) for i in range(len(both))]
            kappa = jackknife(cohen_kappa(both), left, confidence)
    skewed = commonest is not None and commonest >= limits.skew
    verdict, reason = _verdict(pairs, alpha, ac1, commonest, skewed, limits)
    return Agreement(
        len(counts), pairs, _observed(table, given, confidence), kappa, ac1, alpha, commonest, skewed, verdict, reason
    )


def _observed(table: Table, given: Reals, confidence: float) -> Estimate:
    value = observed_agreement(table)
    if value is None:
        return Estimate(None)
    if given.shape[1] == 2:
        agreed = int((table.counts == 2).any(axis=1).sum())
        return Estimate(value, *clopper_pearson(agreed, len(table.counts), confidence))
    return jackknife(value, _mean_without(_agreed(table)).tolist() if len(table.counts) > 1 else [], confidence)


def _verdict(
    pairs: int, alpha: Estimate, ac1: Estimate, commonest: float | None, skewed: bool, limits: Thresholds
) -> tuple[Verdict, Text]:
    said = {
        "pairs": pairs,
        "least": limits.pairs,
        "alpha": "–" if alpha.value is None else f"{alpha.value:.3f}",
        "ac1": "–" if ac1.value is None else f"{ac1.value:.3f}",
        "share": "–" if commonest is None else f"{commonest:.3f}",
        "works": f"{limits.works:g}",
        "fails": f"{limits.fails:g}",
    }
    if pairs < limits.pairs:
        return Verdict.UNKNOWN, _FEW.format(**said)
    if alpha.value is not None and alpha.value >= limits.works:
        return Verdict.WORKS, _WORKS.format(**said)
    if alpha.value is None and commonest is None:  # numbers that are all the same
        return Verdict.DOUBTFUL, _ONE_ANSWER.format(**said)
    if commonest == 1:
        return Verdict.DOUBTFUL, _ONE_ANSWER.format(**said)
    if skewed and ac1.value is not None and ac1.value >= limits.works:
        return Verdict.DOUBTFUL, _SKEWED.format(**said)
    if alpha.value is None or alpha.value >= limits.fails:
        return Verdict.DOUBTFUL, _BETWEEN.format(**said)
    if alpha.high is not None and alpha.high >= limits.works:
        return Verdict.DOUBTFUL, _WIDE.format(high=f"{alpha.high:.3f}", **said)
    return Verdict.FAILS, _FAILS.format(**said)


_FEW = Text(
    "只有 {pairs} 对回答，少于 {least} 对，说不出什么", "only {pairs} pair(s) of answers, fewer than {least}: nothing can be said"
)
_WORKS = Text("α = {alpha}，不低于 {works}（{pairs} 对）", "alpha {alpha} is {works} or more ({pairs} pair(s))")
_ONE_ANSWER = Text(
    "{pairs} 对回答全部相同：看不出别的答案是否也记得一致",
    "all {pairs} pair(s) are one and the same answer: whether another would be told alike does not show",
)
_SKEWED = Text(
    "α = {alpha} 偏低，但 {share} 的回答相同，AC1 = {ac1}：低值可由答案集中解释；少见的答案是否记得一致，这些回答说不清",
    "alpha {alpha} is low, but a share of {share} of the answers is the same and AC1 is {ac1}: skew explains it; whether rare answers are told alike does not show",
)
_BETWEEN = Text("α = {alpha}，低于 {works}，不低于 {fails}", "alpha {alpha} is below {works} and not below {fails}")
_WIDE = Text(
    "α = {alpha}，低于 {fails}，但区间上限 {high} 达到 {works}：样本还小",
    "alpha {alpha} is below {fails}, but its interval reaches {high}, and {works} with it: the sample is small",
)
_FAILS = Text(
    "α = {alpha}，低于 {fails}，也不能由答案集中解释（最常见答案占 {share}，AC1 = {ac1}）：换一个人问，答案就不同",
    "alpha {alpha} is below {fails}, and skew does not explain it (commonest answer {share}, AC1 {ac1}): asked by somebody else, the answer is another",
)
