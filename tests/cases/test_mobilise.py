"""Which hands to move where: the optimum against every other plan where they are few, and the laws of every plan."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bangfu.cases.forecast import History, forecast
from bangfu.cases.mobilise import (
    ELSEWHERE,
    LITTLE,
    NO_DAYS,
    NO_HANDS,
    NO_HISTORY,
    NOT_BY_HANDS,
    TOO_MANY,
    Limits,
    Mobilisation,
    Posts,
    chances,
    greedy,
    mobilise,
)

DAYS = 10
NONE = Limits(share=1, least=0)  # no limits but the target


@dataclass(frozen=True)
class Post:
    """A post where each hand closes one case a day, so that it needs a hand for each ten cases that are open."""

    backlog: int
    hands: int
    staying: int = 0
    paced: bool = True
    days: int = DAYS


def posts(*told: Post) -> Posts:
    n = len(told)
    return Posts(
        History(
            tuple(f"p{i}" for i in range(n)), np.zeros((n, 20), int),
            np.array([[int(post.paced)] * 20 for post in told]), np.array([post.backlog for post in told]),
        ),
        np.array([post.hands for post in told]), np.array([post.staying for post in told]),
        np.ones(n, int), np.array([post.days for post in told]),
    )  # fmt: skip


def line(*places: int, reach: int = 1000) -> np.ndarray:
    """Metres between places on a line; farther than `reach` nobody is sent."""
    ways = np.abs(np.subtract.outer(places, places))
    return np.where(ways <= reach, ways, -1)


def moved(plan: Mobilisation) -> dict[tuple[int, int], int]:
    return {(one.giver, move.taker): one.hands for move in plan.moves for one in move.sent}


def unsure(n: int, seed: int, days: int = 21) -> Posts:
    """Posts with two to four hands whose days differ. All that was opened in the past is open still, and more."""
    rng = np.random.default_rng(seed)
    hands = rng.integers(2, 5, n)
    closed = rng.poisson(0.4 * hands[:, None], (n, 42))
    opened = rng.poisson(0.2, (n, 42))
    backlog = opened.sum(axis=1) + rng.integers(5, 25, n)
    return Posts(
        History(tuple(f"u{i}" for i in range(n)), opened, closed, backlog), hands, np.zeros(n, int), hands, np.full(n, days)
    )


# --- step one: the probability with so many hands


@pytest.mark.parametrize("seed", range(3))
def test_the_probability_with_the_hands_that_made_the_past_is_the_forecast(seed: int) -> None:
    some = unsure(5, seed)
    told = chances(some, 0.8)
    here = told.by_hands[np.arange(5), some.hands]
    np.testing.assert_array_equal(here, forecast(some.history, 21).probability)
    assert ((here > 0) & (here < 1)).any()


@pytest.mark.parametrize("hands", range(7))
def test_with_other_hands_it_is_the_forecast_of_a_post_that_closes_in_proportion(hands: int) -> None:
    """h hands close h / w of what w closed: the same as w times the cases and h times the closings."""
    some = unsure(5, 7)
    past, w = some.history, some.worked
    scaled = History(past.keys, past.opened * w[:, None], past.closed * hands, past.backlog * w)
    expected = forecast(scaled, 21).probability
    np.testing.assert_array_equal(chances(some, 0.8).by_hands[:, hands], np.nan_to_num(expected))


def test_the_fewest_hands_that_reach_the_target() -> None:
    told = chances(posts(Post(40, 1), Post(41, 4), Post(0, 3), Post(99, 2)), 0.8)
    assert told.need.tolist() == [4, 5, 0, 10]
    assert told.finishes.tolist() == [False, False, True, False]
    assert chances(posts(Post(40, 1), Post(60, 2)), 0.8).need.tolist() == [-1, -1]  # there are three hands in all


def test_an_end_date_of_its_own_for_each_post() -> None:
    told = chances(posts(Post(12, 9, days=3), Post(12, 9, days=4), Post(12, 9, days=0), Post(0, 9, days=-1)), 0.8)
    assert told.need.tolist() == [4, 3, -1, 0]


def test_more_hands_never_make_it_less_likely_and_a_lower_target_needs_no_more() -> None:
    told = [chances(unsure(6, 3), target) for target in (0.5, 0.95)]
    assert (np.diff(told[0].by_hands, axis=1) >= 0).all()
    assert (told[0].need <= told[1].need).all()
    assert (told[0].need < told[1].need).any()


def test_a_pace_without_closings_or_without_known_hands_is_unknown() -> None:
    some = posts(Post(5, 2, paced=False), Post(5, 2), Post(0, 2, paced=False))
    told = chances(Posts(some.history, some.hands, some.staying, np.array([1, 0, 1]), some.days), 0.8)
    assert told.known.tolist() == [False, False, True]
    assert np.isnan(told.by_hands[:2]).all()
    assert told.need.tolist() == [-1, -1, 0]


# --- step two: who goes where


def test_what_one_post_can_spare_lets_another_finish() -> None:
    plan = mobilise(posts(Post(20, 5), Post(30, 1)), line(0, 700), NONE)
    (move,) = plan.moves
    (one,) = move.sent
    assert (one.giver, move.taker, one.hands, one.metres, move.gain) == (0, 1, 2, 700, 1.0)
    assert (one.before, one.after, move.before, move.after) == (1.0, 1.0, 0.0, 1.0)
    assert plan.hands.tolist() == [3, 3]
    assert (plan.objective, plan.bound, plan.optimal) == ((2, 2, 1400), (2, 2, 1400), True)
    assert (plan.before.tolist(), plan.after.tolist(), plan.unhelped) == ([True, False], [True, True], ())


def test_a_giver_that_finishes_still_does() -> None:
    plan = mobilise(posts(Post(40, 5), Post(30, 1)), line(0, 700), NONE)
    assert plan.moves == ()
    assert plan.unhelped == ((1, TOO_MANY.format(short=2, could=1)),)


def test_a_post_that_does_not_finish_needs_all_it_has() -> None:
    plan = mobilise(posts(Post(500, 9), Post(30, 1)), line(0, 700), NONE)
    assert moved(plan) == {}
    assert plan.unhelped == ((0, NOT_BY_HANDS.format(all=10)), (1, NO_HANDS))


def test_who_may_not_leave_stays() -> None:
    assert moved(mobilise(posts(Post(10, 5, staying=3), Post(30, 1)), line(0, 700), NONE)) == {(0, 1): 2}
    assert moved(mobilise(posts(Post(10, 5, staying=4), Post(30, 1)), line(0, 700), NONE)) == {}
    assert moved(mobilise(posts(Post(0, 2, staying=2), Post(20, 1)), line(0, 700), NONE)) == {}


def test_a_post_gives_no_more_than_its_share() -> None:
    """Nothing is open at the first: it could spare all seven. By default a third may go, two of them."""
    assert moved(mobilise(posts(Post(0, 7), Post(30, 1)), line(0, 700))) == {(0, 1): 2}
    plan = mobilise(posts(Post(0, 7), Post(40, 1)), line(0, 700))
    assert (moved(plan), plan.unhelped) == ({}, ((1, TOO_MANY.format(short=3, could=2)),))
    assert moved(mobilise(posts(Post(0, 7), Post(40, 1)), line(0, 700), Limits(share=0.5))) == {(0, 1): 3}
    assert moved(mobilise(posts(Post(0, 2), Post(20, 1)), line(0, 700))) == {}


def test_what_adds_little_is_left_out() -> None:
    some, ways = unsure(8, 1), line(*range(0, 800, 100))
    every = mobilise(some, ways, Limits(share=1, least=0, target=0.75))
    gains = [move.gain for move in every.moves]
    assert gains == sorted(gains, reverse=True)
    assert every.first(1) == every.moves[:1]
    least = float(np.median(gains))
    few = mobilise(some, ways, Limits(share=1, least=least, target=0.75))
    assert few.moves
    assert all(move.gain >= least for move in few.moves)
    none = mobilise(some, ways, Limits(share=1, least=1.0, target=0.75))
    told = {why.en for _, why in none.unhelped}
    assert none.moves == ()
    assert any(LITTLE.format(gain=round(gain * 100)).en in told for gain in gains)


def test_a_post_of_parts_has_the_probability_of_the_forecast_and_is_not_known_where_a_part_closed_nothing() -> None:
    some = unsure(6, 2)
    parts = ((0, 1), (2, 3), (4, 5))
    whole = Posts(
        some.history, np.array([4, 5, 6]), np.zeros(3, int), np.array([4, 5, 6]), np.full(3, 21), parts, ("a", "b", "c")
    )
    told = chances(whole, 0.8)
    expected = forecast(some.history, 21, parts).probability
    np.testing.assert_array_equal(told.by_hands[np.arange(3), whole.hands], expected)
    past = some.history
    closed = past.closed.copy()
    closed[1] = 0
    still = History(past.keys, past.opened, closed, past.backlog)
    lame = Posts(still, whole.hands, whole.staying, whole.worked, whole.days, parts, whole.keys)
    assert not chances(lame, 0.8).known[0]
    plan = mobilise(lame, line(0, 1, 2), NONE)
    assert dict(plan.unhelped)[0] == NO_HISTORY.format(n=int(past.backlog[1]))
    assert all(0 not in pair for pair in moved(plan))
    lent = History(past.keys, past.opened, closed, past.backlog, np.repeat(np.arange(3), 2))
    told = chances(Posts(lent, whole.hands, whole.staying, whole.worked, whole.days, parts, whole.keys), 0.8)
    assert told.known.all()
    np.testing.assert_array_equal(told.by_hands[np.arange(3), whole.hands], forecast(lent, 21, parts).probability)


def test_more_posts_go_before_fewer_moves_and_fewer_moves_before_shorter_ways() -> None:
    # Two hands that help one post at the far end each, or together the one beside them.
    plan = mobilise(posts(Post(0, 2), Post(30, 1, 1), Post(20, 1, 1), Post(20, 1, 1)), line(0, 1, 900, 950), NONE)
    assert moved(plan) == {(0, 2): 1, (0, 3): 1}
    # The same hands from the nearest.
    plan = mobilise(posts(Post(0, 2), Post(0, 2), Post(30, 2)), line(0, 40, 50), NONE)
    assert (moved(plan), plan.objective) == ({(1, 2): 1}, (3, 1, 10))


def test_who_is_nearest_may_be_needed_elsewhere() -> None:
    """The third can be helped by the first alone, the second by both. By hand the second takes who is nearest, and the third gets nobody."""
    some, ways = posts(Post(0, 1), Post(20, 1), Post(20, 1), Post(0, 1)), line(0, 10, 20, 990, reach=985)
    ways[3, 2] = -1
    ways[3, 1] = 980
    plan = mobilise(some, ways, NONE)
    assert moved(plan) == {(3, 1): 1, (0, 2): 1}
    by_hand = greedy(some, ways, NONE)
    assert (moved(by_hand), by_hand.objective[0]) == ({(0, 1): 1}, 3)


def test_by_hand_the_post_that_lacks_fewest_comes_first_and_hands_come_from_the_nearest() -> None:
    by_hand = greedy(posts(Post(0, 1), Post(30, 1, 1), Post(0, 1), Post(20, 1, 1)), line(0, 20, 40, 50), NONE)
    assert moved(by_hand) == {(2, 3): 1}


def test_limits_in_all_and_per_post() -> None:
    some, ways = posts(Post(0, 6), Post(30, 1, 1), Post(20, 1, 1), Post(20, 1, 1)), line(0, 1, 2, 3)
    assert moved(mobilise(some, ways, NONE)) == {(0, 1): 2, (0, 2): 1, (0, 3): 1}
    in_all = mobilise(some, ways, Limits(share=1, least=0, hands=2))
    assert (moved(in_all), in_all.unhelped) == ({(0, 2): 1, (0, 3): 1}, ((1, ELSEWHERE),))
    each = mobilise(some, ways, Limits(share=1, least=0, per_post=1))
    assert len(each.moves) == 1
    assert each.unhelped[0] == (1, TOO_MANY.format(short=2, could=1))


def test_the_nearest_are_named_first_and_the_gain_is_that_of_the_post() -> None:
    plan = mobilise(posts(Post(0, 1), Post(0, 1), Post(30, 1)), line(0, 40, 50), NONE)
    (move,) = plan.moves
    assert ([one.metres for one in move.sent], move.hands, move.gain) == ([10, 50], 2, 1.0)


def test_why_a_post_is_not_helped() -> None:
    some = posts(
        Post(20, 1), Post(5, 0, paced=False), Post(5, 1, days=0), Post(500, 1, staying=1), Post(40, 1), Post(0, 1), Post(20, 1)
    )
    ways = line(0, 1, 2, 3, 4, 5, 6)
    ways[:, 0] = -1
    plan = mobilise(some, ways, Limits(share=1, least=0, hands=1))
    assert dict(plan.unhelped) == {
        0: NO_HANDS,
        1: NO_HISTORY.format(n=5),
        2: NO_DAYS,
        3: NOT_BY_HANDS.format(all=6),
        4: TOO_MANY.format(short=3, could=1),
    }
    assert plan.after.tolist() == [False] * 5 + [True, True]
    assert "3" in TOO_MANY.format(short=3, could=1).zh


def test_where_the_pace_is_unknown_nothing_is_taken_and_nothing_is_sent() -> None:
    plan = mobilise(posts(Post(5, 9, paced=False), Post(20, 1)), line(0, 1), NONE)
    assert plan.moves == ()
    assert plan.unhelped == ((0, NO_HISTORY.format(n=5)), (1, NO_HANDS))


def test_nothing_to_do_is_proven_too() -> None:
    plan = mobilise(posts(Post(10, 1), Post(0, 1)), line(0, 1), NONE)
    assert (plan.moves, plan.objective, plan.bound, plan.optimal) == ((), (2, 0, 0), (2, 0, 0), True)
    none = np.zeros(0, int)
    nobody = mobilise(Posts(History((), np.zeros((0, 9), int), np.zeros((0, 9), int), none), *[none] * 4), np.zeros((0, 0), int))
    assert (nobody.moves, nobody.objective, nobody.optimal) == ((), (0, 0, 0), True)


def test_what_does_not_fit_together_is_refused() -> None:
    some = posts(Post(1, 1), Post(1, 1))
    with pytest.raises(ValueError, match="metres"):
        mobilise(some, line(0, 1, 2), NONE)
    with pytest.raises(ValueError, match="target"):
        mobilise(some, line(0, 1), Limits(share=1, least=0, target=0))
    with pytest.raises(ValueError, match="by post"):
        Posts(some.history, np.array([1]), some.staying, some.worked, some.days)
    with pytest.raises(ValueError, match="below zero"):
        Posts(some.history, np.array([1, -1]), some.staying, some.worked, some.days)


# --- against every other plan


@dataclass(frozen=True)
class County:
    """A few posts with few hands, ways and limits."""

    told: tuple[Post, ...]
    metres: np.ndarray
    limits: Limits


@st.composite
def counties(draw: Any) -> County:
    post = st.builds(
        Post, st.sampled_from([0, 5, 15, 25, 35, 99]), st.integers(0, 3), st.integers(0, 1), st.sampled_from([True] * 5 + [False])
    )
    told = draw(st.lists(post, min_size=2, max_size=4).filter(lambda some: sum(one.hands for one in some) <= 6))
    n = len(told)
    ways = draw(st.lists(st.sampled_from([-1, 1, 2, 5, 9]), min_size=n * n, max_size=n * n))
    most = st.sampled_from([None, None, 1, 2])
    return County(
        tuple(told), np.array(ways).reshape(n, n), Limits(0.8, draw(most), draw(most), draw(st.sampled_from([1, 0.5, 1 / 3])), 0)
    )


def finishing(told: Sequence[Post], hands: Sequence[int]) -> list[bool]:
    """By arithmetic: ten cases a hand; with nothing closed in the past only what has nothing open."""
    return [post.backlog == 0 or (post.paced and post.backlog <= DAYS * count) for post, count in zip(told, hands, strict=True)]


def lawful(county: County, flows: Counter[tuple[int, int]]) -> list[int] | None:
    """The hands after the moves, None where a plan may not be so."""
    told, limits = county.told, county.limits
    out, into = Counter[int](), Counter[int]()
    for (giver, taker), count in flows.items():
        if county.metres[giver, taker] < 0:
            return None
        out[giver] += count
        into[taker] += count
    most = limits.per_post
    unknown = {i for i, post in enumerate(told) if not post.paced and post.backlog}
    before = finishing(told, [post.hands for post in told])
    if (
        out.keys() & into.keys()
        or (out.keys() | into.keys()) & unknown
        or any(told[i].hands - count < told[i].staying or not before[i] for i, count in out.items())
        or any(count > math.floor(told[i].hands * limits.share + 1e-9) for i, count in out.items())
        or (most is not None and any(count > most for count in (*out.values(), *into.values())))
        or (limits.hands is not None and out.total() > limits.hands)
    ):
        return None
    after = [post.hands - out[i] + into[i] for i, post in enumerate(told)]
    return after if all(then for was, then in zip(before, finishing(told, after), strict=True) if was) else None


def every_plan(county: County) -> Iterator[Counter[tuple[int, int]]]:
    """Each hand stays or goes anywhere."""
    at = [i for i, post in enumerate(county.told) for _ in range(post.hands)]
    for goes in itertools.product(range(len(county.told)), repeat=len(at)):
        yield Counter((i, j) for i, j in zip(at, goes, strict=True) if i != j)


def worth(county: County, flows: Counter[tuple[int, int]], after: list[int]) -> tuple[int, int, int]:
    ways = sum(int(county.metres[pair]) * count for pair, count in flows.items())
    return sum(finishing(county.told, after)), flows.total(), ways


@given(counties())
@settings(max_examples=150, deadline=None)
def test_no_lawful_plan_is_better(county: County) -> None:
    plan = mobilise(posts(*county.told), county.metres, county.limits, paths=5)
    flows = Counter(moved(plan))
    after = lawful(county, flows)
    assert after is not None
    assert plan.optimal
    assert plan.bound == plan.objective == worth(county, flows, after)
    assert plan.after.tolist() == finishing(county.told, after)
    assert {post for post, _ in plan.unhelped} == set(np.flatnonzero(~plan.after).tolist())
    others = ((other, lawful(county, other)) for other in every_plan(county))
    values = [worth(county, other, hands) for other, hands in others if hands is not None]
    assert plan.objective == min(values, key=lambda value: (-value[0], value[1], value[2]))


@given(counties())
@settings(max_examples=100, deadline=None)
def test_by_hand_is_lawful_and_never_better(county: County) -> None:
    by_hand = greedy(posts(*county.told), county.metres, county.limits, paths=5)
    flows = Counter(moved(by_hand))
    after = lawful(county, flows)
    assert after is not None
    assert by_hand.objective == worth(county, flows, after)
    assert (by_hand.bound, by_hand.optimal) == (None, False)
    best = mobilise(posts(*county.told), county.metres, county.limits, paths=5).objective
    assert (-by_hand.objective[0], *by_hand.objective[1:]) >= (-best[0], *best[1:])


@given(counties(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_posts_plays_no_part(county: County, random: Any) -> None:
    order = list(range(len(county.told)))
    random.shuffle(order)
    some = posts(*county.told)
    past = some.history
    other = Posts(
        History(tuple(past.keys[i] for i in order), past.opened[order], past.closed[order], past.backlog[order]),
        some.hands[order], some.staying[order], some.worked[order], some.days[order],
    )  # fmt: skip
    one = mobilise(some, county.metres, county.limits, paths=5)
    two = mobilise(other, county.metres[np.ix_(order, order)], county.limits, paths=5)
    assert two.objective == one.objective
    assert {(order[i], order[j]): count for (i, j), count in moved(two).items()} == moved(one)
    assert [(order[i], reason) for i, reason in two.unhelped] == list(one.unhelped)


@pytest.mark.parametrize("seed", range(4))
def test_plans_of_chance_keep_the_target(seed: int) -> None:
    """What the plan says of a post is what the forecast says of it with its new hands."""
    some = unsure(8, seed)
    plan = mobilise(some, line(*range(0, 800, 100)), Limits(share=1, least=0, target=0.75))
    assert plan.moves
    assert plan.optimal
    assert (plan.after | ~plan.before).all()
    past, w = some.history, some.worked
    told = {move.taker: move.after for move in plan.moves} | {one.giver: one.after for move in plan.moves for one in move.sent}
    assert told
    for post, after in told.items():
        hands = int(plan.hands[post])
        scaled = History(past.keys, past.opened * w[:, None], past.closed * hands, past.backlog * w)
        assert after == np.nan_to_num(forecast(scaled, 21).probability[post])
        assert plan.after[post] == (after >= 0.75)
    for move in plan.moves:
        assert all(plan.after[one.giver] and plan.before[one.giver] for one in move.sent)


def test_the_same_input_gives_the_same_plan() -> None:
    some, ways = unsure(10, 5), line(*range(0, 1000, 100))
    one, two = mobilise(some, ways, NONE), mobilise(some, ways, NONE)
    assert one.moves == two.moves
    assert one.moves


def test_without_effort_the_plan_is_that_by_hand_and_the_bound_is_still_one() -> None:
    some, ways = posts(Post(0, 1), Post(20, 1), Post(20, 1), Post(0, 1)), line(0, 10, 20, 990, reach=985)
    ways[3, 2], ways[3, 1] = -1, 980
    hasty, full = mobilise(some, ways, NONE, effort=0.0), mobilise(some, ways, NONE)
    assert hasty.moves == greedy(some, ways, NONE).moves
    assert not hasty.optimal
    assert full.optimal
    assert hasty.bound is not None
    assert hasty.bound[0] >= full.objective[0] > hasty.objective[0]
