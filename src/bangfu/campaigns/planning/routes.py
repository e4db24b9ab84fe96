"""The days of a party: the homes of a team in an order, cut into tours that fit a day so that the way is least, each tour polished. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bangfu.campaigns.planning.model import Bools, Campaign, Floats, Wide
from bangfu.campaigns.planning.places import curve
from bangfu.campaigns.planning.polish import polish
from bangfu.campaigns.planning.solver import solved

SLACK = 1e-6  # minutes: less is rounding
CUTS = 2
FEW = 5  # teams at once whose tours a solver is asked for: it takes about a second for each


@dataclass(frozen=True, slots=True)
class Tour:
    """A day of a party of a team: its homes (k,) in order."""

    team: int
    homes: Wide


def minutes_of(campaign: Campaign, team: int, homes: Wide) -> tuple[float, Floats]:
    """Minutes on the way of a tour, and the minutes after its begin at which each home (k,) is reached."""
    xy, village = campaign.homes.xy[homes], campaign.homes.village[homes]
    between = campaign.pace.ways(np.hypot(*(xy[1:] - xy[:-1]).T), village[1:] == village[:-1])
    ends = campaign.out(team, homes[[0, -1]])
    legs = np.concatenate([ends[:1], between])
    served = np.concatenate([[0.0], np.cumsum(campaign.homes.minutes[homes[:-1]].astype(float))])
    return float(legs.sum() + ends[1]), np.cumsum(legs) + served


def tours_for(campaign: Campaign, wanted: Sequence[tuple[int, Wide]], usable: Sequence[Bools]) -> list[Tour]:
    """Tours that visit homes with teams: `wanted` holds each team once with its homes (k,), `usable` (villages, days) when it may visit each village.

    Every tour fits a day of its team, and has a day on which all its villages may be visited. Homes alone too long for a day, and homes whose village can never
    be visited by the team, must be left out by the caller.
    """
    if not wanted:
        return []
    tours = _cut_and_polished(campaign, [team for team, _ in wanted], _orders(campaign, wanted), usable)
    if len(wanted) <= FEW:
        tours = {team: _solved(campaign, team, tours[team], days) for (team, _), days in zip(wanted, usable, strict=True)}
    return [Tour(team, homes) for team, own in tours.items() for homes in own]


def _cut_and_polished(campaign: Campaign, teams: list[int], orders: list[Wide], usable: Sequence[Bools]) -> dict[int, list[Wide]]:
    """The tours of each team along its order; cut a second time along the polished tours, which are shorter."""
    parts: dict[int, list[Wide]] = {}
    for _ in range(CUTS):
        cut = [_cut(campaign, team, order, days) for team, order, days in zip(teams, orders, usable, strict=True)]
        base = campaign.teams.base[np.repeat(teams, [len(own) for own in cut])].reshape(-1, 2)
        shorter = polish(campaign.pace, campaign.homes.xy, campaign.homes.village, base, [homes for own in cut for homes in own])
        ends = np.cumsum([len(own) for own in cut])
        parts = {team: shorter[end - len(own) : end] for team, own, end in zip(teams, cut, ends, strict=True)}
        orders = [np.concatenate(parts[team]) for team in teams]
    return parts


def _solved(campaign: Campaign, team: int, own: list[Wide], days: Bools) -> list[Wide]:
    """The tours of a team by a solver, where there is one and its ways are less."""
    found = solved(campaign, team, np.concatenate(own), days, len(own))
    return found if found is not None and _way(campaign, team, found) < _way(campaign, team, own) - SLACK else own


def _way(campaign: Campaign, team: int, tours: Sequence[Wide]) -> float:
    return sum(minutes_of(campaign, team, homes)[0] for homes in tours)


def _orders(campaign: Campaign, wanted: Sequence[tuple[int, Wide]]) -> list[Wide]:
    """The homes of each team, hamlet after hamlet on a short round, within a hamlet along a curve."""
    place, village, group = campaign.homes.xy, campaign.homes.village, campaign.homes.group
    along = curve(place)
    centres: list[Floats] = []
    belongs, rounds, pieces = [], [], []
    for _, homes in wanted:
        by_group = homes[np.lexsort((campaign.homes.keys[homes], along[homes], group[homes]))]
        parts = [part for part in np.split(by_group, np.flatnonzero(np.diff(group[by_group])) + 1) if len(part)]
        parts.sort(key=lambda part: (int(along[part].mean()), int(part[0])))
        rounds.append(np.arange(len(centres), len(centres) + len(parts)))
        pieces.append(parts)
        centres += [place[part].mean(axis=0) for part in parts]
        belongs += [village[part[0]] for part in parts]
    base = campaign.teams.base[[team for team, _ in wanted]].reshape(-1, 2)
    xy = np.array(centres).reshape(-1, 2)
    short = polish(campaign.pace, xy, np.array(belongs, np.int32), base, rounds)
    return [
        np.concatenate([parts[k - own[0]] for k in visited]) if len(own) else np.empty(0, np.int64)
        for own, visited, parts in zip(rounds, short, pieces, strict=True)
    ]


def _cut(campaign: Campaign, team: int, order: Wide, usable: Bools) -> list[Wide]:
    """The cut of an order into tours of a day whose way is least in sum, by dynamic programming over where a tour ends."""
    n = len(order)
    if not n:
        return []
    xy, village = campaign.homes.xy[order], campaign.homes.village[order]
    out = campaign.out(team, order).tolist()
    step = [0.0, *campaign.pace.ways(np.hypot(*(xy[1:] - xy[:-1]).T), village[1:] == village[:-1]).tolist()]
    service = campaign.homes.minutes[order].astype(float).tolist()
    masks = {int(v): int("".join("1" if day else "0" for day in usable[v]) or "0", 2) for v in np.unique(village)}
    open_ = [masks[v] for v in village.tolist()]
    length = float(campaign.teams.minutes[team]) - SLACK
    best, begin = [0.0] + [float("inf")] * n, [0] * (n + 1)
    for j in range(n):
        way, work, days = out[j], 0.0, -1
        for i in range(j, -1, -1):
            days &= open_[i]
            work += service[i]
            if way + work > length or not days:
                break
            whole = way + out[i]
            if whole + work <= length and best[i] + whole < best[j + 1]:
                best[j + 1], begin[j + 1] = best[i] + whole, i
            way += step[i]
    parts, end = [], n
    while end:
        parts.append(order[begin[end] : end])
        end = begin[end]
    return parts[::-1]
