"""Files as they really come: each oddity of docs/mechanisms/import.md is taken for what it means, or refused under its own number."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.register.workbooks import Formula, Raw, compound, identity, member, raw_book, table, text_file, xls, xlsx

from bangfu.foundation.problems import Problem
from bangfu.register.fields import fields
from bangfu.register.importing import opening, reading
from bangfu.register.importing.reading import HOMES, Reading

KEY = b"k" * 32


def read(path: Path) -> Reading:
    return reading.read(path, hash_key=KEY)


def refusals(found: Reading) -> list[tuple[str, int, str]]:
    return [(r.number, r.row, r.field) for r in found.refusals]


def problem_of(path: Path) -> Problem:
    with pytest.raises(Problem) as caught:
        read(path)
    assert path.name in caught.value.cause.zh
    return caught.value


# --- what a file is


def test_a_workbook_of_the_old_kind(tmp_path: Path) -> None:
    number = identity(sequence=3)
    rows = table([member("T1", 证件号码=number, 数据日期=43830.0), member("T1", "配偶")])
    for name in ("old.xls", "old.xlsx", "old.csv"):
        found = read(xls(tmp_path / name, rows))
        assert found.refusals == []
        assert found.table["identity"].to_pylist()[0] == number
        assert found.table["relation"].to_pylist() == ["head", "spouse"]
        assert str(found.table["data_date"][0]) == "2019-12-31"


def test_an_identity_number_that_an_old_workbook_keeps_as_a_number(tmp_path: Path) -> None:
    rows = table([member("T1", 证件号码=520323198808081216.0)])
    assert refusals(read(xls(tmp_path / "a.xls", rows))) == [("BF-1204", 2, "identity")]


@pytest.mark.parametrize("content", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\0" * 4096])
def test_an_empty_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "empty.xlsx"
    path.write_bytes(content)
    assert problem_of(path).number == "BF-1231"


def test_a_workbook_without_a_cell(tmp_path: Path) -> None:
    assert problem_of(raw_book(tmp_path / "a.xlsx", Raw([]), Raw([], name="b"))).number == "BF-1231"


def test_a_heading_and_nothing_below_it(tmp_path: Path) -> None:
    assert problem_of(xlsx(tmp_path / "a.xlsx", [], columns=list(member("T1")))).number == "BF-1241"
    assert problem_of(xlsx(tmp_path / "b.xlsx", [{"行政村": "合计"}], columns=list(member("T1")))).number == "BF-1241"


def test_a_workbook_with_a_password(tmp_path: Path) -> None:
    path = tmp_path / "locked.xlsx"
    path.write_bytes(compound({"EncryptedPackage": b"x" * 5000, "EncryptionInfo": b"y" * 5000}))
    assert problem_of(path).number == "BF-1233"


def test_an_archive_with_a_password(tmp_path: Path) -> None:
    path = tmp_path / "locked.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.csv", "x")
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    raw[6] |= 1
    path.write_bytes(raw)
    with pytest.raises(Problem, match="BF-1233"):
        opening.unpack(path, tmp_path)


# --- what would burst


def test_a_workbook_that_would_burst_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = raw_book(tmp_path / "bomb.xlsx", Raw([["户编号", "x" * 3_000_000]]))
    assert path.stat().st_size < 10_000
    monkeypatch.setattr(opening, "LARGEST", 2_000_000)
    problem = problem_of(path)
    assert problem.number == "BF-1232"
    assert (problem.values["size"], problem.values["limit"]) == (3, 2)


def test_an_archive_that_would_burst_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(3):
            archive.writestr(f"{n}.csv", b"0" * 1_000_000)
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(Problem, match="BF-1232"):
        opening.unpack(path, into, limit=2_900_000)
    assert list(into.iterdir()) == []
    assert len(opening.unpack(path, into, limit=3_000_000)) == 3


def test_an_archive_that_lies_about_its_size(tmp_path: Path) -> None:
    path = raw_book(tmp_path / "liar.xlsx", Raw([["户编号", "x" * 100_000]]))
    opening.require_true_sizes(path)
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as book:
        true = book.getinfo("xl/worksheets/sheet1.xml").file_size
    at = raw.rindex(true.to_bytes(4, "little"))
    raw[at : at + 4] = (100).to_bytes(4, "little")
    path.write_bytes(raw)
    with pytest.raises(Problem, match="BF-1221"):
        opening.require_true_sizes(path)


def test_what_a_mac_adds_to_an_archive_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a.csv", "__MACOSX/._a.csv", "~$a.xlsx", ".hidden.csv"):
            archive.writestr(name, "x")
    assert [p.name for p in opening.unpack(path, tmp_path)] == ["000 a.csv"]


# --- sheets


def test_hidden_sheets_are_not_read(tmp_path: Path) -> None:
    rows, others = table([member("T1")]), table([member("T9")])
    for state in ("hidden", "veryHidden"):
        path = raw_book(tmp_path / "a.xlsx", Raw(others, state=state), Raw(rows, name="b"))
        assert read(path).table["household_no"].to_pylist() == ["T1"]
        assert problem_of(raw_book(tmp_path / "b.xlsx", Raw(rows, state=state))).number == "BF-1234"
    assert problem_of(xls(tmp_path / "c.xls", rows, hidden=True)).number == "BF-1234"


def test_a_sheet_that_is_no_list_does_not_matter(tmp_path: Path) -> None:
    notes = [["填表说明"], ["户编号", "由系统生成"]]
    path = raw_book(tmp_path / "a.xlsx", Raw(notes, name="说明"), Raw(table([member("T1")]), name="b"))
    assert read(path).table.num_rows == 1


def test_several_lists_are_not_guessed_among(tmp_path: Path) -> None:
    path = raw_book(tmp_path / "a.xlsx", Raw(table([member("T1")]), name="凤凰村"), Raw(table([member("T2")]), name="大坪村"))
    problem = problem_of(path)
    assert problem.number == "BF-1235"
    assert "「凤凰村」" in problem.cause.zh
    assert "「大坪村」" in problem.cause.en


def test_rows_above_the_first_that_is_filled_are_counted(tmp_path: Path) -> None:
    """A row is named as the spreadsheet names it, wherever the list begins."""
    path = raw_book(tmp_path / "a.xlsx", Raw(table([member("T1"), member("T1", "之谁")]), top=5))
    assert refusals(read(path)) == [("BF-1206", 7, "relation")]


# --- the second layout


def two(tmp_path: Path, homes: list[dict[str, Any]], persons: list[dict[str, Any]], **how: Any) -> Path:
    return raw_book(tmp_path / "two.xlsx", Raw(table(homes), name="户信息", **how), Raw(table(persons), name="人员信息"))


def home(number: str, **more: Any) -> dict[str, Any]:
    return {"乡镇": "郑场镇", "行政村": "凤凰村", "户编号": number} | more


def person(number: str, relation: str = "户主", **more: Any) -> dict[str, Any]:
    row = member(number, relation, **more)
    return {k: v for k, v in row.items() if k not in ("乡镇", "行政村")}


def test_a_sheet_of_households_and_a_sheet_of_persons(tmp_path: Path) -> None:
    persons = [person("T1"), person("T1", "配偶"), person("T2")]
    path = two(tmp_path, [home("T2", 危房级别="C级"), home("T1", 危房级别="A级"), {"户编号": "合计", "危房级别": None}], persons)
    found = read(path)
    assert found.refusals == []
    assert found.table["village"].to_pylist() == ["凤凰村"] * 3
    assert found.table["house_grade"].to_pylist() == ["A", "A", "C"]
    assert found.table["_row"].to_pylist() == [2, 3, 4]
    assert found.table["_home"].to_pylist() == [HOMES + 3, HOMES + 3, HOMES + 2]
    assert found.place(HOMES + 3) == ("two.xlsx「户信息」", 3)
    assert found.place(3) == ("two.xlsx", 3)


def test_both_layouts_say_the_same(tmp_path: Path) -> None:
    """A list that comes in the other layout says nothing new."""
    number = identity(sequence=8)
    both = read(two(tmp_path, [home("T1", 危房级别="A级")], [person("T1", 证件号码=number)]))
    one = read(xlsx(tmp_path / "one.xlsx", [member("T1", 证件号码=number, 危房级别="A级")]))
    assert both.table["_digest"].to_pylist() == one.table["_digest"].to_pylist()


@pytest.mark.parametrize(
    ("homes", "persons", "expected"),
    [
        ([home("T1")], [person("T1"), person("T2")], [("BF-1238", 3, "household_no")]),
        ([home("T1"), home("T2")], [person("T1")], [("BF-1239", HOMES + 3, "household_no")]),
        ([home("T1"), home("T1")], [person("T1")], [("BF-1240", HOMES + n, "household_no") for n in (2, 3)]),
        ([home("T1", 危房级别="E级")], [person("T1")], [("BF-1206", HOMES + 2, "house_grade")]),
        ([home("T1", 行政村=None)], [person("T1")], [("BF-1205", HOMES + 2, "village")]),
        ([home("T1", 家庭住址="甲")], [person("T1", 家庭住址="乙")], [("BF-1214", 2, "address")]),
    ],
    ids=["person of no household", "household of nobody", "household twice", "bad cell", "no village", "both sheets at odds"],
)
def test_what_the_two_sheets_contradict_each_other_in(
    tmp_path: Path, homes: list[dict[str, Any]], persons: list[dict[str, Any]], expected: list[tuple[str, int, str]]
) -> None:
    assert refusals(read(two(tmp_path, homes, persons))) == expected


def test_a_person_who_stands_beside_a_household_is_told_as_not_taken(tmp_path: Path) -> None:
    found = read(two(tmp_path, [home("T1", 姓名="甲")], [person("T1")]))
    assert found.refusals == []
    assert found.unknown_headings == ["姓名"]


# --- cells


def test_what_is_merged_over_a_household_holds_for_all_its_rows(tmp_path: Path) -> None:
    first, second, third = member("T1"), member("T1", "配偶"), member("T2")
    for covered in ("乡镇", "行政村", "户编号"):
        second[covered] = None
    path = raw_book(tmp_path / "a.xlsx", Raw(table([first, second, third]), merged=("A2:A3", "B2:B3", "C2:C3")))
    found = read(path)
    assert found.refusals == []
    assert found.table["household_no"].to_pylist() == ["T1", "T1", "T2"]
    assert found.table["village"].to_pylist() == ["凤凰村"] * 3


def test_a_sheet_that_begins_further_right_is_merged_where_it_is(tmp_path: Path) -> None:
    rows = [[None, None, *row] for row in table([member("T1"), member("T1", "配偶", 户编号=None)])]
    found = read(raw_book(tmp_path / "a.xlsx", Raw(rows, merged=("E2:E3",))))
    assert found.refusals == []
    assert found.table["household_no"].to_pylist() == ["T1", "T1"]


def test_what_is_merged_over_persons_is_not_guessed(tmp_path: Path) -> None:
    rows = table([member("T1"), member("T1", "配偶", 姓名=None)])
    assert refusals(read(raw_book(tmp_path / "a.xlsx", Raw(rows, merged=("D2:D3",))))) == [("BF-1236", 3, "name")]
    across = table([member("T1", 证件号码=None)])
    assert refusals(read(raw_book(tmp_path / "b.xlsx", Raw(across, merged=("D2:E2",))))) == [("BF-1236", 2, "identity")]


def test_a_formula_counts_with_the_value_that_was_computed(tmp_path: Path) -> None:
    number = identity(sequence=9)
    found = read(raw_book(tmp_path / "a.xlsx", Raw(table([member("T1", 证件号码=Formula('"9"&A9', number))]))))
    assert found.refusals == []
    assert found.table["identity"].to_pylist() == [number]


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?"])
def test_a_formula_that_fails_is_refused_wherever_it_stands(tmp_path: Path, error: str) -> None:
    rows = table([member("T1", 文化程度=Formula("X1", error)), member("T1", "配偶", 姓名=Formula("X1", error))])
    found = read(raw_book(tmp_path / "a.xlsx", Raw(rows)))
    assert sorted(refusals(found)) == [("BF-1237", 2, "education"), ("BF-1237", 3, "name")]
    assert found.refusals[0].value == error


def test_a_formula_that_nobody_has_computed_is_no_blank(tmp_path: Path) -> None:
    rows = table([member("T1"), member("T2", 姓名=Formula("X1"))])
    assert refusals(read(raw_book(tmp_path / "a.xlsx", Raw(rows)))) == [("BF-1237", 3, "name")]


def test_two_hundred_columns(tmp_path: Path) -> None:
    wide = {f"第{n}列": str(n) for n in range(180)}
    found = read(xlsx(tmp_path / "a.xlsx", [wide | member("T1", 文化程度="小学"), wide | member("T1", "配偶")]))
    assert found.refusals == []
    assert found.unknown_headings == list(wide)
    assert found.table["education"].to_pylist() == ["primary", None]


def test_every_field_at_once(tmp_path: Path) -> None:
    names = [f.title.zh for f in fields().values()]
    row = dict.fromkeys(names) | {fields()[k].title.zh: v for k, v in {
        "township": "郑场镇", "village": "凤凰村", "household_no": "T1", "name": "甲", "identity": identity(), "relation": "户主",
    }.items()}  # fmt: skip
    found = read(text_file(tmp_path / "a.csv", [row]))
    assert (found.refusals, found.unknown_headings) == ([], [])


def test_a_page_of_the_web_under_the_name_of_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "list.xls"
    path.write_text("<html><table><tr><td>户编号</td></tr></table></html>", "utf-8")
    assert problem_of(path).number == "BF-1221"


def test_a_picture_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "scan.xlsx"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe\xfd" * 100)
    assert problem_of(path).number == "BF-1221"


def test_rows_that_are_handed_back_may_come_again_as_they_are(tmp_path: Path) -> None:
    """The columns that Bangfu adds are neither taken nor told."""
    row = member("T1") | dict.fromkeys(reading.RETURNED, "BF-1206")
    assert read(xlsx(tmp_path / "a.xlsx", [row])).unknown_headings == []


def test_headings_of_a_text_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows(table([member("T1")]))
    assert read(path).refusals == []
