"""Statements that every page asks: written once, planned once per connection, read as they come.

Django builds and the server plans each query anew. For what stands before every page, or is asked a dozen times on one, that costs
more than the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection, models
from psycopg import Cursor
from psycopg.rows import TupleRow

M = TypeVar("M", bound=models.Model)


def read(sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[TupleRow]:
    """The rows of a statement whose text is always the same; its columns are named, never `*`.

    Parameters are bound by the server, so their types must follow from where they stand.
    """
    with _asked(sql, parameters) as cursor:
        return cursor.fetchall()


def read_named(sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[dict[str, Any]]:
    """`read`, each row by the names of its columns."""
    with _asked(sql, parameters) as cursor:
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor]


@contextmanager
def _asked(sql: str, parameters: Sequence[Any] | Mapping[str, Any]) -> Iterator[Cursor[TupleRow]]:
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        yield cursor.execute(sql, parameters, prepare=True)


@lru_cache(maxsize=64)
def columns_of(model: type[models.Model], alias: str = "") -> str:
    """The columns of a model's table, for a statement whose rows `instance` reads."""
    before = f"{alias}." if alias else ""
    return ", ".join(f'{before}"{field.column}"' for field in model._meta.concrete_fields)


@lru_cache(maxsize=64)
def _names(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def instance(model: type[M], row: Sequence[Any]) -> M:
    """The object of a row that begins with `columns_of` its model. Not for models whose fields convert what the database gives."""
    names = _names(model)
    return model.from_db(connection.alias, names, row[: len(names)])
