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
    except SystemExit as ended:
        # django-typer says 1 for wrong usage as well; the click that it uses may be typer's own copy, so the class goes by its name.
        if any(kind.__name__ == "UsageError" for kind in type(ended.__context__).__mro__):
            sys.exit(2)
        raise
    except KeyboardInterrupt:
        sys.exit(130)
