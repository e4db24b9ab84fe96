"""`bangfu plan mobilise`, beside the plans of command: which helpers to move where so that most posts close their cases in time."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from django_typer.management import command
from rich.console import Console
from rich.table import Table

from bangfu.areas.models import Area
from bangfu.cases.forecasting import Moving, plan_mobilise
from bangfu.cases.mobilise import Limits
from bangfu.command.management.commands.plan import Command as Plans
from bangfu.foundation import clock
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text, language


class Command(Plans):
    @command()
    def mobilise(
        self,
        area: Annotated[str, typer.Option("--area", help="the path or the code of an area; the county by default")] = "",
        target: Annotated[
            float, typer.Option("--target", min=0.05, max=0.99, help="probability from which on a post is in time")
        ] = 0.8,
        most: Annotated[int | None, typer.Option("--most", min=0, help="helpers moved at most")] = None,
        km: Annotated[float, typer.Option("--km", min=0.1, max=500, help="farthest that a helper is sent")] = 30.0,
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Which helpers to move between village posts so that most close their cases in time; nothing is moved by it."""
        county = the_county()
        path = Area.objects.meant_by(area, county.path).path if area else county.path
        moving = plan_mobilise(county.operator(), path, clock.today(), Limits(target, most), km)
        if as_json:
            print(json.dumps(as_document(moving), ensure_ascii=False))
            return
        result = moving.result
        words = Text("能按期的指挥所 {a} → {b}，共 {n} 个", "posts in time: {a} → {b} of {n}")
        Console().print(str(words.format(a=result.before, b=result.after, n=len(moving.posts))))
        table = Table()
        for title in (
            Text("从", "from"),
            Text("到", "to"),
            Text("人手", "hands"),
            Text("公里", "km"),
            Text("每人增加", "gain per hand"),
        ):
            table.add_column(str(title))
        for m in result.moves:
            giver, taker = moving.posts[m.giver].title, moving.posts[m.taker].title
            table.add_row(str(giver), str(taker), str(m.hands), f"{m.metres / 1000:.1f}", f"+{float(m.gain) * 100:.0f}%")
        Console().print(table)


def as_document(moving: Moving) -> dict[str, object]:
    """The plan as `--json` gives it: `{plan, objective, bound, optimal, seconds, infeasible, detail}`."""
    result, english = moving.result, language() == "en"

    def title(n: int) -> str:
        return moving.posts[n].title.en if english else moving.posts[n].title.zh

    return {
        "plan": "mobilise",
        "objective": list(result.objective),
        "bound": list(result.bound) if result.bound is not None else None,
        "optimal": result.optimal,
        "seconds": round(result.seconds, 3),
        "infeasible": [{"post": title(n), "why": why.en if english else why.zh} for n, why in result.unhelped],
        "detail": {
            "posts": len(moving.posts),
            "until": moving.until.isoformat(),
            "in_time_before": int(result.before),
            "in_time_after": int(result.after),
            "moves": [
                {
                    "from": title(m.giver),
                    "to": title(m.taker),
                    "hands": int(m.hands),
                    "metres": int(m.metres),
                    "gain": float(m.gain),
                }
                for m in result.moves
            ],
        },
    }
