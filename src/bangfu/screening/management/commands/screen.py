"""`bangfu screen`: judge the county, or explain one household."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Annotated

import typer
from django_typer.management import TyperCommand
from rich.console import Console

from bangfu.foundation import clock
from bangfu.foundation.county import the_county
from bangfu.foundation.schema import OnTheSchema
from bangfu.foundation.terminal import languages
from bangfu.screening.actions import screen_county
from bangfu.screening.pack import load_pack, pack_on
from bangfu.screening.printing import tables
from bangfu.screening.reading import explain_household


class Command(OnTheSchema, TyperCommand):
    help = "Judge every household of the county against the guarantees."

    def handle(
        self,
        pack: Annotated[
            str | None, typer.Option("--pack", help="a pack's name or folder; by default the one valid on the day")
        ] = None,
        as_of: Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="the day; today by default")] = None,
        known_on: Annotated[
            datetime | None, typer.Option("--known-on", formats=["%Y-%m-%d"], help="as it was known on a day")
        ] = None,
        set_: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE: try another value of a parameter")] = None,
        explain: Annotated[
            str | None, typer.Option("--explain", help="a household number: every verdict with its reasons")
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Judge the county on a day; with today, the pack of the day and its own parameters the verdicts are kept."""
        county = the_county()
        day = as_of.date() if as_of else clock.today()
        chosen = load_pack(pack) if pack else pack_on(day, county.country)
        overrides = dict(item.partition("=")[::2] for item in set_ or [])
        if any("=" not in item for item in set_ or []):
            print("--set NAME=VALUE", file=sys.stderr)
            sys.exit(2)
        if explain is not None and known_on is not None:
            print("--explain 只按现在所知解释，不能与 --known-on 同用。", file=sys.stderr)
            print("--explain speaks of what is known now and does not go with --known-on.", file=sys.stderr)
            sys.exit(2)
        if explain is not None:
            said = explain_household(county.operator(), explain, chosen, day, overrides)
            print(json.dumps(said.as_json(), ensure_ascii=False, default=str) if as_json else said.outline(languages()[0]))
            return
        result = screen_county(
            county.operator(), chosen, as_of=day, known_on=known_on.date() if known_on else None, overrides=overrides
        )
        if as_json:
            print(json.dumps(result.as_json(), ensure_ascii=False))
            return
        for table in tables(chosen, result):
            Console().print(table)
