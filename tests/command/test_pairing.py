"""Pairing: the optimum against brute force, the laws that hold of every plan, and proofs that cannot be fooled."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bangfu.command.bench import bench, centres, county
from bangfu.command.pairing import Helpers, Homes, Proposal, Remedies, Weights, explain, propose
from bangfu.command.pairing import plan as planning
from bangfu.command.pairing.classes import classed
from bangfu.command.pairing.greedy import greedy
from bangfu.command.pairing.model import Stated
from bangfu.command.pairing.near import candidates
from bangfu.command.pairing.plan import costs, solve
from bangfu.command.pairing.proof import certify, prices
from bangfu.foundation.say import Text

RANKS = ("county", "section", "general")
NAMES = [Text("县级", "county"), Text("科级", "section"), Text("一般干部", "general")]
NOBODY = np.empty((0, 2), np.int32)


def pairs(*rows: tuple[int, int]) -> np.ndarray:
    return np.array(rows, np.int32).reshape(-1, 2)


def villages(count: int) -> list[Text]:
    return [Text(f"{k}村", f"village {k}") for k in range(count)]


def homes_at(*xs: float, village: list[int] | None = None, wants: list[int] | None = None) -> Homes:
    n = len(xs)
    return Homes(
        np.arange(n) + 100,
        np.array(village or [0] * n, np.int32),
        np.array([(x, 0.0) for x in xs]).reshape(n, 2),
        np.array(wants or [0] * n, np.int32),
    )


def helpers_at(
    *xs: float, target: int = 2, ceiling: int = 6, attached: np.ndarray = NOBODY, profession: list[int] | None = None
) -> Helpers:
    m = len(xs)
    return Helpers(
        np.arange(m) + 500,
        np.full(m, 2, np.int32),
        np.array(profession or [0] * m, np.int32),
        np.array([(x, 0.0) for x in xs]).reshape(m, 2),
        np.full(m, target, np.int32),
        np.full(m, ceiling, np.int32),
        attached,
    )


@st.composite
def cases(draw: st.DrawFn, most: int = 5, alike: bool = False, helpers_most: int = 4) -> dict[str, Any]:
    """Small counties with everything that can happen: unknown places, forbidden and standing pairs, ceilings below targets, nobody.

    `alike`: at two places at most, so that many are equal.
    """
    n, m = draw(st.integers(1, most)), draw(st.integers(1, helpers_most))
    place = st.one_of(st.integers(0, 40).map(lambda k: k * 1000.0), st.just(np.nan))
    if alike:
        place = st.sampled_from(draw(st.lists(place, min_size=1, max_size=2)))
    few = st.integers(0, 3)

    def array(count: int, each: st.SearchStrategy[Any], kind: Any = np.int32) -> np.ndarray:
        return np.array(draw(st.lists(each, min_size=count, max_size=count)), kind)

    def some(left: int, right: int) -> np.ndarray:
        every = list(itertools.product(range(left), range(right)))
        return pairs(*draw(st.lists(st.sampled_from(every), unique=True, max_size=len(every) // 2)))

    homes = Homes(
        np.array(draw(st.permutations(range(10, 10 + n)))),
        array(n, st.integers(0, 0 if alike else 2)),
        array(n, st.tuples(place, st.just(0.0) if alike else place), float).reshape(n, 2),
        array(n, st.integers(0, 1) if alike else few),
    )
    helpers = Helpers(
        np.array(draw(st.permutations(range(50, 50 + m)))), array(m, st.integers(0, 2)),
        array(m, st.sampled_from([0, 1] if alike else [0, 1, 2])), array(m, st.tuples(place, st.just(0.0) if alike else place), float).reshape(m, 2), array(m, few), array(m, few), some(m, 3),
    )  # fmt: skip
    stood = draw(st.lists(st.integers(-1, m - 1), min_size=n, max_size=n))
    weights = Weights(
        attached=draw(st.sampled_from([0, 300])), above_target=draw(st.sampled_from([0, 30])), change=draw(st.sampled_from([0, 50])),
        keep_first=draw(st.booleans()),
    )  # fmt: skip
    return {
        "homes": homes, "helpers": helpers, "standing": pairs(*[(i, j) for i, j in enumerate(stood) if j >= 0]), "forbidden": some(n, m),
        "weights": weights,
    }  # fmt: skip


def by_hand(case: dict[str, Any], helper_of: tuple[int, ...]) -> tuple[int, int, int] | None:
    """(unserved, changed, cost of the rest) of a plan, written once more from the words of the model; None where it is unlawful."""
    homes, helpers, w = case["homes"], case["helpers"], case["weights"]
    forbidden = {tuple(p) for p in case["forbidden"].tolist()}
    standing = {(i, j) for i, j in case["standing"].tolist() if (i, j) not in forbidden}
    stands = dict(standing)
    attached = {tuple(p) for p in helpers.attached.tolist()}
    rest = changed = 0
    for i, j in enumerate(helper_of):
        if j < 0:
            changed += w.keep_first and i in stands
            continue
        if (i, j) in forbidden:
            return None
        way = float(np.sqrt(((homes.xy[i] - helpers.xy[j]) ** 2).sum()))
        rest += w.unknown if np.isnan(way) else round(way / w.metres)
        rest -= w.attached if (j, int(homes.village[i])) in attached else 0
        rest -= w.profession if int(homes.wants[i]) & int(helpers.profession[j]) else 0
        changed += i in stands and stands[i] != j
    for j in range(len(helpers.keys)):
        load, ceiling = helper_of.count(j), int(helpers.ceiling[j])
        if load > ceiling:
            return None
        rest += w.above_target * sum(range(1, max(load - min(int(helpers.target[j]), ceiling), 0) + 1))
    if not w.keep_first:
        rest, changed = rest + w.change * changed, 0
    return helper_of.count(-1), changed, rest


@given(st.one_of(cases(), cases(alike=True)))
@settings(max_examples=250, deadline=None)
def test_no_plan_of_all_plans_is_better(case: dict[str, Any]) -> None:
    found = propose(**case, ranks=RANKS, candidates=1)
    every = itertools.product(range(-1, len(case["helpers"].keys)), repeat=len(case["homes"].keys))
    best = min(rated for plan in every if (rated := by_hand(case, plan)) is not None)
    assert by_hand(case, tuple(found.helper_of.tolist())) == best
    assert found.optimal
    assert found.objective == found.bound == found.costs.total
    assert found.unserved == best[0]


def unmerged(case: dict[str, Any]) -> Proposal:
    """The same over every home and every helper by himself."""
    return propose(**case, ranks=RANKS, complete=False, candidates=len(case["helpers"].keys))


@given(cases(most=14, alike=True, helpers_most=8), st.sampled_from([0, 400_000]))
@settings(max_examples=300, deadline=None)
def test_putting_equals_together_changes_no_cost(case: dict[str, Any], whole: int) -> None:
    with patch.object(planning, "WHOLE", whole):  # 0: pairs of classes come in by rounds
        found = propose(**case, ranks=RANKS, candidates=1)
    every = unmerged(case)
    assert found.optimal
    assert found.objective == found.bound == found.costs.total == every.objective
    assert (found.unserved, found.digest) == (every.unserved, every.digest)
    if case["weights"].keep_first:
        assert found.kept == every.kept


@given(st.one_of(cases(most=9), cases(most=9, alike=True)))
@settings(max_examples=150, deadline=None)
def test_every_plan_is_lawful_and_proven(case: dict[str, Any]) -> None:
    found = propose(**case, ranks=RANKS, candidates=2)
    assert found.optimal
    assert (found.load <= case["helpers"].ceiling).all()
    assert (found.load == np.bincount(found.helper_of[found.helper_of >= 0], minlength=len(found.load))).all()
    forbidden = {tuple(p) for p in case["forbidden"].tolist()}
    assert not forbidden & {(i, int(j)) for i, j in enumerate(found.helper_of)}
    assert found.kept + found.ended == len(case["standing"])
    assert found.kept + found.new + found.unserved == len(case["homes"].keys)
    assert (found.remedy is None) == (found.unserved == 0)


@given(st.one_of(cases(most=9), cases(most=12, alike=True, helpers_most=7)), st.randoms(use_true_random=False))
@settings(max_examples=120, deadline=None)
def test_the_order_of_the_inputs_changes_nothing(case: dict[str, Any], random: Any) -> None:
    found = propose(**case, ranks=RANKS)
    homes, helpers = case["homes"], case["helpers"]
    p, q = (np.array(random.sample(range(len(side.keys)), len(side.keys))) for side in (homes, helpers))
    back_p, back_q = np.argsort(p).astype(np.int32), np.argsort(q).astype(np.int32)

    def moved(rows: np.ndarray) -> np.ndarray:
        rows = np.stack([back_p[rows[:, 0]], back_q[rows[:, 1]]], axis=1)
        return rows[random.sample(range(len(rows)), len(rows))]

    other = propose(
        Homes(homes.keys[p], homes.village[p], homes.xy[p], homes.wants[p]),
        Helpers(
            helpers.keys[q], helpers.rank[q], helpers.profession[q], helpers.xy[q], helpers.target[q], helpers.ceiling[q],
            np.stack([back_q[helpers.attached[:, 0]], helpers.attached[:, 1]], axis=1),
        ),
        standing=moved(case["standing"]), forbidden=moved(case["forbidden"]), weights=case["weights"], ranks=RANKS,
    )  # fmt: skip
    assert other.digest == found.digest

    def named(of: np.ndarray, home_keys: np.ndarray, helper_keys: np.ndarray) -> dict[int, int]:
        return {int(k): int(helper_keys[j]) if j >= 0 else -1 for k, j in zip(home_keys, of, strict=True)}

    assert named(other.helper_of, homes.keys[p], helpers.keys[q]) == named(found.helper_of, homes.keys, helpers.keys)


@given(cases(), st.data())
@settings(max_examples=100, deadline=None)
def test_a_plan_that_is_not_the_best_finds_no_proof(case: dict[str, Any], data: st.DataObject) -> None:
    stated = Stated(case["homes"], case["helpers"], case["standing"], case["forbidden"], case["weights"])
    solved = solve(stated, 20)
    plan = solved.plan.copy()
    plan[data.draw(st.integers(0, stated.n - 1))] = data.draw(st.integers(0, stated.m))
    arcs = candidates(stated, stated.m, np.zeros(stated.m, np.int64))
    price, content = prices(stated, arcs, plan)
    for tried in (price, solved.price):
        certificate = certify(stated, plan, tried)
        assert certificate.bound <= solved.certificate.objective  # a bound, whatever the prices
        equal = certificate.lawful and certificate.objective == solved.certificate.objective
        assert equal or not certificate.optimal
        assert equal or not content or not certificate.lawful


def test_the_digest_tells_of_every_input() -> None:
    case: dict[str, Any] = {"homes": homes_at(0, 900), "helpers": helpers_at(0, 1000), "ranks": RANKS}
    said = {propose(**case).digest}
    for other in (
        {"homes": homes_at(0, 901)}, {"helpers": helpers_at(0, 1000, ceiling=5)}, {"standing": pairs((0, 1))}, {"forbidden": pairs((0, 1))},
        {"weights": Weights(change=51)},
    ):  # fmt: skip
        said.add(propose(**case | other).digest)
    assert len(said) == 6


def test_nothing_changes_while_standing_pairs_are_lawful_though_others_are_nearer() -> None:
    homes, helpers = homes_at(0, 10_000), helpers_at(0, 10_000)
    crossed = pairs((0, 1), (1, 0))
    kept = propose(homes, helpers, standing=crossed, ranks=RANKS)
    assert (kept.helper_of.tolist(), kept.kept, kept.new, kept.ended) == ([1, 0], 2, 0, 0)
    # Weighed, ten kilometres are worth a change of fifty units and not one of a hundred and one.
    assert propose(homes, helpers, standing=crossed, weights=Weights(keep_first=False), ranks=RANKS).helper_of.tolist() == [0, 1]
    dear = Weights(keep_first=False, change=101)
    assert propose(homes, helpers, standing=crossed, weights=dear, ranks=RANKS).kept == 2


def test_a_standing_pair_gives_way_where_more_are_served() -> None:
    # The second home may only have the helper who stands by the first.
    found = propose(
        homes_at(0, 0), helpers_at(0, 0, target=1, ceiling=1), standing=pairs((0, 0)), forbidden=pairs((1, 1)), ranks=RANKS
    )
    assert (found.helper_of.tolist(), found.kept, found.new, found.ended, found.unserved) == ([1, 0], 0, 2, 1, 0)


def test_where_helpers_lack_a_home_without_one_takes_none_from_another() -> None:
    # The second home is nearer; the first has had the helper so far.
    few = helpers_at(0, target=1, ceiling=1)
    found = propose(homes_at(30_000, 0), few, standing=pairs((0, 0)), ranks=RANKS)
    assert (found.helper_of.tolist(), found.kept, found.unserved, found.optimal) == ([0, -1], 1, 1, True)
    weighed = propose(homes_at(30_000, 0), few, standing=pairs((0, 0)), weights=Weights(keep_first=False), ranks=RANKS)
    assert (weighed.helper_of.tolist(), weighed.costs.change) == ([-1, 0], 0)


def test_a_forbidden_standing_pair_ends() -> None:
    found = propose(homes_at(0), helpers_at(0, 5000), standing=pairs((0, 0)), forbidden=pairs((0, 0)), ranks=RANKS)
    assert (found.helper_of.tolist(), found.ended, found.costs.change) == ([1], 1, 0)


def test_attached_village_profession_and_target_weigh_in_that_order() -> None:
    far = helpers_at(0, 25_000, attached=pairs((1, 0)))
    assert propose(homes_at(0), far, ranks=RANKS).helper_of.tolist() == [1]
    teacher = helpers_at(0, 4_000, profession=[0, 1])
    assert propose(homes_at(0, wants=[1]), teacher, ranks=RANKS).helper_of.tolist() == [1]
    assert propose(homes_at(0, wants=[2]), teacher, ranks=RANKS).helper_of.tolist() == [0]
    # The third home, beyond a target of two, costs as much as 25 kilometres of way.
    near = helpers_at(0, 24_000)
    assert propose(homes_at(0, 0, 0), near, ranks=RANKS).load.tolist() == [2, 1]
    further = helpers_at(0, 26_000)
    assert propose(homes_at(0, 0, 0), further, ranks=RANKS).load.tolist() == [3, 0]


def standing_of(found: Proposal) -> np.ndarray:
    there = np.flatnonzero(found.helper_of >= 0)
    return np.stack([there, found.helper_of[there]], axis=1).astype(np.int32)


def test_after_fifty_helpers_leave_only_their_homes_change() -> None:
    homes, helpers = county(0.3)
    first = propose(homes, helpers, ranks=RANKS)
    assert (first.optimal, first.unserved) == (True, 0)
    left = np.isin(np.arange(len(helpers.keys)), np.random.default_rng(7).choice(len(helpers.keys), 50, replace=False))
    stood = standing_of(first)
    stay = stood[~left[stood[:, 1]]]
    again = propose(
        homes, replace(helpers, ceiling=np.where(left, 0, helpers.ceiling).astype(np.int32)), standing=stay, ranks=RANKS
    )
    assert (again.optimal, again.unserved, again.ended) == (True, 0, 0)
    changed = np.flatnonzero(again.helper_of != first.helper_of)
    assert set(changed.tolist()) == set(np.flatnonzero(left[first.helper_of]).tolist())
    assert again.new == len(changed) > 50


def forbidden_some(homes: Homes, helpers: Helpers, count: int) -> np.ndarray:
    r = np.random.default_rng(11)
    drawn = np.stack([r.integers(0, len(homes.keys), count), r.integers(0, len(helpers.keys), count)], axis=1)
    return np.unique(drawn, axis=0).astype(np.int32)


@pytest.mark.parametrize("keep_first", [True, False])
@pytest.mark.parametrize("whole", [0, 400_000])
def test_a_county_of_centres_costs_what_it_costs_home_by_home(keep_first: bool, whole: int) -> None:
    homes, helpers = centres(0.05)
    weights = Weights(keep_first=keep_first)
    first = propose(homes, replace(helpers, ceiling=np.where(helpers.profession > 0, 0, helpers.ceiling)), ranks=RANKS)
    stood = standing_of(first)
    # A tenth of the standing pairs and others at random are forbidden.
    forbidden = np.unique(np.concatenate([stood[::10], forbidden_some(homes, helpers, 200)]), axis=0)
    case = {"homes": homes, "helpers": helpers, "standing": stood, "forbidden": forbidden, "weights": weights}
    with patch.object(planning, "WHOLE", whole):
        found = propose(**case, ranks=RANKS)
    classes = classed(Stated(homes, helpers, stood, forbidden, weights), np.zeros(len(helpers.keys), bool))
    assert classes.model.n < len(homes.keys) * 2 / 3
    assert classes.model.m < len(helpers.keys)
    assert found.optimal
    assert found.objective == unmerged(case).objective
    assert not {tuple(p) for p in forbidden.tolist()} & set(enumerate(found.helper_of.tolist()))
    assert (found.kept > 0, found.new > 0) == (True, True)


def test_in_a_county_of_centres_only_the_homes_of_those_who_left_change() -> None:
    homes, helpers = centres(0.3)
    first = propose(homes, helpers, ranks=RANKS)
    left = np.isin(np.arange(len(helpers.keys)), np.random.default_rng(7).choice(len(helpers.keys), 50, replace=False))
    stood = standing_of(first)
    stay = stood[~left[stood[:, 1]]]
    again = propose(
        homes, replace(helpers, ceiling=np.where(left, 0, helpers.ceiling).astype(np.int32)), standing=stay, ranks=RANKS
    )
    assert (first.optimal, again.optimal, again.unserved, again.ended) == (True, True, 0, 0)
    changed = np.flatnonzero(again.helper_of != first.helper_of)
    assert set(changed.tolist()) == set(np.flatnonzero(left[first.helper_of]).tolist())
    assert again.new == len(changed) > 50


def test_too_few_in_a_county_of_centres_and_what_would_help() -> None:
    homes, helpers = centres(0.2)
    few = replace(helpers, ceiling=np.ones(len(helpers.keys), np.int32))
    stood = standing_of(propose(homes, helpers, ranks=RANKS))
    found = propose(homes, few, standing=stood, ranks=RANKS, remedies=Remedies(exceptions=1, exception=2, carries=(4, 3, 2)))
    lacking = len(homes.keys) - len(helpers.keys)
    assert (found.optimal, found.unserved, found.load.tolist()) == (True, lacking, [1] * len(helpers.keys))
    assert found.remedy is not None
    assert sum(s.lacking for s in found.remedy.shortages) == lacking
    # All of one more home each would be dearer than general cadres, who carry two for three.
    assert found.remedy.recruits == (0, 0, lacking // 2)
    assert (len(found.remedy.raised), found.remedy.price) == (lacking % 2, lacking // 2 * 3 + lacking % 2 * 2)


def test_the_bench_plans_both_kinds_of_county() -> None:
    detail = bench(0.02)["detail"]
    scattered, centred = detail["scattered"], detail["centred"]
    assert (scattered["places_of_homes"], scattered["places_of_helpers"]) == (scattered["homes"], scattered["helpers"])
    assert centred["places_of_homes"] < centred["homes"]
    assert centred["places_of_helpers"] < centred["helpers"]
    plans = (scattered, centred, scattered["after_50_left"], centred["after_50_left"], centred["renewed"], centred["short"])
    assert all(plan["optimal"] for plan in plans)
    assert [plan["unserved"] > 0 for plan in plans] == [False] * 5 + [True]


@pytest.mark.parametrize(("homes", "loads"), [(5, [1, 2, 2]), (6, [2, 2, 2]), (7, [2, 2, 3]), (9, [3, 3, 3]), (19, [6, 6, 6])])
def test_equal_helpers_get_even_loads(homes: int, loads: list[int]) -> None:
    found = propose(homes_at(*[0] * homes), helpers_at(1000, 1000, 1000), ranks=RANKS)
    assert sorted(found.load.tolist()) == loads
    assert found.unserved == max(homes - 18, 0)


def test_homes_of_one_place_go_to_one_helper_where_it_costs_nothing() -> None:
    found = propose(homes_at(0, 8_000, 0, 8_000), helpers_at(4_000, 4_000), ranks=RANKS)
    assert found.helper_of.tolist() in ([0, 1, 0, 1], [1, 0, 1, 0])


def test_equal_helpers_of_whom_one_is_forbidden_to_all() -> None:
    # As a kind the two could take both homes; only one of them may.
    found = propose(homes_at(0, 0), helpers_at(0, 0, target=1, ceiling=1), forbidden=pairs((0, 0), (1, 0)), ranks=RANKS)
    assert (found.load.tolist(), found.unserved, found.optimal) == ([0, 1], 1, True)
    # Each may have the other's: dealt out anew.
    crossed = propose(homes_at(0, 0), helpers_at(0, 0, target=1, ceiling=1), forbidden=pairs((0, 0), (1, 1)), ranks=RANKS)
    assert (crossed.helper_of.tolist(), crossed.optimal) == ([1, 0], True)


def test_a_search_that_is_cut_short_says_that_nothing_is_proven() -> None:
    homes, helpers = county(0.1)
    best = propose(homes, helpers, candidates=1, ranks=RANKS)
    with patch.object(planning, "ROUNDS", 1):
        found = propose(homes, helpers, candidates=1, ranks=RANKS)
    assert (best.optimal, found.optimal, found.rounds) == (True, False, 1)
    assert found.bound <= best.objective < found.objective


def test_a_county_is_proven_over_all_pairs_and_dearer_with_candidates_alone() -> None:
    homes, helpers = county(0.1)
    found = propose(homes, helpers, candidates=3, ranks=RANKS)
    narrow = propose(homes, helpers, candidates=3, complete=False, ranks=RANKS)
    every = propose(homes, helpers, candidates=len(helpers.keys), complete=False, ranks=RANKS)
    assert found.optimal
    assert found.objective == every.objective == every.bound
    assert narrow.objective > found.objective
    assert narrow.optimal
    assert not narrow.complete
    assert any("candidates" in text.en for text in narrow.leaves_out)


def test_by_hand_is_never_better() -> None:
    homes, helpers = county(0.05)
    stated = Stated(homes, helpers, NOBODY, NOBODY, Weights())
    plan = greedy(stated)
    assert (np.bincount(plan, minlength=stated.m)[: stated.m] <= stated.ceiling).all()
    found = propose(homes, helpers, ranks=RANKS)
    assert costs(stated, plan).total == certify(stated, plan, np.zeros(stated.m, np.int64)).objective
    assert found.objective < costs(stated, plan).total


@given(cases(most=9), st.integers(0, 2))
@settings(max_examples=100, deadline=None)
def test_the_remedy_makes_the_county_feasible(case: dict[str, Any], exceptions: int) -> None:
    found = propose(**case, ranks=RANKS, remedies=Remedies(exceptions=exceptions, carries=(4, 3, 2), prices=(15, 8, 3)))
    if found.remedy is None:
        return
    homes, helpers = case["homes"], case["helpers"]
    assert sum(s.lacking for s in found.remedy.shortages) == found.unserved
    lacks = np.bincount(homes.village[found.helper_of < 0], minlength=3)
    assert all(lacks[s.village] == s.lacking for s in found.remedy.shortages)
    ceiling = helpers.ceiling.copy()
    for helper, more in found.remedy.raised:
        assert 0 < more <= exceptions
        ceiling[helper] += more
    fresh = [(rank, s.village) for s in found.remedy.shortages for rank, k in enumerate(s.recruits) for _ in range(k)]
    assert np.bincount([rank for rank, _ in fresh], minlength=3).tolist() == list(found.remedy.recruits)
    carries = np.array([found.remedy.carries[rank] for rank, _ in fresh], np.int32)
    k = len(fresh)
    stronger = Helpers(
        np.concatenate([helpers.keys, 1000 + np.arange(k)]),
        np.concatenate([helpers.rank, np.array([rank for rank, _ in fresh], np.int32)]),
        np.concatenate([helpers.profession, np.zeros(k, np.int32)]),
        np.concatenate([helpers.xy, np.full((k, 2), np.nan)]),
        np.concatenate([helpers.target, carries]),
        np.concatenate([ceiling, carries]),
        helpers.attached,
    )
    assert propose(**case | {"helpers": stronger}, ranks=RANKS).unserved == 0
    # No cheaper mixture would do: new helpers for what exceptions leave, every number of each tried.
    most = sum(more for _, more in found.remedy.raised)
    price = 2 * most + 15 * found.remedy.recruits[0] + 8 * found.remedy.recruits[1] + 3 * found.remedy.recruits[2]
    assert found.remedy.price == price
    reach = propose(**case | {"helpers": replace(helpers, ceiling=helpers.ceiling + np.int32(exceptions))}, ranks=RANKS).unserved
    for a, b, c in itertools.product(range(4), range(5), range(6)):
        for e in range(found.unserved - reach + 1):
            if e + 4 * a + 3 * b + 2 * c >= found.unserved:
                assert price <= 2 * e + 15 * a + 8 * b + 3 * c


def test_a_shortage_is_said_by_village_and_rank() -> None:
    found = propose(
        homes_at(0, 0, 0, 90_000, 90_000, village=[0, 0, 0, 1, 1]), helpers_at(0, target=1, ceiling=1), ranks=RANKS,
        remedies=Remedies(carries=(4, 3, 2)),
    )  # fmt: skip
    assert found.unserved == 4
    assert found.remedy is not None
    # Two general cadres at 3 each; one exception at 2 would save none of them.
    assert (found.remedy.recruits, found.remedy.raised, found.remedy.price) == ((0, 0, 2), (), 6)
    said = [text.en for text in explain(found, villages(2), NAMES)]
    assert any(line.startswith("village 1: 2 homes lack a helper") for line in said)
    assert any("Proven to be the best over all allowed pairs" in line for line in said)
    assert said[-1] == found.leaves_out[-1].en
    assert all(text.zh and text.en and "{" not in text.zh + text.en for text in explain(found, villages(2), NAMES))


def test_a_plan_without_proof_says_so() -> None:
    found = propose(homes_at(0), helpers_at(0), ranks=RANKS)
    said = explain(replace(found, bound=found.objective - 7, optimal=False), villages(1), NAMES)
    assert any("Not proven" in text.en and str(found.objective - 7) in text.en for text in said)


def test_nobody_to_help_and_nobody_to_be_helped() -> None:
    alone = propose(homes_at(0, 1), helpers_at(), ranks=RANKS)
    assert (alone.unserved, alone.optimal, alone.helper_of.tolist()) == (2, True, [-1, -1])
    empty = propose(homes_at(), helpers_at(0, 1), ranks=RANKS)
    assert (empty.unserved, empty.optimal, empty.objective) == (0, True, 0)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"homes": replace(homes_at(0, 1), keys=np.array([1, 1]))}, "twice"),
        ({"standing": pairs((0, 0), (0, 1))}, "two standing"),
        ({"forbidden": pairs((0, 9))}, "not there"),
        ({"helpers": replace(helpers_at(0, 1), rank=np.array([0, 3], np.int32))}, "rank"),
        ({"helpers": replace(helpers_at(0, 1), target=np.array([1], np.int32))}, "length"),
        ({"candidates": 0}, "candidate"),
        ({"weights": Weights(metres=1, attached=1 << 58)}, "62 bits"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(change: dict[str, Any], says: str) -> None:
    case: dict[str, Any] = {"homes": homes_at(0, 1), "helpers": helpers_at(0, 1), "ranks": RANKS}
    with pytest.raises(ValueError, match=says):
        propose(**case | change)
