"""One import from files to register: read in parallel, check together, apply in one transaction or not at all."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from django.db import connection

from bangfu.accounts.audit import note
from bangfu.areas.actions import GroupRow, add_groups
from bangfu.areas.models import Area
from bangfu.areas.profile import Profile, profile_of
from bangfu.foundation import changes, clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor, system
from bangfu.foundation.home import home
from bangfu.foundation.secrecy import hash_key, require_keys
from bangfu.register.acts import IMPORT
from bangfu.register.identity import UNCHECKED, Scheme, scheme
from bangfu.register.importing import applying, bulk, planning, report, returned, rows, staging
from bangfu.register.importing.opening import file_digest, find_files, is_workbook_archive, unpack
from bangfu.register.importing.places import Asked, PlaceBook, Question, read_answers, write_questions
from bangfu.register.importing.reading import HOMES, Reading, read
from bangfu.register.models import Source
from bangfu.register.problems import PLAN_CHANGED

ONE_AT_A_TIME = 1201  # the advisory lock of imports: docs/architecture.md lists the numbers
Progress = Callable[[str, int, int], None]


@dataclass
class Outcome:
    """What an import did, or would do: rows and households given, refused, unchanged; rows written per table; the reports' paths.

    `questions` are places that only a person can tell.
    """

    files: int = 0
    files_known: int = 0
    rows: int = 0
    households: int = 0
    refused_rows: int = 0
    refused_households: int = 0
    unchanged_rows: int = 0
    created: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    older: dict[str, int] = field(default_factory=dict)
    new_groups: int = 0
    unknown_headings: dict[str, list[str]] = field(default_factory=dict)
    refusals: list[dict[str, str]] = field(default_factory=list)
    report: str | None = None
    returned: str | None = None  # the refused rows as a workbook, to be mended and imported again
    rows_report: str | None = None  # of a rehearsal: what becomes of every row
    rows_table: pa.Table | None = None  # of a rehearsal: every row that is not as before (`rows.TOLD`)
    rows_counts: dict[str, int] = field(default_factory=dict)
    digest: str | None = None  # of what becomes of every row: two rehearsals with the same do the same
    questions: list[Question] = field(default_factory=list)
    places: str | None = None  # the questions as a table to be filled in
    applied: bool = False
    seconds: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)


class _Rehearsal(Exception):
    """Raised to roll back a dry run, and a strict one that refuses rows: groups that it has added go as well."""


def scheme_of(profile: Profile) -> Scheme:
    """The scheme of the numbers by which a country tells persons apart: the first of its profile. Raises BF-1226."""
    return scheme(profile.identity[0].check) if profile.identity else UNCHECKED


def import_files(
    actor: Actor,
    path: Path,
    *,
    data_date: date | None = None,
    dry_run: bool = False,
    strict: bool = False,
    answers: Mapping[Asked, str] | None = None,
    expected: str | None = None,
    progress: Progress = lambda stage, done, total: None,
    processes: int = 2,
) -> Outcome:
    """Import the workbooks of a file, folder or archive into the register below the actor's area.

    A household with a refused row is held back whole and reported; the others are applied in one transaction. With `strict`
    one refusal leaves everything as it was. A dry run does all of it, tells what becomes of every row, and rolls back. `data_date` is
    the day of which the data speak where the files do not say. `answers` are the paths of places that people have told.
    `expected` is the digest of a dry run: where this import would do anything else it does nothing. Raises BF-1242 for that, BF-1001 without `register.import`, BF-1031 and BF-1032 without the county's keys,
    BF-1201, BF-1202, BF-1221 for files.
    """
    actor.require("register.import")
    require_keys()
    outcome, began = Outcome(), time.perf_counter()
    with tempfile.TemporaryDirectory(dir=home().make().root) as folder:
        paths = unpack(path, Path(folder)) if path.is_file() and is_workbook_archive(path) else find_files(path)
        digests = {p: file_digest(p) for p in paths}
        outcome.files = len(paths)
        known = {
            bytes(d)
            for d in Source.objects.filter(kind="import", digest__in=list(digests.values()), refused=0).values_list(
                "digest", flat=True
            )
        }
        seen: set[bytes] = set(known)
        fresh = [p for p in paths if not (digests[p] in seen or seen.add(digests[p]))]  # type: ignore[func-returns-value]
        outcome.files_known = len(paths) - len(fresh)
        if fresh:
            readings = _read(fresh, digests, actor, progress, processes)
            outcome.stages["read"] = time.perf_counter() - began
            try:
                with acting(system(actor.scope, actor.name)):
                    wish = _Wish(data_date or clock.today(), strict, dry_run, dict(answers or {}), expected, fresh)
                    _apply(actor, readings, outcome, wish, progress=progress)
                    if dry_run or not outcome.applied:
                        raise _Rehearsal
            except _Rehearsal:
                outcome.applied = False
    outcome.seconds = time.perf_counter() - began
    return outcome


def read_places(actor: Actor, path: Path, *, data_date: date | None = None) -> dict[Asked, str]:
    """The answers of a filled-in table of places (`Outcome.places`): what rows write -> the path that is meant. Raises BF-1009, BF-1247
    and BF-1248."""
    lookup = Area.objects.lookup_table(data_date or clock.today(), profile_of(actor.scope)).to_pylist()
    codes = {code: row["path"] for row in lookup for code in (*row["codes"], row["path"])}
    return read_answers(path, codes, actor.scope)


def _read(paths: list[Path], digests: dict[Path, bytes], actor: Actor, progress: Progress, processes: int) -> list[Reading]:
    """Read the workbooks, the largest first, in worker processes where there is more than one."""
    numbering, key = scheme_of(profile_of(actor.scope)), hash_key()
    if len(paths) == 1:
        progress("read", 0, 1)
        return [read(paths[0], scheme=numbering, hash_key=key, digest=digests[paths[0]])]
    readings: list[Reading] = []
    order = sorted(paths, key=lambda p: -p.stat().st_size)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=min(processes, len(paths)), mp_context=context) as pool:
        pending = [pool.submit(read, p, scheme=numbering, hash_key=key, digest=digests[p]) for p in order]
        for n, future in enumerate(pending):
            readings.append(future.result())
            progress("read", n + 1, len(paths))
    position = {p.name: i for i, p in enumerate(paths)}
    return sorted(readings, key=lambda r: position[r.name])


@dataclass(frozen=True, slots=True)
class _Wish:
    """How an import was asked for."""

    day: date
    strict: bool
    dry_run: bool
    answers: dict[Asked, str]
    expected: str | None
    paths: list[Path]

    @property
    def by_row(self) -> bool:
        """Whether what becomes of every row is asked."""
        return self.dry_run or self.expected is not None


def _apply(actor: Actor, readings: list[Reading], outcome: Outcome, wish: _Wish, *, progress: Progress) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s); SET LOCAL synchronous_commit = on", [ONE_AT_A_TIME])
    staging.clear()
    empty = bulk.is_empty()
    con = planning.connect()
    try:
        timer = _Timer(outcome)
        book = _plan(con, actor, readings, outcome, wish, empty=empty)
        timer("check")
        progress("check", 1, 1)
        stem = f"import-{clock.machine_now():%Y%m%d-%H%M%S-%f}"
        if outcome.refused_rows:
            outcome.report = str(report.write(con, readings, home().reports / f"{stem}.csv"))
            outcome.refusals = report.refusals(con, readings, limit=20)
            outcome.returned = str(returned.write(con, readings, wish.paths, home().reports, f"{stem}-refused"))
        if outcome.questions:
            outcome.places = str(write_questions(home().reports / f"{stem}-places.csv", outcome.questions, book.names))
        if wish.strict and outcome.refused_rows and not wish.by_row:
            return
        _write(con, actor, readings, outcome, wish, empty=empty, timer=timer, progress=progress)
        if wish.by_row:
            rows.lay_out(con, rows.differences())
            outcome.digest = rows.digest(con, wish.day.isoformat(), *(r.digest.hex() for r in readings))
            if wish.expected not in (None, outcome.digest):
                raise PLAN_CHANGED()
            outcome.rows_counts = rows.counted(con)
            outcome.rows_table = rows.told(con, readings)
            timer("rows")
        if wish.dry_run:
            assert outcome.rows_table is not None
            outcome.rows_report = str(rows.write(outcome.rows_table, home().reports / f"{stem}-rows.xlsx"))
        if wish.strict and outcome.refused_rows:
            outcome.applied = False
    finally:
        con.close()


def _plan(
    con: duckdb.DuckDBPyConnection, actor: Actor, readings: list[Reading], outcome: Outcome, wish: _Wish, *, empty: bool
) -> PlaceBook:
    profile, day = profile_of(actor.scope), wish.day
    planning.lay_out(con, readings)
    book = PlaceBook(Area.objects.lookup_table(day, profile), profile, actor.scope, wish.answers)
    places = con.execute('SELECT DISTINCT township, village, village_code, "group" FROM given').fetchall()
    for place in places:
        book.resolve(*place)
    if book.new_groups:
        groups = [GroupRow(g.village_path, g.name, book.group_level) for g in book.new_groups.values()]
        add_groups(system(actor.scope), groups, valid_from=date(2000, 1, 1), source="import")
        outcome.new_groups = len(groups)
        book = PlaceBook(Area.objects.lookup_table(day, profile), profile, actor.scope, wish.answers)
    planning.place_rows(con, book.resolve)
    outcome.questions = book.asked_of(con)
    planning.check_together(con, clock.today())
    staging.recognise(con, empty=empty)
    staging.check_moves(con, actor.scope, day)
    planning.hold_back(con)
    counts = planning.count(con)
    outcome.rows, outcome.households = counts.rows, counts.households
    outcome.refused_rows, outcome.refused_households = counts.refused_rows, counts.refused_households
    outcome.unchanged_rows = staging.unchanged(con)
    outcome.unknown_headings = {r.name: r.unknown_headings for r in readings if r.unknown_headings}
    return book


def _write(
    con: duckdb.DuckDBPyConnection,
    actor: Actor,
    readings: list[Reading],
    outcome: Outcome,
    wish: _Wish,
    *,
    empty: bool,
    timer: _Timer,
    progress: Progress,
) -> None:
    sources = [
        # A file of which rows were refused may come again, once the areas or the register are mended.
        Source.objects.update_or_create(
            kind="import",
            digest=r.digest,
            defaults={
                "name": r.name,
                "size": r.size,
                "data_date": r.data_date or wish.day,
                "rows": r.table.num_rows,
                "refused": con.execute(
                    f"SELECT count(DISTINCT row) FROM refused WHERE file = ? AND row < {HOMES}", [n]
                ).fetchall()[0][0],
                "actor": actor.name,
            },
        )[0].pk
        for n, r in enumerate(readings)
    ]
    staging.identify(con)
    staged = 0

    def staging_progress(_: str, count: int) -> None:
        nonlocal staged
        staged += count
        progress("stage", staged, max(outcome.rows - outcome.refused_rows, staged))

    applying.stage(con, wish.day.isoformat(), staging_progress)
    if wish.by_row:
        rows.lay_aside()
    timer("stage")
    progress("write", 0, 1)
    if empty:
        with bulk.set_aside():
            done = applying.apply(sources, actor.name, empty=True)
            timer("write")
            progress("write", 1, 1)
            progress("index", 0, 1)
        timer("index")
        progress("index", 1, 1)
    else:
        done = applying.apply(sources, actor.name, empty=False)
        timer("write")
        progress("write", 1, 1)
    touched = "SELECT household FROM stage_household"
    if not empty:
        # Households that somebody left, and the units of everybody who is or was in one of these.
        touched += " UNION SELECT household FROM left_households"
        touched += (
            " UNION SELECT u.household_id FROM register_membership m JOIN register_membership u ON u.person_id = m.person_id "
            f"WHERE u.sort <> 'farming' AND m.household_id IN ({touched})"
        )
    check_heads(touched)
    changes.record_selected(touched, "register.import")
    outcome.created = {k: v for k, v in done.created.items() if v}
    outcome.changed = {k: v for k, v in done.changed.items() if v}
    outcome.older = {k: v for k, v in done.older.items() if v}
    _note(actor, readings, outcome)
    outcome.applied = True


def _note(actor: Actor, readings: list[Reading], outcome: Outcome) -> None:
    """Enter the import into the audit: which files, and how much of them."""
    named = [r.name for r in readings]
    detail = {
        "files": named[:50],
        "digests": [r.digest.hex() for r in readings[:50]],
        "rows": outcome.rows,
        "households": outcome.households,
        "refused_rows": outcome.refused_rows,
        "unchanged_rows": outcome.unchanged_rows,
    }
    note(actor, IMPORT, subject=", ".join(named), detail=detail)


def check_heads(households: str) -> None:
    """Every farming household of a SELECT that has members has exactly one head from now on: the last check of every action."""
    from bangfu.register.problems import NO_HEAD

    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT min(h.number) FROM register_household h
            WHERE h.id IN ({households}) AND h.sort = 'farming'
              AND EXISTS (SELECT 1 FROM register_membership m WHERE m.household_id = h.id AND upper_inf(m.valid))
              AND NOT EXISTS (SELECT 1 FROM register_membership m WHERE m.household_id = h.id AND upper_inf(m.valid) AND m.relation = 'head')
            """
        )
        (number,) = cursor.fetchone()
    if number is not None:
        raise NO_HEAD(file="-", row="-", value=number)


class _Timer:
    """Notes how long each stage took."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome, self.last = outcome, time.perf_counter()

    def __call__(self, stage: str) -> None:
        now = time.perf_counter()
        self.outcome.stages[stage] = now - self.last
        self.last = now


def as_json(outcome: Outcome) -> dict[str, Any]:
    """The outcome as the command line gives it."""
    return {k: v for k, v in vars(outcome).items() if k != "rows_table" and v not in ({}, [], None)}
