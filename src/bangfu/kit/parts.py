"""What the components of a page are made from: plain values that a view fills and a template shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from bangfu.foundation.say import Text

Words = Text | str
VERDICTS: dict[str, Text] = {
    "unmet": Text("未达标", "Unmet"),
    "unknown": Text("待核实", "Not known"),
    "waiting": Text("办理中", "Waiting"),
    "met": Text("达标", "Met"),
    "not_assessed": Text("不评定", "Not assessed"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure. It is always a link to its rows; a blank value is shown as not known."""

    title: Words
    value: int | float | Decimal | str | None
    url: str = ""
    unit: Words = ""
    note: Words = ""
    delta: int | None = None  # against last week


@dataclass(frozen=True, slots=True)
class VerdictCounts:
    """How many were judged in which way, with the links to the rows behind the numbers."""

    met: int = 0
    unmet: int = 0
    unknown: int = 0
    not_assessed: int = 0
    waiting: int = 0
    url: str = ""  # the rows that are unmet
    unknown_url: str = ""

    @property
    def total(self) -> int:
        return self.met + self.unmet + self.unknown + self.waiting + self.not_assessed

    @property
    def assessed(self) -> int:
        return self.total - self.not_assessed

    @property
    def unmet_share(self) -> float | None:
        """Unmet among those assessed; None where nobody was."""
        return self.unmet / self.assessed if self.assessed else None


@dataclass(frozen=True, slots=True)
class Fact:
    """A term with its value and where it comes from. A value of None is not known, and said so."""

    term: Words
    value: Words | int | float | Decimal | date | None
    unit: Words = ""
    source: Words = ""  # "入户核查 2020-04-12"
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts under one heading."""

    key: str
    title: Words
    facts: Sequence[Fact] = ()

    @property
    def common_source(self) -> Words:
        """The source that most of the facts share, said once beside the heading; empty where none is shared."""
        found = Counter(fact.source for fact in self.facts if fact.source and not fact.source_url)
        (source, times), *_ = found.most_common(1) or [("", 0)]
        return source if times > 1 else ""


@dataclass(frozen=True, slots=True)
class Guarantee:
    """A guarantee as lists and tables name it: one sign and one short word for narrow heads."""

    key: str
    title: Words
    short: Words


@dataclass(frozen=True, slots=True)
class Event:
    """A line of a record's history."""

    day: date
    what: Words
    who: Words = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """A cell of a small drawn map."""

    d: str
    name: Words = ""
    here: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """A small map drawn as SVG on the server: a few cells, one of them marked."""

    width: int
    height: int
    shapes: Sequence[Shape] = field(default_factory=tuple)
