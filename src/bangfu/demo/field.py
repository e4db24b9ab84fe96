"""The demo's work in the field: campaigns, orders with their tasks and reports, leaders' visits, experts, volunteers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from bangfu.areas.models import Area
from bangfu.command.actions import (
    CampaignRow,
    ExpertRow,
    OrderDraft,
    Stop,
    TaskRow,
    acknowledge,
    answer,
    begin_campaign,
    call_volunteers,
    enrol_experts,
    issue_order,
    plan_field_visit,
    raise_question,
    report,
    serve,
    tell_overdue,
    visit_stops,
    volunteer,
)
from bangfu.command.models import Order, Post, Report, Task
from bangfu.demo.chain import SINCE, Cast, told
from bangfu.foundation import clock
from bangfu.foundation.county import County
from bangfu.foundation.say import Text, text

LATE = 9  # one post in so many is late with a task


def play_field(county: County, cast: Cast, facts: Mapping[str, float]) -> None:
    """Play what happened, in its order, through the actions that an office uses."""
    operator = county.operator()
    for raw in told()["campaigns"]:
        begin_campaign(operator, _campaign(raw, facts))
    for raw in told()["orders"]:
        order = issue_order(operator, _order(raw))
        _carry_out(county, order)
    tell_overdue(operator)
    for waiting in Report.objects.waiting().order_by("pk")[:2]:
        answer(operator, waiting.pk, "请专班今日到场协调，三日内办结。")
    _experts(county, cast)
    _visits(county, cast)
    _volunteers(county, cast, facts)


def _number(value: Any, facts: Mapping[str, float]) -> Decimal:
    return Decimal(str(facts.get(value, 0) if isinstance(value, str) else value))


def _campaign(raw: Mapping[str, Any], facts: Mapping[str, float]) -> CampaignRow:
    targets = tuple((figure, op, _number(value, facts)) for figure, op, value in raw.get("targets", ()))
    length = int(_number(raw["length"], facts)) or 1
    return CampaignRow(raw["key"], text(raw["title"]), raw["kind"], raw["first_day"], length, raw["unit"], targets)


def _order(raw: Mapping[str, Any]) -> OrderDraft:
    tasks = [
        TaskRow(Text(zh, en), due, post="" if ":" in owner else owner, unit=owner.partition(":")[2])
        for zh, en, owners, due in raw["tasks"]
        for owner in (_posts(owners) if ":" not in owners else [owners])
    ]
    return OrderDraft(
        raw["number"], text(raw["title"]), raw["kind"], raw["issued_on"], raw["issuer"], raw["source"], tuple(tasks), post="county" if raw.get("own") else "",
        campaign=raw["campaign"], template=raw.get("template", ""), owners=tuple(_posts("township")) if raw.get("template") else (),
    )  # fmt: skip


def _posts(level: str) -> list[str]:
    return list(Post.objects.filter(level=level).order_by("path").values_list("key", flat=True))


def _carry_out(county: County, order: Order) -> None:
    """Posts acknowledge on the day after; tasks due by today are done, but for some that are late; one asks for help."""
    operator, today = county.operator(), clock.today()
    tasks = list(order.tasks.order_by("place"))
    acknowledge(operator, [t.pk for n, t in enumerate(tasks, 1) if n % (2 * LATE + 1)])
    fresh = {t.pk: t for t in Task.objects.filter(order=order)}
    for n, task in enumerate(tasks, 1):
        if fresh[task.pk].acknowledged_at is None:
            continue
        if task.deadline < today and n % LATE:
            report(operator, task.pk, "done", "已按要求完成，台账已归档。")
        elif n % LATE == 0:
            report(operator, task.pk, "progress", "正在推进。")
    asks = next((t for t in tasks if fresh[t.pk].acknowledged_at and t.deadline >= today), None)
    if asks is not None:
        report(
            operator,
            asks.pk,
            "escalation",
            "涉及跨部门资金，请县指挥部协调。",
        )


def _experts(county: County, cast: Cast) -> None:
    skills = told()["expert_skills"]
    of = {o.number: o.station for o in cast.officers}
    numbers = cast.numbers(profession="technician")
    enrol_experts(
        county.operator(), [ExpertRow(number, (skills[n % len(skills)],), of[number], SINCE) for n, number in enumerate(numbers)]
    )


def _visits(county: County, cast: Cast) -> None:
    operator = county.operator()
    for n, raw in enumerate(told()["field_visits"]):
        paths = [Area.objects.filter(codes__code=code).distinct().get().path for code in raw["stops"]]
        visit = plan_field_visit(
            operator,
            cast.leaders[n],
            text(raw["title"]),
            [Stop(p) for p in paths],
            since=raw["since"],
            until=raw["since"],
            campaign="sprint",
        )
        stops = list(visit.stops.order_by("place"))
        visit_stops(operator, [s.pk for s in stops], on=raw["since"])
        for zh, en, unit in raw["questions"]:
            raise_question(operator, stops[-1].pk, Text(zh, en), unit=unit, deadline=date(2020, 5, 8))


def _volunteers(county: County, cast: Cast, facts: Mapping[str, float]) -> None:
    operator = county.operator()
    for raw in told()["volunteers"]:
        township = Area.objects.by_code(raw["township"], clock.today(), "nbs12").get()
        number = int(_number(raw["number"], facts))
        task = call_volunteers(
            operator,
            township.path,
            raw["kind"],
            text(raw["title"]),
            since=raw["since"],
            until=raw["until"],
            wanted=max(1, number),
        )
        volunteer(operator, task.pk, officers=list(_hands(township, cast))[:number])
        serve(operator, task.pk, on=raw["until"])


def _hands(township: Area, cast: Cast) -> Iterator[str]:
    """Officers of a township and its villages, then party members of the county's departments."""
    yield from (o.number for o in cast.officers if o.station.startswith(township.path) and o.profession == "cadre")
    yield from (number for party in cast.party_of.values() for number in party)
