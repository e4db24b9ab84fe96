"""Which tables lie in the lake: each package declares its own in `lake.py`.

The lake has keys and derived columns, never names or numbers of persons: binary columns (ciphertext, keyed hashes) are left out by
type, and what else is personal by `without`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import duckdb
from django.contrib.postgres.fields import DateRangeField
from django.db import models

from bangfu.foundation.extension import ExtensionPoint
from bangfu.foundation.problems import Problem

HOUSEHOLD, PERSON = "household", "person"
WHOLE = "whole"  # a small table that hangs on no household: it is written anew whenever it has changed

# Whoever is or was a member of households: their rows may have changed with them. The register answers.
members_of: ExtensionPoint[[list[int]], list[int]] = ExtensionPoint("members_of")

# Views that packages lay over the lake for their figures: asked with the connection and the day. The answer names what lacks on that day,
# tables that the provider has made empty, and why: figures that read them are not counted.
views_for_figures: ExtensionPoint[[duckdb.DuckDBPyConnection, date], Mapping[str, Problem]] = ExtensionPoint("views_for_figures")


@dataclass(frozen=True, slots=True)
class LakeTable:
    """A table of the lake: its rows belong to a `subject` (household or person) named by a column, replaced whole by a delta."""

    name: str
    source: str
    subject: str
    subject_column: str
    select: tuple[tuple[str, str], ...]
    temporal: bool
    has_history: bool

    @property
    def columns(self) -> list[str]:
        """The columns in the lake, recorded time last."""
        return [name for name, _ in self.select] + ["recorded_from", "recorded_until"]


_tables: dict[str, LakeTable] = {}


def declare(
    model: type[models.Model],
    *,
    name: str | None = None,
    subject: str = HOUSEHOLD,
    subject_column: str | None = None,
    without: Iterable[str] = (),
    has_history: bool = True,
) -> LakeTable:
    """Put a model's table into the lake. A date range becomes `<field>_from`, `<field>_to`; a foreign key loses its `_id`."""
    select: list[tuple[str, str]] = []
    temporal = False
    leave = {*without, "recorded_from", "pristine"}
    for field in model._meta.concrete_fields:
        if field.name in leave or isinstance(field, models.BinaryField):
            continue
        column = field.column or field.name
        if isinstance(field, DateRangeField):
            select += [(f"{field.name}_from", f"lower({column})"), (f"{field.name}_to", f"upper({column})")]
            temporal = temporal or field.name == "valid"
        elif isinstance(field, models.DecimalField):
            select.append((field.name, f"{column}::float8"))
        else:
            select.append((field.name, column))
    table = LakeTable(
        name=name or model._meta.model_name or "",
        source=model._meta.db_table,
        subject=subject,
        subject_column=subject_column or subject,
        select=tuple(select),
        temporal=temporal,
        has_history=has_history,
    )
    _tables[table.name] = table
    return table


def tables() -> dict[str, LakeTable]:
    """Every declared table by name."""
    return dict(_tables)
