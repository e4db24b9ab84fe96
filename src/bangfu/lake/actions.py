"""Every write to the lake: a refresh appends what changed, a compaction rewrites a table as one part."""

from __future__ import annotations

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
from bangfu.lake.tables import HOUSEHOLD, WHOLE, LakeTable, members_of, tables

FOLLOWER = "lake"
ONE_AT_A_TIME = 1601  # the advisory lock of refreshes
MOST_PARTS = 8
DELTA_SHARE = 0.2  # more changed households than this share: a new base is cheaper than a delta


def refresh(*, full: bool = False) -> Manifest:
    """Bring the lake up to the last committed change: a delta of the households that changed, or everything.

    Returns the version that readers see from now on. The watermark is kept only once the manifest is in place, so a refresh
    that is killed is done again.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        news = changes.news(FOLLOWER)
        last = store.read_manifest()
        missing = [t for t in tables() if t not in last.parts]
        states = {t.name: _state(t) for t in tables().values() if t.subject == WHOLE}
        if not full and not missing and not news.households and states == last.states:
            return last
        base_rows = sum(p.rows for p in last.parts.get(HOUSEHOLD, [])) or 1
        whole = full or not last.parts or len(news.households) > DELTA_SHARE * base_rows
        next_one = Manifest(last.version + 1, news.watermark, dict(last.parts), states)
        with closing(adbc.connect(dsn.uri("owner"))) as source:
            for table in tables().values():
                unchanged = table.subject == WHOLE and states[table.name] == last.states.get(table.name)
                if unchanged and not full:
                    continue
                if whole or table.name in missing or table.subject == WHOLE:
                    next_one.parts[table.name] = [_base(source, table, next_one.version)]
                else:
                    part = _delta(source, table, news.households, next_one.version)
                    next_one.parts[table.name] = [*last.parts[table.name], part]
        store.write_manifest(next_one)
        changes.seen(FOLLOWER, news.watermark)
    if any(len(p) > MOST_PARTS for p in next_one.parts.values()):
        next_one = compact()
    _sweep(next_one)
    return next_one


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
        cursor.execute(f"SELECT count(*), max(id), max(recorded_from) FROM {table.source}")
        return str(cursor.fetchone())


def _query(table: LakeTable, where: str = "") -> str:
    """Current rows, and the history's with the moment at which they ceased to be."""
    columns = ", ".join(f"{expression} AS {name}" for name, expression in table.select)
    recorded = "recorded_from" if table.has_history else "recorded_at AS recorded_from"
    sql = f"SELECT {columns}, {recorded}, NULL::timestamptz AS recorded_until FROM {table.source}{where}"
    if table.has_history:
        sql += f" UNION ALL SELECT {columns}, recorded_from, recorded_until FROM {table.source}_history{where}"
    return sql


def _write(source: adbc.Connection, table: LakeTable, sql: str, file: Path) -> int:
    """Stream a query into a Parquet file sorted by path; the sort spills to disk where it must."""
    with closing(source.cursor()) as cursor, closing(store.connect()) as con:
        cursor.execute(sql)
        reader: pa.RecordBatchReader = cursor.fetch_record_batch()
        con.register("rows", reader)
        order = f"path, {table.subject_column}"
        con.execute(f"COPY (SELECT * FROM rows ORDER BY {order}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)")
    return int(pq.read_metadata(file).num_rows)


def _base(source: adbc.Connection, table: LakeTable, version: int) -> Part:
    file = f"{table.name}.{version}.parquet"
    return Part(file, _write(source, table, _query(table), home().lake / file))


def _delta(source: adbc.Connection, table: LakeTable, households: list[int], version: int) -> Part:
    subjects = (
        households if table.subject == HOUSEHOLD else sorted({p for _, persons in members_of.ask(households) for p in persons})
    )
    column = dict(table.select)[table.subject_column]
    file, listed = f"{table.name}.{version}.parquet", f"{table.subject}s.{version}.subjects.parquet"
    target = home().lake / listed
    if not target.exists():
        pq.write_table(pa.table({"subject": pa.array(subjects, pa.int64())}), target)
    ids = ", ".join(map(str, subjects)) or "NULL"
    where = (
        f" WHERE {column} IN ({ids})"
        if len(subjects) < 50
        else f" WHERE {column} = ANY('{{{','.join(map(str, subjects))}}}'::bigint[])"
    )
    return Part(file, _write(source, table, _query(table, where), home().lake / file), listed)


def _sweep(manifest: Manifest) -> None:
    """Delete files that neither this version nor the one before it names."""
    kept = {f for parts in manifest.parts.values() for p in parts for f in (p.file, p.subjects) if f}
    for path in home().lake.glob("*.parquet"):
        version = int(path.name.split(".")[-2] if "subjects" not in path.name else path.name.split(".")[1])
        if path.name not in kept and version < manifest.version - 1:
            path.unlink(missing_ok=True)
