"""Writes to work in the field: leaders' visits, experts, volunteers, deployment, attendance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.accounts.audit import note
from bangfu.command import acts
from bangfu.command.actions.orders import OrderDraft, TaskRow, issue_order
from bangfu.command.actions.places import (
    BATCH,
    OFFICES,
    areas_by_path,
    code,
    end_dated,
    instead,
    officers_by_number,
    officers_serving,
    once,
    one_at_a_time,
    overlap,
    require_covered,
    span,
    text,
    told,
)
from bangfu.command.models import (
    Attendance,
    Campaign,
    Deployment,
    Expert,
    FieldQuestion,
    FieldStop,
    FieldVisit,
    Officer,
    Post,
    Volunteering,
    VolunteerTask,
)
from bangfu.command.models.field import VOLUNTEER_KINDS
from bangfu.command.problems import (
    ATTENDANCE_OFF,
    BAD_ROW,
    UNKNOWN_CAMPAIGN,
    UNKNOWN_OFFICER,
    UNKNOWN_STOP,
    UNKNOWN_TASK,
)
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.register.models import Person

TITLE = Text("标题", "title")
OFFICER = Text("人员", "officer")
ELSEWHERE = Text("此人在这些日子已派往别处", "they are sent elsewhere on these days")


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop of an itinerary: the path of its area."""

    area: str


def plan_field_visit(
    actor: Actor, officer: str, name: Text, stops: Sequence[Stop], *, since: date, until: date, campaign: str = ""
) -> FieldVisit:
    """Plan a leader's visit to the field; `until` is its last day. The itinerary is the stops in their order.

    Raises BF-2202, BF-2204 without a stop or for days that end before they begin, BF-1108, BF-2211, BF-1001 without `command.manage`.
    """
    actor.require("command.manage")
    if not stops or until < since:
        raise BAD_ROW(
            column=Text("行程", "itinerary"),
            value=len(stops),
            wanted=Text("至少一处，止日不早于起日", "one stop at least, and days in order"),
        )
    with acting(actor):
        (leader,) = officers_by_number([officer], since).values()
        areas = areas_by_path(actor, {s.area for s in stops})
        chosen = Campaign.objects.filter(key=campaign).first() if campaign else None
        if campaign and chosen is None:
            raise UNKNOWN_CAMPAIGN(campaign=campaign)
        visit = FieldVisit.objects.create(
            path=actor.scope, zh=text(name.zh, TITLE, 120, 1), en=text(name.en or name.zh, TITLE, 200, 1), officer=leader,
            campaign=chosen, valid=DateRange(since, until, "[]"), actor=actor.name,
        )  # fmt: skip
        FieldStop.objects.bulk_create(
            [FieldStop(path=s.area, visit=visit, place=n, area=areas[s.area]) for n, s in enumerate(stops, 1)]
        )
        note(actor, acts.VISIT_PLAN, detail={"rows": len(stops), "since": since})
        told()
    return visit


def visit_stops(actor: Actor, keys: Sequence[int], *, on: date) -> int:
    """Note that a leader was at stops of their visit; one noted already stays. Returns how many are new.

    Raises BF-2215, BF-2204 for a day outside the visit, BF-1001 without `command.manage`.
    """
    actor.require("command.manage")
    with acting(actor):
        stops = list(FieldStop.objects.filter(pk__in=keys).select_related("visit"))
        if len(stops) != len(set(keys)) or not all(actor.covers(s.path) for s in stops):
            raise UNKNOWN_STOP()
        fresh = [s for s in stops if s.visited_on is None]
        for stop in fresh:
            if on not in stop.visit.valid:
                raise BAD_ROW(
                    row=stop.place, column=Text("日期", "day"), value=on, wanted=Text("须在调研期间", "a day of the visit")
                )
            stop.visited_on = on
        FieldStop.objects.bulk_update(fresh, ["visited_on"])
        if fresh:
            note(actor, acts.VISIT_DONE, detail={"rows": len(fresh)})
            told()
    return len(fresh)


