"""Facts of households are stated: by a decision, a visit, a department. And evidence is added, and a household ends.

A statement follows the rules of the import (`dated.py`), whatever day it is of.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.accounts.audit import note
from bangfu.foundation import changes, clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.acts import Act
from bangfu.foundation.hiding import Known
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.register.acts import EVIDENCE, HOUSEHOLD_END, STATE
from bangfu.register.dated import HOUSEHOLD_FACTS, PERSON_FACTS, SQL_TYPES, dated_table, kept_columns
from bangfu.register.evidence_kinds import KIND_LENGTH
from bangfu.register.fields import Field, code_lists, fields, title_of
from bangfu.register.importing.planning import REGISTERING
from bangfu.register.importing.run import ONE_AT_A_TIME
from bangfu.register.models import Evidence, Household, Kind, Membership, Registration, Source
from bangfu.register.problems import (
    BAD_STATED,
    DAY_TO_COME,
    NEWER_MEMBERS,
    NOT_A_MEMBER,
    NOT_ALONE,
    NOT_REGISTERED_THEN,
    NOT_TO_STATE,
    OTHER_LEVEL,
    UNKNOWN_FIELD,
    UNKNOWN_HOUSEHOLD,
)
from bangfu.register.sorts import FARMING
from bangfu.register.stated_values import Unfit, value_of

PERMISSION = "register.state"
TABLES = (*HOUSEHOLD_FACTS, *PERSON_FACTS)
NAME_LENGTH, DIGEST_LENGTH = 200, 32  # of a source
IMPORTED = "import"  # the kind by which an import tells what it has read before
ENTERING = ("birth", "marriage_in", "moved_in", "adopted")  # reasons by which nobody leaves
PLACES = {"latitude": (Text("纬度", "latitude"), 90), "longitude": (Text("经度", "longitude"), 180)}
LEVELS = {"household": Text("全户", "household"), "person": Text("个人", "person")}


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody states of a household, or of a member (`person`), from a day on.

    `facts`: keys of fields.yaml with values in internal form (codes, dates, bools, whole numbers, money in fen); None states nothing.
    `latitude` and `longitude`, in degrees: where it was stated.
    """

    household: int
    facts: Mapping[str, Any]
    day: date
    person: int | None = None
    latitude: float | None = None
    longitude: float | None = None

    @property
    def subject(self) -> tuple[str, int]:
        """Of whom it speaks: level and key."""
        return ("household", self.household) if self.person is None else ("person", self.person)


