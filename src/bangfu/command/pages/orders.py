"""Orders at an area: the list with what is done and late, the campaigns, and the form that issues one."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.command.actions import OrderDraft, TaskRow, issue_order
from bangfu.command.actions.orders import DEADLINE, templates
from bangfu.command.models import Campaign, Post, Task, Unit
from bangfu.command.models.orders import ORDER_KINDS
from bangfu.command.pages.doing import either
from bangfu.command.pages.places import address_of, frame_of
from bangfu.command.problems import BAD_ROW, UNKNOWN_TASK
from bangfu.command.progress import campaigns_at, in_state, orders_at
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor, name_shown
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text, language
from bangfu.foundation.say import text as both
from bangfu.kit.forms import key_of
from bangfu.kit.listing import Choice, Column, Listing, Option

STATES = {
    "open": Text("有在办任务", "tasks under way"),
    "overdue": Text("有逾期任务", "tasks overdue"),
    "own": Text("本级要办", "for one’s own place to do"),
    "waiting": Text("待我级答复", "waiting for one’s own answer"),
    "done": Text("全部完成", "all done"),
}
ROWS, MOST_ROWS = 3, 60  # of the form


def order_list(actor: Actor, path: str) -> Listing:
    """The list of orders at an area: its columns, filters and order."""
    return Listing(
        columns=[
            Column("title", Text("指令", "Order"), phone="title", fixed=True),
            Column(
                "date",
                Text("日期", "Date"),
                lambda o: o.issued_on.isoformat(),
                sort=("issued_on",),
                first="-",
                kind="word",
                phone="end",
            ),
            Column("kind", Text("类别", "Kind"), lambda o: ORDER_KINDS[o.kind], kind="word"),
            Column("number", Text("文号", "Document"), phone="line"),
            Column("issuer", Text("发文单位", "Issuer"), lambda o: name_shown(o.issuer), phone="line"),
            Column("campaign", Text("行动", "Campaign"), lambda o: o.campaign.title if o.campaign else "", phone="hide"),
            Column(
                "done",
                Text("完成", "Done"),
                lambda o: _part(o.tasks_done, o.tasks_all),
                kind="word",
                phone="named",
                short=Text("完成", "Done"),
            ),
            Column(
                "late",
                Text("逾期", "Overdue"),
                lambda o: _bad(o.tasks_late),
                sort=("tasks_late",),
                first="-",
                kind="word",
                phone="named",
            ),
            Column(
                "waiting",
                Text("待答复", "To answer"),
                lambda o: _bad(o.waiting),
                sort=("waiting",),
                first="-",
                kind="word",
                phone="named",
            ),
        ],
        filters=[
            Choice(
                "state",
                Text("状态", "State"),
                partial(in_state, actor=actor, path=path),
                [Option(k, t) for k, t in STATES.items()],
            ),
            Choice("campaign", Text("行动", "Campaign"), lambda rows, key: rows.filter(campaign__key=key)),
            Choice(
                "kind",
                Text("类别", "Kind"),
                lambda rows, key: rows.filter(kind=key),
                [Option(k, t) for k, t in ORDER_KINDS.items()],
            ),
        ],
        order=("issued_on", "id"),
        sort="-date",
        empty=Text("没有符合条件的指令。", "No order matches."),
    )


def _part(done: int, of: int) -> str:
    return f"{done}/{of}" if of else "–"


def _bad(number: int) -> Any:
    return format_html('<b class="bad">{}</b>', number) if number else format_html('<span class="muted">{}</span>', 0)


@page("command.read")
def orders(request: HttpRequest, path: str) -> HttpResponse:
    """The orders at an area and the campaigns that are on; `?state=waiting` those with escalations that wait for one's own answer."""
    actor = acting_as(request)
    _, frame = frame_of(actor, path, "orders")
    today = clock.today()
    listing = order_list(actor, path)
    campaigns = campaigns_at(actor, path, today)
    state = listing.read(request.GET, options={"campaign": [Option(r.campaign.key, r.campaign.title) for r in campaigns]})
    rows = listing.narrow(orders_at(actor, path, today), state)
    shown = listing.page(
        rows, state, total=listing.count(rows, state), row_url=lambda o: reverse("command:order", kwargs={"order": o.pk})
    )
    context = frame | {
        "listing": shown,
        "noun": Text("份", "orders"),
        "campaigns": campaigns,
        "new_url": address_of("order-new")(path) if actor.may("order.issue") else "",
    }
    return render(request, "command/orders.html", context)


