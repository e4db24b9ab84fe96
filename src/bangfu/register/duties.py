"""Duties as a list gives them: rows of a CSV file become `DutyRow`s, households by their numbers and areas by code or path."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bangfu.accounts.actions import DutyRow
from bangfu.accounts.models import User
from bangfu.accounts.problems import BAD_DUTY, UNKNOWN_USER
from bangfu.areas.models import Area
from bangfu.foundation import clock
from bangfu.foundation.county import County
from bangfu.foundation.csv_files import read_csv
from bangfu.foundation.say import Text
from bangfu.register.models import Household
from bangfu.register.problems import UNKNOWN_HOUSEHOLD

HEADINGS = {
    "username": ("username", "用户名", "帮扶人用户名"),
    "household": ("household", "户编号"),
    "area": ("area", "区域", "区划代码"),
    "since": ("since", "起", "开始日期"),
    "until": ("until", "止", "结束日期"),
}
A_DAY = Text("请写成 2020-03-12", "Write it as 2020-03-12")


def read_duties(path: Path, county: County) -> list[DutyRow]:
    """The rows of a list: 用户名 and either 户编号 or 区域, with 起 and 止 where they are not today and open.

    Raises BF-1009 for what is no CSV file, BF-1323 for a heading or a value that will not do, BF-1302, BF-1222 and BF-1108 for users,
    households and areas that are not known.
    """
    heading, lines = read_csv(path)
    found = {key: next((h for h in heading if h in names), None) for key, names in HEADINGS.items()}
    if found["username"] is None or (found["household"] is None and found["area"] is None):
        wanted = Text(
            "表头须有「用户名」和「户编号」或「区域」",
            "The heading needs 用户名 (username), and 户编号 (household) or 区域 (area)",
        )
        raise BAD_DUTY(row=1, column=Text("表头", "heading"), value="、".join(heading), wanted=wanted)

    def value(line: dict[str, str], key: str) -> str:
        name = found[key]
        return line.get(name, "") if name else ""

    rows = []
    for number, line in lines:
        if not any(line.values()):
            continue
        since, until = (_day(value(line, key), number, key) for key in ("since", "until"))
        household, area = value(line, "household"), value(line, "area")
        if bool(household) == bool(area):
            wanted = Text("「户编号」和「区域」填且只填一项", "Give either a household or an area")
            raise BAD_DUTY(row=number, column=Text("户编号", "household"), value=household, wanted=wanted)
        rows.append(duty_row(county, value(line, "username"), household, area, since=since, until=until, row=number))
    return rows


def duty_row(
    county: County,
    username: str,
    household: str,
    area: str,
    *,
    since: date | None = None,
    until: date | None = None,
    row: int = 1,
) -> DutyRow:
    """One duty by the names that people use. Raises BF-1302, BF-1222, BF-1108."""
    user = User.objects.named(username)
    if user is None:
        raise UNKNOWN_USER(username=username)
    day = since or clock.today()
    if household:
        held = Household.objects.under(county.path).farming().filter(number=household).first()
        if held is None:
            raise UNKNOWN_HOUSEHOLD(household=household)
        return DutyRow(user, held.path, day, until, held.pk, household, row)
    place = Area.objects.meant_by(area, county.path)
    return DutyRow(user, place.path, day, until, None, place.name, row)


def _day(text: str, row: int, key: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        column = Text("起", "since") if key == "since" else Text("止", "until")
        raise BAD_DUTY(row=row, column=column, value=text, wanted=A_DAY) from None
