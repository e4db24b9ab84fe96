"""What decisions put into somebody's day: steps that are theirs to do, meetings, notices and objections that wait, refusals nobody was told of, and
what the rules propose and nobody has begun."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.cases.actions.deciding import levels_of
from bangfu.cases.actions.writing import RANKS, rank_of
from bangfu.cases.differences import national_differences
from bangfu.cases.models import Decision, Meeting, Notice, Objection
from bangfu.cases.models.cases import VILLAGE
from bangfu.cases.models.decisions import REFUSED
from bangfu.cases.models.meetings import MEETING_KINDS
from bangfu.cases.pages.decisions import fill_decisions
from bangfu.cases.pages.homes import fill_homes
from bangfu.cases.pages.links import decision_url, decisions_url, meeting_url, notice_url
from bangfu.cases.pages.listing import SOON
from bangfu.cases.procedures import Procedure, Procedures, step_title, today_procedures
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.screens import DayItem, DaySection, my_day
from bangfu.register.pages.links import households_url
from bangfu.screening.models import Finding
from bangfu.screening.pages.found import FILTER

SHOWN = 12
Rows = QuerySet[Any, Any]


@my_day.provider("decisions", order=16)
def decisions_of_the_day(actor: Actor) -> list[DaySection]:
    """The sections of an actor's day that decisions bring."""
    if not actor.may("case.read") or not actor.scope:
        return []
    today, known = clock.today(), today_procedures()
    made: list[Callable[[], DaySection | None]] = []
    if actor.may("decision.do"):
        made += [
            lambda: _own(actor, known, today),
            lambda: _objections(actor, known, today),
            lambda: _notices(actor, known, today),
            lambda: _untold(actor, known, today),
        ]
        if rank_of(actor) > RANKS[VILLAGE]:
            made.append(lambda: _differences(actor, today))
    if actor.may("meeting.manage"):
        made.append(lambda: _meetings(actor, today))
    found = [section for make in made if (section := make()) is not None]
    return found + (_proposed(actor, known) if actor.may("decision.begin") else [])


def _own(actor: Actor, known: Procedures, today: date) -> DaySection | None:
    """Decisions whose next step is the actor's to do, those with the nearest end of it first."""
    rows: Rows = Decision.objects.visible_to(actor).at("by", levels_of(actor))
    count = rows.count()
    if not count:
        return None
    shown = _filled(actor, rows.order_by(Coalesce("step_due", "due").asc(nulls_last=True), "pk"))
    items = [
        DayItem(
            _titled(d.shown["who"], known.title(d.kind)), decision_url(d.number), d.shown["area"], d.step_due or d.due, _late(d, today),
            step_title(d, d.present), Text("办理", "Do the step"),
        )
        for d in shown
    ]  # fmt: skip
    late = rows.filter(Q(step_due__lt=today) | Q(due__lt=today)).count()
    return DaySection(
        "decisions",
        Text("待本级办理的程序", "Decisions whose step is yours"),
        items,
        count,
        decisions_url(actor.scope) + "?view=own",
        late=late,
    )


def _objections(actor: Actor, known: Procedures, today: date) -> DaySection | None:
    rows: Rows = Objection.objects.visible_to(actor).filter(answered_on=None)
    shown = list(rows.select_related("decision", "notice").order_by("due", "pk")[:SHOWN])
    items = [
        DayItem(
            _titled(_where(o.path), known.title(o.decision.kind)), notice_url(o.notice.number), "", o.due, max(0, (today - o.due).days),
            Text("{d} 提出", "raised on {d}").format(d=o.raised_on), Text("答复", "Answer"),
        )
        for o in shown
    ]  # fmt: skip
    if not items:
        return None
    url = reverse("cases:notices", kwargs={"path": actor.scope})
    return DaySection(
        "objections",
        Text("公示异议待答复", "Objections to answer"),
        items,
        rows.count(),
        url,
        late=rows.filter(due__lt=today).count(),
    )


def _notices(actor: Actor, known: Procedures, today: date) -> DaySection | None:
    """Notices of the actor's own place to be photographed on their first or last day, or to be closed."""
    first, last = Q(first_photo="", starts_on__lte=today), Q(last_photo="", ends_on__lte=today)
    rows: Rows = Notice.objects.visible_to(actor).open().filter(first | last | Q(ends_on__lt=today))
    if rank_of(actor) != RANKS[VILLAGE]:
        rows = rows.filter(path=actor.stands or actor.scope)
    items = [
        DayItem(
            _titled(_where(n.path), known.title(n.kind)), notice_url(n.number), "", n.ends_on, max(0, (today - n.ends_on).days),
            Text("拍首日照片", "photograph the first day") if not n.first_photo
            else Text("拍末日照片", "photograph the last day") if not n.last_photo else Text("公示期满", "its days are over"),
            Text("打开", "Open"),
        )
        for n in rows.order_by("ends_on", "pk")[:SHOWN]
    ]  # fmt: skip
    url = reverse("cases:notices", kwargs={"path": actor.scope})
    return DaySection("notices", Text("公示待办", "Notices to see to"), items, rows.count(), url) if items else None


