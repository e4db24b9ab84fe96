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
        most: Annotated[int, typer.Option("--most", min=0, help="moves shown at most, those that gain most first")] = 20,
        hands: Annotated[int | None, typer.Option("--hands", min=0, help="helpers moved at most, in all")] = None,
        share: Annotated[
            float, typer.Option("--share", min=0, max=1, help="share of its helpers that a post gives at most")
        ] = Limits().share,
        least: Annotated[
            float, typer.Option("--least", min=0, max=1, help="probability that a move has to add at least")
        ] = Limits().least,
        km: Annotated[float, typer.Option("--km", min=0.1, max=500, help="farthest that a helper is sent")] = 30.0,
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Which helpers to move between village posts so that most close their cases in time; nothing is moved by it."""
        county = the_county()
        path = Area.objects.meant_by(area, county.path).path if area else county.path
        limits = Limits(target, hands, share=share, least=least)
        moving = plan_mobilise(county.operator(), path, clock.today(), limits, km)
        if as_json:
            print(json.dumps(as_document(moving, most), ensure_ascii=False))
            return
        result = moving.result
        shown, before = result.first(most), int(result.before.sum())
        words = Text(
            "按期全部办结的可能性达到 {t}% 的指挥所 {a} → {b}，共 {n} 个，其中 {u} 个不明；全部 {m} 处调动时 {w} 个",
            "posts at least {t}% likely to close all in time: {a} → {b} of {n}, not known {u}; with all {m} move(s) {w}",
        ).format(
            t=round(target * 100), a=before, b=before + len(shown), n=len(moving.posts),
            u=int((~result.chances.known).sum()), m=len(result.moves), w=int(result.after.sum()),
        )  # fmt: skip
        bounds = Text(
            "每个指挥所最多抽走 {s}%，增加不到 {l} 个百分点的不列",
            "a post gives at most {s}%; below {l} point(s) nothing is moved",
        ).format(s=round(share * 100), l=round(least * 100))
        Console().print(str(words))
        Console().print(str(bounds))
        table = Table()
        for title in (
            Text("到", "to"),
            Text("人手", "hands"),
            Text("按期的可能性", "in time"),
            Text("增加（百分点）", "gain (points)"),
            Text("从（公里）", "from (km)"),
        ):
            table.add_column(str(title))
        for m in shown:
            sent = "\n".join(f"{moving.posts[s.giver].title} {s.hands} ({s.metres / 1000:.1f})" for s in m.sent)
            way = f"{int(m.before * 100)}% → {int(m.after * 100)}%"
            table.add_row(str(moving.posts[m.taker].title), str(m.hands), way, f"+{m.gain * 100:.0f}", sent)
        Console().print(table)


def as_document(moving: Moving, most: int | None = None) -> dict[str, object]:
    """The plan as `--json` gives it: `{plan, objective, bound, optimal, seconds, infeasible, detail}`; of the moves those that gain most."""
    result, english = moving.result, language() == "en"
    before, shown = int(result.before.sum()), result.first(most)

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
            "target": moving.limits.target,
            "share": moving.limits.share,
            "least": moving.limits.least,
            "not_known": int((~result.chances.known).sum()),
            "in_time_before": before,
            "in_time_after": before + len(shown),
            "in_time_with_all_moves": int(result.after.sum()),
            "moves": [
                {
                    "to": title(m.taker),
                    "hands": m.hands,
                    "before": m.before,
                    "after": m.after,
                    "gain": m.gain,
                    "from": [
                        {"post": title(s.giver), "hands": s.hands, "metres": s.metres, "before": s.before, "after": s.after}
                        for s in m.sent
                    ],
                }
                for m in shown
            ],
        },
    }
