"""How numbers and days are written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.kit.numbers import BLANK, grouped, hour, in_myriads, iso_day, percent, short_day, signed


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (0, None, "0"),
        (126201, None, "126,201"),
        (-1906, None, "−1,906"),
        ("3612.5", 2, "3,612.50"),
        (Decimal("2.345"), 2, "2.35"),
        (None, None, BLANK),
    ],
)
def test_grouped(value: Any, decimals: int | None, written: str) -> None:
    assert grouped(value, decimals) == written


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (9999, "9,999", "10 k"),
        (126201, "12.62 万", "126.2 k"),
        (120_000_000, "1.2 亿", "120 m"),
        (-56000, "−5.6 万", "−56 k"),
        (None, BLANK, BLANK),
    ],
)
def test_in_myriads(value: Any, zh: str, en: str) -> None:
    assert (in_myriads(value, "zh"), in_myriads(value, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("ratio", "written"),
    [(0, "0%"), (1, "100%"), (0.1234, "12.3%"), (0.0001, "<0.1%"), (0.99999, ">99.9%"), (0.5, "50.0%"), (None, BLANK)],
)
def test_percent(ratio: Any, written: str) -> None:
    assert percent(ratio) == written


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_a_share_is_nothing_only_where_it_is_and_all_only_where_it_is(part: int, rest: int) -> None:
    assert percent(Decimal(part) / (part + rest)) not in ("0%", "0.0%", "100%", "100.0%")


def test_signed() -> None:
    assert [signed(n) for n in (12, -3, 0, None)] == ["+12", "−3", "±0", BLANK]


def test_days_and_hours() -> None:
    late = datetime(2020, 4, 28, 17, 5, tzinfo=UTC)
    assert iso_day(late) == "2020-04-29"
    assert hour(late) == "01:05"
    assert iso_day(date(2020, 4, 28)) == "2020-04-28"
    assert short_day(date(2020, 4, 28), "zh") == "4月28日"
    assert short_day(date(2020, 4, 28), "en") == "28 Apr"
