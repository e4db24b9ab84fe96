"""Which pairs are worth a look: candidates, and the search of the whole county for one that would be cheaper. Blocks of neighbouring homes, exact.

A block bounds the way from all of its homes to a station by its box, so that most helpers fall out before any pair is looked at; what remains is computed pair
by pair.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bangfu.command.pairing.model import NEVER, Arcs, Stated, Wide

BLOCK = 96  # homes
FAR = 1 << 36  # units: beyond this no candidate is better than another
EACH = 30  # pairs added to a home by one search


def blocks(stated: Stated) -> Iterator[tuple[int, int]]:
    """Ranges of neighbouring homes; those of unknown place apart."""
    known = int((~np.isnan(stated.xy).any(axis=1)).sum())
    for low, high in ((0, known), (known, stated.n)):
        for begin in range(low, high, BLOCK):
            yield begin, min(begin + BLOCK, high)


def _bounds(stated: Stated, low: int, high: int) -> tuple[Wide, Wide]:
    """The least and the most that a home of the block can cost with each helper, without `change` and what is forbidden. Shapes (m,)."""
    w = stated.weights
    box = stated.xy[low:high]
    least, most = box.min(axis=0), box.max(axis=0)
    out = np.maximum(np.maximum(least - stated.stations, stated.stations - most), 0)
    far = np.maximum(np.abs(stated.stations - least), np.abs(stated.stations - most))
    below, above = stated.units(out[:, 0], out[:, 1]), stated.units(far[:, 0], far[:, 1])
    below -= w.attached * stated.attached[np.unique(stated.village[low:high])].any(axis=0)
    below -= w.profession * ((int(np.bitwise_or.reduce(stated.wants[low:high])) & stated.profession) != 0)
    return below, above


def candidates(stated: Stated, each: int, prices: Wide) -> Arcs:
    """The `each` cheapest helpers of every home at the helpers' prices (ties: the lower key), the standing one, and nobody."""
    homes, helpers = [], []
    for low, high in blocks(stated):
        below, above = _bounds(stated, low, high)
        most_forbidden = int(np.diff(stated.never_from[low : high + 1]).max(initial=0))
        among = each + most_forbidden
        near = np.arange(stated.m)
        if among < stated.m:
            near = np.flatnonzero(below + prices <= np.partition(above + prices, among - 1)[among - 1])
        if not len(near):
            continue
        cost = stated.block(low, high, near)
        # One number per pair holds the cost and, for ties, the helper.
        rated = np.minimum(cost + prices[near], FAR) * stated.m + near
        took = min(each, len(near))
        chosen = (
            np.argpartition(rated, took - 1, axis=1)[:, :took] if took < len(near) else np.tile(np.arange(took), (high - low, 1))
        )
        allowed = np.take_along_axis(cost, chosen, axis=1) < NEVER
        homes.append(np.repeat(np.arange(low, high), allowed.sum(axis=1)))
        helpers.append(near[chosen[allowed]])
    there = np.flatnonzero(stated.stands >= 0)
    return arcs_of(stated, np.concatenate([*homes, there]), np.concatenate([*helpers, stated.stands[there]]))


def arcs_of(stated: Stated, homes: Wide, helpers: Wide) -> Arcs:
    """Pairs (each once) as arcs, with nobody for every home. Forbidden pairs must not be among them."""
    wide = stated.m + 1
    pairs = np.sort(np.concatenate([homes * wide + helpers, np.arange(stated.n, dtype=np.int64) * wide + stated.m]))
    pairs = pairs[np.diff(pairs, prepend=-1) != 0]
    home, helper = pairs // wide, pairs % wide
    cost = stated.lacking[home]
    real = helper < stated.m
    cost[real] = stated.cost(home[real], helper[real])
    return Arcs(home, helper, cost, np.searchsorted(home, np.arange(stated.n)))


def search(stated: Stated, prices: Wide, at_most: Wide, slack: int) -> tuple[Wide, Wide, Wide]:
    """Every allowed pair of the county against the prices: the least that each home can pay, and the pairs that come near to it.

    `prices` (m,) of helpers and `at_most` (n,), what each home is known to reach, in units. Gives the least over all helpers (n,), and pairs
    (homes, helpers) within `slack` of what was known: at most EACH of each home, the cheapest ones.
    """
    least = at_most.copy()
    homes, helpers = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    limit = at_most - stated.changing
    for low, high in blocks(stated):
        below, _ = _bounds(stated, low, high)
        near = np.flatnonzero(below + prices < limit[low:high].max() + slack)
        if not len(near):
            continue
        cost = stated.block(low, high, near)
        cost += prices[near]
        np.minimum(least[low:high], cost.min(axis=1) + stated.changing[low:high], out=least[low:high])
        good = cost < limit[low:high, None] + slack
        crowded = np.flatnonzero(good.sum(axis=1) > EACH)
        if len(crowded):
            part = cost[crowded]
            good[crowded] &= part <= np.partition(part, EACH - 1, axis=1)[:, EACH - 1, None]
        rows, columns = np.nonzero(good)
        homes.append(low + rows)
        helpers.append(near[columns])
    return least, np.concatenate(homes), np.concatenate(helpers)
