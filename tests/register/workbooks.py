"""Small workbooks as counties hand them in: rows as dicts of Chinese headings, people invented, numbers valid in form."""

from __future__ import annotations

import csv
import itertools
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa

from bangfu.kit.sheets import Column, Kind, Workbook

Row = Mapping[str, Any]
TITLES = ("XX县农户信息表", "填报单位：XX镇　　填报人：张三")
_numbers = itertools.count()


def check_character(body: str) -> str:
    """The last character of an identity number, by GB 11643, worked out apart from the product's own code."""
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(body))
    return "10X98765432"[total % 11]


def identity(born: date = date(1970, 5, 6), *, male: bool = True, sequence: int | None = None, region: str = "995201") -> str:
    """A valid number of an invented person; another one at each call unless `sequence` (0 to 499) is given.

    No province has 99, and no person of the demo has 9952.
    """
    turn = next(_numbers) if sequence is None else sequence
    day = date.fromordinal(born.toordinal() + (turn // 500 if sequence is None else 0))
    body = f"{region}{day:%Y%m%d}{turn % 500 * 2 + int(male):03d}"
    return body + check_character(body)


def member(household: str, relation: str = "户主", **more: Any) -> dict[str, Any]:
    """A row with the five columns that an import needs; `more` adds columns and replaces values, None leaves a cell blank."""
    row: dict[str, Any] = {
        "乡镇": "郑场镇",
        "行政村": "凤凰村",
        "户编号": household,
        "姓名": "测试人",
        "证件号码": None,
        "与户主关系": relation,
    } | more
    if "证件号码" not in more:
        row["证件号码"] = identity()
    return row


def headings(rows: Sequence[Row]) -> list[str]:
    """Every heading of the rows, in the order of first appearance."""
    return list(dict.fromkeys(key for row in rows for key in row))


def _kind(values: list[Any]) -> Kind:
    given = [v for v in values if v is not None]
    if given and all(isinstance(v, bool) for v in given):
        return "boolean"
    if given and all(isinstance(v, int | float) and not isinstance(v, bool) for v in given):
        return "number"
    return "date" if given and all(isinstance(v, date) for v in given) else "text"


def xlsx(path: Path, rows: Sequence[Row], *, titles: Sequence[str] = TITLES, columns: Sequence[str] | None = None) -> Path:
    """Write rows as a workbook: title rows, the heading row, cells of the kind of their values."""
    names = list(columns or headings(rows))
    values = [[row.get(name) for row in rows] for name in names]
    kinds = [_kind(column) for column in values]
    texts = [[v if v is None or kind != "text" else str(v) for v in column] for column, kind in zip(values, kinds, strict=True)]
    with (
        Workbook(path) as book,
        book.sheet("农户信息", [Column(n, k) for n, k in zip(names, kinds, strict=True)], titles=titles) as sheet,
    ):
        if rows:
            sheet.write(
                [
                    pa.array(column) if kind != "text" else pa.array(column, pa.string())
                    for column, kind in zip(texts, kinds, strict=True)
                ]
            )
    return path


def text_file(
    path: Path, rows: Sequence[Row], *, encoding: str = "utf-8-sig", delimiter: str = ",", titles: Sequence[str] = ()
) -> Path:
    """Write rows as delimited text in an encoding that spreadsheets save."""
    names = headings(rows)
    with path.open("w", encoding=encoding, newline="") as out:
        for title in titles:
            out.write(title + "\r\n")
        writer = csv.writer(out, delimiter=delimiter)
        writer.writerow(names)
        writer.writerows([["" if row.get(n) is None else row[n] for n in names] for row in rows])
    return path


def raw_xlsx(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    """A workbook whose numbers are written as given: what Excel makes of an identity number that was typed as a number."""

    def cell(value: Any) -> str:
        if value is None:
            return "<c/>"
        if isinstance(value, float | int):
            return f"<c><v>{value!r}</v></c>"
        return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'

    body = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="a" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="a" sheetId="1" r:id="b"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="b" Type="{office}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return path
