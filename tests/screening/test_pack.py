"""Policy packs: reading, choosing, versions, and refusals that say where."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bangfu.foundation.problems import Problem
from bangfu.screening.pack import PACKS, RESULTS, Pack, load_pack, pack_names, pack_on
from bangfu.screening.situations import run_situations, situations_of

NAME = "cn-county-2020"
DAY = dt.date(2020, 4, 28)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(NAME)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(PACKS / NAME, tmp_path / NAME)
    return tmp_path / NAME


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refused(folder: Path) -> Problem:
    with pytest.raises(Problem) as caught:
        load_pack(folder)
    return caught.value


def test_every_situation_of_every_pack_comes_out() -> None:
    for name in pack_names():
        failures = run_situations(load_pack(name))
        assert not failures, [str(f) for f in failures]


def test_every_guarantee_has_its_situations(pack: Pack) -> None:
    """At least six a guarantee, every result, and every reason of every result met at least once."""
    situations = situations_of(pack)
    results = Counter((guarantee, expected.result) for s in situations for guarantee, expected in s.expect.items())
    codes = {(guarantee, code) for s in situations for guarantee, expected in s.expect.items() for code in expected.reasons or ()}
    for guarantee in pack.guarantees.values():
        assert sum(results[guarantee.name, result] for result in RESULTS) >= 6
        assert all(results[guarantee.name, result] for result in ("met", "unmet", "unknown"))
        for result in RESULTS:
            for reason in guarantee.reasons_of(result):
                assert (guarantee.name, reason.code) in codes, (guarantee.name, result, reason.code)
    assert results["income", "not_assessed"]


def test_the_seven_guarantees_in_their_order(pack: Pack) -> None:
    assert list(pack.guarantees) == ["income", "food", "clothing", "schooling", "medical", "housing", "water"]


@pytest.mark.parametrize(
    ("day", "line"),
    [("2013-12-31", 273600), ("2014-01-01", 280000), ("2019-12-31", 374700), ("2020-01-01", 400000), ("2020-12-31", 400000)],
)
def test_the_income_line_of_the_day(pack: Pack, day: str, line: int) -> None:
    assert pack.parameters["income_line"].value_on(dt.date.fromisoformat(day)) == line


def test_before_the_first_value_there_is_none(pack: Pack) -> None:
    with pytest.raises(Problem) as caught:
        pack.constants(dt.date(2012, 1, 1))
    assert caught.value.number == "BF-1409"


def test_what_is_provisional_is_said(pack: Pack) -> None:
    assert "income" not in pack.provisional(DAY)
    assert pack.provisional(dt.date(2019, 6, 1))["income"] == ["income_line"]
    assert pack.provisional(DAY, {"income_line": 4200})["income"] == ["income_line"]
    assert "newborn_grace_days" in pack.provisional(DAY)["medical"]
    assert "water" not in pack.provisional(DAY)


@pytest.mark.parametrize(("written", "held"), [("4200", 420000), (4200, 420000), ("4200.5", 420050)])
def test_overrides_as_people_write_them(pack: Pack, written: Any, held: int) -> None:
    assert pack.constants(DAY, {"income_line": written})["income_line"] == held


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("poverty_line", 1, "BF-1507"),
        ("income_line", "viel", "BF-1508"),
        ("income_line", "", "BF-1508"),
        ("income_line", "[1", "BF-1508"),
        ("school_age_to", "15.5", "BF-1508"),
        ("double_insurance_counts", "1", "BF-1508"),
    ],
)
def test_bad_overrides(pack: Pack, name: str, value: Any, number: str) -> None:
    with pytest.raises(Problem) as caught:
        pack.constants(DAY, {name: value})
    assert caught.value.number == number


def test_the_pack_of_a_day() -> None:
    assert pack_on(DAY).name == NAME
    for day, country in ((dt.date(2019, 12, 31), "cn"), (DAY, "xx")):
        with pytest.raises(Problem) as caught:
            pack_on(day, country)
        assert caught.value.number == "BF-1503"


def test_two_packs_of_a_day(copy: Path) -> None:
    shutil.copytree(copy, copy.parent / "second")
    with pytest.raises(Problem) as caught:
        pack_on(DAY, room=copy.parent)
    assert caught.value.number == "BF-1504"


def test_a_pack_outside_its_dates(pack: Pack) -> None:
    pack.require_valid_on(DAY)
    with pytest.raises(Problem) as caught:
        pack.require_valid_on(dt.date(2021, 1, 1))
    assert caught.value.number == "BF-1505"


@pytest.mark.parametrize("name", ["cn-county-1949", "", "..", "."])
def test_no_such_pack(name: str) -> None:
    with pytest.raises(Problem) as caught:
        load_pack(name)
    assert caught.value.number == "BF-1501"


def test_the_version_is_the_content(pack: Pack, copy: Path) -> None:
    assert load_pack(copy).version == pack.version
    edit(copy, "parameters.yaml", "2020-01-01: 4000", "2020-01-01: 4001")
    assert load_pack(copy).version != pack.version


@pytest.mark.parametrize(
    ("file", "old", "new", "number"),
    [
        ("pack.yaml", "sequence: [income, food", "sequence: [income", "BF-1502"),
        ("pack.yaml", "from: 2020-01-01", "from: long ago", "BF-1502"),
        ("pack.yaml", "country: cn", "county: cn", "BF-1502"),
        ("parameters.yaml", "    verified: {2020-01-01: true}\n", "", "BF-1502"),
        ("parameters.yaml", "2020-01-01: 4000", "2020-01-01: viertausend", "BF-1413"),
        ("parameters.yaml", "type: money", "type: gold", "BF-1502"),
        ("facts.yaml", "members > 0", "membres > 0", "BF-1402"),
        ("facts.yaml", "has_members:", "members: 3\n  has_members:", "BF-1412"),
        ("guarantees/food.yaml", "met: food_staple and food_nutrition", "met: food_staple and", "BF-1401"),
        ("guarantees/food.yaml", "met: food_staple and food_nutrition", "met: members", "BF-1403"),
        ("guarantees/food.yaml", "    assessed: true\n", "", "BF-1502"),
        ("guarantees/food.yaml", "zh: 主食和肉蛋奶豆等营养食品有保障, ", "", "BF-1502"),
        ("guarantees/food.yaml", "met_by:", "met_because:", "BF-1502"),
        ("guarantees/food.yaml", "        do: {zh: 先送口粮", "        then: {zh: 先送口粮", "BF-1502"),
        ("guarantees/income.yaml", "not_assessed:", "note:", "BF-1502"),
        ("guarantees/food.yaml", "fact: food_staple", "fact: food_stable", "BF-1402"),
        ("guarantees/housing.yaml", "= 'accepted'", "= 'excepted'", "BF-1406"),
        ("guarantees/housing.yaml", "{house_grade}，尚未", "{house_note}，尚未", "BF-1509"),
        ("guarantees/schooling.yaml", "{names(left_school)}", "{left_school}", "BF-1509"),
        ("guarantees/schooling.yaml", "{names(left_school)}", "{names(age_at_cutoff)}", "BF-1509"),
        ("guarantees/schooling.yaml", "  attends: >", "  attends_not: not attends_not\n  attends: >", "BF-1405"),
        ("guarantees/water.yaml", "households:", "household:", "BF-1502"),
    ],
)
def test_a_fault_is_refused_with_its_file_and_line(copy: Path, file: str, old: str, new: str, number: str) -> None:
    line = (copy / file).read_text(encoding="utf-8").partition(old)[0].count("\n") + 1
    edit(copy, file, old, new)
    problem = refused(copy)
    assert problem.number == number
    assert problem.values["file"] == f"{NAME}/{file}"
    if number in ("BF-1401", "BF-1402", "BF-1403", "BF-1509"):
        assert 0 <= line - problem.values["line"] <= 3


def test_a_name_twice_over_two_files(copy: Path) -> None:
    edit(copy, "guarantees/food.yaml", "guarantees:", "households: {members: count_members()}\nguarantees:")
    assert refused(copy).number == "BF-1502"


@pytest.mark.parametrize(
    ("old", "new", "number"),
    [
        ("food_staple: true, food_nutrition: true", "food_stable: true", "BF-1402"),
        ("food_staple: true, food_nutrition: true", "food_staple: perhaps", "BF-1510"),
        ("food_staple: true, food_nutrition: true", "house_grade: E", "BF-1510"),
        ("food_staple: true, food_nutrition: true", "like: nobody", "BF-1510"),
        ("{food: {result: met", "{food: {result: fine", "BF-1510"),
        ("{food: {result: met", "{drink: {result: met", "BF-1510"),
        ("reasons: [no_staple]", "reasons: [staple_unknown]", "BF-1510"),
        ("as_of: 2020-04-28", "as_of: today", "BF-1510"),
    ],
)
def test_a_badly_written_situation(copy: Path, old: str, new: str, number: str) -> None:
    edit(copy, "situations/food.yaml", old, new)
    with pytest.raises(Problem) as caught:
        situations_of(load_pack(copy))
    assert caught.value.number == number


def test_a_changed_rule_fails_its_situations(copy: Path) -> None:
    """Situations guard the pack: each of these slips of the pen is caught by one of them."""
    slips = [
        ("guarantees/income.yaml", "met: income_per_head >= income_line", "met: income_per_head > income_line"),
        ("guarantees/income.yaml", "transfers: >\n    if_unknown", "transfers: >\n    2 * if_unknown"),
        ("guarantees/schooling.yaml", "last_date(8, 31, as_of)", "as_of"),
        ("guarantees/schooling.yaml", " and not finished_grade_nine", ""),
        ("guarantees/schooling.yaml", "'home_teaching', ", ""),
        ("guarantees/schooling.yaml", "not any(out_of_school) and has_members", "not any(out_of_school)"),
        ("guarantees/medical.yaml", "if_unknown(soldier, false) or ", ""),
        ("guarantees/medical.yaml", " and not double_insurance_counts", ""),
        ("guarantees/medical.yaml", "between 0 and newborn_grace_days", "between 1 and newborn_grace_days - 1"),
        ("guarantees/housing.yaml", "('C', 'D') and house_repair = 'accepted'", "('C', 'D')"),
        ("guarantees/housing.yaml", "'relatives', ", ""),
        ("guarantees/water.yaml", "water_outage_days <= outage", "water_outage_days < outage"),
        ("guarantees/water.yaml", "water_climb_m <= steepest", "water_climb_m < steepest"),
        ("guarantees/water.yaml", "water_litres >= litres", "water_litres > litres"),
    ]
    for file, old, new in slips:
        before = (copy / file).read_text(encoding="utf-8")
        edit(copy, file, old, new)
        caught = run_situations(load_pack(copy))
        (copy / file).write_text(before, encoding="utf-8")
        assert caught, (file, old)
