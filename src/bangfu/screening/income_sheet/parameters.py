"""The numbers of the income sheet: dated, with source and whether they were checked (`parameters.yaml`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import yaml

from bangfu.foundation.say import Text
from bangfu.screening.income_sheet.queries import Limits

# Whose sums are the same for many by rule: that they repeat in a village says nothing.
SAME_FOR_MANY = frozenset(
    {
        "family_planning", "allowance", "extreme_poverty", "pension", "a2_department_post", "a3_township_post", "a4_village_post",
        "d5a_returned_forest", "d6a_grain", "d6b_soil", "d6d_old_age", "d6f_disability", "d6g_education", "d6i_care", "d6k_heating", "d6l_price",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Number:
    """A number by days: what it is called, its unit, its values (money in fen), its source."""

    key: str
    title: Text
    unit: str
    values: tuple[tuple[date, int], ...]
    source: str
    verified: bool

    def on(self, day: date) -> int | None:
        """The value in force on a day; None before the first."""
        begun = [value for since, value in self.values if since <= day]
        return begun[-1] if begun else None


@lru_cache(maxsize=1)
def numbers() -> dict[str, Number]:
    """Every number by key, in the order of the file."""
    raw = yaml.safe_load((Path(__file__).parent / "parameters.yaml").read_text("utf-8"))
    return {
        key: Number(
            key,
            Text(n["title"]["zh"], n["title"]["en"]),
            n["unit"],
            tuple(sorted((since, value * (100 if n.get("type") == "money" else 1)) for since, value in n["values"].items())),
            n["source"],
            n["verified"],
        )
        for key, n in raw.items()
    }


def limits_on(day: date) -> Limits:
    """The limits of the queries on a day; before the first value nothing is asked."""
    known = {key: numbers()[key].on(day) for key in ("jump_percent", "repeats", "per_head_most")}
    never = 10**15
    return Limits(
        jump_percent=known["jump_percent"] or never,
        repeats=known["repeats"] or never,
        per_head_most=known["per_head_most"] or never,
        same_for_many=SAME_FOR_MANY,
    )
