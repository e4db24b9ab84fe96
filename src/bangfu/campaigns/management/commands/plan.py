"""`bangfu plan visits`, beside the other plans: which team visits whom, on which day, in which order."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from django_typer.management import command
from rich.console import Console

from bangfu.campaigns.actions import form_teams, plan_visits, replan_visits
from bangfu.campaigns.models import Planned, Team, VisitCampaign
from bangfu.campaigns.problems import UNKNOWN_CAMPAIGN
from bangfu.cases.management.commands.plan import Command as Plans
from bangfu.foundation.acting import acting
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text

SAID = Text(
    "{n} 户排给 {t} 个组；工作 {h} 小时，比下限多 {o}；{u} 户没有排入。{alone}", "{n} households planned for {t} teams; {h} hours of work, {o} over the lower bound; without a place: {u}. {alone}"
)  # fmt: skip


class Command(Plans):
    @command()
    def visits(
        self,
        campaign: Annotated[str, typer.Option("--campaign", help="key of the campaign; the newest by default")] = "",
        again: Annotated[str, typer.Option("--again", help="plan anew what is left, for this reason")] = "",
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Plan the visits of a campaign; teams are formed where there are none."""
        actor = the_county().operator()
        with acting(actor):
            rows = VisitCampaign.objects.visible_to(actor).select_related("campaign").order_by("-campaign__valid")
            found = rows.filter(campaign__key=campaign).first() if campaign else rows.first()
            if found is None:
                raise UNKNOWN_CAMPAIGN(campaign=campaign or "–")
            key, formed = found.campaign.key, Team.objects.serving().filter(campaign=found).exists()
        if not formed:
            form_teams(actor, key)
        made = replan_visits(actor, key, again) if again else plan_visits(actor, key)
        said = made.figures
        if as_json:
            with acting(actor):
                left = Planned.objects.filter(campaign=found, team=None).select_related("household").order_by("household__number")
                out = [{"household": p.household.number, **p.why} for p in left[:1000]]
            print(
                json.dumps(
                    {
                        "plan": "visits", "objective": said["hours"], "bound": said["bound_hours"], "optimal": False, "seconds": said["seconds"],
                        "infeasible": out, "detail": said,
                    },
                    ensure_ascii=False,
                )
            )  # fmt: skip
            return
        alone = Text(said["alone"]["zh"], said["alone"]["en"])
        Console().print(
            str(SAID.format(n=said["planned"], t=said["teams"], h=said["hours"], o=said["over"], u=said["unplaced"], alone=alone))
        )
