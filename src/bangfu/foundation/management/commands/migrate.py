"""`bangfu migrate`: bring the database up to date; a new one is given its keys."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from bangfu.foundation.secrecy import settle_keys


class Command(migrate.Command):
    help = "Bring the database up to date with the program."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the migrations, then settle the keys."""
        super().handle(*args, **options)
        if not any(options[name] for name in ("plan", "check_unapplied", "fake", "app_label")):
            settle_keys()
