"""`bangfu policy …` as a process: every fault told, situations judged, packs read aloud and compared; a county's own packs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bangfu.foundation.problems import Problem
from bangfu.screening.aloud import Reader
from bangfu.screening.comparing import compare
from bangfu.screening.coverage import coverage
from bangfu.screening.pack import PACKS, find_pack, load_pack, own_packs, pack_names
from bangfu.screening.pack.checking import check_pack
from bangfu.screening.situations import situations_of
from bangfu.screening.wording import expression_in_words
from bangfu.screening.writing import new_pack

NAME = "cn-county-2020"


def run(*arguments: str, lang: str = "en", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"BANGFU_LANG": lang, "PYTHONWARNINGS": "default", "COLUMNS": "200"}
    command = [sys.executable, "-m", "bangfu", "policy", *arguments]
    return subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, check=False)


def document(*arguments: str, code: int = 0) -> Any:
    done = run(*arguments, "--json")
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The pack with its shared parts beside it."""
    shutil.copytree(PACKS / NAME, tmp_path / NAME)
    shutil.copytree(PACKS / "shared", tmp_path / "shared")
    return tmp_path / NAME


def placed(folder: Path, file: str) -> Path:
    """A file of the pack, or of the first shared part that has it."""
    own = folder / file
    return own if own.exists() else next(p for p in sorted((folder.parent / "shared").glob(f"*/{file}")))


def edit(folder: Path, file: str, old: str, new: str) -> int:
    """Replace a piece of a file; returns the line where it stands."""
    path = next(
        p
        for p in (folder / file, *sorted((folder.parent / "shared").glob(f"*/{file}")))
        if p.exists() and old in p.read_text("utf-8")
    )
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text.partition(old)[0].count("\n") + 1


FAULTS = [
    ("pack.yaml", "from: 2020-01-01", "from: long ago", "BF-1502"),
    ("parameters.yaml", "2020-01-01: 4000", "2020-01-01: viertausend", "BF-1413"),
    ("facts.yaml", "members > 0", "membres > 0", "BF-1402"),
    ("guarantees/food.yaml", "met: food_staple and food_nutrition", "met: food_staple and", "BF-1401"),
    ("guarantees/food.yaml", "        do: {zh: 先送口粮", "        then: {zh: 先送口粮", "BF-1502"),
    ("guarantees/housing.yaml", "= 'accepted'", "= 'excepted'", "BF-1406"),
    ("guarantees/schooling.yaml", "{names(left_school)}", "{left_school}", "BF-1509"),
    ("guarantees/schooling.yaml", "  attends: >", "  attends_not: not attends_not\n  attends: >", "BF-1405"),
    ("guarantees/water.yaml", "households:", "household:", "BF-1502"),
    ("situations/food.yaml", "reasons: [no_staple]", "reasons: [staple_unknown]", "BF-1510"),
]  # fmt: skip


def test_every_fault_is_told_at_once_with_its_line(copy: Path) -> None:
    places = {(file, edit(copy, file, old, new)): number for file, old, new, number in FAULTS}
    found = [(p.number, p.values["file"], p.values["line"]) for p in check_pack(copy).faults]
    assert len(found) == len(FAULTS), found
    for (file, line), number in places.items():
        assert any(n == number and f.endswith(f"/{file}") and abs(at - line) <= 3 for n, f, at in found), (
            number,
            file,
            line,
            found,
        )


@pytest.mark.parametrize(("file", "old", "new", "number"), FAULTS)
def test_a_single_fault_is_the_only_one(copy: Path, file: str, old: str, new: str, number: str) -> None:
    """What only fails because of the first fault is not told."""
    edit(copy, file, old, new)
    assert [p.number for p in check_pack(copy).faults] == [number]


def test_files_that_are_no_yaml_are_told_and_nothing_else(copy: Path) -> None:
    edit(copy, "pack.yaml", "country: cn", "country: [cn")
    edit(copy, "guarantees/income.yaml", "guarantees:", "guarantees: {")
    assert [p.number for p in check_pack(copy).faults] == ["BF-1412", "BF-1412"]


def test_what_looks_forgotten_is_a_warning(copy: Path) -> None:
    (copy / "left.yaml").write_text("households:\n  left_over: members > 3\n", "utf-8")
    edit(copy, "parameters.yaml", "en: 'only a stated no fails; a blank is no doubt; inferred'", "en: ' '")
    edit(
        copy,
        "guarantees/income.yaml",
        "en: net income per head {income_per_head} yuan, below {income_line}",
        "en: below {income_line}",
    )
    placed(copy, "situations/water.yaml").unlink()
    edit(copy, "situations/income.yaml", ", water: met", "")
    found = {p.number: p.values["name"] for p in check_pack(copy).warnings}
    assert found == {"BF-1530": "left_over", "BF-1531": "water", "BF-1532": "treatment_must_be_proven", "BF-1533": "below_line"}
    done = run("check", str(copy))
    assert done.returncode == 0
    assert "0 faults, 4 warnings" in done.stdout


