"""A plan in the making, and the last resort of homes without a place: days that have minutes left. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from bangfu.campaigns.planning.diary import LED, Diary
from bangfu.campaigns.planning.model import Bools, Campaign, Floats, Wide
from bangfu.campaigns.planning.routes import SLACK, Tour, minutes_of

BASE = -1


@dataclass(slots=True)
class Draft:
    """A plan in the making: the tours with day and party, and what is taken of the teams' days.

    `load` (homes,) minutes that a home takes, 0 where nobody can; `open` (teams, days) where something may still change; `done` (homes,).
    """

    campaign: Campaign
    diary: Diary
    load: Floats
    open: Bools
    done: Bools
    placed: list[tuple[Tour, int, int]] = field(default_factory=list)


def fits(campaign: Campaign, team: int, homes: Wide) -> Bools:
    """Whether a team can visit each home (k,) alone within a day."""
    able: Bools = 2 * campaign.out(team, homes) + campaign.homes.minutes[homes] <= campaign.teams.minutes[team] - 2 * SLACK
    return able


def squeeze(draft: Draft, loose: Wide) -> None:
    """Put homes (k,) into days that pass through their village and have minutes left, each where it takes the least more way; the leader's share holds."""
    campaign, diary, n = draft.campaign, draft.diary, len(draft.campaign.homes.keys)
    if not len(loose) or not draft.placed:
        return
    spare = np.array([_left(campaign, tour) if _may_change(draft, tour, day) else -1.0 for tour, day, _ in draft.placed])
    team = np.array([tour.team for tour, _, _ in draft.placed])
    led = np.array([party == LED for _, _, party in draft.placed])
    of, before, after = (np.full(n, BASE, np.int64) for _ in range(3))
    for k, (tour, _, _) in enumerate(draft.placed):
        of[tour.homes] = k
        before[tour.homes[1:]], after[tour.homes[:-1]] = tour.homes[:-1], tour.homes[1:]
    for home in loose[np.lexsort((loose, campaign.homes.minutes[loose]))].tolist():
        service = float(campaign.homes.minutes[home])
        beside = np.flatnonzero((campaign.homes.village == campaign.homes.village[home]) & (of >= 0))
        free = np.ceil(campaign.teams.share * (diary.visits + 1) - 1e-9) <= diary.led
        beside = beside[(spare[of[beside]] >= service) & (led[of[beside]] | free[team[of[beside]]])]
        if not len(beside):
            continue
        more = np.concatenate(
            [
                _more(campaign, team[of[beside]], before[beside], home, beside),
                _more(campaign, team[of[beside]], after[beside], home, beside),
            ]
        )
        at = int((more + np.where(more + service > np.tile(spare[of[beside]], 2), np.inf, 0)).argmin())
        anchor = int(beside[at % len(beside)])
        k = int(of[anchor])
        if more[at] + service > spare[k]:
            continue
        tour, day, party = draft.placed[k]
        where = int(np.flatnonzero(tour.homes == anchor)[0]) + (at >= len(beside))
        homes = np.insert(tour.homes, where, home)
        draft.placed[k] = (Tour(tour.team, homes), day, party)
        of[home] = k
        before[homes[1:]], after[homes[:-1]] = homes[:-1], homes[1:]
        spare[k] -= more[at] + service
        diary.visits[tour.team] += 1
        diary.led[tour.team] += party == LED


def _may_change(draft: Draft, tour: Tour, day: int) -> bool:
    return bool(draft.open[tour.team, day]) and not draft.done[tour.homes].any()


def _left(campaign: Campaign, tour: Tour) -> float:
    way, _ = minutes_of(campaign, tour.team, tour.homes)
    return float(campaign.teams.minutes[tour.team] - way - campaign.homes.minutes[tour.homes].sum(dtype=float) - SLACK)


def _more(campaign: Campaign, team: Wide, other: Wide, home: int, beside: Wide) -> Floats:
    """Minutes of way (k,) that a home adds between homes beside it and the others next to these, or the base."""
    xy, village = campaign.homes.xy, campaign.homes.village
    at_base = other == BASE
    there = np.where(at_base[:, None], campaign.teams.base[team], xy[other])
    same = ~at_base & (village[other] == village[home])

    def ways(a: Floats, b: Floats, within: Bools) -> Floats:
        return campaign.pace.ways(np.hypot(*(a - b).T), within)

    whole = np.ones(len(beside), bool)
    return ways(there, xy[home], same) + ways(xy[beside], xy[home], whole) - ways(there, xy[beside], same)
