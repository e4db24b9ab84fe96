"""What offices do by hand: one household after the other gets the nearest helper who still has room. The baseline of the bench."""

from __future__ import annotations

import numpy as np

from bangfu.command.pairing.model import NEVER, Stated, Wide


def greedy(stated: Stated) -> Wide:
    """The plan by hand: standing pairs are left while there is room, then home after home, by key, takes the cheapest allowed helper. Shape (n,), m for nobody.

    Room up to the target comes first, then up to the ceiling.
    """
    m = stated.m
    plan = np.full(stated.n, m, np.int64)
    load = np.zeros(m, np.int64)
    order = np.argsort(stated.keys, kind="stable")
    for home in order:
        helper = int(stated.stands[home])
        if helper >= 0 and load[helper] < stated.ceiling[helper]:
            plan[home] = helper
            load[helper] += 1
    everyone = np.arange(m)
    for home in order:
        if plan[home] < m:
            continue
        cost = stated.block(int(home), int(home) + 1, everyone)[0]
        for room in (stated.target, stated.ceiling):
            rated = np.where(load < room, cost, NEVER)
            helper = int(np.argmin(rated)) if m else 0
            if m and rated[helper] < NEVER:
                plan[home] = helper
                load[helper] += 1
                break
    return plan
