"""The demo's great visit: teams are formed, every farming household is planned, and visits are made day by day and come in as the ledgers of each day.

Most people are at home; some are met on a second way; a few dozen households are wholly away and stay so. Three parties write down days that cannot have been: the watch has to find them.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import yaml

from bangfu.campaigns.actions import Asked, RuleRow, form_teams, plan_visits, set_rule, set_up
from bangfu.campaigns.models import Companion, Planned, Team, VisitCampaign
from bangfu.demo.population import DATA
from bangfu.fieldwork.actions.ledgers import SCHEMA, record_visits
from bangfu.foundation import clock
from bangfu.foundation.county import County
from bangfu.foundation.say import Text

CAMPAIGN = "great-visit"
BEGIN = date(2020, 3, 11)
MISSED = 0.035  # nobody was at home at the first visit
FEW = 2  # wholly away at least, in however small a county
PLANTED, WORKED, HASTE = 3, 12, 6  # parties of which one day cannot have been: so many days in one, minutes of each visit
ANSWERED = np.array(["head", "member", "relative"])
WHO = (0.72, 0.25, 0.03)
SHORT, REST = 16, 15  # minutes of a visit of the evening, and to the next one


def play_campaign(county: County, *, visited: int, seed: int) -> None:
    """Plan the great visit and make it; nothing where it was planned already. `visited`: households that are visited; the others are wholly away."""
    if VisitCampaign.objects.exists():
        return
    operator = county.operator()
    told = yaml.safe_load((DATA / "campaign.yaml").read_text("utf-8"))
    with clock.standing_at(BEGIN):
        times = told["times"]
        set_up(
            operator,
            Asked(
                CAMPAIGN, told["source"], told["forms"], told["minutes"], ranks=told["ranks"], day_minutes=told["day_minutes"], parties=told["parties"], leader_share=Decimal(str(told["leader_share"])),
                leaflets=told["leaflets"], times=(times["ground"], times["until"]),
            ),
        )  # fmt: skip
        set_rule(
            operator,
            [
                RuleRow(county.path, r["from"], r["until"], Text(r["zh"], r["en"]), r["source"], most_persons=r["most_persons"])
                for r in told["rules"]
            ],
        )
        form_teams(operator, CAMPAIGN)
        plan_visits(operator, CAMPAIGN)
    made = _made(np.random.default_rng([seed, 8]), visited)
    days = made["day"].to_pylist()
    for day in sorted(set(days)):
        rows = made.filter(pa.array([d == day for d in days]))
        rows = rows.set_column(0, "row", pa.array(range(1, rows.num_rows + 1), pa.int32()))
        with clock.standing_at(day):
            record_visits(operator, rows, name=f"大走访台账 {day}")


def _made(dice: np.random.Generator, visited: int) -> pa.Table:
    """The visits that are made, as ledgers tell them: most on their planned day, some on a later one, a few households wholly away."""
    rows = list(
        Planned.objects.filter(campaign__campaign__key=CAMPAIGN, team__isnull=False)
        .order_by("team", "day", "party", "place")
        .values_list("household__number", "day", "team", "party", "arrive", "leader", "kind", "campaign__minutes", "campaign__campaign__valid")
    )  # fmt: skip
    n = len(rows)
    last = rows[0][8].upper - timedelta(1)
    team, party = np.array([r[2] for r in rows]), np.array([r[3] for r in rows])
    day = np.array([r[1].toordinal() for r in rows])
    began = np.array([r[4] for r in rows])
    minutes = np.array([max(8, round(r[7][r[6]] * u)) for r, u in zip(rows, dice.uniform(0.7, 1.0, n), strict=True)])
    ordinary = np.flatnonzero([r[6] == "ordinary" for r in rows])
    away = np.zeros(n, bool)
    away[dice.choice(ordinary, min(max(n - visited, FEW), len(ordinary)), replace=False)] = True
    missed = away | (dice.random(n) < MISSED) & (day < last.toordinal())
    answered = ANSWERED[dice.choice(3, n, p=WHO)]
    _plant(dice, day, team, party, began, minutes, missed)
    # Again: on one of the days after, in the evening, one after the other.
    again = np.flatnonzero(missed)
    later = np.minimum(day[again] + dice.integers(1, 5, len(again)), last.toordinal())
    order = np.lexsort((day[again], party[again], team[again], later))
    at = np.column_stack([later, team[again], party[again]])[order]
    first = np.r_[True, (at[1:] != at[:-1]).any(axis=1)] if len(at) else np.zeros(0, bool)
    begins = np.maximum.accumulate(np.where(first, np.arange(len(at)), 0))
    evening = np.empty(len(again), int)
    evening[order] = np.minimum(18 * 60 + (np.arange(len(at)) - begins) * (SHORT + REST), 22 * 60)
    return _table(rows, day, began, minutes, answered, away, missed, again, later, evening)


def _plant(
    dice: np.random.Generator,
    day: npt.NDArray[Any],
    team: npt.NDArray[Any],
    party: npt.NDArray[Any],
    began: npt.NDArray[Any],
    minutes: npt.NDArray[Any],
    missed: npt.NDArray[Any],
) -> None:
    """Let some parties do the work of many days on one: every visit of six minutes, one right after the other."""
    work, visits = np.unique(np.column_stack([team, party]), axis=0, return_counts=True)
    busy = work[np.argsort(-visits, kind="stable")[: 4 * PLANTED]]
    for t, p in busy[dice.choice(len(busy), min(PLANTED, len(busy)), replace=False)]:
        own = np.flatnonzero((team == t) & (party == p))
        days = np.unique(day[own])[:WORKED]
        moved = own[np.isin(day[own], days)]
        day[moved], minutes[moved], missed[moved] = days[0], HASTE, False
        began[moved] = 8 * 60 + (HASTE + 1) * np.arange(len(moved))


def _table(
    rows: list[tuple[Any, ...]], day: npt.NDArray[Any], began: npt.NDArray[Any], minutes: npt.NDArray[Any], answered: npt.NDArray[Any], away: npt.NDArray[Any], missed: npt.NDArray[Any],
    again: npt.NDArray[Any], later: npt.NDArray[Any], evening: npt.NDArray[Any],
) -> pa.Table:  # fmt: skip
    """The first ways and the second ones in the form of ledgers."""
    leaders = dict(Team.objects.values_list("pk", "leader__number"))
    along: dict[tuple[int, int], list[str]] = {}
    for t, p, number in Companion.objects.order_by("pk").values_list("team", "party", "officer__number"):
        along.setdefault((t, p), []).append(number)
    number = np.array([r[0] for r in rows], object)
    leader = np.array([leaders[r[2]] if r[5] else "" for r in rows], object)
    present = np.array([" ".join(along.get((r[2], r[3]), [])) or (leaders[r[2]] if not r[5] else "") for r in rows], object)
    every = np.arange(len(rows))
    of = np.concatenate([every, again])
    second = np.arange(len(of)) >= len(every)
    reached = ~away[of] & (second | ~missed[of])
    on = np.concatenate([day, later])
    at = np.concatenate([began, evening]).clip(0, 23 * 60 + 50)
    zone = clock.zone()
    stamp = [
        clock.moment(date.fromordinal(int(d)))
        .astimezone(zone)
        .replace(hour=int(m) // 60, minute=int(m) % 60, second=0, microsecond=0)
        for d, m in zip(on, at, strict=True)
    ]
    return pa.table(
        {
            "row": pa.array(range(len(of)), pa.int32()),
            "number": pa.array(number[of].tolist()),
            "day": pa.array([date.fromordinal(int(d)) for d in on], pa.date32()),
            "began_at": pa.array(stamp, pa.timestamp("s", "UTC")),
            "minutes": pa.array(np.where(reached, np.where(second, SHORT, minutes[of]), 3).astype(np.int16)),
            "mode": pa.array(["home"] * len(of)),
            "answered": pa.array(np.where(reached, answered[of], np.where(away[of], "", "nobody")).tolist()),
            "away": pa.array(away[of]),
            "leader": pa.array(leader[of].tolist()),
            "present": pa.array(present[of].tolist()),
            "words": pa.array([None] * len(of), pa.string()),
        }
    ).cast(SCHEMA)  # fmt: skip
