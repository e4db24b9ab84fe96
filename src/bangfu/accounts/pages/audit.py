"""The page of the audit: who did or saw what, when, from where and why; the latest first."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.accounts.acts import REASONS
from bangfu.accounts.models import AuditEntry, User, device_name
from bangfu.accounts.roles import roles
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import name_shown
from bangfu.foundation.acts import acts, particular
from bangfu.foundation.hiding import hide
from bangfu.foundation.say import Text
from bangfu.kit.listing import Choice, Column, Contains, Listing, Option

Rows = QuerySet[Any, Any]
FEW = 3  # names of a list that are written out; of more the number is told


def _when(entry: AuditEntry) -> str:
    return f"{entry.at.astimezone(clock.zone()):%Y-%m-%d %H:%M:%S}"


def _who(entry: AuditEntry) -> Text:
    name = name_shown(entry.actor)
    return Text("{name} · {role}", "{name} · {role}").format(name=name, role=entry.role_title) if entry.role else name


def _why(entry: AuditEntry) -> Text:
    usual = REASONS.get(str(entry.detail.get("reason", "")))
    if usual is None:
        return Text(entry.reason, entry.reason)
    return Text("{usual}：{words}", "{usual}: {words}").format(usual=usual, words=entry.reason)


def _from(entry: AuditEntry) -> str:
    return " · ".join(filter(None, (entry.address, device_name(entry.device))))


def _particulars(entry: AuditEntry) -> str:
    """What else is noted: the reason stands in a column of its own, the digests of files are for the command line."""
    parts = []
    for key, value in entry.detail.items():
        if key in ("reason", "digests") or value in (None, "", []):
            continue
        said = Text("{n} 个", "{n}").format(n=len(value)) if isinstance(value, list) and len(value) > FEW else value
        said = ", ".join(map(str, said)) if isinstance(said, list) else said
        role = roles().get(str(value)) if key == "role" else None
        parts.append(f"{particular(key)} {role.title if role else said}")
    return " · ".join(parts)


def _by_user(rows: Rows, value: str) -> Rows:
    """By the log-in name or by the name that others read: an entry keeps the second, and the user's key."""
    known = User.objects.named(value)
    return rows.filter(user_id=known.pk) if known is not None else rows.filter(actor=value)


def _begins(value: str, *, after: int = 0) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(value) + timedelta(days=after), time(0), tzinfo=clock.zone())
    except (ValueError, OverflowError):
        return None


def _since(rows: Rows, value: str) -> Rows:
    moment = _begins(value)
    return rows.none() if moment is None else rows.filter(at__gte=moment)


def _until(rows: Rows, value: str) -> Rows:
    moment = _begins(value, after=1)
    return rows.none() if moment is None else rows.filter(at__lt=moment)


def audit_list(*, clear: bool = True) -> Listing:
    """The list of the audit; without `clear`, for whoever sees no household, numbers of households are hidden."""
    day = Text("如 2020-04-28", "as 2020-04-28")
    return Listing(
        columns=[
            Column("when", Text("时间", "Time"), _when, kind="word", sort=("id",), first="-", phone="end"),
            Column("act", Text("事项", "Act"), lambda e: e.title, kind="word", phone="title", fixed=True),
            Column("who", Text("人员", "Who"), _who, kind="word"),
            Column("subject", Text("对象", "On what"), None if clear else lambda e: hide(e.subject)),
            Column("why", Text("事由", "Why"), _why),
            Column("from", Text("来自", "From"), _from, kind="word"),
            Column("detail", Text("详情", "Particulars"), _particulars, phone="full"),
            Column("told", Text("县里的日期", "County's day"), lambda e: e.told_at.astimezone(clock.zone()).date().isoformat(), shown=False, phone="hide"),
            Column("sequence", Text("序号", "Place"), lambda e: e.sequence or "–", kind="number", shown=False, phone="hide"),
        ],
        filters=[
            Choice("act", Text("事项", "Act"), lambda rows, value: rows.filter(act=value), [Option(a.key, a.title) for a in acts().values()]),
            Contains("who", Text("人员", "Who"), _by_user, hint=Text("用户名或姓名", "log-in name or name")),
            Contains("subject", Text("对象", "On what"), lambda rows, value: rows.filter(subject=value), hint=Text("户编号、用户名", "household number, log-in name")),
            Contains("since", Text("从", "From"), _since, hint=day),
            Contains("until", Text("到", "Until"), _until, hint=day),
        ],
        order=("id",),
        sort="-when",
        empty=Text("没有符合条件的记录。", "No entry matches."),
    )  # fmt: skip


@page("audit.read")
@never_cache
def audit(request: HttpRequest) -> HttpResponse:
    """The entries of one's area."""
    actor = acting_as(request)
    listing = audit_list(clear=actor.may("household.read"))
    state = listing.read(request.GET)
    rows = listing.narrow(AuditEntry.objects.visible_to(actor), state)
    shown = listing.page(rows, state, total=listing.count(rows, state), row_url=_user_url if actor.may("user.review") else None)
    return render(request, "accounts/audit.html", {"listing": shown, "place": "audit"})


def _user_url(entry: AuditEntry) -> str:
    """The user whom an entry of user administration is about."""
    administers = entry.act.partition(".")[0] in ("user", "role", "password", "factor", "sessions")
    return reverse("accounts:user", kwargs={"username": entry.subject}) if administers and entry.subject else ""
