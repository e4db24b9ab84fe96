"""Refused rows handed back: each file's rows with its own columns in their order, the wrong cell marked, number and remedy beside it.

They hold what was given, identity numbers too: whoever is to correct them must see them. So the file is readable by its owner only
(docs/threat-model.md says where it lies and for how long). It can be corrected and imported again as it is.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import duckdb

from bangfu.kit.sheets import Column, Workbook
from bangfu.register.importing import report
from bangfu.register.importing.opening import Sheet, open_sheets
from bangfu.register.importing.reading import HOMES, RETURNED, Headed, Reading, layout
from bangfu.register.problems import HELD_BACK

MOST = 50_000  # rows of one file that are handed back; who has more of them mends the file itself
NAME = "退回 refused"
Faults = dict[int, list[tuple[str, str, str]]]  # row -> (number, field, value)


def write(con: duckdb.DuckDBPyConnection, readings: Sequence[Reading], paths: Sequence[Path], folder: Path, stem: str) -> Path:
    """Write the refused rows of every file: one workbook, or a zip of them where several files have some. Gives its path."""
    made = []
    for n, (reading, path) in enumerate(zip(readings, paths, strict=True)):
        faults: Faults = {}
        for row, number, key, value in con.execute(
            "SELECT DISTINCT row, number, field, value FROM refused WHERE file = ? ORDER BY row, number, field", [n]
        ).fetchall():
            faults.setdefault(row, []).append((number, key, value))
        if faults:
            homes = con.execute(
                "SELECT DISTINCT g._home FROM given g JOIN held USING (hh) WHERE g._file = ? AND g._home IS NOT NULL", [n]
            ).fetchall()
            target = folder / f"{stem}-{n:03d}.xlsx"
            made.append(
                (f"{Path(reading.name).stem} {NAME}.xlsx", _workbook(target, reading, path, faults, {h for (h,) in homes}))
            )
    if len(made) == 1:
        return made[0][1]
    archive = folder / f"{stem}.zip"
    os.close(os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as out:
        for n, (name, one) in enumerate(made):
            out.write(one, name if name not in out.namelist() else f"{n} {name}")
            one.unlink()
    return archive


def _workbook(target: Path, reading: Reading, path: Path, faults: Faults, homes: set[int]) -> Path:
    persons, beside = layout(open_sheets(path), path.name)
    rows = sorted(row for row in faults if row < HOMES)[:MOST]
    with Workbook(target, private=True) as book:
        _sheet(book, persons, rows, 0, faults, reading)
        if beside is not None:
            _sheet(book, beside, sorted({*homes, *(r for r in faults if r > HOMES)})[:MOST], HOMES, faults, reading)
    return target


def _sheet(book: Workbook, found: Headed, rows: Sequence[int], offset: int, faults: Faults, reading: Reading) -> None:
    table = found.sheet.table
    heading = [str(v or "") for v in table.slice(found.index, 1).to_pylist()[0].values()]
    own = [i for i, text in enumerate(heading) if text.strip() not in RETURNED]  # of rows that come back a second time
    place = {f"c{i}": n for n, i in enumerate(own)}
    titles = [" ".join(str(v) for v in row.values() if v) for row in table.slice(0, found.index).to_pylist()]
    taken = table.select(own).take([row - offset - 1 for row in rows]).to_pylist()
    cells: list[list[str | None]] = []
    wrong: set[tuple[int, int]] = set()
    for n, (row, given) in enumerate(zip(rows, taken, strict=True)):
        told = [report.line(*reading.place(row), number, key, value) for number, key, value in faults.get(row, [])]
        for number, key, _ in faults.get(row, []):
            column = next((found.mapped[k] for k in (key, "village", "village_code", "household_no") if k in found.mapped), "c0")
            if number != HELD_BACK.number:
                wrong.add((n, place[column]))
        cells.append(
            [*given.values(), "、".join(dict.fromkeys(t["number"] for t in told)) or None]
            + ["\n".join(t[language] for t in told) or None for language in ("zh", "en")]
        )
    columns = [Column(heading[i], width=16, protect=True) for i in own]
    columns += [Column(name, width=40, protect=True) for name in RETURNED]
    with book.sheet(_name(found.sheet), columns, titles=titles) as sheet:
        sheet.write_marked(cells, wrong)


def _name(sheet: Sheet) -> str:
    return sheet.name if sheet.name.strip("'") == sheet.name and 0 < len(sheet.name) <= 31 else NAME
