"""What is known of each household: registration, land, house, water, living conditions, income.

Ordinary households are assessed only where something gave a reason, so most of them have no appraisal of the house, no
measured water and no income sheet: those cells are blank, as they are in a county's own workbooks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bangfu.demo.population.draws import (
    BLANK,
    Bools,
    Floats,
    Ints,
    Rng,
    choose,
    coded,
    day_number,
    days,
    exactly,
    flags,
    tenths,
    whole,
    yuan,
)
from bangfu.demo.population.people import LABOURS, People
from bangfu.demo.population.setting import Setting

CAUSES = (
    "illness", "disability", "schooling", "disaster", "marriage", "funeral", "no_land", "no_water", "no_skill", "no_labour",
    "no_capital", "poor_roads", "low_drive", "other",
)  # fmt: skip
ATTRIBUTES = ("general", "minimum_allowance", "extreme_poverty")
MONITORING = ("unstable_exit", "edge")
GRADES = ("A", "B", "C", "D")
REPAIRS = ("none", "under_way", "completed", "accepted")


@dataclass(slots=True)
class Homes:
    """The households being described. Shapes: all (households,) unless said.

    `attribute` indexes ATTRIBUTES, `monitoring` MONITORING (BLANK for neither); `village` is the place in the list of
    villages; `mountain` and `remote` are those of the township, `supplied` the village's share of households with central
    water; `members` is the number of persons.
    """

    village: Ints
    members: Ints
    registered: Bools
    attribute: Ints
    monitoring: Ints
    relocated: Bools
    absent: Bools
    poor_village: Bools
    community: Bools
    mountain: Floats
    remote: Floats
    supplied: Floats
    columns: dict[str, Any] = field(default_factory=dict)

    @property
    def edge(self) -> Bools:
        """Households on the edge of poverty: monitored, never registered."""
        on_edge: Bools = self.monitoring == MONITORING.index("edge")
        return on_edge


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many households the county has of a kind (see the setting file)."""

    repaired: int
    unsafe: int
    failing_water: int
    below_line: int
    line: int


def describe(rng: Rng, setting: Setting, homes: Homes, people: People, wanted: Wanted) -> None:
    """Fill every household column of `homes` from what its members are and do."""
    sums = _Sums(people, len(homes.village))
    _registration(rng, setting, homes, sums)
    _relocation(rng, homes)
    land = _land(rng, homes)
    _house(rng, setting, homes, wanted)
    _water(rng, homes, wanted)
    _living(rng, homes)
    _income(rng, setting, homes, people, sums, land, wanted)
    _means(rng, homes)
    _monitoring(rng, setting, homes, sums)


class _Sums:
    """Counts of members per household. Shapes (households,)."""

    def __init__(self, people: People, households: int) -> None:
        def count(who: NDArray[Any]) -> Ints:
            return np.bincount(people.household[who], minlength=households)

        works = people.work_place >= 0
        self.workers = count(works)
        self.far_workers = count(works & (people.work_place >= 2))
        self.ill = count(people.ill)
        self.disabled = count(people.disabled)
        self.students = count(people.student)
        self.able = count(people.labour <= LABOURS.index("skilled"))
        self.half = count(people.labour == LABOURS.index("weak"))
        self.elders = count(people.age >= 60)


