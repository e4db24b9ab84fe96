"""Every write of screening: judge a county or some households and keep what changed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import date
from typing import Any

from django.db import connection

from bangfu.accounts.audit import note
from bangfu.foundation import changes, clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor, system
from bangfu.foundation.copying import copy_in
from bangfu.lake import store
from bangfu.lake.actions import refresh, rewrite
from bangfu.register import frame
from bangfu.rules.schema import HOUSEHOLD, PERSON
from bangfu.screening.acts import JUDGE
from bangfu.screening.engine import HouseholdJudge, ScreenResult, compile_pack, long_rows, screen
from bangfu.screening.models import Run, Verdict
from bangfu.screening.pack import Pack

FOLLOWER = "screening"
_judges = threading.local()


def screen_county(
    actor: Actor,
    pack: Pack,
    *,
    as_of: date | None = None,
    known_on: date | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> ScreenResult:
    """Judge every farming household of the county on a day with a pack.

    The result is kept as the present verdicts only where it is one: the pack's own parameters, today, as known now. Any other
    run is a trial and gives its counts. The seconds are those of the statement over the lake. Raises BF-1001 without
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
        con.execute(f"CREATE VIEW frame_persons AS {frame.persons_sql(statement.person_columns)}")
        con.execute(f"CREATE VIEW frame_households AS {frame.households_sql(statement.household_columns, day)}")
        result = screen(con, pack, day, persons="frame_persons", households="frame_households", overrides=overrides)
        if not overrides and known_on is None and day == clock.today():
            rows = con.sql(long_rows("verdicts", statement.guarantees)).to_arrow_reader(100_000)
            with acting(system(actor.scope, actor.name)):
                run = _run(actor, result, manifest.version, overrides)
                _keep(rows, run, whole=True)
                changes.seen(FOLLOWER, watermark)
                detail = {"pack": result.pack, "version": result.version, "as_of": result.as_of, "households": result.households}
                note(actor, JUDGE, subject=result.pack, detail=detail)
            rewrite("verdict")
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
        lake_version=lake_version,
        actor=actor.name,
    )


