"""How many units to examine: acceptance plans with exact risks, and sizes for a wanted precision. Pure.

An acceptance plan answers “is this lot bad?”, not “how bad is it?”: it bounds the chance that a lot as bad as the tolerated rate passes (the consumer's risk) and, where a good rate is
given, the chance that a good lot fails (the producer's risk). Risks are hypergeometric in a lot of known size and binomial in one without end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from bangfu.foundation.say import Text
from bangfu.supervision import problems
from bangfu.supervision.chances import (
    CONFIDENCE,
    at_most,
    beta_below,
    count,
    exactly,
    first,
    hypergeometric,
    normal_quantile,
    share,
)

MOST = 20_000  # units that a plan may have; two rates that need more are too close

_LOT, _LIMIT, _GOOD = Text("总体单元数", "units in the lot"), Text("容许差错率", "tolerated rate"), Text("合格水平", "good rate")
_RISK, _ACCEPT = Text("生产方风险", "producer's risk"), Text("接收数", "acceptance number")
_RATE, _HALF, _DEFF = Text("预计比例", "expected rate"), Text("误差半宽", "half-width"), Text("设计效应", "design effect")
_PER, _ICC = Text("每群单元数", "units per cluster"), Text("群内相关", "correlation within clusters")


@dataclass(frozen=True, slots=True)
class AcceptancePlan:
    """Examine `size` of `lot` units (None: a lot without end) and accept when `accept` or fewer are bad.

    `limit` the tolerated rate, `confidence` that a lot as bad as that is not accepted; `good` and `producer_risk` where they were set. `consumer_risk` is what the plan
    has: the chance that a lot at the limit is accepted; `refused_good` that a lot at the good rate is not (None where none was set).
    """

    lot: int | None
    size: int
    accept: int
    limit: float
    confidence: float
    consumer_risk: float
    good: float | None = None
    producer_risk: float | None = None
    refused_good: float | None = None

    def chance_of_acceptance(self, rate: float) -> float:
        """The chance that a lot with such a share of bad units is accepted; in a lot of known size the share is rounded up to whole units."""
        return _passes(self.lot, _bad_at(self.lot, rate), self.size, self.accept)

    def as_json(self) -> dict[str, Any]:
        """The plan as it is kept beside the sample."""
        return {name: getattr(self, name) for name in self.__slots__}


def _bad_at(lot: int | None, rate: float) -> float:
    """The bad units of a lot that is at least so bad (a lot without end: the rate)."""
    return rate if lot is None else math.ceil(exactly(rate) * lot)


def zero_acceptance(lot: int | None, limit: float, confidence: float) -> AcceptancePlan:
    """Discovery sampling: the fewest units of which one at least is bad with this confidence, where the lot is at the tolerated rate. Accepted only when none is bad.

    Raises Problem BF-2903 for numbers out of range.
    """
    return acceptance_plan(lot, limit, confidence, accept=0)


def acceptance_plan(
    lot: int | None,
    limit: float,
    confidence: float,
    *,
    accept: int | None = None,
    good: float | None = None,
    producer_risk: float = 0.05,
) -> AcceptancePlan:
    """The smallest plan by which a lot at the tolerated rate is accepted with a chance of 1 − confidence at most.

    With `good`, the smallest by which moreover a lot at that rate fails with a chance of `producer_risk` at most; otherwise the acceptance number is `accept` (0 where not given).
    Raises Problem BF-2903 for numbers out of range, BF-2904 where no plan tells the two rates apart.
    """
    share(_LIMIT, limit)
    share(CONFIDENCE, confidence)
    if lot is not None:
        count(_LOT, lot, least=1)
    limit_bad = _bad_at(lot, limit)
    if good is None:
        last = None if lot is None else int(limit_bad) - 1
        c = count(_ACCEPT, 0 if accept is None else accept, most=last)
        n = _least_size(lot, limit_bad, c, 1 - confidence, c + 1)
        return AcceptancePlan(lot, n, c, limit, confidence, _passes(lot, limit_bad, n, c))
    share(_RISK, producer_risk)
    if not 0 <= good < limit:
        wanted = Text("须不小于 0 且小于容许差错率", "it is nought or more, and below the tolerated rate")
        raise problems.BAD_NUMBER(field=_GOOD, value=good, wanted=wanted)
    good_bad = good if lot is None else math.floor(exactly(good) * lot)
    n = 0
    for c in range(MOST if lot is None else int(limit_bad)):
        # One more that is accepted takes more units.
        n = _least_size(lot, limit_bad, c, 1 - confidence, n + 1)
        if n > MOST:
            break
        if (passed := _passes(lot, good_bad, n, c)) >= 1 - producer_risk:
            risk = _passes(lot, limit_bad, n, c)
            return AcceptancePlan(lot, n, c, limit, confidence, risk, good, producer_risk, 1 - passed)
    raise problems.NO_PLAN(good=good, limit=limit, why=_TOO_CLOSE)


_TOO_CLOSE = Text(f"要查的单元超过 {MOST} 个", f"that takes more than {MOST} units")


def _passes(lot: int | None, bad: float, size: int, accept: int) -> float:
    """The chance that `accept` or fewer of `size` are bad, in a lot with so many bad ones (a lot without end: with that rate)."""
    if lot is not None:
        return at_most(accept, hypergeometric(lot, int(bad), size))
    return 1.0 if accept >= size else beta_below(1 - bad, size - accept, accept + 1)


def _least_size(lot: int | None, bad: float, accept: int, risk: float, start: int) -> int:
    """The fewest units, from `start` on, of which `accept` or fewer are bad with a chance of `risk` at most."""
    low, step = start, 1
    while (high := low + step - 1) < (lot or math.inf) and _passes(lot, bad, high, accept) > risk:
        low, step = high + 1, 2 * step
    return first(lambda n: _passes(lot, bad, n, accept) <= risk, low, high if lot is None else min(high, lot))


def lqas(
    acceptable: float, unacceptable: float, *, risk_good: float, risk_bad: float, lot: int | None = None
) -> tuple[AcceptancePlan, int]:
    """Lot quality assurance of a coverage, such as households that were visited: the smallest plan, and how many covered units it takes at least to pass.

    An area at `acceptable` fails with a chance of `risk_good` at most, one at `unacceptable` (lower) passes with one of `risk_bad` at most. Raises as `acceptance_plan`.
    """
    missing, few = float(1 - exactly(unacceptable)), float(1 - exactly(acceptable))
    plan = acceptance_plan(lot, missing, 1 - risk_bad, good=few, producer_risk=risk_good)
    return plan, plan.size - plan.accept


def design_effect(per_cluster: int, icc: float) -> float:
    """How much larger the variance of a sample in clusters is than that of as many units drawn singly: 1 + (k − 1) × icc. Raises Problem BF-2903."""
    count(_PER, per_cluster, least=1)
    if not 0 <= icc <= 1:
        raise problems.BAD_NUMBER(field=_ICC, value=icc, wanted=Text("须在 0 与 1 之间", "it lies between 0 and 1"))
    return 1 + (per_cluster - 1) * icc


def precision_size(population: int | None, half_width: float, confidence: float, *, rate: float = 0.5, deff: float = 1.0) -> int:
    """The units by which a rate is known to ± `half_width` with this confidence: normal approximation, finite population correction, times the design effect; all of them at most.

    `rate` is the rate expected (0.5 needs most). Raises Problem BF-2903 for numbers out of range.
    """
    share(_HALF, half_width)
    share(_RATE, rate)
    share(CONFIDENCE, confidence)
    share(_DEFF, deff, least=0.0, most=1e6)
    singly = (normal_quantile((1 + confidence) / 2) / half_width) ** 2 * rate * (1 - rate)
    if population is None:
        return _up(singly * deff)
    count(_LOT, population, least=1)
    return min(population, _up(singly / (1 + (singly - 1) / population) * deff))


def clusters_needed(units: int, per_cluster: int) -> int:
    """The clusters of `per_cluster` units that give so many units."""
    return -(-count(_LOT, units, least=1) // count(_PER, per_cluster, least=1))


def _up(number: float) -> int:
    """Rounded up, where a last digit that rounding left does not count."""
    return max(1, math.ceil(round(number, 9)))
