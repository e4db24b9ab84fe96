"""`bangfu db roles`: what an administrator runs on a PostgreSQL server of their own."""

from __future__ import annotations

from django_typer.management import command, initialize

from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.postgres.roles import statements


class Command(BangfuCommand):
    help = "The operational store on another server."

    @initialize()
    def init(self) -> None:
        """The operational store on another server."""

    @command()
    def roles(self) -> None:
        """Print the SQL that makes the two roles and the database; passwords are placeholders."""
        print(statements())
