"""What a campaign of visits puts into somebody's day: the visits of one's team today, and for those above the households whose day has passed."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.campaigns.models import Planned, Team, VisitCampaign
from bangfu.campaigns.pages.left import left_rows
from bangfu.command.models import Officer
from bangfu.command.pairings_shown import heads_of
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.screens import DayItem, DaySection, my_day

SHOWN = 12


@my_day.provider("campaigns", order=8)
def visits_of_the_day(actor: Actor) -> list[DaySection]:
    """Of each campaign that is on: one's team's visits of today, and what is behind in one's area."""
    if not actor.scope or not actor.may("command.read"):
        return []
    today = clock.today()
    on = VisitCampaign.objects.visible_to(actor).filter(campaign__valid__contains=today).select_related("campaign")
    return [section for campaign in on for section in (*_team_of(actor, campaign), *_behind(actor, campaign))]


def _team_of(actor: Actor, campaign: VisitCampaign) -> list[DaySection]:
    officer = Officer.objects.filter(user=actor.user_id).first() if actor.user_id is not None else None
    if officer is None:
        return []
    team = Team.objects.serving().filter(Q(leader=officer) | Q(companions__officer=officer), campaign=campaign).first()
    if team is None:
        return []
    today = clock.today()
    rows = Planned.objects.visible_to(actor).filter(team=team, day=today).with_done(today).filter(done=False)
    waiting = list(rows.select_related("household").order_by("party", "place"))
    if not waiting:
        return []
    heads = heads_of(actor, [p.household_id for p in waiting[:SHOWN]], today)
    url = reverse("campaigns:team", kwargs={"path": actor.scope, "campaign": campaign.campaign.key, "team": team.number})
    items = [
        DayItem(
            Text(*[heads.get(p.household_id, "") or p.household.number] * 2), f"/households/{p.household.number}/", _place(p.path), due=today,
            why=Text(f"第{p.party}小组第{p.place}户", f"party {p.party}, number {p.place}"), do=Text("走访", "Visit"),
        )
        for p in waiting[:SHOWN]
    ]  # fmt: skip
    return [DaySection(f"visits-{campaign.campaign.key}", Text("今天要走访", "To be visited today"), items, len(waiting), url)]


def _behind(actor: Actor, campaign: VisitCampaign) -> list[DaySection]:
    if not actor.may("order.issue") and not actor.may("campaign.manage"):
        return []
    today = clock.today()
    rows = left_rows(actor, campaign, actor.scope, today).filter(day__lt=today)
    count = rows.count()
    if not count:
        return []
    url = reverse("campaigns:left", kwargs={"path": actor.scope, "campaign": campaign.campaign.key}) + "?state=late"
    items = [
        DayItem(
            Text(f"{campaign.campaign.title.zh}：计划日已过还没走访", f"{campaign.campaign.title.en}: their day has passed without a visit"), url, _place(actor.scope),
            late=(today - (rows.order_by("day").values_list("day", flat=True)[0])).days, do=Text("看名单", "See who"),
        )
    ]  # fmt: skip
    return [
        DaySection(f"behind-{campaign.campaign.key}", Text("走访行动落后", "Visits behind plan"), items, count, url, late=count)
    ]


def _place(path: str) -> Text:
    line = areas().line(path)
    return Text(line[-1].name, str(name_of(line[-1]))) if line else Text("", "")
