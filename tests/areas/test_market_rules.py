"""Rules by which markets come round."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.areas.lunar import lunar_day
from bangfu.areas.market_days import EXAMPLES, read_market
from bangfu.areas.markets import KINDS, Dated, MarketRule, market_days
from bangfu.foundation.problems import Problem

DAYS = st.dates(date(2019, 1, 1), date(2027, 12, 31))
GOOD = {
    "name": "旺草场",
    "kind": "lunar_tens",
    "days": "1、6",
    "since": "2020-01-01",
    "source": "township notice",
    "verified": "是",
}


@given(DAYS)
def test_by_the_last_digit_of_the_lunar_day(day: date) -> None:
    assert MarketRule("lunar_tens", (1, 6)).holds(day) == (str(lunar_day(day).day)[-1] in "16")


@given(DAYS)
def test_by_the_last_digit_of_the_day(day: date) -> None:
    assert MarketRule("solar_tens", (0, 5)).holds(day) == (day.day in (5, 10, 15, 20, 25, 30))


@given(DAYS)
def test_rat_and_horse_come_every_six_days(day: date) -> None:
    """Two opposite branches are a cycle of six days."""
    first = next(day + timedelta(n) for n in range(12) if MarketRule("branch", (1,)).holds(day + timedelta(n)))
    for n in range(24):
        then = first + timedelta(n)
        assert MarketRule("branch", (1, 7)).holds(then) == MarketRule("cycle", every=6, first=first).holds(then)


def test_a_cycle_does_not_reach_before_its_first_market() -> None:
    rule = MarketRule("cycle", every=6, first=date(2020, 1, 5))
    assert not rule.holds(date(2019, 12, 30))
    assert rule.holds(date(2020, 1, 11))


def test_an_unknown_kind_is_no_rule() -> None:
    for ask in (lambda: MarketRule("moon").holds(date(2020, 1, 1)), lambda: MarketRule("moon").words):
        with pytest.raises(ValueError, match="no kind"):
            ask()


@pytest.mark.parametrize(
    ("rule", "zh", "en"),
    [
        (MarketRule("lunar_tens", (1, 6)), "农历逢一、六", "lunar days ending in 1 and 6"),
        (MarketRule("solar_tens", (0,)), "公历逢十", "days of the month ending in 0"),
        (MarketRule("weekday", (3, 7)), "每周三、周日", "every Wednesday and Sunday"),
        (MarketRule("branch", (1, 7)), "逢子（鼠）、午（马）日", "days of the Rat and Horse"),
        (MarketRule("cycle", every=6, first=date(2020, 1, 5)), "自 2020-01-05 起每 6 天一场", "every 6 days from 2020-01-05 on"),
        (MarketRule("listed", dates=(date(2020, 1, 5),)), "1 个日期", "one date"),
    ],
)
def test_a_rule_in_words(rule: MarketRule, zh: str, en: str) -> None:
    assert (rule.words.zh, rule.words.en) == (zh, en)


FIRST, LAST = date(2020, 4, 1), date(2020, 4, 30)


def days_of(rules: list[Dated], path: str) -> list[int]:
    return sorted(day.day for day in market_days(rules, path, FIRST, LAST))


def test_the_nearest_area_wins_and_two_markets_of_one_area_add_up() -> None:
    county = Dated("cn/001/", MarketRule("solar_tens", (1,)), date(2020, 1, 1))
    town = Dated("cn/001/002/", MarketRule("solar_tens", (2,)), date(2020, 1, 1), date(2020, 4, 20))
    second = Dated("cn/001/002/", MarketRule("listed", dates=(date(2020, 4, 9),)), date(2020, 1, 1))
    assert days_of([county], "cn/001/003/004/") == [1, 11, 21]
    assert days_of([county, town], "cn/001/002/004/") == [2, 12, 21]  # the town's own rule ends on the 20th
    assert days_of([county, town, second], "cn/001/002/004/") == [2, 9, 12]
    assert days_of([county, town], "cn/001/0022/") == [1, 11, 21]  # a sibling whose path begins alike
    assert days_of([], "cn/001/") == []


def test_a_rule_from_texts() -> None:
    row = read_market(GOOD)
    assert (row.rule.days, row.verified, row.until, row.name_en) == ((1, 6), True, None, "旺草场")
    said = {
        ("lunar_tens", "逢一、六"): (1, 6), ("solar_tens", "五 十"): (0, 5), ("weekday", "周日,星期三"): (3, 7), ("weekday", "Sun; Wednesday"): (3, 7),
        ("branch", "鼠、马"): (1, 7), ("branch", "Rat Horse"): (1, 7), ("branch", "12"): (12,), ("lunar_tens", "10"): (0,),
    }  # fmt: skip
    for (kind, days), wanted in said.items():
        assert read_market(GOOD | {"kind": kind, "days": days}).rule.days == wanted, (kind, days)
    cycle = read_market(GOOD | {"kind": "每几天一场", "every": "6", "first": "2020/01/05", "days": ""}).rule
    assert (cycle.every, cycle.first) == (6, date(2020, 1, 5))
    assert read_market(GOOD | {"kind": "listed", "days": "2020-01-19、2020-01-18"}).rule.dates[0] == date(2020, 1, 18)


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("name", {"name": ""}), ("name", {"name": "场" * 61}), ("kind", {"kind": "moon"}), ("days", {"days": ""}), ("days", {"days": "1、周一"}),
        ("days", {"kind": "weekday", "days": "8"}), ("days", {"kind": "branch", "days": "猫"}), ("days", {"kind": "listed", "days": "2020-02-30"}),
        ("days", {"days": "11"}), ("every", {"kind": "cycle", "every": "1", "first": "2020-01-05"}), ("first", {"kind": "cycle", "every": "6"}),
        ("since", {"since": "soon"}), ("until", {"until": "2020-01-01"}), ("verified", {"verified": "maybe"}), ("source", {"source": ""}),
    ],
)  # fmt: skip
def test_what_will_not_do_is_named(column: str, told: dict[str, str]) -> None:
    from bangfu.areas.market_days import COLUMNS

    with pytest.raises(Problem) as refused:
        read_market(GOOD | told, row=7)
    assert (refused.value.number, refused.value.values["row"]) == ("BF-1118", 7)
    assert refused.value.values["column"] == COLUMNS[column]


def test_the_template_shows_a_line_for_every_kind_but_one_that_is_like_another() -> None:
    rules = [read_market(row).rule for row in EXAMPLES]
    assert {rule.kind for rule in rules} == set(KINDS) - {"solar_tens"}
