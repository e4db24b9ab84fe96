"""An income sheet that a submission tells: merged line by line with the sheet that the register has of the same days."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from bangfu.fieldwork.holding import base_of
from bangfu.fieldwork.merging import CHOOSE, STAY, Held, merged
from bangfu.fieldwork.models import Conflict, Submission
from bangfu.fieldwork.models.inbox import VALUE
from bangfu.fieldwork.problems import NO_INCOME_DAYS
from bangfu.fieldwork.telling import Told
from bangfu.foundation.actor import Actor
from bangfu.foundation.secrecy import encrypt_many
from bangfu.register.income import lines
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
    items = IncomeItem.objects.filter(sheet=sheet).values_list("item", "fen", "evidence", "source") if sheet is not None else []
    held = {item: (Line(item, fen, LineSource.from_json(source)), evidence) for item, fen, evidence, source in items}
    days = dict(Evidence.objects.filter(pk__in={e for _, e in held.values()}).values_list("pk", "happened_on"))
    base = base_of(home.pk, told.visit.get("base") if row.keys_here else None, day)
    settled = {item: line for item, (line, _) in held.items()}
    found = []
    for there, given in _matters(held, told.income):
        if not there:
            settled |= {item: Line(item, fen) for item, fen in given.items()}
            continue
        was, evidence = sum(held[item][0].fen for item in there), max(held[item][1] for item in there)
        # What is newer than the worker's list was not theirs to see: they had none, or another.
        known = Held(was, days.get(evidence), evidence, was if evidence <= base else None)
        outcome = merged(sum(given.values()), known, day, own)
        if outcome == CHOOSE:
            sealed = encrypt_many([json.dumps(sum(given.values())), json.dumps(was)], VALUE)
            found.append(
                Conflict(
                    path=home.path, household=home, fact=f"income.{there[0]}", told=sealed[0], held=sealed[1], day=day, held_on=known.day or day,
                    held_evidence=evidence,
                )
            )  # fmt: skip
        elif outcome != STAY or (len(there), *there) != (len(given), *given):
            for item in there:
                del settled[item]
            settled |= {item: Line(item, fen) for item, fen in given.items()}
    if settled != {item: line for item, (line, _) in held.items()}:
        record_income_sheet(by, home.pk, (first, last), list(settled.values()), day=day)
    return found


def _matters(held: Mapping[str, Any], told: Mapping[str, int]) -> Iterator[tuple[list[str], dict[str, int]]]:
    """What is to be held against each other: line against line; where one side has a sum that was not broken down, all of its field against all of it."""
    fields = {item: lines()[item].field for item in (*held, *told)}
    for name in dict.fromkeys(fields[item] for item in told):
        there = [item for item in held if fields[item] == name]
        given = {item: fen for item, fen in told.items() if fields[item] == name}
        if any(not lines()[item].line for item in (*there, *given)) and there:
            yield there, given
        else:
            for item, fen in given.items():
                yield ([item] if item in held else []), {item: fen}
