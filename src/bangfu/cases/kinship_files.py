"""Declared relatives as files: a row of a CSV file becomes a row of the action. Headings in either language."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from bangfu.cases.actions.kinship import HOUSEHOLD, OFFICER, RELATION, RELATIVE, KinshipRow
from bangfu.cases.problems import BAD_ROW
from bangfu.foundation.csv_files import read_columns

COLUMNS = {"officer": OFFICER, "relative": RELATIVE, "household": HOUSEHOLD, "relation": RELATION}
NEEDED = ("officer", "relation")


def read_kinship(path: Path) -> list[KinshipRow]:
    """The rows of a list. Raises BF-1009 for what is no CSV file, BF-2402 for a column that lacks."""
    return [
        KinshipRow(told["officer"], told.get("relative", ""), told["relation"], row, told.get("household", ""))
        for row, told in read_columns(path, COLUMNS, NEEDED, BAD_ROW)
    ]


def template() -> str:
    """The heading of a list to fill in, in the reader's language, as CSV."""
    out = io.StringIO()
    csv.writer(out).writerow([str(title) for title in COLUMNS.values()])
    return out.getvalue()
