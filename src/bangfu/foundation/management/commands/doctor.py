"""`bangfu doctor`: is this installation sound, point by point; each point that is not says what to do."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.doctor import examine, examine_phone, show


class Command(BangfuCommand):
    help = "Check this installation and explain what is not right."

    def handle(
        self,
        phone: Annotated[bool, typer.Option("--phone", help="what a phone will be missing, instead")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Check this installation."""
        checks = examine_phone() if phone else examine()
        show(checks, as_json=as_json)
        if not all(c.ok for c in checks):
            sys.exit(1)
