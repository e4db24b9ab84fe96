"""The households of a campaign as rows: who they are, of which kind, where they stand."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from bangfu.areas.models import Area
from bangfu.campaigns.models import VisitCampaign

METRES = 111_320.0  # of a degree of latitude
HAMLET, SPREAD = (
    1_200.0,
    150.0,
)  # metres, where nobody knows better: of a hamlet from the middle of its village, of a home from that of its hamlet

# Every farming household that has members on the day, with its kind (ordinary where nothing is said) and where its newest evidence with a position says it stands.
_HOMES = """SELECT h.id, h.number, h.path, coalesce(k.kind, 'ordinary') AS kind, e.latitude, e.longitude
FROM register_household h
LEFT JOIN register_kind k ON k.household_id = h.id AND k.valid @> %(day)s::date
LEFT JOIN LATERAL (SELECT v.latitude, v.longitude FROM register_evidence v WHERE v.household = h.id AND v.latitude IS NOT NULL ORDER BY v.id DESC LIMIT 1) e ON %(positions)s
WHERE h.sort = 'farming' AND h.path >= %(path)s AND h.path < %(path)s || '~' AND coalesce(k.kind, 'ordinary') = ANY(%(kinds)s)
  AND EXISTS (SELECT FROM register_membership m WHERE m.household_id = h.id AND m.sort = 'farming' AND m.valid @> %(day)s::date)
ORDER BY h.path, h.number"""


@dataclass(frozen=True, slots=True)
class Homes:
    """Households in the order of their places: keys, paths, kinds; where they stand in metres east and north of the county's middle; how many positions are only schematic."""

    keys: npt.NDArray[np.int64]
    paths: Sequence[str]
    kinds: Sequence[str]
    xy: npt.NDArray[np.float64]
    schematic: int

    def without(self, keys: Collection[int]) -> Homes:
        """The households but for some."""
        if not keys:
            return self
        left = np.flatnonzero(~np.isin(self.keys, list(keys))).tolist()
        return Homes(self.keys[left], [self.paths[n] for n in left], [self.kinds[n] for n in left], self.xy[left], self.schematic)


def homes_of(campaign: VisitCampaign, path: str, day: date, *, positions: bool = False) -> Homes:
    """The households of a campaign in an area on a day. Positions of homes are read only where that is allowed; else a home lies where its hamlet is drawn."""
    with connection.cursor() as cursor:
        cursor.execute(_HOMES, {"day": day, "path": path, "kinds": list(campaign.kinds), "positions": positions})
        rows = cursor.fetchall()
    places = Places.under(path)
    xy = np.array([places.home(number, p, lat, lon) for _, number, p, _, lat, lon in rows], np.float64).reshape(-1, 2)
    return Homes(
        np.array([r[0] for r in rows], np.int64),
        [r[2] for r in rows],
        [r[3] for r in rows],
        xy,
        sum(1 for r in rows if r[4] is None),
    )


@dataclass(frozen=True, slots=True)
class Places:
    """Where areas lie, in metres about a middle. A hamlet without a place of its own lies about its village, always in the same spot."""

    known: Mapping[str, tuple[float, float]]
    middle: tuple[float, float]

    @classmethod
    def under(cls, path: str) -> Places:
        """Those of an area, with the places that contain it."""
        rows: list[Any] = list(
            Area.objects.under(path[: path.index("/") + 1]).exclude(lat=None).values_list("path", "lat", "lon")
        )
        inside = [r for r in rows if r[0].startswith(path)] or rows
        middle = (float(np.mean([r[1] for r in inside])), float(np.mean([r[2] for r in inside]))) if inside else (0.0, 0.0)
        made = cls({}, middle)
        return cls({p: made.metres(lat, lon) for p, lat, lon in rows}, middle)

    def metres(self, latitude: float, longitude: float) -> tuple[float, float]:
        """A position in metres east and north of the middle (equirectangular: within a county it is off by less than the way around a hill)."""
        return (longitude - self.middle[1]) * METRES * math.cos(math.radians(self.middle[0])), (
            latitude - self.middle[0]
        ) * METRES

    def of(self, path: str) -> tuple[float, float]:
        """Where an area lies: as it is known, else about the one that contains it."""
        if path in self.known:
            return self.known[path]
        above = path[: path.rindex("/", 0, len(path) - 1) + 1] if path.count("/") > 1 else ""
        return _about(self.of(above), path, HAMLET) if above else (0.0, 0.0)

    def home(self, number: str, path: str, latitude: float | None, longitude: float | None) -> tuple[float, float]:
        """Where a home stands: its position, else about its hamlet."""
        if latitude is not None and longitude is not None:
            return self.metres(latitude, longitude)
        return _about(self.of(path), number, SPREAD)


def _about(middle: tuple[float, float], name: str, spread: float) -> tuple[float, float]:
    """A spot about a middle that follows from a name alone: evenly over a circle of a radius of twice the spread."""
    drawn = hashlib.blake2b(name.encode(), digest_size=8).digest()
    turn = int.from_bytes(drawn[:4], "big") / 2**32 * 2 * math.pi
    out = math.sqrt(int.from_bytes(drawn[4:], "big") / 2**32) * 2 * spread
    return middle[0] + out * math.cos(turn), middle[1] + out * math.sin(turn)
