"""The stated model of a campaign of visits: what goes in, what a plan is. Pure; metres and minutes.

A team is a leader and companions who go out as up to `parties` parties at once; the leader goes with the first. A party starts at the team's base, visits
homes in order, and comes back within the minutes of its day. Minutes count per party. A ride takes `Pace.boarding` and the way by vehicle; within a village
people walk where that is quicker. Since walking is never quicker per metre than riding, a detour over a third place never saves time (the triangle law).
The model leaves out roads, weather, and whether somebody is at home.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bangfu.foundation.say import Text

Keys = NDArray[np.int64]
Ints = NDArray[np.int32]
Wide = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Homes:
    """The households of a campaign, n of them.

    `keys` (n,) unique; `village` (n,) index into the rows of `Days.closed`; `group` (n,) index of the hamlet within the county; `xy` (n, 2) metres, known for
    all (a home of unknown place stands at the centre of its hamlet or village); `minutes` (n,) the visit itself; `kind` (n,) a code of the caller's.
    """

    keys: Keys
    village: Ints
    group: Ints
    xy: Floats
    minutes: NDArray[np.float32]
    kind: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Teams:
    """The teams, m of them.

    `base` (m, 2) where each starts and ends its day; `parties` (m,) from 1; `rank` (m,) a code of the caller's; `places` (k, 2) pairs (team, village)
    that a team may serve, where a team without pairs may serve all; `minutes` (m,) of a party's day; `share` (m,) of its visits at which
    the leader is present at least; `available` (m, days).
    """

    keys: Keys
    base: Floats
    parties: Ints
    rank: Ints
    places: Ints
    minutes: Floats
    share: Floats
    available: Bools


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a campaign: `closed` (villages, days) says when a village must not be visited."""

    closed: Bools

    @property
    def count(self) -> int:
        """How many days the campaign has."""
        return int(self.closed.shape[1])


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast people get on: metres a minute with the detour of real ways; `boarding` minutes of each ride; `starts` the minute at which a day begins."""

    vehicle: float = 400.0
    detour: float = 1.4
    foot: float = 67.0
    foot_detour: float = 1.3
    boarding: float = 3.0
    starts: float = 480.0

    def __post_init__(self) -> None:
        if min(self.vehicle, self.foot) <= 0 or min(self.detour, self.foot_detour) < 1 or self.boarding < 0:
            raise ValueError("speeds are above 0, detours from 1, boarding from 0")
        if self.walk < self.ride:
            raise ValueError("walking a metre takes at least as long as riding it")

    @property
    def ride(self) -> float:
        """Minutes a straight metre by vehicle, boarding apart."""
        return self.detour / self.vehicle

    @property
    def walk(self) -> float:
        """Minutes a straight metre on foot."""
        return self.foot_detour / self.foot

    def ways(self, metres: Floats, same_village: Bools | bool) -> Floats:
        """Minutes between two places some straight metres apart; on foot only within a village, and only where that is quicker."""
        riding = self.boarding + metres * self.ride
        return np.where(same_village, np.minimum(riding, metres * self.walk), riding)


def classes(can: Bools) -> list[tuple[Wide, Wide]]:
    """Of (teams, villages): villages with the same teams, and these teams."""
    kinds, of = np.unique(can.T, axis=0, return_inverse=True)
    return [(np.flatnonzero(of.reshape(-1) == k), np.flatnonzero(kinds[k])) for k in range(len(kinds))]


@dataclass(frozen=True)
class Campaign:
    """What is to be planned. Raises ValueError where shapes, indices or numbers do not fit."""

    homes: Homes
    teams: Teams
    days: Days
    pace: Pace = Pace()

    def __post_init__(self) -> None:
        h, t, n, m = self.homes, self.teams, len(self.homes.keys), len(self.teams.keys)
        if len(np.unique(h.keys)) != n or len(np.unique(t.keys)) != m:
            raise ValueError("keys repeat")
        if {len(h.village), len(h.group), len(h.minutes), len(h.kind)} != {n} or h.xy.shape != (n, 2):
            raise ValueError("homes: one row each in every array")
        if {len(t.parties), len(t.rank), len(t.minutes), len(t.share)} != {m} or t.base.shape != (m, 2):
            raise ValueError("teams: one row each in every array")
        if t.available.shape != (m, self.days.count) or t.places.ndim != 2 or t.places.shape[1] != 2:
            raise ValueError("available is (teams, days), places (pairs, 2)")
        if not (np.isfinite(h.xy).all() and np.isfinite(t.base).all() and np.isfinite(h.minutes).all()):
            raise ValueError("places and minutes are finite")
        villages = self.days.closed.shape[0]
        if n and not (h.village.min() >= 0 and h.village.max() < villages and h.group.min() >= 0 and h.minutes.min() >= 0):
            raise ValueError("a village, a group or minutes out of range")
        if len(t.places) and not (t.places.min() >= 0 and t.places[:, 0].max() < m and t.places[:, 1].max() < villages):
            raise ValueError("places name a team or a village that is not there")
        if m and not (t.parties.min() >= 1 and t.share.min() >= 0 and t.share.max() <= 1 and t.minutes.min() > 0):
            raise ValueError("parties from 1, shares from 0 to 1, minutes above 0")

    @cached_property
    def may(self) -> Bools:
        """(teams, villages): whether a team may serve a village."""
        said = np.zeros((len(self.teams.keys), self.days.closed.shape[0]), bool)
        said[self.teams.places[:, 0], self.teams.places[:, 1]] = True
        said[~said.any(axis=1)] = True
        return said

    @cached_property
    def alike(self) -> list[tuple[Wide, Wide]]:
        """Villages that the same teams may serve, with these teams: the classes in which loads can be compared."""
        return classes(self.may)

    @cached_property
    def fronts(self) -> Floats:
        """(teams,) parties that count: three parties of which the leader is to see more than a third cannot all be out all the time."""
        with np.errstate(divide="ignore"):
            return np.minimum(self.teams.parties, 1 / self.teams.share)

    @cached_property
    def capacity(self) -> Floats:
        """(teams,) minutes of all parties on all days on which the team is available."""
        return np.asarray(self.teams.available.sum(axis=1) * self.teams.minutes * self.fronts, float)

    def out(self, team: int, homes: Wide) -> Floats:
        """Minutes of the ride from a team's base to homes (k,)."""
        return self.pace.ways(np.hypot(*(self.homes.xy[homes] - self.teams.base[team]).T), False)


@dataclass(frozen=True, slots=True)
class Plan:
    """Visits by home and what they come to.

    By home (n,): `team`, `day`, `party` (0 is the leader's), `order` within the party's day, all -1 where unplaced; `leader` present; `arrive` the minute
    of the day, NaN where unplaced. By team (m,): `travel` and `service` minutes, `visits`, `days_used`. `bound` is a proven lower bound of the
    working minutes of the placed homes; `balance` how far the busiest team is above the mean of those serving the same places, each weighed by its capacity.
    `short` says which teams' leaders were too few.
    """

    team: Ints
    day: Ints
    party: Ints
    order: Ints
    leader: Bools
    arrive: Floats
    travel: Floats
    service: Floats
    visits: Ints
    days_used: Ints
    bound: float
    balance: float
    unplaced: Sequence[tuple[int, Text]]
    short: Sequence[tuple[int, Text]] = ()

    @property
    def minutes(self) -> float:
        """Working minutes, travel and service, of all parties."""
        return float(self.travel.sum() + self.service.sum())

    @property
    def ratio(self) -> float:
        """Working minutes by their lower bound; 1 where nothing is planned."""
        return self.minutes / self.bound if self.bound else 1.0
