"""My day: what somebody has to do, from every package, the most urgent first; the campaigns that are on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bangfu.areas.frame import area_frame, standing_area
from bangfu.command.models import Campaign
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, own_page
from bangfu.foundation.county import the_county
from bangfu.foundation.screens import my_day


@own_page()
def today(request: HttpRequest) -> HttpResponse:
    """What the actor has to do today. Everything on it follows from rows: nothing is entered here."""
    actor = acting_as(request)
    day = clock.today()
    sections = [section for _, some in my_day.ask(actor) for section in some if section.any]
    campaigns = [
        {"campaign": c, "number": c.day_number(day), "days": c.days(), "left": c.days_left(day)}
        for c in Campaign.objects.visible_to(actor).on(day).order_by("valid", "pk")
    ]
    late = sum(s.late for s in sections)
    # A role that sees no household stands in no area.
    frame = area_frame(actor, standing_area(actor, actor.scope), lambda _: "#", top=the_county().path) if actor.scope else {}
    context = frame | {
        "area_choices": [],
        "place": "today",
        "today": day,
        "sections": sections,
        "campaigns": campaigns,
        "late": late,
    }
    return render(request, "command/today.html", context)
