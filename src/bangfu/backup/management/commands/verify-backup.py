"""`bangfu verify-backup`: prove that a backup can be restored."""  # noqa: N999 (the name of the command has a hyphen)

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bangfu.backup.actions import verify_backup
from bangfu.backup.passphrases import passphrase
from bangfu.foundation.actor import system
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.terminal import said


class Command(BangfuCommand):
    help = "Restore a backup into a fresh folder, compare counts and checksums, remove it again."

    def handle(
        self,
        file: Annotated[Path, typer.Argument(help="the backup")],
        passphrase_file: Annotated[
            Path | None, typer.Option("--passphrase-file", help="a file with the passphrase alone")
        ] = None,
        scratch: Annotated[
            Path | None, typer.Option("--scratch", exists=True, file_okay=False, help="where there is room for it")
        ] = None,
        keys: Annotated[
            bool, typer.Option("--keys/--without-keys", help="hold this installation's key folder against it too")
        ] = True,
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Verify a backup."""
        console = Console(stderr=True)
        with console.status("") as status:
            actor = system("", "command line")
            word = passphrase(passphrase_file)
            done = verify_backup(actor, file, word, scratch=scratch, keys=keys, progress=lambda step: status.update(said(step)))
        head, tail = done.contents.head, done.contents.tail
        if as_json:
            told = {"ok": True, "key": str(head.key), "made": head.made.isoformat(), "version": head.version, "keys": keys}
            print(json.dumps(told | {"tables": len(tail.tables), "rows": tail.rows, "files": done.files}))
            return
        console.print(f"✓ {file}", markup=False, soft_wrap=True)
        console.print(f"  {len(tail.tables)} 个表 tables · {tail.rows:,} 行 rows · {done.files:,} 个文件 files")
