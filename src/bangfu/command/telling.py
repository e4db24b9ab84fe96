"""Whom command tells of what: tasks to those who must do them, escalations to the post above, answers to those who asked; texts for groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Count, Q
from django.urls import reverse

from bangfu.accounts.models import Assignment
from bangfu.accounts.roles import roles
from bangfu.areas.models import Area
from bangfu.command.models import Campaign, Order, Pairing, PairingRequest, Report, Task
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.messages.actions import NewMessage, send
from bangfu.messages.group import GroupText, Line, Place, group_texts, template
from bangfu.messages.kinds import kind

TASK = kind("command.task", zh="指令任务", en="Task of an order")
ESCALATED = kind("command.escalated", zh="上报求助", en="Escalation")
ANSWERED = kind("command.answered", zh="上报答复", en="Report answered")
PAIRED = kind("command.paired", zh="结对", en="Pairing")
DECIDED = kind("command.decided", zh="调整申请办结", en="Request decided")

TITLE = template("command.day", zh="{place} {day} 工作提示", en="{place}, {day}: work of the day")
SPRINT = template("command.sprint", zh="冲刺第 {n} 天，余 {left} 天。", en="Day {n} of the sprint, {left} left.")
DUE = template("command.due", zh="今日到期任务 {n} 件。", en="Tasks due today: {n}.")
LATE = template("command.late", zh="逾期任务 {n} 件。", en="Tasks overdue: {n}.")
LATE_AT = template("command.late_at", zh="　{place}：{n} 件", en="  {place}: {n}")
UNSIGNED = template("command.unsigned", zh="未签收任务 {n} 件。", en="Tasks not acknowledged: {n}.")


def holders(path: str, permission: str, day: date) -> list[int]:
    """Users who hold a role with a permission at a place itself on a day."""
    able = [role.key for role in roles().values() if permission in role.permissions]
    held = Assignment.objects.filter(path=path, role__in=able, valid__contains=day, user__is_active=True)
    return sorted(set(held.values_list("user", flat=True)))


def tell_tasks(actor: Actor, order: Order, tasks: Iterable[Task]) -> None:
    """Tell each place of its tasks of an order, with the earliest deadline."""
    of: dict[str, list[Task]] = {}
    for task in tasks:
        of.setdefault(task.path, []).append(task)
    today = clock.today()
    send(
        actor,
        [
            NewMessage(
                f"order.{order.pk}.{path}",
                TASK,
                path,
                Text("新任务 {n} 件：{o}", "{n} new tasks: {o}").format(n=len(own), o=order.title),
                Text(*("\n".join(t.title.in_language(lang) for t in own)[:4000] for lang in ("zh", "en"))),
                readers,
                deadline=min(t.deadline for t in own),
                link=reverse("command:order", kwargs={"order": order.pk}),
            )
            for path, own in of.items()
            if (readers := holders(path, "order.do", today))
        ],
    )


def tell_escalations(actor: Actor, reports: Iterable[Report]) -> None:
    """Tell the posts to which reports go. They lie above the place of the task; the message is of the task's place."""
    today = clock.today()
    send(
        actor,
        [
            NewMessage(
                f"report.{r.pk}",
                ESCALATED,
                r.path,
                Text("{k}：{t}", "{k}: {t}").format(k=r.title, t=r.task.title),
                Text(r.words.zh[:4000], r.words.en[:4000]),
                readers,
                link=_task_link(r),
            )
            for r in reports
            if r.to is not None and (readers := holders(r.to.path, "order.issue", today))
        ],
    )


def tell_answer(actor: Actor, report: Report) -> None:
    """Tell the place of a task that its report was answered."""
    readers = holders(report.path, "order.do", clock.today())
    if readers:
        body = Text(report.answer, report.answer)
        subject = Text("答复：{t}", "Answered: {t}").format(t=report.task.title)
        send(actor, NewMessage(f"answer.{report.pk}", ANSWERED, report.path, subject, body, readers, link=_task_link(report)))


