"""Policy packs: reading, choosing, versions, and refusals that say where."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest

from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.screening.pack import BOUNDS, PACKS, RESULTS, STATES, Entry, Pack, load_pack, pack_names, pack_on
from bangfu.screening.situations import run_situations, situations_of

NAME = "cn-county-2020"
DAY = dt.date(2020, 4, 28)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(NAME)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The pack with its shared parts beside it."""
    shutil.copytree(PACKS / NAME, tmp_path / NAME)
    shutil.copytree(PACKS / "shared", tmp_path / "shared")
    return tmp_path / NAME


def placed(folder: Path, file: str) -> Path:
    """A file of the pack, or of the first shared part that has it."""
    own = folder.parent / file if file.startswith("shared/") else folder / file
    return own if own.exists() else next(p for p in sorted((folder.parent / "shared").glob(f"*/{file}")))


# Each slip takes all situations again: a third of them on every change, all of them in `make test-full`.
THIRDS = (0, pytest.param(1, marks=pytest.mark.full), pytest.param(2, marks=pytest.mark.full))


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = placed(folder, file)
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


# A reason that no situation of the pack can have: the pack of 2020 has its range for every day.
UNREACHABLE = {("cn-county-2020", "unstable_exit", "range_open"), ("cn-county-2020", "edge", "range_open")}


@pytest.mark.parametrize("name", pack_names())
def test_every_pack_has_its_situations(name: str) -> None:
    """At least forty a pack; every result and reason of every guarantee, every state, ground and risk of every proposal, every hint and
    group held and not held, every rule of visits, every state of every score."""
    pack = load_pack(name)
    situations = situations_of(pack)
    assert len(situations) >= 40
    judged = {(guarantee, expected.result) for s in situations for guarantee, expected in s.expect.items()}
    codes = {(guarantee, code) for s in situations for guarantee, expected in s.expect.items() for code in expected.reasons or ()}
    for guarantee in pack.guarantees.values():
        for result in RESULTS:
            if result != "not_assessed" or guarantee.not_assessed:
                assert (guarantee.name, result) in judged, (guarantee.name, result)
            for reason in guarantee.reasons_of(result):
                assert (guarantee.name, reason.code) in codes, (guarantee.name, result, reason.code)
    told = [(proposal, wanted) for s in situations for proposal, wanted in s.proposals.items()]
    for proposal in pack.proposals.values():
        own = [wanted for name_, wanted in told if name_ == proposal.name]
        assert {wanted["state"] for wanted in own} == set(STATES), proposal.name
        reached = {code for wanted in own for code in wanted.get("reasons", ())}
        wanted_codes = {
            r.code for r in (*proposal.grounds, *proposal.missing) if (name, proposal.name, r.code) not in UNREACHABLE
        }
        assert wanted_codes <= reached, (proposal.name, wanted_codes - reached)
        assert set(proposal.risks) <= {risk for wanted in own for risk in wanted.get("risks", ())}, proposal.name
    for sort, flags in (("hint", pack.hints), ("group", pack.groups)):
        listed = [s.flags[sort] for s in situations if sort in s.flags]
        for flag in flags:
            assert any(flag in held for held in listed), (sort, flag)
            assert any(flag not in held for held in listed), (sort, flag)
    assert set(pack.visits) <= {s.visit for s in situations}
    for score in pack.scores.values():
        states = {s.scores[score.name]["state"] for s in situations if score.name in s.scores}
        assert states == ({"unknown"} if score.quota else set(BOUNDS)), score.name


@pytest.mark.parametrize("name", pack_names())
def test_every_number_of_a_pack_has_a_source(name: str) -> None:
    for parameter in load_pack(name).parameters.values():
        assert len(parameter.source.en) > 10 or parameter.verified, parameter.name
        assert parameter.title.zh != parameter.title.en


def test_what_is_open_is_asked() -> None:
    """The range of 2021 is there, that of 2022 is asked of the county; what the county has entered takes its place and changes the version."""
    pack = load_pack("cn-monitoring-2021")
    day = dt.date(2022, 4, 28)
    assert pack.open_on(dt.date(2021, 4, 28)) == []
    assert [p.name for p in pack.open_on(day)] == ["monitoring_line"]
    entry = Entry(
        "monitoring_line", dt.date(2022, 1, 1), 700000, Text("虚构的2022年文件", "an invented document of 2022"), verified=True
    )
    completed = pack.completed([entry])
    assert completed.open_on(day) == []
    assert completed.constants(day)["monitoring_line"] == 700000
    assert completed.constants(dt.date(2021, 4, 28))["monitoring_line"] == 600000
    assert completed.version != pack.version
    assert "monitoring_line" in pack.provisional(day)["income"]
    assert "income" not in completed.provisional(day) or "monitoring_line" not in completed.provisional(day)["income"]


