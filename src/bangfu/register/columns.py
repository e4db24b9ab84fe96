"""Columns of the register as a workbook shows them: the headings of `fields.yaml`, code words instead of keys, yes and no in words.

What the export writes and what the demo's workbooks look like; an import reads it back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import pyarrow as pa

from bangfu.kit.sheets import Column, Kind
from bangfu.register.fields import Field, code_lists, fields

JOIN = {"zh": "、", "en": "; "}  # between the words of a field that holds several codes
KINDS: dict[str, Kind] = {"integer": "number", "year": "number", "decimal": "number", "money": "number", "date": "date"}
YES_NO = {"zh": ("是", "否"), "en": ("yes", "no")}
_NUMBERS = re.compile("_no$|_code$|_book$|_certificate$")  # fields that look like numbers and are names


@dataclass(frozen=True, slots=True)
class Heading:
    """A field with its heading in a language, and the words for its codes on a day."""

    field: Field
    text: str
    words: Mapping[str, str]

    def column(self) -> Column:
        """The column of a sheet. Numbers that are names stay text, whoever edits the cell."""
        protect = self.field.type in ("identity", "phone", "account") or bool(_NUMBERS.search(self.field.key))
        return Column(self.text, KINDS.get(self.field.type, "text"), width=self._width(), protect=protect)

    def _width(self) -> float:
        """Characters: numbers need theirs, text as much as its heading (a Chinese character is two wide)."""
        if self.field.type in ("identity", "account") or _NUMBERS.search(self.field.key):
            return 22.0
        wide = sum(2 if ord(character) > 0x2E7F else 1 for character in self.text)
        return {"address": 28.0, "school_name": 20.0}.get(self.field.key, max(11.0, min(wide + 1.0, 24.0)))

    def worded(self, codes: pa.DictionaryArray, language: str) -> pa.DictionaryArray:
        """Keys of codes (several with `;` between them) as words."""
        words = [
            JOIN[language].join(self.words.get(key, key) for key in keys.split(";")) for keys in codes.dictionary.to_pylist()
        ]
        return pa.DictionaryArray.from_arrays(codes.indices, pa.array(words, pa.string()))


@lru_cache(maxsize=8)
def headings(language: str, day: date) -> tuple[Heading, ...]:
    """Every field in its order, with heading and code words of a language as they hold on a day."""
    lists = code_lists()
    return tuple(
        Heading(
            f,
            f.title_on(day).in_language(language),
            {key: code.title(day).in_language(language) for key, code in lists[f.codes].items()} if f.codes else {},
        )
        for f in fields().values()
    )
