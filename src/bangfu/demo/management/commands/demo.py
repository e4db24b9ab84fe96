"""`bangfu demo`: the county of the mission, running."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from django.core.management import call_command
from django_typer.management import TyperCommand
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bangfu.demo.building import PASSWORD, build, is_built, logins
from bangfu.demo.population import read_facts
from bangfu.foundation.arguments import require_port, require_scale
from bangfu.foundation.county import County, the_county

STAGES = {
    "areas": "区划 areas",
    "people": "人口 people",
    "read": "读取工作簿 reading workbooks",
    "check": "核对 checking",
    "stage": "暂存 staging",
    "write": "写入 writing",
    "index": "建索引 indexing",
    "judge": "评定 judging",
}


class Command(TyperCommand):
    help = "Build the demo county (once) and serve it."

    def handle(
        self,
        home: Annotated[Path | None, typer.Option("--home", help="the data folder; $BANGFU_HOME or var/ by default")] = None,
        scale: Annotated[float, typer.Option("--scale", help="1 is true size: 126,201 households")] = 1.0,
        facts: Annotated[
            Path | None, typer.Option("--facts", exists=True, dir_okay=False, help="another facts file: the county follows")
        ] = None,
        seed: Annotated[int, typer.Option("--seed", min=0, help="another seed: another county of the same shape")] = 2020,
        serve_: Annotated[bool, typer.Option("--serve/--no-serve", help="serve the pages when the county is judged")] = True,
        port: Annotated[int, typer.Option("--port", help="the port; the next free one where it is taken")] = 8000,
    ) -> None:
        """Build the county of the mission where it is not built yet, and serve it."""
        if home is not None and str(home.resolve()) != os.environ.get("BANGFU_HOME"):
            # The data folder is settled before Django starts: begin again with it.
            os.environ["BANGFU_HOME"] = str(home.resolve())
            os.execv(sys.executable, [sys.executable, "-m", "bangfu", *sys.argv[1:]])
        require_port(port)
        require_scale(scale)
        if facts is not None:
            read_facts(facts)
        console = Console(stderr=True)
        call_command("migrate", verbosity=0)
        if is_built():
            county = the_county()
        else:
            county = self._build(console, scale, seed, facts)
        console.print(self._logins(county))
        if serve_:
            call_command("serve", port=port)

    def _build(self, console: Console, scale: float, seed: int, facts: Path | None) -> County:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console) as bar:
            tasks: dict[str, object] = {}

            def progress(stage: str, done: int, total: int) -> None:
                if stage not in tasks:
                    tasks[stage] = bar.add_task(STAGES.get(stage, stage), total=total)
                bar.update(tasks[stage], completed=done, total=total)  # type: ignore[arg-type]

            built = build(scale=scale, seed=seed, facts=facts, progress=progress)
        console.print("  ".join(f"{k} {v:.1f}s" for k, v in built.seconds.items()))
        return built.county

    def _logins(self, county: County) -> Table:
        table = Table(
            title=f"{county.name.zh} {county.name.en} · 演示数据 synthetic data",
            caption=f"密码 password: {PASSWORD} · 导览 tour: /tour/",
        )
        for heading in ("用户名 user", "身份 role", "范围 area"):
            table.add_column(heading)
        for login in logins(county):
            table.add_row(login.username, login.name.zh + " " + login.name.en, f"{login.area.zh} {login.area.en}")
        return table
