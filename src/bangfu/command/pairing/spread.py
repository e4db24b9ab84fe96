"""A flow between classes dealt out to homes and helpers, and the prices under which nobody would rather go elsewhere.

Equal homes go by key, homes that lie side by side to the same helper where that costs nothing, and equal helpers get as even loads as the steps allow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bangfu.command.pairing.classes import Classes
from bangfu.command.pairing.flow import ClassFlow
from bangfu.command.pairing.model import NEVER, Arcs, Bools, Wide


@dataclass(frozen=True, slots=True)
class Dealt:
    """`plan` (n,) helper of each home, m for nobody; `load` and `fresh` (m,) homes of each helper, and of these the ones that are not kept.

    `stuck` (m,): helpers who have a forbidden home here that nobody of their kind could take for another.
    """

    plan: Wide
    load: Wide
    fresh: Wide
    stuck: Bools


def deal(classes: Classes, arcs: Arcs, flow: ClassFlow) -> Dealt:
    """Who helps whom. Among equals it depends on keys only; what it costs is what the flow costs."""
    stated, standing, k = classes.stated, classes.standing, classes.model.m
    n, m = stated.n, stated.m
    plan = np.full(n, m, np.int64)
    there = np.flatnonzero(stated.stands >= 0)
    there = there[np.lexsort((there, stated.stands[there], classes.of[there]))]  # as `standing` is ordered
    begins = np.cumsum(standing.count) - standing.count
    nth = np.arange(len(there)) - np.repeat(begins, standing.count)
    keep = there[nth < np.repeat(flow.kept, standing.count)]
    plan[keep] = stated.stands[keep]
    held = np.bincount(plan[keep], minlength=m).astype(np.int64)
    # The others of each class, in order, along its arcs.
    rest = np.flatnonzero(plan == m)
    rest = rest[np.argsort(classes.of[rest], kind="stable")]
    to = np.repeat(arcs.helper, flow.through)
    order = np.lexsort((rest, to))
    order = order[: int((to < k).sum())]
    rest, to = rest[order], to[order]
    came = np.bincount(to, minlength=k)
    # Places of each kind, the cheapest first, then evenly.
    open_ = np.minimum(np.maximum(stated.ceiling - held, 0), came[classes.kind])
    helper = np.repeat(np.arange(m), open_)
    place = np.arange(len(helper)) - np.repeat(np.cumsum(open_) - open_, open_) + 1 + held[helper]
    of = classes.kind[helper]
    order = np.lexsort((helper, place, np.maximum(place - stated.target[helper], 0), of))
    of = of[order]
    taken = helper[order][np.arange(len(of)) - np.searchsorted(of, of) < came[of]]
    taken = taken[np.lexsort((taken, classes.kind[taken]))]
    fresh = np.bincount(taken, minlength=m).astype(np.int64)
    stuck = _exchange(classes, rest, to, taken)
    plan[rest] = taken
    return Dealt(plan, held + fresh, fresh, stuck)


def _exchange(classes: Classes, homes: Wide, kinds: Wide, helpers: Wide) -> Bools:
    """Where a home has a forbidden helper, change with another home of the kind, in place; who could not."""
    stated = classes.stated
    stuck = np.zeros(stated.m, bool)
    for at in np.flatnonzero(stated.is_forbidden(homes, helpers)):
        if not stated.is_forbidden(homes[at : at + 1], helpers[at : at + 1])[0]:
            continue  # an earlier change mended it
        low, high = np.searchsorted(kinds, [kinds[at], kinds[at] + 1])
        others = homes[low:high]
        fits = ~stated.is_forbidden(np.full(high - low, homes[at]), helpers[low:high])
        fits &= ~stated.is_forbidden(others, np.full(high - low, helpers[at]))
        if fits.any():
            other = low + int(np.argmax(fits))
            helpers[at], helpers[other] = helpers[other], helpers[at]
        else:
            stuck[helpers[at]] = True
    return stuck


@dataclass(frozen=True, slots=True)
class Prices:
    """`helper` (m,) and `kind` (k,) prices in units; `paid` (h,) the most that a home of each class pays; `content`: nobody would rather go elsewhere."""

    helper: Wide
    kind: Wide
    paid: Wide
    content: bool


def settle(classes: Classes, arcs: Arcs, flow: ClassFlow, dealt: Dealt) -> Prices:
    """The highest prices under which every home is content over the arcs (see `proof.contented`, here of classes).

    A kind costs what its cheapest member does. Prices fall from the step of the next home until nobody would rather change; they stay above the steps taken
    just where the flow is a cheapest one, so the rounds are at most as many as there are nodes.
    """
    stated, standing, k = classes.stated, classes.standing, classes.model.m
    price = np.where(dealt.load >= stated.ceiling, NEVER, stated.step(dealt.load + 1))
    floor = np.where(dealt.load > 0, stated.step(dealt.load), -NEVER)
    by_kind = np.argsort(classes.kind, kind="stable")
    begins = np.searchsorted(classes.kind[by_kind], np.arange(k))
    shared = dealt.fresh > 0
    used = np.flatnonzero(flow.through)
    used = used[np.argsort(arcs.helper[used], kind="stable")]
    goal, first = np.unique(arcs.helper[used], return_index=True)
    open_ = np.flatnonzero(flow.kept < standing.count)
    kept = np.flatnonzero(flow.kept)
    content = False
    for _ in range(classes.model.n + k + stated.m + 2):
        kinds = np.append(np.minimum.reduceat(price[by_kind], begins), 0)
        least = np.minimum.reduceat(arcs.cost + kinds[arcs.helper], arcs.start)
        np.minimum.at(least, standing.home[open_], standing.cost[open_] + price[standing.helper[open_]])
        before = price.copy()
        wished = kinds.copy()
        if len(used):
            wished[goal] = np.minimum(wished[goal], np.minimum.reduceat(least[arcs.home[used]] - arcs.cost[used], first))
        price[shared] = np.minimum(price[shared], wished[classes.kind[shared]])
        np.minimum.at(price, standing.helper[kept], least[standing.home[kept]] - standing.cost[kept])
        if wished[k] < 0 or (price < floor).any():
            break
        if (price == before).all():
            content = True
            break
    price = np.maximum(price, 0)
    kinds = np.append(np.minimum.reduceat(price[by_kind], begins), 0)
    paid = np.full(classes.model.n, -NEVER)
    np.maximum.at(paid, arcs.home[used], arcs.cost[used] + kinds[arcs.helper[used]])
    np.maximum.at(paid, standing.home[kept], standing.cost[kept] + price[standing.helper[kept]])
    return Prices(price, kinds[:k], paid, content)
