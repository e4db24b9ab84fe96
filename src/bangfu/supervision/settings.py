"""What supervision compares and by which numbers, as `data/supervision.yaml` has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bangfu.foundation.say import Text
from bangfu.register.fields import fields
from bangfu.supervision.comparing import Fact, Kind, Weight

FILE = Path(__file__).parent / "data" / "supervision.yaml"
KINDS = {
    "boolean": Kind.YES_NO, "code": Kind.CODE, "codes": Kind.CODES, "integer": Kind.NUMBER, "decimal": Kind.NUMBER, "money": Kind.NUMBER, "year": Kind.NUMBER, "date": Kind.DATE,
    "month": Kind.DATE, "text": Kind.CODE,
}  # fmt: skip
WEIGHTS = {"note": Weight.NOTE, "minor": Weight.MINOR, "serious": Weight.SERIOUS}


@dataclass(frozen=True, slots=True)
class Limit:
    """A yardstick: what it is called, and the share that it may have at most, or is to have at least."""

    title: Text
    most: float | None
    least: float | None


@lru_cache(maxsize=1)
def raw() -> Mapping[str, Any]:
    """The settings as they are written."""
    found: Mapping[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return found


@lru_cache(maxsize=1)
def facts() -> Mapping[str, Fact]:
    """The facts that a re-visit may compare, by key of the register."""
    return {key: _fact(key, said) for key, said in raw()["facts"].items()}


def _fact(key: str, said: Mapping[str, Any]) -> Fact:
    known = fields()[key]
    weight = WEIGHTS[said["weight"]]
    return Fact(
        key, known.title, KINDS[known.type], weight, WEIGHTS[said.get("missing", "note")], Decimal(str(said.get("absolute", 0))), Decimal(str(said.get("relative", 0))),
        int(said.get("days", 0)),
    )  # fmt: skip


def case_kind(about: str) -> str:
    """The kind of case that mends what was found about a fact, the judgement, or an item of a post's check; `other` where the settings name none."""
    said = raw()["judgement"] if about == "judgement" else raw()["facts"].get(about) or _items().get(about, {})
    return str(said.get("case", "other"))


@lru_cache(maxsize=1)
def _items() -> Mapping[str, Any]:
    whole = yaml.safe_load((FILE.parent / "posts.yaml").read_text("utf-8"))
    return {key: said for thing in whole.values() for key, said in thing["items"].items()}


@lru_cache(maxsize=1)
def limits() -> Mapping[str, Limit]:
    """The yardsticks by key."""
    return {
        key: Limit(Text(said["zh"], said["en"]), said.get("most"), said.get("least")) for key, said in raw()["limits"].items()
    }
