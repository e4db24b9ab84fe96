"""Equal homes and equal helpers put together, so that a county whose homes stand at village centres and whose helpers sit in stations is small.

Homes are equal where place, village, wants and the kinds wholly forbidden to them agree, and whether a helper stands by them; helpers are of one kind where
place, profession and attached villages agree, whatever their targets: the steps of a kind are the merged steps of its members. That loses nothing:

- A home pays the same way to every helper of a kind, and among them places of equal step are equal; so only how many homes of a class go to a kind counts.
- A standing pair is an arc of its own from the home's class to that very helper, without `change`, for as many homes as stand there; its helper has a
  node of his own behind the kind, so that kept homes and others share his places.
- Where only some of a kind are forbidden to a home, the class may still go to the kind. This asks for less than the model does, so it bounds the model from
  below; where the homes of a kind cannot be dealt out without a forbidden pair, those helpers are set `apart` and all is solved again (`spread`).

In a county where nothing is equal every class is one home and every kind one helper.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np

from bangfu.command.pairing.model import Bools, Stated, Wide


@dataclass(frozen=True, slots=True)
class Standing:
    """Standing pairs put together: `count` homes of class `home` stand by `helper` (of the model) and cost `cost` units each if kept. Shapes (s,)."""

    home: Wide
    helper: Wide
    count: Wide
    cost: Wide


@dataclass(frozen=True, slots=True)
class Classes:
    """Classes of the homes and kinds of the helpers of `stated`, numbered by their first member.

    `model` is the model over one of each, where nobody stands and `changing` is paid by the classes that have standing helpers; `of` (n,) the class of
    each home and `supply` (h,) its homes; `kind` (m,) the kind of each helper; `alone` (m,) helpers with a node of their own behind their kind.
    """

    stated: Stated
    model: Stated
    of: Wide
    supply: Wide
    kind: Wide
    alone: Bools
    standing: Standing

    @property
    def single(self) -> bool:
        """Whether nothing is equal: classes are homes and kinds are helpers."""
        return self.model.n == self.stated.n and self.model.m == self.stated.m


def classed(stated: Stated, apart: Bools) -> Classes:
    """Put equals together; helpers of `apart` (m,) are of a kind of their own."""
    signature = np.unique(np.packbits(stated.attached.T, axis=1), axis=0, return_inverse=True)[1].ravel()
    own = np.where(apart, np.arange(stated.m), -1)
    kind, of_kind = _together(*_place(stated.stations), stated.profession, signature, own)
    wholly = _wholly_forbidden(stated, kind)
    sets = np.zeros(stated.n, np.int64)
    number: dict[bytes, int] = {}
    start = 0
    for end in (np.flatnonzero(np.diff(wholly[:, 0], append=-1)) + 1).tolist():
        sets[wholly[start, 0]] = number.setdefault(wholly[start:end, 1].tobytes(), len(number) + 1)
        start = end
    of, of_class = _together(*_place(stated.xy), stated.village, stated.wants, sets, stated.stands >= 0)
    model = copy(stated)
    model.n, model.m = len(of_class), len(of_kind)
    model.keys, model.xy, model.village = stated.keys[of_class], stated.xy[of_class], stated.village[of_class]
    model.wants, model.changing = stated.wants[of_class], stated.changing[of_class]
    model.lacking = stated.lacking[of_class]
    model.stands = np.full(model.n, -1, np.int64)
    model.stations, model.profession = stated.stations[of_kind], stated.profession[of_kind]
    model.attached = stated.attached[:, of_kind]
    model.ceiling, model.target = (
        np.bincount(kind, part, minlength=model.m).astype(np.int64) for part in (stated.ceiling, stated.target)
    )
    model._know_forbidden(np.unique(of[wholly[:, 0]] * max(model.m, 1) + wholly[:, 1]))
    return Classes(
        stated=stated,
        model=model,
        of=of,
        supply=np.bincount(of, minlength=model.n).astype(np.int64),
        kind=kind,
        alone=(np.bincount(stated.stands[stated.stands >= 0], minlength=stated.m) > 0) & (np.bincount(kind)[kind] > 1),
        standing=_standing(stated, of),
    )


def _place(xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places by side; all unknown ones are equal."""
    known = ~np.isnan(xy).any(axis=1)
    return np.where(known, xy[:, 0], np.inf), np.where(known, xy[:, 1], np.inf)


def _together(*columns: np.ndarray) -> tuple[Wide, Wide]:
    """Rows equal in all columns: the number of each row, by first row of the number, and that row. Shapes (k,), (groups,)."""
    order = np.lexsort(columns)
    fresh = np.zeros(len(order), bool)
    fresh[:1] = True
    for column in columns:
        fresh[1:] |= column[order[1:]] != column[order[:-1]]
    first = order[fresh]  # lexsort is stable
    by_first = np.argsort(first)
    number = np.empty(len(first), np.int64)
    number[by_first] = np.arange(len(first))
    of = np.empty(len(order), np.int64)
    of[order] = number[np.cumsum(fresh) - 1]
    return of, first[by_first]


def _wholly_forbidden(stated: Stated, kind: Wide) -> Wide:
    """Pairs (home, kind) of which every helper is forbidden, in order. Shape (k, 2)."""
    kinds = int(kind.max(initial=0)) + 1
    pairs, count = np.unique(stated.never_home * kinds + kind[stated.never], return_counts=True)
    pairs = pairs[count == np.bincount(kind, minlength=kinds)[pairs % kinds]]
    return np.stack([pairs // kinds, pairs % kinds], axis=1)


def _standing(stated: Stated, of: Wide) -> Standing:
    there = np.flatnonzero(stated.stands >= 0)
    _, first, count = np.unique(of[there] * max(stated.m, 1) + stated.stands[there], return_index=True, return_counts=True)
    homes = there[first]
    return Standing(of[homes], stated.stands[homes], count.astype(np.int64), stated.cost(homes, stated.stands[homes]))
