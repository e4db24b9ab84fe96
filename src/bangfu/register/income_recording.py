"""Income sheets are written: lines with their sources, in the place of sums that were not broken down; and agreed to by the household."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.accounts.audit import note
from bangfu.foundation import changes, clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt, encrypt_many
from bangfu.register.acts import INCOME_AGREED, INCOME_SHEET
from bangfu.register.fields import fields_of
from bangfu.register.income import lines
from bangfu.register.income_sources import ASKED, LineSource
from bangfu.register.models import Evidence, Household, IncomeAgreement, IncomeItem, IncomeSheet, Source
from bangfu.register.problems import (
    BAD_AGREEMENT,
    BAD_INCOME_AMOUNT,
    BAD_INCOME_PERIOD,
    BAD_SCAN,
    INCOME_TWICE,
    NO_INCOME_SHEET,
    SHEET_CHANGED,
    UNKNOWN_HOUSEHOLD,
    UNKNOWN_INCOME_ITEM,
)

KIND = "income_sheet"  # of the evidence
HAND, MIXED, IMPORTED = "hand", "mixed", "import"  # how a sheet was made
MOST_FEN = 500_000_000  # of an item whose field says nothing: 5 million yuan
LONGEST_DAYS = 366
OLDEST_YEARS = 20  # a sheet of long ago is a slip of the pen
SCAN = "incomeagreement.scan"
SCAN_BYTES = 4_000_000
SCANS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
PAPER, WORD = "paper", "word"

ASKED_OF_THEM = LineSource(ASKED)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a sheet: its item of `income.yaml`, the amount in fen, where it is from (None: a sum as a file gave it)."""

    item: str
    fen: int
    source: LineSource | None = ASKED_OF_THEM

    @property
    def kept(self) -> dict[str, Any] | None:
        """The source as the register keeps it."""
        return self.source.as_json() if self.source else None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The income sheet of a household for the days `first` to `last`: all of its lines."""

    household: int
    first: date
    last: date
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Held:
    """A line as it stands in the register: amount, source, and the day of the evidence behind it."""

    fen: int
    source: Mapping[str, Any] | None
    told_on: date


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a sheet: lines to put in or change, items to take away, fields that a later statement keeps as they are."""

    put: dict[str, Line] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()

    @property
    def nothing(self) -> bool:
        """Whether the sheet stays as it is."""
        return not self.put and not self.gone


@dataclass
class Written:
    """What was done: the sheets by household, lines put in or changed, taken away, fields kept because a later statement has them."""

    sheets: dict[int, int] = field(default_factory=dict)
    put: int = 0
    gone: int = 0
    unchanged: int = 0
    older: dict[int, frozenset[str]] = field(default_factory=dict)


def settle(held: Mapping[str, Held], given: Sequence[Line], day: date) -> Settled:
    """What a statement of a day does to the lines that a sheet has. The statement is whole: an item that it does not name is taken away.

    Of each field the later statement stands: where the register's is of a later day, the field stays as it is.
    """
    kept = frozenset(_field(item) for item, line in held.items() if line.told_on > day)
    put = {
        line.item: line
        for line in given
        if _field(line.item) not in kept
        and (line.item not in held or (held[line.item].fen, held[line.item].source) != (line.fen, line.kept))
    }
    named = {line.item: line.fen for line in given}
    gone = frozenset(item for item in held if item not in named and _field(item) not in kept)
    differs = {
        _field(item) for item in named.keys() | held.keys() if named.get(item) != (held[item].fen if item in held else None)
    }
    return Settled(put, gone, kept & differs)


def _field(item: str) -> str:
    return lines()[item].field if item in lines() else item


def digest_of(held: Iterable[tuple[str, int]]) -> bytes:
    """The digest of items with their amounts: what a form was opened with, and what a household agreed to."""
    said = json.dumps(sorted(held), separators=(",", ":"))
    return hashlib.blake2b(said.encode(), digest_size=16, person=b"bangfu.income").digest()


def digest_of_sheet(sheet: IncomeSheet | None) -> bytes:
    """The digest of a sheet as it stands; of none, that of no items."""
    return digest_of([] if sheet is None else IncomeItem.objects.filter(sheet=sheet).values_list("item", "fen"))


