"""An income sheet that a submission tells: merged line by line with the sheet that the register has of the same days."""

from __future__ import annotations

import json
from datetime import date

from bangfu.fieldwork.holding import base_of
from bangfu.fieldwork.merging import CHOOSE, STAY, Held, merged
from bangfu.fieldwork.models import Conflict, Submission
from bangfu.fieldwork.models.inbox import VALUE
from bangfu.fieldwork.problems import NO_INCOME_DAYS
from bangfu.fieldwork.telling import Told
from bangfu.foundation.actor import Actor
from bangfu.foundation.secrecy import encrypt_many
from bangfu.register.income_recording import Line, record_income_sheet, sheet_of
from bangfu.register.income_sources import LineSource
from bangfu.register.models import Evidence, Household, IncomeItem


def record_income(by: Actor, row: Submission, home: Household, told: Told, day: date, own: frozenset[int]) -> list[Conflict]:
    """Write the sheet; gives the lines that contradict the register. Lines that the submission does not name stay as they are.

    Raises BF-2631 where the days lack, and BF-1281 to BF-1284 of the register.
    """
    first, last = told.income_days.get("from"), told.income_days.get("to")
    if first is None or last is None:
        raise NO_INCOME_DAYS()
    sheet = sheet_of(home.pk, (first, last))
    rows = (
        list(IncomeItem.objects.filter(sheet=sheet).values_list("item", "fen", "evidence", "source")) if sheet is not None else []
    )
    days = dict(Evidence.objects.filter(pk__in={e for _, _, e, _ in rows}).values_list("pk", "happened_on"))
    base = base_of(home.pk, told.visit.get("base"), day)
    present = {item: Line(item, fen, LineSource.from_json(source)) for item, fen, _, source in rows}
    lines = dict(present)
    found = []
    for item, fen in told.income.items():
        there = next(((f, e) for i, f, e, _ in rows if i == item), None)
        if there is None:
            lines[item] = Line(item, fen)
            continue
        was, evidence = there
        # A line that is newer than what the worker had was not theirs to see: they had none, or another.
        held = Held(was, days.get(evidence), evidence, was if evidence <= base else None)
        outcome = merged(fen, held, day, own)
        if outcome == CHOOSE:
            sealed = encrypt_many([json.dumps(fen), json.dumps(was)], VALUE)
            found.append(
                Conflict(
                    path=home.path, household=home, fact=f"income.{item}", told=sealed[0], held=sealed[1], day=day, held_on=held.day or day,
                    held_evidence=evidence,
                )
            )  # fmt: skip
        elif outcome != STAY:
            lines[item] = Line(item, fen)
    if lines != present:
        record_income_sheet(by, home.pk, (first, last), list(lines.values()), day=day)
    return found
