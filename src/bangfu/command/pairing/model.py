"""The stated model of pairing: what goes in, what a pair costs, and what a plan is judged by. Whole numbers only, so that equal is equal.

One unit of cost is `Weights.metres` of way. For home i and helper j

    cost(i, j) = distance(i, j)                 in units, rounded; `unknown` where a place is not known
               - attached                       where the home lies in a village to which the helper's unit is attached
               - profession                     where a member of the home needs the helper's profession
               + change                         where another helper, who stays and may, stands by the home today

and helper j's k-th home above the target costs k * above_target more; beyond the ceiling there is nothing. A home that nobody serves costs `unserved`,
which is so large that no saving elsewhere ever pays for it: as many as can be are served. With `Weights.keep_first` the same holds of `change`, one step
below, and a home that loses its helper and gets nobody costs `change` too: among the plans that serve most, as many standing pairs as can be are kept, and
only then the rest counts. Both follow from this: two plans differ by simple cycles of the flow, and a cycle passes each home and each helper once.
"""

from __future__ import annotations

import hashlib
from copy import copy
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]
Ints = NDArray[np.int32]
Wide = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NEVER = 1 << 60  # the cost of a pair that is forbidden: above every real cost, and far from overflowing when added to one
LARGEST = 1 << 62


@dataclass(frozen=True, slots=True)
class Homes:
    """The households of the target set, n of them.

    `keys` (n,) unique; `village` (n,) index into the caller's villages; `xy` (n, 2) in metres, NaN where the place is unknown; `wants` (n,) bits of
    the professions that a member needs.
    """

    keys: Keys
    village: Ints
    xy: Floats
    wants: Ints


