"""The catalogue of figures: one definition per figure, brought by the packages in `indicators.yaml`.

    key: {name: {zh, en}, unit, says, sql}      rows (path, value) over the lake as of a day; added up for any area
    key: {name, unit, says, ratio: [a, b]}      figure a divided by figure b
    key: {by: [a, b], …}                        a family: `sql` gives rows (a, b, path, value); a figure per combination, `verdict.income.met`

In `sql`, `as_of()` is the day. `{term.key}` in a name is the word of the day (`bangfu.foundation.terms`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

import yaml

from bangfu.foundation.packages import files
from bangfu.foundation.say import Text, text
from bangfu.foundation.terms import worded
from bangfu.indicators.problems import FIGURE_FAULT, FIGURE_TWICE


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure, or a family of them: `raw` is its name and `sql` its rows as written; `by` names the columns that tell the members
    of a family apart, `values` those of one member."""

    key: str
    package: str
    raw: Text
    unit: str
    says: str
    sql: str | None
    ratio: tuple[str, str] | None
    by: tuple[str, ...]
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> Text:
        """What people call it today."""
        return self.name_on(None)

    def name_on(self, day: date | None) -> Text:
        """What people call it on a day, today where none is given. Raises BF-1044 where it names an unknown term."""
        words = worded(self.raw, day).as_heading()
        return words.format(**self.values) if self.values else words

    def member(self, values: tuple[str, ...]) -> Indicator:
        """One figure of a family: its key and name tell the combination."""
        filled = dict(zip(self.by, values, strict=True))
        return replace(self, key=".".join([self.key, *values]), values=filled, by=())


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Indicator]:
    """Every figure by key. Raises BF-1702 for a key that two packages define, BF-1703 for a definition that is not whole."""
    found: dict[str, Indicator] = {}
    for package, path in files("indicators.yaml"):
        for key, indicator in read(package, path).items():
            if key in found:
                raise FIGURE_TWICE(key=key, first=found[key].package, second=package)
            found[key] = indicator
    return found


def read(package: str, path: Path) -> dict[str, Indicator]:
    """The figures of one file."""
    raw = yaml.safe_load(path.read_text("utf-8")) or {}
    made = {}
    for key, r in raw.items():
        if not {"name", "unit", "says"} <= r.keys() or ("sql" in r) == ("ratio" in r):
            raise FIGURE_FAULT(key=key, file=f"{package}/{path.name}")
        made[key] = Indicator(
            key=key,
            package=package,
            raw=text(r["name"]),
            unit=r["unit"],
            says=r["says"],
            sql=r.get("sql"),
            ratio=tuple(r["ratio"]) if "ratio" in r else None,
            by=tuple(r.get("by", ())),
        )
    return made
