"""The cases of an area: counted by state and step, listed, dealt with many at a time, and taken along as a workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.cases import acts
from bangfu.cases.actions import (
    Claim,
    MeasureRow,
    claim,
    hand_over,
    plan_measures,
    refer,
    refuse_claim,
    verify,
    write_note,
)
from bangfu.cases.actions.working import measure_families
from bangfu.cases.models import Case
from bangfu.cases.models.cases import PENDING, RESULTS, RUNNING, SUPPORTED, TO_VERIFY
from bangfu.cases.pages.links import case_url, cases_url, new_url
from bangfu.cases.pages.listing import VIEWS, case_list, fill_cases
from bangfu.cases.pages.places import frame_of
from bangfu.cases.policy import kinds_on
from bangfu.cases.problems import BAD_ROW
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.asked import keeping_query
from bangfu.kit.forms import Typed, not_a_button
from bangfu.register.pages.export import Exported, export_page

Rows = QuerySet[Any, Any]
FORM = "bulk"
DONE_KEY = "cases_done"  # what was done to how many, for the page after it
DONE = Text("{t}：已办理 {n} 件。", "{t}: done for {n} case(s).")
NONE_DONE = Text("勾选的 {n} 件都没有办理。", "Nothing was done to any of the {n} ticked case(s).")
TICK_SOME = Text("请先勾选事项", "tick some cases first")
SHEET = Text("事项清单", "Cases")
MADE_BY = Text(
    "{area}事项清单。数据截至 {day}。导出：{who}（{role}），{at}。事由：{why}",
    "{area}: cases. As of {day}. Exported by {who} ({role}), {at}. Reason: {why}",
)


@page("case.read")
def my_cases(request: HttpRequest) -> HttpResponse:
    """The cases of one's own area."""
    return redirect(keeping_query(request, cases_url(acting_as(request).scope)))


@page("case.read")
@never_cache
def cases(request: HttpRequest, path: str) -> HttpResponse:
    """The cases of an area; posted, an act on those that are ticked."""
    actor = acting_as(request)
    if request.method == "POST":
        typed = Typed(request, BAD_ROW)
        try:
            title, count = _do(actor, typed)
        except Problem as refused:
            return _show(request, actor, path, refused, asked=len(set(request.POST.getlist("row"))))
        request.session[DONE_KEY] = [title.zh, title.en, count]
        return redirect(request.get_full_path())
    return _show(request, actor, path)


def _show(request: HttpRequest, actor: Actor, path: str, problem: Problem | None = None, asked: int = 0) -> HttpResponse:
    told = request.session.pop(DONE_KEY, None) if request.method == "GET" else None
    _, frame = frame_of(actor, path, "cases")
    kinds, today = kinds_on(), clock.today()
    listing = case_list(kinds, path)
    query = request.GET.copy()
    if "view" not in query:
        query["view"] = "pending"
    state = listing.read(query)
    rows: Rows = Case.objects.visible_to(actor).under(path)
    found = listing.narrow(rows, state)
    shown = listing.page(
        found.select_related("household"),
        state,
        total=listing.count(found, state),
        row_url=lambda c: case_url(c.number),
        export_url=reverse("cases:export", kwargs={"path": path}) + state.with_(after="", before="").address()
        if actor.may("register.export")
        else "",
        prepare=partial(fill_cases, actor, kinds),
        ticks=FORM,
    )
    context = frame | {
        "listing": shown,
        "noun": Text("件", "cases"),
        "views": _views(rows, today, state.filters.get("view", ""), cases_url(path)),
        "by_kind": _by_kind(rows, kinds, today, cases_url(path)),
        "bulk_acts": [(key, title) for key, (title, permission, _) in BULK.items() if actor.may(permission)],
        "families": measure_families(),
        "results": RESULTS,
        "form": FORM,
        "typed": request.POST,
        "problem": problem,
        "done": DONE.format(t=Text(told[0], told[1]), n=told[2]) if told else None,
        "none_done": NONE_DONE.format(n=asked) if problem and asked else None,
        "today": today,
        "new_url": new_url(path) if actor.may("case.open") else "",
    }
    return render(request, "cases/cases.html", context, status=problem.kind.status if problem else 200)


