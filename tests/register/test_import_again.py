"""A second import: what a later, an equal and an older date of the data do, what a blank does, and how people and households move."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from tests.register.asking import (
    HOUSEHOLD_FACTS,
    PERSON_FACTS,
    ask,
    counts,
    facts,
    household_id,
    memberships,
    one,
    person_spans,
    spans,
)
from tests.register.workbooks import identity, member

from bangfu.areas.models import Area
from bangfu.foundation import clock
from bangfu.foundation.county import County
from bangfu.register.actions import Outcome
from bangfu.register.showing import show_household

pytestmark = pytest.mark.django_db
Put = Callable[..., Outcome]
D0, D1, D2, D3 = date(2019, 6, 30), date(2020, 1, 31), date(2020, 3, 31), date(2020, 4, 20)
NUMBERS = {name: identity(sequence=300 + n) for n, name in enumerate(("甲一", "甲二", "甲三", "乙一", "乙二"))}


def row(name: str, household: str = "T1", relation: str = "户主", **more: Any) -> dict[str, Any]:
    return member(household, relation, 姓名=name, 证件号码=NUMBERS[name], **more)


def refused(outcome: Outcome) -> list[tuple[str, int]]:
    """Numbers and rows of the refusals, in the order of the rows."""
    return sorted(((r["number"], int(r["row"])) for r in outcome.refusals), key=lambda refusal: refusal[1])


def history(table: str) -> list[dict[str, Any]]:
    return ask(f"SELECT * FROM {table}_history ORDER BY recorded_until, id")


# --- dates of the data


def test_a_later_date_ends_the_old_fact_and_begins_a_new_one(put: Put) -> None:
    put([row("甲一", 危房级别="C级", 改造情况="改造中", 是否参加城乡居民基本医疗保险="否")], D1)
    outcome = put([row("甲一", 危房级别="C级", 改造情况="已改造并验收", 是否参加城乡居民基本医疗保险="是")], D2)
    assert (outcome.changed["house"], outcome.changed["insurance"]) == (1, 1)
    assert spans("house", "T1", "repair") == [("under_way", D1, D2), ("accepted", D2, None)]
    assert spans("house", "T1", "grade") == [("C", D1, D2), ("C", D2, None)]
    assert person_spans("insurance", "甲一", "resident_medical") == [(False, D1, D2), (True, D2, None)]


def test_each_fact_names_the_evidence_that_says_so(put: Put) -> None:
    put([row("甲一", 危房级别="C级", 鉴定时间="2019-01-01")], D1, name="first.xlsx")
    put([row("甲一", 危房级别="D级", 鉴定时间="2019-01-01")], D2, name="second.xlsx")
    names = [
        one(
            "SELECT s.name FROM register_evidence e JOIN register_source s ON s.id = e.source_id WHERE e.id = %s",
            f["evidence_id"],
        )
        for f in facts("house", "T1")
    ]
    assert names == ["first.xlsx", "second.xlsx"]


def test_an_equal_date_corrects_in_place_and_keeps_what_was_known(put: Put) -> None:
    with clock.standing_at(datetime(2020, 4, 26, 4, tzinfo=clock.zone())):
        put([row("甲一", 危房级别="C级", 文化程度="小学")], D1)
    with clock.standing_at(datetime(2020, 4, 27, 4, tzinfo=clock.zone())):
        put([row("甲一", 危房级别="B级", 文化程度="小学")], D1)
    assert spans("house", "T1", "grade") == [("B", D1, None)]
    (was,) = history("register_house")
    assert (was["grade"], was["operation"], was["recorded_by"]) == ("C", "UPDATE", "command line")
    assert was["recorded_from"].astimezone(clock.zone()).day == 26
    assert was["recorded_until"].astimezone(clock.zone()).day == 27
    assert history("register_schooling") == []


@pytest.mark.parametrize("kind", ["later", "equal"])
def test_what_was_known_on_a_day_can_still_be_asked(put: Put, county: County, kind: str) -> None:
    with clock.standing_at(date(2020, 4, 10)):
        put([row("甲一", 危房级别="C级", 鉴定时间="2019-01-01")], D1)
    with clock.standing_at(date(2020, 4, 20)):
        put([row("甲一", 危房级别="A级", 鉴定时间="2019-01-01")], D2 if kind == "later" else D1)

    def grade(as_of: date, known_on: date | None) -> str:
        return str(show_household(county.operator(), "T1", as_of=as_of, known_on=known_on)["facts"]["house"]["grade"])

    after = date(2020, 4, 25)
    assert grade(after, None) == "A"
    assert grade(after, date(2020, 4, 19)) == "C"
    assert grade(after, date(2020, 4, 20)) == "A"
    assert grade(D1, None) == ("C" if kind == "later" else "A")
    with pytest.raises(Exception, match="BF-1222"):
        grade(after, date(2020, 4, 9))


@pytest.mark.parametrize(
    ("old", "new", "table", "column", "value"),
    [
        ({"危房级别": "C级"}, {"危房级别": "D级"}, "house", "grade", "C"),
        ({"户类型": "建档立卡户", "首次识别时间": "201405"}, {"户类型": "普通农户"}, "kind", "kind", "registered"),
        ({"户类型": "普通农户"}, {"户类型": "建档立卡户", "首次识别时间": "201405"}, "kind", "kind", "ordinary"),
    ],
)  # fmt: skip
def test_an_older_date_changes_no_fact(
    put: Put, old: dict[str, Any], new: dict[str, Any], table: str, column: str, value: str
) -> None:
    put([row("甲一", **old)], D1)
    before = spans(table, "T1", column)
    put([row("甲一", **new)], D0)
    assert spans(table, "T1", column) == before
    assert [s[0] for s in before] == [value]
    assert history(f"register_{table}") == []


def test_an_older_date_changes_neither_person_nor_household_nor_place_nor_income(put: Put, village: Area) -> None:
    period = {"收入核算开始日期": "2019-01-01", "收入核算结束日期": "2019-12-31"}
    new = (
        row("甲一", 户联系电话="13900000001", 开户银行="农商行", 民族="汉族", 村民小组="新塘组", 工资性收入=300, 户口簿编号="B1")
        | period
    )
    old = (
        row("甲一", 户联系电话="13900000002", 开户银行="邮储", 民族="苗族", 村民小组="老塘组", 工资性收入=200, 户口簿编号="B0")
        | period
    )
    put([new, row("甲二", relation="配偶", 村民小组="新塘组")], D2)
    keep = "SELECT h.path, h.bank, h.phone_hash, p.ethnic, p.path AS p FROM register_household h, register_person p WHERE h.number = 'T1' AND p.name = '甲一'"
    before, items = ask(keep), ask("SELECT item, fen FROM register_incomeitem WHERE household_id = %s", household_id("T1"))
    put([old, row("甲二", relation="之女", 村民小组="老塘组")], D1)
    assert ask(keep) == before
    assert ask("SELECT item, fen FROM register_incomeitem WHERE household_id = %s", household_id("T1")) == items
    assert (memberships("甲一"), memberships("甲二")) == ([("T1", "head", D2, None)], [("T1", "spouse", D2, None)])
    assert memberships("甲一", "hukou") == [("B1", "member", D2, None)]


def test_a_blank_never_erases(put: Put) -> None:
    full = {
        "户类型": "建档立卡户", "首次识别时间": "201405", "脱贫属性": "已脱贫", "脱贫年度": 2018, "危房级别": "B级", "自来水是否入户": "是",
        "户联系电话": "13900000001", "开户银行": "农商行", "民族": "苗族", "人联系电话": "13900000002", "文化程度": "小学", "健康状况": "健康",
        "是否参加城乡居民基本医疗保险": "是", "村民小组": "新塘组", "耕地面积（亩）": 2,
    }  # fmt: skip
    put([row("甲一", **full)], D1)
    before = counts()
    put([row("甲一")], D2)
    after = counts()
    changed = {t for t in after if after[t] != before[t]}
    assert changed == {"register_evidence", "register_source", "change"}
    put([row("甲一", **dict.fromkeys(full))], D3)
    assert {t for t in after if counts()[t] != after[t]} <= changed


def test_a_list_without_the_kind_of_household_leaves_it(put: Put) -> None:
    put([row("甲一", 户类型="脱贫户", 首次识别时间="201405", 监测对象类别="边缘易致贫户")], D1)
    put([row("甲一", 户类型="脱贫户", 务工时间=6)], D2)
    put([row("甲一", 务工时间=7)], D3)
    assert spans("kind", "T1", "kind") == [("monitored", D1, None)]
    assert spans("kind", "T1", "monitoring_kind") == [("edge", D1, None)]
    assert person_spans("work", "甲一", "months") == [(6, D2, D3), (7, D3, None)]


def test_what_turns_back_is_taken_again(put: Put) -> None:
    """The third file says word for word what the first said; the register has learnt something else in between."""
    first, second = row("甲一", 是否参加城乡居民基本医疗保险="是"), row("甲一", 是否参加城乡居民基本医疗保险="否")
    for day, given in ((D1, [first]), (D2, [second]), (D3, [first, row("乙一", "T2")])):
        put(given, day)
    assert person_spans("insurance", "甲一", "resident_medical") == [(True, D1, D2), (False, D2, D3), (True, D3, None)]


def test_a_household_that_returned_to_poverty_has_not_exited(put: Put) -> None:
    given = {"户类型": "建档立卡户", "首次识别时间": "201405"}
    put([row("甲一", 脱贫属性="已脱贫", 脱贫年度=2018, **given)], D1)
    put([row("甲一", 脱贫属性="返贫", 返贫年度=2019, **given)], D2)
    exits = [(f["exit_state"], f["exit_year"], f["exited_on"]) for f in facts("registration", "T1")]
    assert exits == [("earlier_exited", 2018, date(2018, 12, 31)), ("returned", 2018, None)]


def test_an_ordinary_household_that_becomes_registered_backdated(put: Put) -> None:
    put([row("甲一", 户类型="普通农户")], D1)
    put([row("甲一", 户类型="建档立卡户", 首次识别时间="201405")], D2)
    assert spans("kind", "T1", "kind") == [("ordinary", D1, D2), ("registered", D2, None)]


def test_income_of_a_period_is_corrected_and_of_another_added(put: Put) -> None:
    year = {"收入核算开始日期": "2019-01-01", "收入核算结束日期": "2019-12-31"}
    put([row("甲一", 工资性收入=100, 养老金=50) | year], D1)
    put([row("甲一", 工资性收入=120) | year], D2)
    put([row("甲一", 工资性收入=150) | {"收入核算开始日期": "2019-04-01", "收入核算结束日期": "2020-03-31"}], D3)
    found = ask(
        "SELECT lower(s.period) AS since, i.item, i.fen FROM register_incomesheet s JOIN register_incomeitem i ON i.sheet_id = s.id "
        "WHERE s.household_id = %s ORDER BY 1, 2",
        household_id("T1"),
    )
    assert [tuple(f.values()) for f in found] == [
        (date(2019, 1, 1), "pension", 5000), (date(2019, 1, 1), "wage", 12000), (date(2019, 4, 1), "wage", 15000),
    ]  # fmt: skip


# --- people


def test_a_relation_changes_on_a_later_day(put: Put) -> None:
    put([row("甲一"), row("甲二", relation="之子")], D1)
    put([row("甲一", relation="之父"), row("甲二")], D2)
    assert memberships("甲一") == [("T1", "head", D1, D2), ("T1", "father", D2, None)]
    assert memberships("甲二") == [("T1", "son", D1, D2), ("T1", "head", D2, None)]


@pytest.mark.parametrize("order", [1, -1])
def test_head_and_son_written_the_wrong_way_round_are_corrected_in_place(put: Put, order: int) -> None:
    put([row("甲一"), row("甲二", relation="之子")][::order], D1)
    put([row("甲一", relation="之父"), row("甲二")][::order], D1)
    assert memberships("甲一") == [("T1", "father", D1, None)]
    assert memberships("甲二") == [("T1", "head", D1, None)]


def test_a_second_head_beside_the_one_that_the_register_has_is_refused(put: Put) -> None:
    put([row("甲一"), row("甲二", relation="之子")], D1)
    outcome = put([row("甲二"), row("乙一", "T2")], D2)
    assert refused(outcome) == [("BF-1250", 4)]
    assert memberships("甲二") == [("T1", "son", D1, None)]
    assert memberships("乙一") == [("T2", "head", D2, None)]


def test_a_person_registered_elsewhere_is_refused_without_a_reason(put: Put) -> None:
    put([row("甲一"), row("甲二", relation="之女")], D1)
    outcome = put([row("乙一", "T2"), row("甲二", "T2", "配偶"), row("乙二", "T3")], D2)
    assert refused(outcome) == [("BF-1218", 4), ("BF-1219", 5)]
    assert "T1" in next(r["zh"] for r in outcome.refusals if r["number"] == "BF-1219")
    assert memberships("甲二") == [("T1", "daughter", D1, None)]
    assert memberships("乙二") == [("T3", "head", D2, None)]


@pytest.mark.parametrize("reason", ["嫁入", "其他转入", "收养"])
def test_a_person_who_came_in_leaves_the_other_household(put: Put, county: County, reason: str) -> None:
    other = Area.objects.under(county.path).level("village").exclude(name="凤凰村").select_related("parent")[0]
    place = {"乡镇": other.parent.name, "行政村": other.name}
    put(
        [
            row("甲一", 户口簿编号="B1"),
            row("甲二", relation="之女", 户口簿编号="B1", 文化程度="小学", 是否参加城乡居民基本医疗保险="是"),
            row("甲三", relation="之子"),
        ],
        D1,
    )
    ask("DELETE FROM change RETURNING 1")
    put([row("乙一", "T2", **place), row("甲二", "T2", "配偶", 人员变化原因=reason, **place)], D2)
    assert memberships("甲二") == [("T1", "daughter", D1, D2), ("T2", "spouse", D2, None)]
    assert memberships("甲三") == [("T1", "son", D1, None)]
    person = one("SELECT id FROM register_person WHERE name = '甲二'")
    paths = {t: one(f"SELECT path FROM {t} WHERE person_id = %s", person) for t in ("register_schooling", "register_insurance")}
    assert paths == dict.fromkeys(paths, other.path)
    assert one("SELECT path FROM register_person WHERE id = %s", person) == other.path
    touched = {r["household"] for r in ask("SELECT household FROM change")}
    assert {household_id("T1"), household_id("T2")} <= touched


def test_a_person_who_was_written_into_the_wrong_household_is_corrected_in_place(put: Put) -> None:
    put([row("甲一", 户口簿编号="B1"), row("甲二", relation="之女", 户口簿编号="B1"), row("乙一", "T2", 户口簿编号="B2")], D1)
    put([row("乙一", "T2", 户口簿编号="B2"), row("甲二", "T2", "配偶", 人员变化原因="嫁入", 户口簿编号="B2")], D1)
    assert memberships("甲二") == [("T2", "spouse", D1, None)]
    assert memberships("甲二", "hukou") == [("B2", "member", D1, None)]


def test_a_move_that_is_older_than_what_the_register_has_is_refused(put: Put) -> None:
    put([row("甲一"), row("甲二", relation="之女")], D2)
    outcome = put([row("乙一", "T2"), row("甲二", "T2", "配偶", 人员变化原因="嫁入")], D1)
    assert refused(outcome) == [("BF-1218", 4), ("BF-1227", 5)]
    assert memberships("甲二") == [("T1", "daughter", D2, None)]


def test_a_head_with_a_wrong_or_no_number_is_not_taken_for_a_second_one(put: Put) -> None:
    head = row("甲一")
    put([head], D1)
    number = str(head["证件号码"])
    outcome = put([head | {"证件号码": number[:-1] + ("0" if number[-1] != "0" else "1")}], D2)
    assert refused(outcome) == [("BF-1203", 4)]
    assert refused(put([head | {"证件号码": None}], D2)) == [("BF-1205", 4)]


def test_the_count_of_unchanged_rows_leaves_out_what_is_refused(put: Put) -> None:
    home = [row("甲一"), row("甲二", relation="配偶"), row("乙一", "T2")]
    put(home, D1)
    outcome = put([home[0], home[1] | {"文化程度": "乱写"}, home[2]], D2)
    assert refused(outcome) == [("BF-1218", 4), ("BF-1206", 5)]
    assert (outcome.refused_rows, outcome.unchanged_rows) == (2, 1)


def test_a_head_who_leaves_takes_the_others_along_or_names_another(put: Put) -> None:
    put([row("甲一"), row("甲二", relation="配偶"), row("乙一", "T2")], D1)
    leaving = row("甲一", "T2", "其他", 人员变化原因="其他转入")
    outcome = put([row("乙一", "T2"), leaving], D2)
    assert refused(outcome) == [("BF-1218", 4), ("BF-1211", 5)]
    assert memberships("甲一") == [("T1", "head", D1, None)]
    put([row("甲二", "T1"), row("乙一", "T2", 文化程度="小学"), leaving], D2)
    assert memberships("甲一") == [("T1", "head", D1, D2), ("T2", "other", D2, None)]
    assert memberships("甲二") == [("T1", "spouse", D1, D2), ("T1", "head", D2, None)]


def test_a_new_member_comes_beside_those_who_are_there(put: Put) -> None:
    put([row("甲一")], D1)
    put([row("甲一"), row("甲二", relation="配偶")], D2)
    assert memberships("甲一") == [("T1", "head", D1, None)]
    assert memberships("甲二") == [("T1", "spouse", D2, None)]


def test_since_when_a_member_belongs(put: Put) -> None:
    child = identity(date(2019, 11, 11))
    put(
        [
            row("甲一", 人员识别时间="201405"),
            member("T1", "之孙子", 姓名="小甲", 证件号码=child, 人员识别时间="201405"),
            row("甲二", relation="配偶", 人员识别时间="203005"),
        ],
        D1,
    )
    assert [memberships(n)[0][2] for n in ("甲一", "小甲", "甲二")] == [date(2014, 5, 1), date(2019, 11, 11), D1]


# --- places


def test_a_household_in_another_group_takes_its_rows_along(put: Put, village: Area) -> None:
    given = {
        "户类型": "建档立卡户", "首次识别时间": "201405", "是否易地扶贫搬迁户": "是", "耕地面积（亩）": 2, "危房级别": "B级", "自来水是否入户": "是",
        "是否通生活用电": "是", "收入核算结束日期": "2019-12-31", "工资性收入（元）": 100, "是否有商品房或门面": "否", "突发情况": "意外事故",
        "突发情况造成的损失（元）": 1200.5,
    }  # fmt: skip
    own = {
        "常住情况": "省外",
        "文化程度": "小学",
        "健康状况": "健康",
        "是否参加城乡居民基本医疗保险": "是",
        "务工时间（月）": 3,
        "户口簿编号": "B1",
        "低保证号": "L1",
    }
    people = [("甲一", "户主"), ("甲二", "配偶")]
    put([row(name, relation=relation, 村民小组="新塘组", **given, **own) for name, relation in people], D1)
    one_member = [row("甲一", 村民小组="老塘组")]
    put(one_member, D2)
    group = Area.objects.under(village.path).get(name__startswith="老塘")
    household = household_id("T1")
    members = "(SELECT person_id FROM register_membership WHERE household_id = %s AND sort = 'farming')"
    found: dict[str, set[str]] = {}
    for table in (*HOUSEHOLD_FACTS, "register_incomesheet", "register_incomeitem"):
        found[table] = {r["path"] for r in ask(f"SELECT path FROM {table} WHERE household_id = %s", household)}
    for table in (*PERSON_FACTS, "register_membership"):
        found[table] = {r["path"] for r in ask(f"SELECT path FROM {table} WHERE person_id IN {members}", household)}
    found["register_person"] = {r["path"] for r in ask(f"SELECT path FROM register_person WHERE id IN {members}", household)}
    found["register_household"] = {
        r["path"] for r in ask("SELECT path FROM register_household WHERE number IN ('T1', 'B1', 'L1')")
    }
    assert len(found) == 19
    assert ask("SELECT event_loss FROM register_monitoring WHERE household_id = %s AND upper_inf(valid)", household) == [
        {"event_loss": 120050}
    ]
    assert found == {key: {group.path} for key in found}
    assert {r["area_id"] for r in ask("SELECT area_id FROM register_household WHERE number IN ('T1', 'B1', 'L1')")} == {group.pk}
    assert spans("house", "T1", "grade") == [("B", D1, None)]


def test_a_file_that_names_no_group_moves_nobody(put: Put, village: Area) -> None:
    put([row("甲一", 村民小组="新塘组", 文化程度="小学")], D1)
    put([row("甲一", 文化程度="初中"), row("甲二", relation="配偶")], D2)
    group = Area.objects.under(village.path).get(name__startswith="新塘")
    for table in (
        "household WHERE number = 'T1'",
        "person WHERE name IN ('甲一', '甲二')",
        f"membership WHERE household_id = {household_id('T1')}",
    ):
        assert {r["path"] for r in ask(f"SELECT path FROM register_{table}")} == {group.path}, table
    assert {
        r["path"]
        for r in ask("SELECT s.path FROM register_schooling s JOIN register_person p ON p.id = s.person_id WHERE p.name = '甲一'")
    } == {group.path}


# --- bulk equals one by one


def test_the_rows_of_a_year_given_in_any_order_of_files_are_the_same(put: Put, county: County) -> None:
    """Members of one household given one file after the other, each with its own date of the data."""
    put([row("甲一", 文化程度="小学", 数据日期="2020-01-31"), row("甲二", relation="配偶", 数据日期="2020-01-31")])
    put([row("甲一", 文化程度="初中", 数据日期="2020-03-31"), row("甲二", relation="配偶", 数据日期="2020-03-31")])
    assert person_spans("schooling", "甲一", "education") == [("primary", D1, D2), ("junior", D2, None)]
    assert memberships("甲二") == [("T1", "spouse", D1, None)]


def test_a_question_asked_of_everybody_registers_nobody(put: Put) -> None:
    """是否军烈属 is asked of ordinary households too; of a registered one the answer is kept with its registration."""
    put(
        [
            row("甲一", 是否军烈属="否"),
            row("乙一", "T2", 是否军烈属="否", 首次识别时间="201405", 脱贫属性="新脱贫", 脱贫年度="2019"),
        ],
        D1,
    )
    assert spans("registration", "T1", "martyr_family") == []
    assert [s[0] for s in spans("registration", "T2", "martyr_family")] == [False]
    put([row("乙一", "T2", 是否军烈属="是")], D2)
    assert [s[0] for s in spans("registration", "T2", "martyr_family")] == [False, True]
