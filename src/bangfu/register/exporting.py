"""The register as a workbook: a row per person with its household's columns, as an import reads it.

Rows come from one SELECT as one stream, so that memory does not grow with the county; row-level security decides which. Numbers are
masked, and what else the actor may see masked only (`masks`); the numbers in clear are for the command line, with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bangfu.accounts.acts import REASONS, SHORTEST_REASON
from bangfu.accounts.audit import note
from bangfu.areas.models import Area
from bangfu.areas.problems import UNKNOWN_AREA
from bangfu.areas.profile import profile_of
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.acts import Act
from bangfu.foundation.copying import copy_out
from bangfu.foundation.secrecy import decrypt, require_keys
from bangfu.kit.sheets import Column, Workbook
from bangfu.register import masks
from bangfu.register.acts import EXPORT
from bangfu.register.columns import YES_NO, Heading, headings
from bangfu.register.fields import Field, fields
from bangfu.register.income import sum_of
from bangfu.register.problems import REASON_NEEDED
from bangfu.register.sorts import ALLOWANCE, FARMING, HUKOU

PLACES = ("county", "township", "village", "village_code", "group")
HOUSEHOLD_FACTS = ("kind", "registration", "relocation", "land", "house", "water", "living", "means", "monitoring")
PERSON_FACTS = ("residence", "schooling", "condition", "insurance", "work")
SHEET = {"zh": "农户信息", "en": "Households"}
TITLES = {
    "zh": ("{place}农户信息", "数据截至 {day}。导出：{who}，{at}。{why}"),
    "en": ("{place}: households", "As of {day}. Exported by {who}, {at}. {why}"),
}


def select(under: str, day: date) -> tuple[str, list[Any], list[str]]:
    """The SELECT of the persons at or below a path who were members on a day: SQL, its parameters, the columns' names."""
    wanted = [f for f in fields().values() if f.key not in PLACES]
    expressions = {"_path": "h.path"} | {f.key: _expression(f) for f in wanted}
    joins = [
        "FROM register_membership m JOIN register_household h ON h.id = m.household_id JOIN register_person p ON p.id = m.person_id",
        "LEFT JOIN register_evidence e ON e.id = p.evidence_id LEFT JOIN register_evidence em ON em.id = m.evidence_id",
        *(
            f"LEFT JOIN register_{t} {t} ON {t}.household_id = h.id AND ({t}.valid @> %s::date)::int <> 0"
            for t in HOUSEHOLD_FACTS
        ),
        *(f"LEFT JOIN register_{t} {t} ON {t}.person_id = p.id AND ({t}.valid @> %s::date)::int <> 0" for t in PERSON_FACTS),
        *(
            f"LEFT JOIN register_membership m_{sort} ON m_{sort}.person_id = p.id AND m_{sort}.sort = '{sort}' "
            f"AND (m_{sort}.valid @> %s::date)::int <> 0 LEFT JOIN register_household u_{sort} ON u_{sort}.id = m_{sort}.household_id"
            for sort in (HUKOU, ALLOWANCE)
        ),
        f"LEFT JOIN ({_income()}) income ON income.household_id = h.id",
    ]
    where = f"WHERE m.sort = '{FARMING}' AND (m.valid @> %s::date)::int <> 0 AND h.path >= %s AND h.path < %s"
    listed = ", ".join(f'{sql} AS "{name}"' for name, sql in expressions.items())
    query = f"SELECT {listed} {' '.join(joins)} {where} ORDER BY h.path, h.number, m.relation <> 'head', p.birth_date, p.id"
    dates = len(HOUSEHOLD_FACTS) + len(PERSON_FACTS) + 2
    return query, [*[day] * dates, day, under, under + "~", day, under, under + "~"], list(expressions)


def _expression(f: Field) -> str:
    """What the database says for a field, as text that a stream carries."""
    match f.key:
        case "data_date":
            return "e.happened_on"
        case "household_no":
            return "h.number"
        case "member_since":  # the day on which somebody was first told of is no beginning
            return "CASE WHEN lower(m.valid) IS DISTINCT FROM em.happened_on THEN to_char(lower(m.valid), 'YYYYMM') END"
        case "hukou_book":
            return f"u_{HUKOU}.number"
        case "allowance_no":
            return f"u_{ALLOWANCE}.number"
    alias = {"household": "h", "person": "p", "membership": "m"}.get(f.table or "", f.table)
    column = f'{alias}."{f.column}"'
    if f.type == "money":
        return f"{column} / 100.0"
    if f.type == "month":
        return f"to_char({column}, 'YYYYMM')"
    return f"array_to_string({column}, ';')" if f.type == "codes" else column


