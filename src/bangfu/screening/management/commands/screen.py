"""`bangfu screen`: judge the county, explain one household, or judge files of others."""

from __future__ import annotations

import json
import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bangfu.foundation import clock
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.schema import require_schema
from bangfu.foundation.terminal import languages, said, tell, wrong_usage
from bangfu.screening.actions import screen_county
from bangfu.screening.engine import ScreenResult
from bangfu.screening.foreign import judge_files, plain_mapping, read_mapping
from bangfu.screening.pack import Pack, load_pack, pack_on, register_schema
from bangfu.screening.present import pack_named, provisional_of, require_pack
from bangfu.screening.printing import tables
from bangfu.screening.reading import explain_household
from bangfu.screening.trying import require_no_negatives

SET_WANTS = Text(
    "--set 要写成 参数=值，例如 --set income_line=4200；现在写的是「{item}」。",
    "--set takes NAME=VALUE, for example --set income_line=4200; given was “{item}”.",
)
FILES_WANT = Text(
    "评定外来文件：--households 文件 --persons 文件 [--mapping 文件] [--engine duckdb|spark]，不与 --explain、--known-on 同用。",
    "Files of others take --households FILE --persons FILE [--mapping FILE] [--engine duckdb|spark], without --explain and --known-on.",
)
NOT_BOTH = Text(
    "--explain 只按现在所知解释，不能与 --known-on 同用。",
    "--explain speaks of what is known now and does not go with --known-on.",
)


class Command(BangfuCommand):
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
        for item in set_ or []:
            if "=" not in item or item.startswith("="):
                wrong_usage(SET_WANTS.format(item=item))
        overrides = dict(item.partition("=")[::2] for item in set_ or [])
        files = {"households": households, "persons": persons, "items": items, "land": land}
        given = {name: path for name, path in files.items() if path is not None}
        if given or mapping or into:
            if households is None or persons is None or explain or known_on or engine not in ("duckdb", "spark"):
                wrong_usage(FILES_WANT)
            options = {"into": into, "engine": engine, "master": master, "memory": memory}
            _judge_files(given, mapping, pack, as_of.date() if as_of else None, overrides, options, as_json)
            return
        if explain is not None and known_on is not None:
            wrong_usage(NOT_BOTH)
        require_schema()
        county = the_county()
        day = as_of.date() if as_of else clock.today()
        chosen = pack_named(pack) if pack else require_pack(day, county.country)
        require_no_negatives(chosen, overrides)
        if explain is not None:
            told = explain_household(county.operator(), explain, chosen, day, overrides)
            print(json.dumps(told.as_json(), ensure_ascii=False, default=str) if as_json else told.outline(languages()[0]))
            return
        result = screen_county(
            county.operator(), chosen, as_of=day, known_on=known_on.date() if known_on else None, overrides=overrides
        )
        if as_json:
            print(json.dumps(result.as_json(), ensure_ascii=False))
            return
        _show(result, chosen)
        judged = {one.name: one.title for one in chosen.judged}
        for name, doubt in provisional_of(chosen, day, overrides).items():
            print(said(Text(f"暂定 {judged[name].zh}：{doubt.zh}", f"provisional {judged[name].en}: {doubt.en}")))


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
    judged = judge_files(
        files, found, chosen, day, overrides=overrides, threads=os.cpu_count() or 2, kept=[mapping] if mapping else [], **options
    )
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
    for table in tables(pack, result):
        Console().print(table)
