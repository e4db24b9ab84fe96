"""`bangfu screen`: judge the county, or explain one household."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Annotated

import typer
from django_typer.management import TyperCommand
from rich.console import Console
from rich.table import Table

from bangfu.foundation import clock
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.schema import OnTheSchema
from bangfu.foundation.terminal import languages, said
from bangfu.screening.actions import screen_county
from bangfu.screening.present import pack_named, provisional_of, require_pack
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
        """Judge the county on a day; with today and the pack's own parameters the verdicts are kept."""
        county = the_county()
        day = as_of.date() if as_of else clock.today()
        chosen = pack_named(pack) if pack else require_pack(day, county.country)
        overrides = dict(item.partition("=")[::2] for item in set_ or [])
        if any("=" not in item for item in set_ or []):
            print("--set NAME=VALUE", file=sys.stderr)
            sys.exit(2)
        if explain is not None and known_on is not None:
            print("--explain 只按现在所知解释，不能与 --known-on 同用。", file=sys.stderr)
            print("--explain speaks of what is known now and does not go with --known-on.", file=sys.stderr)
            sys.exit(2)
        if explain is not None:
            told = explain_household(county.operator(), explain, chosen, day, overrides)
            print(json.dumps(told.as_json(), ensure_ascii=False, default=str) if as_json else told.outline(languages()[0]))
            return
        result = screen_county(
            county.operator(), chosen, as_of=day, known_on=known_on.date() if known_on else None, overrides=overrides
        )
        if as_json:
            print(json.dumps(result.as_json(), ensure_ascii=False))
            return
        table = Table(
            "",
            "达标 met",
            "未达标 unmet",
            "待核实 unknown",
            "不评定 not assessed",
            title=f"{result.pack} · {result.as_of} · {result.seconds:.2f} s",
        )
        for name, counts in result.counts.items():
            title = chosen.guarantees[name].title
            table.add_row(f"{title.zh} {title.en}", *(f"{counts[r]:,}" for r in ("met", "unmet", "unknown", "not_assessed")))
        Console().print(table)
        judged = {one.name: one.title for one in chosen.judged}
        for name, doubt in provisional_of(chosen, day, overrides).items():
            title = judged[name]
            print(said(Text(f"暂定 {title.zh}：{doubt.zh}", f"provisional {title.en}: {doubt.en}")))
