"""What becomes of a value beside the one that its worker had and the one that the register has."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.fieldwork.merging import CHOOSE, STAY, TAKE, Held, merged

DAY, BEFORE, LATER = date(2020, 4, 20), date(2020, 4, 10), date(2020, 4, 25)


@pytest.mark.parametrize(
    ("base", "held", "held_on", "told", "outcome"),
    [
        ("A", "A", BEFORE, "B", TAKE),  # only the worker changed it
        ("A", "B", BEFORE, "A", STAY),  # only somebody else did
        ("A", "B", BEFORE, "B", STAY),  # both said the same
        ("A", "B", BEFORE, "C", CHOOSE),
        ("A", "A", LATER, "B", CHOOSE),  # what is known of a later day is not written over by an earlier one
        ("A", "A", DAY, "B", TAKE),  # a correction on the day itself
        (None, "B", BEFORE, "C", CHOOSE),  # the worker knew nothing, somebody else said so meanwhile
        (None, None, None, "C", TAKE),
        ("A", "A", LATER, "A", STAY),
    ],
)
def test_every_case_of_the_table(base: str | None, held: str | None, held_on: date | None, told: str, outcome: str) -> None:
    assert merged(told, Held(held, held_on, 7, base), DAY) == outcome


def test_a_correction_writes_over_what_its_own_submission_said() -> None:
    held = Held("B", DAY, 7, "A")
    assert merged("C", held, DAY) == CHOOSE
    assert merged("C", held, DAY, frozenset({7})) == TAKE


values = st.one_of(st.none(), st.sampled_from("ABC"))


@given(values, values, st.sampled_from("ABC"), st.sampled_from([BEFORE, DAY, LATER]))
def test_nothing_that_somebody_else_said_is_written_over(base: str | None, held: str | None, told: str, held_on: date) -> None:
    outcome = merged(told, Held(held, held_on if held else None, 7 if held else None, base), DAY)
    if held is not None and held not in (base, told):
        assert outcome != TAKE
    if outcome == STAY:
        assert told in (held, base)
