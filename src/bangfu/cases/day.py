"""What cases put into somebody's day: what is late and due, what waits to be verified, what nobody has planned anything for, support to be
reviewed; for the county also the clues by source and age."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Min, QuerySet

from bangfu.cases.actions.writing import RANKS, own_unit, rank_of
from bangfu.cases.models import Case
from bangfu.cases.models.cases import (
    COUNTY,
    DEPARTMENT,
    HELPER,
    PENDING,
    RESULTS,
    RUNNING,
    SOURCES,
    SUPPORTED,
    TO_VERIFY,
    TOWNSHIP,
    VILLAGE,
)
from bangfu.cases.pages.links import case_url, cases_url
from bangfu.cases.pages.listing import SOON, fill_cases, in_view
from bangfu.cases.policy import Kinds, kinds_on
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.screens import DayItem, DaySection, my_day

SHOWN = 12
RANK_STEPS = {RANKS[step]: step for step in (TOWNSHIP, COUNTY)}
Rows = QuerySet[Any, Any]


@my_day.provider("cases", order=15)
def cases_of_the_day(actor: Actor) -> list[DaySection]:
    """The sections of an actor's day that cases bring."""
    if not actor.may("case.read") or not actor.scope:
        return []
    today, kinds = clock.today(), kinds_on()
    rows: Rows = Case.objects.visible_to(actor)
    own = _referred if actor.may("case.department") and actor.duty is None else _own
    found = [own(actor, rows, kinds, today) if actor.may("case.work") else None, _to_verify(actor, rows, kinds, today)]
    if actor.may("case.direct"):
        found += [_without_measure(actor, rows, kinds, today), _reviews(actor, rows, kinds, today)]
        if rank_of(actor) > 1:
            found.append(_clues(actor, rows, today))
    return [section for section in found if section is not None]


def mine(actor: Actor, rows: Rows, today: date) -> Rows:
    """The cases that lie with an actor: of a helper those of their households, of a department those referred to it, of a post those at its step."""
    if actor.duty is not None:
        return rows.filter(step=HELPER, state__in=PENDING)
    if actor.may("case.department"):
        unit = own_unit(actor)
        return rows.filter(step=DEPARTMENT, state__in=PENDING, **({"unit": unit} if unit is not None else {}))
    rank = rank_of(actor)
    return rows.filter(state__in=PENDING, step__in=(HELPER, VILLAGE) if rank <= RANKS[VILLAGE] else (RANK_STEPS[rank],))


def _own(actor: Actor, rows: Rows, kinds: Kinds, today: date) -> DaySection | None:
    own = mine(actor, rows, today).filter(state__in=RUNNING).exclude(state=TO_VERIFY)
    near = own.filter(due__lte=today + timedelta(SOON))
    if not near.exists():
        return None
    shown = _filled(actor, kinds, near.select_related("household").order_by("due", "pk"))
    return DaySection(
        "cases", Text("到期和逾期的事项", "Cases due and overdue"), [_item(kinds, c, today) for c in shown], near.count(),
        cases_url(actor.scope) + "?view=overdue", late=near.filter(due__lt=today).count(),
    )  # fmt: skip


def _referred(actor: Actor, rows: Rows, kinds: Kinds, today: date) -> DaySection | None:
    """Of a department: all that was referred to it and is under way, near or not, the nearest deadline first."""
    own = mine(actor, rows, today).exclude(state=TO_VERIFY)
    count = own.count()
    if not count:
        return None
    shown = _filled(actor, kinds, own.select_related("household").order_by("due", "pk"))
    return DaySection(
        "referred", Text("转交本部门的事项", "Cases referred to the department"), [_item(kinds, c, today) for c in shown], count,
        cases_url(actor.scope) + "?step=department", late=own.filter(state__in=RUNNING, due__lt=today).count(),
    )  # fmt: skip


def _to_verify(actor: Actor, rows: Rows, kinds: Kinds, today: date) -> DaySection | None:
    if not actor.may("case.verify"):
        return None
    waiting = rows.filter(state=TO_VERIFY).exclude(claimed_by=actor.user_id)
    shown = _filled(actor, kinds, waiting.select_related("household").order_by("due", "pk"))
    items = [
        DayItem(
            Text("{w} · {k}", "{w} · {k}").format(w=c.shown["who"], k=kinds.title(c.kind)), case_url(c.number), c.shown["area"], c.due,
            max(0, (today - c.due).days), RESULTS[c.claim_result], Text("核验", "Verify"),
        )
        for c in shown
    ]  # fmt: skip
    url = cases_url(actor.scope) + "?view=to_verify"
    late = waiting.filter(due__lt=today).count()
    return DaySection("verify", Text("待核验销号", "Closings to verify"), items, waiting.count(), url, late=late)


def _without_measure(actor: Actor, rows: Rows, kinds: Kinds, today: date) -> DaySection | None:
    bare = in_view(rows, "no_measure")
    shown = _filled(actor, kinds, bare.select_related("household").order_by("opened_on", "pk"))
    items = [_item(kinds, c, today, Text("安排措施", "Plan a measure")) for c in shown]
    url = cases_url(actor.scope) + "?view=no_measure"
    return DaySection("no-measure", Text("没有措施的事项", "Cases without a measure"), items, bare.count(), url)


def _reviews(actor: Actor, rows: Rows, kinds: Kinds, today: date) -> DaySection | None:
    due = rows.filter(state=SUPPORTED, review_on__lte=today + timedelta(SOON))
    shown = _filled(actor, kinds, due.select_related("household").order_by("review_on", "pk"))
    items = [
        DayItem(
            Text("{w} · {k}", "{w} · {k}").format(w=c.shown["who"], k=kinds.title(c.kind)), case_url(c.number), c.shown["area"],
            c.review_on, max(0, (today - (c.review_on or today)).days), "", Text("复核", "Review"),
        )
        for c in shown
    ]  # fmt: skip
    url = cases_url(actor.scope) + "?view=supported"
    return DaySection(
        "support",
        Text("长期帮扶待复核", "Long-term support to review"),
        items,
        due.count(),
        url,
        late=due.filter(review_on__lt=today).count(),
    )


def _clues(actor: Actor, rows: Rows, today: date) -> DaySection | None:
    """Clues by source, with the age of the oldest against the clock: how many, how many are late."""
    counted = (
        rows.filter(state__in=RUNNING).order_by().values("source").annotate(n=Count("pk"), oldest=Min("opened_on"), first=Min("due"))
    )  # fmt: skip
    url = cases_url(actor.scope)
    items = [
        DayItem(
            SOURCES[r["source"]], f"{url}?source={r['source']}&view=pending", "", r["first"], max(0, (today - r["first"]).days),
            Text("{n} 件，最早 {d} 天前", "{n}, the oldest {d} day(s) ago").format(n=r["n"], d=(today - r["oldest"]).days),
        )
        for r in sorted(counted, key=lambda r: r["first"])
    ]  # fmt: skip
    return DaySection("clues", Text("线索（按来源）", "Clues by source"), items, len(items)) if items else None


def _item(kinds: Kinds, case: Any, today: date, do: Text | str = "") -> DayItem:
    shown = case.shown
    title = Text("{w} · {k}", "{w} · {k}").format(w=shown["who"], k=kinds.title(case.kind))
    return DayItem(
        title, case_url(case.number), shown["area"], case.due, case.late(today), shown["gap"], do or Text("办理", "Deal with it")
    )


def _filled(actor: Actor, kinds: Kinds, rows: Rows) -> Sequence[Any]:
    shown = list(rows[:SHOWN])
    fill_cases(actor, kinds, shown)
    return shown
