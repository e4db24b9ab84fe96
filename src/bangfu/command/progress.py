"""How far orders and campaigns are: what of their tasks is done, late, or waits for an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from bangfu.areas.models import ancestors
from bangfu.command.models import Campaign, CampaignTarget, Order, Report, Task
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.screens import figures_now

Orders = QuerySet[Any, Any]
OPS = {">=": Text("≥", "≥"), "<=": Text("≤", "≤"), "=": Text("=", "=")}


def orders_at(actor: Actor, path: str, day: date) -> Orders:
    """The orders issued at, below and above an area, each with `tasks_all`, `tasks_done` and `tasks_late` of those tasks at or below the area
    that the actor sees, and `waiting`: the reports of them that wait for an answer."""
    tasks = Task.objects.visible_to(actor).under(path).filter(order=OuterRef("pk"))
    waiting = Report.objects.visible_to(actor).under(path).waiting().filter(task__order=OuterRef("pk"))
    place = Q(path__gte=path, path__lt=path + "~") | Q(path__in=ancestors(path))
    found: Orders = (
        Order.objects.visible_to(actor)
        .filter(place)
        .select_related("campaign", "post")
        .annotate(
            tasks_all=_count(tasks, "order"),
            tasks_done=_count(tasks.exclude(done_at=None), "order"),
            tasks_late=_count(tasks.overdue(day), "order"),
            waiting=_count(waiting, "task__order"),
        )
    )
    return found


def _count(rows: Orders, by: str) -> Coalesce:
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def in_state(rows: Orders, state: str, actor: Actor, path: str) -> Orders:
    """Orders with tasks in a state: `open`, `overdue`, `done` (all of them), `own` (tasks of one's own place that are not done), `waiting`
    (escalations that wait for the answer of one's own place). `rows` come from `orders_at`."""
    own = actor.stands or actor.scope
    tasks = Task.objects.visible_to(actor).under(path).filter(order=OuterRef("pk"))
    match state:
        case "open":
            return rows.filter(Exists(tasks.open()))
        case "overdue":
            return rows.filter(tasks_late__gt=0)
        case "done":
            return rows.filter(tasks_all__gt=0).exclude(Exists(tasks.open()))
        case "own":
            return rows.filter(Exists(tasks.open().of_place(own)))
        case _:
            asked = Report.objects.visible_to(actor).waiting().filter(to__path=own, task__order=OuterRef("pk"))
            return rows.filter(Exists(asked))


@dataclass(frozen=True, slots=True)
class Aim:
    """A target of a campaign beside where its figure stands; `reached` is None where the figure is not known."""

    title: Text | str
    op: Text | str
    wanted: Decimal
    now: float | None
    reached: bool | None


@dataclass(frozen=True, slots=True)
class Run:
    """A campaign on a day: which day of it (None before and after), how many come after, its last day, its targets, and how far its tasks are."""

    campaign: Campaign
    number: int | None
    days: int
    left: int
    last: date
    aims: Sequence[Aim]
    tasks: int
    done: int
    late: int


def campaigns_at(actor: Actor, path: str, day: date) -> list[Run]:
    """The campaigns that the actor sees, those that are on first; tasks are those at or below the area. Targets are of the campaign's own
    area, and told there only: a village does not reach the county's."""
    found = list(Campaign.objects.visible_to(actor).order_by("valid", "pk"))
    targets: dict[int, list[CampaignTarget]] = {}
    for target in CampaignTarget.objects.visible_to(actor).filter(campaign__in=found, path=path).order_by("pk"):
        targets.setdefault(target.campaign_id, []).append(target)
    keys = sorted({t.figure for some in targets.values() for t in some})
    figures: dict[str, Any] = {}
    for _, answer in figures_now.ask(actor, the_county().path, keys) if keys else ():
        figures |= answer
    tasks = Task.objects.visible_to(actor).under(path).filter(order__campaign__in=found).values("order__campaign")
    counts = tasks.annotate(
        all=Count("pk"),
        done=Count("pk", filter=Q(done_at__isnull=False)),
        late=Count("pk", filter=Q(done_at=None, deadline__lt=day)),
    )
    by_campaign = {row["order__campaign"]: row for row in counts}
    runs = [
        Run(
            c,
            c.day_number(day),
            c.days(),
            c.days_left(day),
            c.valid.upper - timedelta(1),
            [_aim(t, figures) for t in targets.get(c.pk, [])],
            *(by_campaign.get(c.pk, {}).get(key, 0) for key in ("all", "done", "late")),
        )
        for c in found
    ]
    return sorted(runs, key=lambda run: run.number is None)


def _aim(target: CampaignTarget, figures: Mapping[str, Any]) -> Aim:
    figure = figures.get(target.figure)
    now = figure.value if figure is not None else None
    return Aim(
        figure.title if figure is not None else target.figure,
        OPS.get(target.op, target.op),
        target.value,
        now,
        None if now is None else _reached(target.op, Decimal(str(now)), target.value),
    )


def _reached(op: str, now: Decimal, wanted: Decimal) -> bool:
    return {">=": now >= wanted, "<=": now <= wanted}.get(op, now == wanted)