@page("order.issue")
@never_cache
def new(request: HttpRequest, path: str) -> HttpResponse:
    """The form that issues an order; `?serves=` is the task of an order above that it serves. Posted, it adds a row or issues the order."""
    actor = acting_as(request)
    frame_of(actor, path, "orders")
    if request.method != "POST":
        return _form(request, actor, path, request.GET)
    if request.POST.get("do") != "issue":
        return _form(request, actor, path, request.POST, more=3)
    try:
        order = issue_order(actor, _draft(actor, request.POST))
    except Problem as refused:
        return _form(request, actor, path, request.POST, refused)
    return redirect(reverse("command:order", kwargs={"order": order.pk}))


def _form(
    request: HttpRequest, actor: Actor, path: str, typed: QueryDict, problem: Problem | None = None, more: int = 0
) -> HttpResponse:
    _, frame = frame_of(actor, path, "orders")
    today = clock.today()
    posts = list(Post.objects.visible_to(actor).under(actor.scope).on(today).order_by("path", "key"))
    serves = _served(actor, typed.get("serves", "")) if typed.get("serves") else None
    own = [p for p in posts if p.path == (actor.stands or actor.scope)]
    count = min(MOST_ROWS, _rows_of(typed) + more)
    context = frame | {
        "kinds": ORDER_KINDS,
        "campaigns": Campaign.objects.visible_to(actor).on(today).order_by("valid", "pk"),
        "own_posts": own,
        "issuer": typed.get("issuer") or (own[0].title.zh if own else ""),
        "owners": owners_by_words(actor),
        "rows": [
            {"n": n, **{part: typed.get(f"{part}-{n}", "") for part in ("zh", "en", "owner", "deadline")}}
            for n in range(1, count + 1)
        ],
        "count": count,
        "can_add": count < MOST_ROWS,
        "templates": [(key, both(t["title"]), both(t["source"]), _steps(t)) for key, t in templates().items()],
        "template_owners": [p for p in posts if p.parent_id in {o.pk for o in own}],
        "chosen": set(typed.getlist("owners")),
        "typed": typed,
        "serves": serves,
        "problem": problem,
        "today": today,
        "in_two_weeks": today + timedelta(14),
        "form_url": address_of("order-new")(path),
    }
    return render(request, "command/order_new.html", context, status=problem.kind.status if problem else 200)


def _steps(template: dict[str, Any]) -> str:
    days = Text("{s}（{d} 天）", "{s} ({d} day(s))")
    told = [days.format(s=both(step["title"]), d=step["days"]) for step in template["steps"]]
    return (", " if language() == "en" else "、").join(str(one) for one in told)


def _rows_of(typed: QueryDict) -> int:
    raw = typed.get("count", "")
    return min(MOST_ROWS, max(1, int(raw))) if raw.isdecimal() and len(raw) < 4 else ROWS


def _served(actor: Actor, raw: str) -> Task:
    """The task that a sub-order serves. Raises BF-2207."""
    rows = Task.objects.visible_to(actor).under(actor.scope).filter(pk=key_of(raw))
    task: Task | None = rows.select_related("order", "post", "unit").first()
    if task is None:
        raise UNKNOWN_TASK()
    return task


