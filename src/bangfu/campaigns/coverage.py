"""How far a campaign is: against its plan by place and by day; who has no visit yet, and how often somebody went in vain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.campaigns.models import COUNTED, VisitCampaign

# Of each planned household: the first day within the campaign on which it was visited, and how often somebody went and found nobody.
_MADE = """made AS (
  SELECT v.household_id AS household, min(v.day) FILTER (WHERE NOT v.away AND v.answered <> 'nobody') AS first,
         count(*) FILTER (WHERE v.away OR v.answered = 'nobody') AS missed, bool_or(v.away) AS away
  FROM fieldwork_visit v
  WHERE v.source = ANY(%(counted)s) AND v.day BETWEEN %(first)s AND %(until)s AND v.path >= %(path)s AND v.path < %(path)s || '~'
  GROUP BY 1)"""
_PLANNED = "campaigns_planned p LEFT JOIN made m ON m.household = p.household_id WHERE p.campaign_id = %(campaign)s AND p.path >= %(path)s AND p.path < %(path)s || '~'"
_FAR = f"""WITH {_MADE}
SELECT left(p.path, %(cut)s) AS area, count(*), count(*) FILTER (WHERE p.day <= %(until)s), count(m.first), count(*) FILTER (WHERE m.first = %(until)s),
       count(*) FILTER (WHERE m.first IS NULL AND m.missed > 0), count(*) FILTER (WHERE m.first IS NULL AND m.away), count(*) FILTER (WHERE p.team_id IS NULL AND m.first IS NULL),
       count(*) FILTER (WHERE m.first IS NULL AND p.day < %(until)s)
FROM {_PLANNED} GROUP BY GROUPING SETS ((1), ()) ORDER BY 1 NULLS FIRST"""
_DAYS = f"""WITH {_MADE}
SELECT d.day, sum(d.planned)::int, sum(d.done)::int FROM (
  SELECT p.day, 1 AS planned, 0 AS done FROM {_PLANNED} AND p.day IS NOT NULL
  UNION ALL SELECT m.first, 0, 1 FROM {_PLANNED} AND m.first IS NOT NULL) d GROUP BY 1 ORDER BY 1"""


@dataclass(frozen=True, slots=True)
class Far:
    """How far an area is on a day.

    `households` of the campaign; `due` planned up to the day; `done` visited up to it, `today` on it; `missed`: somebody went and met nobody, `away` of them wholly
    away; `unplaced`: in no plan; `late`: planned before the day and not visited.
    """

    path: str
    name: str
    households: int
    due: int
    done: int
    today: int
    missed: int
    away: int
    unplaced: int
    late: int

    @property
    def left(self) -> int:
        """Households without a visit."""
        return self.households - self.done

    @property
    def share(self) -> float:
        """The visited share, from 0 to 1."""
        return self.done / self.households if self.households else 0.0

    @property
    def behind(self) -> int:
        """How many visits fewer were made than planned; 0 where none."""
        return max(0, self.due - self.done)


def far(campaign: VisitCampaign, path: str, until: date) -> tuple[Far, list[Far]]:
    """How far an area is on a day, and each place directly below it (the area itself where nothing lies below)."""
    area = areas().by_path([path])[path]
    below = areas().below(area, until)
    cut = len(below[0].path) if below else len(path)
    names = {a.path: name_of(a) for a in [area, *below]}
    with connection.cursor() as cursor:
        cursor.execute(_FAR, _asked(campaign, path, until) | {"cut": cut})
        rows = cursor.fetchall()
    whole = Far(path, names[path], *next((r[1:] for r in rows if r[0] is None), (0,) * 8))
    return whole, [Far(p, names.get(p, names[path]), *figures) for p, *figures in rows if p is not None]


def by_day(campaign: VisitCampaign, path: str, until: date) -> list[tuple[date, int, int]]:
    """(day, visits planned, households first visited) of each day of the campaign, also of those on which there was nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, _asked(campaign, path, until))
        found: Mapping[date, tuple[int, int]] = {day: (planned, done) for day, planned, done in cursor.fetchall()}
    days = campaign.campaign.days()
    first: date = campaign.campaign.valid.lower
    return [(day, *found.get(day, (0, 0))) for day in (first + timedelta(n) for n in range(days))]


def _asked(campaign: VisitCampaign, path: str, until: date) -> dict[str, Any]:
    first, after = campaign.campaign.valid.lower, campaign.campaign.valid.upper
    return {
        "campaign": campaign.pk, "path": path, "counted": list(COUNTED), "first": first, "until": min(until, after - timedelta(1)),
    }  # fmt: skip
