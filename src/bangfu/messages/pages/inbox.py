"""One's own messages: the list, unread first; one message; how one is reached."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.foundation import clock
from bangfu.foundation.access import own_page
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import name_shown
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import key_of
from bangfu.kit.listing import Choice, Column, Listing, Option
from bangfu.messages.actions import drop_own_rhythm, mark_read, require_own, set_address, set_rhythm
from bangfu.messages.digest import Hours
from bangfu.messages.kinds import kind_title, kinds
from bangfu.messages.models import Address, Message, Receipt
from bangfu.messages.pages.frame import reader_of, tabs
from bangfu.messages.problems import BAD_TIME
from bangfu.messages.rhythm import county_hours, own_row

Rows = QuerySet[Any, Any]
STATE = {"unread": Text("未读", "unread"), "read": Text("已读", "read")}
DUE = {
    "today": Text("今天到期", "due today"),
    "over": Text("已过期", "overdue"),
    "week": Text("七天内到期", "due within seven days"),
}


def _when(row: Receipt) -> str:
    return f"{row.queued_at.astimezone(clock.zone()):%Y-%m-%d %H:%M}"


def deadline_of(message: Message) -> Text | str:
    """The deadline of a message as people read it, and what it presses."""
    if message.deadline is None:
        return ""
    day, today = message.deadline, clock.today()
    if day == today:
        return Text("今天", "today")
    return Text(f"{day}（已过期）", f"{day} (overdue)") if day < today else str(day)


def _due(rows: Rows, value: str) -> Rows:
    today = clock.today()
    wanted: dict[str, dict[str, Any]] = {
        "today": {"message__deadline": today},
        "over": {"message__deadline__lt": today},
        "week": {"message__deadline__range": (today, today + timedelta(days=7))},
    }
    return rows.filter(**wanted[value])


def inbox_list() -> Listing:
    """The list of one's messages."""
    return Listing(
        columns=[
            Column("state", Text("状态", "State"), template="messages/state.html", sort=("unread",), first="-", phone="end"),
            Column("subject", Text("标题", "Subject"), lambda r: r.subject, phone="title", fixed=True),
            Column("deadline", Text("期限", "Deadline"), lambda r: deadline_of(r.message), kind="word", phone="line"),
            Column("kind", Text("类别", "Kind"), lambda r: kind_title(r.message.kind), kind="word"),
            Column("where", Text("区划", "Area"), lambda r: r.where, kind="word"),
            Column("from", Text("发送人", "From"), lambda r: name_shown(r.message.sender_name), kind="word", phone="hide"),
            Column("when", Text("时间", "Time"), _when, kind="word", sort=("id",), first="-"),
        ],
        filters=[
            Choice("state", Text("状态", "State"), lambda rows, v: rows.filter(read_at__isnull=v == "unread"), [Option(k, t) for k, t in STATE.items()]),
            Choice("kind", Text("类别", "Kind"), lambda rows, v: rows.filter(message__kind=v), [Option(k, t) for k, t in kinds().items()]),
            Choice("due", Text("期限", "Deadline"), _due, [Option(k, t) for k, t in DUE.items()]),
        ],
        order=("id",),
        sort="-state",
        empty=Text("没有消息。", "No messages."),
        empty_remedy=Text("派给您的任务、临近的期限和上级的通知会出现在这里。", "Tasks for you, deadlines that come near and notices from above are shown here."),
    )  # fmt: skip


def _prepare(rows: list[Any]) -> None:
    places = areas().by_path(row.path for row in rows)
    for row in rows:
        row.subject = row.message.said[0]
        row.where = name_of(places[row.path]) if row.path in places else ""


@own_page()
@never_cache
def inbox(request: HttpRequest) -> HttpResponse:
    """One's messages, those that nobody has read first."""
    reader, listing = reader_of(request), inbox_list()
    with acting(reader):
        state = listing.read(request.GET)
        mine = Receipt.objects.of(reader.user_id).inbox()
        marked = mine.select_related("message").annotate(
            unread=Case(When(read_at=None, then=Value(1)), default=Value(0), output_field=IntegerField())
        )
        rows = listing.narrow(marked, state)
        shown = listing.page(rows, state, total=listing.count(rows, state), row_url=_url, prepare=_prepare)
        context = {"listing": shown, "waiting": mine.unread().count()} | tabs(request, "inbox")
        return render(request, "messages/inbox.html", context)


def _url(row: Receipt) -> str:
    return reverse("messages:message", kwargs={"receipt": row.pk})


@own_page()
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark messages read: the one that is named, else all."""
    one = request.POST.get("receipt", "")
    mark_read(reader_of(request), [key_of(one)] if one else None)
    return redirect("messages:inbox")


@own_page()
@never_cache
def message(request: HttpRequest, receipt: int) -> HttpResponse:
    """A message. Whoever opens it has read it."""
    reader = reader_of(request)
    with acting(reader):
        row = require_own(reader, receipt if receipt < 2**63 else 0)
        mark_read(reader, [row.pk])
        subject, body = row.message.said
        places = areas().by_path([row.path])
        context = {
            "row": row,
            "subject": subject,
            "body": body,
            "kind": kind_title(row.message.kind),
            "where": name_of(places[row.path]) if row.path in places else "",
            "sender": name_shown(row.message.sender_name),
            "deadline": deadline_of(row.message),
        }
        return render(request, "messages/message.html", context | tabs(request, "inbox"))


TIMES = {
    "quiet_from": Text("免打扰自", "Quiet from"),
    "quiet_until": Text("免打扰至", "Quiet until"),
    "digest_at": Text("每日汇总时刻", "Time of the digest"),
}


def read_hours(posted: Any) -> Hours:
    """Quiet hours and digest of a form. Raises BF-2313 for what is no time of day."""
    found = []
    for name, title in TIMES.items():
        said = posted.get(name, "").strip()
        try:
            found.append(time.fromisoformat(said).replace(second=0, microsecond=0, tzinfo=None))
        except ValueError as error:
            raise BAD_TIME(field=title, value=said[:10] or "–") from error
    return Hours(*found)


@own_page()
@never_cache
def settings(request: HttpRequest) -> HttpResponse:
    """How one is reached outside the product, and one's own quiet hours."""
    reader, problem = reader_of(request), None
    with acting(reader):
        if request.method == "POST":
            try:
                match request.POST.get("do", ""):
                    case "phone" | "email" as kind:
                        if "drop" in request.POST or request.POST.get("value", "").strip():
                            set_address(reader, kind, "" if "drop" in request.POST else request.POST["value"])
                    case "rhythm":
                        set_rhythm(reader, read_hours(request.POST), source="own", own=True)
                    case "county":
                        drop_own_rhythm(reader)
                return redirect("messages:settings")
            except Problem as refused:
                problem = refused
        today = clock.today()
        own = own_row(reader.user_id, today) if reader.user_id is not None else None
        held = {a.kind: a.masked for a in Address.objects.filter(user_id=reader.user_id or 0)}
        hours = own if own is not None else county_hours(today)
        context = {
            "problem": problem,
            "held": [(kind, title, hint, held.get(kind, "")) for kind, title, hint in ADDRESSES],
            "own": own,
            "hours": [(name, title, f"{getattr(hours, name):%H:%M}") for name, title in TIMES.items()],
            "county": county_hours(today),
        }
        answer = context | tabs(request, "settings")
        return render(request, "messages/settings.html", answer, status=problem.kind.status if problem else 200)


ADDRESSES = (
    ("phone", Text("手机号（短信）", "Telephone (text messages)"), "13800000000"),
    ("email", Text("邮箱", "E-mail"), "name@example.org"),
)
