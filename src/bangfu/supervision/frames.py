"""The frame of a sample: the farming households of an area, as those who draw tell them apart. Read from the register on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from bangfu.campaigns.models import COUNTED, VisitCampaign
from bangfu.register.dated import EXITED as EXIT_STATES
from bangfu.register.sorts import FARMING
from bangfu.supervision.models.samples import EXITED, MONITORED, ORDINARY, REGISTERED
from bangfu.supervision.sampling import Frame
from bangfu.supervision.ties import township_of, village_of

Ints = npt.NDArray[np.int64]

_HOMES = f"""WITH lived AS (
  SELECT household_id AS home, count(*) AS persons FROM register_membership WHERE sort = %(farming)s AND valid @> %(day)s AND path >= %(path)s AND path < %(path)s || '~' GROUP BY household_id)
SELECT h.id, h.path, l.persons, CASE WHEN k.kind = 'monitored' THEN '{MONITORED}' WHEN k.kind = 'registered' AND r.exit_state IN {EXIT_STATES} THEN '{EXITED}'
  WHEN k.kind = 'registered' THEN '{REGISTERED}' ELSE '{ORDINARY}' END AS kind
FROM register_household h JOIN lived l ON l.home = h.id
LEFT JOIN register_kind k ON k.household_id = h.id AND k.valid @> %(day)s LEFT JOIN register_registration r ON r.household_id = h.id AND r.valid @> %(day)s
WHERE h.path >= %(path)s AND h.path < %(path)s || '~'"""
_VISITED = """ AND EXISTS (SELECT FROM fieldwork_visit v WHERE v.household_id = h.id AND v.source = ANY(%(counted)s) AND NOT v.away AND v.answered <> 'nobody'
  AND v.day >= %(first)s AND v.day <= %(last)s)"""


@dataclass(frozen=True, slots=True)
class Homes:
    """Households by key with their path, persons and kind. Arrays of shape (households,), in the order of keys."""

    keys: Ints
    paths: list[str]
    persons: Ints
    kinds: list[str]

    def frame(self, strata: str) -> Frame:
        """The frame stratified by `township`, `village`, `kind` or not at all; villages are its clusters."""
        labels = {"": lambda: [""] * len(self.paths), "kind": lambda: self.kinds}.get(strata, lambda: _cut(self.paths, strata))()
        return Frame(self.keys, labels, _cut(self.paths, "village"))

    def counted(self, frame: Frame) -> dict[str, dict[str, int]]:
        """How many households of each kind each stratum of their frame has."""
        found: dict[str, dict[str, int]] = {}
        for stratum, kind in zip(frame.strata.tolist(), self.kinds, strict=True):
            of = found.setdefault(stratum, {})
            of[kind] = of.get(kind, 0) + 1
        return found


def homes_of(path: str, day: date, kinds: Sequence[str], campaign: VisitCampaign | None = None) -> Homes:
    """The farming households of an area that somebody lives in on a day, of some kinds; of a campaign, those that were visited in it up to that day."""
    asked: dict[str, Any] = {"path": path, "day": day, "farming": FARMING}
    sql = _HOMES
    if campaign is not None:
        valid = campaign.campaign.valid
        sql += _VISITED
        asked |= {"counted": list(COUNTED), "first": valid.lower, "last": min(day, valid.upper - timedelta(1))}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({sql}) f WHERE kind = ANY(%(kinds)s) ORDER BY id", asked | {"kinds": list(kinds)})
        rows = cursor.fetchall()
    return Homes(
        np.array([r[0] for r in rows], np.int64),
        [r[1] for r in rows],
        np.array([r[2] for r in rows], np.int64),
        [r[3] for r in rows],
    )


def _cut(paths: Sequence[str], level: str) -> list[str]:
    """The area of a level on the line of each path, the path itself where there is none."""
    found: dict[str, str] = {}
    of = {"township": township_of, "village": village_of}[level]
    for one in set(paths):
        found[one] = of(one)
    return [found[one] for one in paths]


def frame_lines(frame: Frame) -> bytes:
    """The frame as it is kept and handed out: one line `key|stratum|cluster|size` per unit."""
    rows = zip(frame.keys.tolist(), frame.strata.tolist(), frame.clusters.tolist(), frame.sizes.tolist(), strict=True)
    return "".join("|".join(map(str, row)) + "\n" for row in rows).encode()


def read_frame(lines: bytes) -> Frame:
    """The frame that was kept. Raises ValueError for lines that are none."""
    rows = [line.split("|") for line in lines.decode().splitlines()]
    if any(len(row) != 4 for row in rows):
        raise ValueError("a line of a frame is key|stratum|cluster|size")
    return Frame([int(r[0]) for r in rows], [r[1] for r in rows], [r[2] for r in rows], [int(r[3]) for r in rows])
