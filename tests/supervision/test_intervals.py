"""Intervals: against values of SciPy 1.17, against brute force, and by counting how often they hold."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.foundation.problems import Problem
from bangfu.supervision.chances import (
    at_least,
    at_most,
    beta_below,
    binomial,
    hypergeometric,
    t_quantile,
)
from bangfu.supervision.intervals import (
    LOWER,
    UPPER,
    Decision,
    Stratum,
    against_limit,
    clopper_pearson,
    hypergeometric_bounds,
    judge,
    proportion,
    ratio,
    stratified,
)
from bangfu.supervision.sizes import zero_acceptance


@pytest.mark.parametrize(
    ("bad", "seen", "confidence", "low", "high"),
    [
        (0, 10, 0.95, 0.0, 0.30849710781876294), (3, 40, 0.95, 0.015742179851041527, 0.20386474873289898),
        (10, 100, 0.90, 0.05526323768286832, 0.16371762327581446), (7, 2000, 0.99, 0.00101967945306782, 0.008545112420801658), (5, 5, 0.95, 0.025 ** (1 / 5), 1.0),
    ],
)  # fmt: skip
def test_clopper_and_pearson(bad: int, seen: int, confidence: float, low: float, high: float) -> None:
    assert clopper_pearson(bad, seen, confidence) == pytest.approx((low, high), abs=1e-12)


def test_one_sided_bounds() -> None:
    assert clopper_pearson(0, 149, 0.95, UPPER) == pytest.approx((0, 1 - 0.05 ** (1 / 149)))
    assert clopper_pearson(20, 20, 0.9, LOWER) == pytest.approx((0.1 ** (1 / 20), 1))


def test_laws_and_quantiles_as_scipy_has_them() -> None:
    assert at_most(3, hypergeometric(126201, 2525, 300)) == pytest.approx(0.14798649364272065, rel=1e-8)
    assert at_most(0, hypergeometric(500, 10, 60)) == pytest.approx(0.2750575138917429)
    assert at_least(13, hypergeometric(50, 25, 25)) == pytest.approx(0.5)
    assert at_most(3, binomial(300, 0.02)) == pytest.approx(0.14851038151125792)
    assert [t_quantile(p, d) for p, d in ((0.975, 1), (0.975, 7), (0.95, 30), (0.995, 120))] == pytest.approx(
        [12.706204736174694, 2.364624251592784, 1.697260886593957, 2.6174211451068654]
    )
    assert beta_below(0.3, 2.5, 7) == pytest.approx(0.6412224629717214)


@given(st.integers(0, 30).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(0, n))))
def test_the_hypergeometric_law_by_counting(drawn: tuple[int, int, int]) -> None:
    population, bad, seen = drawn
    least, chances = hypergeometric(population, bad, seen)
    exact = [
        comb(bad, k) * comb(population - bad, seen - k) / comb(population, seen)
        for k in range(min(bad, seen) + 1)
        if seen - k <= population - bad
    ]
    assert least == max(0, seen + bad - population)
    assert chances.tolist() == pytest.approx(exact)


@given(st.integers(1, 25).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n))), st.sampled_from([0.8, 0.95]))
def test_bounds_in_a_lot_are_what_the_test_does_not_refuse(drawn: tuple[int, int], confidence: float) -> None:
    population, seen = drawn
    for bad in range(seen + 1):
        kept = [
            d for d in range(bad, population - (seen - bad) + 1)
            if at_least(bad, hypergeometric(population, d, seen)) > (1 - confidence) / 2
            and at_most(bad, hypergeometric(population, d, seen)) > (1 - confidence) / 2
        ]  # fmt: skip
        assert hypergeometric_bounds(bad, seen, population, confidence) == (kept[0], kept[-1])


def test_intervals_in_a_lot_hold_whatever_the_lot_is() -> None:
    population, seen, confidence = 40, 12, 0.9
    bounds = [hypergeometric_bounds(k, seen, population, confidence) for k in range(seen + 1)]
    upper = [hypergeometric_bounds(k, seen, population, confidence, UPPER)[1] for k in range(seen + 1)]
    for bad in range(population + 1):
        least, chances = hypergeometric(population, bad, seen)
        held = sum(p for k, p in enumerate(chances, least) if bounds[k][0] <= bad <= bounds[k][1])
        assert held >= confidence - 1e-12
        assert sum(p for k, p in enumerate(chances, least) if bad <= upper[k]) >= confidence - 1e-12


def test_intervals_without_end_hold_whatever_the_rate_is() -> None:
    bounds = [clopper_pearson(k, 20, 0.9) for k in range(21)]
    for rate in np.linspace(0.001, 0.999, 97):
        least, chances = binomial(20, float(rate))
        assert sum(p for k, p in enumerate(chances, least) if bounds[k][0] <= rate <= bounds[k][1]) >= 0.9 - 1e-12


def test_a_census_leaves_nothing_to_chance() -> None:
    rate = proportion(3, 50, 0.95, population=50)
    assert (rate.low, rate.estimate, rate.high) == (0.06, 0.06, 0.06)
    assert "全部查过" in rate.method.zh
    unknown = proportion(0, 0, 0.95, population=50)
    assert (unknown.estimate, unknown.low, unknown.high) == (None, None, None)
    for bad, seen, population in ((4, 3, None), (-1, 3, None), (1, 5, 4)):
        with pytest.raises(Problem, match="BF-2903"):
            proportion(bad, seen, 0.95, population=population)


def test_strata_together_hold_whatever_is_in_them() -> None:
    first, second, confidence = (8, 3), (6, 3), 0.8
    found = {
        (a, b): stratified([Stratum(a, first[1], first[0]), Stratum(b, second[1], second[0])], confidence)
        for a in range(4) for b in range(4)
    }  # fmt: skip
    for one in range(first[0] + 1):
        for other in range(second[0] + 1):
            law, law2 = hypergeometric(first[0], one, first[1]), hypergeometric(second[0], other, second[1])
            truth = (one + other) / 14
            held = 0.0
            for a, p in enumerate(law[1], law[0]):
                for b, q in enumerate(law2[1], law2[0]):
                    rate = found[a, b]
                    assert rate.low is not None
                    assert rate.high is not None
                    held += p * q * (rate.low - 1e-12 <= truth <= rate.high + 1e-12)
            assert held >= confidence - 1e-12


def test_strata_weigh_what_they_have() -> None:
    rate = stratified([Stratum(1, 10, 100), Stratum(0, 10, 900)], 0.95)
    assert rate.estimate == pytest.approx(0.01)
    assert "Šidák" in rate.method.en
    alone = stratified([Stratum(1, 10, 100), Stratum(9, 900, 900)], 0.95)
    low, high = hypergeometric_bounds(1, 10, 100, 0.95)
    assert (alone.low, alone.high) == ((low + 9) / 1000, (high + 9) / 1000)
    assert "Šidák" not in alone.method.en
    silent = stratified([Stratum(1, 10, 100), Stratum(0, 0, 100)], 0.95)
    assert silent.estimate is None
    assert silent.high is not None
    assert silent.high > 0.5


def test_the_ratio_by_hand() -> None:
    # Two strata of two clusters: R = 6/40; residuals of clusters 1 − 1.5, 0 − 1.5, 2 − 1.5, 3 − 1.5.
    rate = ratio([1, 0, 2, 3], [10, 10, 10, 10], 0.95, strata=["a", "a", "b", "b"])
    assert rate.estimate == pytest.approx(0.15)
    variance = (2 * (0.5**2 + 0.5**2) + 2 * (0.5**2 + 0.5**2)) / 40**2
    reach = 4.302652729696142 * variance**0.5 / (0.15 * 0.85)  # t with 2 degrees of freedom
    assert rate.low is not None
    assert np.log(rate.low / (1 - rate.low)) == pytest.approx(np.log(0.15 / 0.85) - reach)
    assert not rate.exact
    assert "近似" in rate.method.zh
    assert "2" in rate.method.en


def test_members_of_a_cluster_are_no_more_evidence_than_the_cluster() -> None:
    bad, seen, cluster = [4, 0, 0, 0, 0], [4, 5, 3, 4, 4], ["a", "b", "c", "d", "e"]
    whole = ratio(bad, seen, 0.9, clusters=cluster)
    singly = ratio(
        [int(i < b) for b, s in zip(bad, seen, strict=True) for i in range(s)],
        [1] * 20,
        0.9,
        clusters=[c for c, s in zip(cluster, seen, strict=True) for _ in range(s)],
    )
    assert singly == whole
    assert whole.seen == 20
    doubled = ratio(bad, seen, 0.9, clusters=cluster, weights=[2] * 5)
    assert (doubled.low, doubled.high) == pytest.approx((whole.low, whole.high))


def test_where_nothing_bad_was_found_the_clusters_bound_the_rate() -> None:
    rate = ratio([0] * 30, [4] * 30, 0.95, clusters=[i // 3 for i in range(30)])
    assert rate.low == 0
    assert rate.high == pytest.approx(clopper_pearson(0, 10, 0.95)[1])
    assert "方差估计不出" in rate.method.zh


def test_too_few_clusters_have_no_interval() -> None:
    rate = ratio([1, 0], [3, 3], 0.95, clusters=["a", "a"])
    assert rate.estimate == pytest.approx(1 / 6)
    assert rate.low is None
    assert against_limit(rate, 0.5).decision is Decision.UNDECIDED
    assert ratio([], [], 0.95).estimate is None
    with pytest.raises(ValueError, match="one entry per unit"):
        ratio([1, 2], [3], 0.95)
    with pytest.raises(Problem, match="BF-2903"):
        ratio([4], [3], 0.95)


def test_the_ratio_holds_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(400):
        size = rng.integers(1, 7, 150)
        bad = np.where(rng.random(150) < 0.1, size, 0)
        rate = ratio(bad, size, 0.95)
        assert rate.low is not None
        assert rate.high is not None
        held += rate.low <= 0.1 <= rate.high
    assert 0.92 <= held / 400 <= 0.98


def test_the_acceptance_number_decides_and_says_no_more() -> None:
    plan = zero_acceptance(500, 0.02, 0.95)
    accepted = judge(0, plan.size, plan)
    assert accepted.decision is Decision.ACCEPT
    assert "这不等于没有差错" in accepted.reason.zh
    assert "does not mean that nothing is wrong" in accepted.reason.en
    assert judge(0, plan.size - 1, plan).decision is Decision.UNDECIDED
    assert judge(1, 5, plan).decision is Decision.REJECT
    assert "不证明" in judge(1, 5, plan).reason.zh
    assert judge(1, plan.size + 1, plan).decision is Decision.UNDECIDED


def test_an_interval_against_a_limit() -> None:
    assert against_limit(proportion(0, 300, 0.95), 0.02).decision is Decision.ACCEPT
    assert against_limit(proportion(30, 300, 0.95), 0.02).decision is Decision.REJECT
    open_ = against_limit(proportion(2, 300, 0.95), 0.02)
    assert open_.decision is Decision.UNDECIDED
    assert "不高于 0.02" in open_.reason.zh
    assert "at most 0.02" in open_.reason.en
    assert against_limit(proportion(300, 300, 0.95), 0.9, at_least=True).decision is Decision.ACCEPT
    assert against_limit(proportion(200, 300, 0.95), 0.9, at_least=True).decision is Decision.REJECT
    assert against_limit(proportion(275, 300, 0.95), 0.9, at_least=True).decision is Decision.UNDECIDED


def test_a_plan_passed_with_nothing_bad_keeps_the_limit_one_sided() -> None:
    # The acceptance number and the one-sided exact bound say the same of a lot.
    plan = zero_acceptance(500, 0.02, 0.95)
    assert (
        hypergeometric_bounds(0, plan.size, 500, 0.95, UPPER)[1]
        < 10
        <= hypergeometric_bounds(0, plan.size - 1, 500, 0.95, UPPER)[1]
    )
