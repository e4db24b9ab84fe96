"""The visits of a campaign as the quality watch reads them. Times are read only while the campaign says on which ground, positions likewise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import connection

from bangfu.campaigns.homes import Places
from bangfu.campaigns.models import COUNTED, VisitCampaign
from bangfu.foundation import clock
from bangfu.supervision.hints import UNKNOWN, Hint, Pictures, Settings, Visits, find

LEAST = 6  # minutes that a visit of any form takes at least, the way left out

# Who went is the party: of those who were there the one named last, who goes with no other party (the leader, named first, goes with many).
_VISITS = """SELECT v.id, v.day, v.began_at, v.minutes, v.household_id, v.path, v.questions, v.pattern,
  coalesce(v.present[cardinality(v.present)], -v.user_id, 0) AS worker, e.latitude, e.longitude
FROM fieldwork_visit v LEFT JOIN fieldwork_submission s ON s.id = v.submission_id LEFT JOIN register_evidence e ON e.id = s.evidence AND %(positions)s
WHERE v.source = ANY(%(counted)s) AND v.day BETWEEN %(first)s AND %(until)s AND NOT v.away AND v.answered <> 'nobody' AND v.path >= %(path)s AND v.path < %(path)s || '~'
ORDER BY v.id"""
_PICTURES = """SELECT v.id, f.likeness FROM fieldwork_submissionfile f JOIN fieldwork_visit v ON v.submission_id = f.submission_id
WHERE f.likeness IS NOT NULL AND v.day BETWEEN %(first)s AND %(until)s AND v.path >= %(path)s AND v.path < %(path)s || '~' ORDER BY f.id"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A hint with the keys of its visits, the first of their days, and the area that holds them all."""

    hint: Hint
    visits: tuple[int, ...]
    day: date
    path: str


def look_at(campaign: VisitCampaign, until: date) -> list[Seen]:
    """What the watch finds among the visits of a campaign up to a day."""
    times, positions = campaign.watches("times", until), campaign.watches("positions", until)
    asked: dict[str, Any] = {
        "counted": list(COUNTED), "first": campaign.campaign.valid.lower, "until": until, "path": campaign.path, "positions": positions,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_VISITS, asked)
        rows = cursor.fetchall()
        cursor.execute(_PICTURES, asked)
        pictures = cursor.fetchall()
    if not rows:
        return []
    zone, places = clock.zone(), Places.under(campaign.path)
    local = [r[2].astimezone(zone) if times and r[2] is not None else None for r in rows]
    began = np.array([t.hour * 60 + t.minute if t is not None else UNKNOWN for t in local], np.int64)
    minutes = np.array([r[3] if times and r[3] is not None else UNKNOWN for r in rows], np.int64)
    ended = np.where((began >= 0) & (minutes >= 0), began + minutes, UNKNOWN)
    metres = np.array([places.metres(r[9], r[10]) if r[9] is not None else (np.nan, np.nan) for r in rows]) if positions else None
    depth = {path: path[: len(campaign.path) + 8] for path in {r[5] for r in rows}}
    visits = Visits(
        np.array([r[8] for r in rows], np.int64), np.array([r[1].toordinal() for r in rows], np.int64), began, ended, np.array([r[4] for r in rows], np.int64),
        _coded([depth[r[5]] for r in rows]), np.zeros(len(rows), np.int64), np.array([r[6] for r in rows], np.int64), np.array([r[7] or 0 for r in rows], np.int64),
        metres[:, 0] if metres is not None else None, metres[:, 1] if metres is not None else None,
    )  # fmt: skip
    at = {r[0]: n for n, r in enumerate(rows)}
    shown = [(at[v], likeness) for v, likeness in pictures if v in at]
    seen = Pictures(
        np.array([n for n, _ in shown], np.int64),
        np.array([likeness for _, likeness in shown], np.int64),
        np.zeros(len(shown), bool),
    )
    least = min(int(m) for m in campaign.minutes.values())
    found = find(
        visits, seen, Settings(day_minutes=max(campaign.day_minutes, 480) + 120, visit_minutes=max(LEAST, round(least * 0.6)))
    )
    return [
        Seen(hint, tuple(rows[n][0] for n in hint.visits), rows[min(hint.visits)][1], _common([rows[n][5] for n in hint.visits]))
        for hint in found.hints
    ]


def _coded(labels: list[str]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.unique(np.array(labels), return_inverse=True)[1].astype(np.int64)


def _common(paths: list[str]) -> str:
    """The lowest area that holds all of some paths."""
    low, high = min(paths), max(paths)
    at = next((n for n, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    return low[: low.rfind("/", 0, at) + 1] if low != high else low
