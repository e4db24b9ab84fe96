"""Codes of pages: there and back, and nothing else passes for one."""

from __future__ import annotations

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from bangfu.documents.codes import FORM, LETTERS, MATTER, Misread, PageCode, PageKey, decode, encode, judge, typed

matters = st.from_regex(MATTER, fullmatch=True)
forms = st.from_regex(FORM, fullmatch=True)
keys = st.binary(max_size=32)
ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


@st.composite
def page_codes(draw: st.DrawFn) -> PageCode:
    pages = draw(st.integers(1, 999))
    return PageCode(draw(matters), draw(forms), draw(st.integers(1, pages)), pages)


@given(page_codes(), keys)
def test_what_is_encoded_is_decoded(code: PageCode, key: bytes) -> None:
    said = encode(code, key)
    assert decode(said, key) == code
    assert set(said) <= set(ALPHANUMERIC)
    assert len(said) <= 52
    assert typed(f" {said.lower()} ", key) == code
    assert typed(said.removeprefix("BF1:").replace(":", "："), key) == code


@given(page_codes(), keys, st.data())
def test_one_wrong_character_is_found(code: PageCode, key: bytes, data: st.DataObject) -> None:
    said = encode(code, key)
    at = data.draw(st.integers(0, len(said) - 1))
    other = data.draw(st.sampled_from([c for c in ALPHANUMERIC if c != said[at]]))
    assert decode(said[:at] + other + said[at + 1 :], key) is None
    assert decode(said[:at] + said[at + 1 :], key) is None
    assert decode(said[:at] + other + said[at:], key) is None


@given(page_codes())
def test_another_county_s_code_is_not_ours(code: PageCode) -> None:
    assert judge(encode(code, b"theirs"), b"ours") is Misread.DAMAGED


@given(st.text())
def test_no_text_of_others_passes(said: str) -> None:
    assert decode(said, b"ours") is None


def test_why_a_text_is_no_code() -> None:
    said = encode(PageCode("2020-000123", "HF", 3, 6), b"k")
    assert said.startswith("BF1:2020-000123:HF:3/6:")
    assert set(said[-6:]) <= set(LETTERS)
    assert judge("https://example.org/pay/1") is Misread.FOREIGN
    assert judge(said.replace("BF1", "BF2"), b"k") is Misread.NEWER
    assert judge(said.replace("3/6", "4/6"), b"k") is Misread.DAMAGED
    assert judge(said.replace("3/6", "7/6"), b"k") is Misread.DAMAGED
    assert judge("BF1:", b"k") is Misread.DAMAGED


@pytest.mark.parametrize(
    ("matter", "form", "page", "pages"),
    [
        ("", "HF", 1, 1),
        ("2020:1", "HF", 1, 1),
        ("案1", "HF", 1, 1),
        ("1", "hf", 1, 1),
        ("1", "HF", 0, 1),
        ("1", "HF", 2, 1),
        ("1", "HF", 1, 1000),
    ],
)
def test_what_cannot_be_printed_is_refused(matter: str, form: str, page: int, pages: int) -> None:
    with pytest.raises(ValueError, match="n"):
        PageCode(matter, form, page, pages)


def test_the_drawing_is_small() -> None:
    made = segno.make_qr(encode(PageKey("2020-000123", "HF").page(3, 6)), error="m")
    assert made.mode == "alphanumeric"
    assert made.version == 2
