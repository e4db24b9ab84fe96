"""The fields and code lists of the register, read from `fields.yaml` and `codes.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bangfu.foundation import clock
from bangfu.foundation.say import Text, text

HERE = Path(__file__).parent
# What a number may be where its field says nothing: no household has more money or land, and the columns hold it.
LIMITS = {"money": (0, 5_000_000), "decimal": (0, 999_999), "integer": (0, 1_000_000), "year": (1880, 2200)}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: whose it is (`person`, `household`), where it is kept, its type, its words (`raw`: may be dated) and its headings."""

    key: str
    level: str
    type: str
    raw: Mapping[str, Any]
    headings: tuple[str, ...]
    table: str | None = None
    column: str | None = None
    codes: str | None = None
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    length: int | None = None
    required: bool = False
    personal: str | None = None

    @property
    def title(self) -> Text:
        """What people call it today."""
        return self.title_on(clock.today())

    def title_on(self, day: date) -> Text:
        """What people call it on a day."""
        return text(self.raw, day)


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a list: what the database keeps (`key`), what people read, and what workbooks say for it."""

    key: str
    raw: Mapping[str, Any]
    words: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    standard: str | None

    def title(self, on: date | None = None) -> Text:
        """What people read on a day."""
        return text(self.raw, on)


@lru_cache(maxsize=1)
def fields() -> dict[str, Field]:
    """Every field by key, in the order of the file."""
    raw = yaml.safe_load((HERE / "fields.yaml").read_text("utf-8"))
    found = {}
    for key, f in raw.items():
        table, _, column = f.get("at", "").partition(".")
        found[key] = Field(
            key=key,
            level=f["level"],
            type=f["type"],
            raw={"zh": f["zh"], "en": f["en"]},
            headings=(*_words(f["zh"]), *_words(f["en"]), *f.get("also", [])),
            table=table or None,
            column=column or None,
            codes=f.get("codes"),
            unit=f.get("unit"),
            minimum=f.get("min", LIMITS.get(f["type"], (None, None))[0]),
            maximum=f.get("max", LIMITS.get(f["type"], (None, None))[1]),
            length=f.get("length"),
            required=f.get("required", False),
            personal=f.get("personal"),
        )
    return found


@lru_cache(maxsize=1)
def code_lists() -> dict[str, dict[str, Code]]:
    """Every code list by name: its codes by key."""
    raw = yaml.safe_load((HERE / "codes.yaml").read_text("utf-8"))
    return {
        name: {
            key: Code(
                key=key,
                raw=c,
                words=tuple(dict.fromkeys([key, *_words(c.get("zh")), *_words(c.get("en")), *c.get("also", [])])),
                valid_from=_day(c.get("from")),
                valid_to=_day(c.get("to")),
                standard=c.get("standard"),
            )
            for key, c in codes.items()
        }
        for name, codes in raw.items()
    }


def title_of(codes: str, key: str | None, on: date | None = None) -> Text | None:
    """What people read for a code on a day; None for None; the code itself where the list does not have it."""
    if key is None:
        return None
    code = code_lists()[codes].get(key)
    return code.title(on) if code else Text(key, key)


def fields_of(table: str) -> list[Field]:
    """The fields that a table keeps, in the order of the file."""
    return [f for f in fields().values() if f.table == table]


def _words(raw: Any) -> list[str]:
    if raw is None:
        return []
    return [str(w) for w in raw.values()] if isinstance(raw, Mapping) else [str(raw)]


def _day(raw: Any) -> date | None:
    return raw if raw is None or isinstance(raw, date) else date.fromisoformat(str(raw))
