"""What a visit of each way may prove: content of the packs, refusals with file and line, other countries, aloud and on the page."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.screening.test_pack_schema import SCHEMA, faults, plain

from bangfu.fieldwork.facts import MODES as FORM_MODES
from bangfu.foundation.problems import Problem
from bangfu.register.dated import HOUSEHOLD_FACTS, PERSON_FACTS
from bangfu.rules.source import read_file
from bangfu.screening.aloud import Reader
from bangfu.screening.comparing import compare
from bangfu.screening.pack import PACKS, load_pack, pack_names
from bangfu.screening.pack.checking import check_pack
from bangfu.screening.pack.keys import MODES, PROVEN, SIGNATURES
from bangfu.screening.pack.modes import modes_on
from bangfu.screening.pages.showing import pack_shown, resting_on

NAME = "cn-county-2020"
DAY = dt.date(2020, 4, 28)
CHINESE = ("cn-county-2020", "cn-monitoring-2021", "cn-regular-2026")
FILE = "shared/cn-modes/modes.yaml"
AWAY = ("workplace", "phone", "video", "relative")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The pack with its shared parts beside it."""
    shutil.copytree(PACKS / NAME, tmp_path / NAME)
    shutil.copytree(PACKS / "shared", tmp_path / "shared")
    return tmp_path / NAME


