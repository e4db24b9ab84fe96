"""`bangfu bench NAME|all`: the budgets of the design, each beside a baseline measured in the same run."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bangfu.foundation.arguments import require_scale
from bangfu.foundation.benchmarks import benchmarks, run
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.say import Text
from bangfu.foundation.terminal import wrong_usage


class Command(BangfuCommand):
    help = "Measure the budgets, each with its baseline, in a scratch folder."

    def handle(
        self,
        name: Annotated[str, typer.Argument(help="a bench, or `all`")] = "all",
        scale: Annotated[float, typer.Option("--scale", help="1 is county scale: 126,201 households")] = 1.0,
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Measure one bench or all of them."""
        known = benchmarks()
        if name != "all" and name not in known:
            wrong_usage(
                Text("没有测试项「{name}」。可选：{known}、all。", "There is no bench “{name}”. There are: {known}, all.").format(
                    name=name, known=", ".join(known)
                )
            )
        require_scale(scale)
        results: list[dict[str, Any]] = []
        for one in known if name == "all" else [name]:
            Console(stderr=True).print(f"bench {one} …")
            results.append(run(one, scale))
        if as_json:
            print(json.dumps(results if name == "all" else results[0], ensure_ascii=False))
            return
        table = Table("bench", "seconds", "baseline", "", "ratio", "peak MB", "detail")
        for r in results:
            table.add_row(
                r["name"], f"{r['seconds']:.3f}", r["baseline"]["name"], f"{r['baseline']['seconds']:.3f}", f"{r['ratio']:.2f}", f"{r['peak_mb']:.0f}",
                ", ".join(f"{k} {v}" for k, v in r["detail"].items()),
            )  # fmt: skip
        Console().print(table)
