"""Lunar dates and the days when people are at home."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.areas.lunar import (
    FIRST,
    LAST,
    LunarDay,
    branch,
    day_words,
    festival,
    has_lunar,
    home_day,
    lunar_day,
    solar_day,
    spring_festival,
    within,
)
from bangfu.areas.profile import profile

DAYS = st.dates(FIRST, LAST)


@pytest.mark.parametrize(
    ("day", "zh", "en"),
    [
        (date(2020, 4, 28), "农历四月初六", "6th day of month 4 of the lunar year"),
        (date(2020, 5, 25), "农历闰四月初三", "3rd day of leap month 4 of the lunar year"),
        (date(2020, 1, 24), "农历腊月三十", "30th day of month 12 of the lunar year"),
        (date(2020, 1, 25), "农历正月初一", "1st day of month 1 of the lunar year"),
        (date(2020, 12, 15), "农历冬月初一", "1st day of month 11 of the lunar year"),
    ],
)
def test_a_day_in_words(day: date, zh: str, en: str) -> None:
    assert (lunar_day(day).words.zh, lunar_day(day).words.en) == (zh, en)


def test_a_cell_of_the_calendar() -> None:
    assert lunar_day(date(2020, 5, 23)).short.zh == "闰四月"
    assert lunar_day(date(2020, 5, 24)).short.zh == "初二"
    assert [day_words(n) for n in (1, 10, 11, 19, 20, 21, 29, 30)] == [
        "初一",
        "初十",
        "十一",
        "十九",
        "二十",
        "廿一",
        "廿九",
        "三十",
    ]
    for wrong in (0, 31):
        with pytest.raises(ValueError, match="no day"):
            day_words(wrong)


@given(DAYS)
def test_there_and_back(day: date) -> None:
    assert solar_day(lunar_day(day)) == day


@given(DAYS.filter(lambda d: d < LAST))
def test_lunar_days_follow_one_another(day: date) -> None:
    here, there = lunar_day(day), lunar_day(day + timedelta(1))
    assert there.day == here.day + 1 or (there.day == 1 and here.day in (29, 30))
    assert branch(day + timedelta(1)) == (branch(day) + 1) % 12


def test_a_day_that_the_tables_do_not_reach() -> None:
    for day in (FIRST - timedelta(1), LAST + timedelta(1)):
        assert not within(day)
        assert festival(day) is None
        assert home_day(day) is None
        with pytest.raises(ValueError, match="no lunar date"):
            lunar_day(day)
    with pytest.raises(ValueError, match="leap"):
        solar_day(LunarDay(2021, 4, 3, leap=True))  # 2021 has no leap month


def test_branches_as_almanacs_name_them() -> None:
    assert branch(date(2020, 4, 28)) == 1  # 辛丑
    assert branch(date(2000, 1, 1)) == 6  # 戊午


@pytest.mark.parametrize(
    ("day", "zh"),
    [
        (date(2020, 1, 24), "除夕"), (date(2021, 2, 11), "除夕"), (date(2020, 1, 25), "春节"), (date(2020, 2, 8), "元宵节"), (date(2020, 4, 4), "清明"),
        (date(2020, 6, 25), "端午节"), (date(2020, 10, 1), "中秋节"), (date(2020, 10, 25), "重阳节"), (date(2020, 4, 28), None),
    ],
)  # fmt: skip
def test_festivals(day: date, zh: str | None) -> None:
    found = festival(day)
    assert (found.zh if found else None) == zh


def test_a_festival_comes_once_a_year_though_its_month_comes_twice() -> None:
    """2025 has two sixth months; 2009 two fifth ones."""
    for year in (2009, 2025):
        days = [date(year, 1, 1) + timedelta(n) for n in range(365)]
        assert sum(f is not None and f.zh == "端午节" for f in map(festival, days)) == 1


def test_around_spring_festival_people_are_home_and_for_three_days_nobody_calls() -> None:
    new_year = spring_festival(2020)
    assert new_year == date(2020, 1, 25)
    held = {n: home_day(new_year + timedelta(n)) for n in range(-10, 17)}
    assert [n for n, found in held.items() if found] == list(range(-8, 15))
    assert [n for n, found in held.items() if found and not found.call] == [-1, 0, 1, 2]


def test_the_country_says_whether_there_is_a_lunar_calendar() -> None:
    assert has_lunar(profile("cn"))
    assert not has_lunar(profile("xa"))