@dataclass(frozen=True, slots=True)
class Stated:
    """What became of statements.

    `evidence` by household (that of its own statement where it has one, else of its first member's), `persons` by member. `changed` counts
    the statements that changed something, `unchanged` the others. `older`: by household the fields which something later keeps as they are.
    """

    evidence: dict[int, int] = field(default_factory=dict)
    persons: dict[int, int] = field(default_factory=dict)
    changed: int = 0
    unchanged: int = 0
    older: dict[int, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ended:
    """That a household ended: the evidence, and how many members it had."""

    evidence: int
    members: int


@dataclass(frozen=True, slots=True)
class _Said:
    """A statement that was held to its form: its values by table and column, and its row where there are several."""

    statement: Statement
    values: dict[str, dict[str, Any]]
    row: dict[str, int]

    @property
    def keys(self) -> set[str]:
        return {key for key, value in self.statement.facts.items() if value is not None}


def state(
    actor: Actor, statements: Statement | Sequence[Statement], *, kind: str, source: str, digest: bytes | None = None
) -> Stated:
    """State facts of households and their members: all statements or none. Several come to the same as one after the other.

    What differs ends the fact before it on the statement's day; on the day of the evidence behind the fact it corrects it; one that is older
    changes nothing. What is not stated is carried over. Each statement is kept as evidence of its `kind`, whatever it changes; `source` is
    what people call the paper or the visit, `digest` that of its file. Who is said not to be monitored (`household_kind`) no longer is.

    Raises BF-1001 without `register.state`, BF-1222 for a household that the actor does not see, BF-1289 to BF-1296; ValueError for a
    subject that is stated twice in one call and for a kind or a source without form.
    """
    actor.require(PERMISSION)
    listed = [statements] if isinstance(statements, Statement) else list(statements)
    twice = [subject for subject, count in Counter(s.subject for s in listed).items() if count > 1]
    if twice:
        raise ValueError(f"{' '.join(map(str, twice[0]))} is stated twice")
    _require_source(kind, source, digest)
    said = [_checked(s, {"row": n} if len(listed) > 1 else {}) for n, s in enumerate(listed, 1)]
    if not said:
        return Stated()
    with acting(actor):
        homes = _homes(actor, said)
        _require_members(said, homes)
        _require_kind(said)
        evidence = _evidence(actor, said, homes, kind, source, digest)
        changed, older = _write(said, homes, evidence)
        households = {s.statement.household for s in said if s.statement.subject in changed}
        changes.record(households, cause=kind)
        detail = {"kind": kind, "households": len(homes), "statements": len(said), "changed": len(changed)}
        _note(actor, STATE, list(homes.values()), detail)
    done = Stated(changed=len(changed), unchanged=len(said) - len(changed), older=older)
    for s, e in zip(said, evidence, strict=True):
        if s.statement.person is None:
            done.evidence[s.statement.household] = e.pk
        else:
            done.persons[s.statement.person] = e.pk
    for s, e in zip(said, evidence, strict=True):
        done.evidence.setdefault(s.statement.household, e.pk)
    return done


def plain_evidence(
    actor: Actor,
    household: int,
    *,
    kind: str,
    source: str,
    day: date,
    digest: bytes | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
) -> Evidence:
    """Keep evidence about a household that changes no fact: a photo, a signed page, minutes.

    Raises BF-1001 without `register.state`, BF-1222, BF-1292 for a place that is none, BF-1294 for a day to come.
    """
    there = Statement(household, {}, day, latitude=latitude, longitude=longitude)
    return _plain(actor, [there], kind=kind, source=source, digest=digest)[0]


def plain_evidence_of(
    actor: Actor, households: Iterable[int], *, kind: str, source: str, day: date, digest: bytes | None = None
) -> dict[int, Evidence]:
    """Keep one paper as evidence about each of many households; by household. Raises as `plain_evidence`, and then keeps none."""
    listed = [Statement(household, {}, day) for household in dict.fromkeys(households)]
    return {e.household: e for e in _plain(actor, listed, kind=kind, source=source, digest=digest)}


def plain_evidence_staged(actor: Actor, stage: str, *, kind: str, source: str, digest: bytes, day: date, rows: int) -> None:
    """Keep one paper as evidence of each row of a temporary table: the set form, for a hundred thousand rows.

    `stage` has `row`, `household` (its key), `day` and `evidence`, which is filled; `rows` is how many it has, `day` the last of its days. The caller holds that the
    households are the actor's. Raises BF-1001 without `register.state`, BF-1294 for a day to come.
    """
    actor.require(PERMISSION)
    _require_source(kind, source, digest)
    _require_come(day)
    with acting(actor), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [ONE_AT_A_TIME])
        stands = _source(actor, kind, source, digest, day, rows)
        seal = hashlib.blake2b(digest, digest_size=16, person=b"bangfu.stated").digest()
        cursor.execute(
            f"""WITH made AS (
                  INSERT INTO register_evidence (kind, source_id, row, actor, happened_on, path, household, digest)
                  SELECT %s, %s, t.row, %s, t.day, h.path, h.id, %s FROM {stage} t JOIN register_household h ON h.id = t.household
                  RETURNING id, row)
                UPDATE {stage} t SET evidence = made.id FROM made WHERE made.row = t.row""",
            [kind, stands.pk, actor.name, seal],
        )
        note(actor, EVIDENCE, detail={"kind": kind, "households": rows})


def leaving_reasons() -> dict[str, Text]:
    """The reasons by which people leave a household, and so a household ends, with what they are called."""
    return {key: code.title() for key, code in code_lists()["change_reason"].items() if key not in ENTERING}


