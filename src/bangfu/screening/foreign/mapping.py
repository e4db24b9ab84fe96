"""The mapping of a file's columns to the fields of the register, read from YAML and checked before any file is opened.

    households:
      key: HHID                       # the household's key; several columns in brackets are one key together
      path: COUNTY                    # the place; may be left out
      blank: [-9, 拒答]                # what means "not known" in every column
      fields:
        household_kind: {column: KIND, codes: {1: registered, 2: ordinary, 9: null}}
        income_wage: {column: WAGE, unit: yuan}
        water_piped: {column: TAP, true: [1], false: [2]}
        income_to: {column: PERIOD, format: '%Y%m%d'}
        water_litres: LITRES          # a column whose values are as the field's
    persons:
      key: HHID
      person: PID
      fields: {…}

`items` and `land` may follow in the same form. What is not mapped is not known.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Mapping as Mapped
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.rules.schema import HOUSEHOLD, RELATIONS, Column, Schema, internal
from bangfu.rules.source import Source, read_yaml
from bangfu.screening.problems import BAD_MAPPING

LEVELS = {"households": HOUSEHOLD, **{relation: level for level, relation in RELATIONS.items()}}
UNITS = ("yuan", "fen")
_TABLE_KEYS = {"key", "path", "person", "blank", "fields"}
_FIELD_KEYS = {"column", "value", "codes", True, False, "unit", "round", "format", "blank", "split"}
_ONLY_FOR: dict[Any, tuple[str, ...]] = {
    "codes": ("code", "codes"),
    "split": ("codes",),
    "unit": ("money",),
    "round": ("money",),
    "format": ("date",),
    True: ("boolean",),
    False: ("boolean",),
}


@dataclass(frozen=True, slots=True)
class FieldFrom:
    """Where one field comes from: a column and how its values are read, or one `value` for every row (internal form).

    `codes` is value as written → our code or None (not known); `yes` and `no` the words of a boolean, None where the column is one;
    `unit` of money; `formats` of dates; `blank` what means not known; `split` what stands between several codes.
    """

    column: Column
    source: str | None
    value: Any = None
    codes: Mapped[str, str | None] | None = None
    yes: tuple[str, ...] | None = None
    no: tuple[str, ...] | None = None
    unit: str = "fen"
    rounded: bool = False
    formats: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()
    split: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One file: the columns of the household's key, the place and the person, and where each field comes from.

    `plain` says that values are in internal form already and are taken as they stand.
    """

    relation: str
    key: tuple[str, ...]
    path: str | None = None
    person: str | None = None
    fields: Mapped[str, FieldFrom] = field(default_factory=dict)
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Mapping:
    """The mapping of all files, by relation, and the country whose packs judge them."""

    tables: Mapped[str, Table]
    country: str = "cn"


def plain_mapping() -> Mapping:
    """The mapping of files whose columns are called as ours and hold values in internal form (money in fen, dates as dates)."""
    tables = {name: Table(name, ("household",), plain=True) for name in LEVELS}
    tables["households"] = Table("households", ("household",), path="path", plain=True)
    tables["persons"] = Table("persons", ("household",), person="person", plain=True)
    return Mapping(tables)


def read_mapping(path: Path, schema: Schema) -> Mapping:
    """Read a mapping. Raises BF-1512 for what is badly written, BF-1412 for bad YAML."""
    try:
        content = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BAD_MAPPING(file=path.name, line=1, name=path.name, detail=str(error)) from error
    return _Reader(read_yaml(content, path.name), schema).read()


def words(values: Any) -> tuple[str, ...]:
    """Values as people write them in YAML, as the texts that a column may have for them.

    YAML reads a bare `yes` as true: both mean every spelling of it.
    """
    made: list[str] = []
    for value in values if isinstance(values, list) else [values]:
        if value is True:
            made += ["true", "yes", "on", "True", "Yes", "TRUE", "YES"]
        elif value is False:
            made += ["false", "no", "off", "False", "No", "FALSE", "NO"]
        elif isinstance(value, float) and value.is_integer():
            made.append(str(int(value)))
        else:
            made.append(str(value).strip())
    return tuple(made)


