"""Submissions as they come: read without expanding anything, refused where they are malformed."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bangfu.fieldwork.instance import Malformed, at, identify, read_instance

META = "<meta><instanceID>uuid:1</instanceID></meta>"


def test_answers_come_by_name_and_repeats_as_lists() -> None:
    found = read_instance(
        f'<data xmlns:x="u" id="f" version="2"><a> 1 </a><g><b/></g><r><c>2</c></r><r><c>3</c><c2/></r><x:y>4</x:y>{META}</data>'.encode()
    )
    assert (found.form, found.version, found.id, found.deprecates) == ("f", "2", "uuid:1", "")
    assert found.answers == {"a": "1", "g": {"b": ""}, "r": [{"c": "2"}, {"c": "3", "c2": ""}], "y": "4"}
    assert at(found.answers, "/data/r/c", "/data") == ["2", "3"]
    assert at(found.answers, "/data/g/b", "/data") == [""]
    assert at(found.answers, "/data/none/b", "/data") == []


def test_the_meta_of_a_namespace_and_an_edit_are_read() -> None:
    xml = (
        '<f:data xmlns:f="u" xmlns:orx="http://openrosa.org/xforms" id="f"><orx:meta><orx:instanceID>uuid:2</orx:instanceID>'
        "<orx:deprecatedID>uuid:1</orx:deprecatedID></orx:meta></f:data>"
    )
    found = read_instance(xml.encode())
    assert (found.id, found.deprecates) == ("uuid:2", "uuid:1")
    assert read_instance(b'<data id="f" instanceID="uuid:3"/>').id == "uuid:3"


@pytest.mark.parametrize(
    "xml",
    [
        "", "<a", "<a/>", '<a id="f"/>', f"<a>{META}</a>", f'<a id="f">{META}', f'<a id="f">{META}</a><b/>',
        f'<!DOCTYPE a><a id="f">{META}</a>', f'<!DOCTYPE a [<!ENTITY b "c">]><a id="f"><b>&b;</b>{META}</a>',
        f'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a id="f">{META}</a>', f'<a id="f"><b>&b;</b>{META}</a>',
        '<a id="f">' + "<b>" * 80 + "</b>" * 80 + META + "</a>", '<a id="f"><meta><instanceID>' + "x" * 250 + "</instanceID></meta></a>",
        f'<a id="{"f" * 250}">{META}</a>', f'<a xmlns:jr="http://openrosa.org/javarosa" id="f"><r jr:template=""/>{META}</a>',
    ],
)  # fmt: skip
def test_what_is_malformed_is_refused(xml: str) -> None:
    with pytest.raises(Malformed):
        read_instance(xml.encode())


def test_ids_of_249_characters_are_taken() -> None:
    assert len(read_instance(f'<a id="{"f" * 249}"><meta><instanceID>{"x" * 249}</instanceID></meta></a>'.encode()).id) == 249


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: f'<a id="f">{t}{META}</a>'.encode("utf-8", "replace")))
@settings(max_examples=200)
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert read_instance(content).id


@pytest.mark.parametrize(
    "xml",
    [
        b"\xef\xbb\xbf<!DOCTYPE d [<!ENTITY x 'y'>]><data id='f'><meta><instanceID>&x;</instanceID></meta></data>",
        b"<?xml version='1.0' encoding='no-such-code'?><data id='f'><meta><instanceID>uuid:1</instanceID></meta></data>",
        b"\xff\xfe<\x00d\x00",
        b"\xef\xbb\xbf",
        b"\x00\x00\x00<data/>",
        b"<?xml version='1.0' encoding='utf-16'?><data id='f'/>",
    ],
)
def test_codes_and_declarations_that_are_not_read_are_refused_by_both_readers(xml: bytes) -> None:
    for read in (identify, read_instance):
        with pytest.raises(Malformed):
            read(xml)
