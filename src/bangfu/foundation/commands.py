"""What every command of Bangfu is: a TyperCommand that shows its own options only, not those that Django gives to all."""

from __future__ import annotations

from django.utils import translation
from django_typer.management import TyperCommand

from bangfu.foundation.terminal import reader

TAGS = {"zh": "zh-hans", "en": "en"}


class BangfuCommand(TyperCommand):
    """A command whose help is about itself. Django's options for its own developers (`--settings`, `--traceback` …) are left out:
    what a command raises is told once for all of them, in `bangfu.web.command`.

    One that is typed at a terminal speaks the terminal's language. `at_terminal` is False for what works on for others: it keeps the county's.
    """

    at_terminal = True

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

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as it was typed, in the language of whoever typed it."""
        with translation.override(TAGS[reader() if self.at_terminal else "zh"]):
            super().run_from_argv(argv)  # type: ignore[no-untyped-call]
