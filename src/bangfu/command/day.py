"""What somebody has to do today: tasks of orders, escalations, pairings to confirm, requests to decide, households without a
helper, posts to fill; above the village, where visits are overdue."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse

from bangfu.areas.frame import areas_below
from bangfu.areas.profile import profile_of
from bangfu.areas.remembered import areas
from bangfu.command.calendar import count_due, due_by
from bangfu.command.liaison import own_tasks
from bangfu.command.models import Pairing, PairingRequest, Report, VisitsDue
from bangfu.command.models.pairings import REQUEST_REASONS
from bangfu.command.scheduling import SOON, own_helper, schedule
from bangfu.command.vacancies import first_secretaries_missing
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.screens import DayItem, DaySection, my_day
from bangfu.register.models import Household, Kind
from bangfu.screening.present import valid_pack

SHOWN = 8  # of each sort; the whole list is a link away


@my_day.provider("command", order=10)
def of_command(actor: Actor) -> list[DaySection]:
    """The sections that the actor's role has something in, in the order of urgency; none for one who does not read the chain."""
    if not actor.may("command.read"):
        return []
    made = (_tasks, _escalations, _requests, _visits, _visits_below, _to_confirm, _unpaired, _vacancies)
    return [section for make in made if (section := make(actor, clock.today())) is not None and section.any]


def _tasks(actor: Actor, today: date) -> DaySection | None:
    """Tasks of one's own post or unit: late ones, unacknowledged ones, those due soon."""
    if not actor.may("order.do"):
        return None
    own = own_tasks(actor).open()
    rows = own.filter(deadline__lte=today + timedelta(SOON)) | own.filter(acknowledged_at=None)
    shown = rows.select_related("order", "post", "unit").order_by("deadline", "pk")[:SHOWN]
    sign, go_on = Text("签收", "Acknowledge"), Text("办理", "Deal with it")
    items = [
        DayItem(
            t.title, reverse("command:order", kwargs={"order": t.order_id}) + f"#task-{t.pk}", t.owner.title, t.deadline,
            max(0, (today - t.deadline).days), t.order.title, sign if t.acknowledged_at is None else go_on,
        )
        for t in shown
    ]  # fmt: skip
    url = reverse("command:orders", kwargs={"path": actor.scope})
    return DaySection("tasks", Text("指令任务", "Tasks of orders"), items, rows.count(), url, late=own.overdue(today).count())


def _escalations(actor: Actor, today: date) -> DaySection | None:
    """Reports that ask the posts of the actor's own place for help, or tell them that something is late."""
    if not actor.may("order.issue"):
        return None
    rows = Report.objects.visible_to(actor).waiting().filter(to__path=actor.stands or actor.scope)
    items = [
        DayItem(
            r.task.title, reverse("command:order", kwargs={"order": r.task.order_id}) + f"#task-{r.task_id}", r.task.owner.title, r.task.deadline,
            max(0, (today - r.task.deadline).days), r.title, Text("答复", "Answer"),
        )
        for r in rows.select_related("task__post", "task__unit", "task__order").order_by("at")[:SHOWN]
    ]  # fmt: skip
    url = reverse("command:orders", kwargs={"path": actor.scope}) + "?state=waiting"
    return DaySection(
        "escalations",
        Text("待答复的上报", "Escalations to answer"),
        items,
        rows.count(),
        url,
        late=rows.filter(task__deadline__lt=today).count(),
    )


def _requests(actor: Actor, today: date) -> DaySection | None:
    """Requests for another helper that are to be decided."""
    if not actor.may("pairing.manage"):
        return None
    rows = PairingRequest.objects.visible_to(actor).waiting()
    items = [
        DayItem(
            REQUEST_REASONS[r.reason], _helper_page(r.household), _place(r.path), r.due, max(0, (today - r.due).days), r.note[:60],
            Text("办结", "Decide"),
        )
        for r in rows.select_related("household").order_by("due", "pk")[:SHOWN]
    ]  # fmt: skip
    return DaySection(
        "requests",
        Text("调整结对的申请", "Requests for another helper"),
        items,
        rows.count(),
        late=rows.filter(due__lt=today).count(),
    )


def _visits(actor: Actor, today: date) -> DaySection | None:
    """What the work calendar asks of a helper, or of a village, within a week."""
    near = actor.duty is not None or profile_of(actor.scope).plays.village == _level(actor.scope)
    made = schedule(actor, actor.scope, helper=own_helper(actor), ahead=SOON) if near else None
    if made is None:
        return None
    day_of = {(d.household, d.kind, d.by): one.day for one in made.plan.planned for d in one.visit.duties}
    due = due_by(made.calendar.duties, today + timedelta(SOON))  # the most urgent first
    shown = list(due.items())[:SHOWN]
    items = [
        DayItem(
            Text("户 {n}", "Household {n}").format(n=made.homes[home].number),
            reverse("register:household", kwargs={"number": made.homes[home].number}), _place(made.homes[home].path),
            next((day_of[key] for d in duties if (key := (d.household, d.kind, d.by)) in day_of), duties[0].due),
            max(d.overdue(today) for d in duties),
            Text("；".join(d.reason.zh for d in duties), "; ".join(d.reason.en for d in duties)),
        )
        for home, duties in shown
    ]  # fmt: skip
    counted = count_due(due.values(), today)
    url = reverse("command:calendar", kwargs={"path": actor.scope})
    return DaySection("visits", Text("走访和排查", "Visits and checks"), items, counted.due, url, late=counted.overdue)


