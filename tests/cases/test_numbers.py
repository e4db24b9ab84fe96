"""The numbers by which people call cases, decisions, meetings and notices."""

import pytest

from bangfu.cases.numbers import CASE, DECISION, MEETING, NOTICE, key_in, number_of_key


@pytest.mark.parametrize("letter", [CASE, DECISION, MEETING, NOTICE])
@pytest.mark.parametrize("key", [1, 999_999, 1_234_567])
def test_a_number_has_its_key(letter: str, key: int) -> None:
    number = number_of_key(letter, 2020, key)
    assert key_in(number, letter) == key
    assert [other for other in (CASE, DECISION, MEETING, NOTICE) if key_in(number, other) is not None] == [letter]


@pytest.mark.parametrize(
    "number", ["", "-", "D", "D2020", "D2020-", "D2020-1", "D2020-00012x", "D20-000123", "D٢٠٢٠-000123", "D2020-٠٠٠١٢٣", "DD2020-000123", "d2020-000123", "D2020-" + "9" * 19]
)  # fmt: skip
def test_what_is_no_number_has_none(number: str) -> None:
    assert key_in(number, DECISION) is None
