"""Small workbooks as counties hand them in: rows as dicts of Chinese headings, people invented, numbers valid in form."""

from __future__ import annotations

import csv
import itertools
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Formula:
    """A cell with a formula: the value that was computed last, None where nobody has, or an error such as `#REF!`."""

    text: str
    value: str | None = None


@dataclass(frozen=True)
class Raw:
    """A sheet whose cells are written as given; `state` hides it, `merged` are ranges such as `A2:A3`."""

    rows: Sequence[Sequence[Any]]
    name: str = "a"
    state: str = "visible"
    merged: Sequence[str] = ()
    top: int = 1


def raw_xlsx(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    """A workbook whose numbers are written as given: what Excel makes of an identity number that was typed as a number."""
    return raw_book(path, Raw(rows))


def table(rows: Sequence[Row]) -> list[list[Any]]:
    """Rows of a sheet, the heading first."""
    names = headings(rows)
    return [names, *([row.get(name) for name in names] for row in rows)]


def _raw_cell(place: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Formula):
        kind = ' t="e"' if value.value and value.value.startswith("#") else ' t="str"'
        done = "" if value.value is None else f"<v>{escape(value.value)}</v>"
        return f'<c r="{place}"{kind}><f>{escape(value.text)}</f>{done}</c>'
    if isinstance(value, float | int):
        return f'<c r="{place}"><v>{value!r}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'


def _letters(column: int) -> str:
    return (_letters(column // 26 - 1) if column >= 26 else "") + chr(ord("A") + column % 26)


def _raw_sheet(sheet: Raw) -> str:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    body = "".join(
        f'<row r="{n}">' + "".join(_raw_cell(f"{_letters(c)}{n}", value) for c, value in enumerate(row)) + "</row>"
        for n, row in enumerate(sheet.rows, sheet.top)
    )
    merged = "".join(f'<mergeCell ref="{area}"/>' for area in sheet.merged)
    merged = f'<mergeCells count="{len(sheet.merged)}">{merged}</mergeCells>' if merged else ""
    return f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData>{merged}</worksheet>'


def raw_book(path: Path, *sheets: Raw) -> Path:
    """A workbook of sheets that are written as given."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    listed = "".join(
        f'<sheet name="{s.name}" sheetId="{n}" r:id="s{n}"' + (f' state="{s.state}"' if s.state != "visible" else "") + "/>"
        for n, s in enumerate(sheets, 1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
            for n in range(1, len(sheets) + 1)
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="a" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        + "".join(
            f'<Relationship Id="s{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in range(1, len(sheets) + 1)
        )
        + "</Relationships>",
    } | {f"xl/worksheets/sheet{n}.xml": _raw_sheet(sheet) for n, sheet in enumerate(sheets, 1)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return path


def xls(path: Path, rows: Sequence[Sequence[Any]], *, hidden: bool = False) -> Path:
    """A workbook of Excel 97 to 2003 (BIFF8 in a compound file), its texts and numbers in one sheet."""

    def record(kind: int, content: bytes) -> bytes:
        return struct.pack("<HH", kind, len(content)) + content

    def cell(row: int, column: int, value: Any) -> bytes:
        place = struct.pack("<HHH", row, column, 0)
        if isinstance(value, float | int):
            return record(0x0203, place + struct.pack("<d", value))
        return record(0x0204, place + struct.pack("<HB", len(str(value)), 1) + str(value).encode("utf-16-le"))

    begin = struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)
    name = struct.pack("<BB", 1, 1) + "a".encode("utf-16-le")

    def book(start: int) -> bytes:
        bound = record(0x0085, struct.pack("<IBB", start, int(hidden), 0) + name)
        return record(0x0809, begin) + record(0x0042, struct.pack("<H", 1200)) + bound + record(0x000A, b"")

    sheet = record(0x0809, begin[:2] + struct.pack("<H", 0x0010) + begin[4:])
    sheet += b"".join(cell(r, c, v) for r, row in enumerate(rows) for c, v in enumerate(row) if v is not None)
    path.write_bytes(compound({"Workbook": book(len(book(0))) + sheet + record(0x000A, b"")}))
    return path


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file (OLE 2) with streams, each padded to sectors of 512 bytes and long enough for the ordinary chain."""
    size, end, free = 512, 0xFFFFFFFE, 0xFFFFFFFF
    padded = {n: c.ljust(max(4096, -(-len(c) // size) * size), b"\0") for n, c in streams.items()}
    sectors, starts, chain = b"", {}, []
    for stream, content in padded.items():
        first, count = len(sectors) // size, len(content) // size
        starts[stream] = first
        chain += [*range(first + 1, first + count), end]
        sectors += content

    def entry(label: str, kind: int, child: int, right: int, start: int, length: int) -> bytes:
        text = label.encode("utf-16-le") + b"\0\0"
        return (
            text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, free, right, child) + bytes(36)
            + struct.pack("<IQ", start, length)
        )  # fmt: skip

    folder = entry("Root Entry", 5, 1, free, end, 0)
    listed = list(padded.items())
    for n, (stream, content) in enumerate(listed):
        folder += entry(stream, 2, free, n + 2 if n + 1 < len(listed) else free, starts[stream], len(content))
    folder = folder.ljust(-(-len(folder) // size) * size, b"\0")
    folder_at = len(chain)
    chain += [*range(folder_at + 1, folder_at + len(folder) // size), end]
    tables = 1
    while tables * 128 < len(chain) + tables:
        tables += 1
    table_at = len(chain)
    chain += [0xFFFFFFFD] * tables
    chain += [free] * (tables * 128 - len(chain))
    listed_tables = [*range(table_at, table_at + tables)] + [free] * (109 - tables)
    header = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, folder_at, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", *listed_tables)
    return header + sectors + folder + struct.pack(f"<{len(chain)}I", *chain)
