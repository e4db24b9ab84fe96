"""The report of refusals: one line per cell, with number, cause and remedy in both languages, as CSV that spreadsheets open."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import duckdb

from bangfu.foundation import clock
from bangfu.foundation.problems import registry
from bangfu.foundation.say import Text
from bangfu.register import masks
from bangfu.register.fields import Field, code_lists, fields
from bangfu.register.importing.reading import Reading
from bangfu.register.problems import HELD_BACK

SHOWN = 60
# Refusals of a cell whose value is the number of a household: of two heads, of one in another household, of what it is called.
NAME_A_HOUSEHOLD = ("BF-1211", "BF-1212", "BF-1219", "BF-1227", "BF-1250", "BF-1252")
CHOICES = 12
EXPECTED = {
    "code": Text("代码表中的一项", "an entry of the code list"),
    "codes": Text("代码表中的几项（用「、」隔开）", "entries of the code list (with “、” between them)"),
    "text": Text("文字", "text"),
    "integer": Text("整数", "a whole number"),
    "decimal": Text("数字", "a number"),
    "money": Text("金额（元）", "an amount of money (yuan)"),
    "date": Text("日期", "a date"),
    "boolean": Text("是或否", "yes or no"),
    "year": Text("四位数年份", "a year of four digits"),
    "month": Text("年月（如 2014-01）", "a month (as 2014-01)"),
    "phone": Text("电话号码", "a telephone number"),
    "account": Text("银行账号", "an account number"),
    "identity": Text("证件号码", "an identity number"),
}


def refusals(con: duckdb.DuckDBPyConnection, readings: Sequence[Reading], limit: int | None = None) -> list[dict[str, str]]:
    """Refusals as a person reads them, in the order of files and rows; what is personal is masked.

    Of a limited number, those that something can be done about come first: a row that only waits for another says nothing new.
    """
    rows = con.execute(
        "SELECT DISTINCT file, row, number, field, value FROM refused ORDER BY "
        + (f"number = '{HELD_BACK.number}', file, row, number LIMIT {limit}" if limit else "file, row, number")
    ).fetchall()
    return [
        line(*readings[int(file)].place(int(row)), str(number), str(field), str(value or ""))
        for file, row, number, field, value in rows
    ]


def line(file: str, row: int, number: str, key: str, value: str) -> dict[str, str]:
    """A refusal as a person reads it: where, what stands there (numbers of persons masked), cause and remedy in both languages."""
    kind, field = registry()[number], fields()[key]
    said = shown(number, key, value)
    where = {"file": file, "row": row, "column": field.title, "value": said}
    expected = {"minimum": field.minimum, "maximum": field.maximum, "length": field.length, "expected": EXPECTED[field.type]}
    expected["choices"] = _choices(field)
    problem = kind(**where, **expected)
    return {
        "number": number,
        "file": file,
        "row": str(row),
        "column": field.title.zh,
        "column_en": field.title.en,
        "value": said,
        "zh": f"{problem.cause.zh}{problem.remedy.zh}",
        "en": f"{problem.cause.en} {problem.remedy.en}",
    }


def shown(number: str, key: str, value: str | None) -> str:
    """What may be shown of a refused value: numbers of persons masked, long texts cut."""
    if not value or number in NAME_A_HOUSEHOLD:
        return value or ""
    # A quotation mark that nothing closes makes one cell of a whole block, numbers of persons included.
    said = masks.in_report(fields()[key], value)
    return said if len(said) <= SHOWN else said[:SHOWN] + "…"


def _choices(field: Field) -> Text:
    """What a coded field may hold, for the remedy: as many as can be read at a glance."""
    if field.codes is None:
        return Text("", "")
    titles = [code.title(clock.today()) for code in code_lists()[field.codes].values()]
    more = len(titles) > CHOICES
    zh, en = ([getattr(t, language) for t in titles[:CHOICES]] for language in ("zh", "en"))
    return Text(f"：{'、'.join(zh)}{'等' if more else ''}", f": {', '.join(en)}{', …' if more else ''}")


def write(con: duckdb.DuckDBPyConnection, readings: Sequence[Reading], path: Path) -> Path:
    """Write the report; readable by its owner only, since it tells of persons."""
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, ["number", "file", "row", "column", "column_en", "value", "zh", "en"])
        writer.writeheader()
        writer.writerows(refusals(con, readings))
    return path
