"""Expressions of forms: what a phone could not compute is refused with its row, what it can is let through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.fieldwork.catalogue import shipped, workbook_of
from bangfu.fieldwork.expressions import fault, tokens
from bangfu.fieldwork.shipped import recipes
from bangfu.fieldwork.xform import expressions
from bangfu.fieldwork.xlsform import converted
from bangfu.foundation.county import County
from bangfu.foundation.problems import Problem

GOOD = [
    "1", "'a'", "/data/a = 'b' and not(/data/c > 3)", "selected(/data/a, 'x') or count(/data/r) * 2 > 3", "../a", "current()/../b",
    "instance('h')/root/item[name = /data/x]/__version", ". >= 0 and . <= 5", "-1 + -/data/a", "if(/data/a div 2 mod 3 = 1, 'y', '')", "/data/*", "//a", "position(..)",
    "jr:choice-name(/data/a, '/data/a')", "/data/a/text()", "(/data/a)[1]/b", "once(today())", "/data/div/b", "@id", " . * 2", "/data/r[position() = 1]/x", "../child::x/@y",
]  # fmt: skip
BAD = [
    "(1", "selected(/data/a", "1 +", "/data/a = ", "no-such(1)", "'a", "/data/a == 2", "a b", "[1]", "/data/a and", "${x}", "not(", "1,2", "/data//", "", "$", "a::", "@", ")",
]  # fmt: skip


@pytest.mark.parametrize("expression", GOOD)
def test_what_can_be_computed(expression: str) -> None:
    assert fault(expression) is None


@pytest.mark.parametrize("expression", BAD)
def test_what_cannot(expression: str) -> None:
    assert fault(expression) is not None


def test_paths_are_held_against_the_form() -> None:
    paths = {"/data", "/data/a", "/data/g", "/data/g/b"}
    assert fault("/data/a = /data/g/b", paths) is None
    assert "/data/z" in str(fault("/data/a = /data/z", paths))


@given(st.text(alphabet="ab/.()[]'\"=<>*+-|,$@: 1and", max_size=30))
def test_whatever_is_written_is_answered(expression: str) -> None:
    """Never an error of ours; and what has no fault has tokens."""
    if (why := fault(expression)) is None:
        assert list(tokens(expression))
    else:
        assert why.zh


@pytest.mark.django_db
@pytest.mark.parametrize("form", list(recipes()))
def test_the_shipped_forms_can_be_computed(county: County, form: str) -> None:
    found, paths = expressions(shipped(form).xml)
    assert found
    assert [(e.path, e.text, fault(e.text, paths)) for e in found if fault(e.text, paths)] == []


@pytest.mark.parametrize(
    ("column", "expression"),
    [("relevant", "${a} = 'x"), ("constraint", ". >"), ("calculation", "no-such(${a})"), ("required", "selected(${a}")],
)
def test_a_workbook_with_a_broken_expression_is_refused_with_its_row(column: str, expression: str) -> None:
    rows = [
        {"type": "text", "name": "a", "label": "A"},
        {"type": "note", "name": "n", "label": "N"},
        {"type": "calculate" if column == "calculation" else "text", "name": "b", "label": "B", column: expression},
    ]
    book = workbook_of({"survey": rows, "choices": [], "settings": [{"form_id": "broken", "version": "1"}]})
    with pytest.raises(Problem) as raised:
        converted("broken.xlsx", book)
    assert (raised.value.number, raised.value.values["row"]) == ("BF-2654", 4)
    assert column in raised.value.cause.zh


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (3, {"type": "txet", "name": "n", "label": "N"}),
        (3, {"type": "select_one nowhere", "name": "n", "label": "N"}),
        (3, {"type": "text", "name": "a", "label": "N"}),
        (3, {"type": "text", "label": "N"}),
    ],
)
def test_what_the_converter_complains_of_is_told_with_its_row(row: int, wrong: dict[str, str]) -> None:
    rows = [{"type": "text", "name": "a", "label": "A"}, wrong, {"type": "text", "name": "b", "label": "B"}]
    book = workbook_of({"survey": rows, "choices": [], "settings": [{"form_id": "broken", "version": "1"}]})
    with pytest.raises(Problem) as raised:
        converted("broken.xlsx", book)
    assert (raised.value.number, raised.value.values["row"]) == ("BF-2601", row)


def test_a_dtd_is_refused_in_words() -> None:
    with pytest.raises(Problem) as raised:
        converted("form.xml", b"<!DOCTYPE d [<!ENTITY x 'y'>]><h:html xmlns:h='http://www.w3.org/1999/xhtml'>&x;</h:html>")
    assert "DTD" in raised.value.cause.zh
    assert "Forbidden" not in raised.value.cause.zh
