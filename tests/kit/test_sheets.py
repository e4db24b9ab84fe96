"""The streaming sheet writer, read back by two readers."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import fastexcel
import numpy as np
import pyarrow as pa
import pytest
from python_calamine import CalamineWorkbook

from bangfu.kit.sheets import BLOCK, Column, Workbook, write_sheet

NOON = datetime(2020, 4, 28, 12, 30)  # noqa: DTZ001 - a workbook knows no time zones
MIDNIGHT = datetime(2019, 1, 1)  # noqa: DTZ001
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def rows(path: Path, sheet: int = 0) -> list[list[object]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_index(sheet).to_python()


def part(path: Path, name: str) -> ET.Element:
    with zipfile.ZipFile(path) as archive:
        return ET.fromstring(archive.read(name))


def cells_of(path: Path) -> list[ET.Element]:
    return part(path, "xl/worksheets/sheet1.xml").findall(f".//{MAIN}c")


def test_every_kind_comes_back_as_it_went_in(tmp_path):
    path = tmp_path / "all.xlsx"
    columns = [
        Column("姓名"),
        Column("户类型"),
        Column("面积", kind="number"),
        Column("金额", kind="number"),
        Column("人数", kind="number"),
        Column("出生日期", kind="date"),
        Column("时间", kind="datetime"),
        Column("是否", kind="boolean"),
    ]
    values = [
        ["张三", None, "李四"],
        pa.array(["普通农户", "监测户", None]).dictionary_encode(),
        np.array([1.5, np.nan, 12.0]),
        pa.array([Decimal("1234.56"), None, Decimal("0.00")]),
        np.array([3, 0, -2]),
        pa.array([date(1968, 1, 9), None, date(2019, 12, 31)]),
        pa.array([NOON, None, MIDNIGHT]),
        pa.array([True, None, False]),
    ]
    assert write_sheet(path, columns, values, name="农户") == 3
    head, first, second, third = rows(path)
    assert head == [column.heading for column in columns]
    assert first == ["张三", "普通农户", 1.5, 1234.56, 3.0, date(1968, 1, 9), NOON, True]
    assert second == ["", "监测户", "", "", 0.0, "", "", ""]
    assert third == ["李四", "", 12.0, 0.0, -2.0, date(2019, 12, 31), date(2019, 1, 1), False]


def test_two_readers_agree(tmp_path):
    path = tmp_path / "two.xlsx"
    write_sheet(
        path, [Column("a"), Column("b", kind="number"), Column("c")], [["甲", "乙"], [1, 2], [None, "x"]], titles=["标题", "日期"]
    )
    table = fastexcel.read_excel(path).load_sheet(0, header_row=2).to_arrow()
    assert table.to_pydict() == {"a": ["甲", "乙"], "b": [1.0, 2.0], "c": [None, "x"]}
    assert [row[:3] for row in rows(path)] == [
        ["标题", "", ""],
        ["日期", "", ""],
        ["a", "b", "c"],
        ["甲", 1.0, ""],
        ["乙", 2.0, "x"],
    ]


@pytest.mark.parametrize("encoded", [False, True])
def test_awkward_texts_survive(tmp_path, encoded):
    texts = [
        "<b>&amp;</b>",
        "a & b > c",
        '"quoted"',
        " ends ",
        "two\nlines",
        "\ttab",
        "990323196801090390",
        "007",
        "𠮷野家",
        "🙂",
        "''",
        "=",
    ]
    path = tmp_path / "awkward.xlsx"
    array = pa.array(texts)
    write_sheet(path, [Column("t")], [array.dictionary_encode() if encoded else array])
    assert [row[0] for row in rows(path)[1:]] == texts


@pytest.mark.parametrize("encoded", [False, True])
def test_what_xml_cannot_hold_is_written_in_excels_notation(tmp_path, encoded):
    path = tmp_path / "control.xlsx"
    texts = ["a\x00b", "a\x08b", "a\rb", "_x0041_", "\uffffx", "plain"]
    array = pa.array(texts)
    write_sheet(path, [Column("t")], [array.dictionary_encode() if encoded else array])
    with zipfile.ZipFile(path) as archive:
        written = archive.read("xl/sharedStrings.xml" if encoded else "xl/worksheets/sheet1.xml").decode()
    ET.fromstring(written)
    for expected in ("a_x0000_b", "a_x0008_b", "a_x000D_b", "_x005F_x0041_", "_xFFFF_x", ">plain<"):
        assert expected in written
    assert [row[0] for row in rows(path)[2:5]] == texts[1:4]


@pytest.mark.parametrize("encoded", [False, True])
def test_no_text_becomes_a_formula(tmp_path, encoded):
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "\t=1"]
    path = tmp_path / "formula.xlsx"
    array = pa.array(texts)
    write_sheet(path, [Column("t")], [array.dictionary_encode() if encoded else array])
    cells = cells_of(path)
    assert {cell.get("t") for cell in cells} <= {"s", "inlineStr"}
    assert not [cell for cell in cells if cell.find(f"{MAIN}f") is not None]
    assert [row[0] for row in rows(path)[1:]] == texts


def test_days_without_a_serial_on_which_programs_agree_are_text(tmp_path):
    path = tmp_path / "old.xlsx"
    days = [date(1899, 5, 1), date(1900, 2, 28), date(1900, 3, 1), date(1901, 1, 1)]
    write_sheet(path, [Column("d", kind="date")], [pa.array(days)])
    assert [row[0] for row in rows(path)[1:]] == ["1899-05-01", "1900-02-28", date(1900, 3, 1), date(1901, 1, 1)]


def test_titles_headings_widths_and_frozen_pane(tmp_path):
    path = tmp_path / "looks.xlsx"
    write_sheet(
        path,
        [Column("a", width=9.0), Column("号码", width=22.5, protect=True)],
        [["x"], ["007"]],
        titles=["甲县农户信息", "2019-12-31"],
    )
    sheet = part(path, "xl/worksheets/sheet1.xml")
    pane = sheet.find(f".//{MAIN}pane")
    assert pane is not None
    assert (pane.get("ySplit"), pane.get("topLeftCell"), pane.get("state")) == ("3", "A4", "frozen")
    assert [col.get("width") for col in sheet.iter(f"{MAIN}col")] == ["9.0", "22.5"]
    assert [merge.get("ref") for merge in sheet.iter(f"{MAIN}mergeCell")] == ["A1:B1", "A2:B2"]
    styles = part(path, "xl/styles.xml")
    formats = styles.findall(f"{MAIN}cellXfs/{MAIN}xf")
    fonts = styles.findall(f"{MAIN}fonts/{MAIN}font")
    lines = sheet.findall(f"{MAIN}sheetData/{MAIN}row")
    for cell in lines[2]:  # every heading is bold
        assert fonts[int(formats[int(cell.get("s", "0"))].get("fontId", "0"))].find(f"{MAIN}b") is not None
    assert formats[int(lines[3][1].get("s", "0"))].get("numFmtId") == "49"  # a protected number stays text when edited
    # The order of parts is fixed by the standard; Excel repairs or refuses a file that breaks it.
    assert [child.tag.removeprefix(MAIN) for child in sheet] == ["sheetViews", "sheetFormatPr", "cols", "sheetData", "mergeCells"]


def test_number_format(tmp_path):
    path = tmp_path / "format.xlsx"
    write_sheet(path, [Column("n", kind="number", number_format="#,##0.00"), Column("m", kind="number")], [[1234.5], [1]])
    styles = part(path, "xl/styles.xml")
    named = {item.get("numFmtId"): item.get("formatCode") for item in styles.iter(f"{MAIN}numFmt")}
    cell = part(path, "xl/worksheets/sheet1.xml").findall(f"{MAIN}sheetData/{MAIN}row")[1][0]
    assert named[styles.findall(f"{MAIN}cellXfs/{MAIN}xf")[int(cell.get("s", "0"))].get("numFmtId")] == "#,##0.00"


def test_blocks_dictionaries_and_blank_columns_line_up(tmp_path):
    """More rows than a block, written in pieces whose dictionaries differ, with columns that are blank here and there."""
    path = tmp_path / "long.xlsx"
    count = BLOCK + 123
    number = np.arange(count)
    words = pa.array([f"w{n % 7}" if n % 3 else None for n in number])
    late = pa.array([None if n < BLOCK else f"late{n}" for n in number])
    columns = [Column("n", kind="number"), Column("blank"), Column("word"), Column("late"), Column("end", kind="number")]
    with Workbook(path) as book, book.sheet("s", columns) as sheet:
        for low, high in ((0, 50), (50, 50), (50, BLOCK + 60), (BLOCK + 60, count)):
            piece = words.slice(low, high - low).dictionary_encode()
            sheet.write(
                [number[low:high], pa.nulls(high - low, pa.string()), piece, late.slice(low, high - low), number[low:high] * 2]
            )
        assert sheet.rows == count
    got = rows(path)[1:]
    assert len(got) == count
    for n in (0, 1, 49, 50, 51, BLOCK - 1, BLOCK, BLOCK + 59, BLOCK + 60, count - 1):
        assert got[n] == [float(n), "", f"w{n % 7}" if n % 3 else "", f"late{n}" if n >= BLOCK else "", 2.0 * n]


def test_slices_of_large_dictionaries_and_chunked_columns(tmp_path):
    path = tmp_path / "slices.xlsx"
    whole = pa.array([f"house {n}" for n in range(5000)]).dictionary_encode()
    chunks = pa.chunked_array([pa.array(["a", "b"]).dictionary_encode(), pa.array(["c"]).dictionary_encode()])
    write_sheet(path, [Column("h"), Column("c")], [whole.slice(4321, 3), chunks])
    assert rows(path)[1:] == [["house 4321", "a"], ["house 4322", "b"], ["house 4323", "c"]]


def test_several_sheets_share_their_strings(tmp_path):
    path = tmp_path / "sheets.xlsx"
    words = pa.array(["x", "y", "x"]).dictionary_encode()
    with Workbook(path) as book:
        for name in ("一", "二"):
            with book.sheet(name, [Column("a"), Column("b")]) as sheet:
                sheet.write([words, [1, 2, 3]] if name == "一" else [words, ["p", "q", "r"]])
    assert CalamineWorkbook.from_path(path).sheet_names == ["一", "二"]
    assert rows(path, 0)[1:] == rows(path, 0)[1:]
    assert [row[0] for row in rows(path, 1)[1:]] == ["x", "y", "x"]
    strings = part(path, "xl/sharedStrings.xml")
    assert [si.findtext(f"{MAIN}t") for si in strings] == ["a", "b", "x", "y"]


def test_an_empty_sheet_has_its_headings(tmp_path):
    path = tmp_path / "empty.xlsx"
    assert write_sheet(path, [Column("a"), Column("b", kind="date")], [pa.array([], pa.string()), pa.array([], pa.date32())]) == 0
    assert rows(path) == [["a", "b"]]


def test_the_same_rows_give_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        write_sheet(tmp_path / f"{name}.xlsx", [Column("a")], [["x", "y"]])
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


@pytest.mark.parametrize(
    ("values", "kind", "words"),
    [
        ([["x" * 32768]], "text", "32767"),
        ([pa.array(["x" * 32768]).dictionary_encode()], "text", "32767"),
        ([np.array([np.inf])], "number", "infinite"),
        ([[990323196801090390]], "number", "digits"),
        ([["a"], ["b"]], "text", "columns"),
        ([pa.array([NOON], pa.timestamp("s", "UTC"))], "datetime", "zones"),
    ],
)
def test_what_a_sheet_cannot_hold_is_refused_and_leaves_no_file(tmp_path, values, kind, words):
    path = tmp_path / "refused.xlsx"
    with pytest.raises(ValueError, match=words):
        write_sheet(path, [Column("a", kind=kind)], values)
    assert list(tmp_path.iterdir()) == []


def test_columns_of_different_length_are_refused(tmp_path):
    with pytest.raises(ValueError, match="length"):
        write_sheet(tmp_path / "x.xlsx", [Column("a"), Column("b")], [["x"], ["y", "z"]])


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path):
    many = pa.nulls(1_048_575, pa.string())
    with Workbook(tmp_path / "full.xlsx") as book, book.sheet("s", [Column("a")], titles=["t"]) as sheet:
        with pytest.raises(ValueError, match="1048576 rows"):
            sheet.write([many])
        sheet.write([many.slice(1)])


@pytest.mark.parametrize("name", ["", "a" * 32, "a/b", "a:b", "[a]", "'a"])
def test_sheet_names_that_excel_refuses(tmp_path, name):
    with Workbook(tmp_path / "names.xlsx") as book:
        with book.sheet("ok", [Column("a")]) as sheet:
            sheet.write([["x"]])
        with pytest.raises(ValueError, match="not a sheet name"), book.sheet(name, [Column("a")]):
            pass
        with pytest.raises(ValueError, match="taken"), book.sheet("OK", [Column("a")]):
            pass


def test_a_failing_block_leaves_the_old_file(tmp_path):
    path = tmp_path / "kept.xlsx"
    write_sheet(path, [Column("a")], [["old"]])
    with pytest.raises(ValueError, match="columns"), Workbook(path) as book, book.sheet("s", [Column("a")]) as sheet:
        sheet.write([["new"], ["too many"]])
    assert rows(path) == [["a"], ["old"]]
    assert [found.name for found in tmp_path.iterdir()] == ["kept.xlsx"]
