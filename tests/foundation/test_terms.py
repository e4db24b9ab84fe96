"""Words that people read: dated, complete in both languages, and of the day on which they are read."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.environment import ROOT

from bangfu.foundation import clock
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.terms import BEGINNING, gather, read, term, terms, worded
from bangfu.indicators.catalogue import catalogue
from bangfu.register.fields import code_lists, fields
from bangfu.web.documents import over_time

IN_2020, IN_2026 = date(2020, 4, 28), date(2026, 1, 15)
GONE = ("贫困户", "贫困人口", "贫困村", "扶贫车间", "建档立卡贫困", "扶贫工作站")


def written(folder: Path, text: str, name: str = "terms.yaml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def titles(day: date) -> dict[str, Text]:
    """Every term, code, heading and figure by where it comes from, in the words of a day."""
    found = {f"term {key}": one.on(day) for key, one in terms().items()}
    found |= {f"figure {key}": one.name_on(day) for key, one in catalogue().items()}
    found |= {f"field {key}": one.title_on(day) for key, one in fields().items()}
    return found | {f"code {name}.{key}": code.title(day) for name, codes in code_lists().items() for key, code in codes.items()}


def test_every_term_has_a_word_in_both_languages_on_every_day() -> None:
    assert {t.package for t in terms().values()} >= {"register", "screening", "areas", "accounts", "web"}
    for one in terms().values():
        changes = {day for day, _ in (*one.zh, *one.en)} - {date.min}
        for day in {BEGINNING, IN_2020, IN_2026, *changes, *(day - timedelta(days=1) for day in changes)}:
            said = one.on(day)
            assert said.zh.strip(), one.key
            assert said.en.strip(), one.key
            assert said.en.isascii(), one.key


def test_what_nobody_reads_any_more_is_on_no_screen_of_2026() -> None:
    for where, said in titles(IN_2026).items():
        assert not any(word in said.zh for word in GONE), (where, said.zh)


def test_in_2020_the_words_are_those_of_2020() -> None:
    said = titles(IN_2020)
    assert said["term registered_households"].zh == said["code household_kind.registered"].zh == "建档立卡户"
    assert said["figure registered_persons"] == Text("建档立卡人口", "Registered persons")
    assert said["figure poor_villages"].zh == "贫困村"
    assert said["figure registered_poor_persons_remaining"].zh == "剩余贫困人口"
    assert said["field poverty_attribute"].zh == "贫困户属性"
    assert said["term township_station"].zh == "乡镇扶贫工作站"


def test_a_word_is_that_of_the_day_and_of_the_county_s_clock() -> None:
    assert term("registered_households", date(2020, 12, 31)).zh == "建档立卡户"
    assert term("registered_households", date(2021, 1, 1)).zh == "脱贫户"
    assert term("registered_households", date(1999, 1, 1)).zh == "建档立卡户"
    for day, word in ((IN_2020, "建档立卡户"), (IN_2026, "脱贫户")):
        with clock.standing_at(day):
            assert term("registered_households").zh == word


def test_a_term_stands_inside_a_text() -> None:
    text = Text("{n} 户{term.registered_households}", "{n} {term.registered_households}")
    assert worded(text, IN_2020).format(n=3) == Text("3 户建档立卡户", "3 registered households")
    assert worded(text, IN_2026).format(n=3).zh == "3 户脱贫户"
    assert worded(Text("无 {place}", "none {place}")) == Text("无 {place}", "none {place}")
    with pytest.raises(Problem) as refused:
        worded(Text("{term.nosuch}", ""))
    assert refused.value.number == "BF-1044"
    with pytest.raises(Problem, match="BF-1044"):
        term("nosuch")


def test_a_figure_of_a_family_says_the_word_of_the_day_and_its_member() -> None:
    member = catalogue()["registered_households_of_kind"].member(("monitored",))
    assert member.name_on(IN_2020).zh == "建档立卡户·monitored"
    assert member.name_on(IN_2026).zh == "脱贫户·monitored"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("late: {zh: {2021-01-01: 脱贫户}, en: out of poverty}", "before 2021-01-01"),
        ("blank: {zh: ' ', en: blank}", "no word"),
        ("gap: {zh: {2014-01-01: 贫困村, 2021-01-01: }, en: village}", "no word"),
        ("one: {zh: 户}", "zh and en"),
        ("more: {zh: 户, en: household, fr: foyer}", "zh and en"),
        ("Big: {zh: 户, en: household}", "small letters"),
        ("plain: 户", "zh and en"),
        ("undated: {zh: {soon: 户}, en: household}", "2021-01-01"),
        ("none: {zh: {}, en: household}", "2021-01-01"),
        ("number: {zh: 3, en: three}", "no word"),
        ("- a list", "maps keys"),
        ("a: [", "no YAML"),
    ],
)
def test_a_term_that_is_not_whole_is_refused_when_it_is_read(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(Problem) as refused:
        read("somebody", written(tmp_path, text))
    assert refused.value.number == "BF-1042"
    assert why in refused.value.cause.en
    assert "somebody/terms.yaml" in refused.value.cause.zh


def test_an_empty_file_has_no_terms_and_a_key_is_defined_once(tmp_path: Path) -> None:
    assert read("somebody", written(tmp_path, "# nothing yet\n")) == {}
    first = written(tmp_path, "house: {zh: 房, en: house}", "first.yaml")
    with pytest.raises(Problem) as refused:
        gather([("one", first), ("two", written(tmp_path, "house: {zh: 屋, en: house}"))])
    assert refused.value.number == "BF-1043"


def test_the_glossary_carries_every_term() -> None:
    said = (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
    wanted = ["| `{}` | {} | {} | {} |".format(t.key, *over_time(t.on), t.package) for t in terms().values()]
    assert [row for row in wanted if row not in said] == []
