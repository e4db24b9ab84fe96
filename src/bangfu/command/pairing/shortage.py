"""Where helpers lack: how many homes of which village nobody serves, and the cheapest remedy, computed.

Two remedies can be mixed: a named exception (a helper takes one more home than the ceiling says) and a new helper of some rank, who
carries as many homes as the rank's target. Their prices are settings. As a new helper may serve any home of the county (nothing is forbidden to
somebody without relatives there), d homes are served by new helpers just where these carry d together, so the numbers by rank are the cheapest
cover of d, and the cheapest mixture is the best over all d.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bangfu.command.pairing.model import Helpers, Homes, Ints, Stated, Weights, Wide


@dataclass(frozen=True, slots=True)
class Remedies:
    """What a remedy costs, in whole numbers that only need to compare.

    `exceptions`: homes that one helper may take beyond the ceiling at most; `exception`: the price of each. `carries`: homes of a new helper by
    rank (None: the most frequent target of the rank, or 1); `prices` of a new helper by rank (None: what she carries and one, times her rank counted
    from the lowest, the last: those of high rank are rare).
    """

    exceptions: int = 1
    exception: int = 2
    carries: tuple[int, ...] | None = None
    prices: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Shortage:
    """One village: homes that lack a helper, and its part of the remedy.

    `recruits`: new helpers by rank to be stationed here; `shared`: homes served by new helpers of other villages; `exceptions`: homes that helpers take beyond the ceiling.
    """

    village: int
    lacking: int
    recruits: tuple[int, ...]
    shared: int
    exceptions: int


@dataclass(frozen=True, slots=True)
class Remedy:
    """The cheapest remedy: `raised` (helper, homes beyond the ceiling) pairs, `recruits` by rank, `carries` by rank, its price, and what each village lacks."""

    raised: tuple[tuple[int, int], ...]
    recruits: tuple[int, ...]
    carries: tuple[int, ...]
    price: int
    shortages: tuple[Shortage, ...]


def remedy(
    homes: Homes, helpers: Helpers, lacking: Wide, forbidden: Ints, weights: Weights, ranks: int, remedies: Remedies
) -> Remedy:
    """The cheapest remedy for the homes that lack a helper (indexes). Each exception serves one of them; the rest go to new helpers."""
    carries = remedies.carries or _usual(helpers, ranks)
    prices = remedies.prices or tuple((carries[r] + 1) * (ranks - r) for r in range(ranks))
    if len(carries) != ranks or len(prices) != ranks or min(carries, default=0) < 1:
        raise ValueError("a new helper of every rank carries at least one home and has a price")
    # Nearest names first: keys decide among equals.
    lacking = lacking[np.lexsort((homes.keys[lacking], homes.village[lacking]))]
    takers = _exceptions(homes, helpers, lacking, forbidden, weights, remedies)
    could = np.flatnonzero(takers >= 0)
    cover, last = _cover(len(lacking), carries, prices)
    total = cover[len(lacking) - np.arange(len(could) + 1)] + remedies.exception * np.arange(len(could) + 1)
    used = int(np.argmin(total))
    # Exceptions go where fewest homes lack a helper, so that new helpers have their homes together.
    count = np.bincount(homes.village[lacking], minlength=int(homes.village.max()) + 1)
    could = could[np.lexsort((homes.village[lacking[could]], count[homes.village[lacking[could]]]))][:used]
    rest = np.delete(lacking, could)
    recruits = np.zeros(ranks, np.int64)
    d = len(rest)
    while d > 0:
        recruits[last[d]] += 1
        d = max(d - carries[last[d]], 0)
    raised = np.bincount(takers[could], minlength=len(helpers.keys))
    excepted = np.bincount(homes.village[lacking[could]], minlength=len(count))
    return Remedy(
        raised=tuple((int(j), int(raised[j])) for j in np.flatnonzero(raised)),
        recruits=tuple(int(k) for k in recruits),
        carries=carries,
        price=int(total[used]),
        shortages=_stationed(count, excepted, recruits, carries),
    )


def _usual(helpers: Helpers, ranks: int) -> tuple[int, ...]:
    found = []
    for rank in range(ranks):
        targets = helpers.target[helpers.rank == rank]
        found.append(max(int(np.bincount(targets).argmax()), 1) if len(targets) else 1)
    return tuple(found)


def _exceptions(homes: Homes, helpers: Helpers, lacking: Wide, forbidden: Ints, weights: Weights, remedies: Remedies) -> Wide:
    """Who could take each lacking home beyond the ceiling, -1 where nobody: the same model over these homes and the exceptions alone."""
    from bangfu.command.pairing.plan import solve

    extra = np.full(len(helpers.keys), remedies.exceptions, np.int32)
    place = np.full(len(homes.keys), -1, np.int32)
    place[lacking] = np.arange(len(lacking))
    never = forbidden[place[forbidden[:, 0]] >= 0]
    never = np.stack([place[never[:, 0]], never[:, 1]], axis=1)
    some = Homes(homes.keys[lacking], homes.village[lacking], homes.xy[lacking], homes.wants[lacking])
    stated = Stated(some, replace(helpers, target=extra, ceiling=extra), np.empty((0, 2), np.int32), never, weights)
    plan = solve(stated, 20).plan
    takers = np.full(len(lacking), -1, np.int64)
    served = plan < stated.m
    takers[stated.home_order[served]] = stated.helper_order[plan[served]]
    return takers


def _cover(most: int, carries: tuple[int, ...], prices: tuple[int, ...]) -> tuple[Wide, Wide]:
    """The least price of new helpers who carry d homes or more, for d up to `most`, and the rank of one of them."""
    cover, last = np.zeros(most + 1, np.int64), np.zeros(most + 1, np.int64)
    for d in range(1, most + 1):
        choices = [int(cover[max(d - carry, 0)]) + price for carry, price in zip(carries, prices, strict=True)]
        # Among equals the lowest rank: there are more of them.
        last[d] = len(choices) - 1 - int(np.argmin(choices[::-1]))
        cover[d] = choices[last[d]]
    return cover, last


def _stationed(count: Wide, excepted: Wide, recruits: Wide, carries: tuple[int, ...]) -> tuple[Shortage, ...]:
    """New helpers go one by one where most homes still lack one, those who carry most first."""
    open_ = count - excepted
    here = np.zeros((len(count), len(carries)), np.int64)
    for rank in sorted(range(len(carries)), key=lambda r: (-carries[r], r)):
        for _ in range(int(recruits[rank])):
            village = int(np.argmax(open_))
            here[village, rank] += 1
            open_[village] = max(open_[village] - carries[rank], 0)
    return tuple(
        Shortage(int(v), int(count[v]), tuple(int(k) for k in here[v]), int(open_[v]), int(excepted[v]))
        for v in np.flatnonzero(count)
    )
