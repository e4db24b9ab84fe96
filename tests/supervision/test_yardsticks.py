"""The yardsticks of a county."""

from __future__ import annotations

import numpy as np
import pytest

from bangfu.foundation.problems import Problem
from bangfu.supervision.intervals import Rate, clopper_pearson, proportion
from bangfu.supervision.yardsticks import NO, NO_ANSWER, YES, approval, composite, mis_exit, missed


def test_mis_exit_counts_persons_and_is_unsure_by_households() -> None:
    wrong, exited = np.array([5] + [0] * 99), np.array([5] + [4] * 99)
    rate = mis_exit(wrong, exited, 0.95)
    assert rate.estimate == pytest.approx(5 / 401)
    persons = clopper_pearson(5, 401, 0.95)
    assert rate.high is not None
    assert rate.high > persons[1]  # one household, not five persons
    assert not rate.exact


def test_missed_is_of_villages() -> None:
    persons, people = np.array([3, 0, 1]), np.array([1000, 800, 1200])
    rate = missed(persons, people, 0.95)
    assert rate.estimate == pytest.approx(4 / 3000)
    assert "3 个抽样单元" in rate.method.zh
    whole = missed(persons, people, 0.95, all_villages=True)
    assert (whole.low, whole.high, whole.exact) == (whole.estimate, whole.estimate, True)
    assert missed(persons[:0], people[:0], 0.95, all_villages=True).estimate is None
    assert missed(persons[:1], people[:1], 0.95).low is None


def test_approval_tells_the_silent_apart() -> None:
    found = approval(np.array([YES] * 18 + [NO] + [NO_ANSWER]), 0.95)
    assert (found.rate.bad, found.rate.seen, found.unanswered) == (18, 19, 1)
    assert (found.at_worst, found.at_best) == (0.9, 0.95)
    assert found.rate.exact
    assert "1 户没有回答" in found.said.zh
    assert "1 household did not" in found.said.en
    assert approval(np.array([YES]), 0.95).said.en == "all who were asked answered"
    assert approval(np.array([], np.int64), 0.95).rate.estimate is None
    with pytest.raises(ValueError, match="YES"):
        approval(np.array([2]), 0.95)


def test_approval_in_a_lot_and_in_clusters() -> None:
    answers = np.array([YES] * 27 + [NO] * 3)
    lot = approval(answers, 0.95, population=40).rate
    endless = approval(answers, 0.95).rate
    assert lot.low is not None
    assert endless.low is not None
    assert lot.low > endless.low
    weighted = approval(answers, 0.95, weights=np.r_[np.ones(27), np.full(3, 3.0)], clusters=np.arange(30) // 5)
    assert weighted.rate.estimate == pytest.approx(27 / 36)
    assert weighted.at_worst == pytest.approx(27 / 36)
    assert not weighted.rate.exact


def test_the_composite_rate() -> None:
    wrong, gone = proportion(2, 200, 0.975), proportion(1, 500, 0.975)
    rate = composite(600, 8000, wrong, 30000, gone, 40000)
    assert rate.estimate == pytest.approx((600 + 80 + 60) / 40000)
    assert wrong.high is not None
    assert gone.high is not None
    assert rate.high == pytest.approx((600 + 8000 * wrong.high + 30000 * gone.high) / 40000)
    assert rate.confidence == pytest.approx(0.95)
    assert (rate.bad, rate.seen) == (740, 40000)


def test_the_composite_rate_does_not_know_what_its_parts_do_not_know() -> None:
    nobody = proportion(0, 0, 0.975)
    unknown = composite(600, 8000, nobody, 30000, proportion(1, 500, 0.975), 40000)
    assert (unknown.estimate, unknown.high) == (None, None)
    none_exited: Rate = composite(600, 0, nobody, 30000, proportion(1, 500, 0.975), 40000)
    assert none_exited.estimate == pytest.approx(660 / 40000)
    with pytest.raises(Problem, match="BF-2903"):
        composite(600, 8000, nobody, 40000, nobody, 40000)
