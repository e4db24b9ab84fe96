"""Villages of a county, their invented groups and grids, and how households spread over them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bangfu.demo.population.setting import DATA, Setting, read_setting

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SHORT = (("村民委员会", ""), ("社区居民委员会", "社区"), ("居民委员会", "社区"))


class Village(NamedTuple):
    """A village-level unit as the generator takes it; `kind` is `community` or `village`."""

    code: str
    name: str
    township_code: str
    township_name: str
    kind: str


class Group(NamedTuple):
    """An invented group (村民小组) of a village and the grid (网格) that it lies in; numbers run from 1 within the village."""

    village_code: str
    number: int
    name: str
    grid_number: int
    grid_name: str


@dataclass(frozen=True, slots=True)
class Spread:
    """Where households live. Shapes: all (households,), sorted by village and then by group."""

    village: Ints
    group: Ints
    registered: NDArray[np.bool_]


def read_villages(path: Path | None = None) -> list[Village]:
    """Village-level units of an areas file (`code,name,level,parent`), in the order of their codes.

    Names are shortened to what people write (`桑木村村民委员会` → `桑木村`). A unit whose own part of the code is below 200 is a
    community; where codes are not statistical ones, every unit is a village.
    """
    with (path or DATA / "areas.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = {row["code"]: row["name"] for row in rows}
    found = [row for row in rows if row["level"] in ("village", "hamlet")]
    return [
        Village(
            row["code"],
            _short(row["name"]),
            row["parent"],
            names[row["parent"]],
            "community" if _is_community(row["code"]) else "village",
        )
        for row in sorted(found, key=lambda row: row["code"])
    ]


def groups(villages: Sequence[Village], seed: int = 2020, setting: Setting | None = None) -> list[Group]:
    """Five to fourteen groups for each village, in the order of the villages; names are unique within a village.

    Each village draws from its own stream, so that its groups do not change when another village is added. In a county without
    groups every village is one group without a name.
    """
    words = (setting or read_setting()).get("groups")
    if words is None:
        return [Group(village.code, 1, "", 1, "") for village in villages]
    made: list[Group] = []
    for village in villages:
        rng = np.random.default_rng([seed, 7, *village.code.encode()])
        count = int(rng.integers(5, 15))
        if rng.random() < words["numbered"]:
            names = [words["number"].format(number=_numeral(n, words["numerals"])) for n in range(1, count + 1)]
        else:
            pairs = len(words["first"]) * len(words["second"])
            names = [
                words["hamlet"].format(
                    first=words["first"][p // len(words["second"])], second=words["second"][p % len(words["second"])]
                )
                for p in rng.permutation(pairs)
            ]
            names = list(dict.fromkeys(names))[:count]
        per_grid = int(rng.integers(2, 4))
        for number, name in enumerate(names, 1):
            grid = (number - 1) // per_grid + 1
            made.append(Group(village.code, number, name, grid, words["grid"].format(number=_numeral(grid, words["numerals"]))))
    return made


def poor_villages(villages: Sequence[Village], count: int, seed: int, setting: Setting) -> NDArray[np.bool_]:
    """A synthetic choice of poor villages: remote villages are likelier, communities are taken last. Shape (villages,)."""
    rng = np.random.default_rng([seed, 11])
    remote = np.array([setting.township(v.township_code)["remote"] for v in villages])
    community = np.array([v.kind == "community" for v in villages])
    # Efraimidis–Spirakis: keys u^(1/w) taken from the top are a weighted sample without replacement.
    keys = rng.random(len(villages)) ** (1 / np.maximum(remote, 0.05) ** 1.6) - 2.0 * community
    chosen = np.zeros(len(villages), bool)
    chosen[np.argsort(-keys, kind="stable")[: min(count, len(villages))]] = True
    return chosen


def largest_remainder(weights: Floats, total: int, least: int = 0) -> Ints:
    """Whole numbers in proportion to `weights` whose sum is exactly `total`, each at least `least` where `total` allows."""
    count = len(weights)
    least = least if total >= least * count else 0
    exact = weights / weights.sum() * (total - least * count)
    whole = np.floor(exact).astype(np.int64)
    missing = total - least * count - int(whole.sum())
    whole[np.argsort(-(exact - whole), kind="stable")[:missing]] += 1
    parts: Ints = whole + least
    return parts


def spread(
    villages: Sequence[Village],
    group_counts: Ints,
    poor: NDArray[np.bool_],
    ordinary: int,
    registered: int,
    seed: int,
    setting: Setting,
) -> Spread:
    """Place so many ordinary and registered households; every village gets one household where there are enough.

    Registered households concentrate in the poor villages. Raises ValueError where there is no village.
    """
    if not villages:
        raise ValueError("no villages")
    rng = np.random.default_rng([seed, 13])
    townships = [setting.township(v.township_code) for v in villages]
    size = np.array([t["size"] for t in townships])
    remote = np.array([t["remote"] for t in townships])
    community = np.array([v.kind == "community" for v in villages])
    weight = (
        size * np.where(community, 1.0 + 0.9 * np.clip(size - 0.9, 0, None) / 0.45, 1.0) * rng.lognormal(0, 0.22, len(villages))
    )
    all_counts = largest_remainder(weight, ordinary + registered, least=1)
    wanted = all_counts * np.where(poor, 4.2, 1.0) * (0.25 + remote) * rng.lognormal(0, 0.3, len(villages))
    listed = _within(wanted, all_counts, registered)
    village = np.repeat(np.arange(len(villages)), all_counts)
    order = np.arange(len(village)) - np.repeat(np.cumsum(all_counts) - all_counts, all_counts)
    # Within a village registered households fall on random places among its groups.
    shuffled = np.lexsort((rng.random(len(village)), village))
    registered_here = np.zeros(len(village), bool)
    registered_here[shuffled] = order < np.repeat(listed, all_counts)
    group = np.floor(rng.beta(1.0, 1.15, len(village)) * group_counts[village]).astype(np.int64)
    by_group = np.lexsort((group, village))
    return Spread(village[by_group], group[by_group], registered_here[by_group])


def _within(weights: Floats, limits: Ints, total: int) -> Ints:
    """Largest remainder with an upper limit per part: what does not fit is shared out among the others."""
    if total > limits.sum():
        raise ValueError(f"{total} registered households do not fit into {limits.sum()} households")
    parts = np.zeros(len(weights), np.int64)
    soft = np.maximum((limits * 0.6).astype(np.int64), 1)  # no village consists of registered households only
    soft = soft if soft.sum() >= total else limits
    while (missing := total - int(parts.sum())) > 0:
        room = soft - parts
        share = largest_remainder(np.where(room > 0, weights, 0.0), missing)
        parts += np.minimum(share, room)
    return parts


def _short(name: str) -> str:
    for ending, short in _SHORT:
        if name.endswith(ending):
            return name.removesuffix(ending) + short
    return name


def _is_community(code: str) -> bool:
    return len(code) == 12 and code.isdigit() and code[9] in "01"


def _numeral(number: int, numerals: str | None) -> str:
    """A number as it is written in names: Chinese numerals up to 99 where the setting gives them, else digits."""
    if not numerals:
        return str(number)
    tens, ones = divmod(number, 10)
    return (numerals[tens] if tens > 1 else "") + (numerals[10] if tens else "") + (numerals[ones] if ones or not tens else "")
