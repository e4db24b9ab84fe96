"""The hand-written families: there at every scale, with the same numbers, each showing its one point."""

from __future__ import annotations

from datetime import date

import pyarrow.compute as pc
import pytest

from bangfu.demo.population import Population, generate, read_villages
from bangfu.demo.population.setting import read_setting
from bangfu.demo.population.stories import read

KEYS = {
    "drop_out", "unsafe_house", "illness", "grower", "relocated", "alone", "left_behind", "newborn", "split", "duplicate",
}  # fmt: skip


@pytest.fixture(scope="module", params=[0.001, 0.01])
def population(request) -> Population:
    return generate(read_villages(), scale=request.param)


def rows(population: Population, story: str, record: int = 0) -> list[dict[str, object]]:
    number = population.stories[story][record]
    return population.table.filter(pc.equal(population.table["household_no"], number)).to_pylist()


def later_rows(population: Population, story: str, record: int) -> list[dict[str, object]]:
    number = population.stories[story][record]
    return population.later.filter(pc.equal(population.later["household_no"], number)).to_pylist()


def test_all_stories_are_there_with_fixed_numbers(population):
    assert set(population.stories) == KEYS
    assert population.stories["drop_out"] == ("52032310120590001",)
    assert population.stories["split"] == ("52032311220390001", "52032311220390002")
    assert population.stories["duplicate"] == ("52032310520390001", "52032300120190001")
    for story, numbers in population.stories.items():
        for record, number in enumerate(numbers):
            found = rows(population, story, record) or later_rows(population, story, record)
            assert found, story
            assert found[0]["relation"] == "head"
            assert found[0]["village_code"] == number[:12]


def test_stories_are_the_same_at_every_scale_and_seed():
    """Everything a story tells, its identity numbers too; only what it leaves open may be drawn."""
    villages = read_villages()
    one, other = generate(villages, scale=0.001), generate(villages, scale=0.01, seed=99)
    found = read(read_setting(), {village.code for village in villages})
    for story in found:
        for record, told in enumerate(story.records):
            for left, right, member in zip(
                rows(one, story.key, record), rows(other, story.key, record), told.members, strict=True
            ):
                for key in {"identity", "person_no", *told.household, *member} - {"group"}:
                    assert left[key] == right[key], (story.key, key)


def test_the_boy_who_left_school(population):
    _, _, boy, girl = rows(population, "drop_out")
    assert (boy["school_status"], boy["education"], boy["finished_grade_nine"], boy["dropout_reason"]) == (
        "dropped_out",
        "primary",
        False,
        "dislike",
    )
    assert boy["birth_date"] == date(2005, 11, 23)
    assert girl["school_status"] == "enrolled"


def test_the_unsafe_house(population):
    head = rows(population, "unsafe_house")[0]
    assert (head["house_grade"], head["house_repair"], head["household_kind"]) == ("D", "none", "ordinary")


def test_the_edge_household_stands_above_the_line_and_far_below_it_after_its_bills(population):
    people = rows(population, "illness")
    head = people[0]
    assert (head["household_kind"], head["monitoring_kind"], head["health"]) == ("monitored", "edge", "serious")
    net = sum(
        head[f"income_{key}"]
        for key in (
            "wage",
            "production",
            "property",
            "family_planning",
            "allowance",
            "extreme_poverty",
            "pension",
            "ecology",
            "other_transfer",
        )
    )
    net -= head["production_cost"]
    assert 4000 < net / len(people) < 5000
    assert (net + head["claims"] - head["self_paid"]) / len(people) < 4000


def test_the_large_grower(population):
    head = rows(population, "grower")[0]
    assert head["village"] == "飞水村"
    assert head["arable_mu"] >= 110
    assert head["income_production"] - head["production_cost"] == 96_500


def test_the_relocated_family_lives_at_the_county_seat(population):
    people = rows(population, "relocated")
    head = people[0]
    assert (head["household_kind"], head["relocated"], head["resettlement_place"]) == ("registered", True, "county_seat")
    assert (head["exit_state"], head["exit_year"]) == ("earlier_exited", 2018)
    assert {person["residence"] for person in people} == {"in_county"}
    assert all(person["resident_medical"] for person in people)


def test_the_elderly_couple_is_alone(population):
    people = rows(population, "alone")
    assert [person["relation"] for person in people] == ["head", "spouse"]
    assert all(person["birth_date"] < date(1946, 1, 1) and person["residence"] == "here" for person in people)


def test_the_children_stay_with_their_grandmother(population):
    father, mother, *rest = rows(population, "left_behind")
    assert {father["residence"], mother["residence"]} == {"other_province"}
    assert {person["residence"] for person in rest} == {"here"}
    assert [person["relation"] for person in rest] == ["daughter", "son", "mother"]


def test_the_newborn_is_not_insured(population):
    *parents, child = rows(population, "newborn")
    assert child["resident_medical"] is False
    assert child["employee_medical"] is False
    assert all(parent["resident_medical"] for parent in parents)


def test_the_sons_family_parts_from_its_household_in_a_later_file(population):
    people, older, young = rows(population, "split"), later_rows(population, "split", 0), later_rows(population, "split", 1)
    assert (len(people), rows(population, "split", 1)) == (6, [])
    assert len({person["hukou_book"] for person in people}) == 2
    assert {row["data_date"] for row in (*older, *young)} == {date(2020, 3, 31)}
    assert [row["identity"] for row in (*older, *young)] == [person["identity"] for person in people]
    assert [row["relation"] for row in older] == ["head", "spouse"]
    assert [row["relation"] for row in young] == ["head", "spouse", "son", "daughter"]
    assert {row["change_reason"] for row in young} == {"moved_in"}
    assert older[0]["arable_mu"] + young[0]["arable_mu"] == people[0]["arable_mu"]
    assert (older[0]["account"], older[0]["house_area_m2"]) == (people[0]["account"], people[0]["house_area_m2"])
    assert (young[0]["account"], young[0]["house_area_m2"]) == (None, 110)
    assert {row["household_phone"] for row in young} == {young[0]["phone"]}


def test_the_duplicate_differs_in_numbers_and_agrees_in_people(population):
    first, second = rows(population, "duplicate", 0), rows(population, "duplicate", 1)
    for one, other in zip(first, second, strict=True):
        assert one["identity"] != other["identity"]
        assert (one["birth_date"], one["sex"], one["phone"]) == (other["birth_date"], other["sex"], other["phone"])
    assert first[0]["name"] == "石永强"
    assert second[0]["name"] == "石勇强"
    assert [person["name"] for person in first[1:]] == [person["name"] for person in second[1:]]


def test_stories_of_villages_that_are_not_there_are_left_out():
    villages = [village for village in read_villages() if village.township_code == "520323101000"]
    made = generate(villages, scale=0.01)
    assert set(made.stories) == {"drop_out"}


def test_stories_count_among_the_totals():
    with_stories = generate(read_villages(), scale=0.01)
    setting = read_setting()
    bare = type(setting)({key: value for key, value in setting.raw.items() if key != "stories"}, setting.path)
    without = generate(read_villages(), scale=0.01, setting=bare)
    assert (with_stories.households, with_stories.persons) == (without.households, without.persons)
    assert without.stories == {}
    assert without.later.num_rows == 0
