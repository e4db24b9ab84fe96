"""The quality watch: what is found, what is not, and that nobody is ranked."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.supervision.copies import distance, groups, near_pairs
from bangfu.supervision.hints import (
    UNKNOWN,
    Hint,
    Kind,
    Pictures,
    Settings,
    Visits,
    find,
    round_numbers,
    run_chance,
)

NINE = 9 * 60


def visits(n: int, **columns: Any) -> Visits:
    """n visits of one worker to as many households, a day apart, at 9:07 for 25 minutes."""
    usual: dict[str, Any] = {
        "worker": 1, "day": np.arange(n), "began": NINE + 7, "ended": None, "household": 1000 + np.arange(n), "village": 1, "form": 1, "answered": 20, "pattern": 0,
    }  # fmt: skip
    given_ = usual | {name: np.asarray(column) for name, column in columns.items()}
    if given_["ended"] is None:
        given_["ended"] = np.asarray(given_["began"]) + 25
    return Visits(**{k: np.broadcast_to(np.asarray(v), (n,)).copy() for k, v in given_.items()})


def kinds(v: Visits, pictures: Pictures | None = None, **settings: Any) -> list[tuple[Kind, tuple[int, ...]]]:
    return [(h.kind, h.visits) for h in find(v, pictures, Settings(**settings)).hints]


def test_ordinary_work_gives_no_hint() -> None:
    rng = np.random.default_rng(1)
    n = 300
    began = NINE + 35 * (np.arange(n) % 10) + rng.integers(0, 8, n)
    assert (
        kinds(visits(n, worker=np.arange(n) // 100, day=np.arange(n) // 10, began=began, ended=began + rng.integers(15, 28, n)))
        == []
    )


def test_more_households_than_a_day_has_minutes() -> None:
    [hint] = find(visits(31, day=5, began=UNKNOWN, ended=UNKNOWN)).hints
    assert (hint.kind, len(hint.visits)) == (Kind.TOO_MANY, 31)
    assert hint.ratio == pytest.approx(31 * 20 / 600)
    assert hint.said.zh == "一天走访 31 户，每户至少 20 分钟就要 620 分钟，而一天只有 600 分钟可用"
    assert kinds(visits(30, day=5, began=UNKNOWN, ended=UNKNOWN)) == []
    # Two forms at each household are one visit.
    assert kinds(visits(40, day=5, began=UNKNOWN, ended=UNKNOWN, household=np.arange(40) // 2)) == []


def test_two_households_at_once() -> None:
    at = {"day": 5, "began": [NINE, NINE + 20, NINE + 200], "ended": [NINE + 30, NINE + 50, NINE + 230]}
    [hint] = find(visits(3, **at)).hints
    assert (hint.kind, hint.visits, hint.evidence["shared"]) == (Kind.OVERLAP, (0, 1), 10)
    assert hint.ratio == pytest.approx(1 / 3)
    assert kinds(visits(3, household=[7, 7, 8], **at)) == []
    assert kinds(visits(3, worker=[1, 2, 1], **at)) == []
    assert kinds(visits(3, **at), overlap_minutes=11) == []


def test_a_long_visit_is_held_against_all_within_it() -> None:
    found = kinds(visits(3, day=5, began=[NINE, NINE + 10, NINE + 40], ended=[NINE + 120, NINE + 30, NINE + 60]))
    assert found == [(Kind.OVERLAP, (0, 1)), (Kind.OVERLAP, (0, 2))]


def test_past_midnight_is_the_next_day() -> None:
    late = 23 * 60 + 50
    assert (Kind.OVERLAP, (0, 1)) in kinds(visits(2, day=[5, 6], began=[late, 5], ended=[late + 30, 40]))


def test_positions_count_where_they_are_on() -> None:
    at = {"day": 5, "began": [NINE, NINE + 20], "ended": [NINE + 30, NINE + 50]}
    assert kinds(visits(2, x=[0.0, 30.0], y=[0.0, 40.0], **at)) == []  # one courtyard
    [hint] = find(visits(2, x=[0.0, 3000.0], y=[0.0, 4000.0], **at)).hints
    assert hint.evidence["metres"] == 5000
    assert kinds(visits(2, x=[0.0, np.nan], y=[0.0, np.nan], **at)) == [(Kind.OVERLAP, (0, 1))]


def test_closer_in_time_than_the_way() -> None:
    at = {"day": 5, "began": [NINE, NINE + 35], "ended": [NINE + 30, NINE + 60]}
    [hint] = find(visits(2, x=[0.0, 12000.0], y=[0.0, 0.0], **at)).hints
    assert (hint.kind, hint.evidence["way"], hint.evidence["gap"]) == (Kind.TOO_FAST, 20, 5)
    assert hint.ratio == pytest.approx(4)
    assert kinds(visits(2, x=[0.0, 6000.0], y=[0.0, 0.0], **at)) == []
    assert kinds(visits(2, **at)) == []
    assert kinds(visits(2, worker=[1, 2], x=[0.0, 12000.0], y=[0.0, 0.0], **at)) == []


def test_shorter_than_the_form_usually_takes() -> None:
    took = np.array([20, 22, 25, 28, 30, 24, 26, 19, 33, 27] * 4 + [3])
    v = visits(41, began=NINE + 7, ended=NINE + 7 + took)
    [hint] = find(v).hints
    assert (hint.kind, hint.visits, hint.evidence["took"]) == (Kind.SHORT_FOR_FORM, (40,), 3)
    assert hint.evidence["z"] < -3.5
    assert kinds(v, form_visits=42) == []
    # A form of its own has no usual duration yet.
    assert kinds(visits(41, ended=NINE + 7 + took, form=[1] * 40 + [2])) == []


def test_the_short_visits_of_a_day_are_one_hint() -> None:
    took = np.array([20, 22, 25, 28, 30, 24, 26, 19, 33, 27] * 4 + [3, 4, 2])
    day = np.array([*range(40), 50, 50, 51])
    v = visits(43, began=NINE + 7, ended=NINE + 7 + took, day=day)
    found = [(h.visits, h.evidence["short"], h.evidence["took"]) for h in find(v).hints if h.kind == Kind.SHORT_FOR_FORM]
    assert found == [((40, 41), 2, 4), ((42,), 1, 2)]


def test_shorter_than_the_answers_take() -> None:
    v = visits(3, ended=NINE + 7 + np.array([0, 2, 0]), answered=[90, 90, UNKNOWN])
    [hint] = find(v).hints
    assert (hint.kind, hint.visits, hint.evidence["needed"], hint.ratio) == (Kind.SHORT_FOR_ANSWERS, (0,), 3, 3)


@pytest.mark.parametrize(("n", "run", "share"), [(6, 2, 0.3), (9, 3, 0.5), (5, 5, 0.7), (4, 5, 0.5), (8, 1, 0.2)])
def test_the_chance_of_a_run_by_counting(n: int, run: int, share: float) -> None:
    total = 0.0
    for throw in product((0, 1), repeat=n):
        if "1" * run in "".join(map(str, throw)):
            total += share ** sum(throw) * (1 - share) ** (n - sum(throw))
    assert run_chance(n, run, share) == pytest.approx(total)


def series_of(run: int, others: npt.NDArray[np.int64]) -> Visits:
    """Worker 1: 20 visits, `run` of them alike (pattern 5), the rest each its own; worker 2 with given patterns."""
    mine = np.concatenate([np.arange(100, 120 - run), np.full(run, 5)])
    n = 20 + len(others)
    return visits(n, worker=[1] * 20 + [2] * len(others), pattern=np.concatenate([mine, others]), household=np.arange(n))


def test_the_same_answers_one_after_the_other() -> None:
    [hint] = find(series_of(8, np.array([5, 6, 7, 8, 9] * 8))).hints
    assert (hint.kind, hint.visits) == (Kind.SERIES, tuple(range(12, 20)))
    assert hint.chance == pytest.approx(run_chance(20, 8, 9 / 42))
    assert "连续 8 次" in hint.said.zh
    # Where everybody gives this answer, it is the village's.
    assert kinds(series_of(20, np.full(40, 5))) == []
    # Nobody else was there: nothing to hold it against.
    assert kinds(series_of(20, np.array([], np.int64))) == []
    assert kinds(series_of(4, np.array([5, 6, 7, 8, 9] * 8))) == []


def test_a_series_is_of_one_village_and_form() -> None:
    v = series_of(8, np.array([5, 6, 7, 8, 9] * 8))
    for column in ("village", "form"):
        broken = dict(vars(v))
        broken[column] = np.where(np.arange(60) % 2, 1, 2)
        assert [k for k, _ in kinds(Visits(**broken))] == []


def test_pictures_of_other_households() -> None:
    base = 0x0F1E2D3C4B5A6978
    v = visits(6, household=[1, 2, 3, 3, 4, 5])
    p = Pictures(
        np.arange(6), np.array([base, base ^ 0b1111, ~base, ~base, base ^ (0b11111 << 20), base]), np.array([False] * 5 + [True])
    )
    [hint] = find(v, p).hints
    assert (hint.kind, hint.visits, hint.evidence["bits"], hint.ratio) == (Kind.COPIED_PHOTO, (0, 1), 4, 2)
    assert kinds(v, p, photo_bits=0) == []
    assert kinds(v, p, photo_bits=5) == [(Kind.COPIED_PHOTO, (0, 1, 4))]
    same = Pictures(np.array([0, 5]), np.array([7, 7]), np.zeros(2, np.bool_))
    assert kinds(v, same, photo_bits=0) == [(Kind.COPIED_PHOTO, (0, 5))]


def test_at_night() -> None:
    found = find(visits(4, began=[22 * 60, 5 * 60 + 59, 6 * 60, UNKNOWN], ended=UNKNOWN))
    assert [h.visits for h in found.hints] == [(0,), (1,)]
    assert found.hints[1].said.zh == "走访在夜间 05:59 开始"
    assert found.hints[0].chance == pytest.approx(2 / 3)


def test_times_at_the_full_hour() -> None:
    rng = np.random.default_rng(2)
    mine, others = np.arange(25) % 8 * 60 + NINE, rng.integers(NINE, 17 * 60, 300)
    began = np.concatenate([mine, others])
    v = visits(325, worker=[1] * 25 + [2] * 150 + [3] * 150, began=began, day=np.arange(325))
    [hint] = find(v).hints
    assert (hint.kind, len(hint.visits)) == (Kind.ROUND_TIMES, 25)
    # Where everybody writes the hour alone, nobody is told.
    assert kinds(visits(90, worker=np.arange(90) % 3, began=NINE)) == []
    assert kinds(visits(19, began=NINE)) == []


def test_round_numbers() -> None:
    rng = np.random.default_rng(2)
    numbers = np.concatenate([np.full(30, 500), rng.integers(1, 999, 200), np.zeros(30, np.int64)])
    v = visits(260, worker=[1] * 30 + [2] * 200 + [3] * 30)
    [hint] = list(round_numbers(v, np.arange(260), numbers))
    assert hint.visits == tuple(range(30))
    assert "10 的倍数" in hint.said.zh


def test_hints_come_in_the_order_of_days_and_rank_nobody() -> None:
    v = visits(4, day=[9, 9, 3, 3], began=[NINE, NINE, NINE, NINE + 29], ended=[NINE + 30] * 3 + [NINE + 40])
    found = find(v, None, Settings(overlap_minutes=1))
    assert [h.visits for h in found.hints] == [(2, 3), (0, 1)]
    assert found.looked_at[Kind.OVERLAP] == 4
    assert found.looked_at[Kind.TOO_FAST] == 0
    assert not any("worker" in name for name in Hint.__slots__)


def test_nothing_at_all() -> None:
    assert kinds(visits(0), Pictures(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.bool_))) == []


def test_columns_fit() -> None:
    v = visits(3)
    for change in ({"day": np.arange(2)}, {"x": np.zeros(3)}):
        with pytest.raises(ValueError, match="one entry per visit"):
            Visits(**(dict(vars(v)) | change))


@given(st.lists(st.integers(0, 2**64 - 1), max_size=12, unique=True), st.integers(0, 6), st.data())
def test_near_pairs_are_those_that_comparing_all_finds(drawn: list[int], most: int, data: st.DataObject) -> None:
    flips = data.draw(st.lists(st.tuples(st.integers(0, 11), st.sets(st.integers(0, 63), max_size=7)), max_size=8))
    for at, bits in flips:
        if at < len(drawn):
            drawn = [*drawn, drawn[at] ^ sum(1 << b for b in bits)]
    hashes = np.unique(np.array(drawn, np.uint64))
    left, right = near_pairs(hashes, most)
    wanted = [
        (i, j)
        for i in range(len(hashes))
        for j in range(i + 1, len(hashes))
        if 0 < int(hashes[i] ^ hashes[j]).bit_count() <= most
    ]
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == wanted


def test_near_pairs_in_a_crowd() -> None:
    # A thousand pictures of one kind: most bits are the same, so that bands are shared and split again.
    rng = np.random.default_rng(4)
    bits = rng.random((1000, 64)) < 0.06
    hashes = np.unique((bits.astype(np.uint64) << np.arange(64, dtype=np.uint64)).sum(axis=1, dtype=np.uint64))
    left, right = near_pairs(hashes, 4)
    every = distance(hashes[:, None], hashes[None, :]) <= 4
    assert np.array_equal(np.argwhere(np.triu(every, 1)), np.stack([left, right], axis=1))


def test_near_pairs_want_distinct_hashes_and_few_bits() -> None:
    with pytest.raises(ValueError, match="distinct"):
        near_pairs(np.array([1, 1], np.uint64), 3)
    with pytest.raises(ValueError, match="bits"):
        near_pairs(np.array([1, 2], np.uint64), 16)


def test_groups_hang_together() -> None:
    assert groups(7, np.array([5, 3, 1]), np.array([3, 1, 0])).tolist() == [0, 0, 2, 0, 4, 0, 6]
