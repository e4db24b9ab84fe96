"""`bangfu backup`: an encrypted backup into a folder, while the county is at work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bangfu.backup.actions import require_passphrase, take_backup
from bangfu.backup.passphrases import passphrase
from bangfu.foundation.actor import system
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.home import home
from bangfu.foundation.terminal import said


class Command(BangfuCommand):
    help = "Write an encrypted backup into a folder, while the county is at work."

    def handle(
        self,
        folder: Annotated[Path, typer.Argument(help="where backups go: another disk, another machine's folder")],
        passphrase_file: Annotated[
            Path | None, typer.Option("--passphrase-file", help="a file with the passphrase alone")
        ] = None,
        keep: Annotated[int | None, typer.Option("--keep", help="leave the newest N of this county there")] = None,
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Write a backup."""
        word = passphrase(passphrase_file, twice=True)
        require_passphrase(word)
        console = Console(stderr=True)
        with console.status("") as status:
            actor = system("", "command line")
            taken = take_backup(actor, folder, word, keep=keep, progress=lambda step: status.update(said(step)))
        if as_json:
            told = {"file": str(taken.place), "size": taken.size, "made": taken.head.made.isoformat(), "key": str(taken.head.key)}
            counts = {"tables": len(taken.tail.tables), "rows": taken.tail.rows, "files": taken.tail.files}
            print(json.dumps(told | counts | {"removed": [str(p) for p in taken.removed]}))
            return
        console.print(f"✓ {taken.place}", markup=False, soft_wrap=True)
        console.print(f"  {taken.size / 1e6:,.1f} MB · {taken.tail.rows:,} 行 rows · {taken.tail.files:,} 个文件 files")
        for one in taken.removed:
            console.print(f"  − {one}", markup=False, soft_wrap=True)
        console.print(
            f"  密钥不在备份中，请另外保存 the keys are not in it, keep them apart: {home().keys}", markup=False, soft_wrap=True
        )
