"""`bangfu rehearse`: what an assessor would find in an area today, by cost of repair."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.county import the_county
from bangfu.foundation.schema import OnTheSchema
from bangfu.supervision.weaknesses import weaknesses


class Command(OnTheSchema, BangfuCommand):
    help = "What an assessor would find in an area today, the cheapest to mend first."

    def handle(
        self,
        area: Annotated[str, typer.Argument(help="path of the area; the county by default")] = "",
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """What an assessor would find in an area today, the cheapest to mend first."""
        county = the_county()
        actor = county.operator()
        with acting(actor):
            found = weaknesses(actor, area or county.path, clock.today())
        if as_json:
            print(
                json.dumps(
                    [
                        {"key": w.repair.key, "households": w.area, "minutes": w.repair.minutes, "days": w.repair.days, "yuan": w.repair.yuan, "hours": round(w.hours, 1)}
                        for w in found
                    ]
                )
            )  # fmt: skip
            return
        table = Table("", "households", "minutes", "hours")
        for w in found:
            table.add_row(str(w.repair.title), str(w.area), str(w.repair.minutes), f"{w.hours:.0f}")
        Console().print(table)
