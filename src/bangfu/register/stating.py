"""Statements about households that come from no file: what was decided, signed, seen. The register keeps them as evidence, and their facts from
their day on, by the rules of an import: what differs ends the fact before it, an older statement changes nothing, a blank erases nothing."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.apps import apps
from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.accounts.audit import note
from bangfu.foundation import changes, clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.updating import update_rows
from bangfu.register.acts import STATED
from bangfu.register.fields import Field, code_lists, fields
from bangfu.register.models import Evidence, Household, Membership, Source
from bangfu.register.models.base import HouseholdFact, PersonFact
from bangfu.register.problems import BAD_STATEMENT, UNKNOWN_HOUSEHOLD

BATCH = 2_000
_LEAVE = frozenset({"id", "path", "valid", "evidence", "pristine", "recorded_from", "household", "person"})


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody states of a household, or of one of its members, from a day on: fields of the register by key, values as the register keeps
    them (codes, days, numbers, yes or no)."""

    household: int
    facts: Mapping[str, Any]
    day: date
    person: int | None = None


@dataclass
class Stated:
    """What was done: the evidence by household, how many facts were changed, how many stood so already, how many a later statement keeps."""

    evidence: dict[int, int]
    changed: int = 0
    unchanged: int = 0
    older: int = 0


def state(actor: Actor, statements: Statement | Sequence[Statement], *, kind: str, source: str) -> Stated:
    """State facts of households and persons, with one piece of evidence of each household; all of them or none. Verdicts follow.

    `kind` says what the statement is, `source` names it. Raises BF-1222 for a household that the actor does not see, BF-1290 for a field or value
    that will not do, for a person who is no member and for a day to come, BF-1001 without `register.state`.
    """
    actor.require("register.state")
    listed = [statements] if isinstance(statements, Statement) else list(statements)
    for n, one in enumerate(listed, 1):
        _require_good(one, n)
    with acting(actor):
        proofs: dict[int, int] = {}
        for day in sorted({s.day for s in listed}):
            proofs |= plain_evidence(actor, [s.household for s in listed if s.day == day], kind=kind, source=source, day=day)
        members = set(
            Membership.objects.filter(household__in=proofs, person__in=[s.person for s in listed if s.person is not None])
            .on(clock.today())
            .values_list("household", "person")
        )
        paths = dict(Household.objects.filter(pk__in=proofs).values_list("pk", "path"))
        done = Stated(proofs)
        by_table: dict[str, list[tuple[Statement, dict[str, Any]]]] = {}
        for n, one in enumerate(listed, 1):
            if one.person is not None and (one.household, one.person) not in members:
                raise BAD_STATEMENT(
                    row=n, column=Text("人员", "person"), value=one.person, wanted=Text("须是该户成员", "a member")
                )
            for table, columns in _columns(one).items():
                by_table.setdefault(table, []).append((one, columns))
        for table, rows in by_table.items():
            _apply(table, rows, proofs, paths, done)
        note(actor, STATED, detail={"households": len(proofs), "rows": done.changed})
        changes.record(proofs, kind)
    return done


