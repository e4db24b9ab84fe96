"""The file of an inspection from above: its columns, and its rows as text."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml

from bangfu.fieldwork.sheets import Column, Table, plain, read_table
from bangfu.foundation.say import Text
from bangfu.supervision.problems import TOO_LONG

FILE = Path(__file__).parent / "data" / "findings.yaml"
MOST, MB = 5_000, 20


@lru_cache(maxsize=1)
def columns() -> Mapping[str, Column]:
    """The columns by key, as `data/findings.yaml` has them."""
    return {
        key: Column(
            Text(c["zh"], c["en"]),
            bool(c.get("needed")),
            frozenset(plain(n) for n in (key, c["zh"], c["en"], *c.get("known", ()))),
        )
        for key, c in yaml.safe_load(FILE.read_text("utf-8")).items()
    }


def read_findings(path: Path) -> Table:
    """The rows of an inspection's file. Raises BF-2917 for one too large, and what opening a table raises."""
    return read_table(path, columns(), most=MOST, mb=MB, too_long=TOO_LONG)
