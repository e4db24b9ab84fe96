"""The front of the planner: a plan from nothing, and a plan again when days have passed, teams have gone or days have changed. Pure; the same input, the same plan.

First homes are dealt to teams (`assign`), then each team's homes become tours (`routes`) on days (`diary`). What found no place is offered to other teams until
nobody has a place left, then put into days that have minutes left. Every home left over has its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bangfu.campaigns.planning.assign import NOBODY, assign
from bangfu.campaigns.planning.bound import bound, charges
from bangfu.campaigns.planning.diary import LED, Diary, place
from bangfu.campaigns.planning.draft import Draft, fits, squeeze
from bangfu.campaigns.planning.model import Bools, Campaign, Floats, Plan, Wide
from bangfu.campaigns.planning.reasons import CLOSED, LEADER, LED_PARTIES, NO_TEAM, NO_TIME, TOO_LONG, VISITED
from bangfu.campaigns.planning.routes import Tour, minutes_of, tours_for
from bangfu.foundation.say import Text

FILLED = 0.96  # of a day that tours fill: the last visit that does not fit leaves some of it
OFFERS = 12
URGENT = 0.5  # of the days on which the freest village is open: villages with fewer are dealt first

Place = tuple[int, int, int]  # team, day, party


@dataclass(frozen=True, slots=True)
class Change:
    """A home whose team, day or party changed; None for no place."""

    home: int
    before: Place | None
    after: Place | None


def plan(campaign: Campaign) -> Plan:
    """Every home one visit, or the reason why not."""
    draft = _begun(campaign, campaign.teams.available, np.zeros(len(campaign.homes.keys), bool))
    _offer(draft, np.arange(len(campaign.homes.keys)))
    return _finished(draft)


def replan(campaign: Campaign, before: Plan, done: Bools, today: int, gone: Sequence[int] = ()) -> tuple[Plan, list[Change]]:
    """The plan from `today` on, and what changed. `campaign` holds the days and availability as they are now, homes and teams as in `before`.

    `done` (homes,) stays as it is. What was planned before today and is not done, what teams `gone` were to do, and what a closed or unavailable day hits gets a
    new place, with its own team if it can; every other visit keeps team, day and party. A home done that had no place needs none.
    """
    teams, village = campaign.teams, campaign.homes.village
    left = np.isin(np.arange(len(teams.keys)), np.asarray(gone, int))
    keeps = done.copy()
    ahead = np.flatnonzero(~done & (before.team >= 0) & (before.day >= today))
    team, day = before.team[ahead], before.day[ahead]
    keeps[ahead] = ~left[team] & teams.available[team, day] & ~campaign.days.closed[village[ahead], day]
    draft = _begun(campaign, teams.available & ~left[:, None] & (np.arange(campaign.days.count) >= today), done)
    for tour, on, party in _tours_of(before, keeps):
        draft.placed.append((tour, on, party))
        draft.diary.enter(tour, on, party)
    loose = np.flatnonzero(~keeps)
    own = before.team[loose] >= 0
    own[own] = ~left[before.team[loose][own]]
    rest = _build(draft, loose[own], before.team[loose][own].astype(np.int64))
    _offer(draft, np.concatenate([loose[~own], rest]))
    after = _finished(draft, before)
    changed = np.flatnonzero((after.team != before.team) | (after.day != before.day) | (after.party != before.party))
    return after, [Change(home, _place_in(before, home), _place_in(after, home)) for home in changed.tolist()]


def _begun(campaign: Campaign, open_: Bools, done: Bools) -> Draft:
    load, diary = charges(campaign), Diary.empty(campaign)
    diary.taken |= ~open_[:, :, None]
    return Draft(campaign, diary, np.where(np.isfinite(load), load, 0), open_, done)


def _place_in(plan: Plan, home: int) -> Place | None:
    return (int(plan.team[home]), int(plan.day[home]), int(plan.party[home])) if plan.team[home] >= 0 else None


def _tours_of(plan: Plan, among: Bools) -> list[tuple[Tour, int, int]]:
    homes = np.flatnonzero(among & (plan.team >= 0))
    homes = homes[np.lexsort((plan.order[homes], plan.party[homes], plan.day[homes], plan.team[homes]))]
    at = np.column_stack([plan.team[homes], plan.day[homes], plan.party[homes]])
    parts = np.split(homes, np.flatnonzero((np.diff(at, axis=0) != 0).any(axis=1)) + 1)
    return [
        (Tour(int(plan.team[part[0]]), part), int(plan.day[part[0]]), int(plan.party[part[0]])) for part in parts if len(part)
    ]


def _offer(draft: Draft, loose: Wide) -> None:
    """Deal homes to teams, those first whose villages have few open days; then put what is left into days that have minutes left."""
    village = draft.campaign.homes.village[loose]
    opened = (draft.open.any(axis=0) & ~draft.campaign.days.closed).sum(axis=1)
    urgent = opened[village] < URGENT * opened.max(initial=0)
    squeeze(draft, np.concatenate([_deal(draft, loose[urgent]), _deal(draft, loose[~urgent])]))


def _deal(draft: Draft, loose: Wide) -> Wide:
    """Deal homes to teams that have days left, again and again; what is left when nobody has."""
    campaign, barred = draft.campaign, ~draft.campaign.may
    for _ in range(OFFERS):
        if not len(loose):
            break
        free = ~draft.diary.taken
        can = ~barred & ((free.any(axis=2).astype(np.int32) @ (~campaign.days.closed).T.astype(np.int32)) > 0)
        team = assign(campaign, loose, draft.load[loose], _room(draft), _has(draft), can)
        mine = team != NOBODY
        if not mine.any():
            break
        back = _build(draft, loose[mine], team[mine])
        owner = np.full(len(campaign.homes.keys), NOBODY, np.int64)
        owner[loose] = team
        barred[owner[back], campaign.homes.village[back]] = True
        loose = np.concatenate([back, loose[~mine]])
    return loose


def _has(draft: Draft) -> Floats:
    """Minutes of what each team has to work (teams,), as the loads of its homes."""
    has = np.zeros(len(draft.campaign.teams.keys))
    for tour, _, _ in draft.placed:
        has[tour.team] += draft.load[tour.homes].sum()
    return has


def _room(draft: Draft) -> Floats:
    """Minutes that each team has left (teams,): its free days, as far as its leader is present often enough."""
    teams, diary = draft.campaign.teams, draft.diary
    free = ~diary.taken
    led, others = free[:, :, LED].sum(axis=1), free[:, :, LED + 1 :].sum(axis=(1, 2))
    most = np.floor(led / np.maximum(teams.share, 1e-9))  # days of parties of which the leader's are the share
    return np.asarray(np.minimum(led + others, most) * teams.minutes * FILLED, float)


def _build(draft: Draft, homes: Wide, team: Wide) -> Wide:
    """Tours of homes (k,) with their teams (k,), placed; the homes that found no place."""
    campaign, wanted, usable, back = draft.campaign, [], [], [np.empty(0, np.int64)]
    for t in np.unique(team):
        own, days = homes[team == t], draft.diary.usable(campaign, int(t))
        able = days[campaign.homes.village[own]].any(axis=1) & fits(campaign, int(t), own)
        back.append(own[~able])
        if able.any():
            wanted.append((int(t), own[able]))
            usable.append(days)
    by_team: dict[int, list[Tour]] = {}
    for tour in tours_for(campaign, wanted, usable):
        by_team.setdefault(tour.team, []).append(tour)
    for t, tours in by_team.items():
        for tour, at in zip(tours, place(campaign, draft.diary, t, tours), strict=True):
            if at is None:
                back.append(tour.homes)
            else:
                draft.placed.append((tour, *at))
    return np.concatenate(back)


def _finished(draft: Draft, before: Plan | None = None) -> Plan:
    """The plan of a draft. A day of a party of which something is done keeps order and hours as they were."""
    campaign, n, m = draft.campaign, len(draft.campaign.homes.keys), len(draft.campaign.teams.keys)
    team, day, party, order = (np.full(n, NOBODY, np.int32) for _ in range(4))
    arrive, travel, service = np.full(n, np.nan), np.zeros(m), np.zeros(m)
    for tour, on, by in draft.placed:
        way, reached = minutes_of(campaign, tour.team, tour.homes)
        team[tour.homes], day[tour.homes], party[tour.homes] = tour.team, on, by
        if before is not None and draft.done[tour.homes].any():
            order[tour.homes], arrive[tour.homes] = before.order[tour.homes], before.arrive[tour.homes]
        else:
            order[tour.homes], arrive[tour.homes] = np.arange(len(tour.homes)), campaign.pace.starts + reached
        travel[tour.team] += way
        service[tour.team] += campaign.homes.minutes[tour.homes].sum(dtype=float)
    planned = team >= 0
    return Plan(
        team, day, party, order, planned & (party == LED), arrive, travel, service,
        np.bincount(team[planned], minlength=m).astype(np.int32),
        np.array([len(np.unique(day[team == t])) for t in range(m)], np.int32),
        bound(campaign, np.flatnonzero(planned), draft.load if planned.all() else None), _balance(campaign, travel + service), _unplaced(draft, np.flatnonzero(~planned)),
        _too_few_leaders(campaign),
    )  # fmt: skip


def _balance(campaign: Campaign, minutes: Floats) -> float:
    """How far the busiest team is above the mean of those that may serve the same places, each weighed by its capacity; 0 where all are equal."""
    worst = 0.0
    _, of = np.unique(campaign.may, axis=0, return_inverse=True)
    for k in range(int(of.max(initial=-1)) + 1):
        alike = (of.reshape(-1) == k) & (campaign.capacity > 0)
        if minutes[alike].sum() > 0:
            full = minutes[alike] / campaign.capacity[alike]
            worst = max(worst, float(full.max() / (minutes[alike].sum() / campaign.capacity[alike].sum())) - 1)
    return worst


def _unplaced(draft: Draft, homes: Wide) -> list[tuple[int, Text]]:
    """The reason of each home without a place."""
    village = draft.campaign.homes.village[homes]
    said = [pair for v in np.unique(village) for pair in _unplaced_of(draft, int(v), homes[village == v])]
    return sorted(said, key=lambda pair: pair[0])


def _unplaced_of(draft: Draft, village: int, homes: Wide) -> list[tuple[int, Text]]:
    campaign, diary = draft.campaign, draft.diary
    allowed = np.flatnonzero(campaign.may[:, village])
    opened = ~campaign.days.closed[village]
    free = (~diary.taken[:, opened]).sum(axis=(1, 2))
    near = np.array([fits(campaign, int(t), homes) for t in allowed], bool).reshape(len(allowed), len(homes))
    could = (draft.open[allowed] & opened).any(axis=1)
    said: list[tuple[int, Text]] = []
    for home, fitting in zip(homes.tolist(), near.T, strict=True):
        teams = allowed[fitting & could]
        waiting = teams[free[teams] > 0]
        if draft.done[home]:
            reason = VISITED
        elif not len(allowed):
            reason = NO_TEAM
        elif not fitting.any():
            reason = _too_long(campaign, home, allowed)
        elif not len(teams):
            reason = CLOSED
        elif len(waiting):
            t = int(waiting[0])
            reason = LEADER.format(share=_percent(campaign, t), visits=int(diary.visits[t]), led=int(diary.led[t]))
        else:
            days = int(((draft.open[teams] & opened).sum(axis=1) * campaign.teams.parties[teams]).sum())
            reason = NO_TIME.format(teams=len(teams), days=days)
        said.append((home, reason))
    return said


def _too_long(campaign: Campaign, home: int, allowed: Wide) -> Text:
    ways = np.array([2 * campaign.out(int(t), np.array([home]))[0] for t in allowed])
    k = int((ways - campaign.teams.minutes[allowed]).argmin())
    service = float(campaign.homes.minutes[home])
    return TOO_LONG.format(
        way=round(ways[k]), service=round(service), both=round(ways[k] + service), day=round(campaign.teams.minutes[allowed[k]])
    )


def _too_few_leaders(campaign: Campaign) -> list[tuple[int, Text]]:
    """The teams whose leader cannot be present at the share while all parties are out."""
    return [
        (
            int(t),
            LED_PARTIES.format(
                share=_percent(campaign, int(t)), parties=int(campaign.teams.parties[t]), usable=f"{campaign.fronts[t]:.2f}"
            ),
        )
        for t in np.flatnonzero(campaign.fronts < campaign.teams.parties - 1e-9)
    ]


def _percent(campaign: Campaign, team: int) -> str:
    return f"{100 * float(campaign.teams.share[team]):g}"
