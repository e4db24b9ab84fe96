"""`bangfu worker`: run the jobs."""

from __future__ import annotations

from django_typer.management import TyperCommand

from bangfu.foundation.schema import OnTheSchema
from bangfu.web.serving import work


class Command(OnTheSchema, TyperCommand):
    help = "Run the jobs until Ctrl-C."

    def handle(self) -> None:
        """Run the jobs."""
        work()
