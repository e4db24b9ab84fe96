"""Agreement of raters, against published values."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.foundation.problems import Problem
from bangfu.supervision.agreement import (
    Level,
    Table,
    Thresholds,
    Verdict,
    _ac1_without,
    _alpha_and_without,
    assess,
    cohen_kappa,
    gwet_ac1,
    jackknife,
    krippendorff_alpha,
    observed_agreement,
)

_ = np.nan
# Krippendorff's canonical data: four observers, twelve units, values missing.
CANON = np.array([
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]).T  # fmt: skip


def pairs(*cells: tuple[int, int, int]) -> npt.NDArray[np.float64]:
    """Two raters' answers from (one, other, how often)."""
    return np.array([(a, b) for a, b, n in cells for _ in range(n)], np.float64)


@pytest.mark.parametrize(("level", "alpha"), [(Level.NOMINAL, 0.743), (Level.ORDINAL, 0.815), (Level.INTERVAL, 0.849)])
def test_alpha_of_the_canonical_data(level: Level, alpha: float) -> None:
    assert krippendorff_alpha(Table.of(CANON), level) == pytest.approx(alpha, abs=0.0006)


def test_alpha_by_comparing_all_with_all() -> None:
    values = [row[~np.isnan(row)] for row in CANON if (~np.isnan(row)).sum() >= 2]
    pooled = np.concatenate(values)
    n = len(pooled)
    within = sum(((v[:, None] - v[None, :]) ** 2).sum() / (len(v) - 1) for v in values) / n
    between = ((pooled[:, None] - pooled[None, :]) ** 2).sum() / (n * (n - 1))
    assert krippendorff_alpha(Table.of(CANON), Level.INTERVAL) == pytest.approx(1 - within / between)


@given(st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=1, max_size=8), st.sampled_from(list(Level)))
def test_alpha_by_the_matrix_of_coincidences(rows: list[list[int]], level: Level) -> None:
    table = Table.of(np.array(rows, np.float64), possible=range(4))
    matrix = np.zeros((4, 4))
    for row in rows:
        for i in range(3):
            for j in range(3):
                matrix[row[i], row[j]] += (i != j) / 2
    n = matrix.sum(axis=1)

    def apart(c: int, k: int) -> float:
        if level is Level.NOMINAL:
            return float(c != k)
        between = n[min(c, k) : max(c, k) + 1].sum() - (n[c] + n[k]) / 2
        return float(c - k) ** 2 if level is Level.INTERVAL else float(between) ** 2

    observed = sum(matrix[c, k] * apart(c, k) for c in range(4) for k in range(4) if c != k)
    expected = sum(n[c] * n[k] * apart(c, k) for c in range(4) for k in range(4) if c != k) / (n.sum() - 1)
    assert krippendorff_alpha(table, level) == (pytest.approx(1 - observed / expected) if expected else None)


def test_kappa_of_the_textbook() -> None:
    assert cohen_kappa(pairs((1, 1, 20), (1, 0, 5), (0, 1, 10), (0, 0, 15))) == pytest.approx(0.4)
    assert cohen_kappa(pairs((1, 1, 45), (1, 0, 15), (0, 1, 25), (0, 0, 15))) == pytest.approx(0.1304, abs=5e-5)
    assert cohen_kappa(pairs((1, 1, 9))) is None
    assert cohen_kappa(np.array([[1, np.nan]])) is None
    with pytest.raises(ValueError, match="two raters"):
        cohen_kappa(CANON)


def test_ac1_where_nearly_all_answer_alike() -> None:
    # Gwet's paradox: 118 of 125 agree on the common answer, none on the rare one.
    given_ = pairs((1, 1, 118), (1, 0, 5), (0, 1, 2))
    common = (2 * 118 + 7) / 250
    chance = 2 * common * (1 - common)
    assert gwet_ac1(Table.of(given_)) == pytest.approx((118 / 125 - chance) / (1 - chance))
    assert gwet_ac1(Table.of(given_)) == pytest.approx(0.9408, abs=5e-5)
    kappa = cohen_kappa(given_)
    assert kappa is not None
    assert kappa == pytest.approx(-0.0234, abs=5e-4)


def test_ac1_of_several_raters() -> None:
    # Two units, three raters: agreements 1 and 1/3; shares 5/6 and 1/6.
    table = Table.of([[1, 1, 1], [1, 1, 0]])
    chance = 2 * (5 / 6) * (1 / 6)
    assert gwet_ac1(table) == pytest.approx((2 / 3 - chance) / (1 - chance))
    assert observed_agreement(table) == pytest.approx(2 / 3)


def test_possible_answers_that_nobody_gave_count_for_ac1() -> None:
    given_ = pairs((1, 1, 8), (1, 0, 2))
    few, many = gwet_ac1(Table.of(given_)), gwet_ac1(Table.of(given_, possible=range(5)))
    assert few is not None
    assert many is not None
    assert many > few
    with pytest.raises(ValueError, match="not among those possible"):
        Table.of(given_, possible=[1, 2])
    with pytest.raises(ValueError, match="unit and rater"):
        Table.of([1, 2])


