"""Comparison of a blind re-visit with the first visit or the register, fact by fact. Pure.

A difference is a question, not a fault: what changed in between, with evidence, is told as changed; a blank on one side is told as missing and not as a difference; and what cannot be
compared is not counted as equal. How serious a difference is, the caller says fact by fact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum

from bangfu.foundation.say import Text
from bangfu.supervision.intervals import Rate, proportion

Value = bool | str | int | float | Decimal | date | frozenset[str] | None


class Kind(StrEnum):
    """The type of a fact."""

    YES_NO = "yes_no"
    CODE = "code"
    NUMBER = "number"
    DATE = "date"
    CODES = "codes"


class Weight(IntEnum):
    """How serious it is when a fact differs."""

    NOTE = 0
    MINOR = 1
    SERIOUS = 2


class Outcome(StrEnum):
    """What the comparison of a fact gave."""

    EQUAL = "equal"
    WITHIN = "within tolerance"
    DIFFERS = "differs"
    CHANGED = "changed since"
    ONE_MISSING = "one missing"
    BOTH_MISSING = "both missing"
    NOT_COMPARABLE = "not comparable"


# Outcomes in which both sides told something that can be set side by side at one time.
COMPARED = (Outcome.EQUAL, Outcome.WITHIN, Outcome.DIFFERS)


class State(StrEnum):
    """What a household comes to."""

    CLEAN = "clean"
    MINOR = "minor"
    SERIOUS = "serious"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact to compare. Numbers may differ by `absolute`, or by the share `relative` of the larger; dates by `days`. `weight` where it differs, `weight_missing` where one side is blank."""

    key: str
    title: Text
    kind: Kind
    weight: Weight = Weight.MINOR
    weight_missing: Weight = Weight.NOTE
    absolute: Decimal = Decimal(0)
    relative: Decimal = Decimal(0)
    days: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """That the register changed between the two: the day, what it became, and the key of the evidence."""

    day: date
    value: Value
    evidence: str


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparison of one fact of one household."""

    household: int
    fact: Fact
    first: Value
    again: Value
    outcome: Outcome
    weight: Weight
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a household comes to: the gravest of its differences, and how many facts had each outcome. Unknown where nothing could be compared."""

    household: int
    state: State
    outcomes: Mapping[Outcome, int]


@dataclass(frozen=True, slots=True)
class FactRate:
    """A fact over all households: how many had each outcome, and the rate of those that differ among those compared (households as drawn singly)."""

    fact: Fact
    outcomes: Mapping[Outcome, int]
    differing: Rate


def alike(fact: Fact, one: Value, other: Value) -> Outcome:
    """Equal, within tolerance, differing, missing or not comparable; what may have changed in between is not looked at."""
    if one is None or other is None:
        return Outcome.BOTH_MISSING if one is None and other is None else Outcome.ONE_MISSING
    if not (_fits(fact.kind, one) and _fits(fact.kind, other)):
        return Outcome.NOT_COMPARABLE
    if isinstance(one, int | float | Decimal) and isinstance(other, int | float | Decimal) and fact.kind is Kind.NUMBER:
        a, b = Decimal(str(one)), Decimal(str(other))
        if not (a.is_finite() and b.is_finite()):
            return Outcome.NOT_COMPARABLE
        allowed = max(fact.absolute, fact.relative * max(abs(a), abs(b)))
        return Outcome.EQUAL if a == b else Outcome.WITHIN if abs(a - b) <= allowed else Outcome.DIFFERS
    if one == other:
        return Outcome.EQUAL
    if isinstance(one, date) and isinstance(other, date) and abs((one - other).days) <= fact.days:
        return Outcome.WITHIN
    return Outcome.DIFFERS


def _fits(kind: Kind, value: Value) -> bool:
    """Whether a value is of the fact's type; a moment is no date, and yes is no number."""
    if kind is Kind.NUMBER:
        return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    if kind is Kind.DATE:
        return type(value) is date
    return isinstance(value, {Kind.YES_NO: bool, Kind.CODE: str, Kind.CODES: frozenset}[kind])


def compare(
    household: int,
    fact: Fact,
    first: Value,
    again: Value,
    *,
    first_day: date,
    again_day: date,
    changes: Iterable[Change] = (),
) -> Compared:
    """Compare what was told on two days. `changes` are those of the register to this fact.

    A difference is “changed since” where a change between the two days, the first not counted, has evidence and its last value is what the re-visit found. A change to something else
    explains nothing.
    """
    outcome = alike(fact, first, again)
    evidence = None
    if outcome in (Outcome.DIFFERS, Outcome.ONE_MISSING) and again is not None:
        between = sorted((c for c in changes if first_day < c.day <= again_day and c.evidence), key=lambda c: c.day)
        if between and alike(fact, between[-1].value, again) in (Outcome.EQUAL, Outcome.WITHIN):
            outcome, evidence = Outcome.CHANGED, between[-1].evidence
    weight = {Outcome.DIFFERS: fact.weight, Outcome.ONE_MISSING: fact.weight_missing}.get(outcome, Weight.NOTE)
    return Compared(household, fact, first, again, outcome, weight, evidence)


def summarise(compared: Iterable[Compared]) -> list[Summary]:
    """What each household comes to, ordered by household."""
    households: dict[int, list[Compared]] = {}
    for one in compared:
        households.setdefault(one.household, []).append(one)
    return [Summary(h, _state(ones), _outcomes(ones)) for h, ones in sorted(households.items())]


def _state(ones: Sequence[Compared]) -> State:
    gravest = max(one.weight for one in ones)
    if gravest is not Weight.NOTE:
        return State.SERIOUS if gravest is Weight.SERIOUS else State.MINOR
    told = any(one.outcome in COMPARED or one.outcome is Outcome.CHANGED for one in ones)
    return State.CLEAN if told else State.UNKNOWN


def _outcomes(ones: Iterable[Compared]) -> dict[Outcome, int]:
    found = dict.fromkeys(Outcome, 0)
    for one in ones:
        found[one.outcome] += 1
    return found


def by_fact(compared: Iterable[Compared], confidence: float) -> list[FactRate]:
    """Each fact over all households, ordered by its key."""
    facts: dict[str, list[Compared]] = {}
    for one in compared:
        facts.setdefault(one.fact.key, []).append(one)
    rates = []
    for _, ones in sorted(facts.items()):
        outcomes = _outcomes(ones)
        seen = sum(outcomes[outcome] for outcome in COMPARED)
        rates.append(FactRate(ones[0].fact, outcomes, proportion(outcomes[Outcome.DIFFERS], seen, confidence)))
    return rates
