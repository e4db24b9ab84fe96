"""Comparison of a re-visit with what was told before."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bangfu.foundation.say import Text
from bangfu.supervision.comparing import (
    Change,
    Fact,
    Kind,
    Outcome,
    State,
    Value,
    Weight,
    alike,
    by_fact,
    compare,
    summarise,
)

MARCH, APRIL, MAY = date(2020, 3, 1), date(2020, 4, 1), date(2020, 5, 1)
TITLE = Text("事项", "fact")
WATER = Fact("water", TITLE, Kind.YES_NO, Weight.SERIOUS)
ROOF = Fact("roof", TITLE, Kind.CODE, Weight.MINOR, Weight.MINOR)
INCOME = Fact("income", TITLE, Kind.NUMBER, absolute=Decimal(100), relative=Decimal("0.1"))
BORN = Fact("born", TITLE, Kind.DATE, days=3)
ILLS = Fact("ills", TITLE, Kind.CODES)


@pytest.mark.parametrize(
    ("fact", "first", "again", "outcome"),
    [
        (WATER, True, True, Outcome.EQUAL), (WATER, True, False, Outcome.DIFFERS), (WATER, True, 1, Outcome.NOT_COMPARABLE),
        (ROOF, "A", "A", Outcome.EQUAL), (ROOF, "A", "B", Outcome.DIFFERS), (ROOF, "A", None, Outcome.ONE_MISSING), (ROOF, None, None, Outcome.BOTH_MISSING),
        (INCOME, 5000, 5000.0, Outcome.EQUAL), (INCOME, 50, 150, Outcome.WITHIN), (INCOME, 5000, 5500, Outcome.WITHIN), (INCOME, 4000, Decimal(5000), Outcome.DIFFERS),
        (INCOME, 0, 101, Outcome.DIFFERS), (INCOME, True, 1, Outcome.NOT_COMPARABLE), (INCOME, "5000", 5000, Outcome.NOT_COMPARABLE), (INCOME, float("nan"), 1, Outcome.NOT_COMPARABLE),
        (BORN, MARCH, date(2020, 3, 4), Outcome.WITHIN), (BORN, MARCH, date(2020, 3, 5), Outcome.DIFFERS), (BORN, MARCH, "2020-03-01", Outcome.NOT_COMPARABLE),
        (ILLS, frozenset("ab"), frozenset("ba"), Outcome.EQUAL), (ILLS, frozenset("ab"), frozenset("a"), Outcome.DIFFERS), (ILLS, frozenset(), frozenset(), Outcome.EQUAL),
    ],
)  # fmt: skip
def test_typed_values(fact: Fact, first: Value, again: Value, outcome: Outcome) -> None:
    assert alike(fact, first, again) is outcome
    assert alike(fact, again, first) is outcome


def seen(fact: Fact, first: Value, again: Value, *changes: Change, household: int = 1) -> Outcome:
    return compare(household, fact, first, again, first_day=MARCH, again_day=MAY, changes=changes).outcome


def test_what_changed_in_between_with_evidence_is_no_error() -> None:
    repaired = Change(APRIL, "B", "works/17")
    found = compare(1, ROOF, "A", "B", first_day=MARCH, again_day=MAY, changes=[repaired])
    assert (found.outcome, found.evidence, found.weight) == (Outcome.CHANGED, "works/17", Weight.NOTE)
    assert seen(ROOF, None, "B", repaired) is Outcome.CHANGED


@pytest.mark.parametrize(
    "changes",
    [
        (Change(MARCH, "B", "works/17"),),  # before the first visit told its own
        (Change(date(2020, 5, 2), "B", "works/17"),),  # after the re-visit
        (Change(APRIL, "B", ""),),  # nothing proves it
        (Change(APRIL, "C", "works/17"),),  # to something else
        (Change(APRIL, "B", "works/17"), Change(date(2020, 4, 9), "A", "works/18")),  # and back
        (),
    ],
)
def test_a_change_that_does_not_explain_a_difference(changes: tuple[Change, ...]) -> None:
    assert seen(ROOF, "A", "B", *changes) is Outcome.DIFFERS


def test_households_come_to_their_gravest_difference() -> None:
    compared = [
        compare(h, fact, first, again, first_day=MARCH, again_day=MAY)
        for h, fact, first, again in (
            (4, WATER, None, True), (1, WATER, True, True), (1, ROOF, "A", "A"), (2, WATER, True, True), (2, ROOF, "A", None), (3, WATER, True, False), (3, ROOF, "A", "B"),
        )
    ]  # fmt: skip
    states = {s.household: s.state for s in summarise(compared)}
    assert list(states.items()) == [(1, State.CLEAN), (2, State.MINOR), (3, State.SERIOUS), (4, State.UNKNOWN)]
    rates = by_fact(compared, 0.95)
    assert [r.fact.key for r in rates] == ["roof", "water"]
    assert (rates[0].differing.bad, rates[0].differing.seen) == (1, 2)
    assert (rates[1].differing.bad, rates[1].differing.seen) == (1, 3)
    assert rates[1].outcomes[Outcome.ONE_MISSING] == 1
    assert rates[1].differing.exact


def test_a_change_is_neither_compared_nor_unknown() -> None:
    changed = compare(1, ROOF, "A", "B", first_day=MARCH, again_day=MAY, changes=[Change(APRIL, "B", "e")])
    assert summarise([changed])[0].state is State.CLEAN
    assert by_fact([changed], 0.95)[0].differing.estimate is None