def _registration(rng: Rng, setting: Setting, homes: Homes, sums: _Sums) -> None:
    n, listed = len(homes.village), homes.registered
    columns = homes.columns
    columns["household_kind"] = coded(np.select([listed, homes.edge], [1, 2], 0), ("ordinary", "registered", "monitored"))
    columns["monitoring_kind"] = coded(homes.monitoring, MONITORING)
    year = 2014 + choose(rng, n, [0.72, 0.08, 0.06, 0.10, 0.03, 0.01])
    exit_year = np.minimum(np.maximum(2014 + choose(rng, n, [0.13, 0.14, 0.15, 0.19, 0.22, 0.17]), year + (year > 2014)), 2019)
    month = np.where(year == 2014, 5, 1 + choose(rng, n, [1] * 12))
    columns["first_identified"] = whole(year * 100 + month, listed)
    columns["standard"] = coded(np.where(listed, choose(rng, n, [0.985, 0.015]), BLANK), ("national", "provincial"))
    columns["poverty_attribute"] = coded(np.where(listed, homes.attribute, BLANK), ATTRIBUTES)
    columns["exit_year"] = whole(exit_year, listed)
    columns["exit_state"] = coded(
        np.where(listed, (exit_year < setting.data_date.year).astype(int), BLANK), ("newly_exited", "earlier_exited")
    )
    main, other = _causes(rng, homes, sums)
    columns["main_cause"] = coded(np.where(listed, main, BLANK), CAUSES)
    columns["other_causes"] = coded(np.where(listed & (other != main) & (rng.random(n) < 0.55), other, BLANK), CAUSES)
    for key, share in (("martyr_family", 0.006), ("only_child_family", 0.02), ("two_daughters_family", 0.012)):
        columns[key] = flags(rng.random(n) < share, listed)
    for key, share in (("coop_member", 0.58), ("leading_firm", 0.36), ("lead_farmer", 0.30)):
        columns[key] = flags(rng.random(n) < share, listed)
    helped = choose(rng, n, [0.46, 0.24, 0.05, 0.02, 0.01, 0.20, 0.02])
    columns["industry_help"] = coded(
        np.where(listed, helped, BLANK), ("planting", "breeding", "processing", "trade", "tourism", "asset_return", "other")
    )


def _causes(rng: Rng, homes: Homes, sums: _Sums) -> tuple[Ints, Ints]:
    """Main and further cause, each one that the household's members bear out."""
    n = len(homes.village)
    plain = np.array([0, 0, 0, 4, 1, 0.5, 3, 1, 30, 0, 26, 6, 7, 1.5])
    weights = np.tile(plain, (n, 1))
    weights[:, CAUSES.index("illness")] = np.where(sums.ill > 0, 60, 0)
    weights[:, CAUSES.index("disability")] = np.where(sums.disabled > 0, 55, 0)
    weights[:, CAUSES.index("schooling")] = np.where(sums.students > 0, 22, 0)
    weights[:, CAUSES.index("no_labour")] = np.where(sums.able == 0, 70, np.where(sums.able == 1, 12, 0))
    steps = np.cumsum(weights, axis=1)
    steps /= steps[:, -1:]
    main = (rng.random((n, 1)) > steps).sum(axis=1)
    other = (rng.random((n, 1)) > steps).sum(axis=1)
    return main, other


def _relocation(rng: Rng, homes: Homes) -> None:
    n, moved = len(homes.village), homes.relocated
    columns = homes.columns
    columns["relocated"] = flags(moved, homes.registered)
    columns["relocation_mode"] = coded(
        np.where(moved, choose(rng, n, [0.02, 0.55, 0.43]), BLANK), ("administrative_village", "natural_village", "individual")
    )
    columns["resettlement"] = coded(np.where(moved, choose(rng, n, [0.97, 0.03]), BLANK), ("concentrated", "scattered"))
    columns["resettlement_place"] = coded(
        np.where(moved, choose(rng, n, [0.62, 0.33, 0.01, 0.03, 0.01]), BLANK),
        ("county_seat", "township", "other_county", "other_village", "same_village"),
    )
    columns["old_house_removed"] = flags(rng.random(n) < 0.985, moved)
    first, last = day_number(date(2016, 10, 1)), day_number(date(2019, 6, 30))
    columns["moved_in_on"] = days(first + (rng.random(n) * (last - first)).astype(np.int64), moved)


@dataclass(slots=True)
class _Land:
    arable: Floats
    forest: Floats
    returned: Floats