def test_our_packs_have_neither_faults_nor_warnings() -> None:
    for name in pack_names():
        found = check_pack(name)
        assert found.faults == []
        assert [str(w) for w in found.warnings if w.number != "BF-1530"] == []
        assert found.pack is not None
        assert set(found.pack.program.definitions) - set(found.pack.labels) == set()  # the reason tree calls each by its title
        for one in (*found.pack.parameters.values(), *found.pack.scores.values(), *found.pack.national.values()):
            assert one.source.zh != one.source.en, one


@pytest.mark.full
def test_check_as_a_process(copy: Path) -> None:
    assert document("check", NAME) == {"pack": NAME, "version": load_pack(NAME).version, "faults": [], "warnings": []}
    edit(copy, "facts.yaml", "members > 0", "membres > 0")
    told = document("check", str(copy), code=1)
    assert told["faults"][0]["where"]["file"].endswith("/facts.yaml")
    assert run("check", "nothing").returncode == 2
    assert run("check").returncode == 2
    both = run("check", str(copy), lang="")
    assert "没有定义" in both.stdout or "未定义" in both.stdout or "BF-1402" in both.stdout
    assert "not defined" in both.stdout


@pytest.mark.full
def test_situations_as_a_process(copy: Path) -> None:
    told = document("test", NAME)
    assert told["failures"] == []
    assert told["situations"] == len(situations_of(load_pack(NAME)))
    assert all(not c["results_left"] and not c["reasons_left"] for c in told["coverage"].values())
    edit(copy, "guarantees/income.yaml", "met: income_per_head >= income_line", "met: income_per_head > income_line")
    failed = document("test", str(copy), code=1)["failures"]
    assert failed
    assert failed[0]["subject"] == "income"
    assert failed[0]["wanted"].startswith("met")
    assert failed[0]["found"].startswith("unmet")
    some = document("test", str(copy), "--name", "Staple")
    assert 0 < some["situations"] < told["situations"]
    assert run("test", NAME, "--name", "no such thing").returncode == 1


def test_coverage_names_what_no_situation_meets(copy: Path) -> None:
    placed(copy, "situations/food.yaml").unlink()
    pack = load_pack(copy)
    food = next(c for c in coverage(pack, situations_of(pack)) if c.guarantee == "food")
    assert set(food.results_left) <= {"met", "unmet", "unknown"}
    assert food.reasons_left["missing" if "missing" in food.reasons_left else "unknown"] == [
        "staple_unknown",
        "nutrition_unknown",
    ]


def test_everything_of_a_pack_can_be_read_aloud() -> None:
    for name in pack_names():
        pack = load_pack(name)
        reader = Reader(pack)
        for one in [*pack.guarantees, *pack.proposals, *pack.scores, *pack.parameters, *pack.program.definitions]:
            line = reader.named(one)
            for lang in ("zh", "en"):
                assert "\n".join(line.outline(lang)).strip()
            assert line.as_json()["name"] == one
        with pytest.raises(Problem) as caught:
            reader.named("incom_line")
        assert caught.value.number == "BF-1534"


def test_income_is_read_down_to_its_fields_and_values() -> None:
    zh, en = (run("explain", NAME, "income", lang=lang).stdout for lang in ("zh", "en"))
    for said in (
        "谁参加评定",
        "不低于「收入标准」",
        "2020-01-01 起：4,000元（已核对）",
        "2019-01-01 起：3,747元（未核对）",
        "人均纯收入",
    ):
        assert said in zh, said
    for said in ("who is assessed", "is at least “income line”", "from 2020-01-01: 4,000 yuan (verified)"):
        assert said in en, said
    assert "income_line" in [
        n["name"] for n in next(line for line in document("explain", NAME)["lines"] if line["en"] == "parameters")["below"]
    ]


def test_two_packs_are_held_against_each_other(copy: Path) -> None:
    edit(copy, "parameters.yaml", "2020-01-01: 4000", "2020-01-01: 4200")
    edit(copy, "guarantees/food.yaml", "met: food_staple and food_nutrition", "met: food_staple")
    (copy / "many.yaml").write_text("households:\n  many: members > 3\n", "utf-8")
    found = compare(load_pack(NAME), load_pack(copy))
    told = {(c.kind, c.name, c.how, c.what, c.before, c.after) for c in found.changes}
    assert told == {
        ("parameter", "income_line", "changed", "2020-01-01", "4000", "4200"),
        ("guarantee", "food", "changed", "met", "food_staple and food_nutrition", "food_staple"),
        ("fact", "many", "added", "", "", "members > 3"),
    }
    turned = {(t.situation.en, t.guarantee) for t in found.turns}
    assert ("one not verified is no pass", "food") in turned
    assert any(g == "income" for _, g in turned)
    assert not compare(load_pack(NAME), load_pack(NAME))
    assert document("diff", NAME, str(copy))["changes"][0]["kind"] == "parameter"


