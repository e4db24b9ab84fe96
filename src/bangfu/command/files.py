"""Lists of an office as files: units, officers, posts, appointments, attachments, helpers, pairings become the rows of their actions.

Headings in either language; areas by path or code, days as 2020-03-12. A row that cannot be read is refused with its number, its column and what is wanted; nothing is
taken then.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bangfu.areas.models import Area
from bangfu.areas.problems import UNKNOWN_AREA
from bangfu.command import actions
from bangfu.command.models.chain import ATTACHED, ROLES
from bangfu.command.models.pairings import SCOPES
from bangfu.command.problems import BAD_ROW
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.csv_files import day_said, read_columns
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text

YES, NO = ("true", "yes", "1", "是"), ("", "false", "no", "0", "否")
A_DAY = Text("请写成 2020-03-12", "write it as 2020-03-12")
A_PLACE = Text("请写 12 位区划代码", "write its code, twelve digits in China")
A_YES = Text("请写是或否", "write true or false")

COLUMNS = {
    "key": Text("代码", "key"),
    "zh": Text("名称", "name"),
    "en": Text("英文名称", "name in English"),
    "kind": Text("类别", "kind"),
    "level": Text("层级", "level"),
    "area": Text("区划", "area"),
    "areas": Text("负责区划", "areas covered"),
    "parent": Text("上级", "parent"),
    "since": Text("起", "since"),
    "until": Text("止", "until"),
    "number": Text("工号", "number"),
    "name": Text("姓名", "person"),
    "sex": Text("性别", "sex"),
    "unit": Text("单位", "unit"),
    "rank": Text("职级", "rank"),
    "profession": Text("身份", "profession"),
    "party": Text("党员", "party member"),
    "identity": Text("证件号码", "identity number"),
    "phone": Text("联系电话", "telephone"),
    "role": Text("职务", "role"),
    "post": Text("指挥所", "post"),
    "document": Text("文号", "document"),
    "scope": Text("职责范围", "duty scope"),
    "household": Text("户编号", "household"),
    "helper": Text("帮扶责任人工号", "helper"),
    "principal": Text("第一责任人", "principal"),
}
RANKS = {"county": Text("县级", "county"), "section": Text("科级", "section"), "general": Text("一般", "general")}
PROFESSIONS = {
    "cadre": Text("干部", "cadre"), "teacher": Text("教师", "teacher"), "medic": Text("医技", "medic"), "police": Text("公安干警", "police"),
    "technician": Text("技术人员", "technician"), "villager": Text("村民", "villager"),
}  # fmt: skip
UNIT_KINDS = {
    "department": Text("部门", "department"), "government": Text("政府", "government"), "school": Text("学校", "school"), "hospital": Text("医院", "hospital"),
    "police": Text("公安", "police"), "village": Text("村", "village"), "enterprise": Text("企业", "enterprise"), "other": Text("其他", "other"),
}  # fmt: skip
LEVELS = {"county": Text("县", "county"), "township": Text("乡镇", "township"), "village": Text("村", "village")}
SEXES = {"male": Text("男", "male"), "female": Text("女", "female"), "": Text("", "")}


@dataclass(frozen=True, slots=True)
class Reader:
    """A row as it was read: texts by column, with its number; what cannot be is refused with both."""

    row: int
    told: Mapping[str, str]
    county: County

    def text(self, column: str) -> str:
        """The text of a column; blank where the list does not have it."""
        return self.told.get(column, "")

    def refuse(self, column: str, wanted: Text) -> Exception:
        """The problem of a column of this row."""
        shown = "***" if column in ("identity", "phone") else self.text(column) or "–"
        return BAD_ROW(row=self.row, column=COLUMNS[column], value=shown, wanted=wanted)

    def day(self, column: str) -> date | None:
        """A day; None where it is blank."""
        said = self.text(column)
        if said and (found := day_said(said)) is None:
            raise self.refuse(column, A_DAY)
        return found if said else None

    def since(self) -> date:
        """The first day, today where the list says none."""
        return self.day("since") or clock.today()

    def yes(self, column: str, otherwise: bool = False) -> bool:
        """Yes or no."""
        said = self.text(column).lower()
        if column not in self.told or (not said and otherwise):
            return otherwise
        if said not in (*YES, *NO):
            raise self.refuse(column, A_YES)
        return said in YES

    def path(self, column: str) -> str:
        """The path of an area, by its path or its code. Raises BF-1108."""
        return self.area(column, said) if (said := self.text(column)) else ""

    def area(self, column: str, said: str) -> str:
        """The path of an area that a text names by its path or code."""
        try:
            return Area.objects.meant_by(said, self.county.path).path
        except Problem as unknown:
            if unknown.kind is not UNKNOWN_AREA:
                raise
            raise self.refuse(column, A_PLACE) from unknown

    def code(self, column: str, words: Mapping[str, Text]) -> str:
        """A code, said as such or in words of either language."""
        said = self.text(column)
        found = next((key for key, word in words.items() if said in (key, word.zh, word.en)), None)
        if found is None:
            listed = "、".join(word.zh for word in words.values() if word.zh)
            raise self.refuse(column, Text(f"须是 {listed} 之一", "one of " + ", ".join(w.en for w in words.values() if w.en)))
        return found


def _unit(r: Reader) -> actions.UnitRow:
    name = Text(r.text("zh"), r.text("en"))
    return actions.UnitRow(
        r.text("key"), name, r.code("kind", UNIT_KINDS), r.code("level", LEVELS), r.path("area"), r.since(), r.row
    )


def _officer(r: Reader) -> actions.OfficerRow:
    return actions.OfficerRow(
        r.text("number"), r.text("name"), r.text("unit"), r.code("rank", RANKS), r.code("profession", PROFESSIONS), r.path("area"), r.since(),
        r.code("sex", SEXES), r.yes("party"), r.text("identity") or None, r.text("phone") or None, r.row,
    )  # fmt: skip


def _post(r: Reader) -> actions.PostRow:
    covered = tuple(r.area("areas", part) for part in r.text("areas").replace("、", " ").replace(";", " ").split())
    place = r.path("area")
    return actions.PostRow(
        r.text("key"),
        Text(r.text("zh"), r.text("en")),
        r.code("level", LEVELS),
        place,
        covered or (place,),
        r.since(),
        r.text("parent"),
        r.row,
    )


def _appointment(r: Reader) -> actions.AppointmentRow:
    return actions.AppointmentRow(
        r.text("number"),
        r.code("role", ROLES),
        r.since(),
        r.text("post"),
        r.path("area"),
        r.day("until"),
        r.text("document"),
        r.row,
    )


def _attachment(r: Reader) -> actions.AttachmentRow:
    return actions.AttachmentRow(
        r.path("area"), r.code("role", ATTACHED), r.since(), r.text("number"), r.text("unit"), r.text("document"), r.row
    )


def _helper(r: Reader) -> actions.HelperRow:
    return actions.HelperRow(r.text("number"), r.since(), r.code("scope", SCOPES) if r.text("scope") else "household", r.row)


def _pair(r: Reader) -> actions.PairRow:
    return actions.PairRow(r.text("household"), r.text("helper"), r.since(), r.yes("principal", True), "imported", r.row)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of list: its name, the columns that it needs and those that it may have, how a row is read, the action that takes the rows."""

    title: Text
    needed: tuple[str, ...]
    may: tuple[str, ...]
    read: Callable[[Reader], Any]
    take: Callable[[Actor, Sequence[Any]], int]


