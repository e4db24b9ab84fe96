"""Samples that anyone can redraw: a frame, a design and a seed give the same units on any machine. Pure.

How to redraw a sample by hand. Chance comes from SHA-256 alone: the digest of a line of text in UTF-8, read as a number (`printf '%s' 'seed|stratum|key' | sha256sum`).

1. Order the frame by key; its digest is the SHA-256 of its lines `key|stratum|cluster|size`, each ended by a line feed. Compare it with the one published.
2. Share the units (with clusters: the clusters) out to the strata. Where the design names each stratum's number (given), that is it. Else each first gets the least that the design says; then one after the other goes to the stratum
   with the largest weight ÷ (2 × what it has + 1), of equals the first by label, until all are given. The weight is the stratum's units (proportional), 1 (equal), or its
   units times its standard deviation (Neyman). A stratum gets no more than it has.
3. Without clusters, in each stratum: sort its units by the digest of `seed|stratum|key`. The first are the sample, the next are the reserves.
4. Clusters by equal chance: sort the stratum's clusters by the digest of `seed|stratum|cluster|label` and take the first.
   By size: a cluster of size ≥ total ÷ m is taken for certain; repeat with what is left of the clusters, of the total and of m. Lay the others end to end in the order of
   their labels. With r the digest of `seed|stratum|start` ÷ 2^256, take the clusters in which the points (r + 0), (r + 1), … times total ÷ m lie (the beginning of a cluster is its own, the end
   is the next one's). The size of a cluster is the sum of the sizes of its units.
5. In each cluster, step 3 with its units alone.
6. Systematic instead of step 3: order the N units by key, r the digest of `seed|stratum|start` (in a cluster `seed|stratum|start|label`) ÷ 2^256, take those at the places ⌊(r + i) × N ÷ n⌋, counted
   from 0. Reserves are what is left, sorted as in step 3.

A reserve takes the place of a unit of its own group (stratum, or cluster) that cannot be examined, in the order drawn. It has the weight of the unit that it stands for; that those who cannot be
found are like those who can is then assumed, not known.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from bangfu.foundation.say import Text
from bangfu.supervision import problems

Ints = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]
Labels = npt.NDArray[np.str_]

PROPORTIONAL, EQUAL, NEYMAN, GIVEN = "proportional", "equal", "neyman", "given"
BY_SIZE, EQUAL_CHANCE = "pps", "equal"
RANDOM, SYSTEMATIC = "random", "systematic"
SPAN = 1 << 256  # digests lie below it
SHOWN = 5  # keys quoted in a problem


@dataclass(frozen=True, eq=False)
class Frame:
    """What a sample is drawn from, one row per unit, ordered by key whatever the order given. All of shape (units,).

    `strata` and `clusters` are labels (a cluster of two strata is two clusters), `sizes` whole numbers of 1 or more (None: each is 1).
    Raises Problem BF-2901 where a key comes twice, a size is below 1, a label cannot be written in a line, or there is no unit; ValueError where shapes do not fit.
    """

    keys: Ints
    strata: Labels
    clusters: Labels
    sizes: Ints

    def __init__(
        self,
        keys: Sequence[int] | Ints,
        strata: Sequence[str] | Labels | None = None,
        clusters: Sequence[str] | Labels | None = None,
        sizes: Sequence[int] | Ints | None = None,
    ) -> None:
        given = np.asarray(keys, np.int64)
        columns = {
            "strata": np.full(len(given), "") if strata is None else np.asarray(strata, np.str_),
            "clusters": np.full(len(given), "") if clusters is None else np.asarray(clusters, np.str_),
            "sizes": np.ones(len(given), np.int64) if sizes is None else np.asarray(sizes, np.int64),
        }
        if any(column.shape != given.shape for column in columns.values()):
            raise ValueError("strata, clusters and sizes have one entry per key")
        order = np.argsort(given, kind="stable")
        object.__setattr__(self, "keys", given[order])
        for name, column in columns.items():
            object.__setattr__(self, name, column[order])
        if why := self._wrong():
            raise problems.BAD_FRAME(why=why)

    def _wrong(self) -> Text | None:
        if not len(self.keys):
            return Text("没有单元", "it has no units")
        twice = np.unique(self.keys[1:][self.keys[1:] == self.keys[:-1]])
        if twice.size:
            said = ", ".join(map(str, twice[:SHOWN]))
            return Text(f"有 {twice.size} 个编号重复：{said}", f"keys come more than once ({twice.size}): {said}")
        if (small := self.keys[self.sizes < 1]).size:
            said = ", ".join(map(str, small[:SHOWN]))
            return Text(f"有 {small.size} 个单元的规模小于 1：{said}", f"sizes are below 1 ({small.size}): {said}")
        for label in (*np.unique(self.strata).tolist(), *np.unique(self.clusters).tolist()):
            if "|" in label or not (label.isprintable() or label == ""):
                return Text(
                    f"标签 {label!r} 含有“|”或不可打印的字符", f"the label {label!r} holds “|” or a character that is not printed"
                )
        return None

    def digest(self) -> str:
        """SHA-256 of the frame, in hexadecimal: two frames with the same digest are the same frame."""
        found = hashlib.sha256()
        rows = zip(self.keys.tolist(), self.strata.tolist(), self.clusters.tolist(), self.sizes.tolist(), strict=True)
        for row in rows:
            found.update(("|".join(map(str, row)) + "\n").encode())
        return found.hexdigest()


@dataclass(frozen=True, slots=True)
class Design:
    """How a sample is drawn. Without `clusters`: `units` in all, shared out to the strata. With `clusters`: so many clusters in all, `per_cluster` units in each (all of a smaller one).

    `allocation` shares out (proportional, equal, Neyman with the standard deviations `deviations` by stratum, or given: `sizes` by stratum, whose sum is the whole); `chance` of the clusters (by size, or equal); `order`
    of the units (random, or systematic from a random start); `least` for each stratum; `reserves` in each group drawn from (stratum, or cluster).
    """

    units: int | None = None
    clusters: int | None = None
    per_cluster: int | None = None
    allocation: str = PROPORTIONAL
    deviations: Mapping[str, float] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    chance: str = BY_SIZE
    order: str = RANDOM
    least: int = 1
    reserves: int = 0

    def as_json(self) -> dict[str, Any]:
        """The design as it is kept beside the sample."""
        return asdict(self) | {"deviations": dict(self.deviations), "sizes": dict(self.sizes)}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Design:
        """The design that was kept. Raises Problem BF-2902 for an entry that no design has."""
        if unknown := sorted(raw.keys() - {f.name for f in fields(cls)}):
            wanted = Text("没有这一项", "there is no such entry")
            raise problems.BAD_DESIGN(field=unknown[0], value=raw[unknown[0]], wanted=wanted)
        return cls(**raw)

    def check(self) -> None:
        """Raises Problem BF-2902, with the field and what is wanted, where the design cannot be drawn from any frame."""
        if (self.units is None) == (self.clusters is None):
            _refuse(_UNITS, self.units, Text("单元总数与群数须填一项且只填一项", "give either the units or the clusters"))
        if (self.clusters is None) != (self.per_cluster is None):
            _refuse(_PER, self.per_cluster, Text("与群数须同时填写", "it goes along with the clusters"))
        for name, value, least in (
            (_UNITS, self.units, 1), (_CLUSTERS, self.clusters, 1), (_PER, self.per_cluster, 1), (_LEAST, self.least, 0), (_RESERVES, self.reserves, 0),
        ):  # fmt: skip
            if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < least):
                _refuse(name, value, Text(f"须为不小于 {least} 的整数", f"it is a whole number of {least} or more"))
        for name, chosen, known in (
            (_ALLOCATION, self.allocation, (PROPORTIONAL, EQUAL, NEYMAN, GIVEN)), (_CHANCE, self.chance, (BY_SIZE, EQUAL_CHANCE)), (_ORDER, self.order, (RANDOM, SYSTEMATIC)),
        ):  # fmt: skip
            if chosen not in known:
                _refuse(name, chosen, Text(f"须为 {'、'.join(known)} 之一", f"it is one of {', '.join(known)}"))


_UNITS, _CLUSTERS, _PER = Text("单元总数", "units"), Text("群数", "clusters"), Text("每群单元数", "units per cluster")
_LEAST, _RESERVES = Text("每层至少", "least per stratum"), Text("备用单元数", "reserves")
_ALLOCATION, _CHANCE, _ORDER = (
    Text("分配方式", "allocation"),
    Text("群的机会", "chance of clusters"),
    Text("单元抽法", "order of units"),
)
_DEVIATIONS, _SIZES, _SEED = (
    Text("标准差", "standard deviations"),
    Text("各层单元数", "sizes of the strata"),
    Text("种子", "seed"),
)


def _refuse(name: Text, value: Any, wanted: Text) -> None:
    raise problems.BAD_DESIGN(field=name, value="–" if value is None else value, wanted=wanted)


@dataclass(frozen=True, eq=False)
class Sample:
    """Units in the order drawn, with the frame's digest, the design and the seed that redraw them. Arrays of shape (units,), those of reserves (reserves,).

    `stage1` the chance of the unit's cluster (1 without clusters), `inclusion` that of the unit, `weights` its inverse. `certain` clusters were taken for certain.
    """

    keys: Ints
    strata: Labels
    clusters: Labels
    stage1: Reals
    inclusion: Reals
    weights: Reals
    reserve_keys: Ints
    reserve_strata: Labels
    reserve_clusters: Labels
    frame_digest: str
    design: Design
    seed: str

    @property
    def certain(self) -> npt.NDArray[np.bool_]:
        """Which units lie in a cluster that was taken for certain. Shape (units,)."""
        return np.asarray((self.stage1 == 1) & (self.design.clusters is not None))

    def units_of_chance(self) -> tuple[Labels, Labels]:
        """The strata and clusters by which an interval counts: a cluster by chance is one unit of chance, in one taken for certain each of its units is, and the cluster a stratum.
        Without clusters each unit is one. Shapes (units,)."""
        alone = self.certain | (self.design.clusters is None)
        own = np.char.add("unit|", self.keys.astype(np.str_))
        whole = np.char.add(np.char.add(self.strata, "|"), self.clusters)
        strata = np.where(self.certain, whole, self.strata)
        return strata, np.where(alone, own, whole)

    def reserves_for(self, key: int) -> list[int]:
        """The reserves of a unit's group in the order in which they are used. Raises KeyError for a unit that is not in the sample."""
        at = np.flatnonzero(self.keys == key)
        if not at.size:
            raise KeyError(key)
        same = self.reserve_strata == self.strata[at[0]]
        if self.design.clusters is not None:
            same &= self.reserve_clusters == self.clusters[at[0]]
        return [int(k) for k in self.reserve_keys[same]]