def test_a_new_pack_passes_its_check_and_its_situations(tmp_path: Path) -> None:
    done = run("new", "warm-2020", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "warm-2020"
    found = check_pack(folder)
    assert (found.name, found.faults, found.warnings) == ("warm-2020", [], [])
    assert document("test", str(folder))["failures"] == []
    assert run("new", str(folder)).returncode == 1
    assert run("new", str(tmp_path / "Not A Name")).returncode == 1


def test_a_county_keeps_packs_of_its_own(temporary_home: Path, copy: Path) -> None:
    day = load_pack(NAME).valid_from
    own_packs().mkdir(parents=True)
    run_new = own_packs() / "county-lights"
    new_pack(run_new)
    assert pack_names() == sorted([*pack_names(PACKS), "county-lights"])
    assert load_pack("county-lights").name == "county-lights"
    standard = find_pack(day)
    assert standard is not None
    assert standard.name == NAME, "a pack that is asked for by name is no standard of a day"
    edit(run_new, "pack.yaml", "chosen: by_name\n", "")
    with pytest.raises(Problem) as caught:
        find_pack(day)
    assert caught.value.number == "BF-1504"
    shutil.rmtree(run_new)
    edit(copy, "parameters.yaml", "2020-01-01: 4000", "2020-01-01: 4200")
    shutil.copytree(copy, own_packs() / NAME)
    shutil.copytree(copy.parent / "shared", own_packs() / "shared")
    replaced = find_pack(day)
    assert replaced is not None
    assert replaced.parameters["income_line"].value_on(day) == 420000, "the county's own takes the place of ours of the same name"


@pytest.mark.parametrize(
    ("file", "old", "new", "number", "zh", "en"),
    [
        ("parameters.yaml", "2020-01-01: 36", "2020-13-01: 36", "BF-1412", "没有 2020-13-01 这一天", "there is no day 2020-13-01"),
        ("parameters.yaml", "2020-01-01: 36", "2020-06-01: 36", "BF-1524", "从 2020-06-01 起才有值", "from 2020-06-01 only"),
        ("parameters.yaml", "    source: an example; write the document and its number here\n", "", "BF-1502", "缺少 source", "source is missing"),
        ("parameters.yaml", "verified: false", "verified: false\n    verified: true", "BF-1412", "verified 重复了", "verified is repeated"),
        ("pack.yaml", "to: 2020-12-31", "to: 2019-12-31", "BF-1502", "from 不晚于 to", "from not after to"),
        ("pack.yaml", "country: cn", "country: zz", "BF-1527", "没有国家「zz」", "no country “zz”"),
        ("pack.yaml", "zh: 新规则包, ", "", "BF-1502", "须有 zh 和 en", "needs zh and en"),
        ("guarantees/supply.yaml", "supplied_by: water", "supplied_by: nobody", "BF-1526", "「nobody」不是已有名称的来源", "“nobody” is no source"),
        ("guarantees/supply.yaml", "<= outage_allowed", "/ 0 <= outage_allowed", "BF-1403", "0 以外的数", "other than 0"),
        ("situations/supply.yaml", "    expect: ", "    note: ", "BF-1510", "缺少 expect", "expect is missing"),
        ("situations/supply.yaml", "result: met", "result: good", "BF-1510", "规则包里没有这样的结果", "comes out so"),
    ],
)  # fmt: skip
def test_a_fault_of_a_new_pack_is_told_in_both_languages(
    tmp_path: Path, file: str, old: str, new: str, number: str, zh: str, en: str
) -> None:
    folder = tmp_path / "county-2020"
    new_pack(folder)
    edit(folder, file, old, new)
    found = check_pack(folder)
    told = next(problem for problem in (*found.faults, *found.warnings) if problem.number == number)
    assert zh in told.cause.zh
    assert en in told.cause.en
    assert not re.search(r"\b(must|needs|is|are|not)\b", told.cause.zh)
    assert told.values["line"] > 0


def test_a_verdict_without_a_reason_is_a_situation_that_does_not_come_out(tmp_path: Path) -> None:
    folder = tmp_path / "county-2020"
    new_pack(folder)
    edit(folder, "guarantees/supply.yaml", "when: not supply_holds", "when: water_outage_days > 100")
    edit(folder, "situations/supply.yaml", ", reasons: [fails]", "")
    done = run("test", str(folder))
    assert done.returncode == 1
    assert "supply.reasons" in done.stdout


def test_a_bare_name_is_that_of_a_known_pack_before_it_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    new_pack(tmp_path / "mine")
    (tmp_path / "mine").rename(tmp_path / NAME)
    assert load_pack(NAME).version == load_pack(PACKS / NAME).version
    assert load_pack(f"./{NAME}").version != load_pack(PACKS / NAME).version
    assert load_pack("proxy-means").name == "proxy-means"


def test_what_stands_in_for_an_unknown_value_is_said_behind_it() -> None:
    said = expression_in_words(
        load_pack(NAME), "if_unknown(income_wage, 0) + if_unknown(has(assets, 'radio'), false)", lambda _: None, lambda *_: None
    )
    assert said.en.startswith("income wage (where not known: 0) + ")
    assert said.zh.endswith("(不详按 否)")


def test_a_file_of_another_ending_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "county-2020"
    new_pack(folder)
    (folder / "more.yml").write_text("households: [", "utf-8")
    assert [(w.number, w.values["file"]) for w in check_pack(folder).warnings] == [("BF-1528", "county-2020/more.yml")]
