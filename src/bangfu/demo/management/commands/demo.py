"""`bangfu demo`: the county of the mission, running."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from django.core.management import call_command
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bangfu.demo.building import COUNTRIES, NAME, PASSWORD, build, built_county, is_built, logins, require_as_built, vacant
from bangfu.demo.population import read_facts
from bangfu.demo.second import building as second
from bangfu.demo.tour import has_tour
from bangfu.foundation import clock
from bangfu.foundation.arguments import require_port, require_scale
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.county import County, the_county
from bangfu.foundation.say import Text
from bangfu.foundation.terminal import said, wrong_usage
from bangfu.screening.pack import find_pack

SEED = 2020
STAGES = {
    "areas": "区划 areas",
    "people": "人口 people",
    "visits": "走访 visits",
    "supervision": "督导 supervision",
    "read": "读取工作簿 reading workbooks",
    "check": "核对 checking",
    "stage": "暂存 staging",
    "write": "写入 writing",
    "index": "建索引 indexing",
    "command": "指挥体系 command",
    "judge": "评定 judging",
    "cases": "事项和程序 cases",
}

COUNTIES = Text("--county 只能是 {known}。", "--county is one of {known}.")
NO_FACTS = Text(
    "--facts 只用于绥阳县，不能与 --county second 同用。", "--facts is for Suiyang alone and does not go with --county second."
)
NOT_JUDGED = Text(
    "这个国家在该日没有规则包：只登记、只统计，不作评定。",
    "No policy pack of this country holds on its day: it is registered and counted, nothing is judged.",
)


class Command(BangfuCommand):
    at_terminal = False
    help = "Build the demo county (once) and serve it."

    def handle(
        self,
        home: Annotated[Path | None, typer.Option("--home", help="the data folder; $BANGFU_HOME or var/ by default")] = None,
        scale: Annotated[float | None, typer.Option("--scale", help="1, the default, is true size: 126,201 households")] = None,
        county: Annotated[
            str | None,
            typer.Option("--county", help="suiyang, or second: Alder District, English-speaking, in a folder of its own"),
        ] = None,
        facts: Annotated[
            Path | None, typer.Option("--facts", exists=True, dir_okay=False, help="another facts file: the county follows")
        ] = None,
        seed: Annotated[
            int | None, typer.Option("--seed", min=0, help="another seed than 2020: another county of the same shape")
        ] = None,
        serve_: Annotated[bool, typer.Option("--serve/--no-serve", help="serve the pages when the county is judged")] = True,
        port: Annotated[int, typer.Option("--port", help="the port; the next free one where it is taken")] = 8000,
    ) -> None:
        """Build the county of the mission, or the second one, where it is not built yet, and serve it."""
        if county is not None and county not in COUNTRIES:
            wrong_usage(COUNTIES.format(known=", ".join(COUNTRIES)))
        if county == second.NAME and facts is not None:
            wrong_usage(NO_FACTS)
        if county == second.NAME and home is None and not os.environ.get("BANGFU_HOME"):
            home = Path(f"var-{second.NAME}")  # beside the folder of the county of the mission
        if home is not None and str(home.resolve()) != os.environ.get("BANGFU_HOME"):
            # The data folder is settled before Django starts: begin again with it.
            os.environ["BANGFU_HOME"] = str(home.resolve())
            os.execv(sys.executable, [sys.executable, "-m", "bangfu", *sys.argv[1:]])
        require_port(port)
        if scale is not None:
            require_scale(scale)
        if facts is not None:
            read_facts(facts)
        console = Console(stderr=True)
        call_command("migrate", verbosity=0)
        wanted = county or built_county() or NAME
        if is_built():
            vacant(wanted)
            require_as_built(scale=scale, seed=seed, facts=facts)
            standing = the_county()
        else:
            standing = self._build(console, wanted, 1.0 if scale is None else scale, SEED if seed is None else seed, facts)
        console.print(self._logins(standing, wanted))
        if serve_:
            call_command("serve", port=port)

    def _build(self, console: Console, name: str, scale: float, seed: int, facts: Path | None) -> County:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console) as bar:
            tasks: dict[str, object] = {}

            def progress(stage: str, done: int, total: int) -> None:
                if stage not in tasks:
                    tasks[stage] = bar.add_task(STAGES.get(stage, stage), total=total)
                bar.update(tasks[stage], completed=done, total=total)  # type: ignore[arg-type]

            if name == second.NAME:
                built = second.build(scale=scale, seed=seed, progress=progress)
            else:
                built = build(scale=scale, seed=seed, facts=facts, progress=progress)
        console.print("  ".join(f"{k} {v:.1f}s" for k, v in built.seconds.items()))
        outcome = built.outcome
        if outcome is not None:
            console.print(
                f"{outcome.households} 户 households · {outcome.rows} 行 rows · 退回 refused {outcome.refused_rows} 行 rows"
            )
        pack = find_pack(clock.today(), built.county.country)
        if pack is None:
            console.print(said(NOT_JUDGED), style="yellow", highlight=False)
        else:
            console.print(f"规则包 policy pack: {pack.name}", highlight=False)
        return built.county

    def _logins(self, county: County, name: str) -> Table:
        tour = " · 导览 tour: /tour/" if has_tour(county) else ""
        table = Table(title=f"{_both(county.name)} · 演示数据 synthetic data", caption=f"密码 password: {PASSWORD}{tour}")
        for heading in ("用户名 user", "身份 role", "范围 area"):
            table.add_column(heading)
        for login in second.logins(county) if name == second.NAME else logins(county):
            table.add_row(login.username, _both(login.name), _both(login.area))
        return table


def _both(text: Text) -> str:
    """A text in both languages beside each other, once where they are the same."""
    return " ".join(dict.fromkeys((text.zh, text.en)))