def test_a_situation_may_set_a_code_set(copy: Path) -> None:
    old = "household: {like: exited, income_wage: 4500}"
    edit(copy, "situations/monitoring.yaml", old, "set: {counted_items: [pension]}\n    " + old)
    assert run_situations(load_pack(copy)) == []


def test_the_pack_of_each_year() -> None:
    for day, wanted in ((DAY, NAME), (dt.date(2021, 1, 1), "cn-monitoring-2021"), (dt.date(2026, 11, 25), "cn-regular-2026")):
        assert pack_on(day).name == wanted


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
    line = placed(copy, file).read_text(encoding="utf-8").partition(old)[0].count("\n") + 1
    edit(copy, file, old, new)
    problem = refused(copy)
    assert problem.number == number
    assert problem.values["file"] == placed(copy, file).relative_to(copy.parent).as_posix()
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


@pytest.mark.parametrize("third", THIRDS)
def test_a_changed_rule_fails_its_situations(copy: Path, third: int) -> None:
    """Situations guard the pack: each of these slips of the pen is caught by one of them."""
    require_caught(
        copy,
        third,
        [
            ("guarantees/income.yaml", "met: income_per_head >= income_line", "met: income_per_head > income_line"),
            ("shared/cn-income/facts.yaml", "transfers: >\n    if_unknown", "transfers: >\n    2 * if_unknown"),
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
        ],
    )


@pytest.fixture
def monitoring(tmp_path: Path) -> Path:
    """The pack of 2021 to 2025 with its shared parts beside it."""
    shutil.copytree(PACKS / "cn-monitoring-2021", tmp_path / "cn-monitoring-2021")
    shutil.copytree(PACKS / "shared", tmp_path / "shared")
    return tmp_path / "cn-monitoring-2021"


@pytest.mark.parametrize("third", THIRDS)
def test_a_changed_rule_of_monitoring_fails_its_situations(monitoring: Path, third: int) -> None:
    facts, kinds, end = (
        "shared/cn-monitoring/facts.yaml",
        "shared/cn-two-kinds/proposals.yaml",
        "shared/cn-elimination/elimination.yaml",
    )
    people, counted = "shared/cn-people/people.yaml", "shared/cn-income/counted.yaml"
    require_caught(
        monitoring,
        third,
        [
            (facts, "in_range: reference_per_head < monitoring_line", "in_range: reference_per_head <= monitoring_line"),
            (facts, "reference_income: year_income - spent", "reference_income: year_income"),
            (facts, "(in_range and (difficulty or few_means or rigid_spending))", "in_range"),
            (facts, "rigid_spending: spent > 0 and spent >", "rigid_spending: spent >"),
            (facts, "< sheet_months", "<= sheet_months"),
            (facts, "counted_transfers > 0 and counted_transfers", "counted_transfers"),
            (facts, "transfers - if_unknown(uncounted, 0)", "transfers"),
            (facts, "event_recent or work_lost or surely_unmet", "event_recent or surely_unmet"),
            (
                kinds,
                "not if_unknown(exit_state in ('not_exited', 'returned'), false)",
                "exit_state in ('stable', 'earlier_exited')",
            ),
            (end, "as_of >= sudden_hardship_begins and ", ""),
            (end, "after_loss_per_head < monitoring_line and difficulty", "after_loss_per_head < monitoring_line"),
            (end, "waited and stable_income and measures_taken", "waited and measures_taken"),
            (end, "months_between(monitoring_identified, as_of) >=", "months_between(monitoring_identified, as_of) >"),
            (end, "has_any(measure_families, any_measure)\n    and ", ""),
            (end, "or has_any(measure_families, measures_for_water)", ""),
            (end, "and not new_risk\n      and not without_labour", "and not new_risk"),
            (end, "not something_unmet and not new_risk", "not new_risk"),
            (end, "if_unknown(all_without_labour, nobody_able)", "all_without_labour"),
            (end, "not if_unknown(risk_eliminated, false) and not if_unknown(without", "not if_unknown(without"),
            (people, "if_unknown(absent_family, false) or count_members() > 0 and all(away)", "all(away)"),
            (people, "listed and vehicle", "vehicle"),
            (counted, "d6i_care, d6j", "d6i_care, d6h_disaster, d6m_relief, d6j"),
        ],
    )


def require_caught(folder: Path, third: int, slips: list[tuple[str, str, str]]) -> None:
    for file, old, new in slips[third::3]:
        path = placed(folder, file)
        before = path.read_text(encoding="utf-8")
        edit(folder, file, old, new)
        caught = run_situations(load_pack(folder))
        path.write_text(before, encoding="utf-8")
        assert caught, (file, old)
