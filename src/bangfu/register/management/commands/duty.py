"""`bangfu duty …`: what helpers and grid workers answer for, and so what they see."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from django_typer.management import command, initialize
from rich.console import Console
from rich.table import Table

from bangfu.accounts.actions import end_duty, give_duties
from bangfu.accounts.models import Duty, User
from bangfu.accounts.problems import UNKNOWN_USER
from bangfu.areas.models import Area
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.schema import OnTheSchema
from bangfu.foundation.terminal import wrong_usage
from bangfu.register.duties import duty_row, read_duties
from bangfu.register.models import Household

Username = Annotated[str, typer.Argument(help="the name to log in with")]
OfHousehold = Annotated[str, typer.Option("--household", help="a household number")]
OfArea = Annotated[str, typer.Option("--area", help="the path or the code of a village, group or grid")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


class Command(OnTheSchema, BangfuCommand):
    help = "Duties: what helpers and grid workers answer for, and so what they see."

    @initialize()
    def init(self) -> None:
        """Duties."""

    @command()
    def give(
        self, username: Username, household: OfHousehold = "", area: OfArea = "", since: Day = None, until: Day = None
    ) -> None:
        """Let a user answer for a household or an area."""
        county = the_county()
        _one_of(household, area)
        first, last = since.date() if since else None, until.date() if until else None
        row = duty_row(county, username, household, area, since=first, until=last)
        self._say(give_duties(county.operator(), [row], source="hand"), 1)

    @command(name="import")
    def import_(
        self, path: Annotated[Path, typer.Argument(help="CSV: 用户名, 户编号 or 区域, 起, 止", exists=True, dir_okay=False)]
    ) -> None:
        """Give the duties of a list: all of its rows or none."""
        county = the_county()
        rows = read_duties(path, county)
        self._say(give_duties(county.operator(), rows, source="import"), len(rows))

    @command()
    def end(self, username: Username, household: OfHousehold = "", area: OfArea = "", on: Day = None) -> None:
        """End a duty: from the day on (today by default) it is no longer held."""
        county = the_county()
        _one_of(household, area)
        row = duty_row(county, username, household, area)
        day = on.date() if on else clock.today()
        end_duty(county.operator(), row.user, on=day, path=row.path, household=row.household, shown=row.shown)

    @command(name="list")
    def list_(
        self, username: Username, as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False
    ) -> None:
        """What a user answers for today."""
        county = the_county()
        user = User.objects.named(username)
        if user is None:
            raise UNKNOWN_USER(username=username)
        with acting(county.operator()):
            held = list(Duty.objects.of(user).on(clock.today()))
            numbers = dict(Household.objects.filter(pk__in=[d.household for d in held]).values_list("pk", "number"))
            names = dict(Area.objects.filter(path__in=[d.path for d in held]).values_list("path", "name"))
        found = [
            {
                "household": numbers.get(d.household),
                "area": names.get(d.path, d.path),
                "path": d.path,
                "since": d.valid.lower,
                "until": d.valid.upper,
                "source": d.source,
            }
            for d in held
        ]
        if as_json:
            print(json.dumps(found, ensure_ascii=False, default=str))
            return
        table = Table("户编号 household", "区域 area", "起 since", "止 until", "来源 source")
        for one in found:
            table.add_row(one["household"] or "全部 all", one["area"], str(one["since"]), str(one["until"] or ""), one["source"])
        Console().print(table)

    def _say(self, given: int, rows: int) -> None:
        Console(stderr=True).print(
            f"新增 {given} 项职责，已有 {rows - given} 项 · {given} duties given, {rows - given} held already"
        )


def _one_of(household: str, area: str) -> None:
    if bool(household) == bool(area):
        wrong_usage(Text("--household 和 --area 要写一个，也只写一个。", "Give --household or --area, one of them."))
