"""Every write to the lake: a refresh appends what changed, a compaction rewrites a table as one part."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection, transaction

from bangfu.foundation import changes
from bangfu.foundation.home import home
from bangfu.foundation.postgres import dsn
from bangfu.lake import store
from bangfu.lake.store import Manifest, Part
from bangfu.lake.tables import HOUSEHOLD, PERSON, WHOLE, LakeTable, members_of, tables

FOLLOWER = "lake"
ONE_AT_A_TIME = 1601  # the advisory lock of refreshes
MOST_PARTS = 8
DELTA_SHARE = 0.2  # more changed households than this share: a new base is cheaper than a delta


def refresh(*, full: bool = False) -> Manifest:
    """Bring the lake up to the last committed change: a delta of the households that changed, or everything.

    Returns the version that readers see from now on. All tables are read in one snapshot. The watermark is kept only once the
    manifest is in place, so a refresh that is killed is done again.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        news = changes.news(FOLLOWER)
        last = store.read_manifest()
        missing = {t for t in tables() if t not in last.parts}
        states = {t.name: _state(t) for t in tables().values() if t.subject == WHOLE}
        if not full and not missing and not news.households and states == last.states:
            return last
        base_rows = sum(p.rows for p in last.parts.get(HOUSEHOLD, [])) or 1
        whole = full or not last.parts or len(news.households) > DELTA_SHARE * base_rows
        next_one = Manifest(last.version + 1, news.watermark, dict(last.parts), states)
        anew = {
            t.name
            for t in tables().values()
            if whole or t.name in missing or (t.subject == WHOLE and states[t.name] != last.states.get(t.name))
        }
        delta = {t.name for t in tables().values() if t.name not in anew and t.subject != WHOLE} if news.households else set()
        subjects = {HOUSEHOLD: news.households, PERSON: _persons(news.households)} if delta else {}
        _write_parts(next_one, last, anew, delta, subjects)
        store.write_manifest(next_one)
        changes.seen(FOLLOWER, news.watermark)
    if any(len(p) > MOST_PARTS for p in next_one.parts.values()):
        next_one = compact()
    _sweep(next_one)
    return next_one


def rewrite(*names: str) -> Manifest:
    """Write some tables anew, for a package that changed them as a whole without a change of households (verdicts)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        last = store.read_manifest()
        next_one = Manifest(last.version + 1, last.watermark, dict(last.parts), dict(last.states))
        _write_parts(next_one, last, set(names), set(), {})
        store.write_manifest(next_one)
    _sweep(next_one)
    return next_one


def _write_parts(next_one: Manifest, last: Manifest, anew: set[str], delta: set[str], subjects: dict[str, list[int]]) -> None:
    """Write the parts of a version, two tables at a time, every connection in the snapshot of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
    for subject, ids in subjects.items():
        pq.write_table(pa.table({"subject": pa.array(ids, pa.int64())}), home().lake / _subjects_file(subject, next_one.version))

    def one(table: LakeTable) -> Part:
        file = f"{table.name}.{next_one.version}.parquet"
        with closing(adbc.connect(dsn.uri("owner"), autocommit=True)) as source, closing(source.cursor()) as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            if table.name in anew:
                return Part(file, _write(cursor, table, _query(table), home().lake / file))
            column = dict(table.select)[table.subject_column]
            listed = ",".join(map(str, subjects[table.subject]))
            rows = _write(cursor, table, _query(table, f" WHERE {column} = ANY('{{{listed}}}'::bigint[])"), home().lake / file)
            return Part(file, rows, _subjects_file(table.subject, next_one.version))

    wanted = [t for t in tables().values() if t.name in anew | delta]
    with ThreadPoolExecutor(2) as pool:
        for table, part in zip(wanted, pool.map(one, wanted), strict=True):
            next_one.parts[table.name] = [part] if table.name in anew else [*last.parts[table.name], part]


def _subjects_file(subject: str, version: int) -> str:
    return f"{subject}s.{version}.subjects.parquet"


def _persons(households: list[int]) -> list[int]:
    return sorted({p for _, persons in members_of.ask(households) for p in persons})


def compact() -> Manifest:
    """Rewrite every table of several parts as one; readers of the old version keep its files until the next sweep."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        last = store.read_manifest()
        next_one = Manifest(last.version + 1, last.watermark, dict(last.parts), dict(last.states))
        with closing(store.connect()) as con:
            for table in tables().values():
                if len(last.parts.get(table.name, [])) > 1:
                    file = f"{table.name}.{next_one.version}.parquet"
                    con.execute(
                        f"COPY (SELECT * FROM {store.relation(table, last)} ORDER BY path, {table.subject_column}) "
                        f"TO '{home().lake / file}' (FORMAT parquet, COMPRESSION zstd)"
                    )
                    next_one.parts[table.name] = [Part(file, pq.read_metadata(home().lake / file).num_rows)]
        store.write_manifest(next_one)
    return next_one


def _state(table: LakeTable) -> str:
    """A few numbers that differ when a small table differs."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), max(id), max({'recorded_from' if table.has_history else 'recorded_at'}) FROM {table.source}"
        )
        return str(cursor.fetchone())


def _query(table: LakeTable, where: str = "") -> str:
    """Current rows, and the history's with the moment at which they ceased to be."""
    columns = ", ".join(f"{expression} AS {name}" for name, expression in table.select)
    recorded = "recorded_from" if table.has_history else "recorded_at AS recorded_from"
    sql = f"SELECT {columns}, {recorded}, NULL::timestamptz AS recorded_until FROM {table.source}{where}"
    if table.has_history:
        sql += f" UNION ALL SELECT {columns}, recorded_from, recorded_until FROM {table.source}_history{where}"
    return sql


def _write(cursor: adbc.Cursor, table: LakeTable, sql: str, file: Path) -> int:
    """Stream a query into a Parquet file sorted by path; the sort spills to disk where it must."""
    with closing(store.connect(threads=1)) as con:
        cursor.execute(sql)
        reader: pa.RecordBatchReader = cursor.fetch_record_batch()
        con.register("rows", reader)
        con.execute(
            f"COPY (SELECT * FROM rows ORDER BY path, {table.subject_column}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)"
        )
    return int(pq.read_metadata(file).num_rows)


def _sweep(manifest: Manifest) -> None:
    """Delete files that neither this version nor the one before it names."""
    kept = {f for parts in manifest.parts.values() for p in parts for f in (p.file, p.subjects) if f}
    for path in home().lake.glob("*.parquet"):
        version = int(path.name.split(".")[-2] if "subjects" not in path.name else path.name.split(".")[1])
        if path.name not in kept and version < manifest.version - 1:
            path.unlink(missing_ok=True)
