"""From files to sheets of text: what a file is, is told by its content; what is hidden is not read; what could burst is not opened.

Everything here is pure and runs in worker processes, a workbook each.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

import fastexcel
import pyarrow as pa

from bangfu.foundation.say import Text
from bangfu.register.problems import (
    ALL_HIDDEN,
    BURSTING,
    EMPTY_FILE,
    NO_FILES,
    NO_SUCH_FILE,
    NOT_A_WORKBOOK,
    PASSWORD,
)

SUFFIXES = (".xlsx", ".xls", ".csv")
LARGEST = 2_000_000_000  # bytes of a file or an archive once it is unpacked
ZIP, COMPOUND = b"PK", b"\xd0\xcf\x11\xe0"
# What an error cell says, by the reader's name for it.
ERRORS = {
    "Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!", "Ref": "#REF!", "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}  # fmt: skip
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A visible sheet: every cell as text in columns `c0`, `c1`, …, row 0 is the sheet's first; `errors` are cells that show an
    error instead of a value: (row, column) -> `#REF!`. `part` is its file within an .xlsx."""

    name: str
    table: pa.Table
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    part: str | None = None


def find_files(path: Path) -> list[Path]:
    """The workbooks of a file, a folder or an unpacked archive, sorted by name. Raises BF-1254 where nothing lies there, BF-1201
    where there are none."""
    if not path.exists():
        raise NO_SUCH_FILE(file=path)
    if path.is_dir():
        found = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and not p.name.startswith(("~$", ".")))
    else:
        found = [path] if path.is_file() else []
    if not found:
        raise NO_FILES(file=path.name)
    return found