def end_household(
    actor: Actor, household: int, *, day: date, reason: str, kind: str, source: str, digest: bytes | None = None
) -> Ended:
    """A farming household ends: from the day on nobody is its member, and it is judged no longer. What was true of it stays.

    `reason`: a code of `change_reason` by which people leave. Raises BF-1001 without `register.state`, BF-1222, BF-1292 for another
    reason, BF-1294 for a day to come, BF-1295 where it has no members on the day, BF-1297 where what is known of them is newer.
    """
    actor.require(PERMISSION)
    _require_source(kind, source, digest)
    _require_come(day)
    said = _Said(Statement(household, {}, day), {}, {})
    leaving = leaving_reasons()
    if reason not in leaving:
        wanted = Text("离户原因之一：{codes}", "a reason of leaving: {codes}").format(codes=", ".join(leaving))
        raise BAD_STATED(column=fields()["change_reason"].title, value=_shown(reason), expected=wanted)
    with acting(actor):
        home = _homes(actor, [said])[household]
        held = Membership.objects.filter(household=home, sort=FARMING)
        _require_members([said], {household: home})
        newest, began = _newest(home)
        if newest > day or began >= day:
            raise NEWER_MEMBERS(household=Known(home.number), day=day, newest=newest)
        (evidence,) = _evidence(actor, [said], {household: home}, kind, source, digest)
        members = list(held.filter(valid__upper_inf=True))
        for member in members:
            member.valid, member.end_reason = DateRange(member.valid.lower, day), reason
        Membership.objects.bulk_update(members, ["valid", "end_reason"])
        changes.record([household], cause=kind)
        _note(actor, HOUSEHOLD_END, [home], {"kind": kind, "members": len(members), "reason": reason})
    return Ended(evidence.pk, len(members))


def ends_from(actor: Actor, household: int) -> date | None:
    """The first day from which a household can end by what is known of its members; None where none was ever its member."""
    with acting(actor):
        if not Membership.objects.filter(household=household, sort=FARMING).exists():
            return None
        newest, began = _newest(household)
    return max(newest, began + timedelta(1))


def _newest(household: Household | int) -> tuple[date, date]:
    """The newest day of which something is known of the members of a household, and the last on which somebody came to it."""
    known = list(Membership.objects.filter(household=household, sort=FARMING).values_list("valid", "evidence"))
    told = Evidence.objects.filter(pk__in={e for valid, e in known if valid.upper is None}).values_list("happened_on", flat=True)
    newest = max([*told, *(valid.upper or valid.lower for valid, _ in known)])
    return newest, max(valid.lower for valid, _ in known)


# --- what will do


def _require_source(kind: str, source: str, digest: bytes | None) -> None:
    if not 1 <= len(kind) <= KIND_LENGTH or kind == IMPORTED:
        raise ValueError(f"a kind of evidence has 1 to {KIND_LENGTH} characters and is not that of an import")
    if not 1 <= len(source) <= NAME_LENGTH:
        raise ValueError(f"the name of a source has 1 to {NAME_LENGTH} characters")
    if digest is not None and not 1 <= len(digest) <= DIGEST_LENGTH:
        raise ValueError(f"the digest of a source has 1 to {DIGEST_LENGTH} bytes")


def _require_come(day: date, **row: int) -> None:
    if day > clock.today():
        raise DAY_TO_COME(day=day, **row)


def _shown(value: Any) -> str:
    return str(value)[:60]


def _checked(statement: Statement, row: dict[str, int]) -> _Said:
    """A statement with its values by table and column. Raises BF-1289 to BF-1294."""
    _require_come(statement.day, **row)
    values: dict[str, dict[str, Any]] = {}
    for key, given in statement.facts.items():
        known = fields().get(key)
        if known is None:
            raise UNKNOWN_FIELD(field=_shown(key), **row)
        if known.table not in TABLES:
            raise NOT_TO_STATE(column=known.title, field=key, **row)
        if known.level != statement.subject[0]:
            raise OTHER_LEVEL(column=known.title, field=key, level=LEVELS[known.level], **row)
        if given is None:
            continue
        try:
            value = value_of(known, given, statement.day)
        except Unfit as unfit:
            raise BAD_STATED(column=known.title, value=_shown(given), expected=unfit.expected, **row) from None
        values.setdefault(known.table, {})[known.column or ""] = _rounded(known, value)
    given_places = [p for p in (statement.latitude, statement.longitude) if p is not None]
    for name, (title, most) in PLACES.items():
        place = getattr(statement, name)
        if (place is None and given_places) or (place is not None and not -most <= place <= most):
            expected = Text(
                "{least} 至 {most} 的度数，经纬度一起给", "degrees from {least} to {most}, latitude and longitude together"
            )
            raise BAD_STATED(column=title, value=_shown(place), expected=expected.format(least=-most, most=most), **row)
    said = _Said(statement, values, row)
    _require_together(said)
    return said


