"""What is due of a household by the pack of the day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.command.calendar import (
    ALL_MEASURES,
    FIRST_MEASURE,
    FULL_CHECK,
    MUST_VISIT,
    VISIT,
    YEAR_END,
    Duty,
    HouseholdWork,
    Rules,
    calendar_of,
    duties_of,
    earliest,
    full_checks,
    groups_on,
    rules_on,
    year_ends,
)
from bangfu.foundation.say import Text
from bangfu.screening.pack import load_pack
from bangfu.screening.pack.work import Setting, VisitEvery, Work

TODAY = date(2020, 4, 28)
BEGUN = date(2020, 3, 31)
UNTIL = date(2020, 5, 31)
PACK = load_pack("cn-county-2020")


@pytest.fixture(scope="module")
def rules() -> Rules:
    return rules_on(PACK, TODAY)


def due(rules: Rules, until: date = UNTIL, today: date = TODAY, **told: Any) -> dict[str, Duty]:
    """The duties of a household by kind, those of other helpers as `visit by first_secretary`."""
    home = HouseholdWork(1, "cn/520/003/001/", **told)
    return {d.kind + (f" by {d.by}" if d.by else ""): d for d in duties_of(home, rules, today, until, BEGUN)}


def test_the_next_visit_is_due_an_interval_after_the_last(rules: Rules) -> None:
    found = due(rules, visit="watched", visited=date(2020, 4, 10))["visit"]
    assert (found.due, found.opens, found.overdue(TODAY)) == (date(2020, 5, 10), date(2020, 4, 30), 0)
    assert "每 30 天走访一次" in found.reason.zh
    assert "last visited on 2020-04-10" in found.reason.en
    assert (found.basis.pack, found.basis.name, found.basis.verified) == ("cn-county-2020", "visit_days_watched", False)
    assert "Anhui" in found.basis.source.en or "another county" in found.basis.source.en
    assert due(rules, visit="watched", visited=date(2020, 3, 20))["visit"].overdue(TODAY) == 9


def test_who_was_never_visited_is_due_an_interval_after_the_beginning(rules: Rules) -> None:
    assert due(rules, visit="watched")["visit"].due == BEGUN + timedelta(30)
    assert due(rules, visit="watched", since=date(2020, 4, 20))["visit"].due == date(2020, 5, 20)
    assert due(rules, visit="watched", since=date(2019, 4, 20))["visit"].due == BEGUN + timedelta(30)
    # A visit of last year makes nobody late on the first day.
    assert due(rules, visit="watched", visited=date(2019, 4, 20))["visit"].due == BEGUN


def test_other_kinds_of_helper_have_intervals_of_their_own(rules: Rules) -> None:
    far = date(2020, 12, 31)
    found = due(rules, until=far, visit="watched", visited=TODAY, visited_by={"first_secretary": date(2020, 3, 1)})
    assert found["visit by first_secretary"].due == date(2020, 5, 30)
    assert found["visit"].due == TODAY + timedelta(30)
    assert "visit by first_secretary" not in due(rules, until=far, visit="ordinary", visited=TODAY)


@given(last=st.dates(date(2020, 1, 1), date(2020, 12, 31)), today=st.dates(BEGUN, date(2020, 12, 31)), every=st.integers(1, 400))
def test_a_visit_is_never_pushed_past_its_interval(last: date, today: date, every: int) -> None:
    setting = Setting("every", every, Text("间隔", "interval"), None, Text("某文件", "a document"), verified=True)
    rules = Rules("p", Work({}, {}, {}), {"v": VisitEvery("v", Text("户", "home"), setting, {})})
    home = HouseholdWork(1, "cn/", visit="v", visited=last)
    (duty,) = duties_of(home, rules, today, date(2099, 1, 1), BEGUN)
    assert duty.due == max(last + timedelta(every), BEGUN)
    assert last < duty.opens <= duty.due
    assert earliest(every) <= every


def test_a_household_of_a_must_visit_group_is_visited_now(rules: Rules) -> None:
    groups = groups_on(PACK, TODAY, {"elderly_alone": None, "severely_disabled": date(2020, 4, 20)})
    found = due(rules, groups=groups)[MUST_VISIT]
    assert (found.due, found.overdue(TODAY)) == (date(2020, 4, 20), 8)
    assert found.reason.en == "must be visited: elderly people alone, somebody severely disabled"
    assert MUST_VISIT not in due(rules, groups=groups, visited=date(2020, 4, 21))
    left = due(rules, groups=groups, visited=date(2020, 4, 19))[MUST_VISIT]
    assert left.reason.zh == "必访对象：重度残疾人户"
    assert due(rules, groups=groups[:1])[MUST_VISIT].due == TODAY
    with pytest.raises(KeyError):
        groups_on(PACK, TODAY, {"nobody": None})


def test_what_a_group_rests_on_is_said() -> None:
    """A group that rests on an unverified number is not verified, and so is what it asks."""
    doubtful = {name: bool(PACK.doubtful([flag.when], TODAY)) for name, flag in PACK.groups.items()}
    made = groups_on(PACK, TODAY, dict.fromkeys(PACK.groups))
    assert {group.name: not group.verified for group in made} == doubtful
    assert set(doubtful.values()) == {True, False}


def test_measures_are_due_ten_days_and_a_month_after_identification(rules: Rules) -> None:
    found = due(rules, identified=date(2020, 4, 10))
    assert (found[FIRST_MEASURE].due, found[ALL_MEASURES].due) == (date(2020, 4, 20), date(2020, 5, 10))
    assert found[FIRST_MEASURE].overdue(TODAY) == 8
    assert found[FIRST_MEASURE].basis.name == "first_measure_days"
    half = due(rules, identified=date(2020, 4, 10), first_measure=date(2020, 4, 12))
    assert (FIRST_MEASURE in half, ALL_MEASURES in half) == (False, True)
    whole = due(rules, identified=date(2020, 4, 10), all_measures=date(2020, 4, 12))
    assert not {FIRST_MEASURE, ALL_MEASURES} & set(whole)


def test_the_full_check_is_twice_a_year_and_the_year_end_closes_with_december(rules: Rules) -> None:
    checks = full_checks(rules.work, date(2020, 1, 1), date(2020, 12, 31))
    assert [(w.opens, w.closes) for w in checks] == [
        (date(2020, 4, 1), date(2020, 4, 30)),
        (date(2020, 10, 1), date(2020, 10, 31)),
    ]
    found = due(rules)
    assert (found[FULL_CHECK].opens, found[FULL_CHECK].due) == (date(2020, 4, 1), date(2020, 4, 30))
    assert FULL_CHECK not in due(rules, checked=date(2020, 4, 2))
    assert due(rules, checked=date(2020, 3, 30))[FULL_CHECK].due == date(2020, 4, 30)
    missed = due(rules, today=date(2020, 6, 9), until=date(2020, 6, 30))[FULL_CHECK]
    assert missed.overdue(date(2020, 6, 9)) == 40
    assert YEAR_END not in found
    late = due(rules, today=date(2020, 10, 2), until=date(2020, 10, 31), checked=date(2020, 10, 1))
    assert (late[YEAR_END].opens, late[YEAR_END].due, FULL_CHECK in late) == (date(2020, 10, 1), date(2020, 12, 31), False)
    assert YEAR_END not in due(rules, today=date(2020, 11, 1), until=date(2020, 12, 1), year_end=date(2020, 10, 30))
    # Nobody is late of what closed before the county began.
    assert FULL_CHECK not in {d.kind for d in duties_of(HouseholdWork(1, "cn/"), rules, TODAY, UNTIL, date(2020, 5, 1))}


def test_a_window_may_reach_over_new_year() -> None:
    def number(name: str, value: int) -> Setting:
        return Setting(name, value, Text("月", "month"), None, Text("某文件", "a document"), verified=True)

    work = Work({}, {"year_end.first": number("a", 11), "year_end.last": number("b", 2)}, {})
    (window,) = year_ends(work, date(2021, 1, 15), date(2021, 1, 20))
    assert (window.opens, window.closes) == (date(2020, 11, 1), date(2021, 2, 28))
    checks = {"first": number("a", 12), "every": number("b", 12), "length": number("c", 3)}
    (check,) = full_checks(Work({}, {f"full_check.{k}": v for k, v in checks.items()}, {}), date(2021, 1, 1), date(2021, 1, 31))
    assert (check.opens, check.closes) == (date(2020, 12, 1), date(2021, 2, 28))


def test_a_pack_that_says_nothing_of_the_work_makes_no_duty() -> None:
    rules = rules_on(load_pack("global-mpi"), TODAY)
    home = HouseholdWork(1, "cn/", visit="watched", identified=TODAY)
    assert duties_of(home, rules, TODAY, UNTIL, BEGUN) == ()
    assert rules.open == ()


def test_what_the_pack_leaves_open_is_named_and_makes_no_duty() -> None:
    day = date(2026, 4, 28)
    rules = rules_on(load_pack("cn-regular-2026"), day)
    made = calendar_of([HouseholdWork(1, "cn/", identified=day)], rules, day, date(2026, 6, 30), date(2026, 1, 1))
    assert [s.parameter for s in made.open] == ["first_measure_days", "all_measures_days"]
    assert {d.kind for d in made.duties} == {FULL_CHECK}


def test_the_calendar_of_many_is_that_of_each(rules: Rules) -> None:
    homes = [
        HouseholdWork(n, "cn/", visit=rule, visited=TODAY - timedelta(n * 9), identified=TODAY - timedelta(n * 3))
        for n, rule in enumerate(["watched", "exited", "ordinary", "not_exited", ""] * 3)
    ]
    whole = calendar_of(homes, rules, TODAY, UNTIL, BEGUN)
    alone = [duty for home in homes for duty in duties_of(home, rules, TODAY, UNTIL, BEGUN)]
    assert sorted(map(repr, whole.duties)) == sorted(map(repr, alone))
    assert [d.due for d in whole.duties] == sorted(d.due for d in whole.duties)
    assert set(whole.overdue(TODAY)) == {d for d in alone if d.overdue(TODAY)}
    assert {VISIT, FIRST_MEASURE} <= {d.kind for d in whole.overdue(TODAY)}
