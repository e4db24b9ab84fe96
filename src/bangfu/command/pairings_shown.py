"""What the pages of pairing show: counts of an area and of the areas below it, loads of helpers, households without one, what a plan changes.

Each is one statement over rows; the caller holds the scope, and row-level security beneath it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from bangfu.command.gathering import TARGET_KINDS
from bangfu.command.models import Pairing, PairingPlan, PairingRequest
from bangfu.foundation.actor import Actor
from bangfu.register.models import Household, Kind, Membership
from bangfu.register.models.base import OneOf

Rows = QuerySet[Any, Any]

_PLACES = """
    WITH target AS (
      SELECT k.household_id AS household, left(k.path, %(length)s) AS place FROM register_kind k
      WHERE k.path >= %(path)s AND k.path < %(end)s AND k.kind = ANY(%(kinds)s) AND (k.valid @> %(day)s::date)::int <> 0),
    standing AS (
      SELECT p.household_id AS household, p.helper_id AS helper, p.helper_confirmed IS NOT NULL AND p.household_confirmed IS NOT NULL AS confirmed
      FROM command_pairing p WHERE p.path >= %(path)s AND p.path < %(end)s AND p.principal AND (p.valid @> %(day)s::date)::int <> 0)
    SELECT t.place, count(*), count(s.household), count(DISTINCT s.helper), count(*) FILTER (WHERE NOT s.confirmed)
    FROM target t LEFT JOIN standing s ON s.household = t.household GROUP BY GROUPING SETS ((t.place), ())
"""
_LOADS = """
    WITH load AS (
      SELECT p.helper_id AS helper, count(*) AS n FROM command_pairing p WHERE p.principal AND (p.valid @> %(day)s::date)::int <> 0 GROUP BY 1),
    target AS (SELECT rank, households FROM unnest(%(ranks)s::text[], %(targets)s::int[]) AS t(rank, households)),
    here AS (
      SELECT h.id, h.ceiling, h.rank FROM command_helper h WHERE h.valid @> %(day)s::date
        AND ((h.path >= %(path)s AND h.path < %(end)s) OR h.id IN (
          SELECT p.helper_id FROM command_pairing p WHERE p.path >= %(path)s AND p.path < %(end)s AND (p.valid @> %(day)s::date)::int <> 0)))
    SELECT count(*), count(load.n), coalesce(sum(load.n), 0), coalesce(max(load.n), 0), count(*) FILTER (WHERE load.n > target.households),
           count(*) FILTER (WHERE here.ceiling IS NOT NULL), count(*) FILTER (WHERE load.n > coalesce(here.ceiling, %(ceiling)s::int))
    FROM here LEFT JOIN load ON load.helper = here.id LEFT JOIN target ON target.rank = here.rank
