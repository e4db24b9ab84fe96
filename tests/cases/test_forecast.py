"""Burn-down and forecast: arithmetic where there is no chance, laws where there is, and the unknown stays unknown."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bangfu.cases.forecast import HOLDS, Forecast, History, batches, forecast, resampled

FIELDS = ("burn_down", "known_days", "throughput", "probability", "by_day", "finish", "fan", "held")


def history(*rows: tuple[int, list[int], list[int]], **holding: list[int]) -> History:
    """Rows of (backlog, opened by day, closed by day), named r0, r1, …"""
    return History(
        tuple(f"r{n}" for n in range(len(rows))),
        np.array([opened for _, opened, _ in rows]),
        np.array([closed for _, _, closed in rows]),
        np.array([backlog for backlog, _, _ in rows]),
        {code: np.array(counts) for code, counts in holding.items()},
    )


def chosen(given_: History, order: list[int]) -> History:
    """Some rows of a history, in this order."""
    return History(
        tuple(given_.keys[row] for row in order), given_.opened[order], given_.closed[order], given_.backlog[order],
        {code: counts[order] for code, counts in given_.holding.items()},
    )  # fmt: skip


def same(one: Forecast, other: Forecast) -> None:
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)
    assert one.held_by == other.held_by


@st.composite
def histories(draw: Any, rows: int = 3, least: int = 0) -> History:
    """Rows whose counts fit together: what is closed on a day was open. At the beginning at least so many are open."""
    days = draw(st.integers(1, 30))
    told = []
    for _ in range(rows):
        open_ = draw(st.integers(least, 30))
        opened = draw(st.lists(st.integers(0, 3), min_size=days, max_size=days))
        closed = []
        for new in opened:
            closed.append(draw(st.integers(0, min(open_ + new, 5))))
            open_ += new - closed[-1]
        told.append((open_, opened, closed))
    return history(*told)


# --- what was


def test_the_burn_down_is_what_was_open_at_the_end_of_each_day() -> None:
    told = forecast(history((5, [2, 0, 1], [0, 3, 1])), 10)
    assert told.burn_down.tolist() == [[6, 8, 5, 5]]


def test_throughput_counts_from_the_first_day_on_which_there_was_anything_to_close() -> None:
    """A kind of case that began two days ago is not slow because of the years before."""
    told = forecast(history((2, [0, 0, 0, 6, 0], [0, 0, 0, 2, 2]), (9, [0] * 5, [1, 0, 0, 0, 1])), 10)
    assert told.known_days.tolist() == [2, 5]
    assert told.throughput.tolist() == [2.0, 0.4]


def test_only_the_window_counts() -> None:
    told = forecast(history((9, [0] * 20, [4] * 10 + [1] * 10)), 10, window=10)
    assert (told.throughput.tolist(), told.finish.tolist()) == ([1.0], [[9, 9, 9]])


def test_what_holds_most_cases_is_named_and_being_under_way_holds_nothing() -> None:
    rows = [(9, [0], [0])] * 5
    told = forecast(
        history(*rows, under_way=[7, 9, 0, 0, 4], overdue=[0, 0, 3, 2, 1], no_measure=[2, 0, 3, 1, 0], paused=[0, 0, 0, 3, 4]), 9
    )
    assert told.held_by == ("no_measure", "under_way", "no_measure", "paused", "paused")
    assert told.held.tolist() == [2, 9, 3, 3, 4]
    nothing = forecast(history(*rows, under_way=[0] * 5), 9)
    assert nothing.held_by == ("",) * 5 == forecast(history(*rows), 9).held_by
    assert all(text.zh and text.en for text in HOLDS.values())


# --- where there is no chance, arithmetic


@given(backlog=st.integers(0, 60), pace=st.integers(1, 7), days=st.integers(0, 40), past=st.integers(1, 40))
@settings(max_examples=60)
def test_at_a_constant_pace_the_day_is_a_division(backlog: int, pace: int, days: int, past: int) -> None:
    told = forecast(history((backlog, [0] * past, [pace] * past)), days, horizon=60, paths=50)
    day = -(-backlog // pace)
    assert told.probability.tolist() == [float(day <= days)]
    assert told.finish.tolist() == [[day] * 3]
    assert told.fan[0].tolist() == [[max(backlog - pace * d, 0) for d in range(61)]] * 3


def test_what_is_opened_takes_its_part_of_the_pace() -> None:
    told = forecast(history((6, [1] * 20, [3] * 20), (6, [3] * 20, [3] * 20)), 3, horizon=20)
    assert told.finish.tolist() == [[3] * 3, [-1] * 3]
    assert told.probability.tolist() == [1.0, 0.0]


def test_what_is_opened_afterwards_does_not_undo_that_a_row_has_finished_but_is_seen_in_the_fan() -> None:
    """Each week one case comes on its first day, and is closed on the fourth."""
    week = ([1, 0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0])
    told = forecast(history((0, week[0] * 3, week[1] * 3), (1, week[0] * 3, week[1] * 3)), 30)
    assert told.probability.tolist() == [1.0, 0.0]  # the second is always one behind
    assert told.fan[0, 1, :15].tolist() == [0, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0]
    assert told.fan[1, 1, :5].tolist() == [1, 2, 2, 2, 1]


def test_weeks_keep_their_rhythm() -> None:
    """Work is done on the last day of the week of the past only, so it is on each seventh day to come."""
    told = forecast(history((20, [0] * 28, [0, 0, 0, 0, 0, 0, 9] * 4)), 14, horizon=21)
    assert told.finish.tolist() == [[21] * 3]
    assert told.fan[0, 1, [6, 7, 13, 14, 20, 21]].tolist() == [20, 11, 11, 2, 2, 0]


# --- where there is chance


def test_the_probability_is_that_of_the_draws() -> None:
    """Two weeks stand for all: one closes 2, the other nothing. Nine need five good weeks out of eight: (56 + 28 + 8 + 1) / 256."""
    told = forecast(history((9, [0] * 14, [2, 0, 0, 0, 0, 0, 0] + [0] * 7)), 56, paths=20000)
    assert told.probability[0] == pytest.approx(93 / 256, abs=0.015)
    assert told.by_day[0, 34] == pytest.approx(1 / 32, abs=0.01)  # five good weeks out of five
    assert told.by_day[0, 28] == 0


def test_a_past_shorter_than_two_weeks_is_drawn_day_by_day() -> None:
    """Two days, one of which closes 1: one case is closed by day d with probability 1 − 1 / 2^d."""
    told = forecast(history((1, [0, 0], [1, 0])), 3, paths=20000)
    assert told.probability[0] == pytest.approx(7 / 8, abs=0.01)
    assert told.by_day[0, :3] == pytest.approx([0, 1 / 2, 3 / 4], abs=0.015)


@pytest.mark.parametrize("paths", [1, 10, 25])
def test_quantiles_and_days_agree(paths: int) -> None:
    """The day of a quantile is the first by which so large a share of the paths has finished."""
    closed = np.random.default_rng(4).poisson(2, (12, 42)).tolist()
    told = forecast(history(*((30, [1] * 42, row) for row in closed)), 40, paths=paths)
    assert paths == 1 or not np.array_equal(told.finish[:, 0], told.finish[:, 2])  # there is chance in it
    for row, quantile in itertools.product(range(12), range(3)):
        reached = np.flatnonzero(told.by_day[row] >= (0.1, 0.5, 0.9)[quantile])
        assert told.finish[row, quantile] == (reached[0] if reached.size else -1)
    assert (np.diff(told.fan, axis=1) >= 0).all()


def test_the_draws_are_days_of_the_rows_own_known_past() -> None:
    given_ = history((30, [0] * 30, [1] * 30), (4, [0] * 20 + [9] + [0] * 9, [0] * 25 + [1] * 5))
    known = given_.known_days(56)
    assert known.tolist() == [30, 10]
    for rows in batches(np.arange(2), known, 50):
        past = np.stack([day.copy() for day in resampled(given_, rows, known, 21, 50, 0)])
        columns = past - rows[0] * 30
        if rows[0] == 0:  # weeks, each day on its own: the last 28 days count
            assert set(columns.ravel().tolist()) == set(range(2, 30))
            assert ((columns - 30 - np.arange(21)[:, None, None]) % 7 == 0).all()
        else:
            assert set(columns.ravel().tolist()) == set(range(20, 30))


# --- laws


@given(given_=histories(least=1), more=st.integers(1, 10), days=st.integers(0, 30))
@settings(max_examples=40, deadline=None)
def test_more_backlog_never_makes_it_likelier(given_: History, more: int, days: int) -> None:
    harder = History(given_.keys, given_.opened, given_.closed, given_.backlog + more)
    one, other = (forecast(h, days, horizon=30, paths=60) for h in (given_, harder))
    assert (one.known_days == other.known_days).all()
    assert not (other.by_day > one.by_day).any()
    assert not (other.probability > one.probability).any()


@given(given_=histories(), days=st.integers(0, 20), later=st.integers(1, 20))
@settings(max_examples=40, deadline=None)
def test_a_later_end_never_makes_it_less_likely_and_the_horizon_changes_nothing(given_: History, days: int, later: int) -> None:
    early, late = (forecast(given_, end, horizon=10, paths=60) for end in (days, days + later))
    known = ~np.isnan(late.probability) & ~np.isnan(early.probability)
    assert (late.probability[known] >= early.probability[known]).all()
    shared = early.by_day.shape[1]
    np.testing.assert_array_equal(late.by_day[:, :shared], early.by_day)
    np.testing.assert_array_equal(late.fan[:, :, :shared], early.fan)


@given(given_=histories(rows=4), order=st.permutations(range(4)), taken=st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_a_row_knows_nothing_of_its_neighbours(given_: History, order: list[int], taken: int) -> None:
    rows = list(order)[:taken]
    whole, part = forecast(given_, 9, horizon=12, paths=60), forecast(chosen(given_, rows), 9, horizon=12, paths=60)
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(whole, name)[rows], getattr(part, name), name)


def test_rows_that_do_not_fit_into_memory_together_have_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    given_ = history(*((20, [0] * 30, row) for row in rng.poisson(1, (9, 30)).tolist()))
    whole = forecast(given_, 20, paths=100)
    monkeypatch.setattr("bangfu.cases.forecast.CHUNK", 200)
    same(forecast(given_, 20, paths=100), whole)


def test_the_same_input_gives_the_same_answer_and_key_and_seed_change_the_draws() -> None:
    closed = np.random.default_rng(3).poisson(1, (1, 56)).tolist()[0]
    given_ = history((25, [0] * 56, closed), (25, [0] * 56, closed))
    told = forecast(given_, 25)
    same(forecast(given_, 25), told)
    assert not np.array_equal(told.by_day[0], told.by_day[1])
    assert not np.array_equal(forecast(given_, 25, seed=1).by_day, told.by_day)
    assert told.by_day[0] == pytest.approx(told.by_day[1], abs=0.06)


# --- the unknown


def test_without_a_closing_the_probability_is_unknown_unless_nothing_is_open_or_no_day_is_left() -> None:
    told = forecast(history((5, [0] * 9, [0] * 9), (0, [0] * 9, [0] * 9), (5, [0] * 9, [0] * 9)), np.array([9, 9, 0]), horizon=9)
    np.testing.assert_array_equal(told.probability, [np.nan, 1.0, 0.0])
    assert np.isnan(told.by_day[0, 1:]).all()
    assert told.finish.tolist() == [[-1] * 3, [0] * 3, [-1] * 3]
    assert (told.fan[0, :, 1:] == -1).all()
    assert (told.fan[1] == 0).all()
    np.testing.assert_array_equal(told.throughput, [0.0, np.nan, 0.0])


def test_an_end_date_that_is_over_leaves_nothing_to_chance() -> None:
    told = forecast(history((1, [0] * 9, [1] * 9), (0, [1] * 9, [1] * 9)), -3)
    assert told.probability.tolist() == [0.0, 1.0]


def test_no_rows_and_no_days() -> None:
    none = forecast(History((), np.zeros((0, 9), int), np.zeros((0, 9), int), np.zeros(0, int)), 9)
    assert (none.probability.shape, none.fan.shape, none.held_by) == ((0,), (0, 3, 61), ())
    new = forecast(History(("a", "b"), np.zeros((2, 0), int), np.zeros((2, 0), int), np.array([0, 3])), 9)
    np.testing.assert_array_equal(new.probability, [1.0, np.nan])
    assert new.burn_down.tolist() == [[0], [3]]


def test_what_does_not_fit_together_is_refused() -> None:
    zeros, ones = np.zeros((1, 3), int), np.ones((1, 3), int)
    with pytest.raises(ValueError, match="r0"):
        history((2, [1, 1, 1], [0, 0, 0]))
    with pytest.raises(ValueError, match="by row and day"):
        History(("a",), zeros, np.zeros((1, 4), int), np.zeros(1, int))
    with pytest.raises(ValueError, match="by row"):
        History(("a",), zeros, zeros, np.zeros(2, int))
    with pytest.raises(ValueError, match="below zero"):
        History(("a",), zeros, -ones, np.full(1, 9))
    with pytest.raises(ValueError, match="weather"):
        History(("a",), zeros, zeros, np.zeros(1, int), {"weather": np.zeros(1, int)})
    with pytest.raises(ValueError, match="at least one"):
        forecast(history((1, [0], [0])), 3, paths=0)
