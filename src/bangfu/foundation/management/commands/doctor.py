"""`bangfu doctor`: is this installation sound, point by point; each point that is not says what to do."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from django_typer.management import TyperCommand
from rich.console import Console
from rich.table import Table

from bangfu.foundation.doctor import examine


class Command(TyperCommand):
    help = "Check this installation and explain what is not right."

    def handle(self, as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False) -> None:
        """Check this installation."""
        checks = examine()
        if as_json:
            print(json.dumps({"ok": all(c.ok for c in checks), "checks": [c.as_json() for c in checks]}, ensure_ascii=False))
        else:
            table = Table("", "", "", show_header=False, box=None)
            for check in checks:
                table.add_row(
                    "[green]✓[/]" if check.ok else "[red]✗[/]",
                    check.key,
                    f"{check.says}" + (f"\n[yellow]→ {check.remedy}[/]" if not check.ok else ""),
                )
            Console().print(table)
        if not all(c.ok for c in checks):
            sys.exit(1)