def _income() -> str:
    """The last income sheet of each household that ended by the day: its period, and its items as columns."""
    items = [f.column for f in fields().values() if f.table == "income" and f.type == "money"]
    columns = ", ".join(f'{sum_of(item or "", "i")} AS "{item}"' for item in items)
    return (
        f"SELECT s.household_id, lower(s.period) AS period_from, upper(s.period) - 1 AS period_to, {columns} FROM ("
        "SELECT DISTINCT ON (household_id) id, household_id, period FROM register_incomesheet "
        "WHERE upper(period) - 1 <= %s AND path >= %s AND path < %s ORDER BY household_id, upper(period) DESC, id) s "
        "LEFT JOIN register_incomeitem i ON i.sheet_id = s.id GROUP BY s.household_id, s.period"
    )


def write(
    actor: Actor,
    path: Path,
    *,
    under: str,
    day: date,
    language: str = "zh",
    clear_numbers: bool = False,
    why: str = "",
    progress: Callable[[int], None] = lambda rows: None,
) -> int:
    """Write the persons at or below a path into a workbook, its first lines saying who made it and what for. Returns the rows.

    The file appears when it is whole. Raises ValueError where there are more rows than a sheet holds.
    """
    shown = headings(language, day)
    places = _Places(under, day)
    at = clock.now().astimezone(clock.zone()).strftime("%Y-%m-%d %H:%M")
    require_keys()  # while the stream is open nothing else is asked of the database, the county's keys among it
    titles = [t.format(place=places.title, day=day, who=actor.name, at=at, why=why) for t in TITLES[language]]
    query, parameters, names = select(under, day)
    rows = 0
    with (
        Workbook(path) as book,
        book.sheet(SHEET[language], [_column(actor, h, clear_numbers) for h in shown], titles=titles) as sheet,
    ):
        for batch in _merged(copy_out(query, parameters, names)):
            placed = places.columns(batch["_path"])
            sheet.write([placed.get(h.field.key) or _cells(actor, h, batch[h.field.key], language, clear_numbers) for h in shown])
            rows += batch.num_rows
            progress(batch.num_rows)
    return rows


def _hidden(actor: Actor, f: Field, clear_numbers: bool) -> bool:
    return f.personal in masks.BY_ROLE and not clear_numbers and not masks.clear(actor, f.personal)


def _without_role(f: Field, value: str | None) -> str | None:
    """What a role that may not see a field is shown of it, given as text."""
    return value[:4] + "-**-**" if f.personal == "birth_date" and value else masks.HIDDEN


def _column(actor: Actor, heading: Heading, clear_numbers: bool) -> Column:
    """What is hidden is text, whatever it was."""
    column = heading.column()
    return replace(column, kind="text") if _hidden(actor, heading.field, clear_numbers) else column


