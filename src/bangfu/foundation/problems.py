"""Numbered problems: what went wrong, where, and what to do, in both languages.

Each package declares its problems in its own `problems.py`; `docs/problems.md` is generated from the registry and a
test fails for a problem that is not in it. Blocks of numbers: 10 foundation, 11 areas, 12 register, 13 accounts,
14 rules, 15 screening, 16 lake, 17 indicators, 18 demo, 19 web, 20 kit, 21 backup, 22 command, 23 messages, 24 cases, 25 documents,
26 fieldwork, and 27 as well: packets, signing, contacts; 28 campaigns, 29 supervision.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from bangfu.foundation.hiding import Known
from bangfu.foundation.say import Text


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One numbered kind of problem: its cause and its remedy, with `{names}` filled when it is raised. `usage`: what was typed as a command cannot
    be, whatever the data are; the command ends with 2."""

    number: str
    cause: Text
    remedy: Text
    status: int = 400
    usage: bool = False

    def __call__(self, **values: Any) -> Problem:
        """Make the problem with its values; `row`, `column`, `file` say where."""
        return Problem(self, values)


_registry: dict[str, ProblemKind] = {}


def declare(
    number: str, *, zh: str, en: str, remedy_zh: str, remedy_en: str, status: int = 400, usage: bool = False
) -> ProblemKind:
    """Register a kind of problem under its number (`BF-1203`). Raises ValueError for a bad or a taken number."""
    if not re.fullmatch(r"BF-\d{4}", number):
        raise ValueError(f"not a problem number: {number}")
    if number in _registry:
        raise ValueError(f"problem {number} is declared twice")
    kind = ProblemKind(number, Text(zh, en), Text(remedy_zh, remedy_en), status, usage)
    _registry[number] = kind
    return kind


def registry() -> dict[str, ProblemKind]:
    """Every declared kind by number."""
    return dict(sorted(_registry.items()))


@dataclass
class Problem(Exception):
    """A problem that a person can read and mend. `str()` is `BF-1203 <cause> <remedy>` in the reader's language."""

    kind: ProblemKind
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def number(self) -> str:
        return self.kind.number

    @property
    def cause(self) -> Text:
        """What is wrong; it begins with the row where one is told and the kind's words do not name it."""
        kind = self.kind.cause
        said = kind.format(**self.values)
        row = self.values.get("row")
        if "{row}" in kind.zh:
            return said
        if row is None:
            return Text(said.zh, said.en[:1].upper() + said.en[1:]) if kind.en[:1].islower() else said
        return Text(f"第{row}行：{said.zh}", f"Row {row}: {said.en}")

    @property
    def remedy(self) -> Text:
        return self.kind.remedy.format(**self.values)

    def __str__(self) -> str:
        return f"{self.number} {self.cause} {self.remedy}"

    @property
    def known(self) -> tuple[str, ...]:
        """The numbers in its values that a page may show: those of households that were read from the register."""
        return tuple(str(value) for value in self.values.values() if isinstance(value, Known))

    def as_json(self) -> dict[str, Any]:
        """The problem as the command line and the API give it."""
        return {
            "number": self.number,
            "cause": {"zh": self.cause.zh, "en": self.cause.en},
            "remedy": {"zh": self.remedy.zh, "en": self.remedy.en},
            "where": {
                k: str(v) for k, v in self.values.items() if v is not None and k in ("file", "sheet", "row", "column", "line")
            },
        }
