"""Sample sizes, against published plans and by trying every smaller one."""

from __future__ import annotations

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.foundation.problems import Problem
from bangfu.supervision.sizes import (
    acceptance_plan,
    clusters_needed,
    design_effect,
    lqas,
    precision_size,
    zero_acceptance,
)


def passes(lot: int, bad: int, size: int, accept: int) -> float:
    """The chance of acceptance, by whole numbers."""
    ways = sum(comb(bad, k) * comb(lot - bad, size - k) for k in range(min(accept, bad, size) + 1) if size - k <= lot - bad)
    return ways / comb(lot, size)


@given(st.integers(5, 120), st.sampled_from([0.02, 0.05, 0.1, 0.3]), st.sampled_from([0.8, 0.9, 0.95]))
def test_no_smaller_plan_keeps_the_risk(lot: int, limit: float, confidence: float) -> None:
    plan = zero_acceptance(lot, limit, confidence)
    bad = -(-lot * round(limit * 100) // 100)
    assert passes(lot, bad, plan.size, 0) <= 1 - confidence
    assert passes(lot, bad, plan.size - 1, 0) > 1 - confidence
    assert plan.consumer_risk == pytest.approx(passes(lot, bad, plan.size, 0))


def test_discovery_sampling_known_sizes() -> None:
    # 59 for 5 %, 149 for 2 %, 299 for 1 % at 95 %: the tables of attribute sampling.
    assert [zero_acceptance(None, p, 0.95).size for p in (0.05, 0.02, 0.01)] == [59, 149, 299]
    assert zero_acceptance(100, 0.02, 0.95).size == 78  # C(98, n) / C(100, n) ≤ 0.05
    assert zero_acceptance(10, 0.02, 0.95).size == 10  # one bad of ten: all but one is not enough
    assert zero_acceptance(1, 0.02, 0.95).size == 1


def test_both_risks() -> None:
    plan = acceptance_plan(500, 0.10, 0.90, good=0.02, producer_risk=0.05)
    assert passes(500, 50, plan.size, plan.accept) <= 0.10
    assert passes(500, 10, plan.size, plan.accept) >= 0.95
    assert plan.refused_good == pytest.approx(1 - passes(500, 10, plan.size, plan.accept))
    smaller = [
        (n, c) for n in range(1, plan.size) for c in range(n) if passes(500, 50, n, c) <= 0.10 and passes(500, 10, n, c) >= 0.95
    ]
    assert smaller == []


def test_lqas_of_the_handbook() -> None:
    # The classical plan of 19 with the decision value 13 tells 80 % from 50 % with risks of 10 % at most.
    plan, needed = lqas(0.80, 0.50, risk_good=0.10, risk_bad=0.10)
    assert (plan.size, needed) == (19, 13)


def test_an_acceptance_number_that_was_set() -> None:
    plan = acceptance_plan(None, 0.05, 0.95, accept=2)
    assert (plan.size, plan.accept) == (124, 2)  # Poisson tables give 126
    assert plan.chance_of_acceptance(0.05) <= 0.05 < acceptance_plan(None, 0.05, 0.95, accept=2).chance_of_acceptance(0.04)
    assert plan.as_json()["size"] == 124


def test_the_curve_goes_down() -> None:
    plan = acceptance_plan(400, 0.05, 0.9, good=0.01)
    curve = [plan.chance_of_acceptance(p) for p in (0, 0.01, 0.02, 0.05, 0.2, 1)]
    assert curve == sorted(curve, reverse=True)
    assert (curve[0], curve[-1]) == (1, 0)


def test_rates_too_close_to_tell_apart() -> None:
    with pytest.raises(Problem, match="BF-2904"):
        acceptance_plan(None, 0.02, 0.95, good=0.0199)
    plan = acceptance_plan(40, 0.05, 0.95, good=0.03)  # one bad and two bad of forty: nearly a census
    assert (plan.size, plan.accept) == (39, 1)


@pytest.mark.parametrize(
    ("lot", "limit", "confidence", "more"),
    [(0, 0.1, 0.9, {}), (10, 0, 0.9, {}), (10, 1, 0.9, {}), (10, 0.1, 1, {}), (10, 0.1, 0.9, {"accept": 1}), (10, 0.1, 0.9, {"good": 0.2}),
     (10, 0.5, 0.9, {"good": 0.1, "producer_risk": 0}), (None, 0.1, 0.9, {"accept": -1})],
)  # fmt: skip
def test_numbers_out_of_range(lot: int | None, limit: float, confidence: float, more: dict[str, float]) -> None:
    with pytest.raises(Problem, match="BF-2903"):
        acceptance_plan(lot, limit, confidence, **more)  # type: ignore[arg-type]


def test_precision() -> None:
    assert precision_size(None, 0.05, 0.95) == 385
    assert precision_size(1000, 0.05, 0.95) == 278
    assert precision_size(100, 0.01, 0.95) == 99
    assert precision_size(None, 0.05, 0.95, deff=design_effect(10, 0.1)) == 730  # 384.146 × 1.9
    assert precision_size(500, 0.05, 0.95, deff=10) == 500
    assert design_effect(1, 0.7) == 1
    assert clusters_needed(730, 10) == 73
    assert clusters_needed(731, 10) == 74
    for wrong in (lambda: precision_size(None, 0, 0.95), lambda: design_effect(5, 1.5), lambda: precision_size(0, 0.1, 0.9)):
        with pytest.raises(Problem, match="BF-2903"):
            wrong()
