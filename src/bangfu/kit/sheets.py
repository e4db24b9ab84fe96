"""Large .xlsx sheets, written column by column.

A sheet is a zip of XML. Nearly all of the cost of writing one is making a string per cell, so cells are made per
*distinct value* instead: every column is dictionary-encoded, each distinct value becomes one XML fragment, and Arrow
joins the fragments of a block of rows in one call. A blank costs four bytes and no Python.

    with Workbook(path) as book, book.sheet("农户信息", [Column("姓名"), Column("出生日期", kind="date")]) as sheet:
        sheet.write([names, births])          # any number of times; memory is bounded by the block

Text is always written as text, so that nothing a person typed (`=1+1`, `@SUM`) can become a formula.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Kind = Literal["text", "number", "date", "datetime", "boolean"]

MAX_ROWS = 1_048_576  # of one sheet, in Excel and LibreOffice alike
MAX_COLUMNS = 16_384
MAX_TEXT = 32_767  # characters of one cell
MAX_DIGITS = 10**15  # beyond fifteen digits Excel rounds whole numbers: such values are names, not numbers
BLOCK = 8_192  # rows joined at a time: some ten megabytes of XML

_EPOCH = np.datetime64("1899-12-30", "D")
_FIRST_TRUE_SERIAL = 61  # Excel believes in 29 February 1900; days before it have no serial on which programs agree
_BLANK = "<c/>"
# What XML 1.0 cannot hold, a carriage return (which parsers turn into a newline), and text that already looks like the escape.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_UNSAFE_ARROW = "[\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_"
_STYLE = {"heading": 1, "date": 2, "datetime": 3, "text": 4, "title": 5, "wrong": 6}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet: its heading, what its cells are, its width in characters.

    `protect` gives text cells the text format, so that a number-like value (an identity number) stays text when somebody
    edits the cell. `number_format` is an Excel format such as `0.00`, for numbers only.
    """

    heading: str
    kind: Kind = "text"
    width: float = 12.0
    protect: bool = False
    number_format: str | None = None