@dataclass(frozen=True, slots=True)
class Helpers:
    """Those who may be principal helper, m of them.

    `keys` (m,) unique; `rank` (m,) index into the ranks; `profession` (m,) one bit, 0 for none; `xy` (m, 2) the station in metres, NaN where unknown;
    `target` (m,) homes by rank; `ceiling` (m,) homes at most, exceptions folded in; `attached` (k, 2) pairs (helper, village) of the
    villages to which the helper's unit is attached.
    """

    keys: Keys
    rank: Ints
    profession: Ints
    xy: Floats
    target: Ints
    ceiling: Ints
    attached: Ints


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much. `metres` of way are one unit; all others are in units.

    By default a standing pair is kept before anything but serving counts; with `keep_first=False` it weighs `change` units, so that a home
    changes its helper where that saves more.
    """

    metres: int = 100
    unknown: int = 200
    attached: int = 300
    profession: int = 50
    above_target: int = 250
    change: int = 50
    keep_first: bool = True

    def __post_init__(self) -> None:
        if self.metres < 1 or min(self.unknown, self.attached, self.profession, self.above_target, self.change) < 0:
            raise ValueError("weights are whole numbers from 0, metres from 1")


@dataclass(frozen=True, slots=True)
class Arcs:
    """Pairs that a plan may choose from, by home, then helper. `cost` in units; `start` (n,) where each home's begin.

    Every home has at least one: helper m stands for nobody, at the cost of being unserved.
    """

    home: Wide
    helper: Wide
    cost: Wide
    start: Wide


class Stated:
    """The model over one county, its homes and helpers in an order that depends on the data only (near homes side by side, then by key).

    Raises ValueError where keys repeat, shapes do not fit, a home has two standing helpers, or numbers would leave 62 bits.
    """

    def __init__(self, homes: Homes, helpers: Helpers, standing: Ints, forbidden: Ints, weights: Weights) -> None:
        _fits(homes, helpers, standing, forbidden)
        self.weights = weights
        self.n, self.m = len(homes.keys), len(helpers.keys)
        self.home_order = _by_place(homes.xy, homes.keys)
        self.helper_order = np.argsort(helpers.keys, kind="stable")
        new_home, new_helper = _inverse(self.home_order), _inverse(self.helper_order)
        self.keys = homes.keys[self.home_order]
        self.xy = homes.xy[self.home_order].astype(np.float64)
        self.village = homes.village[self.home_order].astype(np.int64)
        self.wants = homes.wants[self.home_order]
        self.stations = helpers.xy[self.helper_order].astype(np.float64)
        self.profession = helpers.profession[self.helper_order]
        self.ceiling = helpers.ceiling[self.helper_order].astype(np.int64)
        self.target = np.minimum(helpers.target[self.helper_order].astype(np.int64), self.ceiling)
        villages = 1 + max(int(self.village.max(initial=-1)), int(helpers.attached[:, 1].max(initial=-1)))
        self.attached = np.zeros((villages, self.m), bool)
        self.attached[helpers.attached[:, 1], new_helper[helpers.attached[:, 0]]] = True
        self._know_forbidden(np.unique(new_home[forbidden[:, 0]] * np.int64(max(self.m, 1)) + new_helper[forbidden[:, 1]]))
        # The standing helper of each home, -1 where none or where the pair is forbidden today.
        self.stands = np.full(self.n, -1, np.int64)
        self.stands[new_home[standing[:, 0]]] = new_helper[standing[:, 1]]
        there = np.flatnonzero(self.stands >= 0)
        self.stands[there[self.is_forbidden(there, self.stands[there])]] = -1
        self.change, self.unserved, self.trial = self._penalties()
        self.changing = np.where(self.stands >= 0, self.change, 0)
        # What a home costs that nobody serves.
        self.lacking = self.unserved + (self.changing if weights.keep_first else np.zeros(self.n, np.int64))

    def _know_forbidden(self, pairs: Wide) -> None:
        """Forbidden pairs by home: `never` holds the helpers, `never_from` (n + 1,) where each home's begin."""
        self.never = pairs % max(self.m, 1)
        self.never_home = pairs // max(self.m, 1)
        self.never_from = np.searchsorted(self.never_home, np.arange(self.n + 1))
        self._never_pairs = pairs

    def _penalties(self) -> tuple[int, int, int]:
        """Of a change, of an unserved home, and of one in a trial that is enough in most counties and quicker."""
        w = self.weights
        known = [xy[~np.isnan(xy).any(axis=1)] for xy in (self.xy, self.stations)]
        farthest = w.unknown
        if len(known[0]) and len(known[1]):
            both = np.concatenate(known)
            span = both.max(axis=0) - both.min(axis=0)
            farthest = max(farthest, int(np.hypot(*span) / w.metres) + 1)
        spread = farthest + w.attached + w.profession
        tiers = w.above_target * int((self.ceiling - self.target).max(initial=0))
        longest = min(self.n, self.m + 2) + 1  # homes on a simple cycle, and one
        change = longest * spread + tiers + 1 if w.keep_first else w.change
        unserved = longest * (spread + change) + tiers + 1
        if (unserved + change + tiers) * (self.n + 2 * self.m + 3) >= LARGEST:
            raise ValueError("too many homes for these weights: costs would leave 62 bits; a larger `metres` makes them smaller")
        return change, unserved, min(unserved, 4 * spread + tiers)

    def sample(self, homes: Wide, held: Wide) -> Stated:
        """The model over some homes (in its own order) that never had a helper; `held` (m,) places of helpers are taken already."""
        made = copy(self)
        made.n = len(homes)
        made.keys, made.xy, made.village, made.wants = self.keys[homes], self.xy[homes], self.village[homes], self.wants[homes]
        made.ceiling, made.target = np.maximum(self.ceiling - held, 0), np.maximum(self.target - held, 0)
        at = np.searchsorted(homes, self.never_home)
        there = np.append(homes, -1)[at] == self.never_home
        made._know_forbidden(at[there] * max(self.m, 1) + self.never[there])
        made.stands, made.changing = np.full(made.n, -1, np.int64), np.zeros(made.n, np.int64)
        made.lacking = np.full(made.n, self.unserved)
        return made

    def is_forbidden(self, homes: Wide, helpers: Wide) -> Bools:
        """Whether each pair is forbidden. Shapes (k,), (k,)."""
        if not len(self._never_pairs):
            return np.zeros(len(homes), bool)
        asked = homes * self.m + helpers
        at = np.minimum(np.searchsorted(self._never_pairs, asked), len(self._never_pairs) - 1)
        return np.asarray(self._never_pairs[at] == asked)

    def cost(self, homes: Wide, helpers: Wide) -> Wide:
        """What each pair costs, in units, `change` included; NEVER where forbidden. Shapes (k,), (k,) to (k,)."""
        w = self.weights
        made = self.distance(homes, helpers)
        made -= w.attached * self.attached[self.village[homes], helpers]
        made -= w.profession * ((self.wants[homes] & self.profession[helpers]) != 0)
        made += np.where(helpers == self.stands[homes], 0, self.changing[homes])
        made[self.is_forbidden(homes, helpers)] = NEVER
        return made

    def distance(self, homes: Wide, helpers: Wide) -> Wide:
        """Ways in units, `unknown` where a place is not known. Shapes (k,), (k,) to (k,)."""
        return self.units(self.xy[homes, 0] - self.stations[helpers, 0], self.xy[homes, 1] - self.stations[helpers, 1])

    def units(self, dx: Floats, dy: Floats) -> Wide:
        """Ways of dx, dy metres in units, `unknown` for NaN; whatever the shape, the same pair gives the same number."""
        dx = dx * dx
        dx += dy * dy
        np.sqrt(dx, out=dx)
        dx /= self.weights.metres
        np.rint(dx, out=dx)
        return np.nan_to_num(dx, copy=False, nan=self.weights.unknown).astype(np.int64)

    def block(self, low: int, high: int, helpers: Wide) -> Wide:
        """Costs of the homes from low to high with some helpers, without `change`; NEVER where forbidden. Shape (high - low, len(helpers))."""
        w = self.weights
        made = self.units(
            self.xy[low:high, None, 0] - self.stations[None, helpers, 0],
            self.xy[low:high, None, 1] - self.stations[None, helpers, 1],
        )
        own, which = np.unique(self.village[low:high], return_inverse=True)
        if self.attached[np.ix_(own, helpers)].any():
            made -= w.attached * self.attached[np.ix_(own, helpers)][which]
        wanted = np.flatnonzero(self.wants[low:high])
        made[wanted] -= w.profession * ((self.wants[low + wanted, None] & self.profession[None, helpers]) != 0)
        span = slice(self.never_from[low], self.never_from[high])
        if span.start < span.stop:
            at = np.searchsorted(helpers, self.never[span])
            met = (at < len(helpers)) & (helpers[np.minimum(at, len(helpers) - 1)] == self.never[span])
            made[self.never_home[span][met] - low, at[met]] = NEVER
        return made

    def step(self, load: Wide) -> Wide:
        """What each helper's `load`-th home costs above the pair itself: 0 up to the target, then one `above_target` more for each. Shape (m,)."""
        return np.maximum(load - self.target, 0) * self.weights.above_target

    def digest(self) -> str:
        """SHA-256 over everything that decides the plan, in the model's own order: equal for equal inputs in any order."""
        state = hashlib.sha256(repr(astuple(self.weights)).encode())
        for part in (
            self.keys, self.xy, self.village, self.wants, self.stations, self.profession, self.ceiling, self.target, np.packbits(self.attached),
            self._never_pairs, self.stands,
        ):  # fmt: skip
            state.update(np.ascontiguousarray(part).tobytes())
        return state.hexdigest()