class _Reader:
    def __init__(self, source: Source, schema: Schema) -> None:
        self.source = source
        self.schema = schema

    def bad(self, path: tuple[Any, ...], zh: str, en: str) -> Problem:
        place = self.source.place(*path)
        return BAD_MAPPING(file=place.file, line=place.line, name=str(path[-1]) if path else place.file, detail=Text(zh, en))

    def read(self) -> Mapping:
        raw = self.source.data
        if not isinstance(raw, dict) or set(raw) - {*LEVELS, "country"} or not {"households", "persons"} <= set(raw):
            raise self.bad((), f"应有 households 与 persons，可有 {', '.join(LEVELS)}、country",
                           f"needs households and persons; may have {', '.join(LEVELS)} and country")  # fmt: skip
        tables = {name: self.table(name, raw[name]) for name in LEVELS if name in raw}
        return Mapping(tables, str(raw.get("country", "cn")))

    def table(self, name: str, raw: Any) -> Table:
        if not isinstance(raw, dict) or set(raw) - _TABLE_KEYS or "key" not in raw:
            raise self.bad(
                (name,),
                f"应有 key，可有 {', '.join(sorted(_TABLE_KEYS))}",
                f"needs key; may have {', '.join(sorted(_TABLE_KEYS))}",
            )
        listed = raw.get("fields") or {}
        key = tuple(map(str, raw["key"] if isinstance(raw["key"], list) else [raw["key"]]))
        if not key or not isinstance(listed, dict):
            raise self.bad((name,), "key 是列名，fields 是字段的清单", "key names columns, fields lists fields")
        blank = words(raw.get("blank") or [])
        person = raw.get("person")
        return Table(
            relation=name,
            key=key,
            path=str(raw["path"]) if raw.get("path") is not None and name == "households" else None,
            person=str(person) if person is not None and name == "persons" else None,
            fields={str(one): self.field(name, str(one), entry, blank) for one, entry in listed.items()},
        )

    def field(self, table: str, name: str, raw: Any, blank: tuple[str, ...]) -> FieldFrom:
        at = (table, "fields", name)
        known = self.schema.level(LEVELS[table])
        if name in self.schema.sealed:
            raise self.bad(at, "这个字段说明某人是谁，规则不读取", "this field says who somebody is; rules do not read it")
        if name not in known:
            near = ", ".join(difflib.get_close_matches(name, known, 3)) or "—"
            raise self.bad(at, f"没有这个字段；相近的有：{near}", f"there is no such field; near: {near}")
        column = known[name]
        entry: dict[Any, Any] = dict(raw) if isinstance(raw, dict) else {"column": raw}
        if set(entry) - _FIELD_KEYS or ("column" in entry) == ("value" in entry):
            raise self.bad(at, "应有 column 或 value 之一，可有 codes、true、false、unit、round、format、blank、split",
                           "needs one of column and value; may have codes, true, false, unit, round, format, blank, split")  # fmt: skip
        for option, kinds in _ONLY_FOR.items():
            if option in entry and column.type.kind not in kinds:
                raise self.bad((*at, option), f"{column.type} 字段不用 {option}", f"a field of {column.type} has no {option}")
        if "value" in entry:
            return FieldFrom(column, None, value=self.constant(at, column, entry["value"]))
        money = column.type.kind == "money"
        if money and entry.get("unit") not in UNITS:
            raise self.bad(at, "金额须写明 unit: yuan 或 fen", "money needs unit: yuan or fen")
        if (True in entry) != (False in entry):
            raise self.bad(at, "true 与 false 须同时写明", "true and false go together")
        formats = entry.get("format") or []
        return FieldFrom(
            column,
            str(entry["column"]),
            codes=self.codes(at, column, entry["codes"]) if "codes" in entry else None,
            yes=words(entry[True]) if True in entry else None,
            no=words(entry[False]) if False in entry else None,
            unit=entry.get("unit", "fen"),
            rounded=bool(entry.get("round", False)),
            formats=tuple(map(str, formats if isinstance(formats, list) else [formats])),
            blank=(*blank, *words(entry.get("blank") or [])),
            split=str(entry["split"]) if "split" in entry else None,
        )

    def codes(self, at: tuple[Any, ...], column: Column, raw: Any) -> dict[str, str | None]:
        if not isinstance(raw, dict):
            raise self.bad((*at, "codes"), "codes 应为 值: 代码", "codes is value: code")
        known = self.schema.codes[column.type.codes]
        made: dict[str, str | None] = {}
        for value, code in raw.items():
            if code is not None and str(code) not in known:
                listed = ", ".join(sorted(known))
                raise self.bad((*at, "codes", value), f"{code} 不是 {column.type.codes} 的代码：{listed}",
                               f"{code} is no code of {column.type.codes}: {listed}")  # fmt: skip
            made |= dict.fromkeys(words(value), None if code is None else str(code))
        return made

    def constant(self, at: tuple[Any, ...], column: Column, raw: Any) -> Any:
        try:
            value = internal(raw, column.type)
        except (ValueError, ArithmeticError):
            raise self.bad((*at, "value"), f"{raw} 不是 {column.type}", f"{raw} is not a {column.type}") from None
        codes = value if column.type.kind == "codes" else [value] if column.type.kind == "code" else []
        for code in codes or []:
            if code is not None and code not in self.schema.codes[column.type.codes]:
                raise self.bad(
                    (*at, "value"), f"{code} 不是 {column.type.codes} 的代码", f"{code} is no code of {column.type.codes}"
                )
        return value if not isinstance(value, dt.datetime) else value.date()
