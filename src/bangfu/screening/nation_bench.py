"""The bench `nation`: 100 million persons judged out of core, in memory that does not grow with them.

The nation is one synthetic county many times over, with keys shifted so that nobody is there twice, in Parquet files sorted by household.
It is judged by the product's own path for files of any size (`screen_parts`), at three sizes, so that the growth shows. Beside it the
same verdicts written by hand in DuckDB SQL, file by file, at the largest size.
"""

from __future__ import annotations

import math
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from bangfu.foundation.benchmarks import peak_mb
from bangfu.foundation.home import home
from bangfu.rules.compile import text_literal
from bangfu.screening.bench import AS_OF, HOUSEHOLDS, NO_ITEMS, PACK, hand_written, make_county
from bangfu.screening.engine import screen_parts
from bangfu.screening.engine.ranges import parts_by_range
from bangfu.screening.pack import Pack, load_pack

PERSONS = (10_000_000, 30_000_000, 100_000_000)
MEMORY = "3GB"  # of DuckDB; the process beside it needs some as well, and all of it must stay below 4 GB
COUNTIES_A_FILE = 7
BUDGET_S, BUDGET_MB, BUDGET_EXPONENT = 60, 4096, 1.05
_SPARE = 8 << 30  # bytes that must be free: the nation, its verdicts, what is spilled


def make_nation(connection: duckdb.DuckDBPyConnection, folder: Path, persons: int) -> dict[str, list[Path]]:
    """Write Parquet files of at least so many persons, sorted by household and split by it; gives the files by relation, in order."""
    connection.execute("SET preserve_insertion_order = true")
    households, people = make_county(connection, folder)
    connection.execute(f"CREATE TEMP TABLE homes AS FROM {households}; CREATE TEMP TABLE people AS FROM {people}")
    per_county = connection.execute("SELECT count(*) FROM people").fetchall()[0][0]
    counties = math.ceil(persons / per_county)
    shifted = {
        "households": "SELECT * REPLACE (household + {n} * {homes} AS household) FROM homes",
        "persons": "SELECT * REPLACE (household + {n} * {homes} AS household, person + {n} * {homes} * 16 AS person) FROM people",
    }
    files: dict[str, list[Path]] = {name: [] for name in shifted}
    for first in range(0, counties, COUNTIES_A_FILE):
        for name, select in shifted.items():
            file = folder / f"{name}-{first:04}.parquet"
            numbers = range(first, min(first + COUNTIES_A_FILE, counties))
            union = " UNION ALL ".join(select.format(n=n, homes=HOUSEHOLDS) for n in numbers)
            connection.execute(f"COPY ({union}) TO {text_literal(str(file))} (FORMAT parquet)")
            files[name].append(file)
    connection.execute("DROP TABLE homes; DROP TABLE people; SET preserve_insertion_order = false")
    return files


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """The power by which the time grows with the size: the slope of the straight line through the logarithms."""
    xs, ys = [math.log(size) for size in sizes], [math.log(second) for second in seconds]
    middle_x, middle_y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True)) / sum((x - middle_x) ** 2 for x in xs)


