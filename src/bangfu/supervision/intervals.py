"""Intervals of rates, and what they say against a limit. Pure.

Exact intervals hold their confidence whatever the rate is: Clopper and Pearson's for units drawn from a lot without end, and the inversion of the hypergeometric test for a lot of known
size. Rates of persons in households, and of clusters, have no exact interval: theirs is a ratio with linearised variance and is called approximate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from bangfu.foundation.say import Text
from bangfu.supervision.chances import (
    CONFIDENCE,
    at_least,
    at_most,
    binomial,
    count,
    crossing,
    first,
    hypergeometric,
    share,
    t_quantile,
)
from bangfu.supervision.sizes import AcceptancePlan

Reals = npt.NDArray[np.float64]

BOTH, UPPER, LOWER = "both", "upper", "lower"

EXACT_ENDLESS = Text("精确区间（Clopper–Pearson，二项分布）", "exact interval (Clopper–Pearson, binomial)")
EXACT_LOT = Text(
    "精确区间（有限总体，超几何检验反演）", "exact interval (finite population, inversion of the hypergeometric test)"
)
CENSUS = Text("全部查过，不是抽样，没有抽样误差", "all were examined: not a sample, no chance of drawing")
SUMMED = Text("各层精确区间之和（Šidák，偏保守）", "sum of the exact intervals of the strata (Šidák; on the safe side)")
NOTHING = Text("没有查到任何单元", "nothing was examined")
RATIO = Text(
    "近似区间（比率估计，线性化方差，{clusters} 个抽样单元、自由度 {degrees} 的 t 分布，logit 尺度）",
    "approximate interval (ratio estimate, linearised variance of {clusters} unit(s) of chance, t with {degrees} degrees of freedom, logit scale)",
)
ALL_ALIKE = Text(
    "近似区间（各抽样单元结果相同，方差估计不出；按 {clusters} 个抽样单元的 Clopper–Pearson 界）",
    "approximate interval (all units of chance are alike, so that their variance is not known; Clopper–Pearson bound of {clusters} unit(s) of chance)",
)
TOO_FEW = Text(
    "抽样单元太少（{clusters} 个，{strata} 层），算不出区间",
    "too few units of chance ({clusters} in {strata} strata) for an interval",
)


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with its interval. `bad` of `seen` as they were counted, without weights; `estimate` None where nothing was seen, `low` and `high` None where no interval is known.

    Where the rate is of something good, such as approval, `bad` counts that. `exact`: the interval holds at least its confidence whatever the rate; otherwise it is approximate.
    """

    bad: int
    seen: int
    estimate: float | None
    low: float | None
    high: float | None
    confidence: float
    method: Text
    exact: bool


_BAD, _SEEN = Text("有误单元数", "bad units"), Text("查到的单元数", "units examined")
_POPULATION = Text("总体单元数", "units in the population")


def clopper_pearson(bad: int, seen: int, confidence: float, sides: str = BOTH) -> tuple[float, float]:
    """The exact bounds of a rate of which `bad` of `seen` independent units were bad. `sides`: both, or one bound (the other is 0 or 1) at the full confidence."""
    risk = _risk(confidence, sides)
    low, high = 0.0, 1.0
    if sides != UPPER and bad:
        low = crossing(lambda rate: at_least(bad, binomial(seen, rate)) > risk, 0.0, 1.0)
    if sides != LOWER and bad < seen:
        high = crossing(lambda rate: at_most(bad, binomial(seen, rate)) <= risk, 0.0, 1.0)
    return low, high


def hypergeometric_bounds(bad: int, seen: int, population: int, confidence: float, sides: str = BOTH) -> tuple[int, int]:
    """The exact bounds of the number of bad units in a population of which `bad` of `seen` drawn were bad: the numbers that a test at the level does not refuse.

    `sides` as in `clopper_pearson`; the bound that is not asked for is what was seen itself.
    """
    risk = _risk(confidence, sides)
    low, high = bad, population - (seen - bad)
    if sides != UPPER:
        low = first(lambda d: at_least(bad, hypergeometric(population, d, seen)) > risk, low, high)
    if sides != LOWER:
        high = first(lambda d: at_most(bad, hypergeometric(population, d, seen)) <= risk, bad, high) - 1
    return low, high


def _risk(confidence: float, sides: str) -> float:
    return (1 - confidence) / (2 if sides == BOTH else 1)


def proportion(bad: int, seen: int, confidence: float, *, population: int | None = None, sides: str = BOTH) -> Rate:
    """The rate of bad units with its exact interval, in a population of known size or one without end. Raises Problem BF-2903 for numbers out of range."""
    share(CONFIDENCE, confidence)
    count(_SEEN, seen)
    count(_BAD, bad, most=seen)
    if population is not None:
        count(_POPULATION, population, least=seen)
    if not seen:
        return Rate(0, 0, None, None, None, confidence, NOTHING, exact=False)
    if population is None:
        low, high = clopper_pearson(bad, seen, confidence, sides)
        return Rate(bad, seen, bad / seen, low, high, confidence, EXACT_ENDLESS, exact=True)
    fewest, most = hypergeometric_bounds(bad, seen, population, confidence, sides)
    method = CENSUS if seen == population else EXACT_LOT
    return Rate(bad, seen, bad / seen, fewest / population, most / population, confidence, method, exact=True)


