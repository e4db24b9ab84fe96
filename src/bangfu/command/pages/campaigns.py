"""Campaigns of work at an area: those that are on, with their targets; to begin one; attendance, where a campaign has switched it on."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bangfu.areas.frame import standing_area
from bangfu.command.actions import CampaignRow, attend, begin_campaign
from bangfu.command.actions.orders import CAMPAIGN_KINDS
from bangfu.command.models import Attendance, Campaign, Officer
from bangfu.command.models.orders import LENGTH_UNITS
from bangfu.command.pages.doing import done, either
from bangfu.command.pages.places import frame_of
from bangfu.command.progress import campaigns_at
from bangfu.command.staffing import officer_meant
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import Typed

FIRST, LENGTH, DAY, UNTIL = (
    Text("首日", "first day"),
    Text("时长", "length"),
    Text("日期", "day"),
    Text("考勤止", "attendance until"),
)


@page("command.read")
@never_cache
def campaigns(request: HttpRequest, path: str) -> HttpResponse:
    """The campaigns that an area sees."""
    return _show(request, acting_as(request), path)


def _show(request: HttpRequest, actor: Actor, path: str, problem: Problem | None = None) -> HttpResponse:
    today = clock.today()
    _, frame = frame_of(actor, path, "campaigns", here="orders")
    context = frame | {
        "campaigns": campaigns_at(actor, path, today),
        "attended": [_attended(c, path) for c in keeping_attendance(actor)],
        "may": actor.may("command.manage") and path == actor.scope,
        "may_attend": actor.may("attendance.write"),
        "kinds": CAMPAIGN_KINDS,
        "units": LENGTH_UNITS,
        "typed": request.POST if problem else {},
        "problem": problem,
        "today": today,
        "orders_url": reverse("command:orders", kwargs={"path": path}),
        "do_url": reverse("command:campaigns-do", kwargs={"path": path}),
    }
    return render(request, "command/campaigns.html", context, status=problem.kind.status if problem else 200)


def keeping_attendance(actor: Actor) -> list[Campaign]:
    """The campaigns that keep attendance today."""
    today = clock.today()
    rows = Campaign.objects.visible_to(actor).on(today).filter(attendance=True, attendance_until__gte=today)
    return list(rows.order_by("valid", "pk"))


def _attended(campaign: Campaign, path: str) -> dict[str, Any]:
    """A campaign with how many days of how many officers were noted at and below an area."""
    rows = Attendance.objects.under(path).filter(campaign=campaign)
    return {"campaign": campaign, "days": rows.count(), "officers": rows.values("officer").distinct().count()}


@page("command.read")
@never_cache
@require_POST
def do(request: HttpRequest, path: str) -> HttpResponse:
    """Begin a campaign, or note who was there on a day."""
    actor = acting_as(request)
    standing_area(actor, path)

    def begin(typed: Typed) -> None:
        ground = typed.text("attendance_ground")
        begin_campaign(
            actor,
            CampaignRow(
                typed.text("key"), either(typed.text("zh"), typed.text("en")), typed.text("kind"), typed.day("first_day", FIRST),
                typed.number("length", LENGTH), typed.text("unit"), (), ground, typed.maybe_day("attendance_until", UNTIL),
            ),
        )  # fmt: skip

    def note_days(typed: Typed) -> None:
        day = typed.day("day", DAY, blank=True)
        words = typed.text("officers").replace("，", " ").replace("、", " ").replace(",", " ").split()
        # Who serves in a village may be stationed anywhere in the county: a number is known as it stands.
        known = set(Officer.objects.on(day).filter(number__in=words).values_list("number", flat=True))
        numbers = [word if word in known else officer_meant(actor, word, day) for word in words]
        attend(actor, typed.text("campaign"), path, numbers, day=day)

    back = reverse("command:campaigns", kwargs={"path": path})
    return done(request, {"begin": begin, "attend": note_days}, lambda refused: _show(request, actor, path, refused), back)
