"""The items of an income sheet, read from `income.yaml`: which field each adds up to, its part of the sheet, its line on the form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import yaml

from bangfu.foundation.say import Text
from bangfu.register.fields import HERE


@dataclass(frozen=True, slots=True)
class IncomeLine:
    """One item: its code, the field (`income.<field>`) it adds up to, the part of the sheet (wage, production, property, transfer,
    cost, claims, self_paid), its line on the form; no line where it is a sum that was not broken down."""

    code: str
    field: str
    group: str
    line: str
    title: Text


@lru_cache(maxsize=1)
def lines() -> dict[str, IncomeLine]:
    """Every item by code, in the order of the form."""
    raw = yaml.safe_load((HERE / "income.yaml").read_text("utf-8"))
    return {
        code: IncomeLine(code, e["field"], e["group"], str(e.get("line", "")), Text(e["zh"], e["en"])) for code, e in raw.items()
    }


def lines_of(field: str) -> list[str]:
    """The items of the form that a field is broken down into; none where the form has it as one line or not at all."""
    return [line.code for line in lines().values() if line.field == field and line.code != field]


def codes_of(field: str) -> list[str]:
    """The items that add up to a field of the register."""
    return [line.code for line in lines().values() if line.field == field]


def sum_of(field: str, items: str) -> str:
    """SQL of what a field comes to: the sum over its items (`items`: the alias of their table), NULL where there is none."""
    listed = ", ".join(f"'{code}'" for code in codes_of(field))
    return f"CAST(sum({items}.fen) FILTER (WHERE {items}.item IN ({listed})) AS bigint)"
