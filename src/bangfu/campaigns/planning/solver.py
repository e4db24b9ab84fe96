"""The tours of a small team by PyVRP, where it is installed (extra `routes`). Pure; by number of iterations and seed, so that the same input gives the same tours.

A county's team has too many homes for it, and the own search comes within a few hundredths of the bound there; a hamlet or two are worth the second.
"""

from __future__ import annotations

import logging
from importlib import import_module

import numpy as np

from bangfu.campaigns.planning.model import Bools, Campaign, Wide

MOST_HOMES = 200
ITERATIONS = 600
SEED = 1
UNITS = 1_000  # of a minute: it counts in whole numbers


def solved(campaign: Campaign, team: int, homes: Wide, usable: Bools, parties: int) -> list[Wide] | None:
    """The homes (k,) of a team as tours; None where PyVRP is not installed, there are too many or too few homes, their villages differ in open days, or it
    finds nothing that fits. At most `parties` tours. Ways and visits are rounded up, so that a tour that fits here fits."""
    same_days = (usable[np.unique(campaign.homes.village[homes])] == usable[campaign.homes.village[homes[0]]]).all()
    if not 2 < len(homes) <= MOST_HOMES or not same_days:
        return None
    try:
        pyvrp, stop = import_module("pyvrp"), import_module("pyvrp.stop")
    except ImportError:
        return None
    logging.getLogger("pyvrp").setLevel(logging.WARNING)
    xy, village = campaign.homes.xy[homes], campaign.homes.village[homes]
    ways = np.zeros((len(homes) + 1, len(homes) + 1))
    ways[1:, 1:] = campaign.pace.ways(np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)), village[:, None] == village[None])
    ways[0, 1:] = ways[1:, 0] = campaign.out(team, homes)
    whole = np.ceil(ways * UNITS).astype(np.int64)
    np.fill_diagonal(whole, 0)
    service = np.ceil(campaign.homes.minutes[homes].astype(float) * UNITS).astype(np.int64)
    base = campaign.teams.base[team]
    data = pyvrp.ProblemData(
        [pyvrp.Location(*point) for point in (base.tolist(), *xy.tolist())],
        [pyvrp.Client(k + 1, service_duration=int(minutes)) for k, minutes in enumerate(service)],
        [pyvrp.Depot(0)],
        [pyvrp.VehicleType(parties, shift_duration=int(campaign.teams.minutes[team] * UNITS) - 1)],
        [whole],
        [whole],
    )
    found = pyvrp.solve(data, stop.MaxIterations(ITERATIONS), seed=SEED, collect_stats=False)
    if not found.is_feasible():
        return None
    return [homes[[visit.idx for visit in route if visit.is_client()]] for route in found.best.routes()]