def _visits_below(actor: Actor, today: date) -> DaySection | None:
    """Above the village: the areas directly below in which the calendar has something overdue, the worst first, as it was last counted.

    Each household counts once, and is overdue by the same duties as on its village's own day. Where nobody has counted since yesterday it
    says so: nothing shown would pass for nothing overdue.
    """
    profile = profile_of(actor.scope)
    if actor.duty is not None or _level(actor.scope) in ("", *profile.levels_from(profile.plays.village)):
        return None
    if not actor.may("household.read") or not actor.may("pairing.manage"):  # whoever directs helpers
        return None
    title, url = Text("走访逾期", "Visits overdue"), reverse("command:calendar", kwargs={"path": actor.scope})
    rows = list(VisitsDue.objects.visible_to(actor).fresh(today))
    if not rows:
        note = Text("还没有统计：后台每小时统计一次", "Not counted yet: it is counted every hour")
        return DaySection("visits-below", title, [], 0, url, note) if valid_pack(today, the_county().country) else None
    items = []
    for area in areas_below(areas().by_path([actor.scope])[actor.scope]):
        of = [row for row in rows if row.path.startswith(area.path)]
        late, longest = sum(row.overdue for row in of), max((row.longest for row in of), default=0)
        if late:
            why = Text("{n} 户逾期，7 天内应办共 {m} 户", "{n} overdue, {m} due within a week in all")
            name = Text(area.name, area.name_en or area.name)
            calendar = reverse("command:calendar", kwargs={"path": area.path})
            said = why.format(n=late, m=sum(row.due for row in of))
            items.append(
                (-late, -longest, area.path, DayItem(name, calendar, late=longest, why=said, do=Text("看日历", "Calendar")))
            )
    late = sum(row.overdue for row in rows)
    note = Text(
        "按户计，{d} 统计：走访、必访、排查和措施中有一项过期的户；天数是其中最长的",
        "Households, as counted on {d}: those with a visit, check or measure past its day; the days are those of the longest",
    ).format(d=min(row.day for row in rows))
    return DaySection(
        "visits-below",
        title,
        [item for *_, item in sorted(items, key=lambda i: i[:3])],
        late,
        url,
        note if late else "",
        late=late,
    )


def _level(path: str) -> str:
    line = areas().line(path)
    return line[-1].level if line else ""


def _to_confirm(actor: Actor, today: date) -> DaySection | None:
    """A helper's own pairings that they have not confirmed."""
    if actor.user_id is None or not actor.may("pairing.confirm"):
        return None
    rows = Pairing.objects.visible_to(actor).open().filter(helper__officer__user=actor.user_id, helper_confirmed=None)
    items = [
        DayItem(
            Text("户 {n}", "Household {n}").format(n=p.household.number), _helper_page(p.household), _place(p.path), None, 0,
            Text("{d} 起", "since {d}").format(d=p.valid.lower), Text("确认", "Confirm"),
        )
        for p in rows.select_related("household").order_by("path", "pk")[:SHOWN]
    ]  # fmt: skip
    return DaySection("confirm", Text("待确认的结对", "Pairings to confirm"), items, rows.count())


def _unpaired(actor: Actor, today: date) -> DaySection | None:
    """Households of the target set for whom nobody answers."""
    if not (actor.may("pairing.manage") or (actor.may("pairing.ask") and actor.duty is None)):
        return None
    helped = Pairing.objects.principals().on(today).filter(household=OuterRef("household"))
    rows = Kind.objects.visible_to(actor).on(today).filter(kind__in=("registered", "monitored")).exclude(Exists(helped))
    shown = list(rows.order_by("path", "household").values_list("household", "path")[:SHOWN])
    homes = Household.objects.in_bulk([h for h, _ in shown])
    items = [
        DayItem(
            Text("户 {n}", "Household {n}").format(n=homes[h].number), _helper_page(homes[h]), _place(path), None, 0, "",
            Text("安排", "Find a helper"),
        )
        for h, path in shown
    ]  # fmt: skip
    url = reverse("command:pairing", kwargs={"path": actor.scope})
    return DaySection("unpaired", Text("无帮扶责任人的户", "Households without a helper"), items, rows.count(), url)


def _vacancies(actor: Actor, today: date) -> DaySection | None:
    """Villages that need a first secretary and have none."""
    if not actor.may("command.manage"):
        return None
    missing = first_secretaries_missing(actor, today)
    url = reverse("command:appointments", kwargs={"path": actor.scope})
    items = [DayItem(Text(v.name, v.name_en or v.name), url, "", None, 0, "", Text("任命", "Appoint")) for v in missing[:SHOWN]]
    return DaySection("vacancies", Text("缺第一书记的村", "Villages without a first secretary"), items, len(missing), url)


def _helper_page(household: Household) -> str:
    return reverse("command:household-helper", kwargs={"number": household.number})


def _place(path: str) -> Text:
    """The village and the group of a path, as far as areas have them."""
    line = areas().line(path)[-2:]
    return Text(" ".join(a.name for a in line), ", ".join(a.name_en or a.name for a in reversed(line)))
