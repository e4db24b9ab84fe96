"""The list of cases: its columns, its filters, and what its cells show."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.html import format_html

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.cases.models import Case, Measure
from bangfu.cases.models.cases import (
    PAUSED,
    PENDING,
    RESULTS,
    RUNNING,
    SEVERITIES,
    SOURCES,
    STATES,
    STEPS,
    SUPPORTED,
)
from bangfu.cases.numbers import CASE, key_in
from bangfu.cases.pages.homes import fill_homes
from bangfu.cases.policy import Kinds
from bangfu.cases.shown import SHAPES, gaps, owners_of
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.kit.listing import Choice, Column, Listing, Option, Search
from bangfu.register.pages.listing import persons_found

Rows = QuerySet[Any, Any]
SOON = 7
MOVES = Text("暂停中，顺延", "paused: it moves")
VIEWS = {
    "pending": Text("在办", "under way"),
    "overdue": Text("逾期", "overdue"),
    "soon": Text("七日内到期", "due within seven days"),
    "to_verify": Text("待核验", "to be verified"),
    "no_measure": Text("没有措施", "without a measure"),
    "in_effect": Text("待见效", "taking effect"),
    "paused": Text("暂停", "paused"),
    "supported": Text("长期帮扶", "long-term support"),
    "review": Text("长期帮扶待复核", "support to be reviewed"),
    "escalated": Text("已上报", "escalated"),
    "contested": Text("曾退回或重新立项", "sent back or re-opened"),
    "closed": Text("已销号", "closed"),
    "all": Text("全部", "all"),
}


def in_view(rows: Rows, view: str) -> Rows:
    """The cases of one of the views of the list."""
    today = clock.today()
    match view:
        case "overdue":
            return rows.filter(state__in=RUNNING, due__lt=today)
        case "soon":
            return rows.filter(state__in=RUNNING, due__range=(today, today + timedelta(SOON)))
        case "no_measure":
            done = Measure.objects.filter(case=OuterRef("pk")).exclude(state="dropped")
            return rows.filter(state__in=PENDING).exclude(Exists(done))
        case "review":
            return rows.filter(state=SUPPORTED, review_on__lte=today)
        case "escalated":
            return rows.filter(state__in=PENDING, escalated__gt=0)
        case "contested":
            from bangfu.cases.models import CaseEvent

            refused = CaseEvent.objects.filter(case=OuterRef("pk"), kind="refused")
            return rows.filter(Q(reopened__gt=0) | Exists(refused))
        case "pending":
            return rows.filter(state__in=PENDING)
        case "all":
            return rows
    return rows.filter(state=view)


def case_list(kinds: Kinds, path: str) -> Listing:
    """The list of the cases of an area."""
    today = clock.today()
    return Listing(
        columns=[
            Column("who", Text("户主（地点）", "Household (place)"), lambda c: c.shown["who"], phone="title", fixed=True),
            Column("kind", Text("类别", "Kind"), lambda c: kinds.title(c.kind), kind="word", phone="end"),
            Column("gap", Text("短板", "Gap"), lambda c: c.shown["gap"], phone="full"),
            Column("severity", Text("程度", "Severity"), lambda c: SEVERITIES[c.severity], kind="word", phone="line"),
            Column("state", Text("状态", "State"), _state, kind="word", phone="line", plain=lambda c: STATES[c.state]),
            Column("owner", Text("由谁办理", "Owner"), lambda c: c.shown["owner"], phone="line"),
            Column("due", Text("期限", "Due"), partial(_due, today), sort=("due",), kind="word", phone="line", plain=lambda c: c.due_on(today).isoformat()),
            Column("area", Text("所在地", "Place"), lambda c: c.shown["area"], phone="line"),
            Column("number", Text("编号", "Number"), lambda c: c.number, kind="word", phone="line"),
            Column("opened", Text("立项", "Opened"), lambda c: c.opened_on.isoformat(), sort=("opened_on",), first="-", kind="word", phone="hide", shown=False),
            Column("source", Text("来源", "Source"), lambda c: SOURCES[c.source], kind="word", phone="hide", shown=False),
            Column("escalated", Text("上报级数", "Times escalated"), lambda c: c.escalated, sort=("escalated",), first="-", kind="number", phone="hide", shown=False),
            Column("result", Text("结果", "Result"), lambda c: RESULTS.get(c.result or c.claim_result, ""), phone="hide", shown=False),
            Column("household", Text("户编号", "Household"), lambda c: c.household.number if c.household else "", phone="hide", shown=False),
        ],
        filters=[
            Choice("view", Text("查看", "View"), in_view, [Option(k, t) for k, t in VIEWS.items()]),
            Choice("kind", Text("类别", "Kind"), lambda rows, value: rows.filter(kind=value), [Option(k, w.rule.title) for k, w in kinds.work.items()]),
            Choice("severity", Text("程度", "Severity"), lambda rows, value: rows.filter(severity=value), [Option(k, t) for k, t in SEVERITIES.items()]),
            Choice("step", Text("由谁办理", "Owner"), lambda rows, value: rows.filter(step=value), [Option(k, t) for k, t in STEPS.items()]),
            Choice("source", Text("来源", "Source"), lambda rows, value: rows.filter(source=value), [Option(k, t) for k, t in SOURCES.items()]),
            Choice("result", Text("结果", "Result"), lambda rows, value: rows.filter(Q(result=value) | Q(claim_result=value)), [Option(k, t) for k, t in RESULTS.items()]),
        ],
        search=Search(Text("姓名、事项编号", "Name, number of a case"), partial(_found, path=path)),
        order=("due", "id"),
        empty=Text("没有符合条件的事项。", "No case matches."),
    )  # fmt: skip


def _found(rows: Rows, words: str, *, path: str) -> Rows:
    """Cases by their number, by the number of the household, or by a member's name."""
    from bangfu.register.pages.listing import _of_persons

    key = key_in(words.strip(), CASE)
    if key is not None:
        return rows.filter(pk=key)
    if any(c.isdigit() for c in words):
        plain = words.strip().upper()
        return rows.filter(household__number__gte=plain, household__number__lt=plain + "~")
    return rows.filter(household__in=_of_persons(persons_found(words, path), path))