def number_of(*parts: object) -> int:
    """SHA-256 of `a|b|c` as a whole number below 2^256: the only chance in a sample."""
    return int.from_bytes(hashlib.sha256("|".join(map(str, parts)).encode()).digest())


def draw(frame: Frame, design: Design, seed: str) -> Sample:
    """Draw a sample; the head of this file says how to do it by hand. `seed` is any text that nobody could choose, such as the numbers of a public lottery.

    Raises Problem BF-2902 where the seed is blank, the design does not fit the frame, or more is asked for than there is.
    """
    design.check()
    if not seed.strip() or not seed.isprintable():
        _refuse(_SEED, seed, Text("须填写可打印的文字", "it is a text that can be printed"))
    strata, stratum_of = np.unique(frame.strata, return_inverse=True)
    rows_of = [np.flatnonzero(stratum_of == s) for s in range(len(strata))]
    in_strata = _shared_out(frame, design, [str(s) for s in strata], rows_of)
    chosen, spare = [_NOBODY], [_NOBODY]
    stage1, stage2 = [np.empty(0)], [np.empty(0)]
    for stratum, rows, wanted in zip(strata.tolist(), rows_of, in_strata, strict=True):
        groups = [(rows, Fraction(1), wanted)]
        if design.per_cluster is not None:
            drawn = _clusters(frame, design, seed, stratum, rows, wanted)
            groups = [(members, chance, min(design.per_cluster, len(members))) for members, chance in drawn]
        for members, chance, n in groups:
            taken, left = _units(frame, design, seed, stratum, members, n)
            chosen.append(taken)
            spare.append(left)
            stage1.append(np.full(n, float(chance)))
            stage2.append(np.full(n, float(chance * n / len(members))))
    at, reserves, inclusion = np.concatenate(chosen), np.concatenate(spare), np.concatenate(stage2)
    return Sample(
        frame.keys[at], frame.strata[at], frame.clusters[at], np.concatenate(stage1), inclusion, 1 / inclusion,
        frame.keys[reserves], frame.strata[reserves], frame.clusters[reserves], frame.digest(), design, seed,
    )  # fmt: skip


