"""Where the pages of campaigns stand: their tab in the place of fieldwork, and the frame of a page of an area."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bangfu.areas.frame import area_frame, name_of, standing_area
from bangfu.areas.models import Area
from bangfu.campaigns.actions.teams import the_campaign
from bangfu.campaigns.models import VisitCampaign
from bangfu.fieldwork.pages.tabs import PLACE
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.screens import Tab, place_tabs, tabs_for

TAB = "campaigns"
PAGES = {
    "campaign": Text("进度", "Progress"),
    "left": Text("还没走访的农户", "Not visited yet"),
    "teams": Text("走访组和计划", "Teams and plan"),
}


@place_tabs.provider("campaigns", order=20)
def tabs(place: str) -> list[Tab]:
    """Campaigns stand beside visits."""
    return [Tab(TAB, Text("走访行动", "Campaigns"), "/fieldwork/campaigns/", "command.read")] if place == PLACE else []


def url_of(name: str, path: str, key: str) -> str:
    """The address of a page of a campaign at an area."""
    return reverse(f"campaigns:{name}", kwargs={"path": path, "campaign": key})


def frame_of(actor: Actor, path: str, key: str, name: str) -> tuple[Area, VisitCampaign, dict[str, Any]]:
    """An area of the actor, a campaign, and the frame of a page of both. Raises BF-1108 and BF-2801."""
    area, campaign = standing_area(actor, path), the_campaign(actor, key)
    frame = area_frame(actor, area, lambda p: url_of(name, p, key), top=the_county().path)
    pages = [(title, url_of(one, path, key), one == name) for one, title in PAGES.items()]
    return area, campaign, frame | {
        "place": PLACE, "tabs": tabs_for(actor, PLACE), "tab": TAB, "area": name_of(area), "path": path, "campaign": campaign, "pages": pages,
    }  # fmt: skip


@page("command.read")
def campaigns(request: HttpRequest) -> HttpResponse:
    """The campaign that is on, or the last one; where there is none, a page that says how one begins."""
    actor = acting_as(request)
    rows = list(VisitCampaign.objects.visible_to(actor).select_related("campaign").order_by("-campaign__valid"))
    today = clock.today()
    chosen = next((c for c in rows if c.campaign.day_number(today) is not None), rows[0] if rows else None)
    if chosen is not None and actor.scope:
        return redirect(url_of("campaign", actor.scope, chosen.campaign.key))
    frame = {"place": PLACE, "tabs": tabs_for(actor, PLACE), "tab": TAB, "may": actor.may("campaign.manage")}
    return render(request, "campaigns/none.html", frame)
