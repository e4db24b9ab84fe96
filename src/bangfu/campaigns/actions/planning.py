"""Visits are planned, and planned anew where somebody falls out: what the algorithm says, kept by household."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from django.db import connection

from bangfu.accounts.audit import note
from bangfu.areas.frame import name_of
from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.areas.remembered import areas
from bangfu.campaigns import acts
from bangfu.campaigns.actions.setting_up import KINDS, PERMISSION
from bangfu.campaigns.actions.teams import the_campaign
from bangfu.campaigns.homes import Homes, Places, homes_of
from bangfu.campaigns.models import Planned, Team, VisitCampaign, VisitPlan, VisitRule
from bangfu.campaigns.planning import leaders_alone, model, plan, replan
from bangfu.campaigns.problems import BAD_ENTRY, NO_HOMES, NO_TEAMS, NOT_PLANNED, OVER
from bangfu.cases.actions.writing import one_at_a_time
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.copying import copy_in
from bangfu.foundation.say import Text, quoted, why_no_text
from bangfu.kit.numbers import grouped

ONE_PLAN = 2801  # advisory lock
STAGE = "visits_planned"
WHY = Text("为什么重排", "why it is planned anew")
_STAGE = f"""CREATE TEMPORARY TABLE {STAGE} (household bigint PRIMARY KEY, path text, kind text, team bigint, day date, party smallint, place smallint, arrive smallint,
  leader boolean, why text) ON COMMIT DROP"""
_WRITE = f"""INSERT INTO campaigns_planned (campaign_id, household_id, path, kind, team_id, day, party, place, arrive, leader, why, recorded_from)
SELECT %(campaign)s, household, path, kind, team, day, party, place, arrive, leader, why::jsonb, %(now)s FROM {STAGE} ORDER BY path, household
ON CONFLICT (household_id, campaign_id) DO UPDATE SET path = EXCLUDED.path, kind = EXCLUDED.kind, team_id = EXCLUDED.team_id, day = EXCLUDED.day, party = EXCLUDED.party,
  place = EXCLUDED.place, arrive = EXCLUDED.arrive, leader = EXCLUDED.leader, why = EXCLUDED.why
WHERE (campaigns_planned.path, campaigns_planned.kind, campaigns_planned.team_id, campaigns_planned.day, campaigns_planned.party, campaigns_planned.place,
       campaigns_planned.arrive, campaigns_planned.leader, campaigns_planned.why)
  IS DISTINCT FROM (EXCLUDED.path, EXCLUDED.kind, EXCLUDED.team_id, EXCLUDED.day, EXCLUDED.party, EXCLUDED.place, EXCLUDED.arrive, EXCLUDED.leader, EXCLUDED.why)"""
# Who was visited is the campaign's for good; who was not and is no longer there (moved, ended, of another kind) is not.
_GONE = f"""DELETE FROM campaigns_planned p WHERE p.campaign_id = %(campaign)s AND NOT EXISTS (SELECT FROM {STAGE} s WHERE s.household = p.household_id)
  AND NOT EXISTS (SELECT FROM fieldwork_visit v WHERE v.household_id = p.household_id AND v.day BETWEEN %(first)s AND %(last)s)"""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a plan is made of: the households, the teams in their order, the first day, and the stated model."""

    homes: Homes
    teams: list[Team]
    first: date
    stated: model.Campaign


def ground_of(campaign: VisitCampaign, day: date, without: Collection[int] = ()) -> Ground:
    """The stated model of a campaign as the rows have it on a day, `without` some households. Raises BF-2806 without a team, BF-2807 without a household."""
    teams = list(Team.objects.filter(campaign=campaign).order_by("number"))
    if not any(t.gone_on is None for t in teams):
        raise NO_TEAMS()
    homes = homes_of(campaign, campaign.path, day, positions=campaign.watches("positions", day)).without(without)
    if not len(homes.keys):
        raise NO_HOMES(area=name_of(areas().by_path([campaign.path])[campaign.path]))
    first, days = campaign.campaign.valid.lower, campaign.campaign.days()
    level = profile_of(campaign.path).plays.village
    depth = len(Area.objects.under(campaign.path).level(level).values_list("path", flat=True)[0])
    villages = {path: n for n, path in enumerate(sorted({p[:depth] for p in homes.paths}))}
    hamlets = {path: n for n, path in enumerate(sorted(set(homes.paths)))}
    kinds = list(KINDS)
    places = Places.under(campaign.path)
    stated = model.Campaign(
        model.Homes(
            homes.keys,
            np.array([villages[p[:depth]] for p in homes.paths], np.int32),
            np.array([hamlets[p] for p in homes.paths], np.int32),
            homes.xy,
            np.array([campaign.minutes[k] for k in homes.kinds], np.float32),
            np.array([kinds.index(k) for k in homes.kinds], np.int8),
        ),
        model.Teams(
            np.array([t.pk for t in teams], np.int64),
            np.array([places.of(t.path) for t in teams], np.float64),
            np.array([max(1, t.parties) for t in teams], np.int32),
            np.zeros(len(teams), np.int32),
            np.array(
                [
                    (n, v)
                    for n, t in enumerate(teams)
                    for path, v in villages.items()
                    if any(path.startswith(p) for p in t.places)
                ],
                np.int32,
            ).reshape(-1, 2),
            np.full(len(teams), float(campaign.day_minutes)),
            np.full(len(teams), float(campaign.leader_share)),
            np.array([[t.gone_on is None or first + timedelta(d) < t.gone_on for d in range(days)] for t in teams], bool),
        ),
        model.Days(_closed(campaign, villages, first, days)),
    )
    return Ground(homes, teams, first, stated)


