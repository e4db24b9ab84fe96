"""Every write of screening: judge a county or some households and keep what changed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
from django.db import connection

from bangfu.accounts.audit import note
from bangfu.foundation import changes, clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor, system
from bangfu.foundation.copying import copy_in
from bangfu.foundation.reading import read_named
from bangfu.lake import store
from bangfu.lake.actions import refresh, rewrite
from bangfu.register import frame
from bangfu.screening.acts import JUDGE
from bangfu.screening.engine import (
    HouseholdJudge,
    ScreenResult,
    compile_pack,
    finding_rows,
    findings_of,
    long_rows,
    screen,
    verdicts_of,
)
from bangfu.screening.entries import confirm_entry, enter_parameter, open_scan, return_entry
from bangfu.screening.models import Finding, Run, Verdict
from bangfu.screening.pack import Pack
from bangfu.screening.visiting import read_relations

FOLLOWER = "screening"
MOST_AS_A_SET = 20_000  # more changed households than these are judged with the whole county
_SET = 5_000  # households in one run, so that memory is bounded
_judges = threading.local()
__all__ = [
    "confirm_entry",
    "enter_parameter",
    "follow",
    "open_scan",
    "read_household",
    "rejudge",
    "return_entry",
    "screen_county",
    "thread_judge",
]


def screen_county(
    actor: Actor,
    pack: Pack,
    *,
    as_of: date | None = None,
    known_on: date | None = None,
    overrides: Mapping[str, Any] | None = None,
    tell: bool = True,
) -> ScreenResult:
    """Judge every farming household of the county on a day with a pack. Without `tell` the layers above are not told of the verdicts: whoever
    plays days one by one tells them himself.

    The result is kept as the present verdicts only where it is one: a standard of its day (not an index asked for by name), the pack's
    own parameters, today, as known now. Any other run is a trial and gives its counts. The seconds are those of the statement over the lake. Raises BF-1001 without
    `screening.run`, BF-1505 for a day outside the pack, BF-1507 for an unknown parameter.
    """
    actor.require("screening.run")
    day = as_of or clock.today()
    pack.require_valid_on(day)
    watermark = changes.news(FOLLOWER).watermark
    manifest = refresh()
    statement = compile_pack(pack, day, overrides)
    with closing(store.connect()) as con:
        store.attach(con, as_of=day, known_on=known_on, manifest=manifest)
        views = frame.views(statement.reads, day)
        for name, select in views.items():
            con.execute(f"CREATE VIEW frame_{name} AS {select}")
        result = screen(con, pack, day, overrides=overrides, **{name: f"frame_{name}" for name in views})
        if pack.chosen_by_day and not overrides and known_on is None and day == clock.today():
            with acting(system(actor.scope, actor.name)):
                run = _run(actor, result, manifest.version, overrides)
                for kept, rows in (
                    (_VERDICTS, long_rows("verdicts", statement.guarantees)),
                    (_FINDINGS, finding_rows("verdicts", pack, result.limits)),
                ):
                    _keep(con.sql(rows).to_arrow_reader(100_000) if rows else (), run, kept)
                changes.seen(FOLLOWER, watermark)
                detail = {"pack": result.pack, "version": result.version, "as_of": result.as_of, "households": result.households}
                note(actor, JUDGE, subject=result.pack, detail=detail)
            rewrite("verdict")
            rewrite("finding")
            if tell:
                _tell(actor, None)
    return result


def _run(actor: Actor, result: ScreenResult, lake_version: int, overrides: Mapping[str, Any] | None) -> Run:
    return Run.objects.create(
        pack=result.pack,
        version=result.version,
        as_of=result.as_of,
        overrides={k: str(v) for k, v in (overrides or {}).items()},
        households=result.households,
        persons=result.persons,
        seconds=result.seconds,
        counts={g: dict(c) for g, c in result.counts.items()},
        findings=result.as_json()["findings"],
        limits=dict(result.limits),
        lake_version=lake_version,
        actor=actor.name,
    )


@dataclass(frozen=True, slots=True)
class _Kept:
    """A table of what was judged: its columns beside household and path that say what a row is of, and those that say what came out."""

    table: str
    subject: Mapping[str, str]
    outcome: Mapping[str, str]


_VERDICTS = _Kept("screening_verdict", {"guarantee": "text"}, {"result": "text", "reasons": "varchar[]", "values": "jsonb"})
_FINDINGS = _Kept(
    "screening_finding", {"sort": "text", "subject": "text"}, {"state": "text", "reasons": "varchar[]", "values": "jsonb"}
)


def _keep(rows: Any, run: Run, kept: _Kept) -> None:
    """Write the rows of a whole county that differ from the present ones, and take away those that it no longer has."""
    columns = {"household": "bigint", "path": "text", **kept.subject, **kept.outcome}
    staged = f"judged_{kept.table}"
    same = " AND ".join(["v.household_id = j.household", *(f"v.{c} = j.{c}" for c in kept.subject)])
    outcome = [*kept.outcome, "path"]
    before, after = (", ".join(f"{alias}.{c}" for c in outcome) for alias in ("v", "j"))
    listed = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE {staged} ({', '.join(f'{c} {t}' for c, t in columns.items())}) ON COMMIT DROP")
        _copy_judged(staged, rows)
        cursor.execute(f"ANALYZE {staged}")
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {kept.table})")
        if cursor.fetchone()[0]:
            cursor.execute(
                f"UPDATE {kept.table} v SET {', '.join(f'{c} = j.{c}' for c in outcome)}, run_id = %s FROM {staged} j "
                f"WHERE {same} AND ({before}) IS DISTINCT FROM ({after})",
                [run.pk],
            )
        cursor.execute(
            f"INSERT INTO {kept.table} (household_id, {listed.removeprefix('household, ')}, run_id) SELECT {listed}, %s FROM {staged} j "
            f"WHERE NOT EXISTS (SELECT 1 FROM {kept.table} v WHERE {same})",
            [run.pk],
        )
        cursor.execute(f"DELETE FROM {kept.table} v WHERE NOT EXISTS (SELECT 1 FROM {staged} j WHERE {same})")
        cursor.execute(f"ANALYZE {kept.table}")  # lists by result are asked for before the server's own vacuum comes by


def _copy_judged(table: str, reader: Any) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    for batch in reader:
        reasons = batch.column("reasons")
        # A list as PostgreSQL's array text: reason codes are plain words.
        listed = pc.binary_join_element_wise("{", pc.binary_join(reasons, ","), "}", "")
        flat = batch.set_column(batch.schema.get_field_index("reasons"), "reasons", listed)
        copy_in(table, pa.Table.from_batches([flat]))


def rejudge(actor: Actor, households: Iterable[int], pack: Pack, *, as_of: date | None = None) -> dict[int, dict[str, str]]:
    """Judge households after a change, from the tables themselves, with the statement prepared once in this thread.

    One household is judged by itself, several as a set: both come to the same. Keeps what changed. A score that selects by quota is
    held against the limit of the county's last screening. Returns household → guarantee → result.
    """
    day = as_of or clock.today()
    listed = list(dict.fromkeys(households))
    found: dict[int, dict[str, str]] = {}
    with acting(system(actor.scope, actor.name)):
        if len(listed) == 1:
            return _rejudge_one(actor, listed[0], pack, day)
        for start in range(0, len(listed), _SET):
            found |= _rejudge_set(actor, listed[start : start + _SET], pack, day)
    return found


def _rejudge_one(actor: Actor, household: int, pack: Pack, day: date) -> dict[int, dict[str, str]]:
    judge = thread_judge(pack, day)
    row, persons = read_household(household, pack, day)
    if row is None:  # nobody lives there any more: there is nothing to judge
        Verdict.objects.filter(household=household).delete()
        Finding.objects.filter(household=household).delete()
        return {}
    judged = judge.rows([(row, persons)])[0]
    verdicts = verdicts_of(judged, judge.statement.guarantees)
    said = [_row(guarantee=g, result=v.result, reasons=v.reasons, values=v.values) for g, v in verdicts.items()]
    run = _small_run(actor, pack, day, households=1, persons=len(persons)) | {"household": household, "path": row["path"]}
    _keep_one(_VERDICTS, said, run)
    if _has_findings(pack):
        told = findings_of(judged, pack, Run.objects.limits_of(pack, day))
        said = [_row(sort=f.sort, subject=f.name, state=f.state, reasons=f.reasons, values=f.values) for f in told]
        _keep_one(_FINDINGS, said, run)
    return {household: {g: v.result for g, v in verdicts.items()}}


def _rejudge_set(actor: Actor, households: list[int], pack: Pack, day: date) -> dict[int, dict[str, str]]:
    judge = thread_judge(pack, day)
    relations = read_relations(households, judge.statement.reads, judge.columns, day)
    judged = judge.judge_set(relations)
    run = _small_run(
        actor, pack, day, households=judged.num_rows, persons=relations["persons"].num_rows if "persons" in relations else 0
    )
    guarantees = judge.statement.guarantees
    with closing(duckdb.connect(":memory:")) as con:
        con.execute("SET threads = 1; SET enable_progress_bar = false")
        con.register("judged", judged)
        _keep_set(_VERDICTS, con.sql(long_rows("judged", guarantees)).to_arrow_reader(100_000), households, run)
        if _has_findings(pack):
            rows = con.sql(finding_rows("judged", pack, Run.objects.limits_of(pack, day))).to_arrow_reader(100_000)
            _keep_set(_FINDINGS, rows, households, run)
        listed = ", ".join(f"{name}::VARCHAR" for name in ("household", *guarantees))
        return {
            int(household): dict(zip(guarantees, results, strict=True))
            for household, *results in con.execute(f"SELECT {listed} FROM judged").fetchall()
        }


def _small_run(actor: Actor, pack: Pack, day: date, *, households: int, persons: int) -> dict[str, Any]:
    """What is kept of a run that judged some households: it has no counts of a county."""
    return {
        "pack": pack.name,
        "version": pack.version,
        "day": day,
        "households": households,
        "persons": persons,
        "actor": actor.name,
    }


def _row(*, reasons: Sequence[str], values: Mapping[str, Any], **subject: str) -> dict[str, Any]:
    return {**subject, "reasons": list(reasons) or None, "values": dict(values) or None}


def _has_findings(pack: Pack) -> bool:
    return bool(pack.hints or pack.groups or pack.proposals or pack.scores)


def _keep_one(kept: _Kept, rows: list[dict[str, Any]], run: Mapping[str, Any]) -> None:
    """Write the rows of one household that differ from the present ones; take away those that it no longer has."""
    columns = ", ".join(f"{c} {t}" for c, t in {**kept.subject, **kept.outcome}.items())
    judged = f"SELECT %(household)s::bigint AS household, %(path)s::text AS path, j.* FROM jsonb_to_recordset(%(rows)s::jsonb) AS j({columns})"
    with connection.cursor() as cursor:
        _keep_differing(cursor, kept, judged, "= %(household)s", {**run, "rows": json.dumps(rows, default=str)})


def _keep_set(kept: _Kept, rows: Any, households: list[int], run: Mapping[str, Any]) -> None:
    """Write the rows of some households that differ from the present ones; take away those that they no longer have."""
    staged = f"judged_{kept.table}"
    columns = {"household": "bigint", "path": "text", **kept.subject, **kept.outcome}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {staged}")
        cursor.execute(f"CREATE TEMP TABLE {staged} ({', '.join(f'{c} {t}' for c, t in columns.items())}) ON COMMIT DROP")
        _copy_judged(staged, rows)
        cursor.execute(f"ANALYZE {staged}")
        _keep_differing(cursor, kept, f"SELECT * FROM {staged}", "= ANY(%(listed)s::bigint[])", {**run, "listed": households})


def _keep_differing(cursor: Any, kept: _Kept, judged: str, chosen: str, values: Mapping[str, Any]) -> None:
    """One statement: what differs is written, what is no longer so is taken away; the run is written only where a row differs."""
    subject, outcome = list(kept.subject), [*kept.outcome, "path"]
    same = " AND ".join(["v.household_id = j.household", *(f"v.{c} = j.{c}" for c in subject)])
    before, after = (", ".join(f"{alias}.{c}" for c in outcome) for alias in ("v", "j"))
    listed = [*subject, *outcome]
    cursor.execute(
        f"""
        WITH judged AS ({judged}), gone AS (
          DELETE FROM {kept.table} v WHERE v.household_id {chosen} AND NOT EXISTS (SELECT 1 FROM judged j WHERE {same})
        ), differing AS (
          SELECT j.* FROM judged j LEFT JOIN {kept.table} v ON {same} WHERE ({before}) IS DISTINCT FROM ({after})
        ), run AS (
          INSERT INTO screening_run
            (pack, version, as_of, overrides, households, persons, seconds, counts, findings, limits, lake_version, actor)
          SELECT %(pack)s, %(version)s, %(day)s, '{{}}', %(households)s, %(persons)s, 0, '{{}}', '{{}}', '{{}}', 0, %(actor)s
          WHERE EXISTS (SELECT 1 FROM differing)
          RETURNING id
        )
        INSERT INTO {kept.table} (household_id, run_id, {", ".join(listed)})
        SELECT differing.household, run.id, {", ".join(f"differing.{c}" for c in listed)} FROM differing, run
        ON CONFLICT (household_id, {", ".join(subject)}) DO UPDATE SET
          {", ".join(f"{c} = excluded.{c}" for c in outcome)}, run_id = excluded.run_id
        """,
        values,
    )


def thread_judge(pack: Pack, day: date) -> HouseholdJudge:
    """This thread's prepared judge of a pack on a day: DuckDB's prepared statements belong to one thread."""
    kept: dict[tuple[str, date], HouseholdJudge] = _judges.__dict__.setdefault("kept", {})
    key = (pack.version, day)
    if key not in kept:
        for old in kept.values():
            old.close()
        kept.clear()
        kept[key] = HouseholdJudge(pack, day)
    return kept[key]


def read_household(household: int, pack: Pack, day: date) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """A household's row (with its income items and land) and its members' rows as a pack sees them on a day, from PostgreSQL.

    (None, []) where nobody lives there.
    """
    views = frame.views(pack.columns, day, frame.tables_on(day))
    given = {"household": household}
    homes = read_named(views["households"], given)
    if not homes:
        return None, []
    rows = {relation: read_named(view, given) for relation, view in views.items() if relation != "households"}
    persons = rows.pop("persons", [])
    return homes[0] | rows, persons


def follow(actor: Actor, pack: Pack) -> int:
    """Judge again what changed since the last time: a job, run whenever the change table has news. Returns the households judged."""
    news = changes.news(FOLLOWER)
    if len(news.households) > MOST_AS_A_SET:
        return screen_county(actor, pack).households
    done = rejudge(actor, news.households, pack)
    if news.households:
        _tell(actor, news.households)
    changes.seen(FOLLOWER, news.watermark)
    return len(done)


def _tell(actor: Actor, households: list[int] | None) -> None:
    """Tell the layers above that verdicts were written: of some households, or of all."""
    for _ in changes.verdicts_changed.ask(actor, households):
        pass