_NOBODY = np.empty(0, np.int64)


def _shared_out(frame: Frame, design: Design, strata: list[str], rows_of: list[Ints]) -> list[int]:
    """How many units (with clusters: clusters) each stratum gives."""
    counts = [len(rows) for rows in rows_of]
    there = counts if design.clusters is None else [len(np.unique(frame.clusters[rows])) for rows in rows_of]
    name, total = (_UNITS, design.units) if design.clusters is None else (_CLUSTERS, design.clusters)
    assert total is not None
    if design.allocation == GIVEN:
        return _given(design, strata, there, total)
    if total > sum(there):
        _refuse(name, total, Text(f"抽样框中只有 {sum(there)} 个", f"the frame has {sum(there)}"))
    least = [min(design.least, n) for n in there]
    if total < sum(least):
        _refuse(
            name, total, Text(f"{len(strata)} 层至少共需 {sum(least)} 个", f"{len(strata)} strata need {sum(least)} at least")
        )
    weights = [Fraction(1 if design.allocation == EQUAL else n) for n in counts]
    if design.allocation == NEYMAN:
        for s, stratum in enumerate(strata):
            deviation = design.deviations.get(stratum)
            if deviation is None or not 0 <= deviation < float("inf"):
                _refuse(
                    _DEVIATIONS,
                    deviation,
                    Text(f"层“{stratum}”须有不小于 0 的标准差", f"stratum “{stratum}” needs one of nought or more"),
                )
            weights[s] *= Fraction(str(deviation))
    return share_out(total, weights, there, least)


