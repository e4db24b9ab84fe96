"""`bangfu command kinship`, beside the lists of command: relatives of officers and of households, as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from django_typer.management import command
from rich.console import Console

from bangfu.cases.actions import declare_kinship
from bangfu.cases.kinship_files import read_kinship, template
from bangfu.command.management.commands.command import Command as Lists
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.terminal import wrong_usage

A_FILE = Text("请给出 CSV 文件，或用 --template 取表头。", "Give a CSV file, or take its heading by --template.")


class Command(Lists):
    @command()
    def kinship(
        self,
        path: Annotated[
            Path | None, typer.Argument(help="CSV with headings in either language (see --template)", exists=True, dir_okay=False)
        ] = None,
        heading: Annotated[bool, typer.Option("--template", help="the heading of the list to fill in, on stdout")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Declare relatives of officers and of households: all of the rows or none; what is known stays."""
        if heading:
            print(template(), end="")
            return
        if path is None:
            wrong_usage(A_FILE)
        rows = read_kinship(path)
        new = declare_kinship(the_county().operator(), rows)
        if as_json:
            print(json.dumps({"rows": len(rows), "new": new}))
            return
        Console(stderr=True).print(f"亲属关系 {len(rows)} 行，新增 {new} · {len(rows)} declarations, {new} of them new")