def test_units_rated_once_are_no_evidence() -> None:
    more = np.vstack([CANON, [5, np.nan, np.nan, np.nan]])
    assert assess(more) == assess(CANON)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=12), st.sampled_from(list(Level)))
def test_the_order_of_raters_and_units_changes_nothing(rows: list[tuple[int, int]], level: Level) -> None:
    given_ = np.array(rows, np.float64)
    one, other = (krippendorff_alpha(Table.of(g), level) for g in (given_, given_[::-1, ::-1]))
    assert (one is None) == (other is None)
    if one is not None:
        assert one == pytest.approx(other)
        assert one <= 1 + 1e-12


def test_the_jackknife_of_a_mean_is_the_textbook_interval() -> None:
    values = np.array([3.0, 5.0, 8.0, 1.0, 4.0, 6.0]) / 10
    found = jackknife(values.mean(), [float(np.delete(values, i).mean()) for i in range(6)], 0.95)
    error = values.std(ddof=1) / 6**0.5
    assert found.low == pytest.approx(values.mean() - 2.5705818366147395 * error)  # t with 5 degrees of freedom
    assert found.high == pytest.approx(values.mean() + 2.5705818366147395 * error)


@pytest.mark.parametrize("level", list(Level))
def test_what_is_left_out_one_by_one_is_left_out(level: Level) -> None:
    table = Table.of(CANON)
    singly = [Table(np.delete(table.counts, u, axis=0), table.answers) for u in range(len(table.counts))]
    assert _alpha_and_without(table, level)[1] == pytest.approx([krippendorff_alpha(t, level) for t in singly])
    assert _ac1_without(table) == pytest.approx([gwet_ac1(t) for t in singly])


def test_a_question_that_works() -> None:
    found = assess(pairs((1, 1, 25), (0, 0, 25), (1, 0, 1), (0, 1, 2)))
    assert found.verdict is Verdict.WORKS
    assert found.pairs == found.units == 53
    assert found.observed.value == pytest.approx(50 / 53)
    assert found.observed.low is not None
    assert found.kappa.low is not None
    assert found.ac1.low is not None
    assert found.alpha.low is not None
    assert found.alpha.value is not None
    assert found.alpha.low < found.alpha.value


def test_low_agreement_is_told_apart_from_skew() -> None:
    skewed = assess(pairs((1, 1, 118), (1, 0, 5), (0, 1, 2)))
    assert skewed.verdict is Verdict.DOUBTFUL
    assert skewed.skewed
    assert "答案集中" in skewed.reason.zh
    failing = assess(pairs((1, 1, 30), (1, 0, 28), (0, 1, 31), (0, 0, 32)))
    assert failing.verdict is Verdict.FAILS
    assert not failing.skewed
    assert "skew does not explain it" in failing.reason.en
    # Skew alone is no excuse: here even AC1 is low.
    assert assess(pairs((1, 1, 40), (1, 0, 12), (0, 1, 12)), thresholds=Thresholds(skew=0.8)).verdict is Verdict.FAILS


def test_what_cannot_be_said_is_not_said() -> None:
    assert assess(pairs((1, 1, 15), (0, 0, 14))).verdict is Verdict.UNKNOWN
    same = assess(pairs((1, 1, 50)))
    assert same.verdict is Verdict.DOUBTFUL
    assert same.alpha.value is None
    assert "全部相同" in same.reason.zh
    nothing = assess(np.full((3, 2), np.nan))
    assert (nothing.verdict, nothing.units, nothing.observed.value) == (Verdict.UNKNOWN, 0, None)
    small = assess(pairs((1, 1, 5), (0, 0, 2), (1, 0, 3)), thresholds=Thresholds(pairs=8))
    assert small.verdict is Verdict.DOUBTFUL
    assert "样本还小" in small.reason.zh
    with pytest.raises(Problem, match="BF-2903"):
        assess(CANON, confidence=1)


def test_numbers_have_alpha_alone() -> None:
    rng = np.random.default_rng(3)
    income = rng.normal(5000, 1500, 60)
    close = assess(np.stack([income, income + rng.normal(0, 100, 60)], axis=1), Level.INTERVAL)
    assert close.verdict is Verdict.WORKS
    assert (close.kappa.value, close.ac1.value, close.commonest) == (None, None, None)
    far = assess(np.stack([income, rng.normal(5000, 1500, 60)], axis=1), Level.INTERVAL)
    assert far.verdict is Verdict.FAILS
    assert assess(np.full((40, 2), 7.0), Level.INTERVAL).verdict is Verdict.DOUBTFUL


def test_three_raters_have_an_interval_of_agreement() -> None:
    found = assess(CANON, Level.ORDINAL)
    assert found.kappa.value is None
    assert found.observed.low is not None
    assert found.observed.high is not None
    assert found.observed.low < 0.8 < found.observed.high