def _closed(campaign: VisitCampaign, villages: Mapping[str, int], first: date, days: int) -> npt.NDArray[np.bool_]:
    """(villages, days): where nobody may go, as the rules on visits say."""
    closed = np.zeros((len(villages), days), bool)
    for rule in VisitRule.objects.filter(closed=True):
        held = [d for d in range(days) if first + timedelta(d) in rule.valid]
        for path, n in villages.items():
            if path.startswith(rule.path):
                closed[n, held] = True
    return closed


def plan_visits(actor: Actor, key: str) -> VisitPlan:
    """Plan the visits of a campaign: every household by which team, on which day, in which order.

    Raises BF-2801, BF-2806, BF-2807, BF-2808 for a campaign that is over, BF-1001 without `campaign.manage`.
    """
    actor.require(PERMISSION)
    with acting(actor):
        one_at_a_time(ONE_PLAN)
        campaign = _still_on(actor, key)
        began = time.perf_counter()
        ground = ground_of(campaign, clock.today())
        return _keep(actor, campaign, ground, plan(ground.stated), "", began)


def replan_visits(actor: Actor, key: str, why: str) -> VisitPlan:
    """Plan anew what is left: who was visited, and the days before today, stay as they are; the households of teams that fell out, those that were not reached on
    their day, and those that came to the register go to whoever can still go there.

    Raises as `plan_visits`, BF-2802 without a reason, BF-2810 where there is no plan yet.
    """
    actor.require(PERMISSION)
    if (wanted := why_no_text(why, 200)) is not None:
        raise BAD_ENTRY(column=WHY, value=quoted(why), wanted=wanted)
    with acting(actor):
        one_at_a_time(ONE_PLAN)
        campaign = _still_on(actor, key)
        began = time.perf_counter()
        held = _held(campaign)
        unplanned = {
            key for key, row in held.items() if row.done and row.team is None
        }  # visited without a plan: there is nothing left to plan
        ground = ground_of(campaign, clock.today(), without=unplanned)
        before, done = _before(held, ground)
        today = max(0, (clock.today() - ground.first).days)
        made, changed = replan(ground.stated, before, done, today)
        return _keep(actor, campaign, ground, made, why, began, moved=len(changed))


def _still_on(actor: Actor, key: str) -> VisitCampaign:
    campaign = the_campaign(actor, key)
    last = campaign.campaign.valid.upper - timedelta(1)
    if clock.today() > last:
        raise OVER(day=last)
    return campaign


@dataclass(frozen=True, slots=True)
class _Held:
    """What the plan that stands says of a household, and whether it was visited."""

    team: int | None
    day: date
    party: int
    place: int
    leader: bool
    arrive: int
    done: bool


def _held(campaign: VisitCampaign) -> dict[int, _Held]:
    """The plan that stands. Raises BF-2810."""
    rows = Planned.objects.filter(campaign=campaign).with_done(clock.today())
    held = {
        r[0]: _Held(*r[1:]) for r in rows.values_list("household", "team", "day", "party", "place", "leader", "arrive", "done")
    }
    if not held:
        raise NOT_PLANNED()
    return held


