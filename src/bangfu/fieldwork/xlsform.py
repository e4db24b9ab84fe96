"""XLSForm workbooks in, XForms out. Pure: pyxform converts, its complaints become numbered problems that name the row."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyxform.errors import PyXFormError
from pyxform.xls2json_backends import get_xlsform
from pyxform.xls2xform import convert

from bangfu.fieldwork.expressions import fault
from bangfu.fieldwork.problems import BAD_EXPRESSION, NOT_A_WORKBOOK, NOT_CONVERTED, OLD_WORKBOOK, TOO_LARGE
from bangfu.fieldwork.xform import LONGEST, NotAForm, XForm, expressions, read_xform
from bangfu.foundation.say import Text

LARGEST = 5_000_000  # bytes of a workbook
UNPACKED = 60_000_000  # bytes of what a workbook unpacks to
BOM = b"\xef\xbb\xbf"
OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
_ROW = re.compile(r"\[row\s*:\s*(\d+)\]\s*(.*)", re.S)
_SHEETS = re.compile(
    r"\s*[\"']?(survey|choices|settings)[\"']?\s*([,;\t].*)?", re.I
)  # how the first line of a CSV XLSForm begins
DAMAGED = Text("文件不完整或已损坏", "it is incomplete or damaged")
Sheets = Mapping[str, Sequence[Mapping[str, Any]]]  # by name (survey, choices, settings) the rows of an XLSForm


@dataclass(frozen=True, slots=True)
class Converted:
    """A form: the bytes of its XForm, what stands in it, what the converter warns of, and a list of choices that goes along as a file."""

    xml: bytes
    form: XForm
    warnings: tuple[str, ...]
    itemsets: str


def converted(name: str, content: bytes) -> Converted:
    """The form of a file: an XLSForm as a workbook or as CSV, or an XForm as it is. What it is is told by its content.

    Raises BF-2601 (with the row where the converter names one), BF-2602 for an old .xls whatever its name, BF-2603, BF-2604, BF-2654 for an expression that cannot be computed.
    """
    if len(content) > LARGEST:
        raise TOO_LARGE(file=name, size=len(content) // 1000, most=LARGEST // 1000)
    if not content:
        raise NOT_A_WORKBOOK(file=name, why=Text("文件是空的", "it is empty"))
    if content.startswith(OLE):
        raise OLD_WORKBOOK(file=name)
    if content.removeprefix(BOM).lstrip(b" \r\n\t").startswith(b"<"):
        form = _read(name, content)
        _require_computable(name, content)
        return Converted(content, form, (), "")
    if _is_csv(content):
        return of_sheets(name, content.removeprefix(BOM), ".csv")
    if not content.startswith(ZIP):
        raise NOT_A_WORKBOOK(file=name, why=Text("内容两者都不是", "its content is neither"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            if (size := sum(one.file_size for one in book.infolist())) > UNPACKED:
                raise TOO_LARGE(file=name, size=size // 1000, most=UNPACKED // 1000)
            if "xl/workbook.xml" not in book.namelist():
                raise NOT_A_WORKBOOK(file=name, why=Text("它是别的压缩文件", "it is some other archive"))
            whole = book.testzip() is None
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OverflowError, RuntimeError) as wrong:
        raise NOT_A_WORKBOOK(file=name, why=DAMAGED) from wrong
    if not whole:
        raise NOT_A_WORKBOOK(file=name, why=DAMAGED)
    return of_sheets(name, content)


def _is_csv(content: bytes) -> bool:
    """Whether it is text whose first line names a sheet, as an XLSForm in CSV does."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return False
    return bool(_SHEETS.fullmatch(next((line for line in lines if line.strip(' ,;\t"')), "")))