def _land(rng: Rng, homes: Homes) -> _Land:
    n = len(homes.village)
    town = np.where(homes.community, 0.55, 1.0)
    arable = np.round(homes.members**0.6 * rng.gamma(4.0, 0.55, n) * town, 1)
    arable[rng.random(n) < 0.02] = 0.0
    irrigated = np.round(arable * np.clip(rng.beta(2, 3, n) * 1.5 - 0.3 * (homes.mountain - 0.6), 0, 1), 1)
    forest = np.round(homes.members**0.5 * rng.gamma(2.0, 1.6, n) * homes.mountain * town, 1)
    returned = np.where(rng.random(n) < 0.28 * homes.mountain, np.round(forest * rng.uniform(0.1, 0.6, n), 1), 0.0)
    orchard = np.where(rng.random(n) < 0.16, np.round(rng.gamma(2, 0.7, n), 1), 0.0)
    water = np.where(rng.random(n) < 0.02, np.round(rng.gamma(1.5, 0.5, n), 1), 0.0)
    for key, values in (
        ("arable", arable),
        ("irrigated", irrigated),
        ("forest", forest),
        ("returned_forest", returned),
        ("orchard", orchard),
    ):
        homes.columns[f"{key}_mu"] = tenths(values)
    homes.columns["pasture_mu"] = tenths(
        np.where(rng.random(n) < 0.05 * homes.mountain, rng.gamma(2, 1.0, n), 0.0), homes.registered
    )
    homes.columns["water_surface_mu"] = tenths(water)
    return _Land(arable, forest, returned)


def _house(rng: Rng, setting: Setting, homes: Homes, wanted: Wanted) -> None:
    n, day = len(homes.village), setting.data_date
    weak = (
        np.where(homes.registered, 5.0, 1.0)
        * np.where(homes.edge, 2.0, 1.0)
        * (0.4 + homes.remote)
        * np.where(homes.community, 0.35, 1.0)
    )
    candidates = ~homes.relocated & ~homes.absent
    repaired = exactly(rng, candidates, wanted.repaired, weak)
    unsafe = exactly(rng, candidates & ~repaired, wanted.unsafe, weak)
    grade = choose(rng, n, [0.58, 0.42])
    dangerous = 2 + choose(rng, n, [0.68, 0.32])
    grade = np.where(repaired | unsafe, dangerous, np.where(homes.relocated, 0, grade))
    # Ordinary households are appraised when a clue asks for it; somebody who was repaired has been appraised.
    appraised = homes.registered | homes.edge | repaired | unsafe | (rng.random(n) < 0.22)
    repair = np.select([repaired, unsafe], [np.where(rng.random(n) < 0.995, 3, 2), choose(rng, n, [0.45, 0.55])], 0)
    tenure = choose(rng, n, [0.972, 0.012, 0.016])
    tenure[repaired | unsafe] = 0
    tenure[homes.relocated] = 3
    built = np.where(
        repaired & (dangerous == 3), 2012 + choose(rng, n, [1] * 8), 1978 + (rng.beta(3.2, 1.9, n) * 41).astype(np.int64)
    )
    built[homes.relocated] = 2016 + choose(rng, n, [3, 5, 2])[homes.relocated]
    structure = np.select(
        [homes.relocated, dangerous * unsafe == 3, built >= 2005, built >= 1990],
        [0, choose(rng, n, [0, 0, 0.4, 0.6]), choose(rng, n, [0.12, 0.80, 0.08]), choose(rng, n, [0.03, 0.55, 0.37, 0.05])],
        choose(rng, n, [0.0, 0.18, 0.50, 0.32]),
    )
    area = np.where(homes.relocated, homes.members * 20.0, np.round(38 + homes.members * 16 * rng.lognormal(0, 0.28, n)))
    shown = day_number(day) - 40 - (rng.random(n) * 420).astype(np.int64)
    columns = homes.columns
    columns["house_tenure"] = coded(tenure, ("own", "safe_rented", "relatives", "relocation_flat"))
    columns["house_area_m2"] = tenths(area)
    columns["house_structure"] = coded(structure, ("reinforced_concrete", "brick_concrete", "brick_timber", "earth_timber"))
    columns["house_built_year"] = whole(built)
    columns["house_grade"] = coded(np.where(appraised, grade, BLANK), GRADES)
    columns["house_appraised_on"] = days(shown, appraised)
    columns["house_repair"] = coded(np.where(appraised, repair, BLANK), REPAIRS)


