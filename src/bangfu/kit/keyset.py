"""Keyset paging: a page begins after (or ends before) a row, named by the values it is sorted by.

`OFFSET` reads and throws away every row before the page; this reads the page alone, through the index of its order.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldError, ValidationError
from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.sql.compiler import SQLCompiler

from bangfu.foundation.say import is_text

LONGEST = 600  # characters of a cursor; longer ones are not ours


@dataclass(frozen=True, slots=True)
class Order:
    """What rows are sorted by: names that are never null and together unique, all rising or all falling."""

    names: tuple[str, ...]
    falling: bool = False

    def turned(self) -> Order:
        """The other way round."""
        return Order(self.names, not self.falling)


@dataclass(frozen=True, slots=True)
class Slice:
    """A page of rows with the cursors of its neighbours (None where there is none). `lost` says that a cursor was no place."""

    rows: list[Any]
    next: str | None
    previous: str | None
    lost: bool = False


def encode(values: Sequence[Any]) -> str:
    """A cursor of the values of a row: URL-safe, readable by `decode` alone."""
    plain = [v if isinstance(v, (int, str)) else v.isoformat() if isinstance(v, date) else str(v) for v in values]
    raw = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(raw: str, length: int) -> list[int | str] | None:
    """The values of a cursor, None for anything that is not one of this length."""
    if not raw or len(raw) > LONGEST:
        return None
    try:
        values = json.loads(base64.b64decode(raw + "=" * (-len(raw) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        return None
    if not isinstance(values, list) or len(values) != length:
        return None
    return values if all(isinstance(v, int) or (isinstance(v, str) and is_text(v)) for v in values) else None


class RowCompare(Func):
    """`(a, b, id) > (x, y, z)`, which PostgreSQL answers from an index on (a, b, id)."""

    def __init__(self, names: Sequence[str], operator: str, values: Sequence[Value]) -> None:
        super().__init__(*(F(name) for name in names), *values, output_field=BooleanField())
        self.operator, self.width = operator, len(names)

    def as_sql(self, compiler: SQLCompiler, connection: Any, *_: Any, **__: Any) -> tuple[str, tuple[Any, ...]]:
        compiled = [compiler.compile(part) for part in self.source_expressions]
        left = ", ".join(sql for sql, _ in compiled[: self.width])
        right = ", ".join(sql for sql, _ in compiled[self.width :])
        return f"({left}) {self.operator} ({right})", tuple(p for _, params in compiled for p in params)


def slice_of(rows: QuerySet[Any, Any], order: Order, *, size: int, after: str = "", before: str = "") -> Slice:
    """A page of `size` rows after one cursor or before another; the first page without. An invalid cursor gives the first page."""
    backwards = bool(before)
    place = _place(rows, order, before or after)
    lost = bool(before or after) and place is None
    if lost:
        backwards = False
    way = order.turned() if backwards else order
    beside = rows.filter(RowCompare(order.names, "<" if way.falling else ">", place)) if place is not None else rows
    found = list(beside.order_by(*(f"-{name}" if way.falling else name for name in order.names))[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found and place is not None:
        # Nothing stands beyond the cursor (the rows were changed, or the cursor was made up): the first page, which is said.
        return replace(slice_of(rows, order, size=size), lost=True)
    if not found:
        return Slice([], None, None, lost)
    has_next, has_previous = (True, more) if backwards else (more, place is not None)
    return Slice(
        rows=found,
        next=encode(values_of(found[-1], order)) if has_next else None,
        previous=encode(values_of(found[0], order)) if has_previous else None,
        lost=lost,
    )


def values_of(row: Any, order: Order) -> list[Any]:
    """The values that a row (an instance or a dict of `values()`) is sorted by. A null among them is a mistake of the order."""
    values = []
    for name in order.names:
        value = row.get(name) if isinstance(row, dict) else _attribute(row, name)
        if value is None:
            raise ValueError(f"rows cannot be paged by {name}: it is null in {row!r}")
        values.append(value)
    return values


def _attribute(row: Any, name: str) -> Any:
    for part in name.split("__"):
        row = getattr(row, part)
    return row


def _place(rows: QuerySet[Any, Any], order: Order, raw: str) -> list[Value] | None:
    values = decode(raw, len(order.names)) if raw else None
    if values is None:
        return None
    query = rows.all().query
    place = []
    for name, value in zip(order.names, values, strict=True):
        try:
            field = query.resolve_ref(name, allow_joins=True).output_field
            field = getattr(field, "target_field", field)
            read = field.to_python(value)
        except (ValidationError, FieldError, ValueError, TypeError):
            return None
        if read is None or (isinstance(read, int) and abs(read) >= 2**63) or (isinstance(read, Decimal) and not read.is_finite()):
            return None
        place.append(Value(read, output_field=field))
    return place