def _keep(rows: Any, run: Run, *, whole: bool) -> None:
    """Write verdicts that differ from the present ones; with `whole`, take away those of households that are no longer judged."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE judged (household bigint, path text, guarantee text, result text, reasons varchar[], values jsonb) ON COMMIT DROP"
        )
        _copy_verdicts(rows)
        cursor.execute("ANALYZE judged")
        cursor.execute("SELECT EXISTS (SELECT 1 FROM screening_verdict)")
        if cursor.fetchone()[0]:
            cursor.execute(
                """
                UPDATE screening_verdict v SET result = j.result, reasons = j.reasons, values = j.values, path = j.path, run_id = %s
                FROM judged j WHERE v.household_id = j.household AND v.guarantee = j.guarantee
                  AND (v.result, v.reasons, v.values, v.path) IS DISTINCT FROM (j.result, j.reasons, j.values, j.path)
                """,
                [run.pk],
            )
        cursor.execute(
            """
            INSERT INTO screening_verdict (household_id, guarantee, result, reasons, values, path, run_id)
            SELECT household, guarantee, result, reasons, values, path, %s FROM judged j
            WHERE NOT EXISTS (SELECT 1 FROM screening_verdict v WHERE v.household_id = j.household AND v.guarantee = j.guarantee)
            """,
            [run.pk],
        )
        if whole:
            cursor.execute(
                "DELETE FROM screening_verdict v WHERE NOT EXISTS "
                "(SELECT 1 FROM judged j WHERE j.household = v.household_id AND j.guarantee = v.guarantee)"
            )
            cursor.execute("ANALYZE screening_verdict")  # lists by result are asked for before the server's own vacuum comes by


def _copy_verdicts(reader: Any) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    def flat() -> Iterable[pa.RecordBatch]:
        for batch in reader:
            reasons = batch.column("reasons")
            # A list as PostgreSQL's array text: reason codes are plain words.
            listed = pc.binary_join_element_wise("{", pc.binary_join(reasons, ","), "}", "")
            yield batch.set_column(batch.schema.get_field_index("reasons"), "reasons", listed)

    for batch in flat():
        copy_in("judged", pa.Table.from_batches([batch]))


def rejudge(actor: Actor, households: Iterable[int], pack: Pack, *, as_of: date | None = None) -> dict[int, dict[str, str]]:
    """Judge households after a change, from the tables themselves, with the statement prepared once in this thread.

    Keeps what changed. Returns household → guarantee → result.
    """
    day = as_of or clock.today()
    judge = thread_judge(pack, day)
    found: dict[int, dict[str, str]] = {}
    with acting(system(actor.scope, actor.name)):
        for household in households:
            row, persons = read_household(household, pack, day)
            if row is None:  # nobody lives there any more: there is nothing to judge
                Verdict.objects.filter(household=household).delete()
                continue
            verdicts = judge.judge(row, persons)
            found[household] = {g: v.result for g, v in verdicts.items()}
            with connection.cursor() as cursor:
                # One statement: the run is written only where a verdict differs.
                cursor.execute(
                    """
                    WITH judged AS (
                      SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS j(guarantee text, result text, reasons varchar[], values jsonb)
                    ), differing AS (
                      SELECT j.* FROM judged j LEFT JOIN screening_verdict v ON v.household_id = %(household)s AND v.guarantee = j.guarantee
                      WHERE (v.result, v.reasons, v.values, v.path) IS DISTINCT FROM (j.result, j.reasons, j.values, %(path)s)
                    ), run AS (
                      INSERT INTO screening_run (pack, version, as_of, overrides, households, persons, seconds, counts, lake_version, actor)
                      SELECT %(pack)s, %(version)s, %(day)s, '{}', 1, %(persons)s, 0, '{}', 0, %(actor)s WHERE EXISTS (SELECT 1 FROM differing)
                      RETURNING id
                    )
                    INSERT INTO screening_verdict (household_id, guarantee, result, reasons, values, path, run_id)
                    SELECT %(household)s, guarantee, result, reasons, values, %(path)s, run.id FROM differing, run
                    ON CONFLICT (household_id, guarantee) DO UPDATE SET
                      result = excluded.result, reasons = excluded.reasons, values = excluded.values, path = excluded.path, run_id = excluded.run_id
                    """,
                    {
                        "rows": json.dumps(
                            [
                                {
                                    "guarantee": g,
                                    "result": v.result,
                                    "reasons": list(v.reasons) or None,
                                    "values": dict(v.values) or None,
                                }
                                for g, v in verdicts.items()
                            ],
                            default=str,
                        ),
                        "household": household,
                        "pack": pack.name,
                        "version": pack.version,
                        "day": day,
                        "persons": len(persons),
                        "actor": actor.name,
                        "path": row["path"],
                    },
                )
    return found


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
    """A household's row and its members' rows as a pack sees them on a day, from PostgreSQL. (None, []) where nobody lives there."""
    source = frame.tables_on(day)
    with connection.cursor() as cursor:
        cursor.execute(frame.households_sql(pack.columns[HOUSEHOLD], day, source), {"household": household})
        names = [c.name for c in cursor.description]
        row = cursor.fetchone()
        if row is None:
            return None, []
        cursor.execute(frame.persons_sql(pack.columns[PERSON], source), {"household": household})
        columns = [c.name for c in cursor.description]
        persons = [dict(zip(columns, p, strict=True)) for p in cursor.fetchall()]
    return dict(zip(names, row, strict=True)), persons


def follow(actor: Actor, pack: Pack) -> int:
    """Judge again what changed since the last time: a job, run whenever the change table has news. Returns the households judged."""
    news = changes.news(FOLLOWER)
    if len(news.households) > 2_000:
        return screen_county(actor, pack).households
    done = rejudge(actor, news.households, pack)
    changes.seen(FOLLOWER, news.watermark)
    return len(done)