def _water(rng: Rng, homes: Homes, wanted: Wanted) -> None:
    n = len(homes.village)
    central = rng.random(n) < homes.supplied
    central |= homes.relocated
    piped = np.where(central, rng.random(n) < 0.985, rng.random(n) < 0.72) | homes.relocated
    source = np.where(central, choose(rng, n, [0.93, 0.07]), choose(rng, n, [0.0, 0.93, 0.0, 0.0, 0.05, 0.0, 0.02]))
    litres = np.round(np.clip(rng.normal(np.where(piped, 68, 47), 13), 36, 130))
    distance = np.where(piped, 0, np.round(rng.gamma(2.0, 130, n))).astype(np.int64)
    distance = np.minimum(distance, 950)
    climb = np.where(piped, 0, np.minimum(distance * rng.uniform(0.0, 0.15, n), 90)).astype(np.int64)
    outage = np.minimum(rng.poisson(np.where(central, 5.0, 0.0)), 34)
    dry = np.where(central, 0, np.minimum(rng.poisson(6.0, n) * (rng.random(n) < 0.5), 28))
    passed = np.ones(n, bool)
    # What fails: one indicator each, where water is hardest to come by.
    failing = exactly(rng, ~homes.relocated & ~homes.absent, wanted.failing_water, (1.4 - homes.supplied) * (0.3 + homes.remote))
    kind = np.where(failing, choose(rng, n, [0.30, 0.22, 0.25, 0.23]), BLANK)
    litres = np.where(kind == 0, np.round(rng.uniform(14, 34, n)), litres)
    passed &= kind != 1
    source[kind == 1] = choose(rng, n, [0, 0, 0.7, 0.2, 0.1])[kind == 1]
    central[kind == 1], piped[kind == 1] = False, False
    far = kind == 2
    central[far], piped[far], source[far] = False, False, 1
    distance[far] = np.round(rng.uniform(1050, 2600, n))[far]
    climb[far] = np.round(rng.uniform(40, 240, n))[far]
    outage = np.where((kind == 3) & central, rng.integers(40, 110, n), np.where(central, outage, 0))
    dry = np.where(central, 0, np.where(kind == 3, rng.integers(33, 80, n), dry))
    source[central & (source > 1)] = 0
    asked = homes.registered | homes.edge | failing | (rng.random(n) < 0.34)
    known = asked | (rng.random(n) < 0.9)  # source and supply are in the village's own list, quantities are not
    columns = homes.columns
    words = ("treated", "protected_well", "open_well", "surface", "rain", "bottled", "other")
    columns["water_source"] = coded(np.where(known, source, BLANK), words)
    columns["water_supply"] = coded(np.where(known, np.where(central, 0, 1), BLANK), ("central", "scattered"))
    columns["water_piped"] = flags(piped, known)
    columns["water_litres"] = whole(litres, asked)
    columns["water_quality"] = coded(np.where(asked, np.where(passed, 0, 1), BLANK), ("passed", "failed"))
    columns["water_distance_m"] = whole(distance, asked & ~piped)
    columns["water_climb_m"] = whole(climb, asked & ~piped)
    columns["water_outage_days"] = whole(outage, asked & central)
    columns["water_dry_spell_days"] = whole(dry, asked & ~central)
    columns["water_declared_safe"] = flags(~failing, asked)
    columns["water_declared_hard"] = flags(failing & (kind == 2), asked)


