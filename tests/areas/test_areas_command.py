"""`bangfu areas`: a list loaded, a county founded, groups added; refused as a whole or done as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from tests.areas.conftest import CHANGES, LIST_2023

from bangfu.areas.files import read_areas, read_changes
from bangfu.areas.models import Area, AreaCell, AreaCode
from bangfu.demo import second
from bangfu.demo.population import DATA
from bangfu.foundation import clock
from bangfu.foundation.county import find_county, found_county, the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.web.command import main

# The option of settings that django-typer adds to every command warns once under the newest Typer.
pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:In Typer, only the parameter:DeprecationWarning")]
COUNTY = "520323000000"
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(no_areas: None, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """A data folder without a county in 2026, and the command in it: its JSON."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM county")
    clock.set_process_clock(None)

    def run(*words: object) -> dict[str, Any]:
        capsys.readouterr()
        try:
            call_command("areas", *map(str, words), "--json")
        finally:
            run.said = capsys.readouterr()  # type: ignore[attr-defined]
        return json.loads(run.said.out)  # type: ignore[attr-defined]

    with clock.standing_at(date(2026, 3, 1)):
        yield run


def load(run: Run, *more: object, file: Path = LIST_2023) -> dict[str, Any]:
    return run("load", file, "--edition", "NBS 2023", "--since", "2018-01-01", *more)


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_a_list_alone_founds_nothing(run: Run) -> None:
    said = load(run, "--changes", CHANGES)
    assert (said["loaded"], said["county"], said["unchanged"]) == (True, None, 0)
    assert said["added"] == Area.objects.count() - 1  # the country itself is no row of the list
    assert find_county() is None
    assert not AreaCell.objects.exists()
    again = load(run, "--changes", CHANGES)
    assert (again["added"], again["renamed"], again["recoded"], again["absent"]) == (0, 0, 0, [])
    assert again["unchanged"] == said["added"]


def test_with_a_county_it_is_founded_and_drawn(run: Run) -> None:
    said = load(run, "--county", COUNTY, "--outline", DATA / "county.geojson", "--changes", CHANGES, "--source", "NBS")
    county = the_county()
    assert (county.name, county.country, county.synthetic, county.clock) == (Text("绥阳县", "Suiyang County"), "cn", False, None)
    assert said["county"] == {"path": county.path, "zh": "绥阳县", "en": "Suiyang County", "cells": AreaCell.objects.count()}
    assert AreaCell.objects.count() == Area.objects.under(county.path).level("county", "township", "village").count()
    assert not AreaCell.objects.get(area__path=county.path).schematic
    assert set(AreaCode.objects.exclude(edition="changes").values_list("source", flat=True)) == {"NBS"}
    assert load(run, "--county", COUNTY, "--changes", CHANGES)["added"] == 0
    assert AreaCell.objects.get(area__path=county.path).schematic  # drawn again, this time without an outline


def test_another_country(run: Run) -> None:
    said = load(run, "--country", "xa", "--county", "XA7", file=second.AREAS)
    assert (said["added"], said["county"]["cells"]) == (37, 37)
    assert (the_county().country, the_county().path) == ("xa", "xa/007/")


def test_what_is_no_county_leaves_nothing_behind(run: Run) -> None:
    for code in ("520323100000", "999999000000"):
        with pytest.raises(Problem) as raised:
            load(run, "--county", code)
        assert raised.value.number == "BF-1113"
        refused = json.loads(run.said.out)  # type: ignore[attr-defined]
        assert (refused["loaded"], refused["problem"]["number"]) == (False, "BF-1113")
        assert not Area.objects.exists()
        assert find_county() is None


def test_another_county_is_not_put_over_one_that_stands(run: Run, tmp_path: Path) -> None:
    load(run, "--county", COUNTY)
    with pytest.raises(Problem) as raised:
        load(run, "--country", "xa", "--county", "XA7", file=second.AREAS)
    assert raised.value.number == "BF-1114"
    assert "绥阳县" in raised.value.cause.zh
    assert not Area.objects.filter(path__startswith="xa/").exists()
    county = the_county()
    found_county(county.name, "cn", county.path, synthetic=True, at=clock.moment(date(2020, 4, 28)))
    with pytest.raises(Problem) as raised:  # the demo's persons are invented: no real county begins in their folder
        load(run, "--county", COUNTY)
    assert raised.value.number == "BF-1114"
    clock.set_process_clock(None)