KINDS: dict[str, Kind] = {
    "units": Kind(Text("单位", "units"), ("key", "zh", "kind", "level", "area"), ("en", "since"), _unit, actions.add_units),
    "officers": Kind(
        Text("人员", "officers"),
        ("number", "name", "unit", "rank", "profession", "area"),
        ("sex", "party", "identity", "phone", "since"),
        _officer,
        actions.add_officers,
    ),
    "posts": Kind(
        Text("指挥所", "posts"), ("key", "zh", "level", "area"), ("en", "areas", "parent", "since"), _post, actions.set_up_posts
    ),
    "appointments": Kind(
        Text("任职", "appointments"),
        ("number", "role"),
        ("post", "area", "since", "until", "document"),
        _appointment,
        actions.appoint,
    ),
    "attachments": Kind(
        Text("挂帮", "attachments"), ("area", "role"), ("number", "unit", "since", "document"), _attachment, actions.attach
    ),
    "helpers": Kind(Text("帮扶责任人", "helpers"), ("number",), ("scope", "since"), _helper, actions.make_helpers),
    "pairings": Kind(Text("结对", "pairings"), ("household", "helper"), ("principal", "since"), _pair, actions.pair),
}


def read_rows(kind: str, path: Path, county: County) -> list[Any]:
    """The rows of a list. Raises BF-1009 for what is no CSV file, BF-2204 for a column that lacks or a value that will not do."""
    wanted = KINDS[kind]
    columns = {column: COLUMNS[column] for column in (*wanted.needed, *wanted.may)}
    return [wanted.read(Reader(row, told, county)) for row, told in read_columns(path, columns, wanted.needed, BAD_ROW)]


def take_file(actor: Actor, kind: str, path: Path, county: County) -> tuple[int, int]:
    """Read a list and hand it to its action: all of its rows or none. Returns (rows, how many are new)."""
    rows = read_rows(kind, path, county)
    return len(rows), KINDS[kind].take(actor, rows)


def template(kind: str) -> str:
    """The heading of a list to fill in, in the reader's language, as CSV."""
    out = io.StringIO()
    csv.writer(out).writerow([str(COLUMNS[c]) for c in (*KINDS[kind].needed, *KINDS[kind].may)])
    return out.getvalue()
