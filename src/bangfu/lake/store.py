"""The files of the lake: parts per table, and a manifest swapped by rename that tells readers the last version.

A table is its parts in order. The first is the base; each later one holds all rows of the subjects that changed, and the list
of those subjects, whose rows in earlier parts no longer count. Readers see one version whole, whatever is written meanwhile.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from bangfu.foundation.home import home
from bangfu.lake.tables import LakeTable, tables

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Part:
    """A Parquet file of a table; `subjects` names the file of subjects that it replaces (None for the base)."""

    file: str
    rows: int
    subjects: str | None = None


@dataclass
class Manifest:
    """One version of the lake: its number, the change watermark it is complete up to, and each table's parts."""

    version: int = 0
    watermark: int = 0
    parts: dict[str, list[Part]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)  # what tables written whole were when they were written


def read_manifest(folder: Path | None = None) -> Manifest:
    """The last version; an empty one where there is no lake yet."""
    path = (folder or home().lake) / MANIFEST
    if not path.exists():
        return Manifest()
    raw = json.loads(path.read_text("utf-8"))
    return Manifest(
        raw["version"], raw["watermark"], {t: [Part(**p) for p in parts] for t, parts in raw["parts"].items()}, raw["states"]
    )


def write_manifest(manifest: Manifest, folder: Path | None = None) -> None:
    """Make a version the last one: written beside, synced, and put in place by one rename."""
    place = folder or home().lake
    beside = place / f".{MANIFEST}.{os.getpid()}"
    with beside.open("w", encoding="utf-8") as out:
        json.dump(asdict(manifest), out)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(place / MANIFEST)


def relation(table: LakeTable, manifest: Manifest, folder: Path | None = None) -> str:
    """SQL that may stand after FROM: every row of a table in a version, those that changed since the base in their newest form."""
    place = folder or home().lake
    parts = manifest.parts.get(table.name, [])
    if not parts:
        columns = ", ".join(f"NULL AS {c}" for c in table.columns)
        return f"(SELECT {columns} WHERE false)"
    names = [f"read_parquet('{place / p.file}')" for p in parts]
    if len(parts) == 1:
        return names[0]
    pieces = []
    for n, name in enumerate(names):
        later = [f"SELECT subject FROM read_parquet('{place / p.subjects}')" for p in parts[n + 1 :] if p.subjects]
        where = f" WHERE {table.subject_column} NOT IN ({' UNION ALL '.join(later)})" if later else ""
        pieces.append(f"SELECT * FROM {name}{where}")
    return f"({' UNION ALL BY NAME '.join(pieces)})"


def connect(*, threads: int = 2, memory: str = "2GB") -> duckdb.DuckDBPyConnection:
    """A DuckDB for the lake, its threads and memory set."""
    con = duckdb.connect(":memory:")
    con.execute(
        f"SET threads = {threads}; SET memory_limit = '{memory}'; SET temp_directory = '{home().tmp}'; SET preserve_insertion_order = false; SET enable_progress_bar = false"
    )
    return con


def attach(
    con: duckdb.DuckDBPyConnection,
    *,
    as_of: date | None = None,
    known_on: date | None = None,
    manifest: Manifest | None = None,
    folder: Path | None = None,
) -> Manifest:
    """Make every table of the lake a view: as it was true on `as_of`, as it was known at the end of `known_on`.

    Without `as_of` the view `t` has every valid time, and with it `t_ever` has; without `known_on` it has what is known now.
    """
    manifest = manifest or read_manifest(folder)
    for table in tables().values():
        known = (
            "recorded_until IS NULL"
            if known_on is None
            else f"recorded_from < DATE '{known_on}' + 1 AND (recorded_until IS NULL OR recorded_until >= DATE '{known_on}' + 1)"
        )
        true_then = (
            f" AND valid_from <= DATE '{as_of}' AND (valid_to IS NULL OR valid_to > DATE '{as_of}')"
            if table.temporal and as_of
            else ""
        )
        rows = f"SELECT * FROM {relation(table, manifest, folder)} WHERE {known}"
        con.execute(f'CREATE OR REPLACE VIEW "{table.name}" AS {rows}{true_then}')
        if true_then:
            con.execute(f'CREATE OR REPLACE VIEW "{table.name}_ever" AS {rows}')
    return manifest