def bench_nation(scale: float, sizes: Sequence[int] = PERSONS, threads: int = 2) -> dict[str, Any]:
    """Run the bench `nation`; `scale` is that of counties and changes nothing here.

    `detail` has persons, households, files, `exponent`, `per_second`, `sizes` (persons → seconds) and the memory limit. Raises
    AssertionError where the two forms disagree, OSError where the disk has no room.
    """
    pack = load_pack(PACK).judging_only()  # what is written by hand beside it
    with tempfile.TemporaryDirectory(prefix="bangfu-nation-", dir=_room()) as room, closing(duckdb.connect(":memory:")) as con:
        folder = Path(room)
        con.execute(
            f"SET threads = {threads}; SET memory_limit = '{MEMORY}'; SET temp_directory = {text_literal(room + '/spill')}"
        )
        con.execute("SET enable_progress_bar = false")
        files = make_nation(con, folder, max(sizes))
        keys = dict.fromkeys(files, "household")
        rows = [_rows(con, file) for file in files["persons"]]
        screen_parts(con, pack, AS_OF, _parts(con, files, keys, 1), into=folder / "warm.parquet")
        measured: list[tuple[int, float]] = []
        processor: list[float] = []
        for size in sorted(sizes):
            count = next(n for n in range(1, len(rows) + 1) if sum(rows[:n]) >= size or n == len(rows))
            began, worked = time.perf_counter(), time.process_time()
            result = screen_parts(con, pack, AS_OF, _parts(con, files, keys, count), into=folder / "verdicts.parquet")
            elapsed = time.perf_counter() - began
            processor.append(time.process_time() - worked)
            measured.append((result.persons, result.seconds))
        baseline = _by_hand(con, pack, files, folder)
        peak = peak_mb()
        spilled = sum(file.stat().st_size for file in (folder / "spill").glob("*")) if (folder / "spill").exists() else 0
        return {
            "name": "nation",
            "scale": scale,
            "seconds": round(result.seconds, 2),
            "baseline": {"name": "hand-written DuckDB SQL, file by file", "seconds": round(baseline, 2)},
            "ratio": round(result.seconds / baseline, 3),
            "peak_mb": round(peak),
            "detail": {
                "persons": result.persons,
                "households": result.households,
                "per_second": round(result.persons / result.seconds),
                "exponent": round(exponent(*zip(*measured, strict=True)), 3),
                "sizes": {str(persons): round(seconds, 2) for persons, seconds in measured},
                "elapsed_s": round(elapsed, 2),
                # Of the processors, all cores together: what a machine that has other work as well does not stretch.
                "cpu_s": round(processor[-1], 2),
                "cpu_exponent": round(exponent([persons for persons, _ in measured], processor), 3),
                "memory_limit": MEMORY,
                "spilled_mb": round(spilled / 1e6),
                "files": len(rows) * 2,
                "guarantees": {name: dict(counts) for name, counts in result.counts.items()},
                "budget_s": BUDGET_S,
                "budget_mb": BUDGET_MB,
                "budget_exponent": BUDGET_EXPONENT,
            },
        }


def _room() -> Path | None:
    """A folder with room for the nation: that of the data folder, or the system's."""
    for place in (home().root, Path(tempfile.gettempdir())):
        existing = next(p for p in (place, *place.parents) if p.exists())
        if shutil.disk_usage(existing).free >= _SPARE and os.access(existing, os.W_OK):
            return existing
    raise OSError(f"less than {_SPARE >> 30} GB free")


def _parts(
    con: duckdb.DuckDBPyConnection, files: dict[str, list[Path]], keys: dict[str, str], count: int
) -> list[dict[str, str]]:
    parts = parts_by_range(con, {name: listed[:count] for name, listed in files.items()}, keys)
    return [part | {"items": f"({NO_ITEMS})"} for part in parts]


def _rows(con: duckdb.DuckDBPyConnection, file: Path) -> int:
    return int(con.execute(f"SELECT count(*) FROM read_parquet({text_literal(str(file))})").fetchall()[0][0])


def _by_hand(con: duckdb.DuckDBPyConnection, pack: Pack, files: dict[str, list[Path]], folder: Path) -> float:
    """Seconds of the hand-written SQL over all files; the verdicts of the last are held against ours."""
    target = text_literal(str(folder / "hand.parquet"))
    seconds = 0.0
    for pair in zip(files["households"], files["persons"], strict=True):
        households, persons = (f"read_parquet({text_literal(str(file))})" for file in pair)
        began = time.perf_counter()
        con.execute(f"COPY ({hand_written(persons, households)}) TO {target} (FORMAT parquet)")
        seconds += time.perf_counter() - began
    least = con.execute(f"SELECT min(household) FROM read_parquet({target})").fetchall()[0][0]
    ours = folder / "verdicts.parquet"
    pattern = text_literal(str(ours / "*.parquet") if ours.is_dir() else str(ours))
    one, other = f"SELECT * FROM read_parquet({pattern}) WHERE household >= {least}", f"SELECT * FROM read_parquet({target})"
    for left, right in ((one, other), (other, one)):
        differing = con.execute(f"{left} EXCEPT ALL {right} LIMIT 3").fetchall()
        assert not differing, differing
    assert pack.guarantees
    return seconds
