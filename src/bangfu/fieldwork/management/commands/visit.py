"""`bangfu visit …`: ledgers of visits come in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from django_typer.management import command, initialize
from rich.console import Console

from bangfu.fieldwork.actions.ledgers import import_ledger
from bangfu.fieldwork.ledger import template
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.schema import OnTheSchema

SAID = Text(
    "{f}：{n} 行，新增走访 {new} 次，{known} 次以前已有。", "{f}: {n} line(s), {new} visit(s) recorded, {known} had come before."
)
WRONG = Text("{f}：{n} 处要改，一行也没有读入。", "{f}: {n} cell(s) are to be corrected; nothing was taken.")


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
        if as_json:
            wrong = [p.as_json() for p in taken.problems]
            print(json.dumps({"lines": taken.lines, "new": taken.new, "known": taken.known, "wrong": wrong}, ensure_ascii=False))
        elif taken.problems:
            for problem in taken.problems:
                Console(stderr=True).print(str(problem), highlight=False)
            Console(stderr=True).print(str(WRONG.format(f=path.name, n=len(taken.problems))))
        else:
            Console().print(str(SAID.format(f=path.name, n=taken.lines, new=taken.new, known=taken.known)))
        if taken.problems:
            raise typer.Exit(1)

    @command(name="template")
    def template_(self) -> None:
        """The heading of a ledger to fill in, on stdout."""
        print(template(), end="")