def _before(held: Mapping[int, _Held], ground: Ground) -> tuple[model.Plan, npt.NDArray[np.bool_]]:
    """The plan that stands as the algorithm reads it, by the households and teams of today, and who was visited."""
    team_at = {t.pk: n for n, t in enumerate(ground.teams)}
    n, m = len(ground.homes.keys), len(ground.teams)
    team, day, party, order = (np.full(n, -1, np.int32) for _ in range(4))
    leader, done, arrive = np.zeros(n, bool), np.zeros(n, bool), np.full(n, np.nan)
    for at, key in enumerate(ground.homes.keys.tolist()):
        said = held.get(key)
        if said is None or said.team is None:
            continue
        team[at], day[at], party[at], order[at] = (
            team_at[said.team],
            (said.day - ground.first).days,
            said.party - 1,
            said.place - 1,
        )
        leader[at], arrive[at], done[at] = said.leader, said.arrive, said.done
    zeros, none = np.zeros(m), np.zeros(m, np.int32)
    return model.Plan(team, day, party, order, leader, arrive, zeros, zeros, none, none, 0.0, 0.0, []), done


def _keep(
    actor: Actor, campaign: VisitCampaign, ground: Ground, made: model.Plan, why: str, began: float, moved: int = 0
) -> VisitPlan:
    """Write a plan: by household, and what it says of itself."""
    reasons = dict(made.unplaced)
    placed = made.team >= 0
    keys = np.array([t.pk for t in ground.teams], np.int64)
    days = np.datetime64(ground.first) + np.where(placed, made.day, 0).astype("timedelta64[D]")

    def where_placed(values: Any, kind: pa.DataType) -> pa.Array:
        return pa.array(values, kind, mask=~placed)

    table = pa.table(
        {
            "household": pa.array(ground.homes.keys),
            "path": pa.array(ground.homes.paths),
            "kind": pa.array(ground.homes.kinds),
            "team": where_placed(keys[np.where(placed, made.team, 0)], pa.int64()),
            "day": where_placed(days.astype("datetime64[D]"), pa.date32()),
            "party": where_placed(made.party + 1, pa.int32()),
            "place": where_placed(made.order + 1, pa.int32()),
            "arrive": where_placed(np.where(placed, np.nan_to_num(made.arrive), 0).round().astype(np.int32), pa.int32()),
            "leader": pa.array(made.leader),
            "why": pa.array(
                [None if placed[n] else json.dumps(_reason(reasons.get(n)), ensure_ascii=False) for n in range(len(placed))],
                pa.string(),
            ),
        }
    )
    first, last = campaign.campaign.valid.lower, campaign.campaign.valid.upper - timedelta(1)
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        copy_in(STAGE, table)
        cursor.execute(f"ANALYZE {STAGE}")
        cursor.execute(_GONE, {"campaign": campaign.pk, "first": first, "last": last})
        cursor.execute(_WRITE, {"campaign": campaign.pk, "now": clock.now()})
        cursor.execute(f"DROP TABLE {STAGE}")
    kept = VisitPlan.objects.create(
        path=campaign.path,
        campaign=campaign,
        made_on=clock.today(),
        why=why,
        figures=figures_of(campaign, ground, made) | {"seconds": round(time.perf_counter() - began, 1), "moved": moved},
        actor=actor.name[:60],
    )
    note(
        actor,
        acts.PLAN,
        subject=campaign.campaign.key,
        path=campaign.path,
        detail={"teams": int((made.visits > 0).sum()), "unplaced": int((~placed).sum())},
    )
    return kept


def _reason(said: Text | None) -> dict[str, str]:
    told = said or Text("没有排入", "in no plan")
    return {"zh": told.zh, "en": told.en}


def figures_of(campaign: VisitCampaign, ground: Ground, made: model.Plan) -> dict[str, Any]:
    """What a plan says of itself, as it is shown."""
    placed = made.team >= 0
    alone = leaders_alone(
        len(ground.homes.keys),
        sum(t.gone_on is None for t in ground.teams),
        campaign.campaign.days(),
        round(float(ground.stated.homes.minutes.mean())),
        day=float(campaign.day_minutes),
    )
    return {
        "households": len(placed),
        "planned": int(placed.sum()),
        "unplaced": int((~placed).sum()),
        "teams": int((made.visits > 0).sum()),
        "hours": round(made.minutes / 60),
        "travel_hours": round(float(made.travel.sum()) / 60),
        "bound_hours": round(made.bound / 60),
        "ratio": round(made.ratio, 4),
        "over": f"{grouped(100 * (made.ratio - 1), 1)}%",
        "balance": f"{grouped(100 * made.balance, 1)}%",
        "led": f"{grouped(100 * float(made.leader[placed].mean()) if placed.any() else 0, 1)}%",
        "schematic": ground.homes.schematic,
        "short": [{"team": ground.teams[n].number, "zh": t.zh, "en": t.en} for n, t in made.short],
        "alone": {"feasible": alone.feasible, "zh": alone.text.zh, "en": alone.text.en},
    }
