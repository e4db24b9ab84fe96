"""A household that nobody knew is registered by its first survey: the same way as a workbook of a village, with the same checks."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.areas.remembered import areas
from bangfu.fieldwork.problems import PLACE_OF_SURVEY, SURVEY_REFUSED
from bangfu.fieldwork.telling import FEN, Told
from bangfu.foundation import clock
from bangfu.foundation.actor import system
from bangfu.foundation.home import home
from bangfu.foundation.say import Text
from bangfu.register.fields import Field, fields, title_of
from bangfu.register.importing.run import import_files
from bangfu.register.models import Household


def register_home(worker: str, within: str, told: Told, name: str) -> Household:
    """Register the household of a survey; gives it. `within`: the worker's area; `name`: what the file of the survey is called.

    Raises BF-2629 for a place that is no group or village of the area, BF-2630 with the import's own words where a row of it is refused.
    """
    area = Area.objects.on(clock.today()).filter(path=told.place).first()
    if area is None or not area.path.startswith(within):
        raise PLACE_OF_SURVEY(place=told.place[:80])
    day: date = told.visit.get("day") or clock.today()
    places = _places(area)
    number = _next_number(area, places)
    shared = {**places, "household_no": number, **told.facts}
    with tempfile.TemporaryDirectory(dir=home().make().tmp) as folder:
        file = Path(folder) / f"{name}.xlsx"
        _write(file, [{**shared, **member.facts} for member in told.members], day)
        county = next(a for a in areas().line(area.path) if a.level == profile_of(area.path).plays.county)
        outcome = import_files(system(county.path, worker), file, data_date=day, strict=True, processes=1)
    if not outcome.applied:
        first = outcome.refusals[0] if outcome.refusals else {"zh": "没有可登记的内容。", "en": "There is nothing to register."}
        raise SURVEY_REFUSED(why=_of_member(Text(first["zh"], first["en"]), file.name))
    registered: Household = Household.objects.farming().get(number=number)
    return registered


def _of_member(said: Text, file: str) -> Text:
    """A refusal of the import in words of the survey: nobody has seen its file, and a row of it is a member (the heading is row 1)."""
    zh, en = (re.sub(rf"{re.escape(file)}[,,:]?\s*", "", words) for words in (said.zh, said.en))
    return Text(
        re.sub(r"第\s*(\d+)\s*行", lambda n: f"第{int(n[1]) - 1}位成员", zh),
        re.sub(r"\b[Rr]ow (\d+)", lambda n: f"member {int(n[1]) - 1}", en),
    )


def _places(area: Area) -> dict[str, Any]:
    """The columns by which an import finds the place."""
    plays = profile_of(area.path).plays
    by_level = {one.level: one for one in areas().line(area.path)}
    found = {
        key: by_level[level].official_name or by_level[level].name
        for key, level in (
            ("county", plays.county),
            ("township", plays.township),
            ("village", plays.village),
            ("group", plays.group),
        )
        if level in by_level
    }
    if "village" not in found:
        raise PLACE_OF_SURVEY(place=area.name)
    code = Area.objects.filter(pk=by_level[plays.village].pk).values_list("codes__code", flat=True).first()
    return found | ({"village_code": code} if code else {})


def _next_number(area: Area, places: Mapping[str, Any]) -> str:
    """A number that no household has: the village's code, or its path, and the next of its numbers."""
    start = str(places.get("village_code") or area.path.replace("/", ""))[:30]
    last = (
        Household.objects.farming()
        .filter(number__startswith=start, number__regex=rf"^{start}\d{{5}}$")
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
    )
    return f"{start}{int(last[len(start) :]) + 1 if last else 1:05d}"


def _write(file: Path, rows: Sequence[Mapping[str, Any]], day: date) -> None:
    """A workbook as the import reads it."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("survey")
    keys = [key for key, known in fields().items() if known.required or any(row.get(key) not in (None, "") for row in rows)]
    sheet.append([fields()[key].title_on(day).zh for key in keys])
    for row in rows:
        sheet.append([_cell(fields()[key], row.get(key), day) for key in keys])
    book.save(file)


def _cell(known: Field, value: Any, day: date) -> Any:
    """A value in the words of a workbook."""
    if value is None:
        return None
    if known.codes and isinstance(value, str):
        title = title_of(known.codes, value)
        return title.zh if title else value
    if known.codes:
        titles = [title_of(known.codes, one) for one in value]
        return "、".join(t.zh for t in titles if t)
    if isinstance(value, bool):
        return "是" if value else "否"
    if known.type == "money":
        return Decimal(value) / FEN
    return value.isoformat() if isinstance(value, date) else value
