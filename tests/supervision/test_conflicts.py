"""Who examines whom."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.supervision.conflicts import Examined, Examiner, Tie, assign_examiners, tie

VILLAGE = Examined(
    "v1",
    "cn/52/01/",
    attached_units=frozenset({"water"}),
    helpers=frozenset({"li"}),
    helper_units=frozenset({"school"}),
    people=frozenset({"p1"}),
)


@pytest.mark.parametrize(
    ("examiner", "found"),
    [
        (Examiner("wang", frozenset({"audit"}), frozenset({"cn/52/02/03/"})), None),
        (Examiner("wang", frozenset({"audit", "school"})), Tie.SAME_UNIT),
        (Examiner("wang", frozenset({"water"})), Tie.ATTACHED),
        (Examiner("li"), Tie.HELPER),
        (Examiner("zhao"), Tie.KIN),
        (Examiner("chen"), Tie.KIN),  # of the helper
        (Examiner("wang", homes=frozenset({"cn/52/01/07/"})), Tie.OWN_TOWNSHIP),
        (Examiner("wang", homes=frozenset({"cn/52/011/"})), None),
    ],
)
def test_ties(examiner: Examiner, found: Tie | None) -> None:
    kin = frozenset({("zhao", "p1"), ("chen", "li"), ("wang", "p2")})
    assert tie(examiner, VILLAGE, kin, own_township=True) is found
    if found is Tie.OWN_TOWNSHIP:
        assert tie(examiner, VILLAGE, kin) is None


def test_the_work_is_spread_and_then_the_way_is_short() -> None:
    people = [Examiner("a"), Examiner("b")]
    places = [Examined(f"v{i}", f"t{i}/") for i in range(4)]
    ways = {(who, f"v{i}"): (i if who == "a" else 10 * i) for who in "ab" for i in range(4)}
    plan = assign_examiners(people, places, ways=ways)
    assert plan.loads == {"a": 2, "b": 2}
    assert plan.examiners == {"v0": ("b",), "v1": ("b",), "v2": ("a",), "v3": ("a",)}
    assert plan.way == 0 + 10 + 2 + 3
    assert not plan.refused


def test_a_refusal_says_why() -> None:
    nobody = assign_examiners([Examiner("li"), Examiner("wang", frozenset({"school"}))], [VILLAGE])
    assert nobody.examiners == {"v1": ()}
    assert nobody.refused["v1"].zh == "2 名检查人员都须回避：1 人与帮扶责任人同一单位、1 人是本户帮扶责任人"
    assert (
        nobody.refused["v1"].en
        == "none of the 2 examiners is free of ties: 1 of the unit of a helper, 1 a helper of the household"
    )
    few = assign_examiners([Examiner("li"), Examiner("wang")], [VILLAGE], hands=2)
    assert few.examiners == {"v1": ("wang",)}
    assert "只有 1 人" in few.refused["v1"].zh
    full = assign_examiners([Examiner("wang", most=1)], [VILLAGE, Examined("v2", "t/")])
    assert sum(len(keys) for keys in full.examiners.values()) == 1
    assert "已满" in next(iter(full.refused.values())).zh
    assert assign_examiners([], [VILLAGE]).refused["v1"].en == "there are no examiners"


def test_input_that_cannot_be() -> None:
    for people, places, hands, ways in (
        ([Examiner("a"), Examiner("a")], [VILLAGE], 1, None), ([Examiner("a")], [VILLAGE, VILLAGE], 1, None), ([Examiner("a")], [VILLAGE], 0, None),
        ([Examiner("a")], [VILLAGE], 1, {("a", "v1"): -1}),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"twice|one examines|below 0"):
            assign_examiners(people, places, hands=hands, ways=ways)


UNITS = st.frozensets(st.sampled_from("xyz"), max_size=1)


@given(st.lists(UNITS, min_size=1, max_size=3), st.lists(UNITS, min_size=1, max_size=4), st.data())
def test_as_many_as_can_be_as_evenly_as_can_be_as_near_as_can_be(
    units: list[frozenset[str]], attached: list[frozenset[str]], data: st.DataObject
) -> None:
    people = [Examiner(f"e{i}", u) for i, u in enumerate(units)]
    places = [Examined(f"v{i}", f"t{i}/", attached_units=a) for i, a in enumerate(attached)]
    ways = {(e.key, v.key): data.draw(st.integers(0, 9)) for e in people for v in places}
    plan = assign_examiners(people, places, ways=ways)
    best = min(
        (
            sum(c is None for c in chosen),
            sum(sum(c is who for c in chosen) ** 2 for who in people),
            sum(ways[c.key, v.key] for c, v in zip(chosen, places, strict=True) if c is not None),
        )
        for chosen in product([None, *people], repeat=len(places))
        if all(c is None or tie(c, v) is None for c, v in zip(chosen, places, strict=True))
    )
    assert (len(plan.refused), sum(n * n for n in plan.loads.values()), plan.way) == best
    assert assign_examiners(people[::-1], places[::-1], ways=ways) == plan


def test_two_hands_are_two_people() -> None:
    plan = assign_examiners([Examiner(k) for k in "abc"], [Examined(f"v{i}", "t/") for i in range(3)], hands=2)
    assert all(len(set(keys)) == 2 for keys in plan.examiners.values())
    assert set(plan.loads.values()) == {2}