def _untold(actor: Actor, known: Procedures, today: date) -> DaySection | None:
    """Refusals whose reason nobody has told the household: for those who go there."""
    if rank_of(actor) > RANKS[VILLAGE]:
        return None
    rows: Rows = Decision.objects.visible_to(actor).filter(state=REFUSED, told_on=None)
    shown = _filled(actor, rows.order_by("ended_on", "pk"))
    items = [
        DayItem(
            _titled(d.shown["who"], known.title(d.kind)), decision_url(d.number), d.shown["area"], d.ended_on, max(0, (today - d.ended_on).days),
            Text("不予认定", "refused"), Text("告知农户", "Tell the household"),
        )
        for d in shown
    ]  # fmt: skip
    url = decisions_url(actor.scope) + "?view=untold"
    return DaySection("untold", Text("不予认定未告知", "Refused, not told"), items, rows.count(), url) if items else None


def _differences(actor: Actor, today: date) -> DaySection | None:
    """What the national system has otherwise than the county, by sort, those that are late first."""
    told = [d for _, some in national_differences.ask(actor) for d in some if d.count]
    items = [
        DayItem(
            d.title, d.url, "", d.first, max(0, (today - d.first).days) if d.first else 0,
            Text("{n} 件，逾期 {l} 件", "{n}, {l} of them late").format(n=d.count, l=d.late) if d.late else Text("{n} 件", "{n}").format(n=d.count),
            Text("查看", "See"),
        )
        for d in sorted(told, key=lambda d: -d.late)
    ]  # fmt: skip
    title = Text("与全国系统的差异", "Differences to the national system")
    return DaySection("national", title, items, sum(d.count for d in told), late=sum(d.late for d in told)) if items else None


def _meetings(actor: Actor, today: date) -> DaySection | None:
    """Meetings of the actor's own place that are near, or were to be held."""
    rows: Rows = (
        Meeting.objects.visible_to(actor).to_be_held().filter(path=actor.stands or actor.scope, day__lte=today + timedelta(SOON))
    )
    items = [
        DayItem(
            MEETING_KINDS[m.kind], meeting_url(m.number), m.where, m.day, max(0, (today - m.day).days),
            Text("{n} 项议程", "{n} item(s)").format(n=m.n), Text("打开", "Open"),
        )
        for m in rows.annotate(n=Count("items")).order_by("day", "pk")[:SHOWN]
    ]  # fmt: skip
    url = reverse("cases:meetings", kwargs={"path": actor.scope})
    return DaySection("meetings", Text("待召开的会议", "Meetings to hold"), items, rows.count(), url) if items else None


def _proposed(actor: Actor, known: Procedures) -> list[DaySection]:
    """What the rules propose and nobody has begun, by decision: identifications, eliminations that are due, the way back."""
    proposals = [(p, name) for p in known.known.values() for name in p.proposed_by]
    return [section for p, name in proposals if (section := _proposed_of(actor, p, name)) is not None]


def _proposed_of(actor: Actor, procedure: Procedure, proposal: str) -> DaySection | None:
    begun = Decision.objects.running().filter(kind=procedure.name, household=OuterRef("household"))
    found: Rows = Finding.objects.visible_to(actor).named("proposal", proposal)
    rows = found.filter(state="proposed").exclude(Exists(begun))
    count = rows.count()
    if not count:
        return None
    shown = list(rows.select_related("household").order_by("path", "household")[:SHOWN])
    fill_homes(actor, [f.household for f in shown], clock.today())
    new = reverse("cases:decision-new", kwargs={"path": actor.scope})
    items = [
        DayItem(
            f.household.shown["head"], f"{new}?household={f.household.number}&kind={procedure.name}&origin=screening&proposal={proposal}",
            f.household.shown["area"], None, 0, "", Text("启动", "Begin"),
        )
        for f in shown
    ]  # fmt: skip
    category = procedure.categories.get(proposal)
    title = Text("建议启动：{k}", "Proposed by the rules: {k}").format(k=procedure.title)
    if category is not None:
        title = Text("{t}（{c}）", "{t} ({c})").format(t=title, c=category)
    url = f"{households_url(actor.scope)}?{urlencode({FILTER: f'proposal.{proposal}.proposed'})}"
    return DaySection(f"proposed-{proposal}", title, items, count, url)


def _filled(actor: Actor, rows: Rows) -> list[Any]:
    shown = list(rows.select_related("household")[:SHOWN])
    fill_decisions(actor, shown)
    return shown


def _titled(who: Text | str, kind: Text) -> Text:
    return Text("{w} · {k}", "{w} · {k}").format(w=who, k=kind)


def _where(path: str) -> str:
    return " ".join(name_of(a) for a in areas().line(path)[-2:])


def _late(d: Decision, today: date) -> int:
    return max(0, *((today - due).days for due in (d.step_due, d.due) if due is not None), 0)
