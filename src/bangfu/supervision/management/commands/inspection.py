"""`bangfu inspection …`: what an inspection from above found comes in, and goes back with what was done."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from django_typer.management import command, initialize
from rich.console import Console

from bangfu.fieldwork.taken import say_taken
from bangfu.foundation.acting import acting
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.schema import OnTheSchema
from bangfu.supervision.actions import import_findings
from bangfu.supervision.returning import template, write_return

SAID = Text(
    "{f}：{n} 行，新问题 {new} 个，{known} 个以前已有。", "{f}: {n} line(s), {new} new finding(s), {known} had come before."
)


class Command(OnTheSchema, BangfuCommand):
    help = "Findings of inspections from above."

    @initialize()
    def init(self) -> None:
        """Inspections from above."""

    @command(name="import")
    def import_(
        self,
        path: Annotated[Path, typer.Argument(help="the list (.xlsx or .csv; see `template`)", exists=True, dir_okay=False)],
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Take the findings of an inspection in: all of them, or none where a cell is wrong (exit 1)."""
        taken = import_findings(the_county().operator(), path)
        say_taken(path.name, taken, SAID, as_json=as_json)

    @command(name="return")
    def return_(
        self,
        body: Annotated[str, typer.Option("--body", help="who inspected, as the list says")],
        out: Annotated[Path, typer.Option("--out", help="the workbook to write (.xlsx)", dir_okay=False)],
    ) -> None:
        """Write what was done about the findings of a body."""
        actor = the_county().operator()
        with acting(actor):
            n = write_return(actor, body, out)
        Console().print(f"{out}: {n}")

    @command(name="template")
    def template_(self) -> None:
        """The heading of the list, on stdout."""
        print(template(), end="")
