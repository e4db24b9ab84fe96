"""Who examines whom: never somebody with a tie to the examined, and the work spread evenly. Pure.

Ties are five: of the same unit as a helper of the examined; of a unit attached to the village; a helper of the household; kin of somebody examined; at home in the same township (where that is asked).
Among examiners without a tie the work is spread as evenly as can be (the sum of the squares of loads is least), and of all such plans the way is least. Both are one cheapest flow, proven by
OR-Tools. With equal input, the plan is the same whatever the order in which examiners and examined are given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from bangfu.foundation.say import Text, listed


class Tie(StrEnum):
    """Why somebody may not examine."""

    SAME_UNIT = "same_unit"
    ATTACHED = "attached"
    HELPER = "helper"
    KIN = "kin"
    OWN_TOWNSHIP = "own_township"


TIES = {
    Tie.SAME_UNIT: Text("与帮扶责任人同一单位", "of the unit of a helper"),
    Tie.ATTACHED: Text("所在单位包保本村", "of a unit attached to the village"),
    Tie.HELPER: Text("是本户帮扶责任人", "a helper of the household"),
    Tie.KIN: Text("有亲属关系", "kin"),
    Tie.OWN_TOWNSHIP: Text("家在本乡镇", "at home in the township"),
}


@dataclass(frozen=True, slots=True)
class Examiner:
    """Somebody who may examine: the units and the paths of the home areas, and how much they take at most (None: no limit)."""

    key: str
    units: frozenset[str] = frozenset()
    homes: frozenset[str] = frozenset()
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """A village or household to examine: its township's path, units attached to its village, its helpers and their units, and the people of it to whom nobody who examines may be kin."""

    key: str
    township: str
    attached_units: frozenset[str] = frozenset()
    helpers: frozenset[str] = frozenset()
    helper_units: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who examines what. `examiners` by examined (fewer than asked, or none, where `refused` says why); `loads` by examiner; `way` the sum of ways."""

    examiners: Mapping[str, tuple[str, ...]]
    refused: Mapping[str, Text]
    loads: Mapping[str, int]
    way: int = field(default=0)


def tie(
    examiner: Examiner, examined: Examined, kin: frozenset[tuple[str, str]] = frozenset(), *, own_township: bool = False
) -> Tie | None:
    """The first tie that forbids it, None where there is none. `kin` are pairs (examiner, person); helpers count among the people examined."""
    if examiner.key in examined.helpers:
        return Tie.HELPER
    if any((examiner.key, person) in kin for person in examined.people | examined.helpers):
        return Tie.KIN
    if examiner.units & examined.helper_units:
        return Tie.SAME_UNIT
    if examiner.units & examined.attached_units:
        return Tie.ATTACHED
    if own_township and any(home.startswith(examined.township) for home in examiner.homes):
        return Tie.OWN_TOWNSHIP
    return None


def assign_examiners(
    examiners: Sequence[Examiner],
    examined: Sequence[Examined],
    *,
    kin: frozenset[tuple[str, str]] = frozenset(),
    own_township: bool = False,
    hands: int = 1,
    ways: Mapping[tuple[str, str], int] | None = None,
) -> Assignment:
    """Give each examined `hands` different examiners without a tie, as many as can be. `ways` (examiner, examined) is what going there costs, such as metres; 0 where not given.

    Raises ValueError where a key comes twice, `hands` is below 1 or a way below 0; RuntimeError where the solver fails.
    """
    people, places = sorted(examiners, key=lambda e: e.key), sorted(examined, key=lambda e: e.key)
    _check(people, places, hands)
    ties = [[tie(who, what, kin, own_township=own_township) for who in people] for what in places]
    pairs = [(p, w) for p, row in enumerate(ties) for w, found in enumerate(row) if found is None]
    cost = [0 if ways is None else ways.get((people[w].key, places[p].key), 0) for p, w in pairs]
    if min(cost, default=0) < 0:
        raise ValueError("a way is not below 0")
    flows = _flow(len(places), [_room(who, len(places)) for who in people], pairs, cost, hands)
    chosen: dict[str, list[str]] = {what.key: [] for what in places}
    for p, w in (pair for pair, used in zip(pairs, flows, strict=True) if used):
        chosen[places[p].key].append(people[w].key)
    refused = {
        what.key: _refusal(row, hands, len(chosen[what.key]))
        for what, row in zip(places, ties, strict=True)
        if len(chosen[what.key]) < hands
    }
    loads = Counter(key for keys in chosen.values() for key in keys)
    return Assignment(
        {key: tuple(keys) for key, keys in chosen.items()},
        refused,
        {who.key: loads[who.key] for who in people},
        sum(c for c, used in zip(cost, flows, strict=True) if used),
    )


def _check(people: Sequence[Examiner], places: Sequence[Examined], hands: int) -> None:
    for keys in ([who.key for who in people], [what.key for what in places]):
        if len(set(keys)) < len(keys):
            raise ValueError("a key comes twice")
    if hands < 1:
        raise ValueError("at least one examines")


def _room(who: Examiner, places: int) -> int:
    return places if who.most is None else max(0, min(who.most, places))


def _flow(places: int, rooms: Sequence[int], pairs: Sequence[tuple[int, int]], cost: Sequence[int], hands: int) -> list[int]:
    """Whether each pair is used. The n-th place of an examiner costs 2n − 1 steps, so that the sum of squares is least; a step outweighs all ways, and a place left out outweighs all steps."""
    if not pairs:
        return []
    sink = places + len(rooms)
    step = max(1, hands * places * max(cost) + 1)
    able = Counter(w for _, w in pairs)
    served = [min(room, able[who]) for who, room in enumerate(rooms)]
    left_out = step * (2 * max(served) + 1) * 2
    flow = SimpleMinCostFlow()
    pair = np.asarray(pairs, np.int64)
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        pair[:, 0], places + pair[:, 1], np.ones(len(pair), np.int64), np.asarray(cost, np.int64)
    )
    who = np.repeat(np.arange(len(rooms)), served)
    nth = np.concatenate([np.arange(1, room + 1) for room in served])
    flow.add_arcs_with_capacity_and_unit_cost(
        places + who, np.full(len(who), sink), np.ones(len(who), np.int64), step * (2 * nth - 1)
    )
    every = np.arange(places)
    flow.add_arcs_with_capacity_and_unit_cost(every, np.full(places, sink), np.full(places, hands), np.full(places, left_out))
    flow.set_nodes_supplies(every, np.full(places, hands))
    flow.set_node_supply(sink, -hands * places)
    if (status := flow.solve()) != flow.OPTIMAL:
        raise RuntimeError(f"the flow was not solved: {status}")
    return [int(used) for used in flow.flows(arcs)]


def _refusal(row: Sequence[Tie | None], hands: int, given: int) -> Text:
    """Why a place has fewer examiners than asked for."""
    why = Counter(found for found in row if found is not None)
    told = listed(Text(f"{n} 人{TIES[t].zh}", f"{n} {TIES[t].en}") for t in Tie if (n := why[t]))
    free = sum(found is None for found in row)
    said = {"hands": hands, "given": given, "free": free, "all": len(row), "told": told}
    if not row:
        return Text("没有检查人员", "there are no examiners")
    if free < hands:
        return _NOBODY_FREE.format(**said) if not free else _TOO_FEW_FREE.format(**said)
    return _FULL.format(**said)


_NOBODY_FREE = Text("{all} 名检查人员都须回避：{told}", "none of the {all} examiner(s) is free of ties: {told}")
_TOO_FEW_FREE = Text(
    "须 {hands} 人，{all} 名检查人员中只有 {free} 人不须回避，派出 {given} 人：{told}",
    "{hands} are needed, only {free} of {all} examiner(s) are free of ties, {given} are sent: {told}",
)
_FULL = Text(
    "不须回避的 {free} 名检查人员任务已满，须 {hands} 人，派出 {given} 人",
    "the {free} examiner(s) free of ties have all that they can take: {hands} are needed, {given} are sent",
)
