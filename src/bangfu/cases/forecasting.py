"""The forecast of an area's cases from rows: by post or by kind, against the day by which all are to be closed; and which helpers would have to move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db.models import Count, Exists, Max, OuterRef, Q

from bangfu.areas.models import Area
from bangfu.cases.chain import Chain, PostOf
from bangfu.cases.forecast import Forecast, History, Ints, Reals, forecast
from bangfu.cases.mobilise import Limits, Mobilisation, Posts, mobilise
from bangfu.cases.models import Case, Measure
from bangfu.cases.models.cases import COUNTY, DEPARTMENT, IN_EFFECT, PAUSED, PENDING, RUNNING, SUPPORTED, TO_VERIFY, VILLAGE
from bangfu.cases.policy import Kinds
from bangfu.command.models import Campaign, Pairing
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text

WINDOW = 120  # days of the past that are read at most
METRES = 111_320  # of a degree of latitude
HORIZON = 60  # where no campaign says an end


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A forecast of some rows: what each is, where its cases are listed, the history and what follows from it, the end date and whose it is."""

    titles: Sequence[Text]
    paths: Sequence[str]
    kinds: Sequence[str]
    history: History
    result: Forecast
    today: date
    until: date
    campaign: Text | None


def end_of_work(actor: Actor, day: date) -> tuple[date, Text | None]:
    """The day by which cases are to be closed: the last of the sprint that is on, else of any campaign, else sixty days from the day."""
    on = list(Campaign.objects.visible_to(actor).on(day).order_by("pk"))
    found = next((c for c in on if c.kind == "sprint"), None) or next(iter(sorted(on, key=lambda c: c.valid.upper)), None)
    return (found.valid.upper - timedelta(1), found.title) if found is not None else (day + timedelta(HORIZON), None)


def by_post(actor: Actor, path: str, day: date, kind: str = "") -> Foreseen:
    """The forecast of each post below an area (of a township its villages', of the county the townships'), of one kind or all."""
    chain = Chain.on(day)
    posts = _below(chain, path)
    rows = [(key, post.title, post.path, _areas_of(chain, key)) for key, post in posts]
    return _foresee(actor, rows, [kind] * len(rows), day)


def by_kind(actor: Actor, path: str, day: date, kinds: Kinds) -> Foreseen:
    """The forecast of an area's cases, all together and by kind."""
    present = set(Case.objects.visible_to(actor).under(path).order_by().values_list("kind", flat=True).distinct())
    names = ["", *(k for k in kinds.work if k in present)]
    rows = [(n, kinds.title(k) if k else Text("全部", "All"), path, (path,)) for n, k in enumerate(names)]
    return _foresee(actor, rows, names, day)


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


def _foresee(actor: Actor, rows: Sequence[tuple[int, Text, str, tuple[str, ...]]], kinds: Sequence[str], day: date) -> Foreseen:
    until, campaign = end_of_work(actor, day)
    history = gather(actor, [areas for *_, areas in rows], kinds, [str(key) for key, *_ in rows], day)
    result = forecast(history, max(0, (until - day).days), horizon=max(14, (until - day).days))
    return Foreseen([t for _, t, *_ in rows], [p for _, _, p, _ in rows], list(kinds), history, result, day, until, campaign)


def gather(actor: Actor, areas: Sequence[tuple[str, ...]], kinds: Sequence[str], keys: Sequence[str], day: date) -> History:
    """The daily openings and closings of rows up to a day, the open ones, and what holds them up. A row is some areas and a kind (blank: all)."""
    since = day - timedelta(WINDOW - 1)
    supported = Q(events__kind="supported")
    cases = (
        Case.objects.visible_to(actor)
        .filter(merged_into=None, opened_on__lte=day)
        .annotate(
            left=Max("events__day", filter=supported),
            bare=~Exists(Measure.objects.filter(case=OuterRef("pk")).exclude(state="dropped")),
        )
    )
    found = [
        (path, kind, opened, left if state == SUPPORTED else closed, state, step, due, bare)
        for path, kind, opened, closed, left, state, step, due, bare in cases.values_list(
            "path", "kind", "opened_on", "closed_on", "left", "state", "step", "due", "bare"
        )
    ]
    names = ("no_measure", "in_effect", "paused", "to_verify", "at_department", "overdue", "under_way")
    opened, closed = (np.zeros((len(areas), WINDOW), np.int64) for _ in range(2))
    backlog = np.zeros(len(areas), np.int64)
    holding = {name: np.zeros(len(areas), np.int64) for name in names}
    of: dict[str, list[int]] = {}
    for n, some in enumerate(areas):
        for one in some:
            of.setdefault(one, []).append(n)
    for path, kind, began, ended, state, step, due, bare in found:
        for n in _rows_of(of, path):
            if kinds[n] and kinds[n] != kind:
                continue
            if began >= since:
                opened[n, (began - since).days] += 1
            if ended is not None and since <= ended <= day:
                closed[n, (ended - since).days] += 1
            if state in PENDING:
                backlog[n] += 1
                holding[_held_by(state, step, due, bare, day)][n] += 1
    return History(tuple(keys), opened, closed, backlog, holding)


def _rows_of(of: Mapping[str, list[int]], path: str) -> list[int]:
    """The rows in whose areas a path lies: of nested areas the nearest that has any."""
    for end in range(len(path), 2, -4):
        if path[:end] in of:
            return of[path[:end]]
    return []


def _held_by(state: str, step: str, due: date, bare: bool, day: date) -> str:
    if state == IN_EFFECT:
        return "in_effect"
    if state == PAUSED:
        return "paused"
    if state == TO_VERIFY:
        return "to_verify"
    if step == DEPARTMENT:
        return "at_department"
    if bare:
        return "no_measure"
    return "overdue" if state in RUNNING and due < day else "under_way"


# --- which helpers to move


@dataclass(frozen=True, slots=True)
class Moving:
    """A plan of moves between the village posts of an area: the posts with their hands, and what the solver found."""

    posts: Sequence[PostOf]
    hands: Ints
    until: date
    result: Mobilisation


def plan_mobilise(actor: Actor, path: str, day: date, limits: Limits | None = None, farthest_km: float = 30.0) -> Moving:
    """Which helpers to move between the village posts of an area so that most finish by the end of the work, with the gain of each move.

    The hands of a post are the principal helpers of its households on the day; one at least stays. Posts farther apart than `farthest_km` lend each
    other nobody; distances are between the centres of their areas, which are schematic where the map is.
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
    history = gather(actor, covered, [""] * len(posts), [str(key) for key, _ in posts], day)
    hands = _hands(actor, covered, day)
    days = np.full(len(posts), max(0, (until - day).days), np.int64)
    gathered = Posts(history, hands, np.minimum(hands, 1), hands, days)
    result = mobilise(gathered, _metres([p.path for _, p in posts], farthest_km), limits or Limits())
    return Moving([p for _, p in posts], hands, until, result)


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
