"""Deadlines: counted from the day of opening by severity, moved by pauses, then a step up at a time."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bangfu.cases.deadlines import ORDER, Clock, after_pause, severity_of

OPENED = date(2020, 3, 11)
CLOCK = Clock({"ordinary": 30, "urgent": 7}, escalate=5)


def test_a_severity_without_days_of_its_own_has_those_of_the_next_lighter_one() -> None:
    assert CLOCK.due(OPENED, "ordinary") == date(2020, 4, 10)
    assert CLOCK.due(OPENED, "urgent") == date(2020, 3, 18)
    assert CLOCK.due(OPENED, "serious") == date(2020, 4, 10)


def test_it_goes_up_on_the_day_after_the_deadline_and_then_every_few_days() -> None:
    first = CLOCK.first_escalation(date(2020, 4, 10))
    assert first == date(2020, 4, 11)
    assert CLOCK.next_escalation(first) == date(2020, 4, 16)
    assert Clock({"ordinary": 3}, escalate=0).next_escalation(first) > first


def test_weighing_anew_never_moves_a_deadline_into_the_past() -> None:
    clock, opened = Clock({"ordinary": 30, "serious": 15, "urgent": 3}, 5), date(2020, 4, 1)
    on = date(2020, 4, 20)
    assert clock.weighed(opened, date(2020, 5, 1), "serious", date(2020, 4, 2)) == date(2020, 4, 16)  # counted from the opening
    assert clock.weighed(opened, date(2020, 5, 1), "serious", on) == date(2020, 4, 21)  # that has passed: a day from today
    assert clock.weighed(opened, date(2020, 5, 1), "urgent", on) == date(2020, 4, 21)
    assert clock.weighed(opened, on, "urgent", on) == on  # no more time than it had
    assert clock.weighed(opened, date(2020, 4, 21), "ordinary", on) == date(2020, 5, 1)
    for severity in ORDER:
        assert clock.weighed(opened, date(2020, 4, 19), severity, on) == date(2020, 4, 19)  # late stays late


def test_the_heaviest_reason_weighs() -> None:
    severities = {"urgent": ["dropped_out"], "serious": ["never_enrolled"]}
    assert severity_of(["never_enrolled", "dropped_out"], severities) == "urgent"
    assert severity_of(["never_enrolled"], severities) == "serious"
    assert severity_of(["other"], severities) == "ordinary"
    assert severity_of([], {}) == "ordinary"


@given(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400))
def test_two_pauses_move_a_day_by_both(first: int, between: int, second: int) -> None:
    due, start = date(2020, 6, 1), date(2020, 4, 1)
    resumed = start + timedelta(first)
    again = resumed + timedelta(between)
    moved = after_pause(after_pause(due, start, resumed), again, again + timedelta(second))
    assert moved - due == timedelta(first + second)
