"""Pictures that look alike: pairs of perceptual hashes of 64 bits that differ in a few bits, found without comparing all with all. Pure.

Two hashes that differ in d bits at most agree wholly in one of d + 1 bands of bits; only those that share a band are compared. Pictures of one kind share bands more often than chance would have it:
a band shared by many is split again by the bits that are left.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]

CROWD = 256  # hashes that share a band before it is split again
WIDTH = 64


def distance(one: Bits, other: Bits) -> Ints:
    """The number of bits in which hashes differ. Shapes as broadcast."""
    return np.asarray(np.bitwise_count(one ^ other), np.int64)


def near_pairs(hashes: Bits, most: int) -> tuple[Ints, Ints]:
    """Numbers (i, j), i < j, of the distinct `hashes` (n,) that differ in `most` bits at most, each pair once, in order. Raises ValueError where `most` is not from 0 to 15, or hashes repeat."""
    if not 0 <= most <= 15:
        raise ValueError("hashes differ in 0 to 15 bits")
    if len(np.unique(hashes)) < len(hashes):
        raise ValueError("hashes are distinct")
    n = len(hashes)
    codes = [_search(hashes, np.arange(n), list(range(WIDTH)), most)] if n > 1 and most else []
    found = np.unique(np.concatenate(codes)) if codes else np.empty(0, np.int64)
    return found // max(n, 1), found % max(n, 1)


def _search(hashes: Bits, members: Ints, bits: list[int], most: int) -> Ints:
    """Codes i × n + j of the near pairs among members that agree in all but `bits`."""
    n = len(hashes)
    found: list[Ints] = [np.empty(0, np.int64)]
    for band in range(most + 1):
        part = bits[band :: most + 1]
        key = hashes[members] & _mask(part)
        order = np.argsort(key, kind="stable")
        run, lengths = _runs(key[order])
        rest = [bit for bit in bits if bit not in set(part)]
        small = (lengths > 1) & ((lengths <= CROWD) | (len(rest) <= most))
        left, right = _pairs_within(run[small], lengths[small])
        a, b = members[order[left]], members[order[right]]
        near = distance(hashes[a], hashes[b]) <= most
        found.append(np.minimum(a, b)[near] * n + np.maximum(a, b)[near])
        for start, length in zip(run[~small].tolist(), lengths[~small].tolist(), strict=True):
            if length > 1:
                found.append(_search(hashes, np.sort(members[order[start : start + length]]), rest, most))
    return np.unique(np.concatenate(found))


def _mask(bits: list[int]) -> np.uint64:
    return np.uint64(sum(1 << bit for bit in bits))


def _runs(ordered: Bits) -> tuple[Ints, Ints]:
    """Where runs of equal values begin, and how long they are."""
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return starts, np.diff(np.append(starts, len(ordered)))


def _pairs_within(starts: Ints, lengths: Ints) -> tuple[Ints, Ints]:
    """All pairs of places (earlier, later) within runs."""
    places = np.repeat(starts, lengths) + _counted(lengths)
    after = np.repeat(lengths, lengths) - _counted(lengths) - 1  # how many follow in the same run
    left = np.repeat(places, after)
    return left, left + _counted(after) + 1


def _counted(lengths: Ints) -> Ints:
    """0, 1, … within each run, one after the other."""
    return np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def groups(n: int, left: Ints, right: Ints) -> Ints:
    """The group of each of n things that pairs hold together: the lowest number in it. Shape (n,)."""
    group = np.arange(n)
    while True:
        before = group.copy()
        least = np.minimum(group[left], group[right])
        np.minimum.at(group, left, least)
        np.minimum.at(group, right, least)
        group = group[group]
        if (group == before).all():
            return group
