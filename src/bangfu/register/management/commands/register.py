"""`bangfu register …`: import workbooks, show a household."""

from __future__ import annotations

import json
import sys
import time
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from django_typer.management import command, initialize
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bangfu.areas.models import Area
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import LANGUAGES, Text
from bangfu.foundation.schema import OnTheSchema
from bangfu.foundation.terminal import said, tell, told, wrong_usage
from bangfu.register import actions
from bangfu.register.importing.rows import OUTCOMES
from bangfu.register.importing.run import as_json
from bangfu.register.problems import DATA_REFUSED, OLDER, UNKNOWN_HEADINGS
from bangfu.register.showing import show_household

STAGES = {
    "read": "读取 reading",
    "check": "核对 checking",
    "stage": "暂存 staging",
    "write": "写入 writing",
    "index": "建索引 indexing",
}


class Command(OnTheSchema, BangfuCommand):
    help = "The register: import workbooks, show a household."

    @initialize()
    def init(self) -> None:
        """The register."""

    @command(name="import")
    def import_(
        self,
        path: Annotated[Path, typer.Argument(help="a workbook (.xlsx, .xls, .csv), a folder or a .zip of them")],
        dry_run: Annotated[bool, typer.Option("--dry-run", help="show what would happen and change nothing")] = False,
        strict: Annotated[bool, typer.Option("--strict", help="change nothing at all if any row is refused")] = False,
        data_date: Annotated[
            datetime | None,
            typer.Option(formats=["%Y-%m-%d"], help="the day of which the data speak, where the files do not say"),
        ] = None,
        places: Annotated[
            Path | None,
            typer.Option(
                "--places", help="the filled-in table of places that an earlier run could not tell", exists=True, dir_okay=False
            ),
        ] = None,
        expect: Annotated[str, typer.Option("--expect", help="the digest of a dry run: do exactly that, or nothing")] = "",
        as_json_: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Import one or many workbooks: validated, in one transaction or not at all, refused rows reported."""
        console = Console(stderr=True)
        county = the_county()
        day = data_date.date() if data_date else None
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        ) as bar:
            tasks: dict[str, int] = {}

            def progress(stage: str, done: int, total: int) -> None:
                if stage not in tasks:
                    tasks[stage] = bar.add_task(STAGES.get(stage, stage), total=total)
                bar.update(tasks[stage], completed=done, total=total)  # type: ignore[arg-type]

            try:
                outcome = actions.import_files(
                    county.operator(),
                    path,
                    data_date=day,
                    dry_run=dry_run,
                    strict=strict,
                    answers=actions.read_places(county.operator(), places, data_date=day) if places else None,
                    expected=expect or None,
                    progress=progress,
                )
            except Problem as problem:
                if as_json_:
                    print(json.dumps({"applied": False, "problem": problem.as_json()}, ensure_ascii=False))
                raise
        if as_json_:
            print(json.dumps(as_json(outcome), ensure_ascii=False, default=str))
        else:
            console.print(
                f"{outcome.files} 个文件 files ({outcome.files_known} 个已导入过 known) · {outcome.rows} 行 rows · {outcome.households} 户 households · "
                f"退回 refused {outcome.refused_rows} 行 rows / {outcome.refused_households} 户 households · "
                f"未变 unchanged {outcome.unchanged_rows} · {outcome.seconds:.1f} s"
            )
            for key, label in (("created", "新增 created"), ("changed", "变更 changed")):
                written = getattr(outcome, key)
                if written:
                    console.print(f"{label}: " + ", ".join(f"{t} {n}" for t, n in written.items()))
            for line in outcome.refusals[:10]:
                refusal = said(Text(line["zh"], line["en"])).replace("\n", "\n    ")
                console.print(f"  {line['number']} {refusal}", style="red", highlight=False, markup=False)
            for file, headings in outcome.unknown_headings.items():
                left = UNKNOWN_HEADINGS(file=file, count=len(headings), headings="、".join(headings[:20]))
                console.print(told(left), style="yellow", highlight=False, markup=False)
            if outcome.older:
                older = OLDER(count=sum(outcome.older.values()), tables=", ".join(outcome.older))
                console.print(told(older), style="yellow", highlight=False, markup=False)
            if outcome.rows_counts:
                shown = " · ".join(f"{OUTCOMES[key].zh} {key} {n}" for key, n in outcome.rows_counts.items())
                console.print(f"逐行 by row: {shown}", highlight=False)
            for label, written in (
                ("逐行结果 every row", outcome.rows_report),
                ("退回的行，改好可再导入 refused rows, to be mended and imported again", outcome.returned),
                ("地名待确认，填好后用 --places 再导入 places to be told: fill in, import again with --places", outcome.places),
            ):
                if written:
                    console.print(f"{label}: {written}", highlight=False, markup=False, soft_wrap=True)
            if dry_run:
                console.print(f"试运行，没有改动 dry run: nothing was changed · --expect {outcome.digest or ''}", soft_wrap=True)
        if outcome.refused_rows:
            done = Text("其余各户已导入", "the other households were imported")
            if not outcome.applied or outcome.refused_rows == outcome.rows:
                done = Text("没有导入任何内容", "nothing was imported")
            tell(
                DATA_REFUSED(
                    rows=outcome.refused_rows, households=outcome.refused_households, outcome=done, report=outcome.report
                )
            )
            sys.exit(1)

    @command()
    def export(
        self,
        path: Annotated[Path, typer.Argument(help="the workbook to write (.xlsx)", dir_okay=False)],
        area: Annotated[str, typer.Option("--area", help="the path or the code of an area; the county by default")] = "",
        as_of: Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"])] = None,
        language: Annotated[str, typer.Option("--language", help="of headings and code words: zh or en")] = "zh",
        clear_numbers: Annotated[bool, typer.Option("--clear-numbers", help="numbers unmasked; needs --reason")] = False,
        reason: Annotated[
            str, typer.Option("--reason", help="what the file is for: it stands in the file and in the audit")
        ] = "",
        as_json_: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Write the register into a workbook that an import reads: a row per person. Numbers are masked."""
        county = the_county()
        if language not in LANGUAGES:
            wrong_usage(Text("--language 只能是 {known}。", "--language is one of {known}.").format(known=", ".join(LANGUAGES)))
        began = time.perf_counter()
        with Console(stderr=True).status("") as status:
            done = 0

            def progress(rows: int) -> None:
                nonlocal done
                done += rows
                status.update(f"导出 exporting {done:,}")

            rows = actions.export_register(
                county.operator(),
                path,
                under=Area.objects.meant_by(area, county.path).path if area else None,
                day=as_of.date() if as_of else None,
                language=language,
                clear_numbers=clear_numbers,
                why=reason,
                progress=progress,
            )
        seconds = time.perf_counter() - began
        if as_json_:
            print(json.dumps({"path": str(path), "rows": rows, "seconds": seconds}))
        else:
            Console(stderr=True).print(f"{rows:,} 行 rows · {path} · {seconds:.1f} s", markup=False, highlight=False)

    @command()
    def show(
        self,
        household: Annotated[str, typer.Argument(help="the household number")],
        as_of: Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"])] = None,
        known_on: Annotated[datetime | None, typer.Option("--known-on", formats=["%Y-%m-%d"])] = None,
    ) -> None:
        """Show a household as of a day (valid time), and as it was known on a day (recorded time)."""
        day: date | None = as_of.date() if as_of else None
        print(
            json.dumps(
                show_household(the_county().operator(), household, as_of=day, known_on=known_on),
                ensure_ascii=False,
                default=str,
                indent=2,
            )
        )
