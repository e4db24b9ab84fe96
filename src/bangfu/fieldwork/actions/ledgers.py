"""Ledgers of visits come in: whole or not at all, each visit once whatever file it comes in. The set form is the implementation: a county's month goes in at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
from django.db import connection

from bangfu.accounts.audit import note
from bangfu.cases.actions.writing import one_at_a_time
from bangfu.fieldwork import acts
from bangfu.fieldwork.actions.applying import CAUSE, KINDS
from bangfu.fieldwork.ledger import Line, columns, read_ledger
from bangfu.fieldwork.models import VisitLedger
from bangfu.fieldwork.models.inbox import WORDS
from bangfu.fieldwork.problems import BAD_LEDGER, NO_LEDGER
from bangfu.foundation import changes, clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.copying import copy_in
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import encrypt_many
from bangfu.register.stating import plain_evidence_staged

PERMISSION = "visit.record"
ONE_LEDGER = 2644  # advisory lock: of two imports of one ledger the second finds what the first has taken
SHOWN = 100  # wrong rows that are told at once
STAGE = "visits_told"
OUTSIDE = Text("本辖区内的户编号", "the number of a household of your area")
NO_OFFICER = Text("当天在职人员的工号", "the number of an officer who served that day")
NOT_THEN = Text("该户在这一天有成员", "a day on which the household had members")
EMPTY = Text("里面一行也没有", "it has no row")
_STAGE = f"""CREATE TEMPORARY TABLE {STAGE} (row integer PRIMARY KEY, number text, day date, began_at timestamptz, minutes smallint, mode text, answered text,
  away boolean, leader text, present text, words bytea, household bigint, path text, officers bigint[], worker text, by_user bigint, evidence bigint) ON COMMIT DROP"""
SCHEMA = pa.schema(
    [
        ("row", pa.int32()), ("number", pa.string()), ("day", pa.date32()), ("began_at", pa.timestamp("s", "UTC")), ("minutes", pa.int16()),
        ("mode", pa.string()), ("answered", pa.string()), ("away", pa.bool_()), ("leader", pa.string()), ("present", pa.string()), ("words", pa.string()),
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taken:
    """What a ledger brought: its lines, the visits that are new, those that were there already; what was wrong, and headings that nobody knows."""

    lines: int
    new: int
    known: int
    problems: Sequence[Problem] = ()
    unknown: Sequence[str] = ()


def import_ledger(actor: Actor, path: Path) -> Taken:
    """Take a ledger in from a file: all of its visits, or none where any cell is wrong (`problems` then says which).

    Raises what `read_ledger` raises, BF-2647 for an empty one, BF-1001 without `visit.record`.
    """
    actor.require(PERMISSION)
    ledger = read_ledger(path, clock.today())
    if ledger.problems:
        return Taken(len(ledger.lines), 0, 0, ledger.problems, ledger.unknown)
    if not ledger.lines:
        raise NO_LEDGER(why=EMPTY)
    taken = record_visits(actor, _table(ledger.lines), name=path.name[:120], digest=ledger.digest)
    return Taken(taken.lines, taken.new, taken.known, taken.problems, ledger.unknown)


def record_visits(actor: Actor, told: pa.Table, *, name: str, digest: bytes = b"") -> Taken:
    """Record visits that were made, from a table of `SCHEMA`: `number` of the household, `leader` and `present` (numbers of officers, with blanks between; the
    leader is there where one is named), `words` in the clear.

    A visit of the same household on the same day that came by a ledger is known. All are written or none: `problems` says what is wrong, of the first hundred
    rows. Raises BF-1001 without `visit.record`.
    """
    actor.require(PERMISSION)
    sealed = encrypt_many([json.dumps({"words": w}, ensure_ascii=False) if w else None for w in told["words"].to_pylist()], WORDS)
    staged = told.cast(SCHEMA).set_column(
        told.schema.get_field_index("words"),
        "words",
        pa.array([None if s is None else f"\\x{bytes(s).hex()}" for s in sealed], pa.string()),
    )
    with acting(actor), connection.cursor() as cursor:
        one_at_a_time(ONE_LEDGER)
        cursor.execute(_STAGE)
        copy_in(STAGE, staged)
        cursor.execute(_PLACED, {"scope": actor.scope})
        cursor.execute(_CROWD)
        cursor.execute(f"ANALYZE {STAGE}")
        if problems := list(_wrong()):
            cursor.execute(f"DROP TABLE {STAGE}")
            return Taken(told.num_rows, 0, 0, problems)
        known = 0
        for statement in (_KNOWN, _TWICE):
            cursor.execute(statement)
            known += cursor.rowcount
        cursor.execute(f"SELECT count(*), max(day) FROM {STAGE}")
        new, last = cursor.fetchone() or (0, None)
        if last is not None:
            _write(actor, name, digest or _digest(staged), new, last)
        cursor.execute(f"DROP TABLE {STAGE}")
        note(actor, acts.LEDGER, detail={"rows": told.num_rows, "new": new})
        if new:
            changes.nudge(CAUSE)
    return Taken(told.num_rows, new, known)


_PLACED = f"""UPDATE {STAGE} t SET household = h.id, path = h.path FROM register_household h
WHERE h.sort = 'farming' AND h.number = t.number AND h.path >= %(scope)s AND h.path < %(scope)s || '~'"""
# The officers of each row in the order in which it names them, the leader first; who is not in service that day is not among them.
_CROWD = f"""UPDATE {STAGE} t SET officers = c.officers, worker = c.worker, by_user = c.by_user FROM (
  SELECT s.row, array_agg(o.id ORDER BY n.place) AS officers, (array_agg(o.name ORDER BY n.place))[1] AS worker, (array_agg(o.user_id ORDER BY n.place))[1] AS by_user
  FROM {STAGE} s CROSS JOIN LATERAL unnest(string_to_array(concat_ws(' ', nullif(s.leader, ''), nullif(s.present, '')), ' ')) WITH ORDINALITY n(number, place)
  JOIN command_officer o ON o.number = n.number AND o.valid @> s.day GROUP BY s.row) c WHERE c.row = t.row"""
_KNOWN = f"DELETE FROM {STAGE} t USING fieldwork_visit v WHERE v.household_id = t.household AND v.day = t.day"
_TWICE = f"""DELETE FROM {STAGE} t USING (SELECT row, row_number() OVER (PARTITION BY household, day ORDER BY row) AS n FROM {STAGE}) s WHERE s.row = t.row AND s.n > 1"""


def _wrong() -> Iterable[Problem]:
    """What the county knows otherwise, of the first rows: households outside, days on which they had no members, officers who did not serve."""
    known = columns()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT row, number FROM {STAGE} WHERE household IS NULL ORDER BY row LIMIT {SHOWN}")
        for row, number in cursor.fetchall():
            yield BAD_LEDGER(row=row, column=known["household"].title, value=number, wanted=OUTSIDE)
        cursor.execute(
            f"""SELECT t.row, t.day FROM {STAGE} t WHERE t.household IS NOT NULL AND NOT EXISTS (SELECT FROM register_membership m
                WHERE m.household_id = t.household AND m.sort = 'farming' AND m.valid @> t.day) ORDER BY t.row LIMIT {SHOWN}"""
        )
        for row, day in cursor.fetchall():
            yield BAD_LEDGER(row=row, column=known["day"].title, value=str(day), wanted=NOT_THEN)
        cursor.execute(
            f"""SELECT t.row, n.number, n.number = t.leader FROM {STAGE} t
                CROSS JOIN LATERAL unnest(string_to_array(concat_ws(' ', nullif(t.leader, ''), nullif(t.present, '')), ' ')) n(number)
                WHERE coalesce(cardinality(t.officers), 0) < cardinality(string_to_array(concat_ws(' ', nullif(t.leader, ''), nullif(t.present, '')), ' '))
                  AND NOT EXISTS (SELECT FROM command_officer o WHERE o.number = n.number AND o.valid @> t.day) ORDER BY t.row LIMIT {SHOWN}"""
        )
        for row, number, leads in cursor.fetchall():
            yield BAD_LEDGER(row=row, column=known["leader" if leads else "companions"].title, value=number, wanted=NO_OFFICER)


def _write(actor: Actor, name: str, digest: bytes, new: int, last: date) -> None:
    plain_evidence_staged(actor, STAGE, kind=KINDS["visit"], source=name, digest=digest, day=last, rows=new)
    ledger = VisitLedger.objects.create(path=actor.scope, name=name, digest=digest, rows=new, actor=actor.name[:60])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO fieldwork_visit (path, household_id, ledger_id, day, source, mode, user_id, worker, leader, answered, away, words, signed, questions,
                                             present, began_at, minutes, recorded_from)
                SELECT path, household, %s, day, 'visit', mode, by_user, left(worker, 60), leader <> '', answered, away, words, '', 0, officers, began_at, minutes, %s
                FROM {STAGE} ORDER BY row""",
            [ledger.pk, clock.now()],
        )


def _digest(table: pa.Table) -> bytes:
    """A digest of what a table says, where no file stands behind it."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as out:
        out.write_table(table)
    return hashlib.sha256(memoryview(sink.getvalue())).digest()


def _table(lines: Sequence[Line]) -> pa.Table:
    zone = clock.zone()
    return pa.Table.from_pylist(
        [
            {
                "row": line.row, "number": line.household, "day": line.day, "began_at": datetime.combine(line.day, line.began, zone) if line.began else None,
                "minutes": line.minutes, "mode": line.mode, "answered": line.answered, "away": line.away, "leader": line.leader,
                "present": " ".join(line.companions), "words": line.words,
            }
            for line in lines
        ],
        schema=SCHEMA,
    )  # fmt: skip
