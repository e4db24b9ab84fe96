"""`bangfu worker`: run the jobs."""

from __future__ import annotations

from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.schema import OnTheSchema
from bangfu.web.serving import work


class Command(OnTheSchema, BangfuCommand):
    at_terminal = False
    help = "Run the jobs until Ctrl-C."

    def handle(self) -> None:
        """Run the jobs."""
        work()
