"""CSV files as offices write them: UTF-8 or GB 18030, any ends of lines, a heading first."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from bangfu.foundation.problems import ProblemKind, declare
from bangfu.foundation.say import Text

NOT_A_CSV = declare(
    "BF-1009",
    zh="{file} 不是可以读取的 CSV 文件：{why}。",
    en="{file} is no CSV file that can be read: {why}.",
    remedy_zh="请在 Excel 或 WPS 中打开，另存为「CSV UTF-8」再用。",
    remedy_en="Open it in a spreadsheet program, save it as “CSV UTF-8” and use that.",
)
NO_COLUMN = Text("没有这一列", "no such column")
NEEDED = Text("这张表须有这一列", "the list needs it")
A_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", re.ASCII)
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx is a zip, .xls a compound file


def read_csv(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """The heading, and the rows with their number in the sheet (the first below the heading is 2); blanks around values are cut off.

    A value that lacks is blank. Raises BF-1009 for a file that is no text, or none that a table can be read from.
    """
    raw = path.read_bytes()
    try:
        # strict: a quotation mark that stays open would swallow the rest of the file
        reader = csv.DictReader(io.StringIO(_text(path, raw), newline=""), strict=True)
        heading = [(name or "").strip() for name in reader.fieldnames or ()]
        reader.fieldnames = heading
        rows = [
            (number, {key: (value or "").strip() for key, value in row.items() if key}) for number, row in enumerate(reader, 2)
        ]
    except csv.Error as error:
        line = reader.reader.line_num
        raise NOT_A_CSV(file=path.name, why=Text(f"第 {line} 行，{error}", f"line {line}, {error}")) from error
    return heading, rows


def read_columns(
    path: Path, columns: Mapping[str, Text], needed: Iterable[str], bad: ProblemKind
) -> list[tuple[int, dict[str, str]]]:
    """Rows of a list by column, with their number; blank ones are left out. A heading is a column's key, or its title in either language.

    A column that the file lacks is not in the rows. Raises BF-1009, and `bad` (with `row`, `column`, `value`, `wanted`) where it is needed.
    """
    heading, rows = read_csv(path)
    names = {key: next((h for h in heading if h in (key, title.zh, title.en)), None) for key, title in columns.items()}
    for key in needed:
        if names[key] is None:
            raise bad(row=1, column=columns[key], value=NO_COLUMN, wanted=NEEDED)
    there = {key: name for key, name in names.items() if name is not None}
    return [(number, {key: row.get(name, "") for key, name in there.items()}) for number, row in rows if any(row.values())]


def day_said(text: str) -> date | None:
    """A day as lists have it, 2020-03-12 or 2020/3/12; None where the text is none."""
    parts = A_DAY.fullmatch(text.strip())
    try:
        return date(*map(int, parts.groups())) if parts else date.fromisoformat(text.strip())
    except ValueError:
        return None


def _text(path: Path, raw: bytes) -> str:
    if raw.startswith(WORKBOOKS):
        raise NOT_A_CSV(file=path.name, why=Text("它是 Excel 工作簿", "it is a workbook"))
    if not raw.strip():
        raise NOT_A_CSV(file=path.name, why=Text("它是空的", "it is empty"))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise NOT_A_CSV(file=path.name, why=Text("它不是文字", "it is no text"))
