"""Where the passphrase of a backup comes from: a file, the environment, or a terminal."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

from bangfu.backup.problems import NO_PASSPHRASE

VARIABLE = "BANGFU_BACKUP_PASSPHRASE"


def passphrase(file: Path | None, *, twice: bool = False) -> str:
    """The passphrase: the first line of the file, else `$BANGFU_BACKUP_PASSPHRASE`, else asked for (twice where it is a new one).

    Raises BF-2101 where none of them gives one.
    """
    if file is not None:
        lines = file.read_text("utf-8").splitlines()
        given = lines[0].strip() if lines else ""
    elif VARIABLE in os.environ:
        given = os.environ[VARIABLE]
    elif sys.stdin.isatty():
        given = getpass.getpass("备份口令 passphrase: ")
        if twice and given != getpass.getpass("再输一次 once more: "):
            given = ""
    else:
        given = ""
    if not given:
        raise NO_PASSPHRASE()
    return given
