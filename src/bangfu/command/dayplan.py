"""On which day of a period a helper visits which household: an exact plan per helper. Pure.

One visit serves every duty of a household that it falls in time for. The plan of a helper is the optimum of a flow of visits to days, in this order:
as many visits as can be; in time, or as few days late as can be; no day on which the village goes to market, unless every other day in time is taken;
what was overdue before as soon as can be; equal loads of days, then of weeks; days when people are at home; earlier days. No visit is before its time, none on a day of rest.
The model leaves out the way between villages and weather; a period longer than an interval is to be planned again once the visits are made.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from ortools.graph.python import min_cost_flow

from bangfu.command.calendar import AT_HOME, Duty, HouseholdWork
from bangfu.foundation.say import Text

NOBODY = Text("这一户还没有人负责", "nobody answers for the household")
NO_DAY = Text("这段时间里没有空出的工作日", "no working day of the period is free")
NOT_YET = Text("到期前的工作日都在这段时间之后", "it opens only after the last working day of the period")


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit to be made from `opens` to `due`, both counted, by a helper; the duties that it serves."""

    household: int
    village: str
    helper: str | None
    opens: date
    due: date
    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """A visit on its day: how many days late, whether the village is at market, whether people are said to be at home."""

    visit: Visit
    day: date
    late: int
    market: bool
    home: bool

    @property
    def note(self) -> Text | None:
        """What is to be known of the day, None for nothing."""
        if self.late:
            late = "one day" if self.late == 1 else f"{self.late} days"
            return Text(f"已过期限 {self.late} 天，有空的日子里最早一天", f"{late} after it was due, as soon as a day is free")
        if self.market:
            return Text("当天赶场：到期前别的日子都不行", "a market day: no other day until it is due would do")
        return Text("人多在家", "people are at home") if self.home else None


@dataclass(frozen=True, slots=True)
class DayPlan:
    """Visits by day, and those for which there is none, with the reason."""

    planned: tuple[Planned, ...]
    unplaced: tuple[tuple[Visit, Text], ...]

    def of(self, helper: str) -> tuple[Planned, ...]:
        """The visits of a helper in the order of days."""
        return tuple(one for one in self.planned if one.visit.helper == helper)


@dataclass(frozen=True, slots=True)
class Days:
    """What is known of the days of a period.

    `working` are the days on which visits are made, in order; `markets` the market days of each village; `home` days when people are at home;
    `per_day` and `per_week` the most visits of a helper (0: no limit of a week). Weeks begin on `week_starts` (Monday 0).
    """

    working: tuple[date, ...]
    markets: Mapping[str, frozenset[date]]
    home: frozenset[date] = frozenset()
    per_day: int = 6
    per_week: int = 0
    week_starts: int = 0


def working_days(first: date, last: date, rest: Iterable[date] = (), weekdays: Iterable[int] = range(1, 6)) -> tuple[date, ...]:
    """The days from `first` to `last`, both counted, that are days of work of the week (Monday 1) and no day of rest."""
    left, kept = frozenset(rest), frozenset(weekdays)
    days = (first + timedelta(n) for n in range((last - first).days + 1))
    return tuple(day for day in days if day.isoweekday() in kept and day not in left)


def visits_for(
    households: Iterable[HouseholdWork], duties: Iterable[Duty], today: date, by: str = "", days: Days | None = None
) -> list[Visit]:
    """The fewest visits that serve the duties of each household in time, for one kind of helper (blank: whoever answers for it).

    Duties that can be served on one day are one visit; what is overdue counts as due today. With `days` they are put together only where a day of
    work is left for it, and no market day of the village if there is another. Raises KeyError for a duty of an unknown household.
    """
    known = {household.key: household for household in households}
    of: dict[int, list[Duty]] = {}
    for duty in duties:
        if duty.kind in AT_HOME and duty.by == by:
            of.setdefault(duty.household, []).append(duty)
    return [visit for key in sorted(of) for visit in _served_together(known[key], of[key], today, days)]


def _served_together(household: HouseholdWork, duties: list[Duty], today: date, days: Days | None) -> Iterable[Visit]:
    left = sorted(duties, key=lambda d: (d.due, d.opens, d.kind))
    while left:
        day = _last_day(left[0], household.village, today, days)
        served = [duty for duty in left if duty.opens <= day]
        left = [duty for duty in left if duty.opens > day]
        opens = max(duty.opens for duty in served)
        yield Visit(household.key, household.village, household.helper, opens, min(duty.due for duty in served), tuple(served))