@dataclass(frozen=True, slots=True)
class Stratum:
    """Of `population` units `seen` were drawn at random, of which `bad` were bad."""

    bad: int
    seen: int
    population: int


def stratified(strata: Sequence[Stratum], confidence: float, sides: str = BOTH) -> Rate:
    """The rate of bad units in some strata together, each weighing what it has.

    The bounds are the sums of the exact bounds of the strata, each at the confidence^(1 / strata) of those that were not examined in full: strata are drawn independently, so all of
    them hold together with the confidence at least. With one such stratum the interval is exact as that of a single lot; with more it is wider than it need be, never narrower.
    Raises Problem BF-2903; a stratum of which nothing was seen counts from none bad to all bad, and the estimate is unknown.
    """
    share(CONFIDENCE, confidence)
    by_chance = sum(s.seen < s.population for s in strata)
    each = confidence ** (1 / max(1, by_chance))
    total = sum(s.population for s in strata)
    bad, seen = sum(s.bad for s in strata), sum(s.seen for s in strata)
    if not seen or not total:
        return Rate(0, 0, None, None, None, confidence, NOTHING, exact=False)
    fewest = most = 0
    expected = 0.0
    for s in strata:
        count(_SEEN, s.seen)
        count(_BAD, s.bad, most=s.seen)
        count(_POPULATION, s.population, least=s.seen)
        low, high = hypergeometric_bounds(s.bad, s.seen, s.population, each, sides)
        fewest, most = fewest + low, most + high
        expected += s.bad / s.seen * s.population if s.seen else 0.0
    unseen = any(s.population and not s.seen for s in strata)
    method = SUMMED if by_chance > 1 else EXACT_LOT if by_chance else CENSUS
    estimate = None if unseen else expected / total
    return Rate(bad, seen, estimate, fewest / total, most / total, confidence, method, exact=True)


def ratio(
    bad: npt.ArrayLike,
    seen: npt.ArrayLike,
    confidence: float,
    *,
    weights: npt.ArrayLike | None = None,
    strata: npt.ArrayLike | None = None,
    clusters: npt.ArrayLike | None = None,
) -> Rate:
    """The weighted rate of bad among seen, counted per unit such as persons of a household, with the clusters as the units of chance.

    All of shape (units,): counts of bad and seen, weights (None: 1), labels of strata (None: one) and of clusters within them (None: each unit is one). The variance is linearised, between
    clusters within strata, as if clusters were drawn with replacement (a little too large where they are not); a stratum with one cluster is measured from the whole rate.
    t has (clusters − strata) degrees of freedom, on the logit scale, so that the bounds stay within 0 and 1. Where all clusters are alike at 0 or 1 there is no variance to see,
    and the bound is that of as many independent units as there are clusters. Approximate throughout. Raises ValueError where shapes do not fit, Problem BF-2903 for numbers out of range.
    """
    share(CONFIDENCE, confidence)
    y, x = np.asarray(bad, np.float64), np.asarray(seen, np.float64)
    w = np.ones(len(y)) if weights is None else np.asarray(weights, np.float64)
    stratum = np.zeros(len(y), np.int64) if strata is None else np.unique(np.asarray(strata), return_inverse=True)[1]
    own = np.arange(len(y)) if clusters is None else np.unique(np.asarray(clusters), return_inverse=True)[1]
    if any(a.shape != y.shape for a in (x, w, stratum, own)):
        raise ValueError("bad, seen, weights, strata and clusters have one entry per unit")
    count(_BAD, int(y.min(initial=0)))
    count(_SEEN, int((x - y).min(initial=0)))
    total = float((w * x).sum())
    counts = int(y.sum()), int(x.sum())
    if total <= 0:
        return Rate(0, 0, None, None, None, confidence, NOTHING, exact=False)
    estimate = float((w * y).sum()) / total
    asked = x > 0  # a unit without anything to count tells nothing of the variance
    pairs, cluster = np.unique(np.stack([stratum[asked], own[asked]]), axis=1, return_inverse=True)
    residual = np.bincount(cluster.ravel(), (w * (y - estimate * x))[asked], minlength=pairs.shape[1])
    group = np.unique(pairs[0], return_inverse=True)[1]
    sizes = np.bincount(group)
    m, h = pairs.shape[1], len(sizes)
    if m <= h:
        return Rate(*counts, estimate, None, None, confidence, TOO_FEW.format(clusters=m, strata=h), exact=False)
    if estimate in (0, 1):
        low, high = clopper_pearson(m * int(estimate), m, confidence)
        return Rate(*counts, estimate, low, high, confidence, ALL_ALIKE.format(clusters=m), exact=False)
    means = np.where(sizes > 1, np.bincount(group, residual) / sizes, 0.0)
    factor = np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 1.0)
    variance = float((factor[group] * (residual - means[group]) ** 2).sum()) / total**2
    reach = t_quantile((1 + confidence) / 2, m - h) * math.sqrt(variance) / (estimate * (1 - estimate))
    odds = math.log(estimate / (1 - estimate))
    low, high = (1 / (1 + math.exp(-min(max(v, -700.0), 700.0))) for v in (odds - reach, odds + reach))
    method = RATIO.format(clusters=m, degrees=m - h)
    return Rate(*counts, estimate, low, high, confidence, method, exact=False)


