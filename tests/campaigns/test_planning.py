"""The planner of a campaign of visits: what holds of every plan, told by a check of its own; the bound against brute force; a plan made again."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bangfu.campaigns.bench import bench, by_hand, county
from bangfu.campaigns.planning import Campaign, Days, Homes, Pace, Plan, Teams, faults, leaders_alone, plan, replan
from bangfu.campaigns.planning.bound import bound, charges
from bangfu.campaigns.planning.places import curve, nearest
from bangfu.campaigns.planning.polish import polish


def homes_at(
    *xy: tuple[float, float], minutes: float = 30, village: list[int] | None = None, group: list[int] | None = None
) -> Homes:
    n = len(xy)
    return Homes(
        np.arange(n) + 100,
        np.array(village or [0] * n, np.int32),
        np.array(group or [0] * n, np.int32),
        np.array(xy, float).reshape(n, 2),
        np.full(n, minutes, np.float32),
        np.zeros(n, np.int8),
    )


def teams_at(
    *xy: tuple[float, float], days: int = 5, parties: int = 1, share: float = 0.0, places: list[tuple[int, int]] | None = None
) -> Teams:
    m = len(xy)
    return Teams(
        np.arange(m) + 500,
        np.array(xy, float).reshape(m, 2),
        np.full(m, parties, np.int32),
        np.zeros(m, np.int32),
        np.array(places or [], np.int32).reshape(-1, 2),
        np.full(m, 480.0),
        np.full(m, share),
        np.ones((m, days), bool),
    )


def opened(villages: int = 1, days: int = 5) -> Days:
    return Days(np.zeros((villages, days), bool))


def spread(count: int, side: float = 2_000, seed: int = 1) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in np.random.default_rng(seed).uniform(0, side, (count, 2))]


def random_campaign(seed: int, n: int, m: int, villages: int, days: int) -> Campaign:
    """Anything that fits together: far and near, closed and open, able and not."""
    r = np.random.default_rng(seed)
    centre = r.uniform(0, r.choice([500, 10_000, 60_000]), (villages, 2))
    village = r.integers(0, villages, n).astype(np.int32)
    scatter = r.choice([0, 150, 1_500])
    homes = Homes(
        r.permutation(n) + 10,
        village,
        (village * 2 + r.integers(0, 2, n)).astype(np.int32),
        centre[village] + r.normal(0, 1, (n, 2)) * scatter,
        r.choice([0.0, 20.0, 90.0, 300.0, 500.0], n, p=(0.05, 0.5, 0.3, 0.1, 0.05)).astype(np.float32),
        np.zeros(n, np.int8),
    )
    pairs = np.argwhere(r.random((m, villages)) < 0.6).astype(np.int32)
    teams = Teams(
        r.permutation(m) + 7,
        centre[r.integers(0, villages, m)],
        r.integers(1, 4, m).astype(np.int32),
        np.zeros(m, np.int32),
        pairs,
        r.choice([300.0, 480.0], m),
        r.choice([0.0, 0.34, 0.5, 1.0], m),
        r.random((m, days)) < 0.8,
    )
    return Campaign(homes, teams, Days(r.random((villages, days)) < 0.3), Pace(boarding=float(r.choice([0.0, 3.0, 8.0]))))


def same(one: Plan, other: Plan) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=name == "arrive")
        for name in ("team", "day", "party", "order", "arrive")
    )


campaigns = st.builds(
    random_campaign,
    st.integers(0, 10**6), n=st.integers(0, 30), m=st.integers(0, 4), villages=st.integers(1, 4), days=st.integers(1, 5),
)  # fmt: skip


@given(campaigns)
@settings(max_examples=150, deadline=None)
def test_every_plan_keeps_the_model(campaign: Campaign) -> None:
    made = plan(campaign)
    assert faults(campaign, made) == []
    assert all(text.zh and text.en and "{" not in text.en for _, text in [*made.unplaced, *made.short])


@given(campaigns, st.integers(0, 10**6))
@settings(max_examples=100, deadline=None)
def test_planning_again_touches_nothing_done_and_moves_nothing_without_need(campaign: Campaign, seed: int) -> None:
    r = np.random.default_rng(seed)
    before = plan(campaign)
    there = before.team >= 0
    today = int(r.integers(0, campaign.days.count + 1))
    done = there & (r.random(len(there)) < np.where(before.day < today, 0.8, 0.05))
    gone = np.flatnonzero(r.random(len(campaign.teams.keys)) < 0.3)
    now = replace(
        campaign,
        teams=replace(campaign.teams, available=campaign.teams.available & (r.random(campaign.teams.available.shape) < 0.9)),
    )
    after, changes = replan(now, before, done, today, gone.tolist())
    assert faults(now, after, done) == []
    for name in ("team", "day", "party", "order", "arrive"):
        assert np.array_equal(getattr(after, name)[done], getattr(before, name)[done])
    moved = np.array([change.home for change in changes], int)
    open_then = there & (before.day >= today) & ~np.isin(before.team, gone)
    open_then[there] &= now.teams.available[before.team[there], before.day[there]]
    assert not np.isin(np.flatnonzero(open_then), moved).any()
    later = (after.team >= 0) & ~done
    assert (after.day[later] >= today).all()
    assert not np.isin(after.team[later], gone).any()
    assert all(change.before != change.after for change in changes)


def least_minutes(campaign: Campaign) -> float:
    """The optimum by brute force: every set of homes as the best tour of the best team, every way to part the homes into such sets."""
    homes, teams, pace = campaign.homes, campaign.teams, campaign.pace
    n = len(homes.keys)

    def leg(a: int, b: int) -> float:
        metres = float(np.hypot(*(homes.xy[a] - homes.xy[b])))
        riding = pace.boarding + metres * pace.detour / pace.vehicle
        return min(riding, metres * pace.foot_detour / pace.foot) if homes.village[a] == homes.village[b] else riding

    tour = {}
    for size in range(1, n + 1):
        for chosen in itertools.combinations(range(n), size):
            service, best = float(homes.minutes[list(chosen)].sum()), float("inf")
            for t in range(len(teams.keys)):
                out = [
                    pace.boarding + float(np.hypot(*(homes.xy[i] - teams.base[t]))) * pace.detour / pace.vehicle for i in range(n)
                ]
                for order in itertools.permutations(chosen):
                    way = out[order[0]] + sum(leg(a, b) for a, b in itertools.pairwise(order)) + out[order[-1]]
                    if way + service <= teams.minutes[t]:
                        best = min(best, way + service)
            tour[frozenset(chosen)] = best
    least = {frozenset[int](): 0.0}

    def part(left: frozenset[int]) -> float:
        if left not in least:
            first = min(left)
            rest = sorted(left - {first})
            sets = [frozenset((first, *others)) for size in range(len(rest) + 1) for others in itertools.combinations(rest, size)]
            least[left] = min(tour[one] + part(left - one) for one in sets)
        return least[left]

    return part(frozenset(range(n)))


@given(
    st.integers(0, 10**6),
    st.integers(1, 5),
    st.integers(1, 2),
    st.sampled_from([60, 600, 6_000]),
    st.sampled_from([0.0, 3.0, 12.0]),
)
@settings(max_examples=60, deadline=None)
def test_the_bound_is_never_above_the_optimum(seed: int, n: int, m: int, side: int, boarding: float) -> None:
    r = np.random.default_rng(seed)
    village = r.integers(0, 2, n).tolist()
    homes = homes_at(*spread(n, side, seed), village=village, minutes=float(r.choice([5, 60, 200])))
    campaign = Campaign(homes, teams_at(*spread(m, 2 * side, seed + 1), days=9), opened(2, 9), Pace(boarding=boarding))
    least = least_minutes(campaign)
    assert bound(campaign, np.arange(n)) <= least + 1e-6
    made = plan(campaign)
    assert not made.unplaced
    assert made.minutes >= least - 1e-3


def test_the_bound_is_the_optimum_of_a_single_home() -> None:
    campaign = Campaign(homes_at((4_000, 3_000)), teams_at((0, 0)), opened())
    made = plan(campaign)
    assert made.minutes == pytest.approx(30 + 2 * (3 + 5_000 * 1.4 / 400))
    assert made.bound == pytest.approx(made.minutes)
    assert made.arrive[0] == pytest.approx(480 + 3 + 17.5)


def test_a_home_without_a_team_too_far_or_closed_is_named_with_its_reason() -> None:
    homes = homes_at((0, 0), (0, 0), (90_000, 0), (0, 0), village=[0, 1, 2, 3], group=[0, 1, 2, 3])
    closed = np.zeros((4, 5), bool)
    closed[3] = True
    campaign = Campaign(homes, teams_at((0, 0), places=[(0, 0), (0, 2), (0, 3)]), Days(closed))
    made = plan(campaign)
    assert faults(campaign, made) == []
    said = dict(made.unplaced)
    assert sorted(said) == [1, 2, 3]
    assert said[1].en.startswith("no team may serve")
    assert "666 min" in said[2].en
    assert "480" in said[2].zh
    assert said[3].en.startswith("no day on which")


def test_days_that_do_not_suffice_are_said() -> None:
    campaign = Campaign(homes_at(*spread(60)), teams_at((0, 0), days=2, parties=2), opened(days=2))
    made = plan(campaign)
    assert faults(campaign, made) == []
    assert 45 <= (made.team >= 0).sum() < 60
    assert "have 4 party days" in made.unplaced[0][1].en


def test_the_leader_sees_the_share_or_the_plan_says_what_lacks() -> None:
    homes = homes_at(*spread(60))
    enough = plan(Campaign(homes, teams_at((0, 0), parties=3, share=0.5), opened()))
    assert not enough.unplaced
    assert enough.leader.mean() >= 0.5
    assert "only 2.00" in enough.short[0][1].en
    tight = Campaign(homes, teams_at((0, 0), parties=3, share=1.0, days=3), opened(days=3))
    made = plan(tight)
    assert faults(tight, made) == []
    assert (made.leader == (made.team >= 0)).all()
    assert "100 %" in made.unplaced[0][1].en
    assert "another day of a party without the leader" in made.unplaced[0][1].en


def test_a_village_that_closes_soon_comes_first() -> None:
    homes = homes_at(*spread(120), village=[0] * 60 + [1] * 60, group=[0] * 60 + [1] * 60)
    closed = np.zeros((2, 8), bool)
    closed[1, 2:] = True
    campaign = Campaign(homes, teams_at((0, 0), (0, 0), days=8), Days(closed))
    made = plan(campaign)
    assert faults(campaign, made) == []
    assert (made.day[60:] < 2).sum() >= 50


def test_whole_hamlets_and_equal_loads() -> None:
    ring = [(6_000 * np.cos(g * np.pi / 4), 6_000 * np.sin(g * np.pi / 4)) for g in range(8)]
    homes = homes_at(
        *[(x + a, y + b) for x, y in ring for a, b in spread(30, 200)], group=[g for g in range(8) for _ in range(30)]
    )
    campaign = Campaign(homes, teams_at(*[(0.0, 0.0)] * 4, days=10), opened(days=10))
    made = plan(campaign)
    assert not made.unplaced
    assert made.balance <= 0.05
    assert all(len(np.unique(made.team[homes.group == g])) == 1 for g in range(8))


@pytest.fixture(scope="module")
def small() -> tuple[Campaign, Plan]:
    campaign = county(0.03)
    return campaign, plan(campaign)


def test_a_small_county_is_within_a_tenth_of_the_bound(small: tuple[Campaign, Plan]) -> None:
    campaign, made = small
    assert faults(campaign, made) == []
    assert not made.unplaced
    assert 1 <= made.ratio <= 1.05
    assert made.balance <= 0.05
    hand, left = by_hand(campaign)
    assert made.minutes / len(made.team) < hand / (len(made.team) - left)


def test_the_same_county_gives_the_same_plan(small: tuple[Campaign, Plan]) -> None:
    campaign, made = small
    assert same(made, plan(county(0.03)))
    assert not np.array_equal(charges(campaign), charges(county(0.03, seed=7)))


def test_nothing_changes_where_nothing_happened(small: tuple[Campaign, Plan]) -> None:
    campaign, made = small
    after, changes = replan(campaign, made, (made.day >= 0) & (made.day < 4), 4)
    assert changes == []
    assert same(made, after)


def test_who_is_gone_hands_over_and_a_missed_home_comes_again(small: tuple[Campaign, Plan]) -> None:
    campaign, made = small
    done = (made.day < 3) & (np.arange(len(made.day)) % 10 > 0)
    after, changes = replan(campaign, made, done, 3, [0])
    assert faults(campaign, after, done) == []
    assert not after.unplaced
    hit = ~done & ((made.day < 3) | (made.team == 0))
    assert sorted(change.home for change in changes) == np.flatnonzero(hit).tolist()
    missed = ~done & (made.day < 3) & (made.team != 0)
    assert (after.team == made.team)[missed].mean() > 0.9
    assert all(change.after is not None and change.before is not None for change in changes)


def test_a_home_visited_outside_the_plan_needs_no_place() -> None:
    campaign = Campaign(homes_at((0, 0), (50, 0), village=[0, 1]), teams_at((0, 0), places=[(0, 0)]), opened(2))
    before = plan(campaign)
    assert [home for home, _ in before.unplaced] == [1]
    done = np.array([False, True])
    after, changes = replan(campaign, before, done, 0)
    assert faults(campaign, after, done) == []
    assert changes == []
    assert after.unplaced[0][1].en.startswith("visited already")


@pytest.mark.parametrize("fault", ["day", "party", "order", "leader", "arrive", "team", "travel", "visits"])
def test_the_check_sees_what_is_wrong(small: tuple[Campaign, Plan], fault: str) -> None:
    campaign, made = small
    wrong: Any = getattr(made, fault).copy()
    if fault == "leader":
        wrong[0] = not wrong[0]
    elif fault == "order":
        beside = (made.team == made.team[0]) & (made.day == made.day[0]) & (made.party == made.party[0])
        wrong[beside] = 0
    elif fault == "team":
        wrong[:40] = (wrong[:40] + 1) % len(campaign.teams.keys)
    else:
        wrong[:40] = wrong[:40] + 1 if fault in ("arrive", "travel", "visits") else 0
    assert faults(campaign, replace(made, **{fault: wrong}))


def test_polish_finds_the_way_along_a_line() -> None:
    xy = np.array([(float(x), 0.0) for x in (5, 1, 4, 2, 3, 9, 7)]) * 1_000
    base, village = np.array([[0.0, 0.0]]), np.zeros(7, np.int32)
    (found,) = polish(Pace(boarding=0), xy, village, base, [np.arange(7)])
    stops = np.concatenate([[0.0], xy[found, 0], [0.0]])
    assert np.abs(np.diff(stops)).sum() == 18_000
    assert sorted(found.tolist()) == list(range(7))


def test_the_curve_keeps_neighbours_together_and_nearest_are_nearest() -> None:
    xy = np.array(spread(400))
    order = np.argsort(curve(xy))
    assert np.hypot(*np.diff(xy[order], axis=0).T).mean() < 200
    village = (np.arange(400) % 3).astype(np.int32)
    who, far = nearest(xy, village, 4)
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    apart[(village[:, None] != village[None]) | np.eye(400, dtype=bool)] = np.inf
    assert np.allclose(far, np.sort(apart, axis=1)[:, :4])
    assert np.allclose(np.take_along_axis(apart, who, axis=1), far)


def test_leaders_alone_have_468_homes_each() -> None:
    alone = leaders_alone(126_201, 270, 30, minutes=30, out=40, day=480)
    assert alone.each == 468
    assert alone.a_day == pytest.approx(15.58, abs=0.01)
    assert not alone.feasible
    assert alone.hours_a_day == pytest.approx(8.46, abs=0.01)
    assert "468" in alone.text.zh
    assert "not feasible" in alone.text.en
    assert leaders_alone(126_201, alone.leaders_enough, 30, minutes=30).feasible
    assert not leaders_alone(126_201, alone.leaders_enough - 1, 30, minutes=30).feasible
    assert leaders_alone(126_201, 270, alone.days_enough, minutes=30).feasible
    assert not leaders_alone(126_201, 270, alone.days_enough - 1, minutes=30).feasible
    with pytest.raises(ValueError, match="leaders and days"):
        leaders_alone(1, 0, 1)


@pytest.mark.parametrize(
    ("part", "wrong"),
    [("homes", {"keys": np.array([1, 1])}), ("homes", {"village": np.array([0, 9], np.int32)}), ("homes", {"minutes": np.full(2, np.nan, np.float32)}),
     ("teams", {"parties": np.array([0], np.int32)}), ("teams", {"available": np.ones((1, 4), bool)}), ("teams", {"places": np.array([[3, 0]], np.int32)}),
     ("teams", {"share": np.array([1.5])})],
)  # fmt: skip
def test_what_does_not_fit_is_refused(part: str, wrong: dict[str, Any]) -> None:
    campaign = Campaign(homes_at((0, 0), (1, 1)), teams_at((0, 0)), opened())
    with pytest.raises(ValueError, match=r"keys|village|minutes|parties|available|places"):
        replace(campaign, **{part: replace(getattr(campaign, part), **wrong)})


def test_walking_is_never_quicker_than_riding() -> None:
    with pytest.raises(ValueError, match="walking"):
        Pace(vehicle=50, foot=80)


def test_the_bench_tells_what_was_measured() -> None:
    told = bench(0.02)
    assert told["name"] == "visits"
    assert told["detail"]["unplaced"] == 0
    assert told["detail"]["ratio_to_bound"] <= 1.1
    assert told["detail"]["after_ten_days"]["unplaced"] == 0


def test_a_solver_where_there_is_one_is_taken_only_where_it_is_better(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyvrp.stop")
    homes = homes_at(*spread(60, 200), *[(x + 3_000, y) for x, y in spread(60, 200, 2)], group=[0] * 60 + [1] * 60)
    campaign = Campaign(homes, teams_at((0, 0), days=20), opened(days=20))
    made = plan(campaign)
    assert faults(campaign, made) == []
    monkeypatch.setattr("bangfu.campaigns.planning.routes.FEW", 0)
    assert made.minutes < plan(campaign).minutes
