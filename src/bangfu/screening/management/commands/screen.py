"""`bangfu screen`: judge the county, explain one household, or judge files of others."""

from __future__ import annotations

import json
import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from django_typer.management import TyperCommand
from rich.console import Console
from rich.table import Table

from bangfu.foundation import clock
from bangfu.foundation.county import the_county
from bangfu.foundation.schema import require_schema
from bangfu.foundation.terminal import languages, tell
from bangfu.screening.actions import screen_county
from bangfu.screening.engine import ScreenResult
from bangfu.screening.foreign import judge_files, plain_mapping, read_mapping
from bangfu.screening.pack import Pack, load_pack, pack_on, register_schema
from bangfu.screening.reading import explain_household


class Command(TyperCommand):
    help = "Judge every household of the county, or of files of others, against the guarantees."
    # Files of others are judged without a database: the schema is asked for only where the register is.
    requires_migrations_checks = False

    def handle(
        self,
        pack: Annotated[
            str | None, typer.Option("--pack", help="a pack's name or folder; by default the one valid on the day")
        ] = None,
        as_of: Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="the day; today by default")] = None,
        known_on: Annotated[
            datetime | None, typer.Option("--known-on", formats=["%Y-%m-%d"], help="as it was known on a day")
        ] = None,
        set_: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE: try another value of a parameter")] = None,
        explain: Annotated[
            str | None, typer.Option("--explain", help="a household number: every verdict with its reasons")
        ] = None,
        households: Annotated[
            str | None, typer.Option("--households", help="judge files of others: the file of households (Parquet or CSV)")
        ] = None,
        persons: Annotated[str | None, typer.Option("--persons", help="… the file of persons")] = None,
        items: Annotated[str | None, typer.Option("--items", help="… the file of income items, if any")] = None,
        land: Annotated[str | None, typer.Option("--land", help="… the file of land, if any")] = None,
        mapping: Annotated[
            Path | None,
            typer.Option("--mapping", help="… which of their columns are which fields (YAML); without it they are named as ours"),
        ] = None,
        into: Annotated[Path | None, typer.Option("--into", help="… where the verdicts go (Parquet)")] = None,
        engine: Annotated[str, typer.Option("--engine", help="… duckdb or spark")] = "duckdb",
        master: Annotated[str, typer.Option("--master", help="… the address of Spark's master")] = "local[*]",
        memory: Annotated[str, typer.Option("--memory", help="… the memory DuckDB may take before it spills to disk")] = "4GB",
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Judge the county on a day; with today and the pack's own parameters the verdicts are kept."""
        files = {"households": households, "persons": persons, "items": items, "land": land}
        given = {name: path for name, path in files.items() if path is not None}
        overrides = dict(item.partition("=")[::2] for item in set_ or [])
        if any("=" not in item for item in set_ or []):
            print("--set NAME=VALUE", file=sys.stderr)
            sys.exit(2)
        if given or mapping or into:
            if households is None or persons is None or explain or known_on or engine not in ("duckdb", "spark"):
                print("--households FILE --persons FILE [--mapping FILE] [--engine duckdb|spark]", file=sys.stderr)
                sys.exit(2)
            options = {"into": into, "engine": engine, "master": master, "memory": memory}
            _judge_files(given, mapping, pack, as_of.date() if as_of else None, overrides, options, as_json)
            return
        require_schema()
        county = the_county()
        day = as_of.date() if as_of else clock.today()
        chosen = load_pack(pack) if pack else pack_on(day, county.country)
        if explain is not None and known_on is not None:
            print("--explain 只按现在所知解释，不能与 --known-on 同用。", file=sys.stderr)
            print("--explain speaks of what is known now and does not go with --known-on.", file=sys.stderr)
            sys.exit(2)
        if explain is not None:
            said = explain_household(county.operator(), explain, chosen, day, overrides)
            print(json.dumps(said.as_json(), ensure_ascii=False, default=str) if as_json else said.outline(languages()[0]))
            return
        result = screen_county(
            county.operator(), chosen, as_of=day, known_on=known_on.date() if known_on else None, overrides=overrides
        )
        if as_json:
            print(json.dumps(result.as_json(), ensure_ascii=False))
            return
        _show(result, chosen)


def _judge_files(
    files: dict[str, str],
    mapping: Path | None,
    pack: str | None,
    as_of: date | None,
    overrides: dict[str, str],
    options: dict[str, Any],
    as_json: bool,
) -> None:
    found = read_mapping(mapping, register_schema()) if mapping else plain_mapping()
    day = as_of or clock.today()
    chosen = load_pack(pack) if pack else pack_on(day, found.country)
    judged = judge_files(files, found, chosen, day, overrides=overrides, threads=os.cpu_count() or 2, **options)
    if as_json:
        print(json.dumps(judged.as_json(), ensure_ascii=False))
    elif judged.result is not None:
        _show(judged.result, chosen)
    if not as_json:
        for problem in judged.problems:
            tell(problem)
    for relation, count in judged.apart.items():
        print(f"{relation}: {count:,} 行不属于任何户，未计入。", file=sys.stderr)
        print(f"{relation}: {count:,} rows belong to no household and were left out.", file=sys.stderr)
    if judged.problems:
        sys.exit(1)


def _show(result: ScreenResult, pack: Pack) -> None:
    title = f"{result.pack} · {result.as_of} · {result.households:,} 户 households · {result.seconds:.2f} s"
    table = Table("", "达标 met", "未达标 unmet", "待核实 unknown", "不评定 not assessed", title=title)
    for name, counts in result.counts.items():
        said = pack.guarantees[name].title
        table.add_row(f"{said.zh} {said.en}", *(f"{counts[r]:,}" for r in ("met", "unmet", "unknown", "not_assessed")))
    Console().print(table)
