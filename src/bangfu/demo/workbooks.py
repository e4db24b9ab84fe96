"""A population as workbooks: what the townships of a county would hand in.

One workbook per township, one sheet, two title rows above the headings, headings and code words in the county's language,
as the exports of national systems look. Household columns are filled on every member's row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bangfu.demo.population import Population, Setting
from bangfu.kit.sheets import Workbook
from bangfu.register.columns import YES_NO, Heading, headings

TITLES = {
    "zh": ("{place}农户信息", "数据日期：{day}  演示数据：人员均为虚构"),
    "en": ("{place}: households", "Date of the data: {day}. Synthetic data: all persons are invented"),
}
SHEET = {"zh": "农户信息", "en": "Households"}
FILE = {"zh": "{code} {township} 农户信息.xlsx", "en": "{code} {township} households.xlsx"}
LATER = {"zh": "{code} {township} 农户信息 {day}.xlsx", "en": "{code} {township} households {day}.xlsx"}
BETWEEN = {"zh": "", "en": ", "}  # between the names of a place and of the one within it

SMALL = 20_000  # persons below which starting a process costs more than it saves
PIECE = 65_536  # rows turned into cells at a time
_PLACE = ("county", "township", "village", "village_code", "group", "data_date", "household_no")  # on every row in any case


def write_workbooks(population: Population, folder: Path | str, *, processes: int = 2, repeat: bool = True) -> list[Path]:
    """Write one workbook per township into a folder (made where it is missing). Returns their paths in the order of the codes.

    `processes` above 1 shares the townships out among so many processes. `repeat=False` leaves the household columns to the
    head's row (places and household number stay on every row), as some counties keep them; it is a tenth smaller, no faster.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    setting = population.setting
    language, county = setting["language"], setting["county"]["name"]

    def job(code: str, name: str) -> tuple[Any, ...]:
        table = population.of_township(code)
        return table, paths[code], _titles(setting, county + BETWEEN[language] + name), language, setting.data_date, repeat

    counts = Counter(population.table["village_code"].to_pylist())
    sizes: Counter[str] = Counter()
    for village in population.villages:
        sizes[village.township_code] += counts[village.code]
    townships = [(code, name) for code, name in population.townships() if sizes[code]]
    paths = {code: folder / FILE[language].format(code=code, township=name) for code, name in townships}
    if processes <= 1 or len(townships) <= 1 or population.persons < SMALL:
        for code, name in townships:
            _write(*job(code, name))
        return list(paths.values())
    # The largest first, so that no process ends long after the others, and no more copies in the air than processes.
    # Spawned, not forked: the caller may have threads.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        running: set[Future[None]] = set()
        for code, name in sorted(townships, key=lambda township: -sizes[township[0]]):
            if len(running) > processes:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for one in done:
                    one.result()
            running.add(pool.submit(_write, *job(code, name)))
        for one in running:
            one.result()
    return list(paths.values())


def write_later_workbooks(population: Population, folder: Path | str) -> list[Path]:
    """Write what the townships handed in afterwards into a folder, one workbook per day and township, in this order; none where
    nothing was."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    setting, table = population.setting, population.later
    language = setting["language"]
    townships = {village.code: (village.township_code, village.township_name) for village in population.villages}
    handed_in = [
        (day, *townships[code])
        for day, code in zip(*(table[key].to_pylist() for key in ("data_date", "village_code")), strict=True)
    ]
    paths = []
    for day, code, name in sorted(set(handed_in)):
        path = folder / LATER[language].format(code=code, township=name, day=day.isoformat())
        rows = table.filter(pa.array([one == (day, code, name) for one in handed_in]))
        _write(rows, path, _titles(setting, setting["county"]["name"] + BETWEEN[language] + name, day), language, day, True)
        paths.append(path)
    return paths


def write_workbook(population: Population, path: Path | str, *, repeat: bool = True) -> Path:
    """Write the whole population into one workbook. Raises ValueError where it has more rows than a sheet holds."""
    path = Path(path)
    setting = population.setting
    _write(population.table, path, _titles(setting, setting["county"]["name"]), setting["language"], setting.data_date, repeat)
    return path


def _titles(setting: Setting, place: str, day: date | None = None) -> list[str]:
    return [title.format(place=place, day=(day or setting.data_date).isoformat()) for title in TITLES[setting["language"]]]


def _write(table: Any, path: Path, titles: Sequence[str], language: str, day: date, repeat: bool) -> None:
    shown = headings(language, day)
    with Workbook(path) as book, book.sheet(SHEET[language], [h.column() for h in shown], titles=titles) as sheet:
        others = None if repeat else pc.not_equal(table["relation"], "head").combine_chunks()
        for start in range(0, table.num_rows, PIECE):
            piece = table.slice(start, PIECE)
            hidden = None if others is None else others.slice(start, PIECE)
            sheet.write([_cells(piece[h.field.key], h, language, None if h.field.key in _PLACE else hidden) for h in shown])


def _cells(column: Any, heading: Heading, language: str, hidden: Any) -> Any:
    """A column as people read it: words for codes and for yes and no, YYYYMM as text; household fields blank where `hidden`."""
    column, field = column.combine_chunks(), heading.field
    if hidden is not None and field.level == "household":
        column = column.take(pa.array(np.arange(len(column)), mask=np.asarray(hidden)))
    if field.type in ("code", "codes"):
        return heading.worded(column, language)
    if field.type == "boolean":
        return pa.DictionaryArray.from_arrays(column.cast(pa.int8()).cast(pa.int32()), pa.array(YES_NO[language][::-1]))
    if field.type == "month":
        return column.cast(pa.string()).dictionary_encode()
    return column
