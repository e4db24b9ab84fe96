"""Does a plan keep what the model says? An independent check that shares no arithmetic with the planner: what it reads is the plan and the campaign alone."""

from __future__ import annotations

import math

import numpy as np

from bangfu.campaigns.planning.model import Bools, Campaign, Plan

TOLERANCE = 1e-3  # minutes
MANY = 20  # faults said of each kind


def faults(campaign: Campaign, plan: Plan, done: Bools | None = None) -> list[str]:
    """What is wrong, in words; empty where all holds.

    `done` (homes,) of a plan made again: the hours of days with something done are as they were, and the leader's share counts what was done by chance, so
    that neither is checked.
    """
    said = _placed(campaign, plan, done) + _days(campaign, plan, done) + _totals(plan, campaign)
    if done is None:
        said += _leaders(campaign, plan)
    return said


def _say(kind: str, which: np.ndarray) -> list[str]:
    return [f"{kind}: {one}" for one in np.flatnonzero(which)[:MANY].tolist()]


def _placed(campaign: Campaign, plan: Plan, done: Bools | None) -> list[str]:
    homes, teams = campaign.homes, campaign.teams
    n = len(homes.keys)
    for name in ("team", "day", "party", "order", "leader", "arrive"):
        if len(getattr(plan, name)) != n:
            return [f"{name} has not a row for each home"]
    there = plan.team >= 0
    reasons = [home for home, _ in plan.unplaced]
    said = _say("a home has part of a place", there != ((plan.day >= 0) & (plan.party >= 0) & (plan.order >= 0)))
    if sorted(reasons) != np.flatnonzero(~there).tolist():
        said.append("homes without a place and homes with a reason are not the same")
    if said or not there.any():
        return said
    t, d = plan.team[there], plan.day[there]
    if t.max() >= len(teams.keys) or d.max() >= campaign.days.count:
        return ["a team or a day that is not there"]
    fixed = np.zeros(n, bool) if done is None else done
    pairs = {tuple(pair) for pair in teams.places.tolist()}
    bound_teams = set(teams.places[:, 0].tolist())
    used = {(int(a), int(b)) for a, b in zip(t, homes.village[there], strict=True)}
    said += [f"team {a} may not serve village {b}" for a, b in sorted(used) if a in bound_teams and (a, b) not in pairs]
    said += _say(
        "a day on which the village is closed", there & ~fixed & campaign.days.closed[homes.village, np.where(there, plan.day, 0)]
    )
    said += _say(
        "a day on which the team is away",
        there & ~fixed & ~teams.available[np.where(there, plan.team, 0), np.where(there, plan.day, 0)],
    )
    said += _say("a party that the team does not have", there & (plan.party >= teams.parties[np.where(there, plan.team, 0)]))
    return said + _say("the leader is where the first party is not", plan.leader != (there & (plan.party == 0)))


def _days(campaign: Campaign, plan: Plan, done: Bools | None) -> list[str]:
    """Every day of a party: its order, its hours and its length, leg by leg."""
    teams, said = campaign.teams, []
    travel, service = np.zeros(len(teams.keys)), np.zeros(len(teams.keys))
    days: dict[tuple[int, int, int], list[int]] = {}
    for home in np.flatnonzero(plan.team >= 0).tolist():
        days.setdefault((int(plan.team[home]), int(plan.day[home]), int(plan.party[home])), []).append(home)
    for (team, day, party), visited in days.items():
        visited.sort(key=lambda home: int(plan.order[home]))
        name = f"team {team}, day {day}, party {party}"
        if len({int(plan.order[home]) for home in visited}) < len(visited):
            said.append(f"{name} visits two homes at once")
        as_they_were = done is not None and bool(done[visited].any())
        clock, work, last = 0.0, 0.0, -1
        for home in visited:
            clock += _way(campaign, team, last, home)
            if not as_they_were and abs(plan.arrive[home] - campaign.pace.starts - clock) > TOLERANCE:
                said.append(f"{name} is at home {home} at {campaign.pace.starts + clock:.2f}, not at {plan.arrive[home]:.2f}")
            clock += float(campaign.homes.minutes[home])
            work += float(campaign.homes.minutes[home])
            last = home
        clock += _way(campaign, team, -1, last)
        travel[team] += clock - work
        service[team] += work
        if clock > teams.minutes[team] + TOLERANCE and not as_they_were:
            said.append(f"{name} works {clock:.2f} min")
    for kind, counted, told in (("travel", travel, plan.travel), ("service", service, plan.service)):
        said += _say(f"{kind} minutes of a team", np.abs(counted - told) > TOLERANCE * 100)
    return said


def _way(campaign: Campaign, team: int, last: int, home: int) -> float:
    """Minutes from one home to another; -1 is the team's base."""
    homes, pace = campaign.homes, campaign.pace
    begin = campaign.teams.base[team] if last < 0 else homes.xy[last]
    metres = math.hypot(begin[0] - homes.xy[home, 0], begin[1] - homes.xy[home, 1])
    riding = pace.boarding + pace.detour * metres / pace.vehicle
    return (
        min(riding, pace.foot_detour * metres / pace.foot) if last >= 0 and homes.village[last] == homes.village[home] else riding
    )


def _leaders(campaign: Campaign, plan: Plan) -> list[str]:
    m, there = len(campaign.teams.keys), plan.team >= 0
    visits = np.bincount(plan.team[there], minlength=m)
    led = np.bincount(plan.team[there & plan.leader], minlength=m)
    due = [math.ceil(share * count - 1e-9) for share, count in zip(campaign.teams.share, visits, strict=True)]
    return [f"the leader of team {t} sees {led[t]} of {visits[t]} homes, {due[t]} are due" for t in range(m) if led[t] < due[t]]


def _totals(plan: Plan, campaign: Campaign) -> list[str]:
    there = plan.team >= 0
    said = _say("visits of a team", np.bincount(plan.team[there], minlength=len(campaign.teams.keys)) != plan.visits)
    if plan.minutes < plan.bound - TOLERANCE * 100:
        said.append(f"{plan.minutes:.1f} working minutes are below the bound {plan.bound:.1f}")
    return said
