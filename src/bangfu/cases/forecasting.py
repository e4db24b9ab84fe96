"""The forecast of an area's cases from rows: by post and by kind, against the day by which all are to be closed; and which helpers would have to move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db.models import Count, Max, Min, OuterRef, Q, Subquery

from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.cases.chain import Chain, PostOf
from bangfu.cases.forecast import Forecast, Held, History, Ints, Reals, Wait, forecast, what_holds
from bangfu.cases.mobilise import Limits, Mobilisation, Posts, mobilise
from bangfu.cases.models import Case, Measure
from bangfu.cases.models.cases import (
    COUNTY,
    DEPARTMENT,
    DONE,
    DROPPED,
    IN_EFFECT,
    MET,
    PAUSED,
    PENDING,
    PLANNED,
    RUNNING,
    SUPPORTED,
    TO_VERIFY,
    VILLAGE,
)
from bangfu.cases.policy import Kinds
from bangfu.command.models import Campaign, Pairing
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text

DAYS_READ = 120  # days of the past that are read at most
METRES = 111_320  # of a degree of latitude
HORIZON = 60  # where no campaign says an end


@dataclass(frozen=True, slots=True)
class Gathered:
    """The parts of an area: each a place (a village, or what a post covers) and a kind, with its history and what its open cases wait for.

    `late` (parts,) open cases past their deadline.
    """

    places: Sequence[str]
    kinds: Sequence[str]
    history: History
    waits: Sequence[Sequence[Wait]]
    late: Ints

    def within(self, areas: Sequence[str], kind: str = "") -> list[int]:
        """The parts that lie inside some areas, of one kind or all."""
        return [
            n
            for n, (place, one) in enumerate(zip(self.places, self.kinds, strict=True))
            if kind in ("", one) and any(place.startswith(area) for area in areas)
        ]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a forecast: what it is, its place, its kind (blank: all), and the parts that it is made of."""

    title: Text
    path: str
    kind: str
    parts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A forecast of some rows: what each is, what follows from its past, what holds it up and how many are late, the end date and whose it is.

    The first row is the area itself, `posts` and `kinds` say which rows are the posts below it and the kinds.
    """

    rows: Sequence[Row]
    posts: Sequence[int]
    kinds: Sequence[int]
    backlog: Sequence[int]
    held: Sequence[Sequence[Held]]
    late: Sequence[int]
    result: Forecast
    today: date
    until: date
    campaign: Text | None


def end_of_work(actor: Actor, day: date) -> tuple[date, Text | None]:
    """The day by which cases are to be closed: the last of the sprint that is on, else of any campaign, else sixty days from the day."""
    on = list(Campaign.objects.visible_to(actor).on(day).order_by("pk"))
    found = next((c for c in on if c.kind == "sprint"), None) or next(iter(sorted(on, key=lambda c: c.valid.upper)), None)
    return (found.valid.upper - timedelta(1), found.title) if found is not None else (day + timedelta(HORIZON), None)


def foresee(actor: Actor, path: str, day: date, kinds: Kinds, kind: str = "") -> Foreseen:
    """The forecast of an area's cases, of one kind or all: the area, each post below it (of a township its villages', of the county the townships'), and
    each kind. All rows come from one simulation of the same parts, so none contradicts another."""
    chain = Chain.on(day)
    until, campaign = end_of_work(actor, day)
    parts = gather(actor, path, day, chain)
    present = set(parts.kinds)
    own = kinds.title(kind) if kind else Text("全部", "All")
    rows = [Row(own, path, kind, parts.within((path,), kind))]
    for key, post in _below(chain, path):
        areas = [area for area in _areas_of(chain, key) if area.startswith(path)]
        rows.append(Row(post.title, post.path, kind, parts.within(areas, kind)))
    posts = range(1, len(rows))
    rows += [Row(kinds.title(k), path, k, parts.within((path,), k)) for k in kinds.work if k in present]
    days = max(0, (until - day).days)
    result = forecast(parts.history, days, [row.parts for row in rows], horizon=max(14, days))
    return Foreseen(
        rows,
        posts,
        range(len(posts) + 1, len(rows)),
        [sum(int(parts.history.backlog[n]) for n in row.parts) for row in rows],
        [what_holds(wait for n in row.parts for wait in parts.waits[n]) for row in rows],
        [sum(int(parts.late[n]) for n in row.parts) for row in rows],
        result, day, until, campaign,
    )  # fmt: skip


def _below(chain: Chain, path: str) -> list[tuple[int, PostOf]]:
    """The posts directly below the one that covers an area; those inside it where none does."""
    own = chain.covering.get(path)
    found = [
        (k, p)
        for k, p in chain.posts.items()
        if (p.parent == own if own is not None else p.path.startswith(path) and p.path != path)
    ]
    return sorted(found, key=lambda one: one[1].path)


def _areas_of(chain: Chain, key: int) -> tuple[str, ...]:
    return tuple(sorted(p for p, post in chain.covering.items() if post == key)) or (chain.posts[key].path,)


@dataclass(slots=True)
class _Part:
    """A part while its cases are read."""

    opened: Ints = field(default_factory=lambda: np.zeros(DAYS_READ, np.int64))
    closed: Ints = field(default_factory=lambda: np.zeros(DAYS_READ, np.int64))
    solved: Ints = field(default_factory=lambda: np.zeros(DAYS_READ, np.int64))
    waits: list[Wait] = field(default_factory=list)
    late: int = 0


def gather(actor: Actor, path: str, day: date, chain: Chain) -> Gathered:
    """The parts of an area on a day: what was opened and closed on each day of the past that is read, what is open, and what it waits for.

    Reads the cases of the area, one row each.
    """
    since = day - timedelta(DAYS_READ - 1)
    events: Mapping[str, Any] = {
        "left": Max("events__day", filter=Q(events__kind="supported")),
        "referred": Max("events__day", filter=Q(events__kind="referred")),
        "put": Max("events__day", filter=Q(events__kind="in_effect")),
    }
    measures = Measure.objects.filter(case=OuterRef("pk")).exclude(state=DROPPED).order_by().values("case")
    planned, done = measures.filter(state=PLANNED), measures.filter(state=DONE)
    cases = (
        Case.objects.visible_to(actor)
        .under(path)
        .filter(merged_into=None, opened_on__lte=day)
        .annotate(
            planned=Subquery(planned.annotate(first=Min("planned_on")).values("first")),
            done=Subquery(done.annotate(last=Max("done_on")).values("last")),
            **events,
        )
        .order_by()
    )
    places = _places(path, chain)
    parts: dict[tuple[str, str], _Part] = {}
    for row in cases.values(
        "path",
        "kind",
        "opened_on",
        "closed_on",
        "state",
        "result",
        "step",
        "due",
        "paused_on",
        "claimed_on",
        "planned",
        "done",
        *events,
    ):
        place = _nearest(places, row["path"])
        part = parts.setdefault(
            (place if place.startswith(path) else path, row["kind"]), _Part()
        )  # below a village: the area itself
        began, ended = row["opened_on"], row["left"] if row["state"] == SUPPORTED else row["closed_on"]
        if began >= since:
            part.opened[(began - since).days] += 1
        if ended is not None and since <= ended <= day:
            part.closed[(ended - since).days] += 1
            part.solved[(ended - since).days] += (
                row["result"] == MET
            )  # clues that were not true, households that ended: no work shows a pace
        if row["state"] in PENDING:
            part.waits.append(_waits(row, day))
            part.late += row["state"] in RUNNING and row["due"] < day
    found = sorted(parts)
    shape = (len(found), DAYS_READ)
    history = History(
        tuple(f"{place} {kind}" for place, kind in found),
        np.array([parts[one].opened for one in found], np.int64).reshape(shape),
        np.array([parts[one].closed for one in found], np.int64).reshape(shape),
        np.array([len(parts[one].waits) for one in found], np.int64),
        np.unique([place for place, _ in found], return_inverse=True)[1].astype(np.int64),
        np.array([parts[one].solved for one in found], np.int64).reshape(shape),
    )
    return Gathered(
        [place for place, _ in found],
        [kind for _, kind in found],
        history,
        [parts[one].waits for one in found],
        np.array([parts[one].late for one in found], np.int64),
    )


def _places(path: str, chain: Chain) -> set[str]:
    """The places that parts are of: the villages, and what each post covers."""
    villages = Area.objects.filter(level=profile_of(path).plays.village, path__startswith=path[:3])
    return set(villages.values_list("path", flat=True)) | set(chain.covering)


def _nearest(places: set[str], path: str) -> str:
    """The innermost place that an area lies in; the area itself where none has it."""
    return next((path[:end] for end in range(len(path), 2, -4) if path[:end] in places), path)


def _waits(row: Mapping[str, Any], day: date) -> Wait:
    """What an open case waits for: it is said of one thing, that which comes next."""
    if row["state"] == PAUSED:
        code, since = "paused", row["paused_on"]
    elif row["state"] == IN_EFFECT:
        code, since = "in_effect", row["put"]
    elif row["state"] == TO_VERIFY:
        code, since = "to_verify", row["claimed_on"]
    elif row["step"] == DEPARTMENT:
        code, since = "at_department", row["referred"]
    elif row["planned"] is not None:
        code, since = "planned", row["planned"]
    elif row["done"] is not None:
        code, since = "to_claim", row["done"]
    else:
        code, since = "no_measure", row["opened_on"]
    return Wait(code, row["step"], max(0, (day - (since or row["opened_on"])).days))


# --- which helpers to move


@dataclass(frozen=True, slots=True)
class Moving:
    """A plan of moves between the village posts of an area: the posts, the limits, the end date, and what the solver found."""

    posts: Sequence[PostOf]
    limits: Limits
    until: date
    result: Mobilisation


def plan_mobilise(actor: Actor, path: str, day: date, limits: Limits | None = None, farthest_km: float = 30.0) -> Moving:
    """Which helpers to move between the village posts of an area so that most finish by the end of the work, with the gain of each move.

    The parts and their draws are those of the forecast, so that a post's probability as it stands is the same. The hands of a post are the principal
    helpers of its households on the day; one at least stays. Posts farther apart than `farthest_km` lend each other nobody; distances are between the
    centres of their areas, which are schematic where the map is.
    """
    chain = Chain.on(day)
    lowest = (
        VILLAGE
        if any(p.level == VILLAGE for p in chain.posts.values())
        else next((p.level for p in chain.posts.values()), COUNTY)
    )
    posts = sorted(
        ((k, p) for k, p in chain.posts.items() if p.level == lowest and p.path.startswith(path)), key=lambda one: one[1].path
    )
    covered = [_areas_of(chain, key) for key, _ in posts]
    until, _ = end_of_work(actor, day)
    parts = gather(actor, path, day, chain)
    hands = _hands(actor, covered, day)
    days = np.full(len(posts), max(0, (until - day).days), np.int64)
    wholes = tuple(tuple(parts.within(some)) for some in covered)
    gathered = Posts(parts.history, hands, np.minimum(hands, 1), hands, days, wholes, tuple(str(key) for key, _ in posts))
    limits = limits or Limits()
    result = mobilise(gathered, _metres([p.path for _, p in posts], farthest_km), limits)
    return Moving([p for _, p in posts], limits, until, result)


def _hands(actor: Actor, covered: Sequence[tuple[str, ...]], day: date) -> Ints:
    """How many different helpers answer for households of each post."""
    of = {path: n for n, some in enumerate(covered) for path in some}
    helpers: list[set[int]] = [set() for _ in covered]
    rows = Pairing.objects.principals().on(day).values("path", "helper").annotate(n=Count("pk")).order_by()
    for row in rows:
        for end in range(len(row["path"]), 2, -4):
            if (n := of.get(row["path"][:end])) is not None:
                helpers[n].add(row["helper"])
                break
    return np.array([len(some) for some in helpers], np.int64)


def _metres(paths: Sequence[str], farthest_km: float) -> Any:
    """Metres between places, −1 where they lie too far apart or one is not known. Shape (n, n)."""
    known = {a.path: (a.lon, a.lat) for a in Area.objects.filter(path__in=paths)}
    points: Reals = np.array(
        [[float(x) if x is not None else np.nan for x in known.get(p, (None, None))] for p in paths]
    ).reshape(-1, 2)
    centre = np.radians(np.nanmean(points[:, 1])) if len(points) and not np.isnan(points).all() else 0.0
    flat = points * METRES * np.array([np.cos(centre), 1.0])
    apart = np.hypot(*(flat[:, None, axis] - flat[None, :, axis] for axis in (0, 1)))
    far = np.isnan(apart) | (apart > farthest_km * 1000)
    metres: Any = np.where(far, -1, np.nan_to_num(apart)).astype(np.int64)
    np.fill_diagonal(metres, 0)
    return metres