def require_good(sheet: Sheet, today: date) -> None:
    """Hold a sheet to its form. Raises BF-1281 for its days, BF-1282 for an item, BF-1283 for an amount, BF-1284 for a doubled field."""
    if (
        not today.year - OLDEST_YEARS <= sheet.first.year
        or not sheet.first <= sheet.last <= today
        or (sheet.last - sheet.first).days >= LONGEST_DAYS
    ):
        raise BAD_INCOME_PERIOD(first=sheet.first, last=sheet.last, most=LONGEST_DAYS)
    known, seen = lines(), set()
    most = {f.column: f.maximum for f in fields_of("income") if f.type == "money"}
    for line in sheet.lines:
        item = known.get(line.item)
        if item is None:
            raise UNKNOWN_INCOME_ITEM(item=line.item)
        limit = int(most.get(item.field) or MOST_FEN / 100) * 100
        if not 0 <= line.fen <= limit:
            raise BAD_INCOME_AMOUNT(column=item.title, most=f"{limit // 100:,}")
        if line.item in seen:
            raise INCOME_TWICE(column=item.title)
        seen.add(line.item)
    for code in seen:
        if not known[code].line and any(known[other].field == known[code].field for other in seen - {code}):
            raise INCOME_TWICE(column=known[code].title)


def record_income_sheet(
    actor: Actor,
    household: int,
    period: tuple[date, date],
    given: Sequence[Line],
    *,
    day: date | None = None,
    expected: bytes | None = None,
) -> Written:
    """Write the sheet of one household; see `record_income_sheets`. `expected` is the digest of the sheet that the form was opened
    with: BF-1285 where it has changed since."""
    return record_income_sheets(
        actor, [Sheet(household, *period, given)], day=day, expected={household: expected} if expected else None
    )


def record_income_sheets(
    actor: Actor, sheets: Sequence[Sheet], *, day: date | None = None, expected: Mapping[int, bytes] | None = None
) -> Written:
    """Write income sheets as they were stated on a day (today): all of them or none.

    A statement is whole: it takes the place of the lines and of the sums of its period, except for fields that a later statement has.
    Each sheet gets evidence of the kind `income_sheet`; a sheet that says nothing new gets none. Raises BF-1001 without `income.write`,
    BF-1222 for a household that the actor does not see, BF-1281 to BF-1285; ValueError for a household's period that is given twice.
    """
    actor.require("income.write")
    told = day or clock.today()
    if len({(s.household, s.first, s.last) for s in sheets}) < len(sheets):
        raise ValueError("a household's period is given twice")
    for sheet in sheets:
        require_good(sheet, clock.today())
    done = Written()
    with acting(actor):
        rows = Household.objects.visible_to(actor).farming().filter(pk__in={s.household for s in sheets}).order_by("pk")
        homes = {h.pk: h for h in rows.select_for_update(of=("self",))}
        for sheet in sheets:
            if sheet.household not in homes:
                raise UNKNOWN_HOUSEHOLD(household=sheet.household)
        held = _held(homes)
        plans = []
        for sheet in sheets:
            known = held.get((sheet.household, sheet.first, sheet.last), (None, {}))
            if expected and expected.get(sheet.household) not in (None, digest_of((i, h.fen) for i, h in known[1].items())):
                raise SHEET_CHANGED()
            plans.append((sheet, *known, settle(known[1], sheet.lines, told)))
        _write(actor, plans, homes, told, done)
    return done


def _held(homes: Iterable[int]) -> dict[tuple[int, date, date], tuple[IncomeSheet | None, dict[str, Held]]]:
    """The sheets of households with their lines, by household and days."""
    found: dict[int, tuple[IncomeSheet, dict[str, Held]]] = {}
    for sheet in IncomeSheet.objects.filter(household__in=list(homes)):
        found[sheet.pk] = (sheet, {})
    items = list(IncomeItem.objects.filter(sheet__in=list(found)).values_list("sheet", "item", "fen", "source", "evidence"))
    days = dict(Evidence.objects.filter(pk__in={row[4] for row in items}).values_list("pk", "happened_on"))
    for key, item, fen, source, evidence in items:
        found[key][1][item] = Held(fen, source, days.get(evidence, date.min))
    return {(s.household_id, s.period.lower, s.period.upper - timedelta(days=1)): (s, held) for s, held in found.values()}


def _days(sheets: Sequence[Sheet]) -> str:
    """The days that sheets are of, as the source of their evidence is called."""
    return f"{min(s.first for s in sheets)} – {max(s.last for s in sheets)}"


