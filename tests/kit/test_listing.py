"""The list engine without a database: what an address means, and what addresses a list gives out."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from bangfu.foundation.say import Text
from bangfu.kit.keyset import Order
from bangfu.kit.listing import Area, Choice, Column, Contains, Listing, Option, Search, State

KINDS = [Option("ordinary", Text("普通农户", "ordinary")), Option("registered", Text("建档立卡户", "registered"))]


def same(rows: Any, value: str) -> Any:
    return rows


LISTING = Listing(
    columns=[
        Column("head", Text("户主", "Head"), sort=("head_name",), fixed=True),
        Column("kind", Text("类型", "Kind"), sort=("kind",)),
        Column("members", Text("人口", "Members"), sort=("members",), first="-", kind="number"),
        Column("visited", Text("最近到户", "Last visit"), shown=False),
    ],
    filters=[
        Choice("kind", Text("类型", "Kind"), same, KINDS),
        Choice("group", Text("组", "Group"), same),
        Contains("number", Text("户编号", "Number"), same),
        Area(),
    ],
    search=Search(Text("姓名", "Name"), same),
    keep=("as_of",),
)
OPTIONS = {"group": [Option("3", "3组")], "area": [Option("cn/1/02/", "云坪镇")]}


def read(address: str) -> State:
    return LISTING.read(QueryDict(address, encoding="utf-8"), options=OPTIONS)


def test_an_empty_address_is_the_first_page_in_the_list_s_own_order() -> None:
    state = read("")
    assert (state.words, state.filters, state.sort, state.size, state.notices) == ("", {}, "", 50, ())
    assert LISTING.ordering(state) == Order(("path", "key", "id"))
    assert state.address() == "?"


def test_an_address_is_read_and_given_back() -> None:
    address = "?as_of=2020-03-01&q=%E5%AE%88%E7%94%B0&kind=registered&group=3&area=cn%2F1%2F02%2F&sort=-members&cols=visited&size=100&after=abc"
    state = read(address[1:])
    assert state.notices == ()
    assert state.columns == ("visited",)
    assert state.address() == address


def test_what_the_list_does_not_have_is_left_out_and_said() -> None:
    state = read("kind=rich&sort=wealth&size=7&cols=secret&area=cn/9/&sort2=x")
    assert [notice.number for notice in state.notices] == ["BF-2001", "BF-2001", "BF-2002", "BF-2001", "BF-2002"]
    assert state.address() == "?"


def test_a_column_that_cannot_be_sorted_by_is_refused() -> None:
    assert [n.number for n in read("sort=visited").notices] == ["BF-2002"]


def test_a_falling_sort_turns_every_name_of_the_order() -> None:
    assert LISTING.ordering(read("sort=-members")) == Order(("members", "path", "key", "id"), falling=True)


def test_a_change_goes_back_to_the_first_page() -> None:
    state = read("kind=registered&after=abc")
    assert state.with_(sort="kind").address() == "?kind=registered&sort=kind"


def test_heads_sort_the_first_way_their_column_says_and_then_the_other() -> None:
    fresh = {head.column.key: head for head in LISTING.show([], read("")).heads}
    assert fresh["members"].url == "?sort=-members"
    assert fresh["kind"].url == "?sort=kind"
    sorted_ = {head.column.key: head for head in LISTING.show([], read("sort=-members")).heads}
    assert (sorted_["members"].url, sorted_["members"].sorted) == ("?sort=members", "descending")


def test_a_chip_takes_its_own_filter_away() -> None:
    chips = LISTING.show([], read("q=x&kind=registered&number=52")).chips
    assert [str(chip.value) for chip in chips] == ["x", str(KINDS[1].title), "52"]
    assert [chip.url for chip in chips] == ["?kind=registered&number=52", "?q=x&number=52", "?q=x&kind=registered"]


def test_the_columns_that_are_there_anyway_are_not_written_into_the_address() -> None:
    assert read("cols=kind&cols=members").columns == ()
    assert read("cols=members").columns == ("members",)


def test_fixed_columns_stay() -> None:
    page = LISTING.show([], read("cols=visited"))
    assert [c.key for c in page.columns] == ["head", "visited"]


def test_cells_come_from_attributes_dicts_and_functions() -> None:
    listing = Listing([Column("name", "n"), Column("twice", "t", lambda row: row["size"] * 2)])
    page = listing.show([{"name": "冉守田", "size": 3}], State(), row_url=lambda row: f"/{row['name']}")
    assert [cell.value for cell in page.rows[0].cells] == ["冉守田", 6]
    assert page.rows[0].url == "/冉守田"


@pytest.mark.parametrize("key", ["q", "sort", "after"])
def test_a_filter_cannot_take_a_name_of_the_list_itself(key: str) -> None:
    with pytest.raises(ValueError, match="must differ"):
        Listing([Column("name", "n")], [Contains(key, "x", same)])


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=20))
def test_reading_what_was_given_out_changes_nothing(words: str, number: str, kind: str) -> None:
    asked = QueryDict(mutable=True, encoding="utf-8")
    asked.update({"q": words, "number": number, "kind": kind, "sort": "-kind"})
    once = LISTING.read(asked, options=OPTIONS)
    again = read(once.address()[1:])
    assert (again.words, again.filters, again.sort, again.notices) == (once.words, once.filters, once.sort, ())


def test_every_order_is_a_choice_where_no_heads_are_shown() -> None:
    """The heads of a table are not shown on a phone: the same orders are in a choice, the list's own first."""
    listing = Listing(columns=[Column("name", "Name", sort=("name",), shown=False), Column("x", "X")])
    state = listing.read(QueryDict("sort=-name"))
    page = listing.show([], state)
    assert [o.key for o in page.sorts] == ["", "name", "-name"]
    assert page.state.sort == "-name"
    assert [o.key for o in Listing(columns=listing.columns, sort="-name").show([], state).sorts] == ["", "name"]
