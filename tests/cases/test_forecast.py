"""Burn-down and forecast: arithmetic where there is no chance, laws where there is, and the unknown stays unknown."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bangfu.cases.forecast import HOLDS, Forecast, History, Wait, batches, forecast, resampled, what_holds

FIELDS = (
    "burn_down", "known_days", "throughput", "stuck", "lent", "at_most", "probability", "finish", "fan", "with_new", "arriving",
)  # fmt: skip


def history(*parts: tuple[int, list[int], list[int]]) -> History:
    """Parts of (backlog, opened by day, closed by day), named r0, r1, …"""
    return History(
        tuple(f"r{n}" for n in range(len(parts))),
        np.array([opened for _, opened, _ in parts]),
        np.array([closed for _, _, closed in parts]),
        np.array([backlog for backlog, _, _ in parts]),
    )


def chosen(given_: History, order: list[int]) -> History:
    """Some parts of a history, in this order."""
    return History(tuple(given_.keys[part] for part in order), given_.opened[order], given_.closed[order], given_.backlog[order])


def same(one: Forecast, other: Forecast) -> None:
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)


@st.composite
def histories(draw: Any, rows: int = 3, least: int = 0) -> History:
    """Parts whose counts fit together: what is closed on a day was open. At the beginning at least so many are open."""
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


# --- where there is no chance, arithmetic


@given(backlog=st.integers(0, 60), pace=st.integers(1, 7), days=st.integers(0, 40), past=st.integers(2, 40))
@settings(max_examples=60)
def test_at_a_constant_pace_the_day_is_a_division(backlog: int, pace: int, days: int, past: int) -> None:
    told = forecast(history((backlog, [0] * past, [pace] * past)), days, horizon=60, paths=50)
    day = -(-backlog // pace)
    assert told.probability.tolist() == [float(day <= days)]
    assert told.finish.tolist() == [[day] * 3]
    assert told.fan[0].tolist() == [[max(backlog - pace * d, 0) for d in range(61)]] * 3


def test_what_comes_is_told_beside_the_forecast_and_from_the_last_two_weeks() -> None:
    """A great visit found 40 on one day three weeks ago: nobody expects it again. Lately one comes a day, and three are closed."""
    opened = [0] * 10 + [40] + [0] * 8 + [1] * 14
    told = forecast(history((6, opened, [1] * 19 + [3] * 14)), 3, horizon=20)
    assert told.arriving.tolist() == [1.0]
    assert forecast(history((60, opened, [3] * 33)), 10).with_new.tolist() == [[60 - 20] * 3]
    assert (told.with_new[0] >= told.fan[0, :, 3]).all()


@given(histories(rows=4), st.integers(0, 20))
@settings(max_examples=40, deadline=None)
def test_what_is_open_now_never_becomes_more(given_: History, days: int) -> None:
    told = forecast(given_, days, [[0, 1, 2, 3], [0, 2], [1]], horizon=12, paths=60)
    assert (np.diff(told.fan, axis=2) <= 0).all()
    assert told.fan[:, 1, 0].tolist() == [int(given_.backlog[some].sum()) for some in ([0, 1, 2, 3], [0, 2], [1])]
    assert (told.fan >= told.stuck[:, None, None]).all()


def test_weeks_keep_their_rhythm() -> None:
    """Work is done on the last day of the week of the past only, so it is on each seventh day to come."""
    told = forecast(history((20, [0] * 28, [0, 0, 0, 0, 0, 0, 9] * 4)), 14, horizon=21)
    assert told.finish.tolist() == [[21] * 3]
    assert told.fan[0, 1, [6, 7, 13, 14, 20, 21]].tolist() == [20, 11, 11, 2, 2, 0]


# --- where there is chance


def test_the_probability_is_that_of_the_draws() -> None:
    """Two weeks stand for all: one closes 2, the other nothing. Nine need five good weeks out of eight: (56 + 28 + 8 + 1) / 256."""
    told = forecast(history((9, [0] * 14, [1, 1, 0, 0, 0, 0, 0] + [0] * 7)), 56, paths=20000)
    assert told.probability[0] == pytest.approx(93 / 256, abs=0.015)
    five = forecast(history((9, [0] * 14, [1, 1, 0, 0, 0, 0, 0] + [0] * 7)), 34, paths=20000)
    assert five.probability[0] == pytest.approx(1 / 32, abs=0.01)  # five good weeks out of five


def test_a_past_shorter_than_two_weeks_is_drawn_day_by_day() -> None:
    """Three days, two of which close 1: one case is closed by day d with probability 1 − 1 / 3^d."""
    told = forecast(history((1, [0, 0, 0], [1, 1, 0])), 2, paths=20000)
    assert told.probability[0] == pytest.approx(8 / 9, abs=0.01)


@pytest.mark.parametrize("paths", [1, 10, 25])
def test_quantiles_and_days_agree(paths: int) -> None:
    """The day of a quantile is the first by which so large a share of the paths has finished."""
    closed = np.random.default_rng(4).poisson(2, (12, 42)).tolist()
    told = forecast(history(*((70, [1] * 42, row) for row in closed)), 40, paths=paths)
    assert paths == 1 or not np.array_equal(told.finish[:, 0], told.finish[:, 2])  # there is chance in it
    for row, quantile in itertools.product(range(12), range(3)):
        done = np.flatnonzero(told.fan[row, quantile] == 0)
        assert told.finish[row, quantile] == (done[0] if done.size else -1)
    assert (np.diff(told.fan, axis=1) >= 0).all()


def test_the_draws_are_days_of_the_rows_own_known_past() -> None:
    given_ = history((30, [0] * 30, [1] * 30), (4, [0] * 20 + [9] + [0] * 9, [0] * 25 + [1] * 5))
    known = given_.known_days()
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
    assert not (other.at_most > one.at_most).any()
    assert not (other.probability > one.probability).any()


@given(given_=histories(), days=st.integers(0, 20), later=st.integers(1, 20))
@settings(max_examples=40, deadline=None)
def test_a_later_end_never_makes_it_less_likely_and_the_horizon_changes_nothing(given_: History, days: int, later: int) -> None:
    early, late = (forecast(given_, end, horizon=10, paths=60) for end in (days, days + later))
    known = ~np.isnan(late.probability) & ~np.isnan(early.probability)
    assert (late.probability[known] >= early.probability[known]).all()
    assert (late.at_most >= early.at_most).all()
    shared = early.fan.shape[2]
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


def test_the_same_input_gives_the_same_answer_and_the_seed_changes_the_draws() -> None:
    closed = np.random.default_rng(3).poisson(1, (1, 56)).tolist()[0]
    given_ = history((25, [0] * 56, closed), (25, [0] * 56, closed))
    told = forecast(given_, 25)
    same(forecast(given_, 25), told)
    assert told.probability[0] == told.probability[1]  # common weeks: names play no part
    other = forecast(given_, 25, seed=1)
    assert not np.array_equal(other.probability, told.probability)
    assert told.probability[0] == pytest.approx(other.probability[0], abs=0.08)


# --- wholes and parts


@st.composite
def nested(draw: Any) -> tuple[History, list[list[int]]]:
    """Parts, and wholes of which the first has all parts, the second some, the rest one each."""
    given_ = draw(histories(rows=5))
    some = draw(st.sets(st.integers(0, 4), min_size=1))
    return given_, [[0, 1, 2, 3, 4], sorted(some), *([n] for n in range(5))]


@given(nested(), st.integers(0, 25))
@settings(max_examples=120, deadline=None)
def test_a_whole_is_never_likelier_to_finish_than_any_of_its_parts(told: tuple[History, list[list[int]]], days: int) -> None:
    given_, wholes = told
    found = forecast(given_, days, wholes, horizon=10, paths=80)
    for whole, part in [*((0, n) for n in range(1, 7)), *((1, 2 + n) for n in wholes[1])]:
        assert found.at_most[whole] <= found.at_most[part]
        if not np.isnan(found.probability[whole]) and found.probability[whole]:
            assert found.probability[whole] <= found.probability[part]  # and the part is known
        if found.probability[part] == 0:
            assert found.probability[whole] == 0
    assert (found.fan[0, 1, 0], found.stuck[0]) == (given_.backlog.sum(), found.stuck[2:].sum())


def test_a_whole_with_a_part_that_closes_nothing_is_not_known_and_nought_where_the_rest_does_not_make_it() -> None:
    quick, still, slow = (9, [0] * 28, [3] * 28), (2, [0] * 28, [0] * 28), (900, [0] * 28, [1] * 28)
    found = forecast(history(quick, still, slow), 20, [[0, 1], [0, 1, 2], [0], [1]])
    np.testing.assert_array_equal(found.probability, [np.nan, 0.0, 1.0, np.nan])
    assert (found.at_most.tolist(), found.stuck.tolist()) == ([1.0, 0.0, 1.0, 1.0], [2, 2, 0, 2])
    assert found.finish[0].tolist() == [-1] * 3
    assert found.fan[0, 1, -1] == 2


def test_parts_have_their_good_weeks_together() -> None:
    """Two parts alike finish on the same paths: together they are as likely as one alone, not the square of it."""
    week = [1, 1, 0, 0, 0, 0, 0] + [0] * 7
    found = forecast(history((9, [0] * 14, week), (9, [0] * 14, week)), 56, [[0, 1], [0]])
    assert 0.2 < found.probability[0] == found.probability[1] < 0.6


# --- the unknown


def test_without_a_closing_the_probability_is_unknown_unless_nothing_is_open_or_no_day_is_left() -> None:
    given_ = history((5, [0] * 9, [0] * 9), (0, [0] * 9, [0] * 9))
    told = forecast(given_, 9, horizon=9)
    np.testing.assert_array_equal(told.probability, [np.nan, 1.0])
    assert told.finish.tolist() == [[-1] * 3, [0] * 3]
    assert (told.fan[0] == 5).all()
    assert (told.fan[1] == 0).all()
    np.testing.assert_array_equal(told.throughput, [0.0, np.nan])
    assert forecast(given_, 0).probability.tolist() == [0.0, 1.0]


def test_an_end_date_that_is_over_leaves_nothing_to_chance() -> None:
    told = forecast(history((1, [0] * 9, [1] * 9), (0, [1] * 9, [1] * 9)), -3)
    assert told.probability.tolist() == [0.0, 1.0]


def test_no_rows_and_no_days() -> None:
    none = forecast(History((), np.zeros((0, 9), int), np.zeros((0, 9), int), np.zeros(0, int)), 9)
    assert (none.probability.shape, none.fan.shape) == ((0,), (0, 3, 61))
    new = forecast(History(("a", "b"), np.zeros((2, 0), int), np.zeros((2, 0), int), np.array([0, 3])), 9)
    np.testing.assert_array_equal(new.probability, [1.0, np.nan])
    assert new.burn_down.tolist() == [[0], [3]]


def test_what_does_not_fit_together_is_refused() -> None:
    zeros, ones = np.zeros((1, 3), int), np.ones((1, 3), int)
    with pytest.raises(ValueError, match="r0"):
        history((2, [1, 1, 1], [0, 0, 0]))
    with pytest.raises(ValueError, match="by part and day"):
        History(("a",), zeros, np.zeros((1, 4), int), np.zeros(1, int))
    with pytest.raises(ValueError, match="by part"):
        History(("a",), zeros, zeros, np.zeros(2, int))
    with pytest.raises(ValueError, match="below zero"):
        History(("a",), zeros, -ones, np.full(1, 9))
    with pytest.raises(ValueError, match="weather"):
        what_holds([Wait("weather", "village", 1)])
    with pytest.raises(ValueError, match="at least one"):
        forecast(history((1, [0], [0])), 3, paths=0)


# --- what holds cases up


def test_what_holds_most_cases_comes_first_with_its_days_and_with_whom_it_lies() -> None:
    waits = [Wait("planned", "county", days) for days in (3, 12, 40)] + [
        Wait("planned", "helper", 12),
        Wait("to_verify", "village", 1),
    ]
    first, second = what_holds(waits)
    assert (first.code, first.count, first.of, first.days, first.step, first.at_step) == ("planned", 4, 5, 12, "county", 3)
    assert (second.code, second.count, second.at_step) == ("to_verify", 1, 1)
    assert what_holds([]) == []
    assert all(text.zh and text.en for text in HOLDS.values())


@given(st.lists(st.builds(Wait, st.sampled_from(list(HOLDS)), st.sampled_from(["helper", "county"]), st.integers(0, 90))))
def test_each_case_is_held_by_one_thing(waits: list[Wait]) -> None:
    found = what_holds(waits)
    assert sum(held.count for held in found) == len(waits)
    assert [held.count for held in found] == sorted((held.count for held in found), reverse=True)
    assert all(0 < held.at_step <= held.count <= held.of == len(waits) for held in found)


# --- what shows a pace


def test_the_work_of_one_day_shows_no_pace() -> None:
    """One case of two was closed on the day on which both were found: nobody knows when the other follows."""
    one_day = history((1, [0] * 27 + [2], [0] * 27 + [1]), (1, [0] * 28, [0] * 20 + [9] + [0] * 7))
    told = forecast(one_day, 60)
    np.testing.assert_array_equal(told.probability, [np.nan, np.nan])
    np.testing.assert_array_equal(told.throughput, [np.nan, np.nan])
    assert (told.stuck.tolist(), told.burn_down[0, -2:].tolist()) == ([1, 1], [0, 1])
    two_days = forecast(history((1, [0] * 26 + [3, 0], [0] * 26 + [1, 1])), 60)
    assert (two_days.probability.tolist(), two_days.throughput.tolist()) == ([1.0], [1.0])


def test_what_ended_otherwise_than_solved_shows_no_pace_but_comes_off_what_is_open() -> None:
    ended = np.array([[1] * 28])
    given_ = History(("a",), np.zeros((1, 28), int), ended, np.array([3]), None, ended * 0)
    told = forecast(given_, 60)
    np.testing.assert_array_equal(told.probability, [np.nan])
    assert (told.throughput.tolist(), told.stuck.tolist(), int(told.burn_down[0, 0])) == ([0.0], [3], 31)
    with pytest.raises(ValueError, match="some of what is closed"):
        History(("a",), np.zeros((1, 28), int), ended, np.array([3]), None, ended * 2)


# --- a pace that is borrowed


def placed(places: list[int], *parts: tuple[int, list[int], list[int]]) -> History:
    """Parts with the place of each."""
    given_ = history(*parts)
    return History(given_.keys, given_.opened, given_.closed, given_.backlog, np.array(places))


def test_a_part_without_a_closing_comes_down_as_its_place_does_in_one_queue() -> None:
    """Two a day are closed of one kind, ten are open of it and four of another: fourteen are seven days of work, and the four come down with them."""
    told = forecast(placed([7, 7], (10, [0] * 28, [2] * 28), (4, [0] * 28, [0] * 28)), 7, [[0], [1], [0, 1]], horizon=10)
    assert told.lent.tolist() == [0, 4, 4]
    assert (told.stuck == 0).all()
    assert told.probability.tolist() == [1.0] * 3
    assert told.finish.tolist() == [[5] * 3, [7] * 3, [7] * 3]
    assert told.fan[1, 1, :8].tolist() == [-(-4 * left // 14) for left in (14, 12, 10, 8, 6, 4, 2, 0)]
    assert forecast(placed([7, 7], (10, [0] * 28, [2] * 28), (4, [0] * 28, [0] * 28)), 6).probability.tolist() == [1.0, 0.0]


def test_nothing_is_borrowed_from_another_place_nor_where_nothing_was_closed_nor_by_who_has_a_pace() -> None:
    quick, slow, still = (10, [0] * 28, [2] * 28), (90, [0] * 28, [1] * 28), (4, [0] * 28, [0] * 28)
    told = forecast(placed([0, 1, 1, 0], quick, still, still, slow), 30, horizon=100)
    np.testing.assert_array_equal(told.probability, [1.0, np.nan, np.nan, 0.0])
    assert (told.lent.tolist(), told.stuck.tolist()) == ([0] * 4, [0, 4, 4, 0])
    assert told.finish[3].tolist() == [90] * 3


def test_what_comes_shares_a_borrowed_pace_with_what_is_open() -> None:
    """Two a day are closed at the place; half of what is open is of a kind that closed nothing and grows by one a day: its share is one a day too."""
    told = forecast(placed([0, 0], (14, [0] * 28, [2] * 28), (14, [0] * 14 + [1] * 14, [0] * 28)), 7)
    assert told.with_new[1].tolist() == [14] * 3


@given(histories(rows=4), st.lists(st.integers(0, 2), min_size=4, max_size=4), st.integers(0, 15))
@settings(max_examples=60, deadline=None)
def test_with_places_the_laws_of_wholes_hold_and_less_is_unknown(given_: History, places: list[int], days: int) -> None:
    told = History(given_.keys, given_.opened, given_.closed, given_.backlog, np.array(places))
    wholes = [[0, 1, 2, 3], [0], [1], [2], [3]]
    found, alone = (forecast(one, days, wholes, horizon=12, paths=60) for one in (told, given_))
    assert (np.diff(found.fan, axis=2) <= 0).all()
    assert (found.at_most[0] <= found.at_most[1:]).all()
    np.testing.assert_array_equal(found.lent + found.stuck, alone.stuck)
    assert (found.burn_down == alone.burn_down).all()
    own = found.lent == 0
    np.testing.assert_array_equal(found.probability[own], alone.probability[own])
    reordered = forecast(
        History(told.keys, told.opened, told.closed, told.backlog, np.array(places) * 5 - 3), days, wholes, horizon=12, paths=60
    )
    same(reordered, found)


def test_the_places_are_one_of_each_part() -> None:
    with pytest.raises(ValueError, match="one place"):
        placed([0], (1, [0], [0]), (1, [0], [0]))