def _fits(homes: Homes, helpers: Helpers, standing: Ints, forbidden: Ints) -> None:
    n, m = len(homes.keys), len(helpers.keys)
    shapes: list[tuple[NDArray[Any], tuple[int, ...]]] = [
        (homes.village, (n,)), (homes.xy, (n, 2)), (homes.wants, (n,)), (helpers.rank, (m,)), (helpers.profession, (m,)), (helpers.xy, (m, 2)),
        (helpers.target, (m,)), (helpers.ceiling, (m,)),
    ]  # fmt: skip
    if any(part.shape != shape for part, shape in shapes):
        raise ValueError("the arrays of homes or of helpers differ in length")
    for pairs, high in ((helpers.attached, (m, None)), (standing, (n, m)), (forbidden, (n, m))):
        if pairs.ndim != 2 or pairs.shape[1] != 2 or pairs.min(initial=0) < 0:
            raise ValueError("pairs are rows of two indexes from 0")
        if any(top is not None and int(pairs[:, side].max(initial=-1)) >= top for side, top in enumerate(high)):
            raise ValueError("a pair names what is not there")
    for keys in (homes.keys, helpers.keys):
        if len(np.unique(keys)) != len(keys):
            raise ValueError("a key comes twice")
    if len(np.unique(standing[:, 0])) != len(standing):
        raise ValueError("a home has two standing principal helpers")
    if helpers.target.min(initial=0) < 0 or helpers.ceiling.min(initial=0) < 0 or homes.village.min(initial=0) < 0:
        raise ValueError("targets, ceilings and villages are numbers from 0")


def _inverse(order: Wide) -> Wide:
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    return back


def _by_place(xy: Floats, keys: Keys) -> Wide:
    """An order in which neighbours are near, unknown places last, equal cells by key."""
    return np.lexsort((keys, along_curve(xy)))


def along_curve(xy: Floats) -> Wide:
    """Places on a Z-curve over 1024 x 1024 cells, unknown ones last. Shape (k, 2) in metres to (k,)."""
    known = ~np.isnan(xy).any(axis=1)
    code = np.full(len(xy), 1 << 20, np.int64)
    if known.any():
        low = xy[known].min(axis=0)
        span = max(float((xy[known].max(axis=0) - low).max()), 1.0)
        cell = ((xy[known] - low) / span * 1023).astype(np.int64)
        code[known] = _spread(cell[:, 0]) | _spread(cell[:, 1]) << 1
    return code


def _spread(bits: Wide) -> Wide:
    made = np.zeros_like(bits)
    for place in range(10):
        made |= (bits >> place & 1) << (2 * place)
    return made
