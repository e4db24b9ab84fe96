"""On which day, with which party, a team makes each of its tours: a flow of tours to the places of days. Pure.

In this order: as many visits as can be; the leader present at the share of visits that is due; earlier days. A day has one place for the party of the leader and
`parties - 1` others. Where the leader cannot be present often enough, tours of others are given up until the share holds: a visit without it does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ortools.graph.python import min_cost_flow

from bangfu.campaigns.planning.model import Bools, Campaign, Floats, Wide
from bangfu.campaigns.planning.routes import Tour

LED = 0  # the party of the leader


@dataclass(slots=True)
class Diary:
    """What is taken of the days of all teams: `taken` (teams, days, most parties), visits, and those of them with the leader (teams,)."""

    taken: Bools
    visits: Wide
    led: Wide

    @classmethod
    def empty(cls, campaign: Campaign) -> Diary:
        """Nothing taken but what the teams do not have: parties beyond their number, days on which they are not available."""
        teams = campaign.teams
        most = int(teams.parties.max(initial=1))
        taken = np.broadcast_to(
            np.arange(most)[None, None, :] >= teams.parties[:, None, None], (len(teams.keys), campaign.days.count, most)
        )
        zero = np.zeros(len(teams.keys), np.int64)
        return cls(taken | ~teams.available[:, :, None], zero, zero.copy())

    def usable(self, campaign: Campaign, team: int) -> Bools:
        """(villages, days): whether the team has a party left for a village on a day."""
        return np.asarray(~campaign.days.closed & ~self.taken[team].all(axis=1), bool)

    def lacks(self, campaign: Campaign, team: int) -> int:
        """Visits at which the leader is still to be present so that the share holds."""
        return led_due(float(campaign.teams.share[team]), int(self.visits[team])) - int(self.led[team])

    def enter(self, tour: Tour, day: int, party: int) -> None:
        """Take the place of a tour."""
        self.taken[tour.team, day, party] = True
        self.visits[tour.team] += len(tour.homes)
        self.led[tour.team] += len(tour.homes) * (party == LED)


def led_due(share: float, visits: int) -> int:
    """The least number of visits with the leader that is a share of all."""
    return int(np.ceil(share * visits - 1e-9))


def place(campaign: Campaign, diary: Diary, team: int, tours: Sequence[Tour]) -> list[tuple[int, int] | None]:
    """Day and party of each tour of a team, entered in the diary; None for a tour that has no place."""
    if not tours:
        return []
    sizes = np.array([len(tour.homes) for tour in tours])
    fits = np.stack([~campaign.days.closed[np.unique(campaign.homes.village[tour.homes])].any(axis=0) for tour in tours])
    share = float(campaign.teams.share[team])
    due = led_due(share, int(diary.visits[team] + sizes.sum())) - int(diary.led[team])
    by_size = np.argsort(-sizes, kind="stable")
    enough = int(np.searchsorted(np.cumsum(sizes[by_size]), due)) + 1 if due > 0 else 0
    wish = np.zeros(len(tours))
    wish[by_size[:enough]] = 1.0
    chosen = _flow(diary.taken[team], fits, sizes, wish)
    behind = max(diary.lacks(campaign, team), 0)  # of what stands and cannot be changed: new visits need not make up for it
    if _short(diary, team, share, sizes, chosen, behind):
        chosen = _flow(diary.taken[team], fits, sizes, sizes.astype(float))
    while _short(diary, team, share, sizes, chosen, behind):
        others = [k for k, at in enumerate(chosen) if at is not None and at[1] != LED]
        if not others:
            break
        chosen[max(others, key=lambda k: (sizes[k], k))] = None
    for tour, at in zip(tours, chosen, strict=True):
        if at is not None:
            diary.enter(tour, *at)
    return chosen


def _short(diary: Diary, team: int, share: float, sizes: Wide, chosen: list[tuple[int, int] | None], behind: int) -> bool:
    visits = diary.visits[team] + sum(int(size) for size, at in zip(sizes, chosen, strict=True) if at is not None)
    led = diary.led[team] + sum(int(size) for size, at in zip(sizes, chosen, strict=True) if at is not None and at[1] == LED)
    return bool(led + behind < led_due(share, int(visits)))


def _flow(taken: Bools, fits: Bools, sizes: Wide, wish: Floats) -> list[tuple[int, int] | None]:
    """The best places of tours; `wish` (tours,) is what the leader's presence at each is worth. Costs rise with the day."""
    count, days = fits.shape
    free_led = ~taken[:, LED]
    free_others = (~taken[:, LED + 1 :]).sum(axis=1)
    worth = np.round(wish * 4 * days * count).astype(np.int64)
    never = (count + 1) * (days + int(worth.max()) + 1) * np.maximum(sizes, 1).astype(np.int64)
    tour, day = np.nonzero(fits & free_led)
    tour_, day_ = np.nonzero(fits & (free_others > 0))
    led_nodes, other_nodes, end = count, count + days, count + 2 * days
    spare = np.arange(count)
    tails = np.concatenate([tour, tour_, spare, led_nodes + np.arange(days), other_nodes + np.arange(days)])
    heads = np.concatenate([led_nodes + day, other_nodes + day_, np.full(count + 2 * days, end)])
    costs = np.concatenate([day, day_ + worth[tour_], never, np.zeros(2 * days, np.int64)])
    room = np.concatenate([np.ones(len(tour) + len(tour_) + count, np.int64), free_led.astype(np.int64), free_others])
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        tails.astype(np.int32), heads.astype(np.int32), room.astype(np.int64), costs.astype(np.int64)
    )
    flow.set_nodes_supplies(np.append(spare, end).astype(np.int32), np.append(np.ones(count, np.int64), -count))
    if flow.solve() != flow.OPTIMAL:
        raise ArithmeticError(f"{count} tours on {days} days have no best places")
    used = np.asarray(flow.flows(arcs)) > 0
    chosen: list[tuple[int, int] | None] = [None] * count
    others = [list(np.flatnonzero(~taken[d, LED + 1 :]) + LED + 1) for d in range(days)]
    for k in np.flatnonzero(used[: len(tour)]):
        chosen[tour[k]] = (int(day[k]), LED)
    for k in np.flatnonzero(used[len(tour) : len(tour) + len(tour_)]):
        chosen[tour_[k]] = (int(day_[k]), int(others[day_[k]].pop(0)))
    return chosen