def edit(folder: Path, old: str, new: str, last: str | None = None) -> int:
    """Put something else into the shared part; gives the line on which the fault stands: that of `last`, else of `old`."""
    path = folder.parent / FILE
    text = path.read_text("utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), "utf-8")
    changed = text.replace(old, new, 1)
    return changed.partition(last or new or old)[0].count("\n") + 1


def entry(name: str) -> str:
    """The head of a mode as the shared part has it."""
    return f"  {name}:\n    title: {{zh: {MODES[name].zh}, en: {MODES[name].en}}}\n"


# --- what the packs say


def test_the_words_are_those_of_forms_and_of_the_register() -> None:
    assert {name: (t.zh, t.en) for name, t in MODES.items()} == {name: (t.zh, t.en) for name, t in FORM_MODES.items()}
    assert set(PROVEN) == {*HOUSEHOLD_FACTS, *PERSON_FACTS, "income"}


@pytest.mark.parametrize("name", CHINESE)
def test_no_house_and_no_water_is_proven_but_at_the_home(name: str) -> None:
    pack = load_pack(name)
    modes = modes_on(pack, pack.sample_day)
    assert list(modes) == list(MODES)
    assert modes["home"].never == frozenset()
    for away in AWAY:
        assert {"house", "water"} <= modes[away].never, away
    assert {"condition", "income"} <= modes["relative"].never
    assert "living" in modes["phone"].never
    assert "living" not in modes["video"].never
    for mode in modes.values():
        assert {"paper", "link", "proxy"} <= set(mode.signature)
        assert ("on_phone" in mode.signature) == (mode.name in ("home", "workplace"))
        assert mode.sign_within is not None
        assert (mode.sign_within.value, mode.sign_within.verified) == (30, False)


@pytest.mark.parametrize("name", CHINESE)
def test_what_is_inferred_says_so(name: str) -> None:
    for mode in modes_on(load_pack(name), DAY).values():
        assert mode.source is not None
        assert (mode.verified, "推断" in mode.source.zh, "inferred" in mode.source.en) == (False, True, True)


@pytest.mark.parametrize("name", sorted(set(pack_names()) - set(CHINESE)))
def test_a_pack_need_not_say_anything_of_it(name: str) -> None:
    pack = load_pack(name)
    assert modes_on(pack, pack.sample_day) == {}
    assert pack_shown(pack, pack.sample_day)["modes"] == []


def test_another_country_may_let_a_telephone_prove_a_house(tmp_path: Path) -> None:
    shutil.copytree(PACKS / "proxy-means", tmp_path / "proxy-means")
    (tmp_path / "proxy-means" / "modes.yaml").write_text(
        "modes:\n  phone: {title: {zh: 电话, en: by telephone}, never: [water], source: rule 7, verified: true}\n", "utf-8"
    )
    pack = load_pack(tmp_path / "proxy-means")
    modes = modes_on(pack, pack.sample_day)
    assert list(modes) == ["phone"]
    phone = modes["phone"]
    assert (phone.never, phone.signature, phone.sign_within, phone.verified) == (frozenset({"water"}), (), None, True)
    assert phone.source is not None
    assert phone.source.en == "rule 7"
    assert check_pack(tmp_path / "proxy-means").faults == []


def test_a_countys_own_entry_takes_the_place_of_the_shared_one(copy: Path) -> None:
    (copy / "own.yaml").write_text(
        "parameters:\n"
        "  signature_days: {title: {zh: 补签, en: signature}, values: {2018-01-01: 7}, source: county document 3, verified: true}\n"
        "modes:\n"
        "  phone: {title: {zh: 电话, en: telephone}, never: [house, water, living, income], signature: [paper],\n"
        "          sign_within: signature_days, source: county document 3, verified: true}\n",
        "utf-8",
    )
    modes = modes_on(load_pack(copy), DAY)
    assert modes["phone"].never == {"house", "water", "living", "income"}
    assert modes["phone"].verified
    assert modes["video"].never == {"house", "water"}
    within = modes["video"].sign_within
    assert within is not None
    assert (within.value, within.verified) == (7, True)
    assert check_pack(copy).faults == []


# --- what is refused

FAULTS = [
    ("never: [house, water, condition, income]", "never: [house, wather, condition, income]", None, ("wather", "只能是 kind", "is not one of kind")),
    ("never: [house, water]\n", "never:\n      - house\n      - roof\n", "      - roof", ("roof", "只能是 kind", "is not one of kind")),
    ("never: [house, water]\n", "never: [house, household]\n", None, ("household：只能是", "household is not one of")),
    ("never: [house, water]\n", "never: [house, house]\n", None, ("house 写了两次", "house is named twice")),
    ("never: [house, water]\n", "never: [1]\n", None, ("1 is not one of",)),
    ("never: [house, water]\n", "never: house\n", None, ("应为列表", "must be a list of kind")),
    (entry("video") + "    never: [house, water]\n", entry("video"), None, ("缺少 never", "never is missing")),
    (entry("phone"), entry("phone").replace("phone:", "telephone:"), None, ("只能是 home, workplace", "is not one of home, workplace")),
    (entry("phone"), entry("phone") + "    always: [income]\n", "    always:", ("always", "is not one of never")),
    ("signature: [paper, link, proxy]", "signature: [paper, stamp]", None, ("stamp", "is not one of on_phone, paper, link, proxy")),
    ("sign_within: signature_days", "sign_within: soon", None, ("soon 不是", "soon is not a parameter of type integer")),
    ("values: {2018-01-01: 30}", "values: {2018-01-01: -1}", None, ("-1", "不在 0 到 3650", "is not between 0 and 3650")),
    ("    signature: [paper, link, proxy]\n", "", "    sign_within: signature_days\n    source:\n      zh: '推断：住房等级", ("只与 signature 同用", "goes with a signature only")),
    ("推断：视频看得到屋里的粮食和衣被，看不出房屋结构是否安全，也验不了水；未见文件'\n      en: ", "推断'\n      fr: ", "    source:\n      zh: '推断'", ("须有 zh 和 en", "needs zh and en")),
    ("    verified: false\n  relative:", "    verified: perhaps\n  relative:", "    verified: perhaps", ("须为 true 或 false", "must be true or false")),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "last", "said"), FAULTS)
def test_a_fault_is_told_in_both_languages_with_its_line(
    copy: Path, old: str, new: str, last: str | None, said: tuple[str, ...]
) -> None:
    line = edit(copy, old, new, last)
    with pytest.raises(Problem) as caught:
        load_pack(copy)
    problem = caught.value
    assert (problem.number, problem.values["file"], problem.values["line"]) == ("BF-1502", FILE, line)
    told = f"{problem.cause.zh} {problem.cause.en}"
    for words in said:
        assert words in told, told
    first = check_pack(copy).faults[0]
    assert (first.number, first.values["line"]) == ("BF-1502", line)


@pytest.mark.parametrize(
    ("more", "refused"), [("never: [house]", True), ("never: [], verified: true", True), ("never: []", False)]
)
def test_a_limit_has_a_source(tmp_path: Path, more: str, refused: bool) -> None:
    shutil.copytree(PACKS / "proxy-means", tmp_path / "proxy-means")
    held = more if "verified" in more else f"{more}, verified: false"
    (tmp_path / "proxy-means" / "modes.yaml").write_text(f"modes:\n  home: {{title: {{zh: 入户, en: home}}, {held}}}\n", "utf-8")
    told = [(p.number, p.values["line"], p.cause.en) for p in check_pack(tmp_path / "proxy-means").faults]
    assert [(number, line) for number, line, _ in told] == ([("BF-1502", 2)] if refused else [])
    assert all("source is missing" in cause for *_, cause in told)


