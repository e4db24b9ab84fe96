"""Chances: tails of the binomial and the hypergeometric law, and quantiles of Student's t. Pure.

Both laws are built from their mode by the ratios of neighbours and divided by their sum, so that no logarithm loses digits in large lots.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from bangfu.foundation.say import Text
from bangfu.supervision import problems

Reals = npt.NDArray[np.float64]

TINY = 1e-300  # keeps the continued fraction from dividing by nought


def hypergeometric(population: int, bad: int, seen: int) -> tuple[int, Reals]:
    """The law of the bad units among `seen` drawn without replacement: the least possible count, and the chances from there on."""
    least, most = max(0, seen + bad - population), min(seen, bad)
    mode = min(max((seen + 1) * (bad + 1) // (population + 2), least), most)
    up = np.arange(mode, most, dtype=np.float64)
    down = np.arange(mode, least, -1, dtype=np.float64)
    rising = (bad - up) * (seen - up) / ((up + 1) * (population - bad - seen + up + 1))
    falling = down * (population - bad - seen + down) / ((bad - down + 1) * (seen - down + 1))
    return least, _from_mode(rising, falling)


def binomial(seen: int, rate: float) -> tuple[int, Reals]:
    """The law of the bad units among `seen` where each is bad with a chance: the least possible count, and the chances from there on."""
    if rate in (0, 1):
        return seen * int(rate), np.ones(1)
    mode = min(int((seen + 1) * rate), seen)
    up, down = np.arange(mode, seen, dtype=np.float64), np.arange(mode, 0, -1, dtype=np.float64)
    odds = rate / (1 - rate)
    return 0, _from_mode((seen - up) / (up + 1) * odds, down / (seen - down + 1) / odds)


def _from_mode(rising: Reals, falling: Reals) -> Reals:
    weights = np.concatenate([np.cumprod(falling)[::-1], [1.0], np.cumprod(rising)])
    return weights / math.fsum(weights)


def at_most(count: int, law: tuple[int, Reals]) -> float:
    """The chance of `count` or fewer."""
    least, chances = law
    return min(1.0, math.fsum(chances[: max(0, count - least + 1)]))


def at_least(count: int, law: tuple[int, Reals]) -> float:
    """The chance of `count` or more."""
    least, chances = law
    return min(1.0, math.fsum(chances[max(0, count - least) :]))


def first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The smallest whole number from `low` on for which `holds`, which from there on stays so; `high + 1` where none up to `high` does."""
    high += 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def crossing(above: Callable[[float], bool], low: float, high: float) -> float:
    """Where `above` becomes true between two numbers, to the last digit; it stays true from there on."""
    while low < (middle := (low + high) / 2) < high:
        low, high = (low, middle) if above(middle) else (middle, high)
    return high


def beta_below(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b), by Lentz's continued fraction."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_below(1 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1) or TINY)
    found = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1 / (1 + step * d or TINY)
            c = 1 + step / c or TINY
            found *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front * found


def normal_quantile(chance: float) -> float:
    """The standard normal value that is not passed with this chance."""
    return NormalDist().inv_cdf(chance)


def t_quantile(chance: float, degrees: int) -> float:
    """The value of Student's t that is not passed with this chance, for a chance of 1/2 or more."""
    tail = 2 * (1 - chance)
    x = crossing(lambda v: beta_below(v, degrees / 2, 0.5) >= tail, 0.0, 1.0)
    return math.sqrt(degrees * (1 - x) / x)


def exactly(number: float) -> Fraction:
    """A rate as it was written: 0.02 is a fiftieth, not the nearest binary number."""
    return Fraction(str(number))


def share(field: Text, value: Any, *, least: float = 0.0, most: float = 1.0) -> float:
    """A number strictly between two others. Raises Problem BF-2903 otherwise."""
    if not isinstance(value, int | float) or not least < value < most:
        wanted = Text(f"须大于 {least:g}、小于 {most:g}", f"it lies above {least:g} and below {most:g}")
        raise problems.BAD_NUMBER(field=field, value=value, wanted=wanted)
    return float(value)


def count(field: Text, value: Any, *, least: int = 0, most: int | None = None) -> int:
    """A whole number within limits. Raises Problem BF-2903 otherwise."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least or (most is not None and value > most):
        wanted = Text(f"须为不小于 {least} 的整数", f"it is a whole number of {least} or more")
        if most is not None:
            wanted = Text(f"须为 {least} 至 {most} 的整数", f"it is a whole number from {least} to {most}")
        raise problems.BAD_NUMBER(field=field, value=value, wanted=wanted)
    return int(value)


CONFIDENCE = Text("置信水平", "confidence")
