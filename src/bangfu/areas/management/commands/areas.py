"""`bangfu areas …`: load a list of areas, found the county, add groups and grids."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from django_typer.management import command, initialize
from rich.console import Console

from bangfu.areas.files import read_areas, read_changes, read_groups, read_outline
from bangfu.areas.founding import GROUPS_SINCE, add_group_lines, found
from bangfu.areas.profile import profile
from bangfu.foundation.actor import system
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.county import find_county, the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.schema import OnTheSchema
from bangfu.foundation.terminal import wrong_usage

DAY = ["%Y-%m-%d"]


class Command(OnTheSchema, BangfuCommand):
    help = "Areas: load a list of areas, found the county, add groups and grids."

    @initialize()
    def init(self) -> None:
        """Areas."""

    @command()
    def load(
        self,
        file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="a CSV: code,name,level,parent[,name_en]")],
        edition: Annotated[str, typer.Option("--edition", help="which list it is: NBS 2023")],
        since: Annotated[datetime, typer.Option("--since", formats=DAY, help="the day from which the list holds")],
        country: Annotated[str, typer.Option("--country", help="the key of the country profile")] = "cn",
        county: Annotated[
            str | None, typer.Option("--county", help="the code of the county that this data folder is to hold")
        ] = None,
        changes: Annotated[
            Path | None,
            typer.Option(exists=True, dir_okay=False, help="a CSV of changes: old_code,new_code,old_name,new_name,date[,source]"),
        ] = None,
        outline: Annotated[
            Path | None, typer.Option(exists=True, dir_okay=False, help="the county's outline as GeoJSON in degrees")
        ] = None,
        source: Annotated[str, typer.Option("--source", help="where the list was had; the edition by default")] = "",
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Load a list of areas; with --county found the county of this data folder and draw its cells."""
        if outline is not None and county is None:
            wrong_usage(
                Text("--outline 是某县的轮廓，要同时写 --county 代码。", "--outline is that of a county: give --county CODE too.")
            )
        try:
            find_county()  # a synthetic county's clock says which day it is
            loaded, entry, cells = found(
                system(profile(country).root_path, "command line"),
                read_areas(file),
                edition=edition,
                since=since.date(),
                country=country,
                county=county,
                changes=read_changes(changes) if changes else (),
                outline=read_outline(outline) if outline else None,
                source=source,
            )
        except Problem as problem:
            _refuse(problem, as_json=as_json)
            raise
        report: dict[str, Any] = {
            "loaded": True,
            "added": len(loaded.added),
            "renamed": len(loaded.renamed),
            "recoded": len(loaded.recoded),
            "unchanged": loaded.unchanged,
            "absent": loaded.absent,
            "county": None,
        }
        if entry is not None:
            report["county"] = {"path": entry.path, "zh": entry.name.zh, "en": entry.name.en, "cells": cells}
        if as_json:
            print(json.dumps(report, ensure_ascii=False))
            return
        console = Console(stderr=True)
        console.print(
            f"新增 added {len(loaded.added)} · 更名 renamed {len(loaded.renamed)} · 改码 recoded {len(loaded.recoded)} · "
            f"未变 unchanged {loaded.unchanged} · 文件中没有 not in the file {len(loaded.absent)}"
        )
        if entry is not None:
            console.print(f"{entry.name.zh} {entry.name.en} {entry.path} · 示意图 cells {cells}")

    @command()
    def groups(
        self,
        file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="a CSV: village_code,name[,level]")],
        since: Annotated[
            datetime | None,
            typer.Option("--since", formats=DAY, help=f"the day from which they are there; {GROUPS_SINCE} by default"),
        ] = None,
        source: Annotated[str, typer.Option("--source", help="where the list was had")] = "",
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Add groups and grids below the county's villages; those that are there already stay as they are."""
        county = the_county()
        try:
            added, there = add_group_lines(
                county.operator(),
                county,
                read_groups(file),
                since=since.date() if since else GROUPS_SINCE,
                source=source or file.name,
            )
        except Problem as problem:
            _refuse(problem, as_json=as_json)
            raise
        if as_json:
            print(json.dumps({"loaded": True, "added": added, "unchanged": there}))
        else:
            Console(stderr=True).print(f"新增 added {added} · 已有 there before {there}")


def _refuse(problem: Problem, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"loaded": False, "problem": problem.as_json()}, ensure_ascii=False))
