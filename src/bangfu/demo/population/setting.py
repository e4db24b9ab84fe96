"""What the generator must know about a county: its setting file and its figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bangfu.demo.problems import BAD_FIGURE, FIGURES_MISSING
from bangfu.foundation.csv_files import read_csv

DATA = Path(__file__).resolve().parent.parent / "data"

# The figures that the people of a county are made from.
NEEDED = (
    "visited_households",
    "registered_poor_persons_exited",
    "relocated_households",
    "relocated_persons",
    "dangerous_houses_renovated",
)


@dataclass(frozen=True, slots=True)
class Setting:
    """A county's setting file: name bank, numbers, places (see `demo/data/setting.yaml` for what each key means)."""

    raw: Mapping[str, Any]
    path: Path

    def __getitem__(self, key: str) -> Any:
        return self.raw[key]

    def get(self, key: str, otherwise: Any = None) -> Any:
        """A key that a county may leave out."""
        return self.raw.get(key, otherwise)

    @property
    def data_date(self) -> date:
        """The day on which the register is described."""
        day = self.raw["data_date"]
        assert isinstance(day, date)
        return day

    def township(self, code: str) -> Mapping[str, float]:
        """Size, mountain and remoteness of a township; a township that is not in the file is middling."""
        found: Mapping[str, float] = self.raw.get("townships", {}).get(code, {})
        return {"size": 1.0, "mountain": 1.0, "remote": 1.0, **found}


def read_setting(path: Path | None = None) -> Setting:
    """Read a setting file; the demo county's own where no path is given."""
    path = path or DATA / "setting.yaml"
    return Setting(yaml.safe_load(path.read_text(encoding="utf-8")), path)


def read_facts(path: Path | None = None) -> dict[str, float]:
    """Key and value of every row of a facts file. Raises BF-1009 for a file that is no CSV, BF-1801 for a value that is no number,
    BF-1802 where a column or a figure lacks that a county is built from."""
    path = path or DATA / "facts.csv"
    heading, rows = read_csv(path)
    facts: dict[str, float] = {}
    for number, row in rows if {"key", "value"} <= set(heading) else ():
        try:
            facts[row["key"]] = float(row["value"])
        except ValueError:
            facts[row["key"]] = math.nan
        if not (math.isfinite(facts[row["key"]]) and facts[row["key"]] >= 0):
            raise BAD_FIGURE(file=path.name, row=number, key=row["key"], value=row["value"])
    missing = [key for key in NEEDED if key not in facts]
    if missing:
        raise FIGURES_MISSING(file=path.name, missing=", ".join(missing), wanted=", ".join(NEEDED))
    return facts
