"""`bangfu campaign …`: what a campaign of visits asks, from a file; how far it is."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from django_typer.management import command, initialize
from rich.console import Console

from bangfu.campaigns.actions import Asked, set_up
from bangfu.campaigns.actions.teams import the_campaign
from bangfu.campaigns.coverage import far
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.schema import OnTheSchema

DONE = Text("已设定走访行动「{key}」。", "The campaign of visits “{key}” is set up.")
FAR = Text("{name}：{done} / {all} 户", "{name}: {done} of {all} households")


class Command(OnTheSchema, BangfuCommand):
    help = "Campaigns of visits: set up what is asked, see how far it is."

    @initialize()
    def init(self) -> None:
        """Campaigns of visits."""

    @command()
    def setup(
        self,
        path: Annotated[
            Path,
            typer.Argument(
                help="YAML with what the campaign asks (see docs/mechanisms/campaigns.md)", exists=True, dir_okay=False
            ),
        ],
    ) -> None:
        """Say what a campaign of visits asks: whom, with which form, for how long, who leads."""
        asked = read_asked(yaml.safe_load(path.read_text("utf-8")))
        set_up(the_county().operator(), asked)
        Console().print(str(DONE.format(key=asked.campaign)))

    @command()
    def status(
        self,
        campaign: Annotated[str, typer.Argument(help="its key")],
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """How far a campaign is, by place."""
        county = the_county()
        actor = county.operator()
        with acting(actor):
            whole, below = far(the_campaign(actor, campaign), county.path, clock.today())
        if as_json:
            print(
                json.dumps(
                    [
                        {
                            "path": f.path,
                            "households": f.households,
                            "due": f.due,
                            "done": f.done,
                            "missed": f.missed,
                            "unplaced": f.unplaced,
                        }
                        for f in [whole, *below]
                    ]
                )
            )
            return
        for one in [whole, *below]:
            Console().print(str(FAR.format(name=one.name, done=one.done, all=one.households)))


def read_asked(raw: dict[str, Any]) -> Asked:
    """What a file asks. Raises TypeError for a part that there is not."""
    told = dict(raw)
    for what in ("times", "positions"):
        if what in told:
            told[what] = (told[what]["ground"], told[what]["until"])
    if "leader_share" in told:
        told["leader_share"] = Decimal(str(told["leader_share"]))
    return Asked(**told)
