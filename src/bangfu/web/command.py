"""The one console script: `bangfu COMMAND …`, a Django management entry."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run a command. Exit code 0 done, 1 the data was refused or a check failed, 2 wrong usage."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bangfu.web.settings")
    from django.core.management import execute_from_command_line

    from bangfu.foundation.problems import Problem

    try:
        execute_from_command_line(sys.argv if len(sys.argv) > 1 else [*sys.argv, "help"])
    except Problem as problem:
        print(problem, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
