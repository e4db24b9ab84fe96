"""The arithmetic of the income sheet: totals, periods, distances, queries, own produce and words."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.foundation.say import Text
from bangfu.register.income import lines
from bangfu.screening.income_sheet.parameters import limits_on, numbers
from bangfu.screening.income_sheet.periods import Period, admission, yearly
from bangfu.screening.income_sheet.produce import NormValue, Produce, part_of, said_of, value
from bangfu.screening.income_sheet.queries import Limits, queries
from bangfu.screening.income_sheet.reading_out import read_out
from bangfu.screening.income_sheet.reckoning import COST, INCOME, all_items, distance, reckon
from bangfu.screening.income_sheet.words import amount, in_chinese, in_english

ITEMS = st.dictionaries(st.sampled_from(sorted(lines())), st.integers(0, 10**9), max_size=12)
LIMITS = Limits(jump_percent=30, repeats=3, per_head_most=10_000_000, same_for_many=frozenset({"pension"}))


# --- totals


@given(ITEMS, st.integers(1, 12))
def test_the_parts_add_up_to_the_net_income_and_every_item_is_in_one_part(items: dict[str, int], members: int) -> None:
    totals = reckon(items, members)
    parts = {key: part or 0 for key, part in totals.parts.items()}
    assert sum(parts.values()) == sum(items.values())
    if totals.net is None:
        assert not any(lines()[code].group in (*INCOME, COST) for code in items)
        return
    assert totals.net == sum(parts[part] for part in INCOME) - parts[COST]
    assert totals.reference == totals.net + parts["claims"] - parts["self_paid"]
    assert totals.per_head is not None
    assert totals.per_head * members <= totals.net < (totals.per_head + 1) * members


@given(ITEMS, ITEMS, st.integers(1, 9))
def test_two_sheets_together_come_to_the_sum_of_both(one: dict[str, int], other: dict[str, int], members: int) -> None:
    both = {code: one.get(code, 0) + other.get(code, 0) for code in one.keys() | other.keys()}
    sums = [reckon(items, members).net for items in (one, other)]
    assert (reckon(both, members).net or 0) == sum(net or 0 for net in sums)


@given(ITEMS, st.sets(st.sampled_from(sorted(all_items()))))
def test_what_does_not_count_is_told_apart_and_nothing_is_lost(items: dict[str, int], counted: set[str]) -> None:
    totals = reckon(items, 1, counted)
    income = sum(totals.parts[part] or 0 for part in INCOME)
    assert income + totals.left_out == sum(fen for code, fen in items.items() if lines()[code].group in INCOME)


def test_an_empty_sheet_is_not_known_and_a_noted_nought_is_nothing() -> None:
    assert (reckon({}, 4).net, reckon({}, 4).per_head, reckon({}, 4).reference) == (None, None, None)
    assert reckon({"a1_work": 0}, 4).net == 0
    assert reckon({"claims": 500}, 4).net is None
    assert reckon({"a1_work": 100}, 0).per_head is None


def test_an_example_by_hand() -> None:
    items = {
        "a1_work": 2_400_000,
        "b1_planting": 600_000,
        "pension": 105_600,
        "e1_planting": 200_000,
        "claims": 100_000,
        "self_paid": 900_000,
    }
    totals = reckon(items, 4)
    assert (totals.net, totals.per_head) == (2_905_600, 726_400)
    assert (totals.reference, totals.reference_per_head) == (2_105_600, 526_400)


# --- the distance to the line


@given(st.integers(-(10**9), 10**9), st.integers(1, 12), st.integers(1, 10**7))
def test_below_the_line_is_told_exactly_and_per_head_agrees(total: int, members: int, line: int) -> None:
    away = distance(total, members, line)
    assert away is not None
    assert away.below == (total < line * members) == (away.per_head < line) == (away.fen < 0)
    exact = 1000 * (total - line * members) / (line * members)
    assert abs(away.per_mille - exact) <= 0.5 + 1e-6 * abs(exact)


def test_the_distance_in_words_and_where_there_is_none() -> None:
    away = distance(1_400_000, 4, 400_000)
    assert away is not None
    assert (away.below, away.size, away.percent, away.state) == (True, 50_000, "12.5", "unmet")
    assert distance(None, 4, 400_000) is None
    assert distance(100, 0, 400_000) is None
    assert distance(100, 1, None) is None


# --- periods


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2020, 4, 28), date(2018, 10, 1), date(2019, 9, 30)),
        (date(2020, 9, 29), date(2018, 10, 1), date(2019, 9, 30)),
        (date(2020, 9, 30), date(2019, 10, 1), date(2020, 9, 30)),
        (date(2020, 10, 1), date(2019, 10, 1), date(2020, 9, 30)),
        (date(2020, 12, 31), date(2019, 10, 1), date(2020, 9, 30)),
    ],
)
def test_the_yearly_account_is_the_last_that_has_ended(day: date, first: date, last: date) -> None:
    assert yearly(day) == Period(first, last)


def test_admission_looks_at_the_twelve_months_before() -> None:
    assert admission(date(2020, 4, 28)) == Period(date(2019, 4, 1), date(2020, 3, 31))
    assert admission(date(2021, 3, 1)) == Period(date(2020, 3, 1), date(2021, 2, 28))
    assert admission(date(2020, 3, 31)) == Period(date(2019, 3, 1), date(2020, 2, 29))
    assert admission(date(2020, 1, 1)) == Period(date(2019, 1, 1), date(2019, 12, 31))


@given(st.dates(date(2014, 1, 1), date(2060, 12, 31)))
def test_both_periods_are_a_year_that_has_ended(day: date) -> None:
    for period in (yearly(day), admission(day)):
        assert period.last <= day
        assert (period.last - period.first).days in (364, 365)
        assert period.before.last == period.first - timedelta(days=1)


# --- queries


def numbers_of(asked: list[object]) -> list[str]:
    return [q.problem.number for q in asked]  # type: ignore[attr-defined]


def test_a_jump_is_asked_about_only_beyond_the_limit_and_only_where_both_years_are_known() -> None:
    before = reckon({"a1_work": 1_000_000}, 4)
    for now, asked in ((1_300_000, False), (1_300_001, True), (700_000, False), (699_999, True)):
        items = {"a1_work": now}
        found = queries(reckon(items, 4), items, LIMITS, last_year=before, worker=True)
        assert ("BF-1550" in numbers_of(found)) is asked, now
    items = {"b1_planting": 5, "e1_planting": 1}
    assert "BF-1550" not in numbers_of(queries(reckon(items, 4), items, LIMITS, last_year=before))


def test_sums_that_repeat_are_asked_about_unless_a_rate_explains_them() -> None:
    items = {"a1_work": 1_200_000, "pension": 105_600}
    repeated = {"a1_work": 3, "pension": 40}
    assert numbers_of(queries(reckon(items, 4), items, LIMITS, repeated=repeated, worker=True)) == ["BF-1551"]
    assert numbers_of(queries(reckon(items, 4), items, LIMITS, repeated={"a1_work": 2}, worker=True)) == []


def test_what_does_not_go_together_is_asked_about() -> None:
    items = {"a1_work": 1_200_000, "b1_planting": 100_000}
    assert numbers_of(queries(reckon(items, 4), items, LIMITS)) == ["BF-1552", "BF-1554"]
    assert numbers_of(queries(reckon({"pension": 1}, 1), {"pension": 1}, LIMITS, worker=True)) == ["BF-1553"]
    assert "BF-1555" in numbers_of(queries(reckon({"e1_planting": 5}, 1), {"e1_planting": 5}, LIMITS))
    rich = {"c5_other": 10_000_001}
    assert numbers_of(queries(reckon(rich, 1), rich, LIMITS)) == ["BF-1556"]
    assert numbers_of(queries(reckon({"c5_other": 10_000_000}, 1), {"c5_other": 10_000_000}, LIMITS)) == []


@given(ITEMS, ITEMS)
def test_every_query_can_be_read_in_both_languages(items: dict[str, int], before: dict[str, int]) -> None:
    repeated = dict.fromkeys(items, 5)
    for query in queries(reckon(items, 2), items, LIMITS, last_year=reckon(before, 2), repeated=repeated):
        for text in (query.problem.cause, query.problem.remedy):
            assert text.zh
            assert text.en
            assert "{" not in text.zh + text.en


def test_the_numbers_are_dated_and_name_their_source() -> None:
    for number in numbers().values():
        assert number.source
        assert number.unit
        assert number.title.zh
        assert number.title.en
    assert numbers()["pension_month"].on(date(2017, 12, 31)) == 7_000
    assert numbers()["pension_month"].on(date(2018, 1, 1)) == 8_800
    assert numbers()["pension_month"].on(date(2010, 1, 1)) is None
    assert limits_on(date(2020, 4, 28)).jump_percent == 30
    assert limits_on(date(2000, 1, 1)).repeats > 10**9


# --- own produce

PEPPER = NormValue(
    1,
    "pepper",
    Text("辣椒", "pepper"),
    "crop",
    Text("千克", "kg"),
    (Decimal(1000), Decimal(2000)),
    (240, 400),
    (200_000, 200_000),
    False,
    "x",
)
PIG = NormValue(2, "pig", Text("猪", "pig"), "animal", Text("头", "head"), None, (180_000, 180_000), (90_000, 90_000), True, "x")


def test_produce_by_a_range_takes_the_middle_and_keeps_the_ends() -> None:
    worth = value(Produce(PEPPER, Decimal("1.5")))
    assert (worth.low, worth.high, worth.income) == (360_000, 1_200_000, 720_000)
    assert worth.cost == 300_000
    pigs = value(Produce(PIG, Decimal(2)))
    assert (pigs.income, pigs.cost) == (360_000, 180_000)


def test_what_the_household_names_takes_the_norms_place_and_is_kept_with_the_line() -> None:
    said = Produce(PEPPER, Decimal(2), Decimal(1500), 360)
    worth = value(said)
    assert worth.low == worth.income == worth.high == 2 * 1500 * 360
    part = part_of(said, worth)
    assert (part["norm"], part["own_yield"], part["own_price"], part["fen"]) == (1, True, True, 1_080_000)
    assert said_of(part).zh == "辣椒 2 亩 × 1500 千克 × 3.6 元"
    assert said_of(part_of(Produce(PIG, Decimal(2)), value(Produce(PIG, Decimal(2))))).en == "pig, 2 head × 1800 yuan"


@given(st.decimals("0.01", "500", places=2), st.decimals("0.01", "500", places=2))
def test_land_together_is_worth_what_it_is_apart(one: Decimal, other: Decimal) -> None:
    together = value(Produce(PEPPER, one + other))
    apart = [value(Produce(PEPPER, part)) for part in (one, other)]
    assert abs(together.income - sum(w.income for w in apart)) <= 1
    assert together.low <= together.income <= together.high


# --- words

WORDS = {word: n for n, word in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"])} | {
    word: n * 10 for n, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}  # fmt: skip


def heard_in_english(said: str) -> int:
    total = group = 0
    for word in said.replace("-", " ").split():
        if word == "hundred":
            group *= 100
        elif word in ("thousand", "million", "billion", "trillion"):
            total += group * {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}[word]
            group = 0
        else:
            group += WORDS[word]
    return total + group


def heard_in_chinese(said: str) -> int:
    total = group = digit = 0
    for sign in said:
        if sign in "零一二三四五六七八九":
            digit = "零一二三四五六七八九".index(sign)
        elif sign in "十百千":
            group += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[sign]
            digit = 0
        else:
            total = (total + group + digit) * 10**8 if sign == "亿" else total + (group + digit) * 10**4
            group = digit = 0
    return total + group + digit


@given(st.integers(0, 10**12 - 1))
def test_a_number_that_is_heard_is_the_number_that_was_said(number: int) -> None:
    assert heard_in_chinese(in_chinese(number)) == number
    assert heard_in_english(in_english(number)) == number


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (10, "十"),
        (12, "十二"),
        (110, "一百一十"),
        (1_005, "一千零五"),
        (10_500, "一万零五百"),
        (100_010, "十万零一十"),
        (120_034_005, "一亿二千零三万四千零五"),
    ],
)
def test_chinese_numbers_as_they_are_spoken(number: int, said: str) -> None:
    assert in_chinese(number) == said


def test_amounts_are_spoken_to_the_fen() -> None:
    assert amount(120_550).zh == "一千二百零五元五角"
    assert amount(305).zh == "三元零五分"
    assert amount(305).en == "three yuan and five fen"


def test_what_is_read_out_says_every_part_and_where_the_line_is() -> None:
    items = {"a1_work": 2_400_000, "a5_picking": 100_000, "e1_planting": 20_000}
    totals = reckon(items, 4)
    said = read_out("张三", items, totals, distance(totals.net, 4, 400_000), date(2018, 10, 1), date(2019, 9, 30))
    zh, en = "".join(t.zh for t in said), " ".join(t.en for t in said)
    for words in ("张三", "四口人", "2018年10月1日", "工资性收入，一共二万五千元", "采摘等零工收入一千元", "比标准高二千二百元"):
        assert words in zh, words
    for words in ("Four persons", "twenty-five thousand yuan in all", "two thousand two hundred yuan above"):
        assert words in en, words
    assert "{" not in zh + en