def unpack(path: Path, into: Path, *, limit: int = LARGEST) -> list[Path]:
    """Unpack the workbooks of a zip archive into a folder, flat. Raises BF-1232 where they would exceed `limit` bytes, BF-1233 for one
    with a password, BF-1221 for a damaged one."""
    found = []
    with zipfile.ZipFile(path) as archive:
        names = [i for i in archive.infolist() if not i.is_dir() and _wanted(i.filename)]
        _require_size(path.name, names, limit)
        for n, info in enumerate(sorted(names, key=lambda i: i.filename)):
            target = into / f"{n:03d} {Path(info.filename).name}"
            if info.flag_bits & 1:
                raise PASSWORD(file=f"{path.name}/{info.filename}")
            try:
                target.touch(mode=0o600)
                target.write_bytes(archive.read(info))
            except (RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
                raise NOT_A_WORKBOOK(file=f"{path.name}/{info.filename}", detail=_damaged(error)) from error
            found.append(target)
    if not found:
        raise NO_FILES(file=path.name)
    return found


def _wanted(name: str) -> bool:
    """Whether a file of an archive is a workbook: not what a Mac adds, nor the lock of an open one."""
    path = Path(name)
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(("~$", ".")) and "__MACOSX" not in path.parts


def _require_size(file: str, parts: list[zipfile.ZipInfo], limit: int) -> None:
    size = sum(i.file_size for i in parts)
    if size > limit:
        raise BURSTING(file=file, size=size // 1_000_000, limit=limit // 1_000_000)


def is_workbook_archive(path: Path) -> bool:
    """Whether a file is a zip of files rather than a workbook (which is a zip too)."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return "[Content_Types].xml" not in archive.namelist()


def require_true_sizes(path: Path) -> None:
    """Unpack a zip piece by piece without keeping anything: one that lies about its sizes would burst where it is believed.

    For files of people who do not hold the machine. Raises BF-1232 where it holds more than it says.
    """
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        _require_size(path.name, parts, LARGEST)
        for info in parts:
            if info.flag_bits & 1:
                continue
            try:
                with archive.open(info) as content:
                    while content.read(1 << 20):
                        pass
            except (RuntimeError, NotImplementedError, EOFError, zipfile.BadZipFile, zlib.error) as error:
                raise NOT_A_WORKBOOK(file=path.name, detail=_damaged(error)) from error


def file_digest(path: Path) -> bytes:
    """SHA-256 of a file's content."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").digest()


def open_sheets(path: Path) -> list[Sheet]:
    """The visible sheets of a file that hold anything; told by content, not by name. Text is one sheet without a name.

    Raises BF-1231 for a file without a cell, BF-1234 where all that is filled is hidden, BF-1232 and BF-1233 for one that would burst
    or has a password, BF-1221 for anything else that cannot be read.
    """
    content = path.read_bytes()
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise EMPTY_FILE(file=path.name)
    if not content.startswith((ZIP, COMPOUND)):
        return [Sheet("", _read_csv(path, content))]
    if content.startswith(COMPOUND) and "EncryptedPackage".encode("utf-16-le") in content:
        raise PASSWORD(file=path.name)
    try:
        # Given bytes, the reader goes by what they are; given a path, by its suffix.
        parts = _parts(path, content) if content.startswith(ZIP) else None
        reader = fastexcel.read_excel(content)
        names = list(parts) if parts is not None else reader.sheet_names
        hidden, found = 0, []
        for name in names:
            sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            cells, wrong = sheet.to_arrow_with_errors()
            table = pa.table(cells) if sheet.height and sheet.width else pa.table({})
            if not table.num_columns:
                continue
            if sheet.visible != "visible":
                hidden += 1
                continue
            errors = {(e.position[0], e.position[1]): _error(e.detail) for e in (wrong.errors if wrong else ())}
            table = table.rename_columns([f"c{i}" for i in range(table.num_columns)])
            found.append(Sheet(name, table, errors, parts[name] if parts else None))
    except (fastexcel.FastExcelError, ValueError, OSError) as error:
        if "password" in str(error).lower():
            raise PASSWORD(file=path.name) from error
        raise NOT_A_WORKBOOK(file=path.name, detail=_damaged(error)) from error
    if not found:
        raise ALL_HIDDEN(file=path.name, count=hidden) if hidden else EMPTY_FILE(file=path.name)
    return found


def read_raw(path: Path) -> pa.Table:
    """Every cell of the first visible sheet as text. Raises what `open_sheets` raises."""
    return open_sheets(path)[0].table


def _damaged(error: Exception) -> Text:
    """What people read of a file that its reader gave up on; the reader's own words are English."""
    words = (str(error).splitlines() or [""])[0][:120]
    return Text("文件已损坏或不是所写的格式", f"it is damaged or of another kind ({words})")


def _error(detail: str) -> str:
    told = re.search(r"Error\((\w+)\)", detail)
    return ERRORS.get(told[1], "#?") if told else "#?"


def _parts(path: Path, content: bytes) -> dict[str, str]:
    """The worksheets of an .xlsx: name -> its file within the zip; charts and the like are no worksheets. Raises BF-1232, BF-1221."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            _require_size(path.name, book.infolist(), LARGEST)
            if "xl/workbook.xml" not in book.namelist():  # .xlsb, .ods: the reader knows them by itself
                return dict.fromkeys(fastexcel.read_excel(content).sheet_names, "")
            relations = ET.fromstring(book.read("xl/_rels/workbook.xml.rels"))
            targets = {r.get("Id", ""): r.get("Target", "") for r in relations if r.get("Type", "").endswith("/worksheet")}
            sheets = ET.fromstring(book.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
            return {
                s.get("name", ""): _within(targets[s.get(f"{_OFFICE}id", "")]) for s in sheets if s.get(f"{_OFFICE}id") in targets
            }
    except (zipfile.BadZipFile, zlib.error, KeyError, ET.ParseError, NotImplementedError, RuntimeError) as error:
        raise NOT_A_WORKBOOK(file=path.name, detail=_damaged(error)) from error


def _within(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _read_csv(path: Path, raw: bytes) -> pa.Table:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise NOT_A_WORKBOOK(
            file=path.name, detail=Text("文字编码既不是 UTF-8 也不是 GB 18030", "its text is neither UTF-8 nor GB 18030")
        )
    if "\x00" in text or "<html" in text[:500].lower():
        raise NOT_A_WORKBOOK(file=path.name, detail=Text("里面是网页或程序数据", "it holds a web page or binary data"))
    first = text[: text.find("\n") if "\n" in text else len(text)]
    delimiter = "\t" if first.count("\t") > first.count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")), delimiter=delimiter))
    except csv.Error as error:  # a quotation mark that nothing closes
        raise NOT_A_WORKBOOK(file=path.name, detail=Text("引号没有成对", f"a quotation mark is not closed ({error})")) from error
    width = max((len(r) for r in rows), default=0)
    columns = [[r[i] if i < len(r) and r[i] != "" else None for r in rows] for i in range(width)]
    return pa.table({f"c{i}": pa.array(c, pa.string()) for i, c in enumerate(columns)})


# --- what only the file itself tells of blank cells: merged with another, or a formula that nobody has computed


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind blank cells: `merged` ranges (first row, first column, last row, last column), as the sheet's table counts
    them, and `uncomputed` cells with a formula and no value."""

    merged: list[tuple[int, int, int, int]]
    uncomputed: set[tuple[int, int]]


_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_ROW_OR_CELL = re.compile(rb"<(?:\w+:)?(?:row\b([^>]*)>|c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>))", re.DOTALL)
_AT = re.compile(rb'\sr="([A-Z]*)(\d+)"')


_TEXT = re.compile(rb'\st="(?:s|str|inlineStr)"')


def behind(path: Path, sheet: Sheet) -> Behind:
    """Look behind the blank cells of an .xlsx sheet; nothing is known of other files."""
    if not sheet.part:
        return Behind([], set())
    with zipfile.ZipFile(path) as book:
        xml = book.read(sheet.part)
    cells = list(_cells(xml))
    first = _first(cells)
    merged = [(int(m[2]) - 1, _column(m[1]) - first, int(m[4]) - 1, _column(m[3]) - first) for m in _MERGED.finditer(xml)]
    uncomputed = {
        (row, column - first)
        for row, column, _, inner in cells
        if re.search(rb"<f[ >/]", inner) and not re.search(rb"<v>[^<]", inner)
    }
    return Behind(merged, uncomputed)


def text_cells(path: Path, sheet: Sheet, column: int) -> set[int]:
    """The rows of an .xlsx sheet, as its table counts them, that hold a text in a column; none is known of other files."""
    if not sheet.part:
        return set()
    with zipfile.ZipFile(path) as book:
        xml = book.read(sheet.part)
    cells = list(_cells(xml))
    first = _first(cells)
    return {row for row, at, said, _ in cells if at - first == column and _TEXT.search(said)}


def _cells(xml: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
    """The cells of a worksheet: row and column from 0, what the cell says of itself, what it holds. A row or cell that does not say
    where it is follows the one before it."""
    row, column = -1, -1
    for m in _ROW_OR_CELL.finditer(xml):
        said = m[1] if m[2] is None else m[2]
        at = _AT.search(said)
        if m[2] is None:
            row, column = (int(at[2]) - 1 if at else row + 1), -1
            continue
        column = _column(at[1]) if at else column + 1
        yield row, column, said, m[3] or b""


def _first(cells: list[tuple[int, int, bytes, bytes]]) -> int:
    """The first column that holds something: there the reader's table begins."""
    return min((column for _, column, _, inner in cells if b"<v>" in inner or b"<is>" in inner or b"<v " in inner), default=0)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1
