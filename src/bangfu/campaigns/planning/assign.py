"""Homes to teams: loads in proportion to what each team can do, whole hamlets where it can be, near each other. Pure.

First a flow of classes of villages (those that the same teams may serve) to teams, cheapest from the bases; each class is cut along a curve through its homes into
the shares found. Then, a few times, a flow of hamlets to teams, cheapest from the middle of what each team has; where it gives all but a little of a hamlet to one
team, and loads stay near their target, the hamlet is made whole. A hamlet that stays split is cut across the line between the middles of its teams.
"""

from __future__ import annotations

import numpy as np
from ortools.graph.python import min_cost_flow

from bangfu.campaigns.planning.model import Bools, Campaign, Floats, Wide, classes
from bangfu.campaigns.planning.places import curve

ROUNDS = 8
BASE_METRES = 2.0  # what a metre from the base counts beside one from the middle of what a team has
EVENED = 50
STRANGE_METRES = 4_000.0  # what a village counts of which a team has nothing else: few teams a village
NEAREST = 40  # teams that a hamlet is offered to at first
TIERS = (1.0, 1.02, 1.05, 1.1, 1.2, 1.35, 1.6, 2.0)  # of the target; each costs more than the one before
TIER_METRES = 200_000  # dearer than any way
METRES = 10  # a unit of cost
TOLERANCE = 0.03  # how far a load may leave its target to keep a hamlet whole
NOBODY = -1


