"""The people of a synthetic county: invented, seeded, and exact in the figures that a facts file gives.

    villages = read_villages(DATA / "areas.csv")
    population = generate(villages, read_facts(DATA / "facts.csv"), seed=2020)
    population.table            # one row per person, one column per field of the register

Nothing here touches a database; what comes out is what a county would export.
"""

from __future__ import annotations

from bangfu.demo.population.build import Population, generate
from bangfu.demo.population.places import Group, Village, groups, read_villages
from bangfu.demo.population.setting import DATA, Setting, read_facts, read_setting

__all__ = [
    "DATA",
    "Group",
    "Population",
    "Setting",
    "Village",
    "generate",
    "groups",
    "read_facts",
    "read_setting",
    "read_villages",
]
