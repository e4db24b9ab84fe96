"""The receipts of one's area: what became of each message on each channel. What was said is not shown."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from bangfu.accounts.models import User
from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.say import Text
from bangfu.kit.listing import Choice, Column, Contains, Listing, Option
from bangfu.messages.channels import known
from bangfu.messages.kinds import kind_title, kinds
from bangfu.messages.models import STATES, Receipt
from bangfu.messages.pages.frame import tabs

Rows = QuerySet[Any, Any]
GROUP = Text("（群）", "(the group)")


def _moment(value: Any) -> str:
    return f"{value.astimezone(clock.zone()):%Y-%m-%d %H:%M}" if value else "–"


def _channel(row: Receipt) -> Text:
    kind = known().get(row.channel)
    title = kind.title if kind is not None else Text(row.channel, row.channel)
    return title if row.route is None else Text("{t}·{n}", "{t}, {n}").format(t=title, n=row.route.name)


def _next(row: Receipt) -> str:
    """When it is looked at again: by the machine's clock after a failure, by the county's while it is held."""
    if row.state == "failed":
        return _moment(row.retry_at)
    return _moment(row.due_at) if row.state in ("held", "queued") else "–"


def _reader(rows: Rows, value: str) -> Rows:
    user = User.objects.named(value)
    return rows.filter(user=user) if user is not None else rows.filter(user__name=value)


def receipt_list() -> Listing:
    """The list of receipts."""
    return Listing(
        columns=[
            Column("queued", Text("提交", "Told"), lambda r: _moment(r.queued_at), kind="word", sort=("id",), first="-", phone="end"),
            Column("kind", Text("类别", "Kind"), lambda r: kind_title(r.message.kind), phone="title", fixed=True),
            Column("reader", Text("收件人", "Reader"), lambda r: r.user.name if r.user else GROUP, kind="word"),
            Column("channel", Text("渠道", "Channel"), _channel),
            Column("where", Text("区划", "Area"), lambda r: r.where, kind="word"),
            Column("state", Text("状态", "State"), template="messages/receipt_state.html"),
            Column("sent", Text("发出", "Sent"), lambda r: _moment(r.sent_at), kind="word", phone="hide"),
            Column("read", Text("已读", "Read"), lambda r: _moment(r.read_at), kind="word", phone="hide"),
            Column("attempts", Text("次数", "Attempts"), kind="number", shown=False, phone="hide"),
            Column("next", Text("下次处理", "Next"), _next, kind="word", phone="hide"),
            Column("reason", Text("原因", "Reason"), phone="full"),
            Column("event", Text("业务编号", "Event"), lambda r: r.message.key, shown=False, phone="hide"),
        ],
        filters=[
            Choice("state", Text("状态", "State"), lambda rows, v: rows.filter(state=v), [Option(k, t) for k, t in STATES.items()]),
            Choice("channel", Text("渠道", "Channel"), lambda rows, v: rows.filter(channel=v), [Option(k, c.title) for k, c in known().items()]),
            Choice("kind", Text("类别", "Kind"), lambda rows, v: rows.filter(message__kind=v), [Option(k, t) for k, t in kinds().items()]),
            Contains("reader", Text("收件人", "Reader"), _reader, hint=Text("用户名或姓名", "log-in name or name")),
        ],
        order=("id",),
        sort="-queued",
        empty=Text("没有符合条件的回执。", "No receipt matches."),
    )  # fmt: skip


def _prepare(rows: list[Any]) -> None:
    places = areas().by_path(row.path for row in rows)
    for row in rows:
        row.where = name_of(places[row.path]) if row.path in places else row.path


@page("message.manage")
@never_cache
def receipts(request: HttpRequest) -> HttpResponse:
    """The receipts of one's area."""
    actor, listing = acting_as(request), receipt_list()
    state = listing.read(request.GET)
    rows = listing.narrow(Receipt.objects.visible_to(actor).select_related("message", "user", "route"), state)
    shown = listing.page(rows, state, total=listing.count(rows, state), prepare=_prepare)
    return render(request, "messages/receipts.html", {"listing": shown} | tabs(request, "receipts"))
