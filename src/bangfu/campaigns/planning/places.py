"""Order and nearness in the plane: a curve that keeps near places near, and the nearest homes of the same village."""

from __future__ import annotations

import numpy as np

from bangfu.campaigns.planning.model import Floats, Ints, Wide

LEVELS = 16
BLOCK = 4_000_000  # distances held at once


def curve(xy: Floats) -> Wide:
    """The place of points (n, 2) along a Hilbert curve through the square around them (n,)."""
    if not len(xy):
        return np.empty(0, np.int64)
    low = xy.min(axis=0)
    side = max(float((xy.max(axis=0) - low).max()), 1e-9)
    x, y = ((xy - low) / side * (2**LEVELS - 1)).astype(np.int64).T
    along = np.zeros(len(xy), np.int64)
    for level in reversed(range(LEVELS)):
        right, up = (x >> level) & 1, (y >> level) & 1
        along += (1 << (2 * level)) * ((3 * right) ^ up)
        mask = (1 << level) - 1
        x, y = x & mask, y & mask
        flip = (up == 0) & (right == 1)
        x, y = np.where(flip, mask - x, x), np.where(flip, mask - y, y)
        x, y = np.where(up == 0, y, x), np.where(up == 0, x, y)
    return along


def nearest(xy: Floats, village: Ints, count: int) -> tuple[Wide, Floats]:
    """The nearest other homes of the same village (n, count) and their metres; -1 and inf where there are fewer."""
    n = len(xy)
    who, far = np.full((n, count), -1, np.int64), np.full((n, count), np.inf)
    order = np.argsort(village, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(village[order])) + 1):
        k = min(count, len(members) - 1)
        if k < 1:
            continue
        x, y = xy[members].T
        step = max(BLOCK // len(members), 1)
        for begin in range(0, len(members), step):
            rows = np.arange(begin, min(begin + step, len(members)))
            square = (x[rows, None] - x) ** 2 + (y[rows, None] - y) ** 2
            square[np.arange(len(rows)), rows] = np.inf
            chosen = np.argpartition(square, k - 1, axis=1)[:, :k]
            metres = np.sqrt(np.take_along_axis(square, chosen, axis=1))
            by = np.argsort(metres, axis=1, kind="stable")
            who[members[rows], :k] = members[np.take_along_axis(chosen, by, axis=1)]
            far[members[rows], :k] = np.take_along_axis(metres, by, axis=1)
    return who, far
