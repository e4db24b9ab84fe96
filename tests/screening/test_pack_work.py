"""How packs order the work: numbers with their sources, refusals with file and line, and packs that say nothing of it."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from bangfu.foundation.problems import Problem
from bangfu.screening.comparing import compare
from bangfu.screening.pack import PACKS, Pack, load_pack, pack_names
from bangfu.screening.pack.checking import check_pack
from bangfu.screening.pack.keys import WORK
from bangfu.screening.pack.work import Work, visits_on, work_on
from bangfu.screening.pages.showing import pack_shown, resting_on

NAME = "cn-county-2020"
DAY = dt.date(2020, 4, 28)
CHINESE = ("cn-county-2020", "cn-monitoring-2021", "cn-regular-2026")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The pack with its shared parts beside it."""
    shutil.copytree(PACKS / NAME, tmp_path / NAME)
    shutil.copytree(PACKS / "shared", tmp_path / "shared")
    return tmp_path / NAME


def at(pack: Pack, day: dt.date = DAY) -> Work:
    return work_on(pack, day)


def test_the_work_of_2020() -> None:
    work = at(load_pack(NAME))
    assert {rank: s.value for rank, s in work.by("pairing.quota").items()} == {"county": 4, "section": 3, "general": 2}
    assert {mark: s.value for mark, s in work.by("first_secretaries.marks").items()} == {"poor_village": 1, "weak_village": 0}
    assert {rank: s.value for rank, s in work.by("attendance.days").items()} == {"county": 10, "section": 20, "general": 25}
    numbers = {
        "pairing.ceiling": 6, "measures.first": 10, "measures.all": 30, "full_check.first": 4, "full_check.every": 6, "full_check.length": 1,
        "year_end.first": 10, "year_end.last": 12,
    }  # fmt: skip
    assert {key: work.number(key) for key in numbers} == numbers
    assert str(work.number("deployment.share")) in ("0.7", "0.70")
    assert set(work.titles) == set(WORK)
    doubtful = work.by("pairing.quota")["county"]
    assert (doubtful.verified, "inferred" in doubtful.source.en, "推断" in doubtful.source.zh) == (False, True, True)
    share, village = work.setting("deployment.share"), work.by("first_secretaries.marks")["poor_village"]
    assert share is not None
    assert (share.verified, village.verified) == (True, True)


def test_the_work_of_later_years() -> None:
    later = at(load_pack("cn-monitoring-2021"), dt.date(2022, 4, 28))
    assert {mark: s.value for mark, s in later.by("first_secretaries.marks").items()} == {"poor_village": 1, "weak_village": 1}
    assert not later.by("first_secretaries.marks")["poor_village"].verified
    assert (later.number("deployment.share"), later.number("measures.all")) == (0, 30)
    pack = load_pack("cn-regular-2026")
    now = at(pack, dt.date(2026, 4, 28))
    assert (now.number("measures.first"), now.number("measures.all")) == (None, None)
    assert {"first_measure_days", "all_measures_days"} <= {p.name for p in pack.open_on(dt.date(2026, 4, 28))}
    assert now.number("pairing.ceiling") == 6


@pytest.mark.parametrize("name", CHINESE)
def test_visits_differ_by_household_and_by_helper(name: str) -> None:
    pack = load_pack(name)
    visits = visits_on(pack, pack.sample_day)
    assert {key: visit.every.value for key, visit in visits.items()} == {
        "not_exited": 30,
        "watched": 30,
        "exited": 60,
        "ordinary": 90,
    }
    secretary = visits["watched"].of("first_secretary")
    assert secretary is not None
    assert (secretary.value, secretary.verified) == (90, False)
    assert visits["ordinary"].of("first_secretary") is None
    assert visits["ordinary"].of() == visits["ordinary"].every


@pytest.mark.parametrize("name", sorted(set(pack_names()) - set(CHINESE)))
def test_a_pack_need_not_say_anything_of_the_work(name: str) -> None:
    pack = load_pack(name)
    work = at(pack, pack.sample_day)
    assert (work.titles, work.one, work.by_code) == ({}, {}, {})
    assert (work.number("pairing.ceiling"), work.setting("pairing.ceiling"), work.by("pairing.quota"), work.says("pairing")) == (
        None,
        None,
        {},
        False,
    )
    assert pack_shown(pack, pack.sample_day)["work"] == []
    assert visits_on(pack, pack.sample_day) == {}


