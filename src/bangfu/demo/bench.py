"""Benches of a whole county: its import and export, and judging one household, or a thousand, again after a change."""

from __future__ import annotations

import io
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bangfu.foundation.benchmarks import benches, peak_mb

BUDGET_IMPORT = {"seconds": 90, "ratio": 4, "peak_mb": 1500}
BUDGET_EXPORT = {"seconds": 60}
BUDGET_REJUDGE_MS = 40
ROUNDS = 200
BUDGET_DELTA_S = 0.3
DELTA = 1_000
DELTA_ROUNDS = 6


def _workbooks(scale: float) -> Path:
    """The county's workbooks at a scale, and its areas in the scratch database."""
    from django.core.management import call_command

    from bangfu.demo.building import DAY, lay_areas
    from bangfu.demo.population import generate, read_facts, read_villages
    from bangfu.demo.workbooks import write_workbooks
    from bangfu.foundation import clock
    from bangfu.foundation.home import home

    clock.set_process_clock(clock.moment(DAY))
    call_command("migrate", verbosity=0)
    lay_areas(2020)
    folder = home().root / "demo" / "workbooks"
    write_workbooks(generate(read_villages(), read_facts(), scale=scale), folder)
    return folder


def in_own_process(work: str, *given: str) -> dict[str, Any]:
    """A piece of work in a process of its own, so that its memory is its own; the outcome with `peak_mb` of the largest process."""
    answer = subprocess.run([sys.executable, "-m", "bangfu.demo.bench", work, *given], check=True, stdout=subprocess.PIPE)
    outcome: dict[str, Any] = json.loads(answer.stdout.decode().strip().splitlines()[-1])
    return outcome


def _import(folder: str) -> dict[str, Any]:
    from bangfu.foundation.county import the_county
    from bangfu.register.importing.run import as_json, import_files

    return as_json(import_files(the_county().operator(), Path(folder)))


def _export(path: str, under: str) -> dict[str, Any]:
    from bangfu.foundation.county import the_county
    from bangfu.register.actions import export_register

    began = time.perf_counter()
    rows = export_register(the_county().operator(), Path(path), under=under)
    return {"rows": rows, "seconds": time.perf_counter() - began, "mb": round(Path(path).stat().st_size / 1e6, 1)}


def main(work: str, *given: str) -> None:
    """One piece of work in this process, and what it cost as JSON."""
    import django

    django.setup()
    from bangfu.demo.card_bench import print_cards

    works: dict[str, Callable[..., dict[str, Any]]] = {"import": _import, "export": _export, "cards": print_cards}
    done = works[work](*given)
    print(json.dumps(done | {"peak_mb": round(peak_mb())}, default=str))


def _read_cells(path: Path) -> int:
    from bangfu.register.importing.opening import read_raw

    return int(read_raw(path).num_rows)


def _plain_copy(folder: Path) -> tuple[float, float]:
    """The baseline: seconds of reading the files' cells, and of COPY of the finished rows into the same indexed tables."""
    from django.db import connection, transaction

    from bangfu.register.importing.bulk import TABLES

    began = time.perf_counter()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(_read_cells, sorted(folder.glob("*.xlsx"))))
    reading = time.perf_counter() - began
    names = [f"register_{table}" for table in ("source", *TABLES)]
    kept: dict[str, tuple[str, bytes]] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        for name in names:
            cursor.execute(
                "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = %s",
                [name],
            )
            columns = cursor.fetchone()[0]
            sink = io.BytesIO()
            with cursor.copy(f"COPY {name} ({columns}) TO STDOUT (FORMAT binary)") as out:
                for piece in out:
                    sink.write(piece)
            kept[name] = (columns, sink.getvalue())
        cursor.execute(f"TRUNCATE {', '.join(names)} CASCADE")
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for name in names:
            columns, data = kept.pop(name)
            with cursor.copy(f"COPY {name} ({columns}) FROM STDIN (FORMAT binary)") as into:
                for start in range(0, len(data), 1 << 20):
                    into.write(data[start : start + (1 << 20)])
    return reading, time.perf_counter() - began


def bench_import(scale: float) -> dict[str, Any]:
    """`bench import`: a county's workbooks into an empty register, beside reading them and COPY into the same indexed tables."""
    folder = _workbooks(scale)
    outcome = in_own_process("import", str(folder))
    reading, copying = _plain_copy(folder)
    baseline = reading + copying
    return {
        "name": "import",
        "scale": scale,
        "seconds": round(outcome["seconds"], 2),
        "baseline": {"name": "read the files + COPY into the same indexed tables", "seconds": round(baseline, 2)},
        "ratio": round(outcome["seconds"] / baseline, 2),
        "peak_mb": outcome["peak_mb"],
        "detail": {
            "per_second": round(outcome["rows"] / outcome["seconds"]),
            "rows": outcome["rows"],
            "stages": {k: round(v, 1) for k, v in outcome["stages"].items()},
            "read_s": round(reading, 1),
            "copy_s": round(copying, 1),
            "budget": BUDGET_IMPORT,
        },
    }


