"""What becomes of a value that a submission tells, beside the value that its worker had and the one that the register has now. Pure.

        the worker had   the register has   the submission tells
            A                 A                  B              it is taken
            A                 B                  A              the register stays: the worker changed nothing
            A                 B                  B              nothing to do
            A                 B                  C              both are kept until somebody chooses

What the register has from a later day than the submission is of is never written over either: the worker had it before them only where it was
known then, and a statement of an earlier day would be lost without a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

TAKE, STAY, CHOOSE = "take", "stay", "choose"


@dataclass(frozen=True, slots=True)
class Held:
    """What the register has of a fact: the value, the day of the evidence behind it, the evidence, and the value that was there at the base of a submission."""

    value: Any
    day: date | None
    evidence: int | None
    base: Any


def merged(told: Any, held: Held, day: date, own: frozenset[int] = frozenset()) -> str:
    """`take`, `stay` or `choose`. `own` is evidence of the submission that this one corrects: it is written over."""
    if told == held.value:
        return STAY
    if held.value is None or (held.evidence is not None and held.evidence in own):
        return TAKE
    later = held.day is not None and held.day > day
    if held.value == held.base and not later:
        return TAKE
    if told == held.base and held.base is not None:
        return STAY
    return CHOOSE
