"""Writes to campaigns and orders: issuing, acknowledging, reporting, escalating, answering."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.accounts.audit import note
from bangfu.command import acts
from bangfu.command.actions.places import code, instead, posts_by_key, require_covered, text, told, units_by_key
from bangfu.command.liaison import are_own
from bangfu.command.models import Campaign, CampaignTarget, Order, Post, Report, Task, Unit
from bangfu.command.models.orders import LENGTH_UNITS, ORDER_KINDS
from bangfu.command.problems import BAD_ROW, NOT_THEIRS, ORDER_TWICE, TASK_STATE, UNKNOWN_CAMPAIGN, UNKNOWN_REPORT, UNKNOWN_TASK
from bangfu.command.telling import tell_answer, tell_escalations, tell_tasks
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.say import text as both

TEMPLATES = Path(__file__).resolve().parent.parent / "templates.yaml"
CAMPAIGN_KINDS = {
    "sprint": Text("冲刺", "sprint"),
    "visits": Text("走访", "visits"),
    "reinforcement": Text("巩固提升", "reinforcement"),
    "other": Text("其他", "other"),
}
ACKNOWLEDGE_DAYS = 1  # where an order says nothing
TITLE, DEADLINE, OWNER = Text("任务", "task"), Text("期限", "deadline"), Text("责任单位", "who does it")
BEFORE_ORDER = Text("期限不能早于指令日期", "the deadline cannot lie before the order")
ONE_OWNER = Text("填一个指挥所或一个单位", "name one post or one unit")
BOTH_OR_NONE = Text("依据和止期都要写，或都不写", "give both its ground and its last day, or neither")
A_KEY = Text("小写字母、数字、连字符", "small letters, digits, hyphens")
NOT_TO_COME = Text("不能晚于今天", "no day to come")
WITHIN = Text("不晚于上级任务的期限", "no later than that of the task above")
NO_TASKS = Text("至少要有一项任务", "there must be one task at least")


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign: its first day, its length as its order says, and its targets (figure, operator, value).

    `months` lengths end on the same day of the month; the first day counts as day 1.
    """

    key: str
    name: Text
    kind: str
    first_day: date
    length: int
    unit: str = "day"
    targets: tuple[tuple[str, str, Decimal], ...] = ()
    attendance_ground: str = ""
    attendance_until: date | None = None


def end_of(first_day: date, length: int, unit: str) -> date:
    """The day after the last of a campaign: 90 days from 31 March end on 28 June; a month from 11 March ends on 10 April."""
    if unit == "day":
        return first_day + timedelta(length)
    months = first_day.month - 1 + length
    year, month = first_day.year + months // 12, months % 12 + 1
    for day in range(first_day.day, 27, -1):
        try:
            return date(year, month, day)
        except ValueError:
            continue
    return date(year, month, first_day.day)