def _columns(one: Statement) -> dict[str, dict[str, Any]]:
    """The columns of each table that a statement speaks of."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in one.facts.items():
        field = fields()[key]
        found.setdefault(field.table or "", {})[field.column or ""] = value
    return found


def _require_good(one: Statement, row: int) -> None:
    if one.day > clock.today():
        wanted = Text("不能晚于今天", "no day to come")
        raise BAD_STATEMENT(row=row, column=Text("日期", "date"), value=one.day, wanted=wanted)
    for key, value in one.facts.items():
        field = fields().get(key)
        if field is None or field.table is None or _model(field) is None:
            raise BAD_STATEMENT(
                row=row, column=Text("字段", "field"), value=key, wanted=Text("登记簿中有日期的字段", "a dated field")
            )
        if (field.level == "person") != (one.person is not None):
            raise BAD_STATEMENT(row=row, column=field.title, value=value, wanted=Text("户或人的字段须对应", "of the right level"))
        if not _fits(field, value):
            raise BAD_STATEMENT(
                row=row, column=field.title, value=value, wanted=Text(f"类型 {field.type}", f"of type {field.type}")
            )


def _model(field: Field) -> type[HouseholdFact] | type[PersonFact] | None:
    found = apps.all_models["register"].get(field.table or "")
    return found if found is not None and issubclass(found, HouseholdFact | PersonFact) else None


def _fits(field: Field, value: Any) -> bool:
    """Whether a value is one of a field's type. A blank is none: what is known is not erased."""
    match field.type:
        case "code":
            return isinstance(value, str) and value in code_lists()[field.codes or ""]
        case "codes":
            known = code_lists()[field.codes or ""]
            return isinstance(value, list | tuple) and all(one in known for one in value)
        case "boolean":
            return isinstance(value, bool)
        case "date" | "month":
            return isinstance(value, date)
        case "integer" | "year" | "money":
            return isinstance(value, int) and not isinstance(value, bool)
        case "text":
            return isinstance(value, str) and len(value) <= (field.length or 200)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _apply(
    table: str,
    rows: Sequence[tuple[Statement, dict[str, Any]]],
    proofs: Mapping[int, int],
    paths: Mapping[int, str],
    done: Stated,
) -> None:
    model: Any = apps.all_models["register"][table]
    subject = "household" if issubclass(model, HouseholdFact) else "person"
    keys = [getattr(one, subject) for one, _ in rows]
    present = {getattr(r, f"{subject}_id"): r for r in model.objects.filter(**{f"{subject}__in": keys, "valid__upper_inf": True})}
    kept = [f.name for f in model._meta.concrete_fields if f.name not in _LEAVE]
    corrected, ended, fresh = [], [], []
    for one, columns in rows:
        row = present.get(getattr(one, subject))
        if row is not None and all(getattr(row, c) == v for c, v in columns.items()):
            done.unchanged += 1
        elif row is not None and row.valid.lower > one.day:
            done.older += 1
        elif row is not None and row.valid.lower == one.day:
            for column, value in columns.items():
                setattr(row, column, value)
            row.evidence_id = proofs[one.household]
            corrected.append(row)
            done.changed += 1
        else:
            values = {c: getattr(row, c) for c in kept} if row is not None else {}
            fresh.append(
                model(
                    path=paths[one.household],
                    valid=DateRange(one.day, None),
                    evidence_id=proofs[one.household],
                    **{f"{subject}_id": getattr(one, subject)},
                    **(values | columns),
                )
            )
            if row is not None:
                row.valid = DateRange(row.valid.lower, one.day)
                ended.append(row)
            done.changed += 1
    update_rows(corrected, [*kept, "evidence"])
    update_rows(ended, ["valid"])
    model.objects.bulk_create(fresh, batch_size=BATCH)


def plain_evidence(
    actor: Actor,
    households: Iterable[int],
    *,
    kind: str,
    source: str,
    day: date,
    content: bytes = b"",
    latitude: float | None = None,
    longitude: float | None = None,
) -> dict[int, int]:
    """Keep one piece of evidence of each of some households that changes no fact: a photograph, a signed page, a visit. Gives their keys.

    `kind` says what it is, `source` names it in a word, `day` is when it was so. `content` is what was handed in: its digest tells whether two
    pieces are of one paper. Raises BF-1201 for a household that the actor does not see.
    """
    wanted = sorted(set(households))
    with acting(actor):
        paths = dict(Household.objects.visible_to(actor).filter(pk__in=wanted).values_list("pk", "path"))
        for key in wanted:
            if key not in paths:
                raise UNKNOWN_HOUSEHOLD(household=key)
        if not wanted:
            return {}
        digest = hashlib.blake2b(content or uuid.uuid4().bytes, digest_size=32, person=b"bangfu.shown").digest()
        known = Source.objects.filter(kind=kind, digest=digest).first()
        paper = known or Source.objects.create(
            kind=kind, name=source[:200], digest=digest, size=len(content), data_date=day, rows=len(wanted), actor=actor.name[:60]
        )
        made = Evidence.objects.bulk_create(
            [
                Evidence(
                    kind=kind,
                    source=paper,
                    actor=actor.name[:60],
                    happened_on=day,
                    recorded_at=clock.now(),
                    path=paths[key],
                    household=key,
                    digest=digest[:16],
                    latitude=latitude,
                    longitude=longitude,
                )
                for key in wanted
            ],
            batch_size=BATCH,
        )
    return {e.household: e.pk for e in made}
