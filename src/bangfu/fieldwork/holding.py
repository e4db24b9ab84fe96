"""What the register has of the facts that a submission tells, now and at the base that the submission was made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Max

from bangfu.fieldwork.merging import Held
from bangfu.foundation import clock
from bangfu.register.dated import HOUSEHOLD_FACTS, PERSON_FACTS
from bangfu.register.fields import Field, fields
from bangfu.register.models import Evidence

NOTHING = Held(None, None, None, None)


def base_of(household: int, told: int | None, day: date) -> int:
    """The base of a submission: what its list said; else the newest evidence that was recorded before the day that the submission is of. A version that the household never had is no base:
    nothing is known then to its worker, and whatever differs is to be chosen."""
    if told is not None:
        return told if Evidence.objects.filter(pk=told, household=household).exists() else 0
    before = clock.moment(day).replace(hour=0, minute=0)
    found = Evidence.objects.filter(household=household, recorded_at__lt=before).aggregate(newest=Max("id"))
    return int(found["newest"] or 0)


def held_facts(level: str, subject: int, keys: Iterable[str], base: int) -> dict[str, Held]:
    """The facts of a household or a person: the present value with its day and evidence, and the value at the base."""
    by_table: dict[str, list[Field]] = {}
    for key in keys:
        known = fields()[key]
        if known.table and known.column:
            by_table.setdefault(known.table, []).append(known)
    found: dict[str, Held] = {}
    for table, wanted in by_table.items():
        present = _row(table, level, subject, wanted, None)
        before = _row(table, level, subject, wanted, base)
        for known in wanted:
            if present is None:
                found[known.key] = NOTHING
            else:
                column = known.column or ""
                found[known.key] = Held(
                    present[column], present["happened_on"], present["evidence_id"], before[column] if before else None
                )
    return found


def _row(table: str, level: str, subject: int, wanted: Iterable[Field], base: int | None) -> Mapping[str, Any] | None:
    """The row of a table of dated facts that holds now; with a base, the one that held when that evidence was the newest: among present rows and those
    that were corrected since, the one of the newest evidence up to it."""
    columns = ", ".join(f'r."{f.column}"' for f in wanted)
    own = f"register_{table}"
    if base is None:
        source, condition = own, "upper_inf(r.valid)"
    else:
        listed = ", ".join(f'"{f.column}"' for f in wanted)
        rows = f"SELECT {level}_id, evidence_id, recorded_from, {listed} FROM"
        source, condition = f"({rows} {own} UNION ALL {rows} {own}_history)", f"r.evidence_id <= {int(base)}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns}, r.evidence_id, e.happened_on FROM {source} r JOIN register_evidence e ON e.id = r.evidence_id "
            f"WHERE r.{level}_id = %s AND {condition} ORDER BY r.evidence_id DESC, r.recorded_from DESC LIMIT 1",
            [subject],
        )
        row = cursor.fetchone()
        return dict(zip([c.name for c in cursor.description or ()], row, strict=True)) if row else None


def is_stated(key: str) -> bool:
    """Whether a field is one of the dated facts, which a statement writes."""
    known = fields().get(key)
    return known is not None and known.table in (*HOUSEHOLD_FACTS, *PERSON_FACTS)
