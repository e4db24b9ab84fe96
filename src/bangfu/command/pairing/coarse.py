"""A first guess at prices: the same county with homes and helpers by the handful. It decides where to look, never what is true."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from bangfu.command.pairing.model import NEVER, Floats, Stated, Wide, along_curve

HOMES = 96  # of one village, in one group
HELPERS = 12  # with the same attached villages, in one group
ROUNDS = 300


@dataclass(frozen=True, slots=True)
class _Groups:
    """Members in groups: `of` (k,) group of each member; `at` (g, 2) the middle; `first` (g,) a member."""

    of: Wide
    at: Floats
    first: Wide


def guess(stated: Stated) -> tuple[Wide, Wide, Wide]:
    """Prices of helpers (m,), in units, under which about as many homes come to each as he may take, and a first plan: pairs (homes, helpers).

    Where standing pairs are kept first only the homes without one come, to the places that are left.
    """
    w = stated.weights
    free = np.flatnonzero(stated.stands < 0) if w.keep_first else np.arange(stated.n)
    held = np.bincount(stated.stands[stated.stands >= 0], minlength=stated.m) if w.keep_first else np.zeros(stated.m, np.int64)
    nothing = np.empty(0, np.int64)
    if not len(free) or not stated.m:
        return np.zeros(stated.m, np.int64), nothing, nothing
    homes = _group(stated.village[free], stated.xy[free], HOMES)
    signature = np.unique(np.packbits(stated.attached.T, axis=1), axis=0, return_inverse=True)[1].ravel()
    helpers = _group(signature, stated.stations, HELPERS)
    cost = stated.units(homes.at[:, None, 0] - helpers.at[None, :, 0], homes.at[:, None, 1] - helpers.at[None, :, 1])
    cost -= w.attached * stated.attached[np.ix_(stated.village[free[homes.first]], helpers.first)]
    # Free places, one by one: by group, then step.
    room = np.maximum(stated.ceiling - held, 0)
    slot = np.repeat(np.arange(stated.m), room)
    nth = np.arange(len(slot)) - np.repeat(np.cumsum(room) - room, room) + 1 + held[slot]
    above = np.maximum(nth - stated.target[slot], 0)
    order = np.lexsort((slot, above, helpers.of[slot]))
    slot, above, group = slot[order], above[order], helpers.of[slot[order]]
    places = np.zeros((int(above.max(initial=0)) + 1, len(helpers.at)), np.int64)
    np.add.at(places, (above, group), 1)
    price, flows = _flow(cost, np.bincount(homes.of), places, w.above_target, stated.unserved)
    b, g = np.nonzero(flows)
    to = np.repeat(g, flows[b, g])
    by_block = np.argsort(homes.of, kind="stable")
    served = np.repeat(np.cumsum(np.bincount(homes.of)) - np.bincount(homes.of), flows.sum(axis=1))
    came = by_block[served + _within(np.repeat(b, flows[b, g]))]
    by_group = np.argsort(to, kind="stable")
    taken = slot[np.searchsorted(group, to[by_group]) + _within(to[by_group])]
    came = free[came[by_group]]
    allowed = ~stated.is_forbidden(came, taken)
    return price[helpers.of], came[allowed], taken[allowed]


def _within(of: Wide) -> Wide:
    """The place of each in its run of equal numbers, from 0; `of` is sorted."""
    return np.arange(len(of)) - np.searchsorted(of, of)


def _group(kind: Wide, xy: Floats, size: int) -> _Groups:
    order = np.lexsort((along_curve(xy), kind))
    fresh = np.flatnonzero(np.diff(kind[order], prepend=-1))
    starts = np.flatnonzero(_within(np.repeat(np.arange(len(fresh)), np.diff(np.append(fresh, len(kind))))) % size == 0)
    of = np.empty(len(kind), np.int64)
    of[order] = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(kind))))
    known = ~np.isnan(xy).any(axis=1)
    count = np.bincount(of[known], minlength=len(starts)).astype(np.float64)
    count[count == 0] = np.nan
    at = np.stack([np.bincount(of[known], xy[known, side], minlength=len(starts)) / count for side in (0, 1)], axis=1)
    return _Groups(of, at, order[starts])


def _flow(cost: Wide, supply: Wide, places: Wide, step: int, unserved: int) -> tuple[Wide, Wide]:
    """The flow between groups (b, g) and the highest prices (g,) under which every part of it is content. `places` (steps, g)."""
    b, g = cost.shape
    sink = b + g
    flow = SimpleMinCostFlow()
    rows, columns = np.divmod(np.arange(b * g), g)
    chosen = flow.add_arcs_with_capacity_and_unit_cost(rows, b + columns, supply[rows], cost.ravel())
    flow.add_arcs_with_capacity_and_unit_cost(np.arange(b), np.full(b, sink), supply, np.full(b, unserved))
    for k, room in enumerate(places):
        flow.add_arcs_with_capacity_and_unit_cost(b + np.arange(g), np.full(g, sink), room, np.full(g, k * step))
    flow.set_nodes_supplies(np.arange(b), supply)
    flow.set_node_supply(sink, -int(supply.sum()))
    if flow.solve() != flow.OPTIMAL:
        raise RuntimeError("the flow between groups was not solved")
    flows = np.asarray(flow.flows(chosen)).reshape(b, g)
    load = flows.sum(axis=0)
    taken = (np.cumsum(places, axis=0) <= load).sum(axis=0)  # steps that are full
    price = np.where(taken == len(places), NEVER, taken * step)
    mine = np.where(flows > 0, cost, -NEVER)
    for _ in range(ROUNDS):
        least = np.minimum((cost + price).min(axis=1), unserved)
        lower = np.minimum(price, np.where(flows > 0, least[:, None] - mine, NEVER).min(axis=0))
        if (lower == price).all():
            break
        price = lower
    return np.maximum(price, 0), flows
