"""Which household on which day: in time, not on market days, with equal loads. Held against every other plan where they are few."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bangfu.command.calendar import Basis, Duty, HouseholdWork
from bangfu.command.dayplan import NO_DAY, NOBODY, NOT_YET, DayPlan, Days, Visit, plan_days, visits_for, working_days
from bangfu.foundation.say import Text

MONDAY = date(2020, 5, 4)
MONTH = working_days(MONDAY, date(2020, 5, 31))
V1, V2 = "cn/1/", "cn/2/"


def on(n: int) -> date:
    """The day n days after the Monday."""
    return MONDAY + timedelta(n)


def visit(number: int, opens: int = 0, due: int = 27, village: str = V1, helper: str | None = "h") -> Visit:
    return Visit(number, village, helper, on(opens), on(due), ())


def days_of(plan: DayPlan) -> dict[int, date]:
    return {one.visit.household: one.day for one in plan.planned}


def duty(household: int, kind: str, opens: int, due: int, by: str = "") -> Duty:
    basis = Basis("p", "n", Text("某文件", "a document"), verified=True)
    return Duty(household, kind, on(opens), on(due), Text("理由", "reason"), basis, by)


# --- what one visit serves


def test_one_visit_serves_all_that_can_be_served_together() -> None:
    home = HouseholdWork(1, V1, helper="h")
    told = [
        duty(1, "visit", 0, 10), duty(1, "full_check", 3, 26), duty(1, "year_end", 12, 40), duty(1, "first_measure", 0, 2),
        duty(1, "visit", 0, 5, by="first_secretary"),
    ]  # fmt: skip
    first, second = visits_for([home], told, MONDAY)
    assert ([d.kind for d in first.duties], first.opens, first.due) == (["visit", "full_check"], on(3), on(10))
    assert ([d.kind for d in second.duties], second.opens, second.due) == (["year_end"], on(12), on(40))
    (own,) = visits_for([home], told, MONDAY, by="first_secretary")
    assert (own.due, len(own.duties)) == (on(5), 1)


def test_what_is_overdue_is_served_with_what_is_open_today() -> None:
    home = HouseholdWork(1, V1, helper="h")
    (made,) = visits_for([home], [duty(1, "visit", -30, -10), duty(1, "full_check", -3, 26)], MONDAY)
    assert (made.opens, made.due, len(made.duties)) == (on(-3), on(-10), 2)
    assert len(visits_for([home], [duty(1, "visit", -30, -10), duty(1, "full_check", 1, 26)], MONDAY)) == 2


@given(st.lists(st.tuples(st.integers(-20, 20), st.integers(0, 20)), min_size=1, max_size=8))
def test_the_fewest_visits_and_each_duty_once(spans: list[tuple[int, int]]) -> None:
    told = [duty(1, "visit", a, max(a + length, 0)) for a, length in spans]
    made = visits_for([HouseholdWork(1, V1)], told, MONDAY)
    assert sorted(map(repr, (d for v in made for d in v.duties))) == sorted(map(repr, told))
    for one in made:
        assert max(d.opens for d in one.duties) == one.opens <= one.due == min(d.due for d in one.duties)
    # No fewer days would do: a day in time for the most urgent duty is as good on its last day.
    ends = sorted({d.due for d in told})
    fewer = itertools.combinations(ends, len(made) - 1)
    assert not any(all(any(d.opens <= day <= d.due for day in chosen) for d in told) for chosen in fewer)


def test_duties_are_put_together_only_where_a_day_of_work_is_left() -> None:
    """The 6th day is a Sunday, the 4th a market day: what opens on either is a visit of its own."""
    home = HouseholdWork(1, V1, helper="h")
    days = Days(MONTH, {V1: frozenset({on(4)})})
    for opens in (4, 6):
        told = [duty(1, "visit", 0, 6), duty(1, "full_check", opens, 26)]
        assert len(visits_for([home], told, MONDAY)) == 1
        made = visits_for([home], told, MONDAY, days=days)
        assert [len(v.duties) for v in made] == [1, 1]
        plan = plan_days(made, days)
        assert not any(p.late or p.market for p in plan.planned)
    assert len(visits_for([home], [duty(1, "visit", 0, 6), duty(1, "full_check", 3, 26)], MONDAY, days=days)) == 1
    # Where only market days or days of rest are left, they have to do.
    assert len(visits_for([home], [duty(1, "visit", 4, 4), duty(1, "full_check", 4, 26)], MONDAY, days=days)) == 1
    assert len(visits_for([home], [duty(1, "visit", 5, 6), duty(1, "full_check", 6, 26)], MONDAY, days=days)) == 1


# --- the days


def test_days_of_rest_are_left_out() -> None:
    assert working_days(MONDAY, on(6)) == tuple(on(n) for n in range(5))
    assert working_days(MONDAY, on(6), rest=[on(1)], weekdays=range(1, 8)) == tuple(on(n) for n in (0, 2, 3, 4, 5, 6))
    assert working_days(on(5), on(6)) == ()


def test_a_market_day_is_used_only_where_it_must_be() -> None:
    markets = {V1: frozenset(on(n) for n in (0, 1, 2)), V2: frozenset()}
    plan = plan_days([visit(1, due=3), visit(2, due=2), visit(3, due=2, village=V2)], Days(MONTH, markets))
    made = {one.visit.household: one for one in plan.planned}
    assert made[1].day == on(3)
    assert not made[1].market
    assert made[2].market
    assert made[2].note is not None
    assert "赶场" in made[2].note.zh
    assert not made[3].market


def test_people_at_home_go_before_other_days_but_not_before_equal_loads() -> None:
    plan = plan_days([visit(1)], Days(MONTH, {}, home=frozenset({on(9)})))
    assert days_of(plan) == {1: on(9)}
    assert plan.planned[0].home
    both = plan_days([visit(1), visit(2)], Days(MONTH, {}, home=frozenset({on(9)})))
    assert sorted(days_of(both).values())[1] == on(9)
    assert len(set(days_of(both).values())) == 2


def test_what_is_overdue_comes_first_and_says_so() -> None:
    plan = plan_days([visit(1, opens=-40, due=-10), visit(2)], Days(MONTH, {}))
    first = next(p for p in plan.planned if p.visit.household == 1)
    assert (first.day, first.late) == (MONDAY, 10)
    assert first.note is not None
    assert "10 days after it was due" in first.note.en
    away = plan_days([visit(1, opens=-40, due=-10)], Days(MONTH, {V1: frozenset({MONDAY})}))
    assert days_of(away) == {1: on(1)}  # late already: no use in finding nobody


def test_what_cannot_be_planned_says_why() -> None:
    held = {
        v.household: why
        for v, why in plan_days([visit(1, helper=None), visit(2, opens=60, due=70), visit(3)], Days(MONTH, {})).unplaced
    }
    assert held == {1: NOBODY, 2: NOT_YET}
    few = plan_days([visit(n) for n in range(1, 5)], Days(MONTH[:1], {}, per_day=3))
    assert [why for _, why in few.unplaced] == [NO_DAY]
    assert len(few.planned) == 3
    assert [why for _, why in plan_days([visit(1)], Days((), {})).unplaced] == [NO_DAY]


def test_a_week_takes_no_more_than_its_most() -> None:
    plan = plan_days([visit(n) for n in range(12)], Days(MONTH, {}, per_week=3))
    assert Counter(day.isocalendar().week for day in days_of(plan).values()) == {19: 3, 20: 3, 21: 3, 22: 3}


@settings(max_examples=40, deadline=None)
@given(count=st.integers(1, 60), helpers=st.integers(1, 3))
def test_loads_are_equal_where_nothing_stands_against_it(count: int, helpers: int) -> None:
    plan = plan_days([visit(n, helper=f"h{n % helpers}") for n in range(count)], Days(MONTH, {}, per_day=60))
    assert plan.unplaced == ()
    for h in range(helpers):
        loads = Counter(p.day for p in plan.of(f"h{h}"))
        of_days = [loads[day] for day in MONTH]
        assert max(of_days) - min(of_days) <= 1
        weeks = Counter(p.day.isocalendar().week for p in plan.of(f"h{h}"))
        of_weeks = [weeks[week] for week in range(19, 23)]
        assert max(of_weeks) - min(of_weeks) <= 1


SPANS = st.lists(st.tuples(st.integers(-3, 4), st.integers(0, 5), st.sampled_from([V1, V2])), min_size=1, max_size=5)
MARKETS = st.fixed_dictionaries({V1: st.frozensets(st.integers(0, 4)), V2: st.frozensets(st.integers(0, 4))})


@settings(max_examples=150, deadline=None)
@given(spans=SPANS, markets=MARKETS, per_day=st.integers(1, 3), working=st.sets(st.integers(0, 4), min_size=1))
def test_no_other_plan_is_better(
    spans: list[tuple[int, int, str]], markets: dict[str, frozenset[int]], per_day: int, working: set[int]
) -> None:
    """Against every assignment of a few visits to a few days: unplaced, days late, market days, days that what was overdue waits, loads."""
    visits = [visit(n, a, a + length, village) for n, (a, length, village) in enumerate(spans)]
    days = [on(n) for n in sorted(working)]
    held = {village: frozenset(on(n) for n in there) for village, there in markets.items()}

    def worth(chosen: tuple[date | None, ...]) -> tuple[int, ...] | None:
        loads = Counter(day for day in chosen if day is not None)
        if any(load > per_day for load in loads.values()):
            return None
        late = market = waits = 0
        for one, day in zip(visits, chosen, strict=True):
            if day is None:
                continue
            if day < one.opens:
                return None
            overdue = one.due < days[0]
            late += 0 if overdue else max((day - one.due).days, 0)
            waits += days.index(day) if overdue else 0
            market += day in held[one.village]
        return (sum(day is None for day in chosen), late, market, waits, sum(load**2 for load in loads.values()))

    best = min(w for chosen in itertools.product([*days, None], repeat=len(visits)) if (w := worth(chosen)) is not None)
    plan = plan_days(visits, Days(tuple(days), held, per_day=per_day))
    placed = days_of(plan)
    assert worth(tuple(placed.get(n) for n in range(len(visits)))) == best
    assert plan == plan_days(list(reversed(visits)), Days(tuple(days), held, per_day=per_day))


@settings(max_examples=60, deadline=None)
@given(spans=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 27)), min_size=1, max_size=40), per_day=st.integers(1, 4))
def test_nothing_is_before_its_time_or_late_where_there_is_room(spans: list[tuple[int, int]], per_day: int) -> None:
    visits = [visit(n, a, a + length) for n, (a, length) in enumerate(spans)]
    plan = plan_days(visits, Days(MONTH, {}, per_day=per_day))
    loads = Counter(p.day for p in plan.planned)
    assert all(load <= per_day for load in loads.values())
    for one in plan.planned:
        assert one.day >= one.visit.opens
        assert one.day in MONTH
        if one.late:  # every working day in its time is full, or there is none
            assert all(loads[day] == per_day for day in MONTH if one.visit.opens <= day <= one.visit.due)
    for one, _ in plan.unplaced:
        assert all(loads[day] == per_day for day in MONTH if one.opens <= day)


def test_a_grid_worker_with_a_village_is_planned() -> None:
    plan = plan_days(
        [visit(n, n % 15, 27, V1 if n % 2 else V2) for n in range(400)], Days(MONTH, {V1: frozenset(MONTH[::5])}, per_day=12)
    )
    assert (len(plan.planned), len(plan.unplaced)) == (12 * 20, 160)
