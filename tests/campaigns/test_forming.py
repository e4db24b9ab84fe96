"""Leaders are shared out by the work that waits, companions over their teams."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from bangfu.campaigns.forming import Leader, Place, form, places_of, shares


def test_seats_follow_the_work_and_nobody_is_left_without() -> None:
    places = [Place("a/", 600.0), Place("b/", 300.0), Place("c/", 1.0), Place("d/", 0.0)]
    assert shares(places, 9) == {"a/": 5, "b/": 3, "c/": 1, "d/": 0}
    assert sum(shares(places, 2).values()) == 2


@example([0.0], 2)
@example([0.0, 0.0, 0.0], 7)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=8), st.integers(0, 60))
def test_all_seats_are_given(minutes: list[float], seats: int) -> None:
    given_ = shares([Place(f"{n}/", m) for n, m in enumerate(minutes)], seats)
    assert sum(given_.values()) == seats
    assert min(given_.values()) >= 0


def test_who_serves_in_a_township_stays_and_the_others_go_where_they_are_attached_or_needed() -> None:
    places = [Place("a/", 500.0), Place("b/", 300.0), Place("c/", 200.0)]
    leaders = [
        Leader(1, "a/"),
        Leader(2, "", ("b/",)),
        Leader(3),
        Leader(4),
        Leader(5, "a/"),
        Leader(6, "", ("a/",)),
        *map(Leader, range(7, 11)),
    ]
    found = places_of(leaders, places)
    assert found[1] == found[5] == found[6] == "a/"
    assert found[2] == "b/"
    assert sorted(found.values()) == ["a/"] * 5 + ["b/"] * 3 + ["c/"] * 2


def test_parties_are_as_many_as_the_companions_fill() -> None:
    places = [Place("a/", 100.0), Place("b/", 100.0)]
    cadres = [(100 + n, "a/001/") for n in range(7)] + [(200, "b/001/"), (201, "b/002/")]
    first, second, third = form([Leader(1, "a/"), Leader(2, "b/"), Leader(3, "b/")], places, cadres, 3)
    assert first.parties == ((100, 101, 102), (103, 104), (105, 106)) or sum(map(len, first.parties)) == 5
    assert len(first.parties) == 3
    assert [len(p) for p in second.parties] == [1]
    assert [len(p) for p in third.parties] == [1]
    assert {second.parties[0][0], third.parties[0][0]} == {200, 201}


def test_a_township_without_cadres_has_leaders_alone() -> None:
    (one,) = form([Leader(1, "a/")], [Place("a/", 10.0)], [], 3)
    assert one.parties == ((),)
