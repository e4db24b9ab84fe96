"""Whether the database has the tables that this program reads: asked before a command and by the first request of a process."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import ProgrammingError
from psycopg.errors import InsufficientPrivilege

from bangfu.foundation.postgres.problems import SCHEMA_BEHIND


def waiting() -> int:
    """How many migrations of this program the database has not had."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def require_schema() -> None:
    """Raise BF-1028 where the database is not set up, or is older than the program."""
    try:
        behind = waiting() > 0
    except ProgrammingError as error:
        if not isinstance(error.__cause__, InsufficientPrivilege):
            raise
        behind = True  # the migration that lets the pages read the list of migrations has not run
    if behind:
        raise SCHEMA_BEHIND()


class OnTheSchema:
    """Mixed into a command that reads the product's tables: it is refused before it begins where they are not up to date."""

    requires_migrations_checks = True

    def check_migrations(self) -> None:
        """Django's hook, which asks before a command is handled. Raises BF-1028."""
        require_schema()