def _rounded(known: Field, value: Any) -> Any:
    """A measure as its column keeps it: otherwise it would differ from itself."""
    if known.type != "decimal":
        return value
    places = apps.get_model("register", known.table or "")._meta.get_field(known.column or "").decimal_places
    return round(value, places)


def _named(key: str, code: str | None = None) -> Text:
    """A field as people call it, with a code of it."""
    known = fields()[key]
    said = title_of(known.codes or "", code) if code else None
    return Text("「{title}」为「{code}」", "“{title}”: {code}").format(title=known.title, code=said) if said else known.title


def _require_together(said: _Said) -> None:
    """What a statement says of one matter agrees with itself. Raises BF-1293."""
    kind = said.values.get("kind", {})
    if kind.get("monitoring_kind") and kind.get("kind", "monitored") != "monitored":
        raise _alone(said, "monitoring_kind", _named("household_kind", "monitored"))
    if said.values.get("residence", {}).keys() == {"region"}:
        raise _alone(said, "residence_region", _named("residence"))
    registering = [key for key in REGISTERING if key in said.keys]
    if kind.get("kind") == "ordinary" and registering:
        raise _alone(said, registering[0], _named("household_kind", "registered"))


def _alone(said: _Said, key: str, needs: Text) -> Problem:
    return NOT_ALONE(column=fields()[key].title, needs=needs, **said.row)


