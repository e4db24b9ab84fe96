"""Reading workbooks: told by content, the heading row found, cells made values, and every cell that cannot be taken named."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from tests.register.workbooks import identity, member, raw_xlsx, text_file, xlsx

from bangfu.foundation.problems import Problem
from bangfu.register.fields import fields
from bangfu.register.identity import derive
from bangfu.register.importing import opening, reading
from bangfu.register.importing.reading import Reading, _fifteen_digits

KEY = b"k" * 32


def read(path: Path) -> Reading:
    return reading.read(path, hash_key=KEY)


def first(found: Reading) -> dict[str, Any]:
    return found.table.to_pylist()[0]


def refusals(found: Reading) -> list[tuple[str, int, str]]:
    return [(r.number, r.row, r.field) for r in found.refusals]


def value_of(tmp_path: Path, heading: str, value: Any, key: str) -> Any:
    """What one cell becomes; the reading must refuse nothing."""
    found = read(xlsx(tmp_path / "one.xlsx", [member("T1", **{heading: value})]))
    assert found.refusals == []
    return first(found)[key]


# --- the heading row


@pytest.mark.parametrize("titles", [(), ("农户信息表",), ("农户信息表", "填报单位：郑场镇"), tuple(f"说明{n}" for n in range(9))])
def test_the_heading_row_is_found_below_title_rows(tmp_path: Path, titles: tuple[str, ...]) -> None:
    found = read(xlsx(tmp_path / "a.xlsx", [member("T1"), member("T1", "配偶")], titles=titles))
    assert found.table["relation"].to_pylist() == ["head", "spouse"]
    # Rows are named as a person sees them in the spreadsheet.
    assert found.table["_row"].to_pylist() == [len(titles) + 2, len(titles) + 3]


def test_a_heading_row_further_down_than_anybody_puts_it_is_not_looked_for(tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        read(xlsx(tmp_path / "a.xlsx", [member("T1")], titles=[f"说明{n}" for n in range(10)]))
    assert caught.value.number == "BF-1202"


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    row = member("T1")
    del row["证件号码"], row["行政村"]
    with pytest.raises(Problem) as caught:
        read(xlsx(tmp_path / "lacking.xlsx", [row]))
    assert caught.value.number == "BF-1202"
    missing = caught.value.values["missing"]
    assert "证件号码" in missing
    assert "行政村" in missing
    assert "姓名" not in missing
    assert "lacking.xlsx" in caught.value.cause.zh


PERSON_EXPORT = {  # table 1 of the notes on real workbooks
    "县": "绥阳县", "乡": "郑场镇", "村": "凤凰村", "户编号": "T1", "证件号码": identity(sequence=1), "姓名": "甲", "与户主关系": "户主",
    "户类型": "脱贫户", "监测对象类别": "边缘易致贫户", "致贫/返贫风险1": "因病", "健康状况": "长期慢性病", "劳动技能": "普通劳动力",
    "在校生状况": "七年级", "文化程度": "初中", "是否参加大病保险": "是", "是否参加城乡居民基本医疗保险": "否", "是否解决安全饮用水": "是",
    "享受低保政策情况": "是", "享受特困供养政策情况": "否", "人均纯收入（元）": "12345.6", "工资性收入": "30000.5", "公益性岗位(月数)": "3",
    "耕地面积（亩）": "2.5",
}  # fmt: skip
HOUSEHOLD_EXPORT = {  # table 2: the same places under other names
    "县(市、区、旗)": "绥阳县", "乡(镇)": "郑场镇", "行政村": "凤凰村", "户编号": "T1", "证件号码": identity(sequence=1), "姓名": "甲",
    "与户主关系": "户主",
}  # fmt: skip
EXITED = {  # table 4
    "序号": "1", "数据日期": "2020年3月31日", "县(市、区、旗)": "绥阳县", "乡(镇)": "郑场镇", "行政村": "凤凰村", "自然村": "大坪",
    "户编号": "T1", "人编号": "P1", "姓名": "甲", "证件号码": identity(sequence=1), "人数": "3", "与户主关系": "之曾孙子", "民族": "仡佬族",
    "务工时间（月）": "6", "致贫原因1": "缺技术", "危房户": "否", "户联系电话": "0851-26221234", "人联系电话": "138 0000 0000",
    "首次识别时间": "201405", "人员识别时间": "2014年6月", "易返贫致贫户(监测对象)类型": "脱贫不稳定户", "风险是否消除": "否",
}  # fmt: skip


def test_headings_of_the_export_of_persons(tmp_path: Path) -> None:
    found = read(xlsx(tmp_path / "1.xlsx", [PERSON_EXPORT]))
    row = first(found)
    assert found.refusals == []
    assert {k: row[k] for k in ("county", "township", "village", "household_no", "household_kind", "monitoring_kind")} == {
        "county": "绥阳县", "township": "郑场镇", "village": "凤凰村", "household_no": "T1", "household_kind": "registered", "monitoring_kind": "edge",
    }  # fmt: skip
    assert (row["health"], row["labour"], row["school_stage"], row["education"]) == (["chronic"], "ordinary", "grade_7", "junior")
    assert (row["critical_illness"], row["resident_medical"], row["water_declared_safe"]) == (True, False, True)
    assert (row["minimum_allowance"], row["extreme_poverty_support"]) == (True, False)
    assert (row["income_wage"], row["post_months"], row["arable_mu"]) == (3000050, 3, 2.5)
    assert set(found.unknown_headings) == {"人均纯收入（元）"}
    assert row["risks"] == ["illness"]


def test_headings_of_the_export_of_households_name_the_same_places(tmp_path: Path) -> None:
    places = ("county", "township", "village", "household_no")
    one, other = (first(read(xlsx(tmp_path / f"{n}.xlsx", [row]))) for n, row in enumerate((PERSON_EXPORT, HOUSEHOLD_EXPORT)))
    assert [one[p] for p in places] == [other[p] for p in places]


def test_headings_of_the_list_of_the_exited(tmp_path: Path) -> None:
    found = read(xlsx(tmp_path / "4.xlsx", [EXITED]))
    row = first(found)
    assert found.refusals == []
    assert found.data_date == row["data_date"] == date(2020, 3, 31)
    assert (row["natural_village"], row["person_no"], row["relation"], row["ethnic"]) == ("大坪", "P1", "great_grandson", "gelao")
    assert (row["work_months"], row["main_cause"], row["monitoring_kind"]) == (6, "no_skill", "unstable_exit")
    assert (row["household_phone"], row["phone"]) == ("085126221234", "13800000000")
    assert (row["first_identified"], row["member_since"]) == (date(2014, 5, 1), date(2014, 6, 1))
    assert set(found.unknown_headings) == {"序号", "人数", "危房户"}
    assert first(found)["risk_eliminated"] is False


@pytest.mark.parametrize("heading", [" 证件 号码 ", "*证件号码", "证件号码：", "身份证号", "公民身份号码", "Identity number"])
def test_a_heading_is_known_whatever_stands_around_it(tmp_path: Path, heading: str) -> None:
    row = member("T1")
    number = row.pop("证件号码")
    assert first(read(xlsx(tmp_path / "a.xlsx", [row | {heading: number}])))["identity"] == number


def test_every_heading_of_the_dictionary_leads_to_its_field() -> None:
    known = reading.known_headings()
    for f in fields().values():
        assert known[reading.plain_heading(f.title.zh)] == f.key
        assert known[reading.plain_heading(f.title.en)] == f.key


# --- files of every sort


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8-sig", ","), ("utf-8", ","), ("gb18030", ","), ("gb18030", "\t"), ("utf-8-sig", "\t")]
)
def test_text_files_as_spreadsheets_save_them(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [member("T1", 姓名="龑䶮", 家庭住址='大坪组, 3 "号"'), member("T1", "配偶")]
    found = read(text_file(tmp_path / "a.csv", rows, encoding=encoding, delimiter=delimiter))
    assert found.table["name"].to_pylist() == ["龑䶮", "测试人"]
    assert found.table["address"].to_pylist()[0] == '大坪组, 3 "号"'
    assert found.refusals == []


@pytest.mark.parametrize("name", ["really.csv", "really.xls", "no-suffix", "really.xlsx"])
def test_a_workbook_is_told_by_its_content(tmp_path: Path, name: str) -> None:
    assert read(xlsx(tmp_path / name, [member("T1")])).table.num_rows == 1


@pytest.mark.parametrize("name", ["list.xls", "list.xlsx"])
def test_a_text_file_under_the_name_of_a_workbook_is_read_as_text(tmp_path: Path, name: str) -> None:
    assert read(text_file(tmp_path / name, [member("T1")], encoding="gb18030")).table["village"].to_pylist() == ["凤凰村"]


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 not a zip",
        b"\xd0\xcf\x11\xe0 not a compound file",
        b"a,b\x00c\n",
        b"\xff\xff\xff\xff",
        b"<html><table><tr><td>1</td></tr></table></html>",
    ],
)
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(content)
    with pytest.raises(Problem) as caught:
        read(path)
    assert caught.value.number == "BF-1221"
    assert "broken.xlsx" in str(caught.value)


def test_files_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("b.xlsx", "a.csv", "deep/c.XLS", "~$b.xlsx", ".hidden.csv", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert [str(p.relative_to(tmp_path)) for p in opening.find_files(tmp_path)] == ["a.csv", "b.xlsx", "deep/c.XLS"]
    (tmp_path / "empty").mkdir()
    for nothing, number in ((tmp_path / "empty", "BF-1201"), (tmp_path / "missing.xlsx", "BF-1254")):
        with pytest.raises(Problem, match=number):
            opening.find_files(nothing)


# --- rows


def test_blank_rows_notes_and_totals_are_passed_over(tmp_path: Path) -> None:
    rows = [
        member("T1"),
        {},
        {"户编号": "  ", "姓名": " "},
        member("T1", "配偶"),
        {"乡镇": "合计", "行政村": "2"},
        {"户编号": "合计", "行政村": "2"},
        {"户编号": "填表人：张三　审核人：李四"},
    ]
    found = read(xlsx(tmp_path / "a.xlsx", rows, columns=list(member("T1"))))
    assert found.table["_row"].to_pylist() == [4, 7]
    assert found.refusals == []


def test_a_member_whose_number_or_name_is_blank_is_no_note(tmp_path: Path) -> None:
    rows = [member("T1", 证件号码=None), member("T1", "配偶", 姓名=None), member("T1", "之子", 姓名=None, 证件号码=None)]
    assert refusals(read(xlsx(tmp_path / "a.xlsx", rows))) == [
        ("BF-1205", 5, "name"), ("BF-1205", 6, "name"), ("BF-1205", 4, "identity"), ("BF-1205", 6, "identity"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "key"),
    [("户编号", "household_no"), ("姓名", "name"), ("证件号码", "identity"), ("与户主关系", "relation"), ("行政村", "village")],
)
def test_a_blank_required_cell_is_refused_once_with_its_row(tmp_path: Path, heading: str, key: str) -> None:
    found = read(xlsx(tmp_path / "a.xlsx", [member("T1"), member("T2", **{heading: None})]))
    assert refusals(found) == [("BF-1205", 5, key)]


def test_a_required_cell_that_cannot_be_read_is_refused_as_such_only(tmp_path: Path) -> None:
    found = read(xlsx(tmp_path / "a.xlsx", [member("T1", "之谁")]))
    assert refusals(found) == [("BF-1206", 4, "relation")]
    assert found.refusals[0].value == "之谁"


def test_an_unknown_code_word_is_refused_with_row_and_column(tmp_path: Path) -> None:
    rows = [member("T1", 户类型="普通农户"), member("T2", 户类型="小康户"), member("T3", 户类型=None)]
    found = read(xlsx(tmp_path / "a.xlsx", rows))
    assert refusals(found) == [("BF-1206", 5, "household_kind")]
    assert found.table["household_kind"].to_pylist() == ["ordinary", None, None]


@pytest.mark.parametrize(
    ("heading", "value", "number"),
    [
        ("务工时间（月）", 12, None), ("务工时间（月）", 13, "BF-1207"), ("务工时间（月）", -1, "BF-1207"), ("务工时间（月）", 2.5, "BF-1206"),
        ("脱贫年度", 2013, None), ("脱贫年度", 2012, "BF-1207"), ("脱贫年度", "2021年", "BF-1207"), ("耕地面积（亩）", 2000.01, "BF-1207"),
        ("工资性收入", -0.01, "BF-1207"), ("工资性收入", 0.001, "BF-1206"), ("工资性收入", "约3万", "BF-1206"), ("工资性收入", "NaN1", "BF-1206"),
        ("工资性收入", "Infinity", "BF-1206"), ("自来水是否入户", "不详", "BF-1206"), ("数据日期", "2019-02-29", "BF-1206"),
        ("首次识别时间", "201413", "BF-1206"), ("人联系电话", "没有电话", "BF-1206"),
        ("姓名", "长" * 60, None), ("姓名", "长" * 61, "BF-1208"), ("家庭住址", "远" * 121, "BF-1208"),
    ],
)  # fmt: skip
def test_values_and_their_limits(tmp_path: Path, heading: str, value: Any, number: str | None) -> None:
    found = read(xlsx(tmp_path / "a.xlsx", [member("T1", **{heading: value})]))
    assert [(r.number, r.row) for r in found.refusals] == ([(number, 4)] if number else [])


def test_a_text_that_its_column_cannot_hold_is_never_let_through() -> None:
    for f in fields().values():
        if f.type == "text" and f.table:
            kept = ("household", "number") if f.table == "unit" else (f.table, f.column or "")
            limit = apps.get_model("register", kept[0])._meta.get_field(kept[1]).max_length
            assert f.length is not None, f.key
            assert f.length <= limit, f.key


def test_headings_that_nobody_knows_are_told(tmp_path: Path) -> None:
    found = read(xlsx(tmp_path / "a.xlsx", [member("T1", 备注="x", 填表人="帮扶消除")]))
    assert found.unknown_headings == ["备注", "填表人"]


# --- identity numbers

ONE = identity(sequence=41, born=date(1988, 8, 8))
WITH_X = next(n for n in (identity(sequence=k) for k in range(500)) if n.endswith("X"))
WIDE = ONE.translate({ord("0") + d: chr(0xFF10 + d) for d in range(10)})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (ONE, ONE), (f" {ONE[:6]} {ONE[6:14]}\t{ONE[14:]} ", ONE), (f"'{ONE}", ONE), (f"’{ONE}", ONE), (WIDE, ONE), (f"\u3000{ONE}\u00a0", ONE),
        (WITH_X.lower(), WITH_X), (WITH_X[:-1] + "Ｘ", WITH_X), (WITH_X[:-1] + "ｘ", WITH_X), (f"G{ONE}", ONE),
    ],
)  # fmt: skip
def test_what_people_and_programs_leave_around_a_number(tmp_path: Path, written: str, meant: str) -> None:
    found = read(text_file(tmp_path / "a.csv", [member("T1", 证件号码=written), member("T2", 证件号码=meant)]))
    assert found.refusals == []
    assert found.table["identity"].to_pylist() == [meant, meant]
    hashes = found.table["_identity_hash"].to_pylist()
    assert hashes[0] == hashes[1]
    assert meant.encode() not in hashes[0]


@pytest.mark.parametrize("number", [523456789012345678.0, 5.23456789012346e17])
def test_a_number_that_excel_has_rounded_is_refused_as_lost(tmp_path: Path, number: float) -> None:
    row = member("T1")
    cells = [number if heading == "证件号码" else value for heading, value in row.items()]
    assert refusals(read(raw_xlsx(tmp_path / "a.xlsx", [list(row), cells]))) == [("BF-1204", 2, "identity")]


@pytest.mark.parametrize("written", ["5.20323E+17", "520323198808080000", "520323198808081200.0"])
def test_a_rounded_number_in_a_text_file_is_refused_as_lost(tmp_path: Path, written: str) -> None:
    assert refusals(read(text_file(tmp_path / "a.csv", [member("T1", 证件号码=written)]))) == [("BF-1204", 2, "identity")]


@pytest.mark.parametrize(
    "wrong",
    [
        ONE[:-1] + str((int(ONE[-1], 16) + 1) % 10),
        ONE[:-1],
        ONE + "1",
        "99520119880230001X",
        "ABC",
        "52032319880808",
        ONE.replace("1988", "1788"),
    ],
)
def test_a_number_that_cannot_be_is_refused(tmp_path: Path, wrong: str) -> None:
    found = read(text_file(tmp_path / "a.csv", [member("T1", 证件号码=wrong)]))
    assert refusals(found) == [("BF-1203", 2, "identity")]


def test_where_some_numbers_are_rounded_none_that_looks_so_is_believed(tmp_path: Path) -> None:
    """A rounded number passes its check once in eleven times; alone in its file it may as well be what was typed."""
    lucky = next(
        n
        for n in (identity(sequence=k, born=date(1980, 1, day)) for day in range(1, 29) for k in range(500))
        if _fifteen_digits(n)
    )
    spoiled = next(n for n in (f"52032319880808{k}" for k in ("1216", "1984", "0000")) if not derive([n]).valid[0])
    rows = [member("T1", 证件号码=lucky), member("T2", 证件号码=spoiled), member("T3")]
    assert refusals(read(text_file(tmp_path / "a.csv", rows))) == [("BF-1204", 3, "identity"), ("BF-1204", 2, "identity")]
    assert refusals(read(text_file(tmp_path / "b.csv", rows[::2]))) == []
    # A workbook knows which of its cells are texts: those were never rounded.
    assert refusals(read(xlsx(tmp_path / "c.xlsx", rows, titles=()))) == [("BF-1204", 3, "identity")]
    cells = [[float(v) if v == lucky else v for v in row.values()] for row in rows]
    found = read(raw_xlsx(tmp_path / "d.xlsx", [list(rows[0]), *cells]))
    assert sorted(refusals(found)) == [("BF-1204", 2, "identity"), ("BF-1204", 3, "identity")]


def test_birth_date_and_sex_come_from_the_number_where_it_tells_them(tmp_path: Path) -> None:
    woman = identity(date(1990, 2, 28), male=False)
    for beside in ({}, {"性别": "女", "出生日期": "1990-02-28"}, {"性别": None, "出生日期": "无数据"}):
        found = read(xlsx(tmp_path / "a.xlsx", [member("T1", 证件号码=woman, **beside)]))
        row = first(found)
        assert (row["sex"], row["birth_date"], row["_identity_region"]) == ("female", date(1990, 2, 28), "995201")
        assert refusals(found) == []


def test_what_a_row_says_against_its_own_number_is_refused(tmp_path: Path) -> None:
    woman = identity(date(1990, 2, 28), male=False)
    rows = [
        member("T1", 证件号码=woman, 性别="男", 出生日期="1990-02-28"),
        member("T2", 性别="男", 出生日期="1991-01-01"),
        member("T3", 证件号码=woman[:-1] + ("0" if woman[-1] != "0" else "1"), 性别="男"),
        member("T4", 证件号码=None, 性别="男", 出生日期="1991-01-01"),
    ]
    found = read(xlsx(tmp_path / "a.xlsx", rows, titles=()))
    # A number that is wrong in itself, and a row without one, contradict nothing.
    assert sorted(refusals(found)) == [
        ("BF-1203", 4, "identity"),
        ("BF-1205", 5, "identity"),
        ("BF-1251", 2, "sex"),
        ("BF-1251", 3, "birth_date"),
    ]
    assert next(r.value for r in found.refusals if r.field == "sex") == "男"


def test_a_digest_is_the_same_however_a_file_writes_its_values(tmp_path: Path) -> None:
    written = {
        "证件号码": identity(sequence=5),
        "耕地面积（亩）": 3,
        "首次识别时间": date(2014, 5, 1),
        "工资性收入（元）": 12000.0,
        "文化程度": "小学",
    }
    otherwise = {
        **written,
        "耕地面积（亩）": "3.0",
        "首次识别时间": "2014年5月",
        "工资性收入（元）": "12,000",
        "银行账号": "无数据",
    }
    numbers = [first(read(path))["_digest"] for path in (
        xlsx(tmp_path / "a.xlsx", [member("T1", **written)]),
        text_file(tmp_path / "b.csv", [member("T1", **otherwise)]),
        xlsx(tmp_path / "c.xlsx", [member("T1", **written | {"耕地面积（亩）": 4})]),
    )]  # fmt: skip
    assert numbers[0] == numbers[1] != numbers[2]


def test_a_second_column_of_the_same_is_told_as_that(tmp_path: Path) -> None:
    found = read(xlsx(tmp_path / "a.xlsx", [member("T1", 成员姓名="另一名", 备用列="x")]))
    assert first(found)["name"] == "测试人"
    assert found.unknown_headings == ["成员姓名 (= 姓名)", "备用列"]


# --- dates and months, in the kinds of cells that they come in


@pytest.mark.parametrize(
    "written",
    [date(2019, 12, 31), 43830, 43830.5, "2019-12-31", "2019/12/31", "2019.12.31", "20191231", "2019年12月31日", "２０１９年１２月３１日", "2019-12-31 00:00:00", "二〇一九-12-31"],
)  # fmt: skip
def test_a_date_in_every_form(tmp_path: Path, written: Any) -> None:
    assert value_of(tmp_path, "数据日期", written, "data_date") == date(2019, 12, 31)


@pytest.mark.parametrize(
    "written",
    ["201405", 201405, "2014-05", "2014-5", "2014年05月", "2014年5月", "2014/5", "2014.05", date(2014, 5, 20), "2014年5月20日"],
)
def test_a_month_in_every_form(tmp_path: Path, written: Any) -> None:
    assert value_of(tmp_path, "首次识别时间", written, "first_identified") == date(2014, 5, 1)


@pytest.mark.parametrize("written", [2019, 2019.0, "2019", "2019年", "2019.0", "201907", date(2019, 7, 1)])
def test_a_year_in_every_form(tmp_path: Path, written: Any) -> None:
    assert value_of(tmp_path, "脱贫年度", written, "exit_year") == 2019


@pytest.mark.parametrize(
    ("written", "meant"),
    [("是", True), ("有", True), (True, True), (1, True), ("√", True), ("否", False), ("无", False), (0, False), (False, False)],
)
def test_yes_and_no_in_every_form(tmp_path: Path, written: Any, meant: bool) -> None:
    assert value_of(tmp_path, "自来水是否入户", written, "water_piped") is meant


@pytest.mark.parametrize("written", ["-", "/", "无数据", "N/A", "--", "  ", "null"])
def test_marks_that_mean_nothing_are_blank(tmp_path: Path, written: str) -> None:
    assert value_of(tmp_path, "文化程度", written, "education") is None


def test_several_codes_in_one_cell(tmp_path: Path) -> None:
    assert value_of(tmp_path, "健康状况", "长期慢性病、残疾，长期慢性病", "health") == ["chronic", "disabled"]


# --- digests


def test_a_row_that_says_the_same_has_the_same_digest_whatever_its_date_and_place_in_the_file(tmp_path: Path) -> None:
    row = member("T1", 文化程度="小学")
    digests = [
        first(read(xlsx(tmp_path / "a.xlsx", [row])))["_digest"],
        first(read(text_file(tmp_path / "b.csv", [row])))["_digest"],
        read(xlsx(tmp_path / "c.xlsx", [member("T2"), row])).table["_digest"].to_pylist()[1],
        first(read(xlsx(tmp_path / "d.xlsx", [{"数据日期": "2020-01-31"} | row])))["_digest"],
        first(read(xlsx(tmp_path / "e.xlsx", [dict(reversed(row.items()))])))["_digest"],
    ]  # fmt: skip
    assert len(set(digests)) == 1
    assert first(read(xlsx(tmp_path / "f.xlsx", [row | {"文化程度": "初中"}])))["_digest"] != digests[0]
