"""`bangfu visit …`: ledgers of visits come in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from django_typer.management import command, initialize

from bangfu.fieldwork.actions.ledgers import import_ledger
from bangfu.fieldwork.ledger import template
from bangfu.fieldwork.taken import say_taken
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.schema import OnTheSchema

SAID = Text(
    "{f}：{n} 行，新增走访 {new} 次，{known} 次以前已有。", "{f}: {n} line(s), {new} visit(s) recorded, {known} had come before."
)


class Command(OnTheSchema, BangfuCommand):
    help = "Visits: ledgers that were kept on paper or in a spreadsheet."

    @initialize()
    def init(self) -> None:
        """Visits."""

    @command(name="import")
    def import_(
        self,
        path: Annotated[Path, typer.Argument(help="the ledger (.xlsx or .csv; see `template`)", exists=True, dir_okay=False)],
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Record the visits of a ledger: all of them, or none where a cell is wrong (exit 1, each cell with its row and remedy)."""
        taken = import_ledger(the_county().operator(), path)
        say_taken(path.name, taken, SAID, as_json=as_json)

    @command(name="template")
    def template_(self) -> None:
        """The heading of a ledger to fill in, on stdout."""
        print(template(), end="")