def owners_by_words(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """Who can be given a task, by the words of a form: `post` or `unit` with its key; a level of posts below is all of them at once."""
    today = clock.today()
    posts = list(Post.objects.visible_to(actor).under(actor.scope).on(today).order_by("path", "key"))
    found: dict[str, list[tuple[str, str]]] = {}
    every = Text("全部：{l}（{n} 个）", "All: {l} ({n})")
    levels: dict[str, list[Post]] = {}
    for post in posts:
        if post.path != actor.scope:
            levels.setdefault(post.level, []).append(post)
    for some in levels.values():
        if len(some) > 1:
            found[str(every.format(l=LEVELS.get(some[0].level, some[0].level), n=len(some)))] = [("post", p.key) for p in some]
    for post in posts:
        _name(found, _with_place(post.title, post.path), ("post", post.key))
    for unit in Unit.objects.visible_to(actor).under(actor.scope).on(today).exclude(kind="village").order_by("path", "key"):
        _name(found, str(unit.title), ("unit", unit.key))
    return found


def _by_any_word(actor: Actor, words: str) -> tuple[str, str]:
    """The one post or unit of a key or of a name in either language; the words themselves as the key of a post where there is none, or several."""
    today, name = clock.today(), words.split("（")[0].split(" (")[0].strip()
    called = Q(key=words) | Q(zh=name) | Q(en=name)
    found = [("post", p.key) for p in Post.objects.visible_to(actor).under(actor.scope).on(today).filter(called)[:2]]
    found += [("unit", u.key) for u in Unit.objects.visible_to(actor).under(actor.scope).on(today).filter(called)[:2]]
    return found[0] if len(found) == 1 else ("post", words)


LEVELS = {
    "county": Text("县级指挥所", "posts of counties"),
    "township": Text("乡镇指挥所", "township posts"),
    "village": Text("村指挥所", "village posts"),
}


def _with_place(title: Text, path: str) -> str:
    above = areas().line(path)[-2:-1]
    return (
        f"{title}（{name_of(above[0])}）"
        if above and language() == "zh"
        else f"{title} ({name_of(above[0])})"
        if above
        else str(title)
    )


def _name(found: dict[str, list[tuple[str, str]]], words: str, owner: tuple[str, str]) -> None:
    found[f"{words} [{owner[1]}]" if words in found else words] = [owner]


def _draft(actor: Actor, typed: QueryDict) -> OrderDraft:
    """The order that a form means. Raises BF-2204 for a day that is none."""
    issued = _day(typed.get("issued_on", ""), Text("日期", "date"), 1)
    owners = owners_by_words(actor)
    tasks: list[TaskRow] = []
    for n in range(1, _rows_of(typed) + 1):
        zh, en, owner, until = (typed.get(f"{part}-{n}", "").strip() for part in ("zh", "en", "owner", "deadline"))
        if not (zh or en or owner or until):
            continue
        deadline = _day(until, DEADLINE, n)
        title = Text(zh or en, en or zh)
        for sort, key in owners.get(owner) or [_by_any_word(actor, owner)]:
            post, unit = (key, "") if sort == "post" else ("", key)
            tasks.append(TaskRow(title, deadline, post=post, unit=unit, row=n))
    serves = typed.get("serves", "")
    return OrderDraft(
        typed.get("number", ""),
        either(typed.get("zh", ""), typed.get("en", "")),
        typed.get("kind", ""),
        issued,
        typed.get("issuer", ""),
        typed.get("source", ""),
        tuple(tasks),
        post=typed.get("post", ""),
        text=typed.get("text", ""),
        campaign=typed.get("campaign", ""),
        serves=_served(actor, serves).pk if serves else None,
        template=typed.get("template", "") if typed.getlist("owners") else "",
        owners=tuple(typed.getlist("owners")),
    )


def _day(raw: str, column: Text, row: int) -> date:
    try:
        return date.fromisoformat(raw)
    except ValueError:
        raise BAD_ROW(
            row=row, column=column, value=raw[:20] or "–", wanted=Text("须是日期，如 2020-04-28", "a day such as 2020-04-28")
        ) from None