def begin_campaign(actor: Actor, row: CampaignRow) -> Campaign:
    """Begin a campaign at the actor's area; one of its key that is there already is left as it is.

    Attendance is switched on where a ground and a last day are given. Raises BF-2204 for a value that will not do, BF-1001 without `command.manage`.
    """
    actor.require("command.manage")
    if not 0 < row.length <= 1000:
        raise BAD_ROW(column=Text("时长", "length"), value=row.length, wanted=Text("1 至 1000", "1 to 1000"))
    code(row.unit, Text("单位", "unit"), LENGTH_UNITS, 1)
    code(row.kind, Text("类别", "kind"), CAMPAIGN_KINDS, 1)
    if bool(row.attendance_ground) != (row.attendance_until is not None):
        raise BAD_ROW(column=Text("考勤", "attendance"), value=row.attendance_ground or "–", wanted=BOTH_OR_NONE)
    if not re.fullmatch(r"[a-z0-9-]{1,40}", row.key):
        raise BAD_ROW(column=Text("代码", "key"), value=row.key[:40] or "–", wanted=A_KEY)
    with acting(actor):
        known: Campaign | None = Campaign.objects.filter(key=row.key).first()
        if known is not None:
            return known
        campaign = Campaign.objects.create(
            path=actor.scope,
            key=text(row.key, Text("代码", "key"), 40, 1),
            zh=text(row.name.zh, TITLE, 80, 1),
            en=text(row.name.en or row.name.zh, TITLE, 120, 1),
            kind=row.kind,
            length=row.length,
            length_unit=row.unit,
            valid=DateRange(row.first_day, end_of(row.first_day, row.length, row.unit)),
            attendance=bool(row.attendance_ground and row.attendance_until),
            attendance_ground=row.attendance_ground,
            attendance_until=row.attendance_until,
        )
        CampaignTarget.objects.bulk_create(
            [CampaignTarget(path=actor.scope, campaign=campaign, figure=f, op=op, value=v) for f, op, v in row.targets]
        )
        note(actor, acts.CAMPAIGN_BEGIN, subject=row.key, detail={"since": row.first_day, "until": campaign.valid.upper})
        told()
    return campaign


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task of an order: what, by when, by which post or unit (by key). `acknowledge_by` is a day after the order where it says nothing."""

    title: Text
    deadline: date
    post: str = ""
    unit: str = ""
    step: str = ""
    acknowledge_by: date | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order with its document and its tasks. `post` is the key of the post that issues it; what comes from above names its `issuer` alone.

    `serves` is the task of an order above that it serves. `template` names a method of `templates.yaml` whose steps are added for
    each of `owners` (keys of posts), with deadlines counted from the order.
    """

    number: str
    title: Text
    kind: str
    issued_on: date
    issuer: str
    source: str
    tasks: tuple[TaskRow, ...] = ()
    post: str = ""
    text: str = ""
    campaign: str = ""
    serves: int | None = None
    template: str = ""
    owners: tuple[str, ...] = field(default_factory=tuple)


@lru_cache(maxsize=1)
def templates() -> dict[str, Any]:
    """The methods by which orders are broken down, by key: `{title, source, steps: [{key, title, days}]}`."""
    raw: dict[str, Any] = yaml.safe_load(TEMPLATES.read_text("utf-8"))
    return raw


def steps_of(draft: OrderDraft) -> list[TaskRow]:
    """The tasks that a draft's template adds: every step for every owner. Raises BF-2204 for an unknown template."""
    if not draft.template:
        return []
    code(draft.template, Text("模板", "template"), templates(), 1)
    return [
        TaskRow(
            Text("{s}：{o}", "{s}: {o}").format(s=both(step["title"]), o=draft.title),
            draft.issued_on + timedelta(step["days"]),
            post=owner,
            step=step["key"],
        )
        for owner in draft.owners
        for step in templates()[draft.template]["steps"]
    ]