def _views(rows: Rows, today: date, chosen: str, url: str) -> list[tuple[str, Text, int, str, bool]]:
    """The views that are worth a look, with their counts and addresses."""
    running = Q(state__in=RUNNING)
    counted = rows.aggregate(
        pending=Count("pk", filter=Q(state__in=PENDING)),
        overdue=Count("pk", filter=running & Q(due__lt=today)),
        soon=Count("pk", filter=running & Q(due__range=(today, today + timedelta(7)))),
        to_verify=Count("pk", filter=Q(state=TO_VERIFY)),
        in_effect=Count("pk", filter=Q(state="in_effect")),
        paused=Count("pk", filter=Q(state="paused")),
        supported=Count("pk", filter=Q(state=SUPPORTED)),
        closed=Count("pk", filter=Q(state="closed")),
    )
    return [(key, VIEWS[key], n, f"{url}?view={key}", key == chosen) for key, n in counted.items()]


def _by_kind(rows: Rows, kinds: Any, today: date, url: str) -> list[dict[str, Any]]:
    """How many cases of each kind are under way, overdue and closed, the most first."""
    counted = rows.order_by().values("kind").annotate(
        pending=Count("pk", filter=Q(state__in=PENDING)),
        late=Count("pk", filter=Q(state__in=RUNNING, due__lt=today)),
        verify=Count("pk", filter=Q(state=TO_VERIFY)),
        closed=Count("pk", filter=Q(state="closed")),
    )  # fmt: skip
    found = [{"title": kinds.title(r["kind"]), "url": f"{url}?kind={r['kind']}", **r} for r in counted]
    return sorted(found, key=lambda r: (-r["pending"], -r["closed"], r["kind"]))


# --- acts on many


def _plan(actor: Actor, keys: list[int], typed: Typed) -> object:
    due = typed.maybe_day("due", Text("期限", "due"))
    return plan_measures(actor, keys, MeasureRow(typed.text("family"), typed.text("words"), due=due))


def _claim(actor: Actor, keys: list[int], typed: Typed) -> object:
    return claim(actor, keys, Claim(typed.text("result"), typed.text("words"), clock.today(), typed.text("reference")))


BULK: Mapping[str, tuple[Text, str, Callable[[Actor, list[int], Typed], object]]] = {
    "verify": (Text("核验销号", "Verify and close"), "case.verify", lambda a, keys, t: verify(a, keys, t.text("words"))),
    "refuse": (Text("退回重办", "Send back"), "case.verify", lambda a, keys, t: refuse_claim(a, keys, t.text("words"))),
    "plan": (Text("安排同一措施", "Plan one measure for all"), "case.work", _plan),
    "claim": (Text("申请销号", "Ask for closing"), "case.work", _claim),
    "refer": (Text("转交对口部门", "Refer to the department"), "case.direct", lambda a, keys, t: refer(a, keys, t.text("words"))),
    "village": (
        Text("移交村指挥所", "Hand to the village post"),
        "case.direct",
        lambda a, keys, t: hand_over(a, keys, "village", t.text("words")),
    ),
    "note": (Text("写下记录", "Write a note"), "case.note", lambda a, keys, t: write_note(a, keys, t.text("words"))),
}


def _do(actor: Actor, typed: Typed) -> tuple[Text, int]:
    """Do an act to those that are ticked, to all of them or none; gives what it is called and to how many."""
    told = typed.text("do")
    if told not in BULK:
        raise not_a_button(told, BAD_ROW)
    keys = typed.keys("row")
    if not keys:
        raise BAD_ROW(column=Text("事项", "cases"), value="–", wanted=TICK_SOME)
    BULK[told][2](actor, keys, typed)
    return BULK[told][0], len(set(keys))


# --- the list as a workbook


@page("register.export")
@never_cache
def export(request: HttpRequest, path: str) -> HttpResponseBase:
    """The cases of an area as a workbook."""
    actor = acting_as(request)
    area, frame = frame_of(actor, path, "cases")
    kinds = kinds_on()
    listing = case_list(kinds, path)
    state = listing.read(request.GET)
    rows: Rows = listing.narrow(Case.objects.visible_to(actor).under(path), state).select_related("household")
    exported = Exported(
        Text("导出事项清单", "Export the cases"), SHEET, MADE_BY, Text("件数", "Cases"), "cases.xlsx", acts.CASE_EXPORT, listing, state,
        rows, partial(fill_cases, actor, kinds), cases_url(path) + state.address(),
    )  # fmt: skip
    return export_page(request, actor, area, exported, frame)
