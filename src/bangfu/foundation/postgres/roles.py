"""What an administrator of another PostgreSQL server runs once, so that `DATABASE_URL` can name it."""

from __future__ import annotations

from psycopg import sql

from bangfu.foundation.postgres.places import DATABASE, ROLES

_TEXT = """\
-- Bangfu: roles and database on a PostgreSQL server of your own (16 or newer).
-- Run once with psql as a superuser, with passwords of your choice in place of the dots:
--
--   psql -v ON_ERROR_STOP=1 -v owner_password=... -v web_password=... -f roles.sql
--
-- Then set for Bangfu:
--
--   DATABASE_URL=postgresql://{owner_name}:...@HOST:5432/{database_name}
--   DATABASE_WEB_URL=postgresql://{web_name}:...@HOST:5432/{database_name}

-- Owns the database: migrations, the worker, the lake. No superuser.
CREATE ROLE {owner} LOGIN PASSWORD :'owner_password' NOSUPERUSER NOCREATEROLE NOBYPASSRLS;

-- Serves the pages. Owns nothing, so that row-level security holds it.
CREATE ROLE {web} LOGIN PASSWORD :'web_password' NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;

-- The owner may act as the pages' role (checks and tests do) without having its rights otherwise.
GRANT {web} TO {owner} WITH INHERIT FALSE, SET TRUE;

CREATE DATABASE {database} OWNER {owner} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO {web};

-- Only where benches or tests are to run on this server (they clone databases):
-- ALTER ROLE {owner} CREATEDB;
"""


def statements(owner: str = ROLES["owner"], web: str = ROLES["web"], database: str = DATABASE) -> str:
    """The statements, for psql; the passwords are psql's variables, so that an unedited run fails instead of setting them."""
    names = {"owner": owner, "web": web, "database": database}
    quoted = {key: sql.Identifier(name).as_string() for key, name in names.items()}
    return _TEXT.format(**quoted, **{f"{key}_name": name for key, name in names.items()})