def issue_order(actor: Actor, draft: OrderDraft) -> Order:
    """Issue an order, a notice or a meeting's resolutions, broken down into tasks.

    Raises BF-2204 for a value that will not do, BF-2210 where it was entered already, BF-2201, BF-2203, BF-2207 and BF-2211 for posts, units, the task served and
    the campaign, BF-2235 for a task outside the actor's area, BF-1001 without `order.issue`.
    """
    actor.require("order.issue")
    rows = [*draft.tasks, *steps_of(draft)]
    if draft.issued_on > clock.today():
        raise BAD_ROW(column=Text("日期", "date"), value=draft.issued_on, wanted=NOT_TO_COME)
    if not rows:
        raise BAD_ROW(column=TITLE, value="–", wanted=NO_TASKS)
    with acting(actor):
        posts = posts_by_key({r.post for r in rows if r.post} | ({draft.post} if draft.post else set()), clock.today())
        units = units_by_key({r.unit for r in rows if r.unit}, clock.today())
        for row in rows:
            _check_task(actor, draft, row, posts.get(row.post) or units.get(row.unit))
        serves = None
        if draft.serves is not None:
            serves = Task.objects.visible_to(actor).filter(pk=draft.serves).first()
            if serves is None or not actor.covers(serves.path):
                raise UNKNOWN_TASK()
            if serves.done_at is not None:
                raise TASK_STATE(task=serves.title, state=STATES["done"], doing=Text("再分解", "broken down"))
            for row in rows:
                if row.deadline > serves.deadline:
                    raise BAD_ROW(row=row.row, column=DEADLINE, value=row.deadline, wanted=WITHIN)
        with instead({"order_once": lambda: ORDER_TWICE(day=draft.issued_on, number=draft.number)}):
            order = Order.objects.create(
                path=actor.scope,
                number=text(draft.number, Text("文号", "number"), 80, 1),
                zh=text(draft.title.zh, Text("标题", "title"), 120, 1),
                en=text(draft.title.en or draft.title.zh, Text("标题", "title"), 200, 1),
                kind=code(draft.kind, Text("类别", "kind"), ORDER_KINDS, 1),
                issuer=text(draft.issuer, Text("发文单位", "issuer"), 80, 1),
                post=posts.get(draft.post),
                issued_on=draft.issued_on,
                text=draft.text,
                source=text(draft.source, Text("来源", "source"), 200, 1),
                campaign=_campaign(draft.campaign),
                serves=serves,
                actor=actor.name,
            )
        made = Task.objects.bulk_create(
            [
                Task(
                    path=(posts.get(r.post) or units[r.unit]).path,
                    order=order,
                    place=n,
                    zh=text(r.title.zh, TITLE, 160, r.row),
                    en=text(r.title.en or r.title.zh, TITLE, 240, r.row),
                    step=r.step,
                    post=posts.get(r.post),
                    unit=units.get(r.unit),
                    acknowledge_by=r.acknowledge_by or draft.issued_on + timedelta(ACKNOWLEDGE_DAYS),
                    deadline=r.deadline,
                )
                for n, r in enumerate(rows, 1)
            ]
        )
        tell_tasks(actor, order, made)
        note(actor, acts.ORDER_ISSUE, subject=draft.number, detail={"rows": len(rows), "since": draft.issued_on})
        told()
    return order


def _check_task(actor: Actor, draft: OrderDraft, row: TaskRow, owner: Post | Unit | None) -> None:
    if owner is None or bool(row.post) == bool(row.unit):
        raise BAD_ROW(row=row.row, column=OWNER, value=row.post or row.unit or "–", wanted=ONE_OWNER)
    if row.deadline < draft.issued_on:
        raise BAD_ROW(row=row.row, column=DEADLINE, value=row.deadline, wanted=BEFORE_ORDER)
    require_covered(actor, owner.path, owner.title, row.row)


def _campaign(key: str) -> Campaign | None:
    if not key:
        return None
    campaign: Campaign | None = Campaign.objects.filter(key=key).first()
    if campaign is None:
        raise UNKNOWN_CAMPAIGN(campaign=key)
    return campaign


def _own_tasks(actor: Actor, keys: Sequence[int]) -> list[Task]:
    """Tasks that the actor may deal with: those of the place where they stand, of a liaison those of their unit; the system may deal with all below it.

    Raises BF-2207 for one that is not there or lies outside, BF-2214 for one of a place below or beside, or of another unit.
    """
    tasks = list(Task.objects.filter(pk__in=keys).select_related("post", "unit", "order").select_for_update(of=("self",)))
    if len(tasks) != len(set(keys)) or not all(actor.covers(t.path) for t in tasks):
        raise UNKNOWN_TASK()
    for task, own in zip(tasks, are_own(actor, tasks), strict=True):
        if not own:
            raise NOT_THEIRS(task=task.title, owner=task.owner.title, place=actor.title or actor.role)
    return tasks


STATES = {
    "new": Text("未签收", "not acknowledged"),
    "acknowledged": Text("办理中", "under way"),
    "overdue": Text("逾期", "overdue"),
    "done": Text("已完成", "done"),
}


def acknowledge(actor: Actor, keys: Sequence[int]) -> int:
    """Acknowledge tasks of one's own post or unit; one that is acknowledged already stays. Returns how many are new.

    Raises BF-2207, BF-2214, BF-1001 without `order.do`.
    """
    actor.require("order.do")
    with acting(actor):
        tasks = [t for t in _own_tasks(actor, keys) if t.acknowledged_at is None]
        for task in tasks:
            task.acknowledged_at, task.acknowledged_by = clock.now(), actor.name
        Task.objects.bulk_update(tasks, ["acknowledged_at", "acknowledged_by"])
        if tasks:
            note(actor, acts.TASK_ACKNOWLEDGE, detail={"rows": len(tasks)})
            told()
    return len(tasks)