def of_sheets(name: str, source: bytes | Sheets, ending: str = ".xlsx") -> Converted:
    """The form of a workbook (or CSV: `ending`), or of the rows of its sheets. Raises BF-2601."""
    told: list[str] = []
    try:
        # A dict is used by the converter itself: it gets one of its own.
        given = source if isinstance(source, bytes) else {sheet: [dict(row) for row in rows] for sheet, rows in source.items()}
        made = convert(xlsform=given, warnings=told, file_type=ending if isinstance(source, bytes) else None)
    except PyXFormError as wrong:
        raise _complaint(name, str(wrong), source, ending) from wrong
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        ET.ParseError,
    ) as wrong:  # the converter trips over what it does not expect
        raise NOT_CONVERTED(file=name, why=Text(f"转换程序出错（{wrong}）", f"the converter failed ({wrong})")) from wrong
    xml = made.xform.encode()
    form = _read(name, xml)
    _require_computable(name, xml, source, ending)
    return Converted(xml, form, tuple(w.strip() for w in told), made.itemsets or "")


def _require_computable(name: str, xml: bytes, source: bytes | Sheets | None = None, ending: str = "") -> None:
    """Hold that every expression of a form can be computed. Raises BF-2654 for the first, with its row where the form came as a workbook."""
    found, paths = expressions(xml)
    for one in found:
        why = fault(one.text, paths)
        if why is not None:
            question = one.path.rpartition("/")[2] or one.path
            raise BAD_EXPRESSION(
                row=_row_of(question, source, ending),
                question=question[:60],
                column=one.column,
                expression=one.text.strip()[:200],
                why=why,
            )


def _row_of(question: str, source: bytes | Sheets | None, ending: str) -> int | None:
    """The row of a question in the sheet `survey`, as a spreadsheet counts them; None where it cannot be told."""
    rows = _survey(source, ending)
    return next((n for n, row in enumerate(rows, 2) if str(row.get("name", "")).strip() == question), None)


def _complaint(name: str, said: str, source: bytes | Sheets, ending: str) -> Exception:
    found = _ROW.search(said)
    words = (found[2] if found else said).strip()
    return NOT_CONVERTED(file=name, why=words, row=int(found[1]) if found else _row_told(words, _survey(source, ending)))


def _row_told(words: str, rows: Sequence[Mapping[str, Any]]) -> int | None:
    """The row that a complaint without one is of: the first whose type or name the converter quotes; None where it quotes neither."""
    quoted = set(re.findall(r"['\"“‘]([^'\"”’]+)['\"”’]", words))
    no_list = "should be a choices sheet" in words  # then the first question that chooses from a list
    for n, row in enumerate(rows, 2):
        kind = str(row.get("type", ""))
        if no_list and kind.startswith(("select", "rank")):
            return n
        if quoted & {kind, *kind.split(), str(row.get("name", "")).strip()} - {""}:
            return n
    return None


def _survey(source: bytes | Sheets | None, ending: str) -> Sequence[Mapping[str, Any]]:
    """The rows of the sheet `survey`; none where it cannot be read."""
    if isinstance(source, bytes):
        try:
            rows: Sequence[Mapping[str, Any]] | None = get_xlsform(source, file_type=ending).survey
        except (PyXFormError, ValueError, KeyError, TypeError, AttributeError, IndexError):
            return []
        return rows or []
    return source["survey"] if source is not None and "survey" in source else []


def _read(name: str, xml: bytes) -> XForm:
    try:
        form = read_xform(xml)
    except NotAForm as wrong:
        raise NOT_A_WORKBOOK(file=name, why=wrong.why) from wrong
    if not form.id or not form.questions:
        raise NOT_A_WORKBOOK(file=name, why=Text("没有表单标识或题目", "it has no form id, or no question"))
    if len(form.id) > LONGEST or len(form.version) > LONGEST:
        why = Text(f"标识和版本号最多 {LONGEST} 个字", f"its id and its version have {LONGEST} characters at most")
        raise NOT_CONVERTED(file=name, why=why)
    return form
