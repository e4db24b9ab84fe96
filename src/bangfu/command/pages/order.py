"""An order: its document, its tasks with their state, reports and answers, and what the reader may do about them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bangfu.areas.frame import area_frame, name_of, standing_area
from bangfu.areas.remembered import areas
from bangfu.command.actions import acknowledge, answer, report
from bangfu.command.actions.orders import STATES, templates
from bangfu.command.liaison import are_own
from bangfu.command.models import Order, Report, Task
from bangfu.command.models.orders import ORDER_KINDS, REPORT_KINDS
from bangfu.command.pages.places import address_of, navigation
from bangfu.command.problems import BAD_ROW, UNKNOWN_ORDER, UNKNOWN_REPORT, UNKNOWN_TASK
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor, name_shown
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.say import text as both
from bangfu.kit.forms import key_of, not_a_button

SHAPES = {"done": "met", "overdue": "unmet", "acknowledged": "waiting", "new": "unknown"}  # the kit's four states by shape
FOLDED = 5  # tasks that are done, or under way in time; where there are more they are folded away
UNDER_WAY = Text("按期办理中的 {n} 项", "{n} that are under way in time")
DONE = Text("已完成的 {n} 项", "{n} that are done")
REPORTED = ("progress", "done", "escalation")


def order_url(order: int, task: int | None = None) -> str:
    """Where an order is, at one of its tasks."""
    return reverse("command:order", kwargs={"order": order}) + (f"#task-{task}" if task else "")


@page("command.read")
@never_cache
def order(request: HttpRequest, order: int) -> HttpResponse:
    """An order that the actor may read, with those of its tasks that they may."""
    return _show(request, acting_as(request), order)


def _show(
    request: HttpRequest, actor: Actor, key: int, problem: Problem | None = None, at: int = 0, typed: str = ""
) -> HttpResponse:
    found = Order.objects.visible_to(actor).filter(pk=key).select_related("post", "campaign", "serves__order").first()
    if found is None:
        raise UNKNOWN_ORDER()
    today = clock.today()
    tasks = list(Task.objects.visible_to(actor).filter(order=found).select_related("post", "unit").order_by("place"))
    reports = defaultdict(list)
    for one in Report.objects.visible_to(actor).filter(task__in=tasks).select_related("to", "task").order_by("at", "pk"):
        reports[one.task_id].append(one)
    subs = defaultdict(list)
    for sub in Order.objects.visible_to(actor).filter(serves__in=tasks).order_by("issued_on", "pk"):
        subs[sub.serves_id].append(sub)
    own = dict(zip((t.pk for t in tasks), are_own(actor, tasks), strict=True))
    rows = [_row(actor, found, t, reports[t.pk], subs[t.pk], today, own=own[t.pk]) for t in tasks]
    done = [r for r in rows if r["state"] == "done"]
    calm = [r for r in rows if r["state"] == "acknowledged" and not r["own"] and not _waits(r)]
    folds = [
        (words.format(n=len(some)), some, any(r["task"].pk == at for r in some))
        for words, some in ((UNDER_WAY, calm), (DONE, done))
        if len(some) > FOLDED
    ]
    away = {r["task"].pk for _, some, _ in folds for r in some}
    rows = sorted(
        (r for r in rows if r["task"].pk not in away), key=lambda r: (not r["own"], not _waits(r), r["state"] != "overdue")
    )
    standing = standing_area(actor, actor.scope)
    context = area_frame(actor, standing, address_of("orders"), top=the_county().path) | {
        "area_choices": [],
        "place": "chain",
        "navigation": navigation(actor.scope, "orders"),
        "order": found,
        "kind": ORDER_KINDS[found.kind],
        "issuer": name_shown(found.issuer),
        "rows": rows,
        "folds": folds,
        "counts": {state: sum(t.state == state for t in tasks) for state in STATES},
        "states": [(state, SHAPES[state], STATES[state].as_heading()) for state in STATES],
        "to_sign": sum(r["own"] and r["task"].acknowledged_at is None for r in rows),
        "report_kinds": [(kind, REPORT_KINDS[kind]) for kind in REPORTED],
        "problem": problem,
        "problem_at": at if any(t.pk == at for t in tasks) else 0,
        "typed": typed,
        "do_url": reverse("command:order-do", kwargs={"order": key}),
        "answer_url": reverse("command:order-answer", kwargs={"order": key}),
        "sub_url": address_of("order-new")(actor.scope),
        "back_url": address_of("orders")(actor.scope),
    }
    return render(request, "command/order.html", context, status=problem.kind.status if problem else 200)


def _waits(row: dict[str, Any]) -> bool:
    """Whether somebody waits for an answer about a task."""
    return any(r["waiting"] for r in row["reports"])


def _row(
    actor: Actor, order: Order, task: Task, reports: list[Report], subs: list[Order], today: Any, *, own: bool
) -> dict[str, Any]:
    own = own and actor.may("order.do")
    line = [name_of(a) for a in areas().line(task.path) if a.path.startswith(the_county().path)][1:]
    step = next((s for t in templates().values() for s in t["steps"] if s["key"] == task.step), None)
    return {
        "task": task,
        "where": " ".join(line),
        "state": task.state,
        "shape": SHAPES[task.state],
        "signed_by": name_shown(task.acknowledged_by),
        "word": STATES[task.state].as_heading(),
        "step": both(step["title"]) if step else "",
        "late": max(0, (today - task.deadline).days) if task.done_at is None else 0,
        "unsigned_late": task.acknowledged_at is None and task.done_at is None and task.acknowledge_by < today,
        "own": own and task.done_at is None,
        "may_serve": own and task.done_at is None and actor.may("order.issue"),
        "reports": [
            {
                "report": r,
                "by": name_shown(r.actor),
                "answered_by": name_shown(r.answered_by),
                "waiting": r.kind in ("escalation", "overdue") and r.answered_at is None and task.done_at is None,
                "may_answer": actor.may("order.issue")
                and r.kind in ("escalation", "overdue")
                and r.answered_at is None
                and task.done_at is None
                and r.to is not None
                and actor.covers(r.to.path),
            }
            for r in reports
        ],
        "subs": subs,
    }


@page("order.do")
@never_cache
@require_POST
def do(request: HttpRequest, order: int) -> HttpResponse:
    """Acknowledge tasks of the order (`task`, one or several), or report on one."""
    actor = acting_as(request)
    keys, words = [key_of(raw) for raw in request.POST.getlist("task")], request.POST.get("text", "")
    at = keys[0] if len(keys) == 1 else 0
    try:
        _of_order(actor, order, keys)
        match request.POST.get("do", ""):
            case "acknowledge":
                acknowledge(actor, keys)
            case "report":
                report(actor, keys[0], request.POST.get("kind", ""), words)
            case other:
                raise not_a_button(other, BAD_ROW)
    except Problem as refused:
        if refused.kind is UNKNOWN_ORDER:
            raise
        return _show(request, actor, order, refused, at, words)
    return redirect(order_url(order, at or None))


def _of_order(actor: Actor, order: int, keys: list[int]) -> None:
    """Hold that the order can be read and that the tasks are its own. Raises BF-2209 and BF-2207."""
    found = Order.objects.visible_to(actor).filter(pk=order).first()
    if found is None:
        raise UNKNOWN_ORDER()
    if not keys or Task.objects.visible_to(actor).filter(order=found, pk__in=keys).count() != len(set(keys)):
        raise UNKNOWN_TASK()


@page("order.issue")
@never_cache
@require_POST
def answer_report(request: HttpRequest, order: int) -> HttpResponse:
    """Answer an escalation (`report`) of one of the order's tasks."""
    actor = acting_as(request)
    key, words = key_of(request.POST.get("report", "")), request.POST.get("text", "")
    asked = Report.objects.visible_to(actor).filter(pk=key, task__order=order).first()
    try:
        if not Order.objects.visible_to(actor).filter(pk=order).exists():
            raise UNKNOWN_ORDER()
        if asked is None:
            raise UNKNOWN_REPORT()
        answer(actor, key, words)
    except Problem as refused:
        if refused.kind is UNKNOWN_ORDER:
            raise
        return _show(request, actor, order, refused, asked.task_id if asked else 0, words)
    return redirect(order_url(order, asked.task_id))
