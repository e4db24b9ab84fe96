"""What the generator must know about a county: its setting file and its figures."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).resolve().parent.parent / "data"


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
    """Key and value of every row of a facts file. Raises ValueError for a value that is no number, naming the row's key."""
    facts: dict[str, float] = {}
    with (path or DATA / "facts.csv").open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            try:
                facts[row["key"]] = float(row["value"])
            except ValueError as error:
                raise ValueError(f"{row['key']}: {row['value']!r} is not a number") from error
    return facts
