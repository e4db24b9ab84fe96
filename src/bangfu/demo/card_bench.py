"""The bench `cards`: one household, one file, of 300 households of the demo county in one PDF; beside setting the same pages from ready data."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from bangfu.foundation.benchmarks import cpu_seconds

HOUSEHOLDS = 300
BUDGET_S = 60
WORKED = 150  # of them so many with cases or decisions, where there are as many: theirs are the long files


def bench_cards(scale: float) -> dict[str, Any]:
    """The print as a county officer gets it: read, laid out, coded, bound. Fails where a household is missing in it."""
    from bangfu.cases.household_files.binding import PROCESSES, SET_AT_ONCE
    from bangfu.demo.bench import in_own_process
    from bangfu.demo.page_bench import county_at
    from bangfu.foundation.county import the_county

    county_at(scale)
    operator = the_county().operator()
    households = _chosen(operator)
    done = in_own_process("cards")
    seconds = done["seconds"]
    assert done["households"] == len(households), "a household is missing"
    reading, statements = _reading(operator, households)
    baseline, ready_cpu = _ready(operator, households, SET_AT_ONCE, PROCESSES)
    return {
        "name": "cards",
        "scale": scale,
        "seconds": round(seconds, 2),
        "baseline": {"name": "the same pages set by Typst from ready data", "seconds": round(baseline, 2)},
        "ratio": round(seconds / baseline, 2),
        "peak_mb": done["peak_mb"],
        "detail": {
            "households": len(households),
            "pages": done["pages"],
            "longest": done["longest"],
            "per_second": round(len(households) / seconds, 1),
            "file_mb": done["mb"],
            "read_s": round(reading, 2),
            "cpu_s": round(done["cpu_seconds"], 1),
            "baseline_cpu_s": round(ready_cpu, 1),
            "statements": statements,
            "processes": PROCESSES,
            "budget_s": BUDGET_S,
            "within_budget": seconds <= BUDGET_S,
        },
    }


def print_cards() -> dict[str, Any]:
    """The print alone, and what it came to."""
    from bangfu.cases.actions.printing import print_files
    from bangfu.foundation.county import the_county

    operator = the_county().operator()
    households = _chosen(operator)
    began, used = time.perf_counter(), cpu_seconds()
    bound = print_files(operator, households)
    seconds, used, pages = time.perf_counter() - began, cpu_seconds() - used, bound.pages.values()
    size = round(len(bound.pdf) / 1e6, 1)
    return {
        "seconds": seconds,
        "cpu_seconds": used,
        "households": len(pages),
        "pages": sum(pages),
        "longest": max(pages),
        "mb": size,
    }


def _chosen(operator: Any) -> list[Any]:
    """Households of the whole county in an order that the same county always has, those first of whom much is known."""
    from django.db.models import Exists, F, Func, OuterRef, Q

    from bangfu.cases.models import Case, Decision
    from bangfu.foundation.acting import acting
    from bangfu.register.models import Household

    mixed = Func(F("number"), function="md5")
    with acting(operator):
        rows = Household.objects.visible_to(operator).farming()
        busy = Q(*(Exists(m.objects.filter(household=OuterRef("pk"))) for m in (Case, Decision)), _connector=Q.OR)
        worked = list(rows.filter(busy).order_by(mixed)[:WORKED])
        others = rows.exclude(pk__in=[h.pk for h in worked]).order_by(mixed)[: HOUSEHOLDS - len(worked)]
        return sorted([*worked, *others], key=lambda h: (h.path, h.number))


def _reading(operator: Any, households: Sequence[Any]) -> tuple[float, int]:
    """Seconds and statements of reading and putting together alone."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from bangfu.cases.household_files import household_files

    with CaptureQueriesContext(connection) as asked:
        began = time.perf_counter()
        household_files(operator, households)
        seconds = time.perf_counter() - began
    return seconds, len(asked)


def _ready(operator: Any, households: Sequence[Any], at_once: int, processes: int) -> tuple[float, float]:
    """Seconds, and seconds of the processor, of setting the same pages, as many at once in as many processes, where nothing is read, laid out, coded or bound any more."""
    from bangfu.cases.household_files import household_files
    from bangfu.documents.forms import Printing, prepared, set_prepared
    from bangfu.foundation.county import the_county
    from bangfu.foundation.say import language
    from bangfu.foundation.secrecy import hash_key

    printing = Printing(hash_key(), the_county().synthetic)
    documents = [f.document for f in household_files(operator, households)]
    ready = [prepared(documents[n : n + at_once], language(), printing) for n in range(0, len(documents), at_once)]
    began, used = time.perf_counter(), cpu_seconds()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        list(pool.map(set_prepared, ready))
    return time.perf_counter() - began, cpu_seconds() - used
