"""Forms: workbooks in, XForms read as questions, facts held against the register, and the forms that are shipped."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bangfu.fieldwork.catalogue import ground, shipped, shipped_sheets, used_facts, workbook_of
from bangfu.fieldwork.facts import INCOME_DAYS, NEEDS, VISIT
from bangfu.fieldwork.mapping import FITTING, Ground, complaints, unused
from bangfu.fieldwork.shipped import recipes
from bangfu.fieldwork.xform import NotAForm, read_xform
from bangfu.fieldwork.xlsform import converted, of_sheets
from bangfu.foundation.problems import Problem
from bangfu.register.fields import code_lists, fields
from bangfu.register.income import lines
from tests.environment import ROOT

SURVEY = ROOT / "tests/data/forms/socio-economic-survey.xlsx"
NAMESPACE = 'bf="https://bangfu.org/ns/fact"'
GROUND = Ground(fields(), code_lists(), lines(), {"illness", "conflict"}, date(2020, 4, 28))
HOME = {"type": "text", "name": "home", "label": "Household", "bind::bf:fact": "household"}


def form(*rows: dict[str, str], choices: tuple[dict[str, str], ...] = ()):  # type: ignore[no-untyped-def]
    settings = [{"form_id": "f", "version": "1", "namespaces": NAMESPACE}]
    return of_sheets("f.xlsx", {"survey": list(rows), "choices": list(choices), "settings": settings}).form


def wrong(*rows: dict[str, str], choices: tuple[dict[str, str], ...] = ()) -> list[str]:
    return [str(p) for p in complaints(form(*rows, choices=choices), GROUND)]


def tells(name: str, kind: str, fact: str) -> dict[str, str]:
    return {"type": kind, "name": name, "label": name, "bind::bf:fact": fact}


# --- workbooks


def test_a_form_of_others_converts_with_its_languages_choices_and_warnings() -> None:
    one = converted("socio-economic-survey.xlsx", SURVEY.read_bytes())
    assert (one.form.id, one.form.languages) == ("socio-economic-survey", ("English (en)", "French (fr)"))
    region = one.form.by_path["/data/headOfHousehold/region"]
    assert [c.name for c in region.choices or ()] == ["Sindh", "Punjab", "Balochistan", "KP", "AKG"]
    assert region.shown("French (fr)") == "Région"
    assert region.required
    first_name = one.form.by_path["/data/familyMembers/persons/firstNameFM"]
    assert first_name.repeat == "/data/familyMembers"
    assert any("French" in w for w in one.warnings)
    assert complaints(one.form, GROUND) == []
    shown = one.form.by_path["/data/headOfHousehold/SEClass"]  # worked out by the form, and only shown
    assert unused(one.form, frozenset()) == [q for q in one.form.questions if q != shown]


def _zip(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "number"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "BF-2602"),
        (b"", "BF-2603"),
        (b"hello", "BF-2603"),
        (b"PK\x03\x04 cut off", "BF-2603"),
        (_zip("word/document.xml"), "BF-2603"),
        (b"<a/>", "BF-2603"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "BF-2603"),
        (b"x" * 5_000_001, "BF-2604"),
    ],
)
def test_what_is_no_form_is_told_by_its_content(content: bytes, number: str) -> None:
    with pytest.raises(Problem) as raised:
        converted("survey.xlsx", content)
    assert raised.value.number == number
    assert "survey.xlsx" in str(raised.value)


@pytest.mark.parametrize(
    ("rows", "row", "words"),
    [
        ([{"type": "txt", "name": "a", "label": "A"}], 2, "txt"),
        ([{"type": "text", "name": "a", "label": "A"}, {"type": "text", "name": "a", "label": "B"}], 3, "'a'"),
        ([{"type": "text", "name": "a", "label": "A", "relevant": "${zz} = 1"}], 2, "zz"),
        ([{"type": "begin_group", "name": "a", "label": "A"}], 2, "begin_group"),
    ],
)
def test_a_workbook_that_does_not_convert_names_the_row(rows: list[dict[str, str]], row: int | None, words: str) -> None:
    with pytest.raises(Problem) as raised:
        form(*rows)
    assert raised.value.number == "BF-2601"
    assert raised.value.values["row"] == row
    assert words in raised.value.cause.en
    assert raised.value.cause.zh.startswith(f"第{row}行：") == (row is not None)


def test_an_xform_is_taken_as_it_is() -> None:
    xml = of_sheets("f", {"survey": [{"type": "text", "name": "a", "label": "A"}], "settings": [{"form_id": "f"}]}).xml
    one = converted("f.xml", b"\xef\xbb\xbf" + xml)
    assert [q.path for q in one.form.questions] == ["/data/a"]


def test_broken_xml_is_no_form() -> None:
    for text in (b"<h:html", b"<a><b></a>", b"<h:html xmlns:h='http://www.w3.org/1999/xhtml'/>"):
        with pytest.raises(NotAForm):
            read_xform(text)


def test_files_that_a_form_refers_to_are_found() -> None:
    found = form(
        {"type": "select_one_from_file schools.csv", "name": "school", "label": "School"},
        {"type": "note", "name": "look", "label": "Look", "image": "map.png"},
    )
    assert dict(found.media) == {"map.png": "image", "schools.csv": "csv"}
    assert found.by_path["/data/school"].choices is None


# --- what questions tell


def test_a_form_without_facts_may_be_published() -> None:
    assert wrong({"type": "text", "name": "a", "label": "A"}) == []


def test_every_type_of_field_has_types_of_questions_that_fit() -> None:
    assert {f.type for f in fields().values()} == set(FITTING)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (tells("a", "text", "no_such_field"), "没有这个字段"),
        (tells("a", "text", "household_no"), "没有这个字段"),
        (tells("a", "text", "water_litres"), "题型"),
        (tells("a", "integer", "house_grade"), "题型"),
        (tells("a", "text", "house_grade"), "单选题"),
        (tells("a", "text", "school_status"), "成员重复组"),
        (tells("a", "text", "need.words"), "需求重复组"),
        (tells("a", "text", "visit.day"), "题型"),
        (tells("a", "decimal", "income.no_such_line"), "没有这一项"),
        (tells("a", "text", "person"), "成员重复组"),
    ],
)
def test_what_a_question_cannot_tell_is_named_with_the_question(row: dict[str, str], why: str) -> None:
    (said,) = wrong(HOME, row)
    assert said.startswith("BF-2605")
    assert "/data/a" in said
    assert why in said


def test_choices_are_codes_that_are_in_force() -> None:
    grades = tuple({"list_name": "g", "name": key, "label": key} for key in ("A", "B", "Z"))
    assert wrong(HOME, tells("g", "select_one g", "house_grade"), choices=grades[:2]) == []
    (said,) = wrong(HOME, tells("g", "select_one g", "house_grade"), choices=grades)
    assert "Z 不在代码表内" in said
    (said,) = wrong(HOME, tells("g", "select_multiple g", "house_grade"), choices=grades[:2])
    assert "单选、多选" in said
    later = tuple({"list_name": "m", "name": k, "label": k} for k in code_lists()["household_kind"])
    ended = [k for k, c in code_lists()["household_kind"].items() if c.valid_to and c.valid_to < date(2030, 1, 1)]
    if ended:
        future = Ground(fields(), code_lists(), lines(), {}, date(2030, 1, 1))
        assert complaints(form(HOME, tells("k", "select_one m", "household_kind"), choices=later), future)


def test_a_fact_is_told_once_and_of_a_household_that_is_named() -> None:
    assert "另一题" in wrong(HOME, tells("a", "decimal", "water_litres"), tells("b", "decimal", "water_litres"))[0]
    assert "哪一户" in wrong(tells("a", "decimal", "water_litres"))[0]


def test_a_repeat_of_members_says_which_member() -> None:
    begin = {"type": "begin_repeat", "name": "m", "label": "M", "bind::bf:fact": "person"}
    end = {"type": "end_repeat"}
    school = tells("school", "text", "school_name")
    assert "哪位成员" in wrong(HOME, begin, school, end)[0]
    assert wrong(HOME, begin, tells("who", "text", "person"), school, end) == []
    assert "重复组只能是" in wrong(HOME, {**begin, "bind::bf:fact": "cow"}, tells("who", "text", "visit.name"), end)[-1]


def test_a_question_that_nobody_uses_is_pointed_out() -> None:
    found = form(
        HOME, tells("grade", "text", "address"), {"type": "text", "name": "hobby", "label": "Hobby"},
        {"type": "text", "name": "read", "label": "Read", "bind::bf:reader": "helper"},     )  # fmt: skip
    assert [q.name for q in unused(found, {"house_grade"})] == ["grade", "hobby"]
    assert [q.name for q in unused(found, {"address"})] == ["hobby"]


# --- shipped


@pytest.mark.parametrize("key", sorted(recipes()))
def test_a_shipped_form_converts_in_both_languages_tells_what_fits_and_asks_nothing_in_vain(key: str, county: object) -> None:
    one = shipped(key)
    assert (one.form.id, one.form.languages) == (key, ("中文 (zh)", "English (en)"))
    assert complaints(one.form, ground()) == []
    assert unused(one.form, used_facts()) == []
    for question in one.form.questions:
        if question.control:
            assert set(question.label) == {"中文 (zh)", "English (en)"}, question.path
            for choice in question.choices or ():
                assert len(choice.label) == 2


@pytest.mark.parametrize("key", sorted(recipes()))
def test_what_a_shipped_form_compares_with_is_a_choice_of_its_question(key: str, county: object) -> None:
    """A condition on a code that no list has would hide its question for good."""
    form_ = shipped(key).form
    choices = {q.name: {c.name for c in q.choices} for q in form_.questions if q.choices}
    for row in shipped_sheets(key)["survey"]:
        for name, value in re.findall(r"\$\{(\w+)\} !?= '([^']+)'", str(row.get("relevant", ""))):
            assert value in choices[name], row


def test_the_shipped_forms_are_those_of_the_mission() -> None:
    assert set(recipes()) == {
        "visit_registered", "visit_ordinary", "first_survey", "income_sheet", "spot_check", "self_report", "village_facilities",
        "project_inspection",
    }  # fmt: skip


def test_the_four_questions_of_the_mission_are_asked_of_every_household(county: object) -> None:
    for key in ("visit_registered", "visit_ordinary", "spot_check"):
        names = {q.name for q in shipped(key).form.questions}
        assert {"people", "income_source", "schooling", "helper_seen"} <= names


def test_the_first_survey_takes_its_members_as_a_repeat(county: object) -> None:
    one = shipped("first_survey").form
    assert dict(one.repeats) == {"/data/members": "person"}
    assert {q.fact for q in one.questions if q.repeat} >= {"name", "identity", "relation", "sex"}


def test_every_line_of_the_form_of_an_income_sheet_is_asked(county: object) -> None:
    asked = {q.fact for q in shipped("income_sheet").form.questions}
    assert {f"income.{line.code}" for line in lines().values() if line.line} <= asked
    assert set(INCOME_DAYS) <= asked


def test_the_workbook_of_a_shipped_form_is_the_same_form_again(county: object, tmp_path: Path) -> None:
    content = workbook_of(shipped_sheets("visit_registered"))
    assert load_workbook(io.BytesIO(content)).sheetnames == ["survey", "choices", "settings"]
    again = converted("visit.xlsx", content).form
    assert again == shipped("visit_registered").form


def test_every_fact_of_a_visit_and_of_a_need_has_words() -> None:
    for title, types, _ in [*VISIT.values(), *NEEDS.values()]:
        assert title.zh
        assert title.en
        assert types
