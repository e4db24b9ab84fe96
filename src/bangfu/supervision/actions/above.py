"""What an inspection from above found comes in as its Excel, becomes cases with its own deadlines, and goes back with the proof of what was done."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bangfu.accounts.audit import note
from bangfu.areas import naming
from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.cases.actions.opening import LONGEST_DUE
from bangfu.cases.actions.writing import one_at_a_time
from bangfu.cases.policy import Kinds, require_kinds
from bangfu.fieldwork.addresses import Villages
from bangfu.fieldwork.sheets import day_of, named
from bangfu.foundation import clock, files
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.hiding import hide
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text, quoted, why_no_text
from bangfu.foundation.secrecy import decrypt, encrypt_many
from bangfu.register.models import Household
from bangfu.supervision import acts
from bangfu.supervision.above import columns, read_findings
from bangfu.supervision.actions.drawing import BATCH, PERMISSION
from bangfu.supervision.actions.ruling import open_cases_of
from bangfu.supervision.comparing import Weight
from bangfu.supervision.models import InspectionFinding
from bangfu.supervision.models.findings import ABOVE, FINDING_WORDS, RULING_WORDS, UPHELD
from bangfu.supervision.problems import BAD_ROW, NO_TABLE

ONE_FILE = 2903  # advisory lock
LONGEST = {"reference": 60, "body": 60, "words": 1_500, "remedy": 400}
SEVERITIES = {"ordinary": Text("一般", "ordinary"), "serious": Text("严重", "serious")}
WEIGHTS = {"ordinary": Weight.MINOR, "serious": Weight.SERIOUS}
A_DAY = Text("须是不晚于今天的日期", "a day that is not to come")
A_DUE = Text("须是一年以内的日期", "a day within a year")
NO_PLACE = Text("须是本县的一个乡镇或村", "a township or village of the county")
NO_HOME = Text("登记中没有这一户", "the register has no such household")
OTHER = Text("同一检查单位、同一编号以前导入过，内容不同", "this number of this body came before with other content")
TWICE = Text("文件中同一编号出现两次", "the file has this number twice")
ONE_OF = Text("须是 {known} 之一", "one of {known}")
A_PLACE_KIND = Text("这一类须写户编号", "of this kind, give the number of a household")
RULED = Text("上级检查反馈，不再裁定", "found by an inspection from above: nobody rules on it here")
REMEDY = Text("{words}；整改要求：{remedy}", "{words}; asked: {remedy}")


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was read: its matter, where it is, and how grave."""

    row: int
    reference: str
    body: str
    found_on: date
    path: str
    household: Household | None
    kind: str
    weight: Weight
    words: str
    due: date | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: how many lines, new findings, and those known before; what is wrong (then nothing was taken); headings that nobody knows."""

    lines: int
    new: int
    known: int
    problems: Sequence[Problem]
    unknown: Sequence[str]


def import_findings(actor: Actor, path: Path) -> Taken:
    """Take in the findings of an inspection: all of them, each as a case with the inspection's deadline, or none where anything is wrong. What came before is not taken twice.

    Raises BF-2916 for a file without the columns that are needed, BF-2917 for one too large, BF-2405 without a policy pack, BF-1001 without `supervision.manage`, and what opening a table raises;
    what is wrong with rows is given back (BF-2915 each).
    """
    actor.require(PERMISSION)
    table = read_findings(path)
    if table.lacking or not table.rows:
        lacks = ", ".join(str(c.title) for c in table.lacking)
        raise NO_TABLE(why=Text(f"缺少列：{lacks}", f"columns lack: {lacks}") if lacks else Text("没有一行内容", "it has no row"))
    with acting(actor):
        one_at_a_time(ONE_FILE)
        kinds = require_kinds()
        places = _Places.of(actor)
        numbers = {row.get("household", "") for _, row in table.rows} - {""}
        homes = {h.number: h for h in Household.objects.visible_to(actor).farming().filter(number__in=numbers)}
        problems: list[Problem] = []
        rows: list[Row] = []
        for number, said in table.rows:
            wrong = list(_faults(number, said, kinds, places, homes))
            problems += wrong
            if not wrong:
                rows.append(_row(number, said, kinds, places, homes))
        held = {(f.body, f.reference): f for f in InspectionFinding.objects.filter(origin=ABOVE, body__in={r.body for r in rows})}
        new: dict[tuple[str, str], Row] = {}
        known = 0
        for r in rows:
            key = (r.body, r.reference)
            before = held.get(key)
            if key in new:
                problems.append(_wrong(r.row, "reference", r.reference, TWICE))
            elif before is None:
                new[key] = r
            elif (decrypt(before.words, FINDING_WORDS) if before.words else "") == hide(r.words) and before.path == (
                r.household.path if r.household else r.path
            ):
                known += 1
            else:
                problems.append(_wrong(r.row, "reference", r.reference, OTHER))
        if problems:
            return Taken(len(table.rows), 0, 0, sorted(problems, key=lambda p: p.values.get("row") or 0), table.unknown)
        _write(actor, list(new.values()), files.keep(path.read_bytes()))
        note(actor, acts.IMPORT, subject=path.name[:60], path=actor.scope, detail={"findings": len(new)})
    return Taken(len(table.rows), len(new), known, (), table.unknown)


def _write(actor: Actor, rows: Sequence[Row], file: str) -> None:
    """Keep the findings, upheld as they are, and open their cases."""
    today = clock.today()
    words = encrypt_many([hide(r.words) for r in rows], FINDING_WORDS)
    ground = encrypt_many([str(RULED)] * len(rows), RULING_WORDS)
    made = InspectionFinding.objects.bulk_create(
        InspectionFinding(
            path=r.household.path if r.household else r.path, origin=ABOVE, household=r.household, about=r.kind, weight=int(r.weight), words=w, found_on=r.found_on, found_by=r.body,
            body=r.body, reference=r.reference, due=r.due, file=file, row=r.row, ruling=UPHELD, ruled_on=today, ruled_by=r.body, ruling_words=g,
        )
        for r, w, g in zip(rows, words, ground, strict=True)
    )  # fmt: skip
    open_cases_of(actor, made)
    InspectionFinding.objects.bulk_update(made, ["case"], batch_size=BATCH)


@dataclass(frozen=True, slots=True)
class _Places:
    """How an inspection may name a place of the actor's: a village by its address, a township by its name, either by code or path."""

    villages: Villages
    townships: Mapping[str, str]
    scope: str

    @classmethod
    def of(cls, actor: Actor) -> _Places:
        county = the_county()
        rows = Area.objects.under(county.path).level(profile_of(county.path).plays.township).on(clock.today())
        names = {naming.plain(name): a.path for a in rows for name in (a.name, a.official_name)}
        return cls(Villages.on(clock.today()), names, actor.scope)

    def named(self, said: str) -> str | None:
        found = self.townships.get(naming.plain(said)) or self.villages.named(said)
        if found is None and re.fullmatch(r"[a-z0-9/]+/", said) and Area.objects.filter(path=said).exists():
            found = said
        return found if found is not None and self.scope and found.startswith(self.scope) else None