class Workbook:
    """An .xlsx file being written; use it as a context manager. The file appears under its name only when it is whole.

    `level` is the zip's compression level: 1 is three times as fast as the usual 6 and costs about a third more bytes.
    A `private` file is readable by its owner only, from its first byte on.
    """

    def __init__(self, path: Path | str, *, level: int = 1, private: bool = False) -> None:
        self.path = Path(path)
        self._part = self.path.with_name(self.path.name + ".part")
        if private:
            self._part.unlink(missing_ok=True)
            self._part.touch(mode=0o600)
        self._zip = zipfile.ZipFile(self._part, "w", zipfile.ZIP_DEFLATED, compresslevel=level)
        self._level = level
        self._names: list[str] = []
        self._strings: dict[str, int] = {}
        self._formats: list[str] = []
        self._open = False

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None:
            self._zip.close()
            self._part.unlink(missing_ok=True)
            return
        self.close()

    @contextmanager
    def sheet(
        self,
        name: str,
        columns: Sequence[Column],
        *,
        titles: Sequence[str] = (),
        freeze: bool = True,
    ) -> Iterator[Sheet]:
        """Open the next sheet: title rows (each merged over all columns), the bold heading row, then what is written.

        `freeze` keeps titles and headings in sight. Raises ValueError for a name that Excel refuses or that is taken, for
        too many columns, and where another sheet is still open.
        """
        if self._open:
            raise ValueError("one sheet at a time")
        if not name or len(name) > 31 or re.search(r"[\[\]:*?/\\]", name) or name[0] == "'" or name[-1] == "'":
            raise ValueError(f"not a sheet name: {name!r}")
        if name.casefold() in (taken.casefold() for taken in self._names):
            raise ValueError(f"sheet name taken: {name!r}")
        if not 0 < len(columns) <= MAX_COLUMNS:
            raise ValueError(f"{len(columns)} columns")
        self._names.append(name)
        self._open = True
        try:
            with self._zip.open(
                _entry(f"xl/worksheets/sheet{len(self._names)}.xml", self._level), "w", force_zip64=True
            ) as stream:
                sheet = Sheet(self, stream, columns, titles, freeze)
                yield sheet
                sheet.end()
        finally:
            self._open = False

    def close(self) -> None:
        """Write what belongs to all sheets and move the file to its place. Raises ValueError for a workbook without sheets."""
        if not self._names:
            self._zip.close()
            self._part.unlink(missing_ok=True)
            raise ValueError("a workbook needs a sheet")
        for name, content in _shared_parts(self._names, self._formats).items():
            self._zip.writestr(_entry(name, self._level), content)
        with self._zip.open(_entry("xl/sharedStrings.xml", self._level), "w") as stream:
            stream.write(_XML + b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">')
            stream.write("".join(f"<si>{_t(text)}</si>" for text in self._strings).encode())
            stream.write(b"</sst>")
        self._zip.close()
        self._part.replace(self.path)

    def _string(self, text: str) -> int:
        return self._strings.setdefault(text, len(self._strings))

    def _format(self, number_format: str) -> int:
        if number_format not in self._formats:
            self._formats.append(number_format)
        return len(_STYLE) + 1 + self._formats.index(number_format)


class Sheet:
    """One open sheet. Made by `Workbook.sheet`."""

    def __init__(self, book: Workbook, stream: IO[bytes], columns: Sequence[Column], titles: Sequence[str], freeze: bool) -> None:
        self._book = book
        self._stream = stream
        self.columns = tuple(columns)
        self._titles = len(titles)
        self.rows = 0
        self._cache: list[tuple[Any, Any] | None] = [None] * len(columns)
        above = len(titles) + 1
        head = [
            _XML.decode(),
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0">',
            f'<pane ySplit="{above}" topLeftCell="A{above + 1}" activePane="bottomLeft" state="frozen"/>' if freeze else "",
            '</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>',
        ]
        for number, column in enumerate(columns, 1):
            style = f' style="{_STYLE["text"]}"' if column.protect else ""
            head.append(f'<col min="{number}" max="{number}" width="{column.width}" customWidth="1"{style}/>')
        head.append("</cols><sheetData>")
        head += [f"<row>{self._cell(title, _STYLE['title'])}</row>" for title in titles]
        head.append("<row>" + "".join(self._cell(column.heading, _STYLE["heading"]) for column in columns) + "</row>")
        stream.write("".join(head).encode())

    def write(self, columns: Sequence[Any]) -> None:
        """Append rows, given as one array per column (pyarrow arrays, chunked or dictionary-encoded, or numpy arrays).

        Null, NaN and the empty text are blank cells. Raises ValueError where columns differ in number or length, where a
        text is longer than a cell holds, a number is infinite or a whole number has more than fifteen digits, and where
        the sheet would be longer than Excel can read.
        """
        if len(columns) != len(self.columns):
            raise ValueError(f"{len(columns)} columns given, {len(self.columns)} declared")
        arrays = [_as_array(values) for values in columns]
        count = len(arrays[0])
        if any(len(values) != count for values in arrays):
            raise ValueError("columns differ in length")
        if self.rows + count + self._titles + 1 > MAX_ROWS:
            raise ValueError(f"more than {MAX_ROWS} rows")
        encoded = [
            self._encode(place, column, values) for place, (column, values) in enumerate(zip(self.columns, arrays, strict=True))
        ]
        for start in range(0, count, BLOCK):
            size = min(BLOCK, count - start)
            parts: list[Any] = ["<row>"]
            blanks = ""
            for column, (fragments, indices) in zip(self.columns, encoded, strict=True):
                piece = indices.slice(start, size) if indices is not None else fragments.slice(start, size)
                if piece.null_count == size:
                    blanks += _BLANK  # a column without any value in the block is one constant
                    continue
                if blanks:
                    parts.append(blanks)
                    blanks = ""
                parts.append(fragments.take(piece) if indices is not None else _inline(column, piece))
            # blanks at the end of a row need no cells at all
            parts.append("</row>")
            if len(parts) == 2:
                self._stream.write(b"<row></row>" * size)
                continue
            rows = pc.binary_join_element_wise(*parts, "", null_handling="replace", null_replacement=_BLANK)
            rows = rows.combine_chunks() if isinstance(rows, pa.ChunkedArray) else rows
            offsets = np.frombuffer(rows.buffers()[1], np.int32, size + 1, rows.offset * 4)
            self._stream.write(memoryview(rows.buffers()[2])[offsets[0] : offsets[-1]])
        self.rows += count

    def write_marked(self, rows: Sequence[Sequence[str | None]], wrong: Collection[tuple[int, int]]) -> None:
        """Append rows of text, given row by row; the cells of `wrong` (row among these, column) stand out by their fill.

        Raises ValueError where a text is longer than a cell holds and where the sheet would be longer than Excel can read.
        """
        if self.rows + len(rows) + self._titles + 1 > MAX_ROWS:
            raise ValueError(f"more than {MAX_ROWS} rows")
        for n, row in enumerate(rows):
            _check_lengths(list(row))
            cells = []
            for place, text in enumerate(row):
                style = _STYLE["wrong" if (n, place) in wrong else "text"]
                cells.append(self._cell(text, style) if text else f'<c s="{style}"/>')
            self._stream.write(f"<row>{''.join(cells)}</row>".encode())
        self.rows += len(rows)

    def end(self) -> None:
        """Close the sheet's XML (called when the `with` block of `Workbook.sheet` ends)."""
        tail = "</sheetData>"
        if self._titles and len(self.columns) > 1:
            last = _letters(len(self.columns))
            merged = "".join(f'<mergeCell ref="A{row}:{last}{row}"/>' for row in range(1, self._titles + 1))
            tail += f'<mergeCells count="{self._titles}">{merged}</mergeCells>'
        self._stream.write((tail + "</worksheet>").encode())

    def _cell(self, text: str, style: int) -> str:
        return f'<c s="{style}" t="s"><v>{self._book._string(text)}</v></c>'

    def _encode(self, place: int, column: Column, values: Any) -> tuple[Any, Any]:
        """(fragments by distinct value, indices of the rows), or (escaped text, None) for text that hardly repeats."""
        if pa.types.is_dictionary(values.type) and len(values.dictionary) > max(len(values), 64):
            values = values.dictionary_decode()  # a slice of something larger: its dictionary is mostly of other rows
        if pa.types.is_dictionary(values.type):
            known = self._cache[place]
            if known is not None and known[0].equals(values.dictionary):
                return known[1], values.indices
            fragments = self._fragments(column, values.dictionary)
            self._cache[place] = (values.dictionary, fragments)
            return fragments, values.indices
        if column.kind == "text":
            return _escaped(values.cast(pa.string())), None
        packed = values.dictionary_encode()
        return self._fragments(column, packed.dictionary), packed.indices

    def _fragments(self, column: Column, values: Any) -> Any:
        """One XML cell per distinct value; null where the value is blank. Shape: that of `values`."""
        if column.kind == "text":
            style = f' s="{_STYLE["text"]}"' if column.protect else ""
            texts = values.cast(pa.string()).to_pylist()
            _check_lengths(texts)
            return pa.array([f'<c{style} t="s"><v>{self._book._string(t)}</v></c>' if t else None for t in texts], pa.string())
        if column.kind == "boolean":
            return pa.array([None if v is None else f'<c t="b"><v>{int(v)}</v></c>' for v in values.to_pylist()], pa.string())
        if column.kind == "date":
            return self._dates(values.cast(pa.date32()))
        if column.kind == "datetime":
            return self._moments(values)
        style = f' s="{self._book._format(column.number_format)}"' if column.number_format else ""
        return pa.array([_number(v, style) for v in values.to_pylist()], pa.string())

    def _dates(self, values: Any) -> Any:
        shift = int(np.datetime64("1970-01-01", "D").astype(int) - _EPOCH.astype(int))
        cells: list[str | None] = []
        for day, days in zip(values.to_pylist(), values.cast(pa.int32()).to_pylist(), strict=True):
            if day is None:
                cells.append(None)
            elif days + shift < _FIRST_TRUE_SERIAL:
                cells.append(f'<c t="s"><v>{self._book._string(day.isoformat())}</v></c>')
            else:
                cells.append(f'<c s="{_STYLE["date"]}"><v>{days + shift}</v></c>')
        return pa.array(cells, pa.string())

    def _moments(self, values: Any) -> Any:
        if getattr(values.type, "tz", None):
            raise ValueError("a workbook knows no time zones: give local times")
        seconds = values.cast(pa.timestamp("ms")).cast(pa.int64()).to_pylist()
        shift = int(np.datetime64("1970-01-01", "D").astype(int) - _EPOCH.astype(int))
        return pa.array(
            [None if ms is None else f'<c s="{_STYLE["datetime"]}"><v>{ms / 86_400_000 + shift!r}</v></c>' for ms in seconds],
            pa.string(),
        )


def write_sheet(
    path: Path | str,
    columns: Sequence[Column],
    values: Sequence[Any],
    *,
    name: str = "Sheet1",
    titles: Sequence[str] = (),
    level: int = 1,
) -> int:
    """Write a workbook of one sheet; `values` holds one array per column. Returns the number of rows."""
    with Workbook(path, level=level) as book, book.sheet(name, columns, titles=titles) as sheet:
        sheet.write(values)
        return sheet.rows


# --- cells -------------------------------------------------------------------------------------------------------


def _as_array(values: Any) -> Any:
    if isinstance(values, np.ndarray):
        values = pa.array(values, from_pandas=True)
    if isinstance(values, pa.ChunkedArray):
        values = values.unify_dictionaries() if pa.types.is_dictionary(values.type) else values
        values = values.combine_chunks()
        if isinstance(values, pa.ChunkedArray):  # older Arrow returns a chunked array where there are no chunks
            values = pa.array([], values.type) if values.num_chunks == 0 else values.chunk(0)
    elif not isinstance(values, pa.Array):
        values = pa.array(values)
    return values


def _check_lengths(texts: list[str | None]) -> None:
    if any(text is not None and len(text) > MAX_TEXT for text in texts):
        raise ValueError(f"a text is longer than the {MAX_TEXT} characters that a cell holds")


def _escaped(values: Any) -> Any:
    """Texts made safe for XML, the empty text as null; the usual column needs none of the replacements and is only searched."""
    longest = pc.max(pc.utf8_length(values)).as_py()
    if longest is not None and longest > MAX_TEXT:
        raise ValueError(f"a text is longer than the {MAX_TEXT} characters that a cell holds")
    if pc.any(pc.equal(values, "")).as_py():
        values = pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)
    if pc.any(pc.match_substring_regex(values, _UNSAFE_ARROW)).as_py():
        values = pa.array([None if v is None else _guarded(v) for v in values.to_pylist()], pa.string())
    for mark, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        if pc.any(pc.match_substring(values, mark)).as_py():
            values = pc.replace_substring(values, mark, entity)
    return values