def _given(design: Design, strata: list[str], there: list[int], total: int) -> list[int]:
    """The numbers that the design names. Raises BF-2902 where they are not those of the frame's strata, or not the whole."""
    if set(design.sizes) != set(strata) or sum(design.sizes.values()) != total:
        _refuse(
            _SIZES,
            ", ".join(sorted(design.sizes)),
            Text("须写明抽样框的每一层，合计等于总数", "it names every stratum of the frame, and the numbers make up the whole"),
        )
    for stratum, most in zip(strata, there, strict=True):
        wanted = design.sizes[stratum]
        if not isinstance(wanted, int) or isinstance(wanted, bool) or not 0 <= wanted <= most:
            _refuse(
                _SIZES,
                wanted,
                Text(f"层“{stratum}”须为 0 至 {most} 的整数", f"of stratum “{stratum}” it is a whole number from 0 to {most}"),
            )
    return [design.sizes[stratum] for stratum in strata]


def share_out(total: int, weights: Sequence[Fraction], most: Sequence[int], least: Sequence[int]) -> list[int]:
    """Share out whole things by weight, one after the other to whoever has the largest weight ÷ (2 × what it has + 1); of equals the first. `total` lies between the sums of
    `least` and `most`."""
    given = list(least)
    queue = [(-weights[i] / (2 * n + 1), i) for i, n in enumerate(given) if n < most[i]]
    heapq.heapify(queue)
    for _ in range(total - sum(given)):
        i = queue[0][1]
        given[i] += 1
        if given[i] < most[i]:
            heapq.heapreplace(queue, (-weights[i] / (2 * given[i] + 1), i))
        else:
            heapq.heappop(queue)
    return given


def _clusters(frame: Frame, design: Design, seed: str, stratum: str, rows: Ints, wanted: int) -> list[tuple[Ints, Fraction]]:
    """The rows of each cluster drawn in a stratum, with the cluster's chance, in the order drawn."""
    labels, cluster_of = np.unique(frame.clusters[rows], return_inverse=True)
    members = [rows[cluster_of == c] for c in range(len(labels))]
    if design.chance == EQUAL_CHANCE:
        order = sorted(range(len(labels)), key=lambda c: number_of(seed, stratum, "cluster", labels[c]))
        return [(members[c], Fraction(wanted, len(labels))) for c in order[:wanted]]
    sizes = [int(frame.sizes[of].sum()) for of in members]
    return [(members[c], chance) for c, chance in by_size(sizes, wanted, number_of(seed, stratum, "start"))]


def by_size(sizes: Sequence[int], wanted: int, start: int) -> list[tuple[int, Fraction]]:
    """Draw `wanted` of some clusters systematically with a chance proportional to size; `start` is a whole number below 2^256. Gives (number, chance): first those taken for certain,
    then the others in their order. Whole numbers throughout: no machine rounds differently."""
    certain: list[int] = []
    left, m = list(range(len(sizes))), wanted
    while m and (sure := [c for c in left if sizes[c] * m >= sum(sizes[i] for i in left)]):
        certain += sure[:m]
        m -= len(sure[:m])
        left = [c for c in left if c not in set(sure)]
    total = sum(sizes[c] for c in left)
    drawn = [(c, Fraction(1)) for c in certain]
    end, point = 0, 0
    for c in left:
        end += sizes[c]
        # The point (start / SPAN + point) × total / m lies before the cluster's end.
        if point < m and total * (start + point * SPAN) < end * m * SPAN:
            drawn.append((c, Fraction(m * sizes[c], total)))
            point += 1
    return drawn


def _units(frame: Frame, design: Design, seed: str, stratum: str, members: Ints, n: int) -> tuple[Ints, Ints]:
    """The rows drawn from a group, and its reserves."""
    keys = frame.keys[members].tolist()
    order = sorted(range(len(keys)), key=lambda i: number_of(seed, stratum, keys[i]))
    if design.order == SYSTEMATIC and n:
        where = () if design.clusters is None else (frame.clusters[members[0]],)
        start = number_of(seed, stratum, "start", *where)
        taken = [(start + i * SPAN) * len(keys) // (n * SPAN) for i in range(n)]
        inside = set(taken)
        order = taken + [i for i in order if i not in inside]
    ranked = members[np.asarray(order, np.int64)]
    return ranked[:n], ranked[n : n + design.reserves]