class Decision(StrEnum):
    """What is said: accepted, rejected, or neither."""

    ACCEPT = "accept"
    REJECT = "reject"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision and what it rests on."""

    decision: Decision
    reason: Text


def judge(bad: int, seen: int, plan: AcceptancePlan) -> Judgement:
    """What the plan by which the sample was drawn says of `bad` among the `seen` units: the acceptance number decides, nothing else.

    More bad than accepted rejects as soon as it is seen; acceptance waits for all units of the plan. More units than planned never reject by themselves.
    """
    said = {
        "bad": bad,
        "seen": seen,
        "size": plan.size,
        "accept": plan.accept,
        "limit": f"{plan.limit:.4g}",
        "risk": f"{plan.consumer_risk:.4f}",
    }
    if bad > plan.accept and seen <= plan.size:
        return Judgement(Decision.REJECT, _REJECTED.format(**said))
    if bad > plan.accept:
        return Judgement(Decision.UNDECIDED, _BEYOND.format(**said))
    if seen < plan.size:
        return Judgement(Decision.UNDECIDED, _UNFINISHED.format(**said))
    return Judgement(Decision.ACCEPT, _ACCEPTED.format(**said))


_ACCEPTED = Text(
    "查了 {seen} 个，有误 {bad} 个，不超过接收数 {accept}：按抽样方案接收。这不等于没有差错；假如差错率达到 {limit}，按此方案被接收的机会为 {risk}。",
    "{bad} of {seen} unit(s) are bad, not more than the acceptance number {accept}: accepted by the plan. That does not mean that nothing is wrong: at a rate of {limit} "
    "it would be accepted with a chance of {risk}.",
)
_REJECTED = Text(
    "查了 {seen} 个（方案 {size} 个），有误 {bad} 个，超过接收数 {accept}：按抽样方案不接收。这本身不证明差错率超过 {limit}。",
    "{bad} of {seen} unit(s) (the plan has {size}) are bad, more than the acceptance number {accept}: not accepted by the plan. That alone does not prove a rate above {limit}.",
)
_UNFINISHED = Text(
    "方案须查 {size} 个，只查了 {seen} 个，有误 {bad} 个（接收数 {accept}）：还不能接收。",
    "The plan has {size} unit(s), {seen} were examined, {bad} are bad (acceptance number {accept}): it cannot be accepted yet.",
)
_BEYOND = Text(
    "查了 {seen} 个，多于方案的 {size} 个；有误 {bad} 个。接收数 {accept} 只适用于方案的单元，不能据此判定。",
    "{seen} unit(s) were examined, more than the {size} of the plan; {bad} are bad. The acceptance number {accept} is for the units of the plan and decides nothing here.",
)


def against_limit(rate: Rate, limit: float, *, at_least: bool = False) -> Judgement:
    """What the interval says of a limit: that the rate is at most it (or at least it). Accepted where the whole interval keeps it, rejected where none of it does, else undecided."""
    name = _AT_LEAST if at_least else _AT_MOST
    said = {"wanted": name.format(limit=f"{limit:.4g}"), "confidence": f"{rate.confidence:.4g}", "method": rate.method}
    if rate.low is None or rate.high is None:
        return Judgement(Decision.UNDECIDED, _NO_INTERVAL.format(**said))
    keeps = rate.low >= limit if at_least else rate.high <= limit
    breaks = rate.high < limit if at_least else rate.low > limit
    words = _KEPT if keeps else _BROKEN if breaks else _OPEN
    decision = Decision.ACCEPT if keeps else Decision.REJECT if breaks else Decision.UNDECIDED
    return Judgement(decision, words.format(low=f"{rate.low:.4f}", high=f"{rate.high:.4f}", **said))


_AT_MOST, _AT_LEAST = Text("不高于 {limit}", "at most {limit}"), Text("不低于 {limit}", "at least {limit}")
_KEPT = Text(
    "区间 {low} 至 {high}（置信水平 {confidence}）全部{wanted}。{method}。",
    "All of the interval, {low} to {high} (confidence {confidence}), is {wanted}; {method}.",
)
_BROKEN = Text(
    "区间 {low} 至 {high}（置信水平 {confidence}）没有一处{wanted}。{method}。",
    "None of the interval, {low} to {high} (confidence {confidence}), is {wanted}; {method}.",
)
_OPEN = Text(
    "区间 {low} 至 {high}（置信水平 {confidence}）跨过界限：是否{wanted}，这个样本说不清。{method}。",
    "The interval, {low} to {high} (confidence {confidence}), lies on both sides: whether the rate is {wanted}, this sample does not say; {method}.",
)
_NO_INTERVAL = Text(
    "没有区间，不能判断是否{wanted}：{method}。", "There is no interval that says whether the rate is {wanted}: {method}."
)
