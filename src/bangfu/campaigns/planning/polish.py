"""Many short tours made shorter at once: of all turns of a stretch (2-opt) and all moves of one to three homes (Or-opt), the best of each tour, until none helps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bangfu.campaigns.planning.model import Bools, Floats, Ints, Pace, Wide

GAIN = 1e-3  # minutes: less is rounding
BATCH = 4_000_000  # ways held at once
MOVED = (1, 2, 3)
LONGEST = 300  # homes: a longer tour stays as it is
Ways = NDArray[np.float32]


def polish(pace: Pace, xy: Floats, village: Ints, base: Floats, tours: list[Wide]) -> list[Wide]:
    """The same homes of each tour in an order that takes no longer. `xy` (n, 2) and `village` (n,) of all homes; `base` (tours, 2); a tour holds indices."""
    shorter = list(tours)
    by_length = sorted((t for t in range(len(tours)) if 1 < len(tours[t]) <= LONGEST), key=lambda t: (len(tours[t]), t))
    at = 0
    while at < len(by_length):
        longest, upto = len(tours[by_length[at]]), at
        while upto < len(by_length) and (upto - at + 1) * (len(tours[by_length[upto]]) + 2) ** 2 <= BATCH:
            longest, upto = len(tours[by_length[upto]]), upto + 1
        upto = max(upto, at + 1)
        batch = by_length[at:upto]
        padded = np.full((len(batch), longest), -1, np.int64)
        for row, t in enumerate(batch):
            padded[row, : len(tours[t])] = tours[t]
        order = _improve(_ways(pace, xy, village, base[batch], padded), (padded >= 0).sum(axis=1))
        for row, t in enumerate(batch):
            shorter[t] = padded[row, order[row, 1 : len(tours[t]) + 1] - 1]
        at = upto
    return shorter


def _ways(pace: Pace, xy: Floats, village: Ints, base: Floats, padded: Wide) -> Ways:
    """(tours, k + 2, k + 2) minutes between the base, the homes and the base again; what lies behind the last home is the base too."""
    count, k = padded.shape
    there = padded >= 0
    points = np.broadcast_to(base[:, None], (count, k + 2, 2)).copy()
    points[:, 1:-1][there] = xy[padded[there]]
    inside = np.full((count, k + 2), -1)
    inside[:, 1:-1][there] = village[padded[there]]
    metres = np.hypot(points[:, :, None, 0] - points[:, None, :, 0], points[:, :, None, 1] - points[:, None, :, 1])
    same = inside[:, :, None] == inside[:, None]
    ways = pace.ways(metres, same & (inside >= 0)[:, :, None])
    both: Bools = (inside < 0)[:, :, None] & (inside < 0)[:, None]
    ways[both] = 0
    return ways.astype(np.float32)


def _improve(ways: Ways, lengths: Wide) -> Wide:
    """The order (tours, k + 2) of the rows of `ways` after all moves that help."""
    count, size, _ = ways.shape
    order = np.tile(np.arange(size), (count, 1))
    alive = np.arange(count)
    for _ in range(4 * size):
        if not len(alive):
            break
        now = order[alive]
        placed = np.take_along_axis(np.take_along_axis(ways[alive], now[:, :, None], axis=1), now[:, None, :], axis=2)
        gain, first, last, target, turned = _best_move(placed, lengths[alive])
        helps = gain > GAIN
        alive = alive[helps]
        source = _moved(size, first[helps], last[helps], target[helps], turned[helps])
        order[alive] = np.take_along_axis(order[alive], source, axis=1)
    return order


def _best_move(d: Ways, lengths: Wide) -> tuple[Ways, Wide, Wide, Wide, Bools]:
    """Of each tour the move that saves most: minutes saved, first and last place moved, the place after which they go (first - 1: turned where they are), turned."""
    count, size, _ = d.shape
    rows = np.arange(count)
    place = np.arange(size - 1)
    leg = d[:, place, place + 1]
    home = (place >= 1) & (place <= lengths[:, None])  # (tours, size - 1)
    # Turn places i..j: legs (i - 1, i) and (j, j + 1) give way to (i - 1, j) and (i, j + 1).
    turn = leg[:, :-1, None] + leg[:, None, 1:] - d[:, :-2, 1:-1] - d[:, 1:-1, 2:]
    fits = home[:, 1:, None] & home[:, None, 1:] & (place[1:, None] < place[None, 1:])
    turn = np.where(fits, turn, np.float32(0)).reshape(count, -1)
    best = turn.argmax(axis=1)
    gain = turn[rows, best]
    first, last = best // (size - 2) + 1, best % (size - 2) + 1
    target, turned = first - 1, np.ones(count, bool)
    for moved in MOVED:
        if size - 2 <= moved:
            break
        begin = np.arange(1, size - moved)
        end = begin + moved - 1
        taken = leg[:, begin - 1] + leg[:, end] - d[:, begin - 1, end + 1]
        outside = (place[None, :] < begin[:, None] - 1) | (place[None, :] > end[:, None])
        allowed = (end[None, :] <= lengths[:, None])[:, :, None] & outside & (place <= lengths[:, None])[:, None, :]
        for back in (False, True) if moved > 1 else (False,):
            head, tail = (end, begin) if back else (begin, end)
            put = d[:, head, :-1] + d[:, tail, 1:] - leg[:, None, :]
            saved = np.where(allowed, taken[:, :, None] - put, np.float32(0)).reshape(count, -1)
            at = saved.argmax(axis=1)
            better = saved[rows, at] > gain
            gain = np.where(better, saved[rows, at], gain)
            where = at // (size - 1)
            first, last = np.where(better, begin[where], first), np.where(better, end[where], last)
            target, turned = np.where(better, at % (size - 1), target), np.where(better, back, turned)
    return gain, first, last, target, turned


def _moved(size: int, first: Wide, last: Wide, target: Wide, turned: Bools) -> Wide:
    """(tours, size): from which place each place is filled after a move."""
    place = np.arange(size)[None, :]
    first, last, target = first[:, None], last[:, None], target[:, None]
    length = last - first + 1
    ahead = target > last
    start = np.where(ahead, target - length + 1, target + 1)  # where the stretch stands afterwards
    inside = (place >= start) & (place < start + length)
    offset = place - start
    stretch = np.where(turned[:, None], last - offset, first + offset)
    forth = ahead & (place >= first) & (place < start)
    back = ~ahead & (place >= start + length) & (place <= last)
    moved: Wide = np.where(inside, stretch, np.where(forth, place + length, np.where(back, place - length, place)))
    return moved
