"""The bench `visits`: a county visited home by home in a month, beside what offices do by hand."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from bangfu.campaigns.planning.model import Campaign, Days, Homes, Plan, Teams, Wide
from bangfu.campaigns.planning.plan import plan, replan
from bangfu.campaigns.planning.routes import minutes_of
from bangfu.campaigns.planning.verify import faults
from bangfu.foundation.benchmarks import benches, cpu_seconds, peak_mb

HOMES, VILLAGES, HAMLETS, TEAMS, TOWNSHIPS, DAYS = 126_201, 119, 1_300, 270, 15, 30
BUDGET_S, BUDGET_RATIO = 120, 1.10
SHARE = {1: 1.0, 2: 0.5, 3: 0.3}  # what of its visits the leader sees, by parties


def county(scale: float = 1.0, seed: int = 2020) -> Campaign:
    """An invented county: villages about their township's seat, where its teams have their base; homes about hamlets; market days every fifth day, one township
    of ten closed for the first week. The same seed gives the same county."""
    r = np.random.default_rng(seed)
    towns = max(round(TOWNSHIPS * scale), 1)
    villages, hamlets = max(round(VILLAGES * scale), towns), max(round(HAMLETS * scale), towns)
    n, m = max(round(HOMES * scale), hamlets), max(round(TEAMS * scale), towns)
    side = 50_000 * np.sqrt(towns / TOWNSHIPS)
    centre = r.uniform(0, side, (villages, 2))
    seat = centre[r.choice(villages, towns, replace=False)]
    town = np.hypot(centre[:, None, 0] - seat[None, :, 0], centre[:, None, 1] - seat[None, :, 1]).argmin(axis=1)
    of_hamlet = (
        np.concatenate([np.arange(villages), r.choice(villages, hamlets - villages)])
        if hamlets > villages
        else np.arange(hamlets)
    )
    hamlet_xy = centre[of_hamlet] + r.normal(0, 1_200, (len(of_hamlet), 2))
    group = r.choice(len(of_hamlet), n, p=r.dirichlet(np.full(len(of_hamlet), 4.0)))
    group = group[np.lexsort((r.random(n), group))]
    homes = Homes(
        np.arange(n) * 7 + 3,
        of_hamlet[group].astype(np.int32),
        group.astype(np.int32),
        hamlet_xy[group] + r.normal(0, 150, (n, 2)),
        r.uniform(20, 35, n).astype(np.float32),
        (r.random(n) < 0.15).astype(np.int8),
    )
    # Teams where homes are: to each township its share, one at least.
    weight = np.bincount(town[homes.village], minlength=towns).astype(float)
    own = np.concatenate([np.arange(towns), np.repeat(np.arange(towns), _shared(weight, m - towns))])
    parties = r.choice([1, 2, 3], m, p=(0.1, 0.4, 0.5)).astype(np.int32)
    places = np.argwhere(own[:, None] == town[None, :]).astype(np.int32)
    teams = Teams(
        np.arange(m) * 5 + 1, seat[own], parties, r.choice(2, m).astype(np.int32), places, np.full(m, 480.0),
        np.array([SHARE[int(p)] for p in parties]), r.random((m, DAYS)) < 0.95,
    )  # fmt: skip
    closed = (np.arange(DAYS)[None, :] + r.integers(0, 5, villages)[:, None]) % 5 == 0
    closed[town % 10 == 9, :7] = True
    return Campaign(homes, teams, Days(closed))


def _shared(weight: np.ndarray, count: int) -> Wide:
    """Whole numbers with a sum, in proportion to weights: the largest remainders get one more."""
    exact = weight / weight.sum() * count
    whole = np.floor(exact).astype(np.int64)
    whole[np.argsort(whole - exact, kind="stable")[: count - int(whole.sum())]] += 1
    return np.asarray(whole, np.int64)


def by_hand(campaign: Campaign) -> tuple[float, int]:
    """Working minutes and homes left over where villages are dealt to teams in turn, and each team goes through its homes in the order of the register, a party's
    day ending where the next home would not fit; days and markets are not looked at."""
    homes, teams = campaign.homes, campaign.teams
    own: list[list[Wide]] = [[] for _ in teams.keys]
    for villages, allowed in campaign.alike:
        for at, village in enumerate(villages):
            takers = allowed[at :: len(villages)] if at < len(allowed) else allowed[at % len(allowed)][None]
            for t, part in zip(
                takers.tolist(), np.array_split(np.flatnonzero(homes.village == village), len(takers)), strict=True
            ):
                own[t].append(part)
    minutes, left = 0.0, 0
    for t, parts in enumerate(own):
        rows = np.concatenate(parts) if parts else np.empty(0, np.int64)
        days = int(teams.available[t].sum() * teams.parties[t])
        begin = 0
        while begin < len(rows) and days:
            end, best = begin + 1, minutes_of(campaign, t, rows[begin : begin + 1])[0] + float(homes.minutes[rows[begin]])
            while end < len(rows):
                longer = minutes_of(campaign, t, rows[begin : end + 1])[0] + float(homes.minutes[rows[begin : end + 1]].sum())
                if longer > teams.minutes[t]:
                    break
                end, best = end + 1, longer
            minutes, begin, days = minutes + best, end, days - 1
        left += len(rows) - begin
    return minutes, left


def bench(scale: float) -> dict[str, Any]:
    """Plan the county, check the plan, plan it again after ten days. Fails where a plan breaks a rule."""
    campaign = county(scale)
    begun, used = time.perf_counter(), cpu_seconds()
    made = plan(campaign)
    seconds, used = time.perf_counter() - begun, cpu_seconds() - used
    wrong = faults(campaign, made)
    assert not wrong, wrong[:3]
    begun = time.perf_counter()
    hand, left = by_hand(campaign)
    hand_seconds = time.perf_counter() - begun
    visited = int((made.team >= 0).sum())
    return {
        "name": "visits",
        "scale": scale,
        "seconds": round(seconds, 3),
        "baseline": {"name": "villages in turn, homes in the order of the register", "seconds": round(hand_seconds, 3)},
        "ratio": round(seconds / hand_seconds, 3),
        "peak_mb": round(peak_mb()),
        "detail": _said(campaign, made)
        | {
            "baseline_minutes": round(hand),
            "baseline_unplaced": left,
            "baseline_minutes_a_visit": round(hand / max(len(campaign.homes.keys) - left, 1), 2),
            "minutes_a_visit": round(made.minutes / max(visited, 1), 2),
            "cpu_seconds": round(used, 3),
            "budget_s": BUDGET_S,
            "within_budget": seconds <= BUDGET_S and made.ratio <= BUDGET_RATIO,
            "after_ten_days": _again(campaign, made),
        },
    }


def _said(campaign: Campaign, made: Plan) -> dict[str, Any]:
    there = made.team >= 0
    villages, hamlets = campaign.homes.village[there].astype(np.int64), campaign.homes.group[there].astype(np.int64)
    many = len(campaign.teams.keys)
    whole = np.bincount(np.unique(hamlets * many + made.team[there]) // many)
    split = np.bincount(np.unique(villages * many + made.team[there]) // many)
    return {
        "homes": len(there),
        "teams": many,
        "days": campaign.days.count,
        "working_minutes": round(made.minutes),
        "bound": round(made.bound),
        "ratio_to_bound": round(made.ratio, 4),
        "balance": round(made.balance, 4),
        "unplaced": len(made.unplaced),
        "travel_share": round(float(made.travel.sum()) / max(made.minutes, 1e-9), 4),
        "hamlets_whole": round(float((whole[whole > 0] == 1).mean()), 4),
        "teams_a_village": round(float(split[split > 0].mean()), 2),
        "last_day": int(made.day.max()) + 1,
        "leader_share": round(float(made.leader.sum() / max(there.sum(), 1)), 4),
    }


def _again(campaign: Campaign, made: Plan) -> dict[str, Any]:
    """Ten days on: one visit of twenty was missed, two teams of a hundred are gone."""
    r = np.random.default_rng(10)
    done = (made.team >= 0) & (made.day < 10) & (r.random(len(made.team)) < 0.95)
    gone = r.choice(len(campaign.teams.keys), max(len(campaign.teams.keys) // 50, 1), replace=False)
    begun = time.perf_counter()
    after, changes = replan(campaign, made, done, 10, gone.tolist())
    seconds = time.perf_counter() - begun
    wrong = faults(campaign, after, done)
    assert not wrong, wrong[:3]
    return {
        "seconds": round(seconds, 3),
        "changed": len(changes),
        "unplaced": len(after.unplaced),
        "ratio_to_bound": round(after.ratio, 4),
    }


@benches.provider("campaigns")
def _benches() -> dict[str, Any]:
    return {"visits": bench}