def report(actor: Actor, key: int, kind: str, words: str) -> Report:
    """Report on a task: `progress`, `done` (which closes it), or `escalation` to the post above.

    Raises BF-2207, BF-2214, BF-2208 for one that is done or not acknowledged yet, BF-2204 for a blank text, BF-1001 without `order.do`.
    """
    actor.require("order.do")
    code(kind, Text("类别", "kind"), ("progress", "done", "escalation"), 1)
    said = text(words, Text("内容", "text"), 4000, 1)
    with acting(actor):
        (task,) = _own_tasks(actor, [key])
        if task.done_at is not None or task.acknowledged_at is None:
            raise TASK_STATE(task=task.title, state=STATES[task.state], doing=Text("上报", "reported on"))
        if kind == "done":
            task.done_at, task.done_by = clock.now(), actor.name
            task.save(update_fields=["done_at", "done_by"])
        made = Report.objects.create(
            path=task.path,
            task=task,
            kind=kind,
            to=_above(task) if kind == "escalation" else None,
            text=said,
            at=clock.now(),
            actor=actor.name,
        )
        tell_escalations(actor, [made])
        note(actor, acts.TASK_REPORT, subject=task.order.number, path=task.path, detail={"kind": kind})
        told()
    return made


def _above(task: Task) -> Post | None:
    """The post to which a task's escalations go: the one above its post, for a unit the post that issued the order."""
    if task.post is not None:
        return task.post.parent or task.order.post
    return task.order.post


def tell_overdue(actor: Actor, day: date | None = None) -> int:
    """Tell the posts above of tasks whose deadline has passed: each task once to the post above it, and again one post higher for every
    further week. Returns how many reports are new; run twice on a day it tells nothing twice.

    Raises BF-1001 without `order.issue`.
    """
    actor.require("order.issue")
    today = day or clock.today()
    with acting(actor):
        late = list(Task.objects.under(actor.scope).overdue(today).select_related("post__parent", "order__post"))
        told_already = set(Report.objects.filter(task__in=late, kind="overdue").values_list("task", "to"))
        posts = {p.pk: p for p in Post.objects.all()}
        made = []
        for task in late:
            above = _above(task)
            for _ in range((today - task.deadline).days // 7 + 1):
                if above is None:
                    break
                if (task.pk, above.pk) not in told_already:
                    told_already.add((task.pk, above.pk))
                    made.append(
                        Report(
                            path=task.path,
                            task=task,
                            kind="overdue",
                            to=above,
                            text=today.isoformat(),
                            at=clock.now(),
                            actor=actor.name,
                        )
                    )
                above = posts.get(above.parent_id) if above.parent_id else None
        Report.objects.bulk_create(made)
        if made:
            tell_escalations(actor, made)
            note(actor, acts.TASK_REPORT, detail={"kind": "overdue", "rows": len(made)})
            told()
    return len(made)


def answer(actor: Actor, key: int, words: str) -> Report:
    """Answer an escalation that came to one's own post. Raises BF-2213, BF-2204 for a blank text, BF-1001 without `order.issue`."""
    actor.require("order.issue")
    said = text(words, Text("答复", "answer"), 4000, 1)
    with acting(actor):
        found: Report | None = (
            Report.objects.select_for_update(of=("self",))
            .visible_to(actor)
            .waiting()
            .filter(pk=key)
            .select_related("to", "task__order")
            .first()
        )
        if found is None or found.to is None or not actor.covers(found.to.path):
            raise UNKNOWN_REPORT()
        found.answer, found.answered_at, found.answered_by = said, clock.now(), actor.name
        found.save(update_fields=["answer", "answered_at", "answered_by"])
        tell_answer(actor, found)
        note(actor, acts.TASK_ANSWER, subject=found.task.order.number, path=found.path)
        told()
    return found