FAULTS = [
    ("  pairing: {title:", "  pairng: {title:", ("pairng", "只能是 pairing", "is not one of pairing")),
    ("ceiling: households_per_helper", "roof: households_per_helper", ("roof", "只能是", "is not one of")),
    (", ceiling: households_per_helper", "", ("pairing", "缺少 ceiling", "ceiling is missing")),
    ("ceiling: households_per_helper", "ceiling: six", ("six 不是", "six is not a parameter")),
    ("ceiling: households_per_helper", "ceiling: deployed_share", ("deployed_share 不是", "deployed_share is not a parameter of type integer")),
    ("{county: quota_county,", "{mayor: quota_county,", ("mayor",)),
    ("quota: {county: quota_county, section: quota_section, general: quota_general}", "quota: 3", ("代码: 参数", "a mapping of codes")),
    ("    values: {2018-01-01: 6}\n", "    values: {2018-01-01: 3}\n", ("大于 households_per_helper", "is above households_per_helper")),
    ("    values: {2018-01-01: 4}\n    source: &full_check", "    values: {2018-01-01: 13}\n    source: &full_check", ("13", "不在 1 到 12", "is not between 1 and 12")),
    ("2020-01-01: 0.70", "2020-01-01: 70", ("70", "不在 0 到 1", "is not between 0 and 1")),
    ("{2018-01-01: 30, 2026-01-01: null}", "{2018-01-01: 9, 2026-01-01: null}", ("first_measure_days", "大于 all_measures_days", "is above all_measures_days")),
    ("  weak_village: {zh: 党组织", "  feeble_village: {zh: 党组织", ("weak_village",)),
    ("  helper_rank:\n", "  helper_ranks:\n", ("没有代码表 helper_rank", "there is no code list helper_rank")),
    (", marks: {poor_village: first_secretaries_poor_village, weak_village: first_secretaries_weak_village}", "", ("至少写一项", "needs at least one number")),
    ("marks: {poor_village: first_secretaries_poor_village, weak_village: first_secretaries_weak_village}", "kinds: {A: first_secretaries_poor_village}", ("不是合规的名称", "is no proper name")),
]  # fmt: skip


def edit(folder: Path, old: str, new: str, file: str = "cn-work/work.yaml") -> int:
    path = folder.parent / "shared" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text.partition(old)[0].count("\n") + 1


@pytest.mark.parametrize(("old", "new", "said"), FAULTS)
def test_a_fault_is_told_in_both_languages_with_its_line(copy: Path, old: str, new: str, said: tuple[str, ...]) -> None:
    edit(copy, old, new)
    with pytest.raises(Problem) as caught:
        load_pack(copy)
    problem = caught.value
    assert problem.number in ("BF-1502", "BF-1406")
    assert problem.values["file"] == "shared/cn-work/work.yaml"
    lines = (copy.parent / "shared" / "cn-work" / "work.yaml").read_text("utf-8").splitlines()
    line = lines[int(problem.values["line"]) - 1]
    assert str(problem.values.get("code", problem.values["name"])) in line or (said[0].isdecimal() and said[0] in line)
    told = f"{problem.cause.zh} {problem.cause.en}"
    for words in said:
        assert words in told, told
    assert next(p.number for p in check_pack(copy).faults) == problem.number


def test_every_fault_of_the_work_is_told_at_once(copy: Path) -> None:
    edit(copy, "ceiling: households_per_helper", "ceiling: six")
    edit(copy, "first: year_end_first_month", "begins: october, first: year_end_first_month")
    edit(copy, "{first_secretary: visit_days_first_secretary}", "{bishop: visit_days_first_secretary}", "cn-people/people.yaml")
    assert sorted((p.number, str(p.values["name"])) for p in check_pack(copy).faults) == [
        ("BF-1406", "bishop"),
        ("BF-1502", "begins"),
        ("BF-1502", "ceiling"),
    ]


def test_a_countys_own_number_takes_the_place_of_the_shared_one(copy: Path) -> None:
    (copy / "own.yaml").write_text(
        "parameters:\n  households_per_helper:\n    title: {zh: 上限, en: ceiling}\n    values: {2018-01-01: 8}\n    source: county document 1\n    verified: true\n",
        "utf-8",
    )
    own = load_pack(copy)
    ceiling = at(own).setting("pairing.ceiling")
    assert ceiling is not None
    assert (ceiling.value, ceiling.verified, ceiling.source.en) == (8, True, "county document 1")
    assert check_pack(copy).faults == []


def test_what_differs_of_the_work_is_named(copy: Path) -> None:
    edit(copy, "ceiling: households_per_helper", "ceiling: fields_per_visit")
    edit(copy, ", by_helper: {first_secretary: visit_days_first_secretary}", "", "cn-people/people.yaml")
    told = {(c.kind, c.name, c.what, c.before, c.after) for c in compare(load_pack(NAME), load_pack(copy)).changes}
    assert told == {
        ("work", "pairing", "ceiling", "households_per_helper", "fields_per_visit"),
        ("visit", "not_exited", "by_helper.first_secretary", "visit_days_first_secretary", ""),
    }


def test_the_page_of_a_pack_shows_the_work_with_its_values() -> None:
    pack = load_pack(NAME)
    shown = {title.zh: {p.name: value for p, value in numbers} for title, numbers in pack_shown(pack, DAY)["work"]}
    assert shown["结对帮扶户数"]["quota_county"].zh == "4 户"
    assert shown["落实帮扶措施"]["first_measure_days"].en == "10 days"
    assert [t.zh for t in resting_on(pack, "first_measure_days")] == ["落实帮扶措施"]
    assert len(resting_on(pack, "visit_days_first_secretary")) == 2
    open_ = pack_shown(load_pack("cn-regular-2026"), dt.date(2026, 4, 28))["work"]
    words = {p.name: value.zh for _, numbers in open_ for p, value in numbers}
    assert words["first_measure_days"] != "10 天"
