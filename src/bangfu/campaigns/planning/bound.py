"""A lower bound of the working minutes of any plan that visits given homes, proven; and what it charges to each home.

Let a tour visit the homes S within L minutes: service q(S) and travel T. Each home i gets a number r(i) with

    0 <= r(i) <= R <= boarding / 2      and      r(i) + r(j) <= (walk - ride) * metres(i, j)      for i, j of one village.

Take r(i) + r(j) from each leg between homes and r(i) from each leg to the base. What is left of a leg is at least ride * metres: of a walk by the second
condition, of a ride by the first, since it has `boarding` on top. What is left of the two legs at the base is at least boarding - R + ride * metres each.
By the triangle law in the plane the legs that lead to any home i of the tour and back have at least twice its metres from the base, and every home has two
legs, so that 2 r(S) was taken:

    T >= 2 r(S) + p(i),        p(i) = 2 (boarding - R) + 2 ride * metres(base, i),         for every i in S.

Write w(i) = q(i) + 2 r(i) and P = T - 2 r(S) >= p(i). From w(S) + P = q(S) + T <= L follows P / w(S) >= P / (L - P) >= p(i) / (L - p(i)), and so

    q(S) + T = w(S) + P = sum over S of w(i) (1 + P / w(S)) >= sum over S of w(i) (1 + p(i) / (L - p(i))) = sum over S of w(i) L / (L - p(i)).

The sum over all homes, each with the team allowed for it whose term is least, bounds the minutes of every plan. The numbers r are raised step by step by half
of what is left to the tightest condition, for all homes at once, which never breaks one; R is the best of a few.
"""

from __future__ import annotations

import numpy as np

from bangfu.campaigns.planning.model import Campaign, Floats, Wide
from bangfu.campaigns.planning.places import nearest

NEAR = 10
ROUNDS = 40
CAPS = (0.0, 0.15, 0.3, 0.5, 0.75, 1.0)


def charges(campaign: Campaign, among: Wide | None = None) -> Floats:
    """What the bound charges to each home among some (k,), in minutes; their sum is the bound. inf for a home that no team can serve in a day."""
    homes = np.arange(len(campaign.homes.keys)) if among is None else among
    if not len(homes):
        return np.empty(0)
    service = campaign.homes.minutes[homes].astype(float)
    local = _local(campaign, homes)
    best, most = np.full(len(homes), np.inf), -np.inf
    for share in CAPS:
        cap = share * campaign.pace.boarding / 2
        weight, stretch = service + 2 * np.minimum(local, cap), _stretch(campaign, homes, cap)
        able = np.isfinite(stretch)
        found = np.where(able, weight * np.where(able, stretch, 1.0), np.inf)
        total = float(found[np.isfinite(found)].sum())
        if total > most:
            best, most = found, total
    return best


def bound(campaign: Campaign, among: Wide, charged: Floats | None = None) -> float:
    """The least working minutes of any plan that visits some homes (k,); `charged` (k,) are their charges where these are known.

    With R = 0 the tour that visits the home farthest from all bases has T >= p of that home: where few are visited, that is more than the sum of the charges.
    """
    if not len(among):
        return 0.0
    xy, village, farthest = campaign.homes.xy[among], campaign.homes.village[among], 0.0
    for villages, allowed in campaign.alike:
        mine = np.isin(village, villages)
        if mine.any() and len(allowed):
            bases = np.unique(campaign.teams.base[allowed], axis=0)
            metres = np.min([np.hypot(*(xy[mine] - base).T) for base in bases], axis=0)
            farthest = max(farthest, 2 * (campaign.pace.boarding + campaign.pace.ride * float(metres.max())))
    service = float(campaign.homes.minutes[among].sum(dtype=float))
    return max(float((charges(campaign, among) if charged is None else charged).sum()), service + farthest)


def _local(campaign: Campaign, homes: Wide) -> Floats:
    """The numbers r, up to half of the boarding. Homes at one place have none."""
    pace = campaign.pace
    rows = np.column_stack([campaign.homes.village[homes], campaign.homes.xy[homes]])
    points, of, many = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    who, far = nearest(points[:, 1:], points[:, 0].astype(np.int32), NEAR)
    limit = (pace.walk - pace.ride) * far
    # Half the way to the last of its list is safe beside everybody outside the list.
    most = np.where(many > 1, 0, np.minimum(limit[:, -1] / 2, pace.boarding / 2))
    r = np.minimum(limit[:, 0] / 2, most)
    here = np.repeat(np.arange(len(points)), NEAR)[who.reshape(-1) >= 0]
    there, limits = who[who >= 0], limit[who >= 0]
    for _ in range(ROUNDS):
        left = (limits - r[here] - r[there]) / 2
        step = most - r
        np.minimum.at(step, here, left)
        np.minimum.at(step, there, left)
        r = r + np.maximum(step, 0)
    return np.asarray(r[of.reshape(-1)], float)


def _stretch(campaign: Campaign, homes: Wide, cap: float) -> Floats:
    """The least L / (L - p) over the teams that may serve each home (k,); inf where none can."""
    pace, teams = campaign.pace, campaign.teams
    village, xy = campaign.homes.village[homes], campaign.homes.xy[homes]
    stretch = np.full(len(homes), np.inf)
    for villages, allowed in campaign.alike:
        mine = np.flatnonzero(np.isin(village, villages))
        for x, y, length in np.unique(np.column_stack([teams.base[allowed], teams.minutes[allowed]]), axis=0):
            away = 2 * (pace.boarding - cap) + 2 * pace.ride * np.hypot(xy[mine, 0] - x, xy[mine, 1] - y)
            with np.errstate(divide="ignore"):
                stretch[mine] = np.minimum(stretch[mine], np.where(away < length, length / (length - away), np.inf))
    return stretch