def raise_question(
    actor: Actor, stop: int, name: Text, *, post: str = "", unit: str = "", deadline: date | None = None
) -> FieldQuestion:
    """Note a question raised on the spot; with a deadline and a post or unit it becomes a task in the same act.

    Raises BF-2215, BF-2204, and what `issue_order` raises.
    """
    actor.require("command.manage")
    if deadline is not None and deadline < clock.today():
        raise BAD_ROW(column=Text("期限", "deadline"), value=deadline, wanted=Text("不早于今天", "no day gone by"))
    with acting(actor):
        at = FieldStop.objects.filter(pk=stop).select_related("visit", "area").first()
        if at is None or not actor.covers(at.path):
            raise UNKNOWN_STOP()
        question = FieldQuestion.objects.create(
            path=at.path, stop=at, zh=text(name.zh, Text("问题", "question"), 200, 1), en=name.en[:300]
        )
        if deadline is not None:
            today = clock.today()
            number = Text("现场交办第{n}号", "on the spot, no. {n}").format(n=question.pk).zh
            own = Post.objects.on(today).filter(path=actor.stands or actor.scope).order_by("pk").first()
            order = issue_order(
                actor,
                OrderDraft(
                    number, name, "notice", today, own.zh if own else actor.name, f"{at.visit.zh} {at.area.name}"[:200],
                    (TaskRow(name, deadline, post=post, unit=unit),), post=own.key if own else "",
                ),
            )  # fmt: skip
            question.task = order.tasks.get()
            question.save(update_fields=["task"])
    return question


@dataclass(frozen=True, slots=True)
class ExpertRow:
    """An officer (by number) on the roster of experts from a day on: codes of what they know, the path of where they are sent."""

    officer: str
    skills: tuple[str, ...]
    path: str
    since: date
    row: int | None = None


def enrol_experts(actor: Actor, rows: Sequence[ExpertRow]) -> int:
    """Put officers on the roster of experts; who is there already stays. Returns how many are new.

    Raises BF-2202, BF-1108, BF-2204 without a skill, BF-1001 without `command.manage`.
    """
    actor.require("command.manage")
    once(rows, "officer", Text("人员", "officer"))
    with acting(actor):
        one_at_a_time(OFFICES)
        officers = officers_serving((r.officer, r.since, r.row) for r in rows)
        areas_by_path(actor, {r.path for r in rows})
        known = set(Expert.objects.filter(officer__in=officers.values(), valid__upper_inf=True).values_list("officer", flat=True))
        made = [
            Expert(
                path=r.path,
                officer=officers[r.officer],
                skills=[text(s, Text("专长", "skill"), 24, r.row) for s in r.skills]
                or [text("", Text("专长", "skill"), 24, r.row)],
                valid=span(r.since, None, r.row),
            )
            for r in rows
            if officers[r.officer].pk not in known
        ]
        Expert.objects.bulk_create(made, batch_size=BATCH)
        if made:
            note(actor, acts.EXPERT_ADD, detail={"rows": len(rows), "new": len(made)})
            told()
    return len(made)


def call_volunteers(actor: Actor, area: str, kind: str, name: Text, *, since: date, until: date, wanted: int) -> VolunteerTask:
    """Call for volunteers for a task at an area; `until` is its last day. Raises BF-2204, BF-1108, BF-1001 without `command.manage`."""
    actor.require("command.manage")
    code(kind, Text("类别", "kind"), VOLUNTEER_KINDS, 1)
    if until < since or not 0 < wanted <= 10_000:
        raise BAD_ROW(
            column=Text("人数、日期", "number, days"),
            value=wanted,
            wanted=Text("人数为正，止日不早于起日", "a number above 0, days in order"),
        )
    with acting(actor):
        areas = areas_by_path(actor, [area])
        task = VolunteerTask.objects.create(
            path=area, kind=kind, zh=text(name.zh, TITLE, 120, 1), en=text(name.en or name.zh, TITLE, 200, 1), area=areas[area],
            wanted=wanted, valid=DateRange(since, until, "[]"), actor=actor.name,
        )  # fmt: skip
        note(actor, acts.VOLUNTEER_CALL, path=area, detail={"rows": wanted, "since": since})
        told()
    return task


def volunteer(actor: Actor, task: int, *, officers: Sequence[str] = (), persons: Sequence[int] = ()) -> int:
    """Officers (by number) and persons of the register (by key) take a volunteers' task; who has it already keeps it. Returns how many are new.

    Raises BF-2207 for a task that is not there, BF-2202, BF-1001 without `command.manage`.
    """
    actor.require("command.manage")
    with acting(actor):
        found = VolunteerTask.objects.filter(pk=task).first()
        if found is None or not actor.covers(found.path):
            raise UNKNOWN_TASK()
        who = officers_by_number(officers, found.valid.lower)
        seen = set(Person.objects.visible_to(actor).filter(pk__in=persons).values_list("pk", flat=True))
        if seen != set(persons):
            raise UNKNOWN_OFFICER(officer=min(set(persons) - seen))
        held = set(found.volunteers.values_list("officer", "person"))
        made = [Volunteering(path=found.path, task=found, officer=o) for o in who.values() if (o.pk, None) not in held]
        made += [Volunteering(path=found.path, task=found, person_id=p) for p in sorted(seen) if (None, p) not in held]
        Volunteering.objects.bulk_create(made)
        if made:
            note(actor, acts.VOLUNTEER_CALL, path=found.path, detail={"new": len(made)})
            told()
    return len(made)