def test_every_fault_of_it_is_told_at_once(copy: Path) -> None:
    edit(copy, "never: [house, water, condition, income]", "never: [house, wather]")
    edit(copy, "never: [house, water]\n", "never: [roof]\n")
    edit(copy, entry("phone"), entry("phone").replace("phone:", "telephone:"))
    assert [str(p.values["name"]) for p in check_pack(copy).faults] == ["telephone", "never", "never"]


ONE: dict[str, Any] = {"title": {"zh": "电话", "en": "phone"}, "never": ["house"], "source": "s", "verified": False}


@pytest.mark.parametrize(
    "spoil",
    [
        {"telephone": ONE},
        {"phone": {**ONE, "never": ["roof"]}},
        {"phone": {**ONE, "never": "house"}},
        {"phone": {**ONE, "signature": ["stamp"]}},
        {"phone": {**ONE, "sign_within": 7}},
        {"phone": {**ONE, "verified": "no"}},
        {"phone": {key: value for key, value in ONE.items() if key != "never"}},
        {"phone": {**ONE, "always": ["income"]}},
    ],
)
def test_an_editor_is_told_what_may_stand_there(spoil: dict[str, Any]) -> None:
    assert faults(plain(read_file(PACKS / FILE).data), SCHEMA) == []
    whole = {**ONE, "signature": list(SIGNATURES), "sign_within": "signature_days", "note": "n"}
    assert faults({"modes": dict.fromkeys(MODES, whole)}, SCHEMA) == []
    assert faults({"modes": None}, SCHEMA) == []
    assert faults({"modes": spoil}, SCHEMA)


# --- aloud, held against another, on the page


def test_a_way_of_visiting_is_read_aloud_in_both_languages() -> None:
    reader = Reader(load_pack(NAME))
    phone = reader.named("phone")
    assert phone.as_json()["kind"] == "mode"
    zh, en = ("\n".join(phone.outline(lang)) for lang in ("zh", "en"))
    for said in (
        "走访方式「电话」（phone）",
        "不能证明：住房、饮水、吃穿和生活条件",
        "签字方式：补签纸质表、一次性链接、写明姓名的代签人",
        "2018-01-01 起：30（未核对）",
        "推断",
    ):
        assert said in zh, zh
    for said in ("way of visiting “by telephone” (phone)", "what it may not prove: house, drinking water, food", "later on paper, by a one-time link, by a named proxy", "from 2018-01-01: 30 (not verified)", "inferred"):  # fmt: skip
        assert said in en, en
    assert "nothing is barred" in "\n".join(reader.named("home").outline("en"))
    listed = next(line for line in reader.contents() if line.says.en == "ways of visiting")
    assert [line.name for line in listed.below] == list(MODES)


def test_what_differs_of_it_is_named(copy: Path) -> None:
    edit(copy, "never: [house, water, condition, income]", "never: [house, water, condition]")
    edit(copy, "signature: [on_phone, paper, link, proxy]", "signature: [on_phone, paper]")
    told = {(c.kind, c.name, c.what, c.before, c.after) for c in compare(load_pack(NAME), load_pack(copy)).changes}
    assert told == {
        ("mode", "relative", "never", "condition, house, income, water", "condition, house, water"),
        ("mode", "home", "signature", "on_phone, paper, link, proxy", "on_phone, paper"),
    }


def test_the_page_of_a_pack_shows_it() -> None:
    pack = load_pack(NAME)
    shown = {mode.title.en: mode for mode in pack_shown(pack, DAY)["modes"]}
    phone, home = shown["by telephone"], shown["at the home"]
    assert home.never.en == "nothing is barred"
    assert phone.never.zh == "住房、饮水、吃穿和生活条件"
    assert (phone.within.en, phone.state.en, phone.signature.zh) == (
        "30 days",
        "not verified",
        "补签纸质表、一次性链接、写明姓名的代签人",
    )
    assert [t.en for t in resting_on(pack, "signature_days")] == [MODES[name].en for name in MODES]