def _wrong(row: int, column: str, value: str, wanted: Text) -> Problem:
    return BAD_ROW(row=row, column=columns()[column].title, value=quoted(value), wanted=wanted)


def _faults(
    row: int, said: Mapping[str, str], kinds: Kinds, places: _Places, homes: Mapping[str, Household]
) -> Iterator[Problem]:
    """Everything that is wrong with a row."""
    today = clock.today()
    for key, longest in LONGEST.items():
        if (why := why_no_text(said.get(key, ""), longest, blank=key == "remedy")) is not None:
            yield _wrong(row, key, said.get(key, ""), why)
    found = day_of(said.get("found_on", ""))
    if found is None or found > today:
        yield _wrong(row, "found_on", said.get("found_on", ""), A_DAY)
    if due := said.get("due", ""):
        day = day_of(due)
        if day is None or day > today + timedelta(LONGEST_DUE):
            yield _wrong(row, "due", due, A_DUE)
    home = said.get("household", "")
    if home and home not in homes:
        yield _wrong(row, "household", home, NO_HOME)
    if places.named(said.get("place", "")) is None:
        yield _wrong(row, "place", said.get("place", ""), NO_PLACE)
    kind = _kind(said, kinds)
    if kind is None:
        known = ", ".join(str(kinds.title(k)) for k in kinds.work)
        yield _wrong(row, "kind", said.get("kind", ""), ONE_OF.format(known=known))
    elif kinds.guarantee(kind) and not home:
        yield _wrong(row, "kind", said.get("kind", ""), A_PLACE_KIND)
    if said.get("severity") and named(said["severity"], SEVERITIES) is None:
        yield _wrong(row, "severity", said["severity"], ONE_OF.format(known=", ".join(str(t) for t in SEVERITIES.values())))


def _kind(said: Mapping[str, str], kinds: Kinds) -> str | None:
    return named(said.get("kind", ""), {k: kinds.title(k) for k in kinds.work})


def _row(row: int, said: Mapping[str, str], kinds: Kinds, places: _Places, homes: Mapping[str, Household]) -> Row:
    """A row without a fault."""
    words, remedy = said["words"].strip(), said.get("remedy", "").strip()
    due, found = day_of(said.get("due", "")), day_of(said["found_on"])
    path, kind = places.named(said["place"]), _kind(said, kinds)
    assert found is not None
    assert path is not None
    assert kind is not None
    return Row(
        row, said["reference"].strip(), said["body"].strip(), found, path, homes.get(said.get("household", "")), kind, WEIGHTS[named(said.get("severity", ""), SEVERITIES) or "ordinary"],
        str(REMEDY.format(words=words, remedy=remedy)) if remedy else words, due,
    )  # fmt: skip