"""


@dataclass(frozen=True, slots=True)
class PlaceCounts:
    """Households of the target set of a place: all, with a helper, the helpers who answer for them, pairings not confirmed by both."""

    households: int = 0
    helped: int = 0
    helpers: int = 0
    unconfirmed: int = 0

    @property
    def without(self) -> int:
        """Households for whom nobody answers."""
        return self.households - self.helped

    @property
    def mean(self) -> float | None:
        """Households of this place per helper who answers here; None where nobody does."""
        return self.helped / self.helpers if self.helpers else None


@dataclass(frozen=True, slots=True)
class LoadCounts:
    """Helpers of a place: all, those who answer for somebody, the households of these (elsewhere too, as far as the reader sees), the largest
    load, and how many are beyond the target of their rank, have an exception, are beyond their ceiling."""

    helpers: int
    answering: int
    households: int
    largest: int
    beyond_target: int
    exceptions: int
    beyond_ceiling: int

    @property
    def mean(self) -> float | None:
        """Households per helper who answers for somebody."""
        return self.households / self.answering if self.answering else None


def counts_by_place(path: str, length: int, day: date) -> dict[str, PlaceCounts]:
    """Counts of the area (key "") and of each area whose path is so many characters long below it, on a day."""
    with connection.cursor() as cursor:
        told: dict[str, Any] = {"path": path, "end": path + "~", "length": length, "kinds": list(TARGET_KINDS), "day": day}
        cursor.execute(_PLACES, told)
        return {place or "": PlaceCounts(*numbers) for place, *numbers in cursor.fetchall()}


def load_counts(path: str, day: date, targets: Mapping[str, int], ceiling: int | None) -> LoadCounts:
    """Counts of the helpers who are stationed in an area or answer for a household of it, on a day."""
    with connection.cursor() as cursor:
        told: dict[str, Any] = {
            "path": path,
            "end": path + "~",
            "day": day,
            "ranks": list(targets),
            "targets": list(targets.values()),
            "ceiling": ceiling,
        }
        cursor.execute(_LOADS, told)
        return LoadCounts(*map(int, cursor.fetchone()))


# --- households by who answers for them


def in_target(day: date) -> Rows:
    """Kinds of the households of whom each has a principal helper, on a day."""
    return Kind.objects.on(day).filter(kind__in=TARGET_KINDS)


def by_helper(rows: Rows, state: str, day: date) -> Rows:
    """Households of the target set: all of them (`target`), with a helper (`some`), without one (`none`), with a pairing that is not confirmed by both
    (`unconfirmed`); and households of whom another helper is asked for (`asked`)."""
    if state == "asked":
        return rows.filter(pk__in=PairingRequest.objects.waiting().values("household"))
    target = in_target(day)
    standing = Pairing.objects.principals().on(day).filter(household=OuterRef("household"))
    match state:
        case "some":
            target = target.filter(Exists(standing))
        case "none":
            # Few as a rule: read at once, since the planner expects many and would walk through the whole list to find them.
            return rows.filter(OneOf("pk", target.filter(~Exists(standing)).values_list("household", flat=True)))
        case "unconfirmed":
            target = target.filter(Exists(standing.filter(Q(helper_confirmed=None) | Q(household_confirmed=None))))
    return rows.filter(pk__in=target.values("household"))


def unhelped_households(actor: Actor, path: str, day: date) -> Rows:
    """Households of the target set of an area for whom nobody answers on a day, in the order of their places."""
    seen = Household.objects.visible_to(actor).farming().under(path)
    return by_helper(seen, "none", day).only("id", "number", "path").order_by("path", "number")


def heads_of(actor: Actor, households: Iterable[int], day: date) -> dict[int, str]:
    """Names of the heads of households on a day, as far as the reader sees them."""
    heads = Membership.objects.visible_to(actor).on(day).filter(OneOf("household", households), sort="farming", relation="head")
    return dict(heads.values_list("household", "person__name"))


# --- a plan


@dataclass(frozen=True, slots=True)
class PlanCounts:
    """Households of a plan or of a place in it: all, those who get a helper anew, get another one, lose theirs without another, stay without one,
    keep theirs; those set by hand."""

    households: int = 0
    new: int = 0
    changed: int = 0
    lost: int = 0
    nobody: int = 0
    kept: int = 0
    by_hand: int = 0

    @property
    def unserved(self) -> int:
        """Households for whom nobody would answer."""
        return self.lost + self.nobody

    @property
    def changing(self) -> int:
        """Households for whom the plan changes something."""
        return self.new + self.changed + self.lost


_PLAN = """
    SELECT left(x.path, %(length)s), count(*), count(*) FILTER (WHERE x.before_id IS NULL AND x.after_id IS NOT NULL),
      count(*) FILTER (WHERE x.before_id <> x.after_id), count(*) FILTER (WHERE x.before_id IS NOT NULL AND x.after_id IS NULL),
      count(*) FILTER (WHERE x.before_id IS NULL AND x.after_id IS NULL), count(*) FILTER (WHERE x.before_id = x.after_id), count(*) FILTER (WHERE x.by_hand)
    FROM command_plannedpairing x WHERE x.plan_id = %(plan)s GROUP BY GROUPING SETS ((1), ())
"""
_RANKS = """
    WITH load AS (
      SELECT helper, sum(before) AS before, sum(after) AS after FROM (
        SELECT before_id AS helper, 1 AS before, 0 AS after FROM command_plannedpairing WHERE plan_id = %(plan)s AND before_id IS NOT NULL
        UNION ALL SELECT after_id, 0, 1 FROM command_plannedpairing WHERE plan_id = %(plan)s AND after_id IS NOT NULL) x GROUP BY helper)
    SELECT h.rank, count(*) FILTER (WHERE load.before > 0), sum(load.before), max(load.before), count(*) FILTER (WHERE load.after > 0), sum(load.after), max(load.after)
    FROM load JOIN command_helper h ON h.id = load.helper GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class RankLoads:
    """Helpers of a rank who answer for somebody, their households and the largest load, before a plan and after it."""

    rank: str
    helpers_before: int
    before: int
    most_before: int
    helpers_after: int
    after: int
    most_after: int


def plan_counts(plan: PairingPlan, length: int) -> dict[str, PlanCounts]:
    """What a plan changes: in all (key "") and in each area whose path is so many characters long."""
    with connection.cursor() as cursor:
        cursor.execute(_PLAN, {"plan": plan.pk, "length": length})
        return {place or "": PlanCounts(*numbers) for place, *numbers in cursor.fetchall()}


def rank_loads(plan: PairingPlan, ranks: Sequence[str]) -> list[RankLoads]:
    """Loads by rank before and after a plan, in the order of the ranks; the plan's households only."""
    with connection.cursor() as cursor:
        cursor.execute(_RANKS, {"plan": plan.pk})
        found = [RankLoads(rank, *map(int, numbers)) for rank, *numbers in cursor.fetchall()]
    order = {rank: n for n, rank in enumerate(ranks)}
    return sorted(found, key=lambda r: (order.get(r.rank, len(order)), r.rank))


def planned_loads(plan: PairingPlan) -> dict[int, int]:
    """Households of each helper after a plan; the plan's households only."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT after_id, count(*) FROM command_plannedpairing WHERE plan_id = %s AND after_id IS NOT NULL GROUP BY 1",
            [plan.pk],
        )
        return dict(cursor.fetchall())
