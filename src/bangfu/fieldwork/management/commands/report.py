"""`bangfu report …`: the hotline's log comes in, the printed codes of villages go out, and how many reports wait."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django_typer.management import command, initialize
from rich.console import Console

from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.fieldwork.actions.hotline import import_log, look, said_of
from bangfu.fieldwork.actions.report_work import take_new
from bangfu.fieldwork.actions.reporting import places
from bangfu.fieldwork.models import Report
from bangfu.fieldwork.models.reports import REPORT_STATES
from bangfu.fieldwork.problems_reports import NO_PUBLIC_ADDRESS, NO_SUCH_VILLAGE
from bangfu.fieldwork.report_poster import posters
from bangfu.fieldwork.report_settings import public_address
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.schema import OnTheSchema

SAID = Text(
    "{f}：{n} 件来电，{new} 件是新的，{known} 件以前导入过。", "{f}: {n} call(s), {new} of them new, {known} came before."
)
TAKEN = Text("其中 {n} 件已对应到户。", "{n} of the reports that waited were matched to a household.")
WRONG = Text("{f}：{n} 处要改，一件也没有导入。", "{f}: {n} cell(s) are to be corrected; nothing was taken.")
MADE = Text("{n} 个村的申报二维码：{f}", "codes of {n} village(s): {f}")


class Command(OnTheSchema, BangfuCommand):
    help = "Self-report and the hotline: import the hotline's log, print the codes of villages, count what waits."

    @initialize()
    def init(self) -> None:
        """Reports."""

    @command(name="import")
    def import_(
        self,
        path: Annotated[Path, typer.Argument(help="the hotline's log (.xlsx or .csv)", exists=True, dir_okay=False)],
        preview: Annotated[bool, typer.Option("--preview", help="say what it would bring, and take nothing")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Take a log of the hotline in: all of its new calls, or none where a cell is wrong (exit 1, each cell with its row and remedy)."""
        actor = the_county().operator()
        looked = look(actor, path)
        said = said_of(looked)
        if looked.problems:
            if as_json:
                print(json.dumps({**said, "taken": 0, "wrong": [p.as_json() for p in looked.problems]}, ensure_ascii=False))
            else:
                for problem in looked.problems:
                    Console(stderr=True).print(str(problem), highlight=False)
                Console(stderr=True).print(str(WRONG.format(f=path.name, n=len(looked.problems))))
            raise typer.Exit(1)
        matched = 0
        if not preview:
            import_log(actor, path)
            matched = take_new(actor)
        if as_json:
            print(
                json.dumps({**said, "taken": 0 if preview else said["new"], "matched": matched, "wrong": []}, ensure_ascii=False)
            )
            return
        Console().print(str(SAID.format(f=path.name, n=said["calls"], new=said["new"], known=said["known"])))
        if not preview:
            Console().print(str(TAKEN.format(n=matched)))

    @command()
    def poster(
        self,
        out: Annotated[Path, typer.Argument(help="the PDF to write", dir_okay=False)],
        village: Annotated[
            str, typer.Option(help="code or path of a village, or of an area for all of its villages; all of the county")
        ] = "",
        address: Annotated[str, typer.Option(help="where people reach the pages, such as https://help.example.gov.cn")] = "",
    ) -> None:
        """Print the codes that lead to the report pages of villages, one page each."""
        county = the_county()
        where = address.rstrip("/") or public_address()
        if not where and settings.SERVED is not None:
            where = settings.SERVED.address()
        if not where:
            raise NO_PUBLIC_ADDRESS()
        path = county.path
        if village:
            with acting(county.operator()):
                path = Area.objects.meant_by(village, county.path).path
        level = profile_of(county.path).plays.village
        listed = places()
        found = [p for p in listed if p.level == level and p.path.startswith(path)]
        if not found:
            raise NO_SUCH_VILLAGE()
        above = [next((t for t in reversed(listed) if t.level != level and p.path.startswith(t.path)), None) for p in found]
        out.write_bytes(posters(list(zip(found, above, strict=True)), where))
        Console().print(str(MADE.format(n=len(found), f=out)))

    @command()
    def status(self, as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False) -> None:
        """How many reports there are by state, and how many are late."""
        actor = the_county().operator()
        with acting(actor):
            rows = Report.objects.visible_to(actor)
            counts = {state: rows.filter(state=state).count() for state in REPORT_STATES} | {
                "late": rows.late(clock.today()).count()
            }
        if as_json:
            print(json.dumps(counts))
            return
        for state, title in [*REPORT_STATES.items(), ("late", Text("超期", "late"))]:
            Console().print(f"{title}: {counts[state]}")
