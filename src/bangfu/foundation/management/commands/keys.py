"""`bangfu keys …`: the keys that personal fields are encrypted with."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from django_typer.management import command, initialize
from rich.console import Console

from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.home import home
from bangfu.foundation.resealing import rotate
from bangfu.foundation.secrecy import current_number, require_keys


class Command(BangfuCommand):
    help = "The keys that personal fields are encrypted with."

    @initialize()
    def init(self) -> None:
        """The keys that personal fields are encrypted with."""

    @command(name="check")
    def check_(self) -> None:
        """Hold the key folder against the county's fingerprints."""
        require_keys()
        Console(stderr=True).print(f"✓ {home().keys} · fields.{current_number()}")

    @command(name="rotate")
    def rotate_(
        self,
        resume: Annotated[bool, typer.Option("--resume", help="go on with a change that was cut off")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Make a new key and put everything that is encrypted under it, while the county is at work."""
        console = Console(stderr=True)
        with console.status("") as status:
            done = rotate(resume=resume, progress=lambda table, values: status.update(f"{table} {values:,}"))
        if as_json:
            print(json.dumps({"number": done.number, "values": done.values}))
        else:
            console.print(f"✓ fields.{done.number} · {done.values:,} 项已改用新密钥 values are under the new key")
            console.print(f"  {home().keys}: 请把新的密钥文件另存一份 keep a copy of the new key file elsewhere", markup=False)