def _inline(column: Column, texts: Any) -> Any:
    """Cells with their text inside: cheaper than a table of strings that never repeat."""
    style = f' s="{_STYLE["text"]}"' if column.protect else ""
    # Without the mark a reader may drop spaces at the ends; asked of the block, not of every cell.
    mark = ' xml:space="preserve"' if pc.any(pc.match_substring_regex(texts, r"^\s|\s$|\n")).as_py() else ""
    return pc.binary_join_element_wise(f'<c{style} t="inlineStr"><is><t{mark}>', texts, "</t></is></c>", "")


def _guarded(text: str) -> str:
    """Characters that XML cannot hold, in Excel's own notation `_x0008_`; text that looks like it keeps its look."""
    return _UNSAFE.sub(lambda m: f"_x{ord(m[0]):04X}_" if len(m[0]) == 1 else "_x005F" + m[0], text)


def _t(text: str) -> str:
    mark = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
    return f"<t{mark}>{escape(_guarded(text))}</t>"


def _number(value: Any, style: str) -> str | None:
    if value is None or value != value:  # a float that is not itself is NaN: blank
        return None
    if isinstance(value, int) and abs(value) >= MAX_DIGITS:
        raise ValueError(f"{value} has more digits than a number cell keeps: write it as text")
    if value in (float("inf"), float("-inf")):
        raise ValueError("a cell cannot hold an infinite number")
    written = repr(value) if isinstance(value, float) else str(value)
    return f"<c{style}><v>{written.removesuffix('.0')}</v></c>"


