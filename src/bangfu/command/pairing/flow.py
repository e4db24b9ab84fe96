"""The flow: the cheapest plan over given pairs, by OR-Tools. What it says is not believed here but proven (`proof`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from bangfu.command.pairing.classes import Classes
from bangfu.command.pairing.model import Arcs, Stated, Wide


def cheapest(stated: Stated, arcs: Arcs, unserved: int) -> Wide:
    """The helper of each home, m for nobody: a cheapest plan over the arcs where an unserved home costs `unserved` units. Shape (n,)."""
    used = np.flatnonzero(flows(stated, arcs, unserved, np.ones(stated.n, np.int64)))
    plan = np.full(stated.n, stated.m, np.int64)
    plan[arcs.home[used]] = arcs.helper[used]
    return plan


def flows(stated: Stated, arcs: Arcs, unserved: int, supply: Wide) -> Wide:
    """The cheapest flow on each arc where a home stands for `supply` (n,) homes like it.

    Raises RuntimeError where the solver fails: every input has a plan, so that is a fault of ours or of the library.
    """
    n, m = stated.n, stated.m
    sink = n + m
    flow = SimpleMinCostFlow()
    real = arcs.helper < m
    chosen = flow.add_arcs_with_capacity_and_unit_cost(
        arcs.home,
        np.where(real, n + arcs.helper, sink),
        supply[arcs.home],
        np.where(real, arcs.cost, arcs.cost - stated.unserved + unserved),
    )
    helper, capacity, cost = _steps(stated)
    flow.add_arcs_with_capacity_and_unit_cost(n + helper, np.full(len(helper), sink), capacity, cost)
    flow.set_nodes_supplies(np.arange(n), supply)
    flow.set_node_supply(sink, -int(supply.sum()))
    if (status := flow.solve()) != flow.OPTIMAL:
        raise RuntimeError(f"the flow was not solved: {status}")
    return np.asarray(flow.flows(chosen), np.int64)


def _steps(stated: Stated) -> tuple[Wide, Wide, Wide]:
    """Arcs from helpers to the sink: one up to the target, one for each home above it. (helper, capacity, cost)."""
    helpers = np.arange(stated.m)
    above = stated.ceiling - stated.target
    extra = np.repeat(helpers, above)
    nth = np.arange(len(extra)) - np.repeat(np.cumsum(above) - above, above) + 1
    return (
        np.concatenate([helpers, extra]),
        np.concatenate([stated.target, np.ones(len(extra), np.int64)]),
        np.concatenate([np.zeros(stated.m, np.int64), nth * stated.weights.above_target]),
    )


@dataclass(frozen=True, slots=True)
class ClassFlow:
    """Homes that go from class to kind on each arc, and those that keep their helpers on each standing arc."""

    through: Wide
    kept: Wide


def cheapest_of_classes(classes: Classes, arcs: Arcs, unserved: int) -> ClassFlow:
    """A cheapest flow from classes to kinds over the arcs (`arcs.helper` a kind), where an unserved home costs `unserved` units.

    Raises RuntimeError where the solver fails.
    """
    model, standing = classes.model, classes.standing
    h, k, m = model.n, model.m, classes.stated.m
    # Nodes: classes, kinds, helpers who stand alone, the sink.
    alone = np.flatnonzero(classes.alone)
    node = h + classes.kind
    node[alone] = h + k + np.arange(len(alone))
    sink = h + k + len(alone)
    flow = SimpleMinCostFlow()
    real = arcs.helper < k
    through = flow.add_arcs_with_capacity_and_unit_cost(
        arcs.home,
        np.where(real, h + arcs.helper, sink),
        classes.supply[arcs.home],
        np.where(real, arcs.cost, arcs.cost - model.unserved + unserved),
    )
    kept = flow.add_arcs_with_capacity_and_unit_cost(standing.home, node[standing.helper], standing.count, standing.cost)
    most = np.minimum(classes.stated.ceiling, classes.stated.n)
    flow.add_arcs_with_capacity_and_unit_cost(h + classes.kind[alone], node[alone], most[alone], np.zeros(len(alone), np.int64))
    # Places of equal step of the helpers behind one node are one arc.
    target = np.minimum(classes.stated.target, most)
    above = most - target
    helper = np.concatenate([np.arange(m), np.repeat(np.arange(m), above)])
    nth = np.concatenate([np.zeros(m, np.int64), np.arange(int(above.sum())) - np.repeat(np.cumsum(above) - above, above) + 1])
    room = np.concatenate([target, np.ones(int(above.sum()), np.int64)])
    step, which = np.unique(nth * sink + node[helper], return_inverse=True)
    flow.add_arcs_with_capacity_and_unit_cost(
        step % sink,
        np.full(len(step), sink),
        np.bincount(which, room, minlength=len(step)).astype(np.int64),
        step // sink * model.weights.above_target,
    )
    flow.set_nodes_supplies(np.arange(h), classes.supply)
    flow.set_node_supply(sink, -int(classes.supply.sum()))
    if (status := flow.solve()) != flow.OPTIMAL:
        raise RuntimeError(f"the flow was not solved: {status}")
    return ClassFlow(np.asarray(flow.flows(through), np.int64), np.asarray(flow.flows(kept), np.int64))