def test_bad_files_are_refused(run: Run, tmp_path: Path) -> None:
    bad = {
        "BF-1103": ["load", written(tmp_path / "a.csv", "code,name\n1,a\n"), "--edition", "1", "--since", "2020-01-01"],
        "BF-1110": ["load", LIST_2023, "--edition", "1", "--since", "2020-01-01", "--county", COUNTY, "--outline", LIST_2023],
        "BF-1102": ["load", LIST_2023, "--edition", "1", "--since", "2020-01-01", "--country", "zz"],
        "BF-1002": ["groups", written(tmp_path / "g.csv", "village_code,name\n1,a\n")],
    }
    for number, words in bad.items():
        with pytest.raises(Problem) as raised:
            run(*words)
        assert raised.value.number == number
    assert not Area.objects.exists()


def test_wrong_usage_ends_with_two(run: Run, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        load(run, "--outline", DATA / "county.geojson")
    assert ended.value.code == 2
    with pytest.raises(CommandError):
        run("load", tmp_path / "missing.csv", "--edition", "1", "--since", "2020-01-01")
    with pytest.raises(CommandError):
        load(run, "--since", "yesterday")


def test_groups_and_grids_below_villages(run: Run, tmp_path: Path) -> None:
    load(run, "--county", COUNTY, "--changes", CHANGES)
    old, new = next(
        (row.split(",")[0], row.split(",")[1])
        for row in CHANGES.read_text("utf-8-sig").splitlines()[1:]
        if row.split(",")[0] != row.split(",")[1] and not row.split(",")[1].endswith("000")
    )
    listed = written(
        tmp_path / "g.csv", f"village_code,name,level\n{new},第一村民小组,\n{new},1组,group\n{new},东网格,grid\n{old},二组,\n"
    )
    assert run("groups", listed) == {"loaded": True, "added": 3, "unchanged": 0}
    assert run("groups", listed) == {"loaded": True, "added": 0, "unchanged": 3}
    village = Area.objects.level("village").get(codes__code=new)
    below = {(a.name, a.level, a.valid.lower) for a in Area.objects.children_of(village)}
    assert below == {
        ("第一村民小组", "group", date(2000, 1, 1)),
        ("东网格", "grid", date(2000, 1, 1)),
        ("二组", "group", date(2000, 1, 1)),
    }


@pytest.mark.parametrize(
    ("row", "number"),
    [("520323999999,一组,", "BF-1106"), ("{village},一组,village", "BF-1112"), ("{village},,", "BF-1115")],
)
def test_a_bad_row_adds_no_group_at_all(run: Run, tmp_path: Path, row: str, number: str) -> None:
    load(run, "--county", COUNTY)
    village = Area.objects.level("village").with_code(date(2026, 3, 1), "nbs12").first()
    code = getattr(village, "code_on", "")
    listed = written(tmp_path / "g.csv", f"village_code,name,level\n{code},一组,\n{row.format(village=code)}\n")
    with pytest.raises(Problem) as raised:
        run("groups", listed)
    assert (raised.value.number, raised.value.values["row"]) == (number, 3)
    assert not Area.objects.level("group").exists()


def test_a_country_without_groups_takes_none(run: Run, tmp_path: Path) -> None:
    load(run, "--country", "xa", "--county", "XA7", file=second.AREAS)
    with pytest.raises(Problem) as raised:
        run("groups", written(tmp_path / "g.csv", "village_code,name\nXA7-01-001,1\n"))
    assert raised.value.number == "BF-1112"


def test_the_console_script_ends_with_two_for_wrong_usage_and_with_one_for_refused_data(
    no_areas: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usual = ["bangfu", "areas", "load", str(LIST_2023), "--edition", "1"]
    # The console script closes its connections at the end; this test's is still needed.
    monkeypatch.setattr("django.db.connections.close_all", lambda: None)
    for more, code in (([], 2), (["--since", "soon"], 2), (["--since", "2018-01-01", "--county", "1"], 1), (["--nonsense"], 2)):
        monkeypatch.setattr("sys.argv", [*usual, *more])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == code, more
    assert "BF-1113" in capsys.readouterr().err


def test_a_village_without_a_name_is_refused(tmp_path: Path) -> None:
    """In GB 18030, as offices keep their lists."""
    path = tmp_path / "list.csv"
    path.write_bytes("code,name,level,parent\n520323201998,,village,520323201000\n".encode("gb18030"))
    with pytest.raises(Problem, match="BF-1115"):
        read_areas(path)
    path.write_bytes("code,name,level,parent\n520323201998,飞水村,village,520323201000\n".encode("gb18030"))
    assert [row.name for row in read_areas(path)] == ["飞水村"]


LONG = "郑" * 81


@pytest.mark.parametrize(
    ("number", "said", "text"),
    [
        ("BF-1116", "Row 2: name has more than 80", f"520000000000,{LONG},province,\n"),
        ("BF-1116", "Row 2: name_en has more than 120", f"520000000000,贵州省,province,,{'S' * 121}\n"),
        ("BF-1103", "lacks the column “code”", "520323000000;绥阳县;county;\n"),
    ],
)
def test_what_has_no_place_in_the_database_is_refused_with_its_row(
    run: Run, tmp_path: Path, number: str, said: str, text: str
) -> None:
    head = "code;name;level;parent\n" if ";" in text else "code,name,level,parent,name_en\n"
    with pytest.raises(Problem) as raised:
        load(run, file=written(tmp_path / "list.csv", head + text))
    assert raised.value.number == number
    assert said in raised.value.cause.en
    assert not Area.objects.exists()


def test_an_edition_a_source_a_code_and_a_group_that_are_too_long(run: Run, tmp_path: Path) -> None:
    for words in (["--edition", "N" * 21], ["--edition", "N", "--source", "S" * 121]):
        with pytest.raises(Problem, match="BF-1116"):
            run("load", LIST_2023, "--since", "2018-01-01", *words)
    assert not Area.objects.exists()
    load(run, "--county", COUNTY)
    before = Area.objects.count()
    groups = written(tmp_path / "groups.csv", f"village_code,name\n520323101001,一组\n520323101001,{LONG}\n")
    with pytest.raises(Problem) as raised:
        run("groups", groups)
    assert (raised.value.number, "Row 3" in raised.value.cause.en) == ("BF-1116", True)
    with pytest.raises(Problem, match="BF-1116"):
        run("groups", written(tmp_path / f"{'g' * 130}.csv", "village_code,name\n520323101001,一组\n"))
    assert Area.objects.count() == before


def test_the_longest_name_that_is_let_in_is_kept(run: Run, tmp_path: Path) -> None:
    """Its pinyin is longer than its column: the beginning is kept for searching."""
    name = "庄" * 79 + "村"
    village = written(tmp_path / "v.csv", f"code,name,level,parent,name_en\n520323101999,{name},village,520323101000,Zhuang\n")
    load(run)
    load(run, file=village)
    assert len(Area.objects.get(name=name).pinyin) == 200


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"PK\x03\x04...", "a workbook"), (b" \n", "empty"), (bytes(range(256)), "no text"), (b'code,name\n1,"open\n', "line 2")],
)
def test_what_is_no_csv_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(Problem) as raised:
        read_areas(path)
    assert raised.value.number == "BF-1009"
    assert why in raised.value.cause.en


def test_a_change_on_no_day_is_refused(tmp_path: Path) -> None:
    head = "old_code,new_code,old_name,new_name,date\n"
    with pytest.raises(Problem, match="BF-1117"):
        read_changes(written(tmp_path / "changes.csv", head + "1,2,甲,乙,2020-13-01\n"))
