"""`bangfu command …`: lists of units, officers, posts, appointments, attachments, helpers and pairings as files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from django_typer.management import command, initialize
from rich.console import Console

from bangfu.command.answering import who_answers
from bangfu.command.files import KINDS, take_file, template
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.schema import OnTheSchema
from bangfu.foundation.terminal import wrong_usage
from bangfu.register.models import Household
from bangfu.register.problems import UNKNOWN_HOUSEHOLD

Sort = Annotated[str, typer.Argument(help=", ".join(KINDS))]
UNKNOWN_SORT = Text("没有「{kind}」这种表；可用的：{known}。", "There is no list “{kind}”; there are {known}.")


class Command(OnTheSchema, BangfuCommand):
    help = "The chain of command: lists as files, who answers for a household."

    @initialize()
    def init(self) -> None:
        """The chain of command."""

    @command(name="import")
    def import_(
        self,
        kind: Sort,
        path: Annotated[
            Path, typer.Argument(help="CSV with headings in either language (see `template`)", exists=True, dir_okay=False)
        ],
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Take a list in: all of its rows or none; what is there already stays."""
        _known(kind)
        county = the_county()
        rows, new = take_file(county.operator(), kind, path, county)
        if as_json:
            print(json.dumps({"kind": kind, "rows": rows, "new": new}))
            return
        Console(stderr=True).print(
            f"{KINDS[kind].title.zh} {rows} 行，新增 {new} · {rows} {KINDS[kind].title.en}, {new} of them new"
        )

    @command(name="template")
    def template_(self, kind: Sort) -> None:
        """The heading of a list to fill in, on stdout."""
        _known(kind)
        print(template(kind), end="")

    @command()
    def answers(
        self, household: str, as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False
    ) -> None:
        """Who answers for a household today, and up the chain."""
        county = the_county()
        with acting(county.operator()):
            home = Household.objects.farming().filter(number=household).first()
            if home is None:
                raise UNKNOWN_HOUSEHOLD(household=household)
            found = who_answers(home.pk, home.path, clock.today())
        if as_json:
            print(
                json.dumps(
                    [
                        {
                            "step": a.step,
                            "role": {"zh": a.title.zh, "en": a.title.en},
                            "name": a.name,
                            "place": {"zh": a.place.zh, "en": a.place.en},
                            "since": str(a.since) if a.since else None,
                        }
                        for a in found
                    ],
                    ensure_ascii=False,
                )
            )
            return
        for a in found:
            Console().print(f"{a.title}  {a.name}  {a.place}")


def _known(kind: str) -> None:
    if kind not in KINDS:
        wrong_usage(UNKNOWN_SORT.format(kind=kind, known=", ".join(KINDS)))
