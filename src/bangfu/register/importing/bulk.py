"""The first load of an empty register: indexes and constraints are set aside and built once at the end.

Inside the import's transaction, so a load that fails leaves them as they were. Only for tables without rows: building is
then cheaper than keeping (a sorted build of an exclusion index takes a second where single inserts take a minute).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

TABLES = (
    "evidence", "household", "person", "membership", "kind", "registration", "relocation", "land", "house", "water", "living",
    "means", "monitoring", "incomesheet", "incomeitem", "residence", "schooling", "condition", "insurance", "work",
)  # fmt: skip


def is_empty() -> bool:
    """Whether no table of the register has a row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT NOT (" + " OR ".join(f"EXISTS (SELECT 1 FROM register_{t})" for t in TABLES) + ")")
        return bool(cursor.fetchone()[0])


@contextmanager
def set_aside() -> Iterator[None]:
    """Drop the indexes and constraints of the register's tables, primary keys and the references to them among them, and build
    them again when the block is done: what refers to a key after the keys."""
    names = [f"register_{t}" for t in TABLES]
    with connection.cursor() as cursor:
        # Groups that the files named have just been added: a table whose deferred checks still wait cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            """
            SELECT c.conrelid::regclass::text, quote_ident(c.conname), pg_get_constraintdef(c.oid)
            FROM pg_constraint c
            WHERE (c.conrelid::regclass::text = ANY(%(names)s) AND c.contype IN ('p', 'f', 'u', 'x'))
               OR (c.confrelid::regclass::text = ANY(%(names)s) AND c.contype = 'f')
            ORDER BY c.contype = 'f', c.contype, 2
            """,
            {"names": names},
        )
        constraints = cursor.fetchall()
        for table, name, _ in reversed(constraints):
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        cursor.execute(
            """
            SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
            WHERE i.indrelid::regclass::text = ANY(%s) AND NOT i.indisprimary ORDER BY 1
            """,
            [names],
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'; SET LOCAL max_parallel_maintenance_workers = 2")
        for _, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in constraints:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        cursor.execute("; ".join(f"ANALYZE {name}" for name in names))
