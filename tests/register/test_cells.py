"""Cells at random: laws of identity numbers, money and dates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.register.workbooks import check_character

from bangfu.register.fields import fields
from bangfu.register.identity import derive, mask
from bangfu.register.importing import parsing
from bangfu.register.importing.parsing import (
    EXCEL_DAY_ZERO,
    Unreadable,
    parse_date,
    parse_integer,
    parse_money,
    parse_month,
    parse_number,
)

WAGE, DATE, MONTH, MONTHS = (fields()[k] for k in ("income_wage", "data_date", "first_identified", "work_months"))
days = st.dates(date(1900, 3, 1), date(2099, 12, 31))
births = st.dates(date(1880, 1, 1), date(2100, 12, 31))


@st.composite
def numbers(draw: st.DrawFn) -> str:
    body = f"{draw(st.integers(100000, 999999))}{draw(births):%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return body + check_character(body)


@given(numbers())
def test_a_number_made_by_the_standard_is_valid_and_tells_birth_and_sex(number: str) -> None:
    told = derive([number])
    assert told.formed[0]
    assert told.valid[0]
    assert str(told.birth[0]).replace("-", "") == number[6:14]
    assert bool(told.male[0]) == (int(number[16]) % 2 == 1)
    assert told.region[0] == number[:6]


@given(numbers(), st.integers(0, 17), st.integers(1, 9))
def test_any_single_digit_that_is_wrong_is_found(number: str, place: int, shift: int) -> None:
    old = number[place]
    changed = "0123456789X"[(10 if old == "X" else int(old)) - shift] if place == 17 else str((int(old) + shift) % 10)
    assert not derive([number[:place] + changed + number[place + 1 :]]).valid[0]


@given(numbers(), st.integers(0, 16))
def test_two_neighbours_exchanged_are_found(number: str, place: int) -> None:
    turned = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert derive([turned]).valid[0] == (turned == number)


@given(st.lists(st.one_of(st.none(), numbers(), st.text(max_size=20)), max_size=12))
def test_a_column_is_judged_as_its_values_are(values: list[str | None]) -> None:
    whole = derive(values)
    assert [bool(v) for v in whole.valid] == [bool(derive([v]).valid[0]) for v in values]


@given(numbers())
def test_a_masked_number_shows_the_first_six_and_the_last_four(number: str) -> None:
    shown = mask(number)
    assert len(shown) == 18
    assert shown == number[:6] + "********" + number[-4:]


@given(numbers(), st.sampled_from(["", " ", "\t", "\u3000"]), st.booleans(), st.booleans())
def test_blanks_width_and_case_do_not_matter(number: str, blank: str, wide: bool, lower: bool) -> None:
    written = blank.join(number).lower() if lower else blank.join(number)
    if wide:
        written = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in written)
    assert parse_number(written, fields()["identity"]) == number


@given(st.integers(0, 300_000_000), st.sampled_from(["{:.2f}", "{:,.2f}", " {:.2f}", "{:.3f}", "{:f}"]))
def test_money_is_exact_to_the_fen(fen: int, form: str) -> None:
    assert parse_money(form.format(Decimal(fen) / 100), WAGE) == fen


@given(st.integers(0, 300_000_000))
def test_a_float_that_excel_gives_is_the_fen_that_was_typed(fen: int) -> None:
    assert parse_money(repr(fen / 100), WAGE) == fen


@given(st.integers(0, 299_999_999), st.integers(1, 9))
def test_a_tenth_of_a_fen_is_refused(fen: int, tenth: int) -> None:
    with pytest.raises(Unreadable, match="value"):
        parse_money(f"{fen // 100}.{fen % 100:02d}{tenth}", WAGE)


@given(st.integers(300_000_001, 10**15))
def test_more_than_the_field_allows_is_refused_as_out_of_range(fen: int) -> None:
    with pytest.raises(Unreadable, match="range"):
        parse_money(f"{fen / 100:.2f}", WAGE)


CHINESE = str.maketrans("0123456789", "〇一二三四五六七八九")
FORMS = [
    "{0:%Y-%m-%d}", "{0:%Y/%m/%d}", "{0:%Y.%m.%d}", "{0:%Y%m%d}", "{0:%Y年%m月%d日}", "{0.year}年{0.month}月{0.day}日", "{0.year}-{0.month}-{0.day}",
    "{0.year}/{0.month}/{0.day}", "{0:%Y-%m-%d} 00:00:00", "{0:%Y-%m-%d}T08:30:00", " {0:%Y-%m-%d} ", "{0.year} 年 {0.month} 月 {0.day} 日",
]  # fmt: skip


@given(days, st.sampled_from(FORMS), st.booleans())
def test_a_date_comes_back_from_every_written_form(day: date, form: str, wide: bool) -> None:
    written = form.format(day)
    if wide:
        written = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in written)
    assert parse_date(written, DATE) == day


@given(days)
def test_a_date_in_chinese_digits(day: date) -> None:
    assert parse_date(f"{day.year}年".translate(CHINESE) + f"{day.month}月{day.day}日", DATE) == day


@given(days, st.floats(0, 0.99))
def test_a_date_as_a_serial_number(day: date, part: float) -> None:
    serial = (day - EXCEL_DAY_ZERO).days
    if serial >= 10_000:  # smaller ones are years and months to people
        assert parse_date(str(serial), DATE) == day
        assert parse_date(f"{serial + part:.6f}", DATE) == day


@given(
    days,
    st.sampled_from(
        [
            "{0:%Y%m}",
            "{0:%Y-%m}",
            "{0.year}-{0.month}",
            "{0:%Y年%m月}",
            "{0.year}年{0.month}月",
            "{0:%Y/%m}",
            "{0:%Y-%m-%d}",
            "{0:%Y年%m月%d日}",
        ]
    ),
)
def test_a_month_comes_back_as_its_first_day(day: date, form: str) -> None:
    assert parse_month(form.format(day), MONTH) == day.replace(day=1)


@given(st.integers(-50, 60), st.sampled_from(["{}", "{}.0", " {}"]))
def test_whole_numbers_within_their_range_and_no_others(value: int, form: str) -> None:
    if 0 <= value <= 12:
        assert parse_integer(form.format(value), MONTHS) == value
    else:
        with pytest.raises(Unreadable, match="range"):
            parse_integer(form.format(value), MONTHS)


@given(st.sampled_from(sorted(parsing.PARSERS)), st.text(max_size=30))
def test_no_text_breaks_a_parser(kind: str, text: str) -> None:
    """Whatever a cell says is a value or is refused; nothing else is raised."""
    field = next(f for f in fields().values() if f.type == kind)
    said = "a value"
    try:
        parsing.PARSERS[kind](text, field)
    except Unreadable as refused:
        said = str(refused)
    assert said in ("a value", "value", "range", "length")


@given(st.lists(st.none() | st.sampled_from(["是", "否", " 是 ", "有", "也许", "-"]), max_size=20))
def test_a_column_is_parsed_cell_by_cell(cells: list[str | None]) -> None:
    import pyarrow as pa

    parsed = parsing.parse_column(parsing.encode(pa.array(cells, pa.string())), fields()["water_piped"])
    meant = {"是": True, " 是 ": True, "有": True, "否": False}
    assert parsed.values.to_pylist() == [meant.get(c or "") for c in cells]
    assert set(parsed.refused) == ({"也许"} if "也许" in cells else set())
