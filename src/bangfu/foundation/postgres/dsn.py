"""How to reach the operational store: the embedded server, or the one that `DATABASE_URL` names.

Nothing here needs a running server; `connect` is the exception and says so.
"""

from __future__ import annotations

import os
from typing import Any, Literal

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bangfu.foundation.home import Home
from bangfu.foundation.home import home as process_home
from bangfu.foundation.postgres.problems import ADDRESS_UNREADABLE, SERVER_UNREACHABLE, WEB_ADDRESS_MISSING
from bangfu.foundation.postgres.server import Server

Role = Literal["owner", "web"]

ENGINE = "bangfu.foundation.postgres.backend"
_VARIABLES: dict[Role, str] = {"owner": "DATABASE_URL", "web": "DATABASE_WEB_URL"}


def embedded() -> bool:
    """Whether the data folder's own server is used: no `DATABASE_URL` is set."""
    return not os.environ.get("DATABASE_URL")


def libpq(kind: Role, home: Home | None = None) -> dict[str, Any]:
    """What libpq (psycopg, ADBC) takes to connect as the owner or as the pages' role.

    Raises BF-1021 for an address that cannot be read, BF-1022 where only the owner's is given.
    """
    if embedded():
        return Server(home or process_home()).libpq(kind)
    name = _VARIABLES[kind]
    address = os.environ.get(name)
    if not address:
        raise WEB_ADDRESS_MISSING()
    try:
        given = {key: str(value) for key, value in conninfo_to_dict(address).items() if value is not None}
    except psycopg.ProgrammingError as error:
        # libpq's message quotes the address, and with it the password.
        raise ADDRESS_UNREADABLE(name=name, detail=type(error).__name__) from None
    if not given.get("dbname"):
        raise ADDRESS_UNREADABLE(name=name, detail="dbname")
    return given


def uri(kind: Role, home: Home | None = None) -> str:
    """The same as one connection string, for drivers that take only that."""
    return make_conninfo("", **libpq(kind, home))


def connection_settings(kind: Role, home: Home | None = None, **options: Any) -> dict[str, Any]:
    """One entry of Django's DATABASES; `options` go into its OPTIONS (a pool, for instance).

    For the embedded server the backend attaches before the first connection (the key `EMBEDDED` holds the home).
    """
    given = libpq(kind, home)
    settings: dict[str, Any] = {
        "ENGINE": ENGINE,
        "NAME": given.pop("dbname"),
        "USER": given.pop("user", ""),
        "PASSWORD": given.pop("password", ""),
        "HOST": given.pop("host", ""),
        "PORT": given.pop("port", ""),
        "OPTIONS": {**given, **options},
    }
    if "pool" in options:
        # A pool checks a connection before it gives it out: those of a server that has died since are replaced, not handed to somebody.
        settings["CONN_HEALTH_CHECKS"] = True
    if embedded():
        settings["EMBEDDED"] = str((home or process_home()).root)
    return settings


def connect(kind: Role, home: Home | None = None, **options: Any) -> psycopg.Connection[Any]:
    """A connection apart from Django's, attaching to the embedded server first. Raises BF-1027 where none answers."""
    if embedded():
        Server(home or process_home()).attach()
    target = libpq(kind, home)
    try:
        return psycopg.connect(**{**target, **options})
    except psycopg.OperationalError as error:
        raise SERVER_UNREACHABLE(where=place(target), detail=str(error).strip()) from error


def role_name(kind: Role, home: Home | None = None) -> str:
    """The database role that a kind of connection logs in as: grants and policies name it."""
    return str(libpq(kind, home).get("user", ""))


def place(target: dict[str, Any]) -> str:
    """Where a connection goes, without its password."""
    return f"{target.get('user', '')}@{target.get('host', '')}:{target.get('port', '')}/{target.get('dbname', '')}"
