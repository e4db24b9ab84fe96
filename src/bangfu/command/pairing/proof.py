"""The proof: prices of helpers under which no home would rather go elsewhere, and the bound that any prices give.

Let every home go to whom it likes best at prices p, and every helper take homes while the price covers the step: then

    bound(p) = sum over homes of min(lacking, min over allowed helpers of cost + p)  -  sum over helpers and places of max(0, p - step)

is at most the cost of any plan (weak duality of the stated model). So a plan whose cost equals the bound is a cheapest one, whoever made it and however the prices were found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bangfu.command.pairing.model import NEVER, Arcs, Stated, Wide
from bangfu.command.pairing.near import search


@dataclass(frozen=True, slots=True)
class Certificate:
    """A plan's cost and the bound, in units, whether the plan is lawful, and pairs (homes, helpers) that keep the bound below the cost."""

    objective: int
    bound: int
    lawful: bool
    homes: Wide
    helpers: Wide

    @property
    def optimal(self) -> bool:
        """Whether the plan is proven to be a cheapest one."""
        return self.lawful and self.objective == self.bound


def loads(stated: Stated, plan: Wide) -> Wide:
    """Homes of each helper. Shape (m,)."""
    return np.bincount(plan[plan < stated.m], minlength=stated.m).astype(np.int64)


def prices(stated: Stated, arcs: Arcs, plan: Wide) -> tuple[Wide, bool]:
    """The highest prices at which every home of the plan is content among the arcs, and whether the plan is a cheapest one over them. Shape (m,)."""
    mine = arcs.helper == plan[arcs.home]
    price, content = contented(stated, arcs, mine.astype(np.int64))
    return price, content and int(mine.sum()) == stated.n


def contented(stated: Stated, arcs: Arcs, flow: Wide) -> tuple[Wide, bool]:
    """The same of any flow over the arcs.

    A helper's price is at most the step of his next home; where a home of his would rather go elsewhere, it falls: shortest ways in the residual graph (Bellman
    and Ford, all homes at once). Such prices exist just where the flow is a cheapest one, and then none falls below the step that the helper has taken.
    """
    m = stated.m
    used = np.flatnonzero(flow)
    used = used[np.argsort(arcs.helper[used], kind="stable")]
    load = np.bincount(arcs.helper[used], flow[used], minlength=m + 1).astype(np.int64)[:m]
    price = np.append(np.where(load >= stated.ceiling, NEVER, stated.step(load + 1)), 0)
    floor = np.append(np.where(load > 0, stated.step(load), -NEVER), 0)
    held, first = np.unique(arcs.helper[used], return_index=True)
    if not len(held):
        return price[:m], True
    for _ in range(m + 2):
        least = np.minimum.reduceat(arcs.cost + price[arcs.helper], arcs.start)
        wished = np.minimum.reduceat(least[arcs.home[used]] - arcs.cost[used], first)
        if not (wished < price[held]).any():
            return price[:m], True
        price[held] = np.minimum(price[held], wished)
        if (price < floor).any():
            break
    return np.maximum(price[:m], 0), False


def certify(stated: Stated, plan: Wide, price: Wide, slack: int = 0, *, arcs: Arcs | None = None) -> Certificate:
    """The cost of a plan and the bound of the prices over every allowed pair of the county, or over some arcs. Shapes (n,), (m,).

    The pairs told are those within `slack` units of what a home pays.
    """
    m = stated.m
    served = np.flatnonzero(plan < m)
    own = stated.lacking.copy()
    own[served] = stated.cost(served, plan[served])
    load = loads(stated, plan)
    lawful = bool((load <= stated.ceiling).all() and (own < NEVER).all())
    above = np.maximum(load - stated.target, 0)
    objective = int(own.sum()) + stated.weights.above_target * int((above * (above + 1) // 2).sum())
    if arcs is not None:
        least, homes, helpers = (
            np.minimum.reduceat(arcs.cost + np.append(price, 0)[arcs.helper], arcs.start),
            served[:0],
            served[:0],
        )
        return Certificate(objective, int(least.sum()) - _taken(stated, price), lawful, homes, helpers)
    paid = np.minimum(own + np.append(price, 0)[plan], stated.lacking)
    # The standing pair alone costs no change, so the search, which puts it on every pair, must be told of it.
    there = np.flatnonzero(stated.stands >= 0)
    paid[there] = np.minimum(paid[there], stated.cost(there, stated.stands[there]) + price[stated.stands[there]])
    least, homes, helpers = search(stated, price, paid, slack)
    return Certificate(objective, int(least.sum()) - _taken(stated, price), lawful, homes, helpers)


def _taken(stated: Stated, price: Wide) -> int:
    """The second sum of the bound: what helpers gain above their steps."""
    total = int((np.maximum(price, 0) * stated.target).sum())
    for nth in range(1, int((stated.ceiling - stated.target).max(initial=0)) + 1):
        open_ = stated.ceiling - stated.target >= nth
        total += int(np.maximum(price[open_] - nth * stated.weights.above_target, 0).sum())
    return total