def _last_day(duty: Duty, village: str, today: date, days: Days | None) -> date:
    """The last day on which a duty is served in time: of the days of work one that is no market day, else any, else its last day."""
    due = max(duty.due, today)
    if days is None:
        return due
    at = bisect_right(days.working, due)
    fitting = days.working[bisect_left(days.working, max(duty.opens, today)) : at]
    quiet = [day for day in fitting if day not in days.markets.get(village, ())]
    return (quiet or fitting or (due,))[-1]


def plan_days(visits: Sequence[Visit], days: Days) -> DayPlan:
    """A day for every visit, helper by helper. The same input gives the same plan."""
    of: dict[str, list[Visit]] = {}
    unplaced: list[tuple[Visit, Text]] = []
    for visit in sorted(visits, key=lambda v: (v.household, v.opens, v.due)):
        if visit.helper is None:
            unplaced.append((visit, NOBODY))
        elif not days.working or visit.opens > days.working[-1]:
            unplaced.append((visit, NOT_YET if days.working else NO_DAY))
        else:
            of.setdefault(visit.helper, []).append(visit)
    planned: list[Planned] = []
    for helper in sorted(of):
        chosen = _of_one(of[helper], days)
        for visit, day in zip(of[helper], chosen, strict=True):
            if day is None:
                unplaced.append((visit, NO_DAY))
                continue
            late = max((day - visit.due).days, 0)
            planned.append(Planned(visit, day, late, day in days.markets.get(visit.village, ()), day in days.home))
    return DayPlan(tuple(sorted(planned, key=lambda p: (p.day, p.visit.helper or "", p.visit.household))), tuple(unplaced))


def _of_one(visits: list[Visit], days: Days) -> list[date | None]:
    """The days of one helper's visits: a flow visit → day → week → end, with costs that rise with the load of a day and of a week."""
    n, d = len(visits), len(days.working)
    per_day = min(days.per_day, n)
    weeks = [(day - timedelta((day.weekday() - days.week_starts) % 7)) for day in days.working]
    week_keys = sorted(set(weeks))
    per_week = min(days.per_week or n, n)
    # Weights: a step of each order outweighs all that a chain of exchanges may gain in the orders below. A chain touches each day once (`chain`) and
    # changes the loads of two days for each week it passes through.
    chain = min(n, d) + 1
    preference = 2 * d + 2
    load = (2 * min(n, per_day * d) + chain) * preference
    soon = 2 * per_day * (len(week_keys) + 2) * load
    market = chain * (d + 1) * soon
    late = (chain + 1) * market
    never = (chain + 1) * ((days.working[-1] - days.working[0]).days + 2) * late
    first = days.working[0]
    tails: list[int] = []
    heads: list[int] = []
    costs: list[int] = []
    capacities: list[int] = []
    end = n + d + len(week_keys)

    def arc(tail: int, head: int, cost: int, capacity: int = 1) -> None:
        tails.append(tail)
        heads.append(head)
        costs.append(cost)
        capacities.append(capacity)

    for i, visit in enumerate(visits):
        at_market = days.markets.get(visit.village, frozenset())
        for j, day in enumerate(days.working):
            if day < visit.opens:
                continue
            cost = j + (0 if day in days.home else d + 1) + (market if day in at_market else 0)
            if visit.due < first:  # overdue whatever the day
                cost += j * soon
            elif day > visit.due:
                cost += (day - visit.due).days * late
            arc(i, n + j, cost)
        arc(i, end, never)
    for j, week in enumerate(weeks):
        for k in range(per_day):
            arc(n + j, n + d + week_keys.index(week), (2 * k + 1) * load)
    for w in range(len(week_keys)):
        for k in range(per_week):
            arc(n + d + w, end, (2 * k + 1) * preference)
    flow = min_cost_flow.SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(
        np.array(tails, np.int32), np.array(heads, np.int32), np.array(capacities, np.int64), np.array(costs, np.int64)
    )
    for i in range(n):
        flow.set_node_supply(i, 1)
    flow.set_node_supply(end, -n)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise ArithmeticError(f"the plan of {n} visits on {d} days has no optimum: {status}")
    chosen: list[date | None] = [None] * n
    for number, (tail, head) in enumerate(zip(tails, heads, strict=True)):
        if tail < n and head != end and flow.flow(number):
            chosen[tail] = days.working[head - n]
    return chosen