def _write(
    actor: Actor,
    plans: Sequence[tuple[Sheet, IncomeSheet | None, dict[str, Held], Settled]],
    homes: Mapping[int, Household],
    told: date,
    done: Written,
) -> None:
    for sheet, row, _, settled in plans:
        if row is not None:
            done.sheets[sheet.household] = row.pk
        if settled.kept:
            done.older[sheet.household] = settled.kept
    working = [plan for plan in plans if not plan[3].nothing]
    done.unchanged = len(plans) - len(working)
    if not working:
        return
    key = uuid.uuid4()
    source = Source.objects.create(
        kind=KIND,
        name=_days([sheet for sheet, *_ in working]),
        digest=hashlib.sha256(key.bytes).digest(),
        data_date=told,
        rows=len(working),
        actor=actor.name,
    )
    fresh, gone = [], []
    for sheet, row, held, settled in working:
        home = homes[sheet.household]
        evidence = Evidence.objects.create(
            kind=KIND,
            source=source,
            actor=actor.name,
            happened_on=told,
            path=home.path,
            household=home.pk,
            digest=digest_of((line.item, line.fen) for line in sheet.lines),
        )
        after = {item: h.source for item, h in held.items() if item not in settled.gone} | {
            item: line.kept for item, line in settled.put.items()
        }
        method = HAND if all(s is not None for s in after.values()) else MIXED
        if row is None:
            row = IncomeSheet.objects.create(
                household=home,
                period=DateRange(sheet.first, sheet.last + timedelta(days=1)),
                method=method,
                evidence=evidence,
                path=home.path,
            )
        else:
            row.method, row.evidence = method, evidence
            row.save(update_fields=["method", "evidence"])
        done.sheets[home.pk] = row.pk
        gone.append((row.pk, settled.gone | settled.put.keys() & held.keys()))
        for item, line in settled.put.items():
            fresh.append(
                IncomeItem(
                    sheet=row, household=home, item=item, fen=line.fen, source=line.kept, evidence=evidence, path=home.path
                )
            )
        done.put += len(settled.put)
        done.gone += len(settled.gone)
    for sheet_id, items in gone:
        if items:
            IncomeItem.objects.filter(sheet=sheet_id, item__in=items).delete()
    IncomeItem.objects.bulk_create(fresh, batch_size=5000)
    households = [sheet.household for sheet, *_ in working]
    changes.record(households, cause="income.sheet")
    one = homes[households[0]] if len(households) == 1 else None
    note(
        actor,
        INCOME_SHEET,
        subject=one.number if one else "",
        path=one.path if one else None,
        detail={"households": len(households), "lines": done.put, "taken_away": done.gone},
    )


def agree(
    actor: Actor, number: str, period: tuple[date, date], *, how: str, agreed_by: str, agreed_on: date, scan: bytes | None = None
) -> IncomeAgreement:
    """Keep that a household heard its sheet and agreed: `paper` with the scan of the signed sheet (PDF, JPEG, PNG), `word` without.

    Raises BF-1222, BF-1286 without such a sheet, BF-1287 for a name or day that will not do, BF-1288 for the scan, BF-1001 without
    `income.write`.
    """
    actor.require("income.write")
    name = agreed_by.strip()
    if how not in (PAPER, WORD) or not 1 <= len(name) <= 60 or not period[1] < agreed_on <= clock.today():
        raise BAD_AGREEMENT(last=period[1])
    kind = next((kind for magic, kind in SCANS.items() if scan and scan.startswith(magic)), "")
    if (how == PAPER) != bool(scan) or (scan and (not kind or len(scan) > SCAN_BYTES)):
        raise BAD_SCAN(most=SCAN_BYTES // 1_000_000)
    with acting(actor):
        home = Household.objects.visible_to(actor).farming().filter(number=number).first()
        if home is None:
            raise UNKNOWN_HOUSEHOLD(household=number)
        sheet = sheet_of(home.pk, period)
        if sheet is None:
            raise NO_INCOME_SHEET(first=period[0], last=period[1])
        sealed = encrypt_many([base64.b64encode(scan).decode()], SCAN)[0] if scan else None
        agreement = IncomeAgreement.objects.create(
            sheet=sheet,
            household=home,
            how=how,
            agreed_by=name,
            agreed_on=agreed_on,
            digest=digest_of_sheet(sheet),
            scan=sealed,
            scan_kind=kind,
            actor=actor.name,
            path=home.path,
        )
        note(actor, INCOME_AGREED, subject=number, path=home.path, detail={"how": how})
        return agreement


def scan_of(agreement: IncomeAgreement) -> bytes | None:
    """The scan of a signed sheet; None where it was agreed by word."""
    clear = decrypt(agreement.scan, SCAN)
    return None if clear is None else base64.b64decode(clear)


def sheet_of(household: int, period: tuple[date, date]) -> IncomeSheet | None:
    """The sheet of a household for exactly these days, None where there is none."""
    return IncomeSheet.objects.filter(household=household, period=DateRange(period[0], period[1] + timedelta(days=1))).first()


MADE_HOW = {
    HAND: Text("逐项填写", "entered line by line"),
    MIXED: Text("部分逐项填写、部分导入", "in part entered, in part imported"),
    IMPORTED: Text("导入", "imported"),
}
