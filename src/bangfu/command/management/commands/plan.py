"""`bangfu plan pairing`: who should answer for whom, as a proposal."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated

import typer
from django_typer.management import command, initialize
from rich.console import Console
from rich.table import Table

from bangfu.areas.models import Area
from bangfu.command.actions.plans import CANDIDATES, RANKS, adopt_plan, propose_pairing
from bangfu.command.models import PairingPlan
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text, language
from bangfu.foundation.schema import OnTheSchema

Day = Annotated[
    datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="the day of the pack, the helpers and the pairings")
]


class Command(OnTheSchema, BangfuCommand):
    help = "Plans: proposals by solvers, with their objective, their bound and what they leave out."

    @initialize()
    def init(self) -> None:
        """Plans."""

    @command()
    def pairing(
        self,
        area: Annotated[str, typer.Option("--area", help="the path or the code of an area; the county by default")] = "",
        as_of: Day = None,
        ceiling: Annotated[
            int | None, typer.Option("--ceiling", min=1, max=1000, help="in place of the pack's, for a scenario")
        ] = None,
        without: Annotated[
            list[str] | None, typer.Option("--without", help="number of an officer who is left out; may be said again")
        ] = None,
        title: Annotated[str, typer.Option("--title", help="what the scenario is called")] = "",
        shorter: Annotated[
            bool, typer.Option("--shorter", help="change standing pairings where that saves enough of the way")
        ] = False,
        candidates: Annotated[
            int, typer.Option("--candidates", min=1, max=200, help="helpers of each household to begin with")
        ] = CANDIDATES,
        adopt: Annotated[bool, typer.Option("--adopt", help="put the plan into effect today")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Propose a principal helper for every household of the target set; nothing changes until the plan is adopted."""
        county = the_county()
        operator = county.operator()
        path = Area.objects.meant_by(area, county.path).path if area else county.path
        plan = propose_pairing(
            operator,
            path,
            day=as_of.date() if as_of else None,
            title=Text(title, title) if title else None,
            without=without or (),
            ceiling=ceiling,
            keep_first=not shorter,
            candidates=candidates,
        )
        if adopt:
            adopt_plan(operator, plan.pk)
        if as_json:
            print(json.dumps(as_document(plan, adopted=adopt), ensure_ascii=False))
        else:
            for words in plan.result["words"]:
                Console().print(words[language() == "en"])
            _villages(plan)
        if plan.result["unserved"]:
            raise typer.Exit(1)


def _villages(plan: PairingPlan) -> None:
    """Which villages lack helpers, as a table; nothing where none does."""
    lacking = plan.result["shortages"]
    if not lacking:
        return
    names = dict(Area.objects.filter(path__in=[s["path"] for s in lacking]).values_list("path", "name"))
    table = Table("村 village", "缺 lacking", "新增 recruits", "例外 exceptions", "邻村兼顾 shared")
    for s in lacking:
        recruits = ", ".join(
            f"{RANKS[rank].zh} {RANKS[rank].en} {n}" if rank in RANKS else f"{rank} {n}" for rank, n in s["recruits"].items()
        )
        table.add_row(names.get(s["path"], s["path"]), str(s["lacking"]), recruits, str(s["exceptions"]), str(s["shared"]))
    Console().print(table)


def as_document(plan: PairingPlan, *, adopted: bool) -> dict[str, object]:
    """A plan as the command line and the API give it."""
    return {
        "plan": plan.pk,
        "objective": plan.objective,
        "bound": plan.bound,
        "optimal": plan.optimal,
        "seconds": round(plan.seconds, 3),
        "infeasible": plan.result["shortages"],
        "detail": {
            "as_of": str(plan.as_of),
            "adopted": adopted,
            "digest": plan.digest,
            "settings": plan.settings,
            **{key: plan.result[key] for key in ("costs", "kept", "new", "ended", "unserved", "above_target", "complete")},
            "words": [{"zh": zh, "en": en} for zh, en in plan.result["words"]],
            "leaves_out": [{"zh": zh, "en": en} for zh, en in plan.result["leaves_out"]],
        },
    }
