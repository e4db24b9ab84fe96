"""`bangfu restore`: a backup into a fresh data folder or an empty database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bangfu.backup.actions import restore_backup
from bangfu.backup.passphrases import passphrase
from bangfu.foundation.actor import system
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.home import home
from bangfu.foundation.terminal import said


class Command(BangfuCommand):
    help = "Restore a backup into a fresh data folder ($BANGFU_HOME) or an empty database ($DATABASE_URL)."

    def handle(
        self,
        file: Annotated[Path, typer.Argument(help="the backup")],
        passphrase_file: Annotated[
            Path | None, typer.Option("--passphrase-file", help="a file with the passphrase alone")
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Restore a backup."""
        console = Console(stderr=True)
        with console.status("") as status:
            actor = system("", "command line")
            done = restore_backup(actor, file, passphrase(passphrase_file), progress=lambda step: status.update(said(step)))
        head, tail = done.contents.head, done.contents.tail
        if as_json:
            told = {"home": str(home().root), "key": str(head.key), "made": head.made.isoformat(), "version": head.version}
            print(
                json.dumps(told | {"tables": len(tail.tables), "rows": tail.rows, "files": done.files, "migrated": done.migrated})
            )
            return
        console.print(f"✓ {home().root} ← {file}", markup=False, soft_wrap=True)
        console.print(
            f"  {head.county[0]} {head.county[1]} · {head.made:%Y-%m-%d %H:%M} UTC · {len(tail.tables)} 个表 tables · "
            f"{tail.rows:,} 行 rows · {done.migrated} 个迁移 migrations"
        )
        console.print("  数据湖和指标由下一个 worker 重建 the next worker builds the lake and the figures")
