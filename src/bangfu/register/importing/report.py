"""The report of refusals: one line per cell, with number, cause and remedy in both languages, as CSV that spreadsheets open."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import duckdb

from bangfu.foundation.problems import registry
from bangfu.register import identity
from bangfu.register.fields import fields

SHOWN = 60
NUMBERS = re.compile(r"\d{14,17}[\dXx]")


def refusals(con: duckdb.DuckDBPyConnection, names: list[str], limit: int | None = None) -> list[dict[str, str]]:
    """Refusals as a person reads them, in the order of files and rows; identity numbers are masked."""
    rows = con.execute(
        "SELECT DISTINCT file, row, number, field, value FROM refused ORDER BY file, row, number"
        + (f" LIMIT {limit}" if limit else "")
    ).fetchall()
    return [_line(names[file], row, number, field, value) for file, row, number, field, value in rows]


def _line(file: str, row: int, number: str, key: str, value: str) -> dict[str, str]:
    kind, field = registry()[number], fields()[key]
    # BF-1219 and BF-1227 name the household that a person is in, not the person's number.
    shown = identity.mask(value) if field.personal == "identity" and number not in ("BF-1219", "BF-1227") else value
    if field.personal != "identity" and value:
        # A quotation mark that nothing closes makes one cell of a whole block, numbers of persons included.
        shown = NUMBERS.sub(lambda number: identity.mask(number[0]) or "", value)
        shown = shown if len(shown) <= SHOWN else shown[:SHOWN] + "…"
    where = {"file": file, "row": row, "column": field.title, "value": shown}
    expected = {"minimum": field.minimum, "maximum": field.maximum, "length": field.length, "expected": field.type}
    problem = kind(**where, **expected)
    return {
        "number": number,
        "file": file,
        "row": str(row),
        "column": field.title.zh,
        "column_en": field.title.en,
        "value": shown or "",
        "zh": f"{problem.cause.zh}{problem.remedy.zh}",
        "en": f"{problem.cause.en} {problem.remedy.en}",
    }


def write(con: duckdb.DuckDBPyConnection, names: list[str], path: Path) -> Path:
    """Write the report; readable by its owner only, since it tells of persons."""
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, ["number", "file", "row", "column", "column_en", "value", "zh", "en"])
        writer.writeheader()
        writer.writerows(refusals(con, names))
    return path