def _state(case: Case) -> Any:
    return format_html('<span class="v v-{}"><i></i>{}</span>', SHAPES[case.state], STATES[case.state])


def _due(today: Any, case: Case) -> Any:
    if case.state == PAUSED:
        return format_html('<span class="muted">{} {}</span>', case.due_on(today).isoformat(), MOVES)
    if case.state not in RUNNING:
        return format_html('<span class="muted">{}</span>', case.due.isoformat())
    late = case.late(today)
    if not late:
        return case.due.isoformat()
    return format_html('{} <b class="bad">{}</b>', case.due.isoformat(), Text("逾期{n}天", "{n} day(s) late").format(n=late))


def fill_cases(actor: Actor, kinds: Kinds, rows: list[Case]) -> None:
    """Give the cases of a page what their cells show: who, where, the gap in words, the owner."""
    today = clock.today()
    homes = {c.household_id: c.household for c in rows if c.household is not None}
    fill_homes(actor, list(homes.values()), today)
    said, owner = gaps(actor, kinds, rows), owners_of(rows, today)
    for case in rows:
        home = homes.get(case.household_id)
        line = areas().line(case.path)
        place = " ".join(name_of(a) for a in line[-2:])
        case.shown = {  # type: ignore[attr-defined]
            "who": home.shown["head"] if home is not None else place,  # type: ignore[attr-defined]
            "area": home.shown["area"] if home is not None else place,  # type: ignore[attr-defined]
            "gap": said[case.pk],
            "owner": owner[case.pk].title,
        }