def _task_link(report: Report) -> str:
    return reverse("command:order", kwargs={"order": report.task.order_id})


def tell_pairings(actor: Actor, households: Sequence[int], since: date) -> None:
    """Tell helpers who have an account of the households that they answer for from a day on: one message for all of a day."""
    rows = (
        Pairing.objects.principals().filter(household__in=households, valid__startswith=since).exclude(helper__officer__user=None)
    )
    of: dict[int, list[Pairing]] = {}
    for one in rows.select_related("household", "helper__officer"):
        of.setdefault(one.helper.officer.user_id, []).append(one)
    send(
        actor,
        [
            NewMessage(
                f"pairing.{user}.{max(p.pk for p in own)}",
                PAIRED,
                own[0].path,
                Text("新结对 {n} 户，请确认", "{n} household(s) paired with you: please confirm").format(n=len(own)),
                Text(*("\n".join(p.household.number for p in own)[:4000] for _ in range(2))),
                [user],
                link="/today/",
            )
            for user, own in of.items()
        ],
    )


def tell_decision(actor: Actor, request: PairingRequest) -> None:
    """Tell the village of a household what became of the request for another helper."""
    village = _village(request.path)
    readers = holders(village, "pairing.ask", clock.today())
    if readers:
        word = Text("同意", "granted") if request.granted else Text("不同意", "refused")
        subject = Text("户 {n} 调整帮扶责任人的申请：{w}", "Another helper for household {n}: {w}").format(
            n=request.household.number, w=word
        )
        link = reverse("command:household-helper", kwargs={"number": request.household.number})
        send(
            actor,
            NewMessage(
                f"request.{request.pk}", DECIDED, request.path, subject, Text(request.answer, request.answer), readers, link=link
            ),
        )


def _village(path: str) -> str:
    from bangfu.areas.profile import profile_of
    from bangfu.areas.remembered import areas

    level = profile_of(path).plays.village
    return next((a.path for a in areas().line(path) if a.level == level), path)


@group_texts.provider("command", order=20)
def work_of_the_day(actor: Actor, path: str, day: date) -> list[GroupText]:
    """The sprint's day, tasks due today, late and not acknowledged at and below an area: numbers and names of places, nothing else."""
    tasks = Task.objects.under(path).open()
    counted = tasks.aggregate(
        due=Count("pk", filter=Q(deadline=day)),
        late=Count("pk", filter=Q(deadline__lt=day)),
        unsigned=Count("pk", filter=Q(acknowledged_at=None)),
    )
    lines: list[Line] = []
    sprint = Campaign.objects.on(day).filter(kind="sprint").first()
    if sprint is not None:
        lines.append(SPRINT.say(n=sprint.day_number(day) or 0, left=sprint.days_left(day)))
    for key, words in (("due", DUE), ("unsigned", UNSIGNED), ("late", LATE)):
        if counted[key]:
            lines.append(words.say(n=counted[key]))
    if not lines:
        return []
    lines += [LATE_AT.say(place=Place(below), n=n) for below, n in _late_below(path, day)]
    return [GroupText("command.day", TITLE.say(place=Place(path), day=day), lines, deadline=day if counted["due"] else None)]


def _late_below(path: str, day: date) -> list[tuple[str, int]]:
    """Overdue tasks of each area directly below, the most first; none where all lie at the area itself."""
    depth = len(path) + 4
    late: dict[str, int] = {}
    for where in Task.objects.under(path).overdue(day).values_list("path", flat=True):
        if len(where) >= depth:
            late[where[:depth]] = late.get(where[:depth], 0) + 1
    known = set(Area.objects.filter(path__in=late).values_list("path", flat=True))
    return sorted(((p, n) for p, n in late.items() if p in known), key=lambda one: (-one[1], one[0]))
