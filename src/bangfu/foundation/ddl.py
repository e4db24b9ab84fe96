"""Migration operations for what every table must have: its history, its scope, its grants.

operations = [..., kept("register_person"), scoped("register_person")]
"""

from __future__ import annotations

from pathlib import Path

from django.db import migrations


def sql_file(package_file: str, name: str) -> migrations.RunSQL:
    """Run a versioned SQL file that lies in the package's `sql/` folder."""
    return migrations.RunSQL((Path(package_file).resolve().parent.parent / "sql" / name).read_text("utf-8"), elidable=False)


def _call(statement: str) -> migrations.RunSQL:
    return migrations.RunSQL(statement, migrations.RunSQL.noop)


def kept(*tables: str) -> migrations.RunSQL:
    """Keep the history of tables (old rows on update and delete). To be called again after a column was added."""
    return _call("".join(f"SELECT bangfu_keep_history('{table}');" for table in tables))


def scoped(*tables: str, writable: bool = True) -> migrations.RunSQL:
    """Limit tables with a `path` to the acting scope; call it after `kept`, so that the history is limited too."""
    return _call("".join(f"SELECT bangfu_scope_by_path('{table}', {str(writable).lower()});" for table in tables))


def alone(table: str, *subjects: str) -> migrations.RunSQL:
    """Let a dated table have `pristine` rows: `subjects` are the columns by which rows of it could be rivals."""
    return _call(f"SELECT bangfu_keep_alone('{table}', ARRAY{list(subjects)}::text[]);")


def county_wide(*tables: str, writable: bool = False) -> migrations.RunSQL:
    """Tables without an area: readable by whoever acts at some area."""
    return _call("".join(f"SELECT bangfu_scope_county('{table}', {str(writable).lower()});" for table in tables))


def owners(*tables: str) -> migrations.RunSQL:
    """Tables that no page reads or writes: the owner of the database alone does, for commands and the worker."""
    return _call("".join(f"REVOKE ALL ON {table} FROM bangfu_web;" for table in tables))


def machinery(*tables: str, grants: str = "SELECT, INSERT, UPDATE, DELETE") -> migrations.RunSQL:
    """Tables of the machinery that are read before anybody has a scope (users, sessions)."""
    return _call("".join(f"SELECT bangfu_open_to_web('{table}', '{grants}');" for table in tables))


_WITHIN = "path >= nullif(current_setting('bangfu.scope', true), '') AND path < nullif(current_setting('bangfu.scope', true), '') || '~'"


def written_within(*tables: str) -> migrations.RunSQL:
    """Let tables that are read county-wide be written inside one's own area only; call it after `county_wide(..., writable=True)`."""
    make = "".join(
        f"CREATE POLICY put_in ON {table} AS RESTRICTIVE FOR INSERT WITH CHECK ({_WITHIN});"
        f"CREATE POLICY changed ON {table} AS RESTRICTIVE FOR UPDATE USING ({_WITHIN}) WITH CHECK ({_WITHIN});"
        f"CREATE POLICY taken ON {table} AS RESTRICTIVE FOR DELETE USING ({_WITHIN});"
        for table in tables
    )
    drop = "".join(f"DROP POLICY {name} ON {table};" for table in tables for name in ("put_in", "changed", "taken"))
    return migrations.RunSQL(make, drop)