def serve(actor: Actor, task: int, *, on: date, officers: Sequence[str] | None = None) -> int:
    """Note that volunteers served their task on a day: all of them, or some officers by number. Returns how many are new.

    Raises BF-2207, BF-2204 for a day outside the task, BF-1001 without `command.manage`.
    """
    actor.require("command.manage")
    with acting(actor):
        found = VolunteerTask.objects.filter(pk=task).first()
        if found is None or not actor.covers(found.path):
            raise UNKNOWN_TASK()
        if on not in found.valid:
            raise BAD_ROW(column=Text("日期", "day"), value=on, wanted=Text("须在任务期间", "a day of the task"))
        rows = found.volunteers.filter(served_on=None)
        if officers is not None:
            rows = rows.filter(officer__number__in=officers)
        new = int(rows.update(served_on=on))
        if new:
            note(actor, acts.VOLUNTEER_SERVE, path=found.path, detail={"rows": new})
            told()
    return new


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    """An officer (by number) sent to an area (by path) from a day on."""

    officer: str
    area: str
    since: date
    until: date | None = None
    document: str = ""
    row: int | None = None


def deploy(actor: Actor, rows: Sequence[DeploymentRow]) -> int:
    """Send officers of a unit to the front line; who is there already stays. Returns how many are new.

    Raises BF-2202, BF-1108, BF-2204 where somebody is sent elsewhere on the same days, BF-1001 without `command.manage`.
    """
    actor.require("command.manage")
    with acting(actor):
        one_at_a_time(OFFICES)
        officers = officers_serving((r.officer, r.since, r.row) for r in rows)
        areas = areas_by_path(actor, {r.area for r in rows})
        held: dict[int, list[Deployment]] = {}
        for there in Deployment.objects.filter(officer__in=officers.values()):
            held.setdefault(there.officer_id, []).append(there)
        made = []
        for r in rows:
            officer, days = officers[r.officer], span(r.since, r.until, r.row)
            theirs = held.setdefault(officer.pk, [])
            if any(d.path == r.area and d.valid.upper is None for d in theirs):
                continue
            if any(overlap(d.valid, days) for d in theirs):
                raise BAD_ROW(row=r.row, column=OFFICER, value=officer.name, wanted=ELSEWHERE)
            one = Deployment(
                path=r.area, officer=officer, unit_id=officer.unit_id, area=areas[r.area], document=r.document, valid=days
            )
            theirs.append(one)
            made.append(one)
        # Elsewhere may be where the actor does not see: the database tells, of nobody in particular.
        names = ", ".join(d.officer.name for d in made)[:40]
        unseen = partial(BAD_ROW, column=OFFICER, value=names, wanted=ELSEWHERE)
        with instead({"deployment_one_at_a_time": unseen}):
            Deployment.objects.bulk_create(made, batch_size=BATCH)
        if made:
            note(actor, acts.DEPLOY, detail={"rows": len(rows), "new": len(made)})
            told()
    return len(made)


def end_deployments(actor: Actor, keys: Sequence[int], *, on: date) -> int:
    """Officers come back from the front line: on the day itself they are there no longer. Returns how many came back.

    Raises BF-2234 for a deployment that is not there, or has ended, BF-2204 for a day before it began, BF-1001 without `command.manage`.
    """
    actor.require("command.manage")
    return end_dated(actor, acts.DEPLOY_END, Deployment, keys, on)


def attend(actor: Actor, campaign: str, area: str, officers: Sequence[str], *, day: date) -> int:
    """Note the day on which officers were at an area, for a campaign that has switched attendance on. Returns how many are new.

    Raises BF-2211, BF-2212 where the campaign keeps no attendance on that day, BF-1108, BF-2202, BF-1001 without `attendance.write`.
    """
    actor.require("attendance.write")
    with acting(actor):
        chosen = Campaign.objects.filter(key=campaign).first()
        if chosen is None:
            raise UNKNOWN_CAMPAIGN(campaign=campaign)
        if not chosen.attendance or day not in chosen.valid or chosen.attendance_until is None or day > chosen.attendance_until:
            raise ATTENDANCE_OFF(campaign=chosen.title, day=day)
        areas = areas_by_path(actor, [area])
        require_covered(actor, area, areas[area], 1)
        who: dict[str, Officer] = officers_by_number(officers, day)
        held = set(
            Attendance.objects.filter(campaign=chosen, day=day, officer__in=who.values()).values_list("officer", flat=True)
        )
        made = [
            Attendance(path=area, campaign=chosen, officer=o, area=areas[area], day=day) for o in who.values() if o.pk not in held
        ]
        Attendance.objects.bulk_create(made)
        if made:
            note(actor, acts.ATTEND, path=area, detail={"rows": len(made)})
            told()
    return len(made)