def _merged(batches: Iterator[pa.RecordBatch], least: int = 32_768) -> Iterator[pa.Table]:
    """Batches put together: what a column costs once per batch should not be paid for every few rows."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(b.num_rows for b in waiting) >= least:
            yield pa.Table.from_batches(waiting).combine_chunks()
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting).combine_chunks()


def _cells(actor: Actor, heading: Heading, column: pa.ChunkedArray, language: str, clear_numbers: bool) -> Any:
    f, values = heading.field, column.combine_chunks()
    if f.personal in masks.NUMBERS or f.type in ("identity", "phone", "account"):
        kind, purpose = f.personal or f.type, f"{f.table}.{f.column}"
        plain = (decrypt(bytes.fromhex(v[2:]), purpose) if v is not None else None for v in values.to_pylist())
        return pa.array([v if clear_numbers or v is None else masks.mask(kind, v) for v in plain], pa.string())
    if _hidden(actor, f, clear_numbers):
        encoded = values.dictionary_encode()
        shown = [_without_role(f, v) for v in encoded.dictionary.to_pylist()]
        return pa.DictionaryArray.from_arrays(encoded.indices, pa.array(shown, pa.string()))
    match f.type:
        case "integer" | "year":
            return values.cast(pa.int64())
        case "decimal" | "money":
            return values.cast(pa.float64())
        case "date":
            return values.cast(pa.date32())
        case "boolean":
            yes, no = YES_NO[language]
            encoded = values.dictionary_encode()
            words = [yes if v == "t" else no for v in encoded.dictionary.to_pylist()]
            return pa.DictionaryArray.from_arrays(encoded.indices, pa.array(words, pa.string()))
        case "code" | "codes":
            return heading.worded(pc.if_else(pc.equal(values, ""), None, values).dictionary_encode(), language)
    return values


class _Places:
    """Names and codes of villages and groups by path, as they are on a day."""

    def __init__(self, under: str, day: date) -> None:
        profile = profile_of(under)
        self.by_path = {row["path"]: row for row in Area.objects.lookup_table(day, profile).to_pylist()}
        above = Area.objects.breadcrumb(under).with_name(day)
        self.title = next((a.name_on or a.name for a in above if a.path == under), under)  # type: ignore[attr-defined]
        self.county = next((a.name_on or a.name for a in above if a.level == profile.plays.county), "")  # type: ignore[attr-defined]

    def columns(self, paths: pa.ChunkedArray) -> dict[str, Any]:
        """County, township, village, its code and group of each row."""
        encoded = paths.combine_chunks().dictionary_encode()
        named = [self._named(path) for path in encoded.dictionary.to_pylist()]
        indices = pa.array(np.asarray(encoded.indices), pa.int32())
        return {
            key: pa.DictionaryArray.from_arrays(indices, pa.array([n[i] for n in named], pa.string()))
            for i, key in enumerate(PLACES)
        }

    def _named(self, path: str) -> tuple[str | None, ...]:
        own = self.by_path.get(path)
        if own is None:
            return (self.county, None, None, None, None)
        village = self.by_path.get(own["village_path"], own)
        group = None if own is village else own["name"]
        return (self.county, own["township_name"], village["name"], village["code"], group)


def export_register(
    actor: Actor,
    path: Path,
    *,
    under: str | None = None,
    day: date | None = None,
    language: str = "zh",
    clear_numbers: bool = False,
    why: str = "",
    progress: Callable[[int], None] = lambda rows: None,
) -> int:
    """Write the register of the actor's area, or of one within it, into a workbook. Returns the rows.

    It goes into the audit with what it was for. Raises BF-1001 without `register.export`, BF-1108 for an area outside the actor's,
    BF-1260 for numbers in clear without a reason; ValueError for more persons than a sheet holds.
    """
    actor.require("register.export")
    if clear_numbers and len(why.strip()) < SHORTEST_REASON:
        raise REASON_NEEDED(least=SHORTEST_REASON)
    under = under or actor.scope
    if not actor.covers(under):
        raise UNKNOWN_AREA(area=under)
    with acting(actor):
        rows = write(
            actor,
            path,
            under=under,
            day=day or clock.today(),
            language=language,
            clear_numbers=clear_numbers,
            why=why,
            progress=progress,
        )
        note(actor, EXPORT, path=under, reason=why, detail={"rows": rows, "numbers": "clear" if clear_numbers else "masked"})
    return rows


def export_list(
    actor: Actor,
    under: str,
    path: Path,
    make: Callable[[Path, str], int],
    *,
    reason: str,
    words: str,
    narrowed: Sequence[str],
    act: Act = EXPORT,
) -> int:
    """Let a list of households, or another that speaks of them, be written into a workbook by `make` (given the path and what it is for).
    Returns the rows.

    `narrowed` names the filters that were set. It goes into the audit as `act`. Raises BF-1260 without a reason, BF-1001 without
    `register.export`.
    """
    actor.require("register.export")
    words = words.strip()
    if reason not in REASONS or len(words) < SHORTEST_REASON:
        raise REASON_NEEDED(least=SHORTEST_REASON)
    with acting(actor):
        rows = make(path, f"{REASONS[reason]} · {words}")
        note(actor, act, path=under, reason=words, detail={"rows": rows, "reason": reason, "narrowed": list(narrowed)})
    return rows
