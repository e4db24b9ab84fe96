"""What was known of a household on a day, and what changed since, with evidence: the side that a blind re-visit is held against."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from bangfu.campaigns.models import COUNTED, VisitCampaign
from bangfu.fieldwork.actions.applying import form_of
from bangfu.fieldwork.models import FormVersion, Submission, Visit
from bangfu.fieldwork.telling import told_by
from bangfu.register.dated import HOUSEHOLD_FACTS
from bangfu.register.fields import Field, fields
from bangfu.supervision.comparing import Change, Value
from bangfu.supervision.values import compared


@dataclass(frozen=True, slots=True)
class Known:
    """A fact as it was known: its value on the day, and the changes after it in the order of days."""

    value: Value
    changes: list[Change] = field(default_factory=list)


def first_visits(households: Collection[int], until: date, campaign: VisitCampaign | None = None) -> dict[int, Visit]:
    """The visits that re-visits check, by household: the last at which somebody was met, up to a day; of a campaign where there is one."""
    rows = Visit.objects.filter(household__in=households, source__in=COUNTED, away=False, day__lte=until).exclude(
        answered="nobody"
    )
    if campaign is not None:
        rows = rows.filter(day__gte=campaign.campaign.valid.lower, day__lt=campaign.campaign.valid.upper)
    last = rows.select_related("submission").order_by("household", "-day", "-pk").distinct("household")
    return {v.household_id: v for v in last}


def known_on(days: Mapping[int, date], keys: Iterable[str], first: Mapping[int, Visit]) -> dict[int, dict[str, Known]]:
    """Facts of households as the register has them of a day (by household); what the form of the first visit told goes before it."""
    by_table: dict[str, list[Field]] = {}
    for key in keys:
        known = fields()[key]
        if known.table in HOUSEHOLD_FACTS and known.column:
            by_table.setdefault(known.table, []).append(known)
    found: dict[int, dict[str, Known]] = {h: {} for h in days}
    for table, wanted in by_table.items():
        columns = ", ".join(f'"{f.column}"' for f in wanted)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT household_id, lower(valid), upper(valid), evidence_id, {columns} FROM register_{table} WHERE household_id = ANY(%s) ORDER BY valid",
                [list(days)],
            )
            rows = cursor.fetchall()
        of: dict[int, list[tuple[Any, ...]]] = {h: [] for h in days}
        for row in rows:
            of[row[0]].append(row[1:])
        for household, day in days.items():
            found[household] |= {one.key: _known(one.key, of[household], n, day) for n, one in enumerate(wanted, 3)}
    for household, visit in first.items():
        told = _told_at(visit.submission) if visit.submission is not None else {}
        for key, value in told.items():
            if key in found.get(household, {}):
                found[household][key] = Known(compared(key, value), found[household][key].changes)
    return found


def _known(key: str, rows: list[tuple[Any, ...]], n: int, day: date) -> Known:
    """A fact from the rows of its table: first day, last day, evidence and its value in column `n`."""
    held = next((r[n] for r in rows if (r[0] is None or r[0] <= day) and (r[1] is None or day < r[1])), None)
    changes = [Change(r[0], compared(key, r[n]), str(r[2])) for r in rows if r[0] is not None and r[0] > day and r[2]]
    return Known(compared(key, held), changes)


def _told_at(row: Submission) -> dict[str, object]:
    """The facts of the household that a submission told."""
    version = FormVersion.objects.filter(form__key=row.form, version=row.version).first()
    if version is None:
        return {}
    return dict(told_by(form_of(version.md5, version), row.read.answers, fields()).facts)
