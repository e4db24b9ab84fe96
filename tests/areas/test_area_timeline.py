"""Timelines: what an area was called, day by day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.areas.timeline import AreaChange, Span, at, changed, ended, history, lines, merged

A, B, C, D = date(2014, 1, 1), date(2018, 1, 1), date(2022, 10, 31), date(2024, 1, 1)


def test_a_list_of_2023_with_its_changes_gives_what_held_before() -> None:
    change = AreaChange("002", "209", "宜安社区", "宜安村", C)
    assert history("209", "宜安村", A, [change]) == [Span(("002", "宜安社区"), A, C), Span(("209", "宜安村"), C)]


def test_an_older_list_with_later_changes_gives_the_same() -> None:
    change = AreaChange("002", "209", "宜安社区", "宜安村", C)
    assert history("002", "宜安社区", A, [change]) == history("209", "宜安村", A, [change])


def test_changes_before_the_first_day_leave_no_trace() -> None:
    assert history("209", "宜安村", D, [AreaChange("002", "209", "宜安社区", "宜安村", C)]) == [Span(("209", "宜安村"), D)]


def test_the_lists_own_spelling_is_used_for_its_code() -> None:
    spans = history("209", "宜安村村民委员会", A, [AreaChange("002", "209", "宜安社区", "宜安村", C)])
    assert spans[-1].value == ("209", "宜安村村民委员会")
    assert spans[0].value == ("002", "宜安社区")


def test_codes_that_passed_into_each_other_share_one_line() -> None:
    changes = [AreaChange("2", "3", "b", "c", D), AreaChange("1", "2", "a", "b", C), AreaChange("8", "9", "x", "y", C)]
    line = lines(changes)
    assert line["1"] is line["2"] is line["3"]
    assert line["8"] is not line["1"]
    assert [span.value for span in history("3", "c", A, line["3"])] == [("1", "a"), ("2", "b"), ("3", "c")]


def test_an_older_list_read_again_does_not_undo_a_later_change() -> None:
    known = [Span("old", A, C), Span("new", C)]
    assert merged(known, [Span("old", A)]) == known
    assert merged(known, [Span("new", A)]) == known
    assert merged(known, [Span("third", B)]) == [Span("old", A, B), Span("third", B, C), Span("new", C)]


def test_a_table_of_changes_read_later_mends_the_past() -> None:
    assert merged([Span("new", A)], [Span("old", A, C), Span("new", C)]) == [Span("old", A, C), Span("new", C)]


def test_a_newer_list_dates_the_change() -> None:
    assert merged([Span("old", A)], [Span("new", C)]) == [Span("old", A, C), Span("new", C)]


def test_a_change_overrules_what_was_known_to_follow() -> None:
    assert changed([Span("a", A, C), Span("b", C)], "z", B) == [Span("a", A, B), Span("z", B)]
    assert changed([Span("a", A)], "a", B) == [Span("a", A)]


def test_the_end_day_no_longer_counts() -> None:
    spans = ended([Span("a", A, C), Span("b", C)], B)
    assert spans == [Span("a", A, B)]
    assert not spans[0].holds(B)
    assert spans[0].holds(B - timedelta(days=1))


def test_outside_its_days_the_nearest_value_is_told() -> None:
    spans = [Span("a", B, C), Span("b", C, D)]
    assert [at(spans, day) for day in (A, B, C, D)] == ["a", "a", "b", "b"]
    with pytest.raises(ValueError, match="empty"):
        at([], A)


spans_of = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from("abc")), min_size=1, max_size=5, unique_by=lambda pair: pair[0]
).map(
    lambda pairs: [
        Span(value, A + timedelta(days=day), A + timedelta(days=nxt) if nxt is not None else None)
        for (day, value), nxt in zip(sorted(pairs), [*[day for day, _ in sorted(pairs)[1:]], None], strict=True)
    ]
)


@given(spans_of, spans_of)
def test_timelines_never_overlap_and_reading_twice_changes_nothing(known: list[Span[str]], stated: list[Span[str]]) -> None:
    once = merged(known, stated)
    assert merged(once, stated) == once
    for first, second in pairwise(once):
        assert first.until is not None
        assert first.until <= second.since
        assert first.value != second.value or first.until < second.since
