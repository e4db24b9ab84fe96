"""The file of an inspection from above: its columns, and its rows as text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bangfu.fieldwork.sheets import Column, Table, known_columns, read_table
from bangfu.supervision.problems import TOO_LONG

DATA = Path(__file__).parent / "data"
MOST, MB = 5_000, 20


def columns() -> Mapping[str, Column]:
    """The columns by key, as `data/findings.yaml` has them."""
    return known_columns("findings", DATA)


def read_findings(path: Path) -> Table:
    """The rows of an inspection's file. Raises BF-2917 for one too large, and what opening a table raises."""
    return read_table(path, columns(), most=MOST, mb=MB, too_long=TOO_LONG)
