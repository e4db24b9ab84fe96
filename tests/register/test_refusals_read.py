"""Refusals as people read them: which household, in the words of the day, and what a second column of one field is called."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.register.conftest import Put, numbers
from tests.register.workbooks import identity, member, xlsx

from bangfu.foundation import clock
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.register.actions import Outcome, import_files
from bangfu.register.importing.reading import read as read_file
from bangfu.register.problems import UNKNOWN_HEADINGS

pytestmark = pytest.mark.django_db
NUMBER = "52032310199990001"  # as long as those of the register: longer than a telephone number
D1, D2 = date(2020, 1, 1), date(2020, 2, 1)


def texts(outcome: Outcome) -> list[str]:
    return [r[language] for r in outcome.refusals for language in ("zh", "en")]


@pytest.mark.parametrize("relations", [("户主", "户主"), ("配偶", "之子")])
def test_a_household_with_no_or_two_heads_is_named_in_full(put: Put, relations: tuple[str, str]) -> None:
    outcome = put([member(NUMBER, relation) for relation in relations], D1)
    assert {r["number"] for r in outcome.refusals} <= {"BF-1211", "BF-1212", "BF-1218"}
    assert all(NUMBER in text for text in texts(outcome))
    assert outcome.report is not None
    assert "*" not in Path(outcome.report).read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (None, [("BF-1205", "4"), ("BF-1218", "5")]),
        ("990101197005060011", [("BF-1203", "4"), ("BF-1218", "5")]),
        ("another", [("BF-1250", "4"), ("BF-1218", "5")]),
    ],
    ids=["blank", "wrong", "another person's"],
)
def test_a_head_whose_number_is_not_the_registered_one_is_no_second_head(
    put: Put, wrong: str | None, expected: list[tuple[str, str]]
) -> None:
    head, wife = member(NUMBER, 姓名="甲一"), member(NUMBER, "配偶", 姓名="甲二")
    put([head, wife], D1)
    outcome = put([head | {"证件号码": identity() if wrong == "another" else wrong}, wife], D2)
    assert numbers(outcome) == expected
    assert NUMBER in outcome.refusals[1]["zh"]


@pytest.mark.parametrize(
    ("day", "offered", "left"), [(date(2020, 4, 28), "建档立卡户", "脱贫户"), (date(2026, 1, 15), "脱贫户", "建档立卡户")]
)
@pytest.mark.parametrize("files", [1, 2])
def test_a_word_that_is_no_code_is_answered_with_the_words_of_the_day(
    put: Put, tmp_path: Path, day: date, offered: str, left: str, files: int
) -> None:
    """Several files are read by processes of their own: they too speak the county's day."""
    with clock.standing_at(day):
        if files == 1:
            outcome = put([member("T1", 户类型="不知道")], D1)
        else:
            folder = tmp_path / "several"
            folder.mkdir()
            for n in range(files):
                xlsx(folder / f"{n}.xlsx", [member(f"T{n}", 户类型="不知道")])
            outcome = import_files(the_county().operator(), folder, data_date=D1)
    refused = [r for r in outcome.refusals if r["number"] == "BF-1206"]
    assert len(refused) == files
    for said in refused:
        assert offered in said["zh"]
        assert left not in said["zh"]


def test_a_second_column_of_one_field_is_told_as_a_repetition(tmp_path: Path) -> None:
    found = read_file(xlsx(tmp_path / "a.xlsx", [member("T1", 成员姓名="另一名")]), hash_key=b"k" * 32)
    assert found.unknown_headings == ["成员姓名 (= 姓名)"]
    said: Text = UNKNOWN_HEADINGS(file="a.xlsx", count=1, headings="、".join(found.unknown_headings)).cause
    assert "与另一列重复" in said.zh
    assert "repeat another column" in said.en