def _living(rng: Rng, homes: Homes) -> None:
    n = len(homes.village)
    asked = homes.registered | homes.edge | (rng.random(n) < 0.30)
    columns = homes.columns
    for key, lacking in (("food_staple", 0.0002), ("food_nutrition", 0.0008), ("clothing_seasons", 0.0003), ("bedding", 0.0006)):
        columns[key] = flags(rng.random(n) >= lacking, asked)
    columns["electricity"] = flags(np.ones(n, bool))
    columns["production_electricity"] = flags(rng.random(n) < 0.93, asked)
    columns["broadcast"] = flags(rng.random(n) < 0.985, asked)
    columns["sanitary_toilet"] = flags(rng.random(n) < 0.80, asked)
    columns["fuel"] = coded(
        np.where(asked, choose(rng, n, [0.31, 0.0, 0.24, 0.45]), BLANK), ("firewood", "dung", "coal", "clean")
    )
    road = choose(rng, n, [0.035, 0.115, 0.81, 0.04])
    columns["road_type"] = coded(road, ("earth", "gravel", "concrete", "asphalt"))
    columns["road_km"] = tenths(np.minimum(rng.gamma(1.3, 0.5, n) * (0.5 + homes.remote), 4.9))


def _income(rng: Rng, setting: Setting, homes: Homes, people: People, sums: _Sums, land: _Land, wanted: Wanted) -> None:
    """Income sheets of registered and monitored households: every item in whole fen, the head's share above the line but for
    the wanted few. Wages come from those who work, ecological compensation from land returned to forest, and so on."""
    n = len(homes.village)
    sheet = homes.registered | homes.edge
    monthly = np.where(people.work_place >= 2, rng.normal(1750, 330, len(people.age)), rng.normal(1350, 300, len(people.age)))
    earned = np.maximum(monthly, 600) * people.work_months
    post = np.asarray(people.columns["post_months"].is_valid())
    earned = np.where(post, 800.0 * people.work_months, earned)  # what reaches the household: food and rent of migrants are off
    wage = np.bincount(people.household, earned, minlength=n)
    production = np.where(
        land.arable > 0, land.arable * rng.uniform(700, 1500, n) + rng.gamma(1.4, 1300, n), rng.gamma(1.2, 500, n) + 300
    )
    cost = production * rng.uniform(0.22, 0.42, n)
    dividend = np.where(rng.random(n) < 0.62, rng.uniform(200, 1200, n), 0.0) + np.where(
        rng.random(n) < 0.2, land.arable * rng.uniform(80, 350, n), 0
    )
    allowance = np.where(homes.attribute == 1, np.maximum(homes.members - 1, 1) * rng.uniform(1500, 3300, n), 0.0)
    extreme = np.where(homes.attribute == 2, homes.members * rng.uniform(7800, 9600, n), 0.0)
    pension = sums.elders * 12 * rng.choice([93, 98, 103, 118], n)
    ecology = land.returned * rng.choice([125.0, 240.0], n) * sheet
    planning = np.where(rng.random(n) < 0.03, rng.choice([960.0, 1080.0, 1920.0], n), 0.0)
    other = land.arable * 68 + sums.disabled * 720 + rng.gamma(1.2, 300, n)
    fen = {
        name: np.round(values * 100 * wanted.line / 3747).astype(np.int64)  # amounts above are of a county whose line is 3,747
        for name, values in (("wage", wage), ("production", production), ("cost", cost), ("property", dividend), ("allowance", allowance),
                             ("extreme", extreme), ("pension", pension), ("ecology", ecology), ("planning", planning), ("other", other))
    }  # fmt: skip
    fen["ecology"][fen["ecology"] < 2000] = 0
    net = sum(values for name, values in fen.items() if name != "cost") - fen["cost"]
    head = net / homes.members / 100
    unsteady = homes.monitoring >= 0
    # Clear of next year's line as well, which is some seven per cent higher, so that the wanted few are the few at either.
    floor = wanted.line * np.where(unsteady, rng.uniform(1.085, 1.40, n), rng.uniform(1.085, 2.2, n))
    below = exactly(rng, sheet & (homes.attribute != 2), wanted.below_line, np.where(unsteady, 8.0, 1.0))
    floor = np.where(below, wanted.line - rng.uniform(40, 900, n), floor)
    # Raise what is short by crops and livestock; bring down what a monitored or a poor household cannot have.
    ceiling = np.where(below, floor, np.where(unsteady, wanted.line * rng.uniform(1.2, 1.495, n), np.inf))
    target = np.clip(head, floor, np.maximum(ceiling, floor))
    gap = np.where(np.isfinite(target), np.round((target - head) * homes.members * 100), 0).astype(np.int64)
    fen["production"] += np.maximum(gap, 0)
    for name, kept in (
        ("production", 0.2),
        ("wage", 0.15),
        ("property", 0.0),
        ("other", 0.1),
        ("allowance", 0.25),
        ("pension", 0.6),
    ):
        least = np.maximum(fen[name] * kept, fen["cost"] if name == "production" else 0).astype(np.int64)
        taken = np.minimum(np.maximum(-gap, 0), np.maximum(fen[name] - least, 0))
        fen[name] = fen[name] - taken
        gap = gap + taken
    from_day, to_day = date(setting.data_date.year - 1, 10, 1), date(setting.data_date.year, 9, 30)
    columns = homes.columns
    columns["income_from"] = days(np.full(n, day_number(from_day)), sheet)
    columns["income_to"] = days(np.full(n, day_number(to_day)), sheet)
    names = {
        "income_wage": "wage", "income_production": "production", "income_property": "property", "income_family_planning": "planning",
        "income_allowance": "allowance", "income_extreme_poverty": "extreme", "income_pension": "pension", "income_ecology": "ecology",
        "income_other_transfer": "other", "production_cost": "cost",
    }  # fmt: skip
    for key, name in names.items():
        columns[key] = yuan(fen[name], sheet)
    hit = unsteady & (rng.random(n) < 0.6)
    columns["claims"] = yuan(np.round(rng.gamma(1.5, 1800, n) * 100) * (rng.random(n) < 0.4), hit)
    columns["self_paid"] = yuan(np.round(rng.gamma(2.0, 2600, n) * 100), hit)


