"""Cursors, and paging over rows in both directions."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.accounts.models import User
from bangfu.kit.keyset import Order, decode, encode, slice_of, values_of


@given(
    st.lists(
        st.one_of(
            st.integers(), st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
        ),
        min_size=1,
        max_size=5,
    )
)
def test_a_cursor_gives_its_values_back(values: list[int | str]) -> None:
    raw = encode(values)
    if len(raw) <= 600:
        assert decode(raw, len(values)) == values


@given(st.text(max_size=100), st.integers(1, 4))
def test_anything_else_is_no_cursor_and_no_error(raw: str, length: int) -> None:
    values = decode(raw, length)
    assert values is None or len(values) == length


@pytest.mark.parametrize("raw", ["", "e30", "W10", "WzEuNV0", "W251bGxd", "WyJcdTAwMDAiXQ", "x" * 601, "[1]", "WzE"])
def test_these_are_no_cursors(raw: str) -> None:
    assert decode(raw, 1) is None


def test_a_day_is_written_as_a_day() -> None:
    assert decode(encode([date(2020, 4, 28), "cn/1/", 7]), 3) == ["2020-04-28", "cn/1/", 7]


def test_a_null_cannot_be_paged_by() -> None:
    with pytest.raises(ValueError, match="cannot be paged by name"):
        values_of({"name": None, "id": 1}, Order(("name", "id")))


def _names(rows: list[Any]) -> list[str]:
    return [row.username for row in rows]


@pytest.mark.django_db
@pytest.mark.parametrize("falling", [False, True])
def test_pages_follow_each_other_and_lead_back(falling: bool) -> None:
    User.objects.bulk_create(User(username=f"keyset-{n:02d}", name=f"甲{n % 3}") for n in range(11))
    rows = User.objects.filter(username__startswith="keyset-")
    order = Order(("name", "id"), falling)
    expected = _names(list(rows.order_by(*(f"-{n}" if falling else n for n in order.names))))

    forward, piece = [], slice_of(rows, order, size=4)
    assert piece.previous is None
    pages = [piece]
    while piece.next:
        piece = slice_of(rows, order, size=4, after=piece.next)
        pages.append(piece)
    for page in pages:
        forward += _names(page.rows)
    assert forward == expected
    assert [len(p.rows) for p in pages] == [4, 4, 3]

    back = slice_of(rows, order, size=4, before=pages[-1].previous or "")
    assert _names(back.rows) == _names(pages[1].rows)
    first = slice_of(rows, order, size=4, before=back.previous or "")
    assert _names(first.rows) == _names(pages[0].rows)
    assert first.previous is None
    assert first.next is not None


@pytest.mark.django_db
@pytest.mark.parametrize("after", ["nonsense", encode(["甲", "not a number"]), encode(["甲", 2**70]), encode([1, 2, 3])])
def test_a_bad_place_gives_the_first_page_and_says_so(after: str) -> None:
    User.objects.create(username="keyset-1", name="甲")
    piece = slice_of(User.objects.filter(username__startswith="keyset-"), Order(("name", "id")), size=4, after=after)
    assert piece.lost
    assert piece.previous is None
    assert "keyset-1" in _names(piece.rows)


def test_the_comparison_is_of_whole_rows() -> None:
    from django.db.models import Value

    from bangfu.kit.keyset import RowCompare

    sql, params = User.objects.filter(RowCompare(("name", "id"), ">", [Value("甲"), Value(3)])).query.sql_with_params()
    assert '("accounts_user"."name", "accounts_user"."id") > (%s, %s)' in sql
    assert params == ("甲", 3)