def _homes(actor: Actor, said: Sequence[_Said]) -> dict[int, Household]:
    """The households, held until the end of the transaction; an import waits, and is waited for. Raises BF-1222."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [ONE_AT_A_TIME])
    rows = Household.objects.visible_to(actor).farming().filter(pk__in={s.statement.household for s in said}).order_by("pk")
    homes = {h.pk: h for h in rows.select_for_update(of=("self",))}
    for s in said:
        if s.statement.household not in homes:
            raise UNKNOWN_HOUSEHOLD(household=s.statement.household, **s.row)
    return homes


def _require_members(said: Sequence[_Said], homes: Mapping[int, Household]) -> None:
    """Each household has members on the day, and the person is one. Raises BF-1295, BF-1296."""
    held: dict[int, list[tuple[int, DateRange]]] = {}
    for household, person, valid in Membership.objects.filter(household__in=list(homes), sort=FARMING).values_list(
        "household", "person", "valid"
    ):
        held.setdefault(household, []).append((person, valid))
    for s in said:
        home, day = homes[s.statement.household], s.statement.day
        members = {person for person, valid in held.get(home.pk, []) if day in valid}
        if not members:
            known = _known([valid for _, valid in held.get(home.pk, [])])
            raise NOT_REGISTERED_THEN(household=Known(home.number), day=day, known=known, **s.row)
        if s.statement.person is not None and s.statement.person not in members:
            raise NOT_A_MEMBER(person=s.statement.person, household=Known(home.number), day=day, **s.row)


def _known(held: Sequence[DateRange]) -> Text:
    """From when until when a household has members."""
    if not held:
        return Text("没有登记成员", "on no day")
    first = min(valid.lower for valid in held)
    if any(valid.upper is None for valid in held):
        return Text("{first} 起", "from {first} on").format(first=first)
    return Text("{first} 至 {last} 之前", "from {first} until {last}").format(first=first, last=max(v.upper for v in held))


def _require_kind(said: Sequence[_Said]) -> None:
    """Particulars of registration belong to a household that is registered or was. Raises BF-1293."""
    asking = {s.statement.household: s for s in said if "registration" in s.values}
    if not asking:
        return
    fine = set(Registration.objects.filter(household__in=asking, valid__upper_inf=True).values_list("household", flat=True))
    fine |= set(
        Kind.objects.filter(household__in=asking, valid__upper_inf=True, kind="registered").values_list("household", flat=True)
    )
    for household, s in asking.items():
        if household not in fine and s.values.get("kind", {}).get("kind") != "registered":
            key = next(f.key for f in kept_columns("registration") if f.key in s.keys)
            raise _alone(s, key, _named("household_kind", "registered"))


# --- writing


def _source(actor: Actor, kind: str, name: str, digest: bytes | None, day: date, rows: int) -> Source:
    """The source of that kind and digest; one of its own where it has no digest."""
    kept = digest if digest is not None else hashlib.sha256(uuid.uuid4().bytes).digest()
    made = {"name": name, "data_date": day, "rows": rows, "actor": actor.name}
    return Source.objects.get_or_create(kind=kind, digest=kept, defaults=made)[0]


def _evidence(
    actor: Actor, said: Sequence[_Said], homes: Mapping[int, Household], kind: str, source: str, digest: bytes | None
) -> list[Evidence]:
    """One piece of evidence per statement, in their order."""
    stands = _source(actor, kind, source, digest, max(s.statement.day for s in said), len(said))
    return Evidence.objects.bulk_create(
        (
            Evidence(
                kind=kind,
                source=stands,
                actor=actor.name,
                happened_on=s.statement.day,
                path=homes[s.statement.household].path,
                household=s.statement.household,
                person=s.statement.person,
                digest=_digest(s, bytes(stands.digest)),
                latitude=s.statement.latitude,
                longitude=s.statement.longitude,
            )
            for s in said
        ),
        batch_size=5000,
    )


def _digest(said: _Said, source: bytes) -> bytes:
    """The digest of what is said; of plain evidence, of its source."""
    told = json.dumps(said.values, sort_keys=True, default=str).encode() if said.values else source
    return hashlib.blake2b(told, digest_size=16, person=b"bangfu.stated").digest()


def _write(
    said: Sequence[_Said], homes: Mapping[int, Household], evidence: Sequence[Evidence]
) -> tuple[set[tuple[str, int]], dict[int, frozenset[str]]]:
    """Write every table that is touched. Returns the subjects that changed, and by household the fields that something later has."""
    household_of = {s.statement.subject: s.statement.household for s in said}
    changed: set[tuple[str, int]] = set()
    older: dict[int, set[str]] = {}
    for table in TABLES:
        rows = [
            {
                "subject": s.statement.subject[1],
                "path": homes[s.statement.household].path,
                "day": s.statement.day,
                "evidence": e.pk,
            }
            | s.values[table]
            for s, e in zip(said, evidence, strict=True)
            if table in s.values
        ]
        if not rows:
            continue
        dated, own = dated_table(table, outright=True), kept_columns(table)
        columns = "".join(f', "{f.column}" {SQL_TYPES[f.type]}' for f in own)
        told = (
            "(SELECT r.*, r.day AS since FROM jsonb_to_recordset(%(rows)s::jsonb) "
            f"AS r(subject bigint, path text, day date, evidence bigint{columns}))"
        )
        given = {"rows": json.dumps(rows, default=str)}
        for statement in (dated.put_new(told), dated.correct(told), dated.replace(told)):
            changed |= {
                (dated.level, key) for (key,) in _rows(f"{statement} RETURNING {_returned(statement, dated.level)}", given)
            }
        differing = ", ".join(
            f'CASE WHEN s."{f.column}" IS NOT NULL AND s."{f.column}" IS DISTINCT FROM t."{f.column}" THEN \'{f.key}\' END'
            for f in own
        )
        for key, names in _rows(dated.older(told, f"s.subject, array_remove(ARRAY[{differing}], NULL)"), given):
            older.setdefault(household_of[dated.level, key], set()).update(names)
    return changed, {household: frozenset(names) for household, names in older.items()}


def _returned(statement: str, level: str) -> str:
    """The subject as a statement returns it: an update knows two tables."""
    return f"t.{level}_id" if statement.startswith("UPDATE") else f"{level}_id"


def _rows(sql: str, given: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        yield from cursor.fetchall()


def _plain(actor: Actor, listed: Sequence[Statement], *, kind: str, source: str, digest: bytes | None) -> list[Evidence]:
    actor.require(PERMISSION)
    _require_source(kind, source, digest)
    said = [_checked(s, {"row": n} if len(listed) > 1 else {}) for n, s in enumerate(listed, 1)]
    if not said:
        return []
    with acting(actor):
        homes = _homes(actor, said)
        evidence = _evidence(actor, said, homes, kind, source, digest)
        _note(actor, EVIDENCE, list(homes.values()), {"kind": kind, "households": len(homes)})
    return evidence


def _note(actor: Actor, act: Act, homes: Sequence[Household], detail: Mapping[str, Any]) -> None:
    one = homes[0] if len(homes) == 1 else None
    note(actor, act, subject=one.number if one else "", path=one.path if one else None, detail=detail)