def _letters(number: int) -> str:
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


# --- the parts of the zip that are the same for every workbook -----------------------------------------------------

_XML = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def _entry(name: str, level: int) -> zipfile.ZipInfo:
    """A member with a fixed time, so that the same rows give the same bytes."""
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    # A ZipInfo of one's own does not inherit the archive's level; this name of the attribute works from 3.11 to 3.13.
    info._compresslevel = level  # type: ignore[attr-defined]
    return info


def _shared_parts(names: Sequence[str], formats: Sequence[str]) -> dict[str, str]:
    xml = _XML.decode()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    sheets = range(1, len(names) + 1)
    return {
        "[Content_Types].xml": f'{xml}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        + "".join(f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>' for n in sheets)
        + f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}.sharedStrings+xml"/></Types>',
        "_rels/.rels": f'{xml}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{xml}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        + "".join(f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1))
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{xml}<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in sheets)
        + f'<Relationship Id="rId{len(names) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId{len(names) + 2}" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/styles.xml": _styles(formats),
    }


def _styles(formats: Sequence[str]) -> str:
    own = [(170 + place, written) for place, written in enumerate(formats)]
    known = [(164, "yyyy-mm-dd"), (165, "yyyy-mm-dd hh:mm:ss"), *own]
    plain = '<xf numFmtId="{}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    cells = [
        '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>',
        '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyNumberFormat="1" applyAlignment="1">'
        '<alignment vertical="center" wrapText="1"/></xf>',
        plain.format(164),
        plain.format(165),
        plain.format(49),
        '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1"><alignment horizontal="center"/></xf>',
        '<xf numFmtId="49" fontId="0" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFill="1"/>',
        *(plain.format(number) for number, _ in own),
    ]
    return (
        f'{_XML.decode()}<styleSheet xmlns="{_MAIN}"><numFmts count="{len(known)}">'
        + "".join(f'<numFmt numFmtId="{number}" formatCode={quoteattr(written)}/>' for number, written in known)
        + '</numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
        '<fill><patternFill patternType="solid"><fgColor rgb="FFF6C7BE"/><bgColor indexed="64"/></patternFill></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(cells)}">' + "".join(cells) + "</cellXfs>"
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
