"""The second county: the same generator, another country."""

from __future__ import annotations

import csv
import re
from collections import Counter
from itertools import pairwise

import pytest
import yaml
from python_calamine import CalamineWorkbook

from bangfu.areas.profile import read_profile
from bangfu.demo import second
from bangfu.demo.population import Population, read_villages


@pytest.fixture(scope="module")
def population() -> Population:
    return second.population()


def test_two_thousand_households_in_thirty_hamlets(population):
    assert (population.households, population.persons) == (2000, 8600)
    assert len(set(population.table["village_code"].to_pylist())) == 30
    kinds = Counter(population.table["household_kind"].to_pylist())
    assert kinds["registered"] == 1500
    assert len(population.poor_villages) == 8


def test_the_profile_is_whole_and_fits_the_areas(population):
    profile = read_profile(second.PROFILE)
    assert profile.key == "xa"
    assert profile.languages == ("en",)
    assert [level.key for level in profile.levels[1:]] == ["district", "ward", "hamlet"]
    with second.AREAS.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert Counter(row["level"] for row in rows) == {"district": 1, "ward": 6, "hamlet": 30}
    codes = {row["code"] for row in rows}
    for row in rows:
        assert profile.code.level_of(row["code"]) == row["level"]
        assert row["parent"] in codes or row["level"] == "district"
    assert len({row["name"] for row in rows}) == len(rows)


def test_identity_numbers_follow_the_countrys_own_scheme(population):
    scheme = read_profile(second.PROFILE).identity[0]
    weights = (2, 3, 5, 7, 9, 11, 13, 4, 6, 8, 10)
    numbers = population.table["identity"].to_pylist()
    assert len(set(numbers)) == len(numbers)
    for number, born, sex in zip(
        numbers, population.table["birth_date"].to_pylist(), population.table["sex"].to_pylist(), strict=True
    ):
        assert re.fullmatch(scheme.pattern, number)
        assert number[:8] == born.strftime("%Y%m%d")
        assert (int(number[10]) % 2 == 1) == (sex == "male")
        assert number[11] == "ABCDEFGHJKLMNPQRSTUVWXY"[sum(int(d) * w for d, w in zip(number, weights, strict=False)) % 23]


def test_every_slip_of_one_digit_and_of_two_neighbours_changes_the_check(population):
    setting = yaml.safe_load((second.HERE / "setting.yaml").read_text("utf-8"))["identity"]
    weights, modulus = setting["weights"], setting["modulus"]
    assert len(setting["checks"]) == modulus == len(set(setting["checks"]))
    assert all(weight * slip % modulus for weight in weights for slip in range(1, 10))
    assert all((one - other) * slip % modulus for one, other in pairwise(weights) for slip in range(1, 10))


def test_names_are_english_and_couples_share_one(population):
    table = population.table
    assert all(re.fullmatch(r"[A-Z][a-z]+ [A-Z][A-Za-z'-]+", name) for name in table["name"].to_pylist())
    family: dict[str, str] = {}
    for number, relation, name in zip(*(table[key].to_pylist() for key in ("household_no", "relation", "name")), strict=True):
        if relation == "head":
            family[number] = name.split(" ")[1]
        elif relation in ("spouse", "son"):
            assert name.split(" ")[1] == family[number]


def test_what_the_country_does_not_have_is_blank(population):
    for key in ("group", "natural_village", "ethnic", "politics"):
        assert population.table[key].null_count == population.persons, key
    assert [village.kind for village in read_villages(second.AREAS)] == ["village"] * 30


def test_the_workbook_is_english(tmp_path):
    path = second.write(tmp_path / "out")
    assert path.name == "Alder District households.xlsx"
    title, day, headings, *body = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert title[0] == "Alder District: households"
    assert day[0].startswith("Date of the data: 2019-12-31")
    assert len(body) == 8600
    column = {heading: place for place, heading in enumerate(headings)}
    assert {row[column["Sex"]] for row in body} == {"male", "female"}
    assert {row[column["Kind of household"]] for row in body} == {"ordinary", "registered", "monitored"}
    assert {row[column["Resident medical insurance"]] for row in body} == {"yes", "no", ""}
    whole = " ".join(str(cell) for row in body for cell in row)
    assert not re.search("[\u4e00-\u9fff]", whole + title[0] + day[0] + "".join(headings))


def test_the_generator_makes_the_same_county_again():
    assert second.population(scale=0.1).table.equals(second.population(scale=0.1).table)