def bench_export(scale: float) -> dict[str, Any]:
    """`bench export`: the whole register as a workbook, numbers masked, beside COPY of the same rows into a plain text file.

    That memory does not grow with the county is seen in `township`: the peak of exporting one township alone.
    """
    from django.db import connection

    from bangfu.areas.models import Area
    from bangfu.foundation import clock
    from bangfu.foundation.copying import copy_text
    from bangfu.foundation.county import the_county
    from bangfu.foundation.home import home
    from bangfu.register.exporting import select

    in_own_process("import", str(_workbooks(scale)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    county, target = the_county(), home().root
    township = Area.objects.under(county.path).level("township").order_by("path")[0].path
    part = in_own_process("export", str(target / "township.xlsx"), township)
    whole = in_own_process("export", str(target / "register.xlsx"), county.path)
    began = time.perf_counter()
    query, parameters, _ = select(county.path, clock.today())
    with (target / "register.csv").open("wb") as out:
        for piece in copy_text(query, parameters):
            out.write(piece)
    baseline = time.perf_counter() - began
    return {
        "name": "export",
        "scale": scale,
        "seconds": round(whole["seconds"], 2),
        "baseline": {"name": "COPY of the same rows into a text file", "seconds": round(baseline, 2)},
        "ratio": round(whole["seconds"] / baseline, 2),
        "peak_mb": whole["peak_mb"],
        "detail": {
            "rows": whole["rows"],
            "per_second": round(whole["rows"] / whole["seconds"]),
            "file_mb": whole["mb"],
            "township": part,
            "budget": BUDGET_EXPORT,
        },
    }


def bench_rejudge(scale: float) -> dict[str, Any]:
    """`bench rejudge`: a value of one household changes and it is judged again, end to end; beside the statement alone."""
    from django.db import connection, transaction

    from bangfu.demo.building import judge
    from bangfu.foundation import changes, clock
    from bangfu.foundation.county import the_county
    from bangfu.screening.actions import read_household, rejudge, thread_judge
    from bangfu.screening.pack import pack_on

    folder = _workbooks(scale)
    in_own_process("import", str(folder))
    county = the_county()
    judge(county)
    operator, today = county.operator(), clock.today()
    pack = pack_on(today, county.country)
    with connection.cursor() as cursor:
        cursor.execute("SELECT household_id FROM register_house ORDER BY md5(id::text) LIMIT %s", [ROUNDS + 5])
        households = [row[0] for row in cursor.fetchall()]
    whole, alone = [], []
    prepared = thread_judge(pack, today)
    for n, household in enumerate(households):
        began = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE register_house SET grade = CASE WHEN grade = 'D' THEN 'A' ELSE 'D' END WHERE household_id = %s AND upper_inf(valid)",
                [household],
            )
            changes.record([household], "bench")
        rejudge(operator, [household], pack)
        whole.append((time.perf_counter() - began) * 1000)
        row, persons = read_household(household, pack, today)
        began = time.perf_counter()
        prepared.judge(row or {}, persons)
        alone.append((time.perf_counter() - began) * 1000)
        if n == 4:
            whole.clear()
            alone.clear()
    quantiles = statistics.quantiles(whole, n=100)
    seconds, baseline = statistics.median(whole) / 1000, statistics.median(alone) / 1000
    return {
        "name": "rejudge",
        "scale": scale,
        "seconds": round(seconds, 4),
        "baseline": {"name": "the prepared statement alone", "seconds": round(baseline, 4)},
        "ratio": round(seconds / baseline, 2),
        "peak_mb": round(peak_mb()),
        "detail": {
            "p50_ms": round(quantiles[49], 1),
            "p95_ms": round(quantiles[94], 1),
            "p99_ms": round(quantiles[98], 1),
            "households": len(whole),
            "budget_ms": BUDGET_REJUDGE_MS,
        },
    }


def bench_delta(scale: float) -> dict[str, Any]:
    """`bench delta`: a thousand households change and are judged again as a set, end to end; beside the county judged whole."""
    from django.db import connection, transaction

    from bangfu.demo.building import judge
    from bangfu.foundation import changes, clock
    from bangfu.foundation.county import the_county
    from bangfu.screening.actions import rejudge, screen_county
    from bangfu.screening.models import Verdict
    from bangfu.screening.pack import pack_on

    folder = _workbooks(scale)
    in_own_process("import", str(folder))
    county = the_county()
    judge(county)
    operator, today = county.operator(), clock.today()
    pack = pack_on(today, county.country)
    with connection.cursor() as cursor:
        cursor.execute("SELECT household_id FROM register_house ORDER BY md5(id::text) LIMIT %s", [DELTA])
        households = [row[0] for row in cursor.fetchall()]
    times = []
    for _ in range(DELTA_ROUNDS + 1):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE register_house SET grade = CASE WHEN grade = 'D' THEN 'A' ELSE 'D' END WHERE household_id = ANY(%s) AND upper_inf(valid)",
                [households],
            )
            changes.record(households, "bench")
        began = time.perf_counter()
        rejudge(operator, households, pack)
        times.append(time.perf_counter() - began)
    began = time.perf_counter()
    screen_county(operator, pack)
    whole = time.perf_counter() - began
    seconds = statistics.median(times[1:])  # the first prepares the statement
    return {
        "name": "delta",
        "scale": scale,
        "seconds": round(seconds, 4),
        "baseline": {"name": "the county judged whole", "seconds": round(whole, 4)},
        "ratio": round(seconds / whole, 4),
        "peak_mb": round(peak_mb()),
        "detail": {
            "households": len(households),
            "verdicts": Verdict.objects.filter(household__in=households).count(),
            "first_s": round(times[0], 4),
            "fastest_s": round(min(times), 4),
            "per_second": round(len(households) / seconds),
            "budget_s": BUDGET_DELTA_S,
        },
    }


@benches.provider("demo")
def _benches() -> dict[str, Any]:
    from bangfu.demo.card_bench import bench_cards
    from bangfu.demo.door_bench import submissions
    from bangfu.demo.page_bench import bench_pages, bench_search

    return {
        "import": bench_import,
        "export": bench_export,
        "rejudge": bench_rejudge,
        "delta": bench_delta,
        "cards": bench_cards,
        "pages": bench_pages,
        "search": bench_search,
        "submissions": submissions,
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
