"""What every command of Bangfu is: a TyperCommand that shows its own options only, not those that Django gives to all."""

from __future__ import annotations

from django_typer.management import TyperCommand


class BangfuCommand(TyperCommand):
    """A command whose help is about itself. Django's options for its own developers (`--settings`, `--traceback` …) are left out:
    what a command raises is told once for all of them, in `bangfu.web.command`."""

    suppressed_base_arguments = {
        "verbosity",
        "version",
        "settings",
        "pythonpath",
        "traceback",
        "no_color",
        "force_color",
        "skip_checks",
        "show_locals",
        "hide_locals",
    }
