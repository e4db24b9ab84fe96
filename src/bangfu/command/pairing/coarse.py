"""A first guess at prices, in two steps: homes and helpers by the handful, then a few homes for their neighbours with every helper by himself.

It decides where to look, never what is true.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from bangfu.command.pairing.flow import flows
from bangfu.command.pairing.model import NEVER, Floats, Stated, Wide, along_curve
from bangfu.command.pairing.near import arcs_of, candidates
from bangfu.command.pairing.proof import contented

HOMES = 96  # of one village, in one group
HELPERS = 12  # with the same attached villages, in one group
NEIGHBOURS = 4  # homes for which one stands in the second step
EACH = 30  # candidates in the second step
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
    keep = stated.weights.keep_first
    free = np.flatnonzero(stated.stands < 0) if keep else np.arange(stated.n)
    held = np.bincount(stated.stands[stated.stands >= 0], minlength=stated.m) if keep else np.zeros(stated.m, np.int64)
    if not len(free) or not stated.m:
        return np.zeros(stated.m, np.int64), free[:0], free[:0]
    some = stated.sample(free, held)
    price, homes, helpers = _by_handful(some)
    neighbours = _group(some.village, some.xy, NEIGHBOURS)
    by_place = np.argsort(neighbours.first)
    one = some.sample(neighbours.first[by_place], np.zeros(stated.m, np.int64))
    stands_for = np.argsort(by_place)[neighbours.of]
    near = candidates(one, EACH, price)
    real = near.helper < stated.m
    homes, helpers = np.concatenate([near.home[real], stands_for[homes]]), np.concatenate([near.helper[real], helpers])
    allowed = ~one.is_forbidden(homes, helpers)
    arcs = arcs_of(one, homes[allowed], helpers[allowed])
    flow = flows(one, arcs, stated.trial, np.bincount(stands_for))
    price, _ = contented(one, arcs, flow)
    used = np.flatnonzero(flow)
    to = np.repeat(arcs.helper[used], flow[used])
    came = np.argsort(stands_for, kind="stable")
    allowed = to < stated.m
    allowed[allowed] = ~some.is_forbidden(came[allowed], to[allowed])
    return price, free[came[allowed]], to[allowed]


def _by_handful(stated: Stated) -> tuple[Wide, Wide, Wide]:
    """The first step: prices and a first plan where homes of one village and helpers of one kind go together."""
    w = stated.weights
    homes = _group(stated.village, stated.xy, HOMES)
    signature = np.unique(np.packbits(stated.attached.T, axis=1), axis=0, return_inverse=True)[1].ravel()
    helpers = _group(signature, stated.stations, HELPERS)
    cost = stated.units(homes.at[:, None, 0] - helpers.at[None, :, 0], homes.at[:, None, 1] - helpers.at[None, :, 1])
    cost -= w.attached * stated.attached[np.ix_(stated.village[homes.first], helpers.first)]
    # Free places, one by one: by group, then step.
    slot = np.repeat(np.arange(stated.m), stated.ceiling)
    above = np.maximum(_within(slot) + 1 - stated.target[slot], 0)
    order = np.lexsort((slot, above, helpers.of[slot]))
    slot, above, group = slot[order], above[order], helpers.of[slot[order]]
    places = np.zeros((int(above.max(initial=0)) + 1, len(helpers.at)), np.int64)
    np.add.at(places, (above, group), 1)
    size = np.bincount(homes.of)
    price, flow = _flow(cost, size, places, w.above_target, stated.trial)
    b, g = np.nonzero(flow)
    to = np.repeat(g, flow[b, g])
    block = np.repeat(b, flow[b, g])
    came = np.argsort(homes.of, kind="stable")[(np.cumsum(size) - size)[block] + _within(block)]
    by_group = np.argsort(to, kind="stable")
    taken = slot[np.searchsorted(group, to[by_group]) + _within(to[by_group])]
    came = came[by_group]
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
    flow_of = np.asarray(flow.flows(chosen)).reshape(b, g)
    load = flow_of.sum(axis=0)
    taken = (np.cumsum(places, axis=0) <= load).sum(axis=0)  # steps that are full
    price = np.where(taken == len(places), NEVER, taken * step)
    mine = np.where(flow_of > 0, cost, -NEVER)
    for _ in range(ROUNDS):
        least = np.minimum((cost + price).min(axis=1), unserved)
        lower = np.minimum(price, np.where(flow_of > 0, least[:, None] - mine, NEVER).min(axis=0))
        if (lower == price).all():
            break
        price = lower
    return np.maximum(price, 0), flow_of
