"""The seven guarantees of 2020 the other ways in which a team writes such rules: plain Python by household, and pandas by column.

Only the bench `screen` uses them, to say what a statement saves. Both come to the same results as the pack, of the day 2020-04-28; plain
Python gives the reasons as well, pandas the results alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

AS_OF = dt.date(2020, 4, 28)
CUTOFF = dt.date(2019, 8, 31)
ITEMS = (
    "income_wage", "income_production", "income_property", "income_family_planning", "income_allowance",
    "income_extreme_poverty", "income_pension", "income_ecology", "income_other_transfer", "production_cost",
)  # fmt: skip
AT_SCHOOL = ("enrolled", "special_school", "home_teaching", "medical_leave", "deferred")
NOT_AT_SCHOOL = ("dropped_out", "never_enrolled")
OTHER_HOUSES = ("safe_rented", "relatives", "relocation_flat")
Row = Mapping[str, Any]
Judged = tuple[str, list[str]]


def both(one: bool | None, other: bool | None) -> bool | None:
    """And, where None is not known."""
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def either(one: bool | None, other: bool | None) -> bool | None:
    """Or, where None is not known."""
    if one or other:
        return True
    return None if one is None or other is None else False


def negated(one: bool | None) -> bool | None:
    """Not, where None is not known."""
    return None if one is None else not one


def at_most(value: float | None, limit: float) -> bool | None:
    """Whether a value is within its limit; not known where the value is not."""
    return None if value is None else value <= limit


def judge_household(home: Row, members: Sequence[Row]) -> dict[str, Judged]:
    """The results and the reasons of a household, by guarantee."""
    return {
        "income": _income(home, len(members)),
        "food": _two(home, ("food_staple", "no_staple", "staple_unknown"), ("food_nutrition", "poor_nutrition", "nutrition_unknown")),
        "clothing": _two(home, ("clothing_seasons", "no_clothes", "clothes_unknown"), ("bedding", "no_bedding", "bedding_unknown")),
        "schooling": _schooling(members),
        "medical": _medical(members),
        "housing": _housing(home),
        "water": _water(home),
    }  # fmt: skip


def _result(met: bool | None, unmet: Sequence[tuple[str, Any]], missing: Sequence[tuple[str, Any]]) -> Judged:
    if met:
        return "met", []
    name, reasons = ("unknown", missing) if met is None else ("unmet", unmet)
    return name, [code for code, holds in reasons if holds]


def _income(home: Row, members: int) -> Judged:
    sheet = home["income_to"] is not None and any(home[item] is not None for item in ITEMS)
    if home["household_kind"] not in ("registered", "monitored") and not sheet:
        return "not_assessed", []
    per_head = None
    if sheet and members:
        per_head = (sum(home[item] or 0 for item in ITEMS[:-1]) - (home["production_cost"] or 0)) / members
    met = None if per_head is None else per_head >= 400_000
    return _result(met, [("below_line", True)], [("no_income_sheet", not sheet), ("no_members", not members)])


def _two(home: Row, *criteria: tuple[str, str, str]) -> Judged:
    (one, _, _), (other, _, _) = criteria
    met = both(home[one], home[other])
    return _result(
        met,
        [(lacks, home[key] is False) for key, lacks, _ in criteria],
        [(open_, home[key] is None) for key, _, open_ in criteria],
    )


def _schooling(members: Sequence[Row]) -> Judged:
    out: list[tuple[bool | None, Row, bool | None]] = []
    for member in members:
        birth, status = member["birth_date"], member["school_status"]
        of_age = None
        if birth is not None:
            age = CUTOFF.year - birth.year - ((CUTOFF.month, CUTOFF.day) < (birth.month, birth.day))
            of_age = 6 <= age <= 15
        attends = True if status in AT_SCHOOL else False if status in NOT_AT_SCHOOL else None
        of_school_age = both(of_age, negated(member["finished_grade_nine"]))
        out.append((both(of_school_age, negated(attends)), member, attends))
    gone = [member["school_status"] for left, member, _ in out if left]
    doubt = [(member, attends) for left, member, attends in out if left is None]
    met = False if gone else None if doubt or not members else True
    return _result(
        met,
        [("dropped_out", "dropped_out" in gone), ("never_enrolled", "never_enrolled" in gone)],
        [
            ("status_unknown", any(attends is None for _, attends in doubt)),
            ("birth_unknown", any(member["birth_date"] is None for member, _ in doubt)),
            ("grade_nine_unknown", any(a is not None and m["finished_grade_nine"] is None for m, a in doubt)),
            ("no_members", not members),
        ],
    )


def _medical(members: Sequence[Row]) -> Judged:
    uninsured: list[bool | None] = []
    twice = critical = untreated = False
    for member in members:
        resident, employee, birth = member["resident_medical"], member["employee_medical"], member["birth_date"]
        newborn = None if birth is None else 0 <= (AS_OF - birth).days <= 90
        excepted = bool(member["soldier"]) or bool(member["insured_elsewhere"])
        uninsured.append(negated(either(either(resident, employee), either(excepted, newborn))))
        two = bool(resident) and bool(employee)
        twice = twice or two
        critical = critical or (bool(resident) and not two and member["critical_illness"] is False)
        untreated = untreated or member["treatment_available"] is False
    fails = any(uninsured) or twice or critical or untreated
    met = False if fails else None if None in uninsured or not members else True
    return _result(
        met,
        [("uninsured", any(uninsured)), ("insured_twice", twice), ("no_critical_illness", critical), ("untreated", untreated)],
        [("insurance_unknown", None in uninsured), ("no_members", not members)],
    )


def _housing(home: Row) -> Judged:
    tenure, grade, repair = home["house_tenure"], home["house_grade"], home["house_repair"]
    house = False if tenure == "none" else True if tenure is not None or grade is not None else None
    damaged = grade in ("C", "D")
    if house is False:
        safe: bool | None = False
    elif grade is None:
        safe = True if tenure in OTHER_HOUSES else None
    else:
        safe = True if not damaged else None if repair is None else repair == "accepted"
    return _result(
        safe,
        [
            ("no_house", house is False),
            ("dangerous_house", house and damaged and repair == "none"),
            ("repair_under_way", house and damaged and repair == "under_way"),
            ("repair_not_accepted", house and damaged and repair == "completed"),
        ],
        [
            ("house_unknown", house is None),
            ("no_appraisal", house and grade is None and tenure is not None and tenure not in OTHER_HOUSES),
            ("repair_unknown", damaged and repair is None),
        ],
    )


def _water(home: Row) -> Judged:
    litres, quality, supply = home["water_litres"], home["water_quality"], home["water_supply"]
    enough = None if litres is None else litres >= 35
    clean = None if quality is None else quality == "passed"
    far, steep = at_most(home["water_distance_m"], 1000), at_most(home["water_climb_m"], 100)
    near = either(home["water_piped"], both(far, steep))
    outage, dry = at_most(home["water_outage_days"], 36), at_most(home["water_dry_spell_days"], 30)
    central, scattered = (None if supply is None else supply == kind for kind in ("central", "scattered"))
    steady = either(both(central, outage), both(scattered, dry))
    return _result(
        both(both(enough, clean), both(near, steady)),
        [
            ("too_little", enough is False),
            ("bad_quality", clean is False),
            ("too_far", near is False and far is False),
            ("too_steep", near is False and steep is False),
            ("long_outage", steady is False and supply in (None, "central") and outage is False),
            ("long_dry_spell", steady is False and supply in (None, "scattered") and dry is False),
        ],
        [
            ("litres_unknown", litres is None),
            ("quality_unknown", quality is None),
            ("way_unknown", near is None),
            ("supply_unknown", steady is None and supply is None),
            ("assurance_unknown", steady is None and supply is not None),
        ],
    )


def judge_with_pandas(households: Path, persons: Path, into: Path) -> None:
    """The results of every household of two Parquet files, written to a third. Raises ImportError without pandas."""
    import pandas as pd

    h = pd.read_parquet(households, dtype_backend="numpy_nullable").set_index("household")
    p = pd.read_parquet(persons, dtype_backend="numpy_nullable")
    birth = pd.to_datetime(p["birth_date"])
    known = birth.notna()
    late = (birth.dt.month * 32 + birth.dt.day) > CUTOFF.month * 32 + CUTOFF.day
    age = CUTOFF.year - birth.dt.year - late
    of_age = age.between(6, 15).astype("boolean").where(known)
    attends = p["school_status"].isin(AT_SCHOOL).astype("boolean").where(p["school_status"].isin([*AT_SCHOOL, *NOT_AT_SCHOOL]))
    out = of_age & ~p["finished_grade_nine"] & ~attends
    newborn = (pd.Timestamp(AS_OF) - birth).dt.days.between(0, 90).astype("boolean").where(known)
    resident, employee = p["resident_medical"], p["employee_medical"]
    excepted = p["soldier"].fillna(False) | p["insured_elsewhere"].fillna(False)
    uninsured = ~(resident | employee | excepted | newborn)
    two = resident.fillna(False) & employee.fillna(False)
    critical = resident.fillna(False) & ~two & ~p["critical_illness"].fillna(True)
    uncovered = uninsured | two | critical | ~p["treatment_available"].fillna(True)
    flags = pd.DataFrame(
        {
            "household": p["household"],
            "n": 1,
            "out": out.fillna(False).astype(int),
            "out_open": out.isna().astype(int),
            "uncovered": uncovered.fillna(False).astype(int),
            "uncovered_open": uncovered.isna().astype(int),
        }
    )
    f = flags.groupby("household").sum().reindex(h.index).fillna(0)

    def folded(name: str) -> Any:
        decided = (f[name] == 0).astype("boolean")
        return decided.where((f[name] > 0) | ((f[f"{name}_open"] == 0) & (f["n"] > 0)))

    sheet = h["income_to"].notna() & h[list(ITEMS)].notna().any(axis=1)
    net = h[list(ITEMS[:-1])].fillna(0).sum(axis=1) - h["production_cost"].fillna(0)
    per_head = (net / f["n"].where(f["n"] > 0)).where(sheet)
    income = (per_head >= 400_000).astype("boolean").where(per_head.notna())
    tenure, grade, repair = h["house_tenure"], h["house_grade"], h["house_repair"]
    house = (tenure.fillna("") != "none").astype("boolean").where(tenure.notna() | grade.notna())
    by_grade = grade.isin(["A", "B"]) | (grade.isin(["C", "D"]) & (repair == "accepted"))
    by_tenure = tenure.isin(OTHER_HOUSES)
    safe = by_grade.astype("boolean").where(grade.notna(), by_tenure.astype("boolean").where(by_tenure))
    supply = h["water_supply"]
    near = h["water_piped"] | ((h["water_distance_m"] <= 1000) & (h["water_climb_m"] <= 100))
    steady = ((supply == "central") & (h["water_outage_days"] <= 36)) | (
        (supply == "scattered") & (h["water_dry_spell_days"] <= 30)
    )
    met = {
        "income": income,
        "food": h["food_staple"] & h["food_nutrition"],
        "clothing": h["clothing_seasons"] & h["bedding"],
        "schooling": folded("out"),
        "medical": folded("uncovered"),
        "housing": house & safe,
        "water": (h["water_litres"] >= 35) & (h["water_quality"] == "passed") & near & steady,
    }
    made = pd.DataFrame({"path": h["path"]})
    for name, decided in met.items():
        made[name] = decided.map({True: "met", False: "unmet"}).astype("object").where(decided.notna(), "unknown")
    assessed = h["household_kind"].isin(["registered", "monitored"]) | sheet
    made["income"] = made["income"].where(assessed, "not_assessed")
    made.reset_index().to_parquet(into)