def assign(campaign: Campaign, homes: Wide, load: Floats, room: Floats, has: Floats, can: Bools) -> Wide:
    """The team of each of some homes (k,), -1 where no team has room.

    `load` (k,) minutes that each home takes from the nearest base, its share of the ways included; `has` and `room` (teams,) minutes that each team has to work and
    has left; `can` (teams, villages) where each can go. Loads are in proportion to `has` and `room` together among teams that can stand in for each other.
    """
    team = np.full(len(homes), NOBODY, np.int64)
    can = can & (room >= 1)[:, None]
    inner = np.flatnonzero(np.asarray(can.any(axis=0))[campaign.homes.village[homes]])
    if not len(inner):
        return team
    homes, load = homes[inner], load[inner]
    pieces = _hamlets(campaign, homes)
    which = np.empty(len(homes), np.int64)
    for k, piece in enumerate(pieces):
        which[piece] = k
    heavy = np.asarray(np.bincount(which, load), float)
    xy = campaign.homes.xy[homes]
    centre = np.column_stack([np.bincount(which, xy[:, 0]), np.bincount(which, xy[:, 1])]) / np.bincount(which)[:, None]
    village = campaign.homes.village[homes[[piece[0] for piece in pieces]]]
    base = campaign.teams.base
    from_base = np.hypot(base[:, None, 0] - centre[None, :, 0], base[:, None, 1] - centre[None, :, 1])
    dearer = _dearer(campaign, from_base, can[:, village])
    may = np.isfinite(dearer)
    wanted = _targets(campaign, homes, load, room, has, can)
    first = _first(campaign, homes, load, room, wanted, can)
    middle = _middles(campaign, xy, load, first)
    known = np.unique(first[first >= 0] * np.int64(can.shape[1]) + campaign.homes.village[homes[first >= 0]])
    strange = np.ones(can.shape)
    strange[known // can.shape[1], known % can.shape[1]] = 0
    shares: dict[tuple[int, int], float] = {}
    left = room
    for _ in range(ROUNDS):
        shares = _transport(
            heavy, centre, may, middle, left, wanted, STRANGE_METRES * strange[:, village] + BASE_METRES * from_base
        )
        weights, within, dear = np.zeros(len(middle)), np.zeros(can.shape), np.zeros(len(middle))
        sums = np.zeros((len(middle), 2))
        for (hamlet, t), minutes in shares.items():
            if t != NOBODY:
                weights[t] += minutes
                dear[t] += minutes * dearer[t, hamlet]
                within[t, village[hamlet]] += minutes
                sums[t] += minutes * centre[hamlet]
        some = np.maximum(weights, 1e-9)
        middle = np.where(weights[:, None] > 0, sums / some[:, None], middle)
        strange = 1 - within / some[:, None]
        factor = np.where(weights > 0, dear / some, 1.0)
        left = room / factor
        wanted = _targets(campaign, homes, load, left, has / factor, can)
    _whole(shares, left, wanted)
    by_hamlet: dict[int, list[tuple[int, float]]] = {}
    for (hamlet, t), minutes in sorted(shares.items()):
        by_hamlet.setdefault(hamlet, []).append((t, minutes))
    for hamlet, parts in by_hamlet.items():
        team[inner[pieces[hamlet]]] = _split(xy[pieces[hamlet]], load[pieces[hamlet]], parts, middle)
    return team


def _hamlets(campaign: Campaign, homes: Wide) -> list[Wide]:
    """Positions among `homes` by hamlet; a hamlet in two villages counts as two."""
    h = campaign.homes
    order = np.lexsort((h.keys[homes], h.group[homes], h.village[homes]))
    village, group = h.village[homes[order]], h.group[homes[order]]
    return np.split(order, np.flatnonzero((np.diff(village) != 0) | (np.diff(group) != 0)) + 1)


def _dearer(campaign: Campaign, from_base: Floats, can: Bools) -> Floats:
    """(teams, hamlets): by how much the homes of a hamlet take longer from a team's base than from the nearest; inf where a team cannot go."""
    away = 2 * (campaign.pace.boarding + campaign.pace.ride * from_base)
    length = campaign.teams.minutes[:, None]
    stretch = np.where(can & (away < length), length / np.maximum(length - away, 1e-9), np.inf)
    least = stretch.min(axis=0)
    return stretch / np.where(np.isfinite(least), least, 1.0)


def _targets(campaign: Campaign, homes: Wide, load: Floats, room: Floats, has: Floats, can: Bools) -> Floats:
    """Minutes for each team (teams,): so that what each has and gets is in proportion to what it can do, as far as its places and its room allow."""
    shared = [(teams, float(load[members].sum())) for members, teams in _members(campaign, homes, can)]
    whole = np.maximum(room + has, 1e-9)
    target, level = np.zeros(len(room)), np.ones(len(room))
    for _ in range(EVENED):
        target[:] = 0
        for teams, minutes in shared:
            pull = whole[teams] * level[teams]
            target[teams] += minutes * pull / pull.sum()
        level = level / np.maximum((target + has) / whole, 1e-6)
        level = np.maximum(level / level.max(), 1e-9)
    return np.minimum(target, room)


def _members(campaign: Campaign, homes: Wide, can: Bools) -> list[tuple[Wide, Wide]]:
    """Positions among `homes` by class of villages, each with the teams that can go there."""
    village = campaign.homes.village[homes]
    found = [(np.flatnonzero(np.isin(village, villages)), teams) for villages, teams in classes(can)]
    return [(members, teams) for members, teams in found if len(members) and len(teams)]


def _first(campaign: Campaign, homes: Wide, load: Floats, room: Floats, target: Floats, can: Bools) -> Wide:
    """A first team for each home: classes of villages to teams, then each class cut along a curve."""
    xy = campaign.homes.xy[homes]
    shared = _members(campaign, homes, can)
    heavy = np.array([float(load[members].sum()) for members, _ in shared])
    centre = np.array([xy[members].mean(axis=0) for members, _ in shared])
    may = np.zeros((len(room), len(shared)), bool)
    for k, (_, teams) in enumerate(shared):
        may[teams, k] = True
    shares = _transport(heavy, centre, may, campaign.teams.base, room, target)
    along = curve(np.concatenate([campaign.teams.base, xy]))
    first = np.full(len(homes), NOBODY, np.int64)
    for k, (members, _) in enumerate(shared):
        parts = [(t, minutes) for (hamlet, t), minutes in shares.items() if hamlet == k and t != NOBODY]
        parts.sort(key=lambda part: (int(along[part[0]]), part[0]))
        if parts:
            order = members[np.argsort(along[len(room) + members], kind="stable")]
            first[order] = _dealt(load[order], parts)
    return first


def _middles(campaign: Campaign, xy: Floats, load: Floats, team: Wide) -> Floats:
    """The middle of what each team has (teams, 2); its base where it has nothing."""
    m, mine = len(campaign.teams.keys), team >= 0
    weight = np.bincount(team[mine], load[mine], m)
    sums = np.column_stack([np.bincount(team[mine], load[mine] * xy[mine, axis], m) for axis in (0, 1)])
    return np.where(weight[:, None] > 0, sums / np.maximum(weight, 1e-9)[:, None], campaign.teams.base)


def _transport(
    heavy: Floats, centre: Floats, may: Bools, middle: Floats, room: Floats, target: Floats, strange: Floats | float = 0.0
) -> dict[tuple[int, int], float]:
    """Minutes of each hamlet by team, -1 for what nobody has room for: the cheapest flow of metres, loads near their targets."""
    metres = np.hypot(middle[:, None, 0] - centre[None, :, 0], middle[:, None, 1] - centre[None, :, 1])
    metres += strange
    metres[~may] = np.inf
    offered = min(NEAREST, len(middle))
    while True:
        near = np.argsort(metres, axis=0, kind="stable")[:offered]
        shares = _flow(heavy, metres, near, room, target)
        if offered == len(middle) or not any(t == NOBODY for _, t in shares):
            return shares
        offered = len(middle)


def _flow(heavy: Floats, metres: Floats, near: Wide, room: Floats, target: Floats) -> dict[tuple[int, int], float]:
    m, count = metres.shape
    supply = np.maximum(np.round(heavy), 1).astype(np.int64)
    hamlet = np.tile(np.arange(count), len(near))
    team = near.reshape(-1)
    fits = np.isfinite(metres[team, hamlet])
    hamlet, team = hamlet[fits], team[fits]
    nobody, end = count + m, count + m + 1
    steps = np.minimum(np.ceil(target[:, None] * np.array(TIERS)), np.floor(room)[:, None])
    steps = np.column_stack([np.maximum.accumulate(steps, axis=1), np.floor(room)]).astype(np.int64)
    tiers = np.diff(steps, axis=1, prepend=0)
    price = np.arange(tiers.shape[1]) * (TIER_METRES // METRES)
    dear = int(price[-1]) * 100
    total = int(supply.sum())
    tails = np.concatenate([hamlet, np.arange(count), np.repeat(count + np.arange(m), tiers.shape[1]), np.array([nobody])])
    heads = np.concatenate([count + team, np.full(count, nobody), np.full(tiers.size + 1, end)])
    caps = np.concatenate([supply[hamlet], supply, tiers.reshape(-1), np.array([total])])
    costs = np.concatenate(
        [np.round(metres[team, hamlet] / METRES).astype(np.int64), np.full(count, dear), np.tile(price, m), np.array([0])]
    )
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        tails.astype(np.int32), heads.astype(np.int32), caps.astype(np.int64), costs.astype(np.int64)
    )
    flow.set_nodes_supplies(np.append(np.arange(count), end).astype(np.int32), np.append(supply, -total))
    if flow.solve() != flow.OPTIMAL:
        raise ArithmeticError(f"{count} hamlets and {m} teams have no cheapest flow")
    sent = np.asarray(flow.flows(arcs))
    shares = {(int(hamlet[k]), int(team[k])): float(sent[k]) for k in np.flatnonzero(sent[: len(hamlet)])}
    lost = sent[len(hamlet) : len(hamlet) + count]
    return shares | {(int(k), NOBODY): float(lost[k]) for k in np.flatnonzero(lost)}


def _whole(shares: dict[tuple[int, int], float], room: Floats, target: Floats) -> None:
    """Make split hamlets whole, the smallest part first, where both loads stay near their targets."""
    has = np.zeros(len(room))
    holders: dict[int, list[int]] = {}
    for (hamlet, t), minutes in shares.items():
        holders.setdefault(hamlet, []).append(t)
        if t != NOBODY:
            has[t] += minutes
    split = [(minutes, hamlet, t) for (hamlet, t), minutes in shares.items() if t != NOBODY and len(holders[hamlet]) > 1]
    for minutes, hamlet, giver in sorted(split):
        takers = [t for t in holders[hamlet] if t not in (giver, NOBODY) and (hamlet, t) in shares]
        for taker in sorted(takers, key=lambda t: (has[t] - target[t], t)):
            most = min(target[taker] * (1 + TOLERANCE), room[taker])
            if (
                (hamlet, giver) in shares
                and has[taker] + minutes <= most
                and has[giver] - minutes >= target[giver] * (1 - TOLERANCE)
            ):
                shares[hamlet, taker] += shares.pop((hamlet, giver))
                has[taker] += minutes
                has[giver] -= minutes


def _split(xy: Floats, load: Floats, parts: list[tuple[int, float]], middle: Floats) -> Wide:
    """The team of each home of a hamlet (k,) cut across the line between the middles of its teams."""
    if len(parts) == 1:
        return np.full(len(xy), parts[0][0])
    known = [part for part in parts if part[0] != NOBODY]
    points = np.array([middle[t] for t, _ in known])
    line = points[-1] - points[0] if len(known) > 1 else np.array([1.0, 0.0])
    known.sort(key=lambda part: (float(middle[part[0]] @ line), part[0]))
    order = np.lexsort((np.arange(len(xy)), xy @ line))
    team = np.empty(len(xy), np.int64)
    team[order] = _dealt(load[order], known + [part for part in parts if part[0] == NOBODY])
    return team


def _dealt(load: Floats, parts: list[tuple[int, float]]) -> Wide:
    """The team of homes in a row (k,), cut where the shares of the parts end."""
    ends = np.cumsum([minutes for _, minutes in parts])
    middle = (np.cumsum(load) - load / 2) / max(float(load.sum()), 1e-9) * ends[-1]
    return np.asarray(np.array([t for t, _ in parts])[np.minimum(np.searchsorted(ends, middle), len(parts) - 1)], np.int64)
