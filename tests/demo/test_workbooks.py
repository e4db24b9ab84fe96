"""The townships' workbooks, read back as a county's import reads them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import fastexcel
import pyarrow.compute as pc
import pytest
import yaml
from python_calamine import CalamineWorkbook

from bangfu.demo.population import DATA, Population, generate, read_villages
from bangfu.demo.workbooks import write_workbook, write_workbooks
from bangfu.foundation.say import text

DAY = date(2019, 12, 31)
REGISTER = DATA.parents[1] / "register"


@pytest.fixture(scope="module")
def population() -> Population:
    return generate(read_villages(), scale=0.004)


@pytest.fixture(scope="module")
def fields() -> dict[str, dict]:
    return yaml.safe_load((REGISTER / "fields.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def codes() -> dict[str, dict]:
    return yaml.safe_load((REGISTER / "codes.yaml").read_text("utf-8"))


def read(path) -> list[list[object]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def meant(value, spec, codes) -> object:
    """A cell turned back into what the table holds."""
    if value == "":
        return None
    kind = spec["type"]
    if kind in ("code", "codes"):
        words = {text(raw, DAY).zh: key for key, raw in codes[spec["codes"]].items()}
        return ";".join(words[word] for word in value.split("、"))
    if kind == "boolean":
        return {"是": True, "否": False}[value]
    if kind in ("integer", "year", "month"):
        return int(value)
    return Decimal(str(value)).quantize(Decimal("0.01")) if kind == "money" else value


def test_one_workbook_per_township_and_every_cell_comes_back(population, fields, codes, tmp_path):
    paths = write_workbooks(population, tmp_path / "out", processes=1)
    assert [path.name for path in paths][:2] == ["520323001000 洋川街道 农户信息.xlsx", "520323101000 郑场镇 农户信息.xlsx"]
    assert len(paths) == 15
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(path.name for path in paths)
    seen = 0
    for path in paths:
        title, day, headings, *body = read(path)
        table = population.of_township(path.name[:12])
        assert title[0] == f"绥阳县{path.name.split()[1]}农户信息"
        assert day[0].startswith("数据日期：2019-12-31")
        assert headings == [text(spec, DAY).zh for spec in fields.values()]
        assert len(body) == table.num_rows
        seen += len(body)
        expected = table.to_pydict()
        for place, (key, spec) in enumerate(fields.items()):
            assert [meant(row[place], spec, codes) for row in body] == expected[key], (path.name, key)
    assert seen == population.persons


def test_words_of_the_data_date_are_used(population, fields, tmp_path):
    path = write_workbook(population, tmp_path / "all.xlsx")
    place = list(fields).index("household_kind")
    assert {row[place] for row in read(path)[3:]} == {"普通农户", "建档立卡户", "监测户"}


def test_kinds_of_cells(population, fields, tmp_path):
    path = write_workbook(population, tmp_path / "all.xlsx")
    body = read(path)[3:]
    keys = list(fields)
    for key, kind in (
        ("identity", str),
        ("phone", str),
        ("household_no", str),
        ("birth_date", date),
        ("first_identified", str),
        ("exit_year", float),
    ):
        values = [row[keys.index(key)] for row in body if row[keys.index(key)] != ""]
        assert values, key
        assert all(isinstance(value, kind) for value in values), key
    month = next(row[keys.index("first_identified")] for row in body if row[keys.index("first_identified")])
    assert len(month) == 6


def test_a_second_reader_sees_the_same_identity_numbers(population, tmp_path):
    path = write_workbook(population, tmp_path / "all.xlsx")
    table = fastexcel.read_excel(path).load_sheet(0, header_row=2, dtypes="string").to_arrow()
    assert table["证件号码"].to_pylist() == population.table["identity"].to_pylist()
    parted = set(population.later["household_no"].to_pylist()) - set(population.table["household_no"].to_pylist())
    assert len(parted) == 1
    assert table["与户主关系"].to_pylist().count("户主") == population.households - len(parted)


def test_household_columns_can_be_left_to_the_head(population, fields, tmp_path):
    full = read(write_workbook(population, tmp_path / "full.xlsx"))[3:]
    lean = read(write_workbook(population, tmp_path / "lean.xlsx", repeat=False))[3:]
    keys = list(fields)
    kept = {"county", "township", "village", "village_code", "group", "data_date", "household_no"}
    for one, other in zip(full, lean, strict=True):
        head = one[keys.index("relation")] == "户主"
        for place, (key, spec) in enumerate(fields.items()):
            hidden = spec["level"] == "household" and key not in kept and not head
            assert other[place] == ("" if hidden else one[place]), key


def test_two_processes_write_what_one_writes(tmp_path):
    population = generate(read_villages(), scale=0.04)  # above the size at which processes are worth starting
    one = write_workbooks(population, tmp_path / "one", processes=1)
    two = write_workbooks(population, tmp_path / "two", processes=2)
    assert [path.name for path in one] == [path.name for path in two]
    assert all(left.read_bytes() == right.read_bytes() for left, right in zip(one, two, strict=True))


@pytest.mark.full
def test_the_true_county_is_written_whole(tmp_path):
    population = generate(read_villages())
    paths = write_workbooks(population, tmp_path)
    assert len(paths) == 15
    counts = [fastexcel.read_excel(path).load_sheet(0, header_row=2, use_columns=[0], dtypes="string").height for path in paths]
    assert sum(counts) == 565_201
    assert counts == [population.of_township(code).num_rows for code, _ in population.townships()]


def test_townships_without_people_have_no_workbook(tmp_path):
    villages = read_villages()
    population = generate(villages, scale=0.0003)
    paths = write_workbooks(population, tmp_path)
    present = set(pc.unique(population.table["township"].cast("string")).to_pylist())
    assert {path.name.split()[1] for path in paths} == present
