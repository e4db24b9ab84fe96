"""Files of areas: lists (`code,name,level,parent`), tables of changes, groups, seats, outlines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bangfu.areas.problems import BAD_AREA_FILE, BAD_DATE, BAD_OUTLINE, NO_NAME
from bangfu.areas.timeline import AreaChange
from bangfu.foundation.csv_files import read_csv

DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One row of a list of areas. `parent` is a code of the list or of the database; `line` is the row in the file."""

    code: str
    name: str
    level: str
    parent: str = ""
    name_en: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a township's seat lies or a computation may begin. `basis`: `sourced` (a published position) or `estimated`."""

    code: str
    lon: float
    lat: float
    basis: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A row of a list of groups and grids: the code of its village, its name, its level (blank: a group)."""

    village_code: str
    name: str
    level: str = ""
    line: int = 0


def read_areas(path: Path) -> list[AreaRow]:
    """The rows of a list of areas. Raises BF-1103 where a column lacks (`name_en` may), BF-1115 for a blank name."""
    found = []
    for line, row in _rows(path, "code", "name", "level", "parent"):
        if not row["name"]:
            raise NO_NAME(row=line)
        found.append(AreaRow(row["code"], row["name"], row["level"], row["parent"], row.get("name_en") or "", line))
    return found


def read_changes(path: Path) -> list[AreaChange]:
    """A table of changes of codes and names. Raises BF-1103 where a column lacks, BF-1117 for a date that is none."""
    return [
        AreaChange(
            row["old_code"],
            row["new_code"],
            row["old_name"],
            row["new_name"],
            _day(row["date"], line),
            row.get("source") or "",
        )
        for line, row in _rows(path, "old_code", "new_code", "old_name", "new_name", "date")
    ]


def read_groups(path: Path) -> list[GroupLine]:
    """The rows of a list of groups and grids. Raises BF-1103 where a column lacks; `level` may lack."""
    return [
        GroupLine(row["village_code"], row["name"], row.get("level") or "", line)
        for line, row in _rows(path, "village_code", "name")
    ]


def read_outline(path: Path) -> dict[str, Any]:
    """A GeoJSON file. Raises BF-1110 for one that is no JSON object; what it holds is judged where it is drawn."""
    try:
        found: Any = json.loads(path.read_text("utf-8-sig"))
    except ValueError as error:
        raise BAD_OUTLINE(why=f"{path.name}: {error}") from error
    if not isinstance(found, dict):
        raise BAD_OUTLINE(why=f"{path.name}: {type(found).__name__}")
    return found


def read_seats(path: Path) -> list[Seat]:
    """Seats with a position; rows without one are passed over (theirs are computed). Raises BF-1103 where a column lacks."""
    return [
        Seat(row["code"], float(row["lon"]), float(row["lat"]), row["basis"], row.get("source") or "")
        for _, row in _rows(path, "code", "lon", "lat", "basis")
        if row["lon"]
    ]


def _day(text: str, line: int) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BAD_DATE(row=line, value=text) from None


def _rows(path: Path, *columns: str) -> list[tuple[int, dict[str, str]]]:
    heading, rows = read_csv(path)
    for column in columns:
        if column not in heading:
            raise BAD_AREA_FILE(file=path.name, column=column, wanted=",".join(columns))
    return rows