def _means(rng: Rng, homes: Homes) -> None:
    """What a registration is reviewed by: asked of registered and monitored households, and seldom there."""
    n, asked = len(homes.village), homes.registered | homes.edge
    for key, share in (("commercial_house", 0.004), ("vehicle", 0.018), ("company", 0.002)):
        homes.columns[key] = flags(rng.random(n) < share, asked)
    homes.columns["absent_family"] = flags(homes.absent, asked)
    owned = (
        "television;telephone",
        "television;telephone;refrigerator",
        "television;telephone;motorbike;refrigerator",
        "telephone",
    )
    homes.columns["assets"] = coded(np.where(asked, choose(rng, n, [0.30, 0.34, 0.28, 0.08]), BLANK), owned)


def _monitoring(rng: Rng, setting: Setting, homes: Homes, sums: _Sums) -> None:
    """Of monitored households: since when, why, and what has been done."""
    n, watched = len(homes.village), homes.monitoring >= 0
    day = setting.data_date
    columns = homes.columns
    columns["monitoring_identified"] = whole(np.full(n, day.year * 100 + day.month), watched)
    risk = np.select([sums.ill > 0, sums.disabled > 0, sums.students > 1, sums.able == 0], [0, 1, 2, 3], 4)
    risks = ("illness", "disability", "schooling", "no_labour", "unstable_work")
    columns["risks"] = coded(np.where(watched, risk, BLANK), risks)
    columns["all_without_labour"] = flags((sums.able == 0) & (sums.half == 0), watched)
    helped = watched & (rng.random(n) < 0.7)
    measures = ("health;social_security", "social_security", "other_education", "social_security;public_post", "employment")
    columns["measure_families"] = coded(np.where(helped, risk, BLANK), measures)
    columns["measures_since"] = whole(np.full(n, day.year * 100 + day.month), helped)
    columns["risk_eliminated"] = flags(np.zeros(n, bool), watched)
