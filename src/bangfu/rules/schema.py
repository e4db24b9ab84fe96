"""What rules may speak of: names with a level and a type, and the code lists they are compared with.

A household is judged from its own fields and from rows that belong to it: its members (`person`), the items of its income sheet
(`item`), its land by kind (`land`). Types as the rules see them:

    integer, decimal   numbers; a year is an integer
    money              yuan where people read or write it, integer fen in the columns; a plain number beside money means yuan
    boolean, date      a month is the date of its first day
    code, codes        one code, or several, of a named list
    text               compared for equality only
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

PERSON = "person"
ITEM = "item"
LAND = "land"
HOUSEHOLD = "household"
ANYWHERE = "anywhere"
# The rows that a household folds over: level → the relation that holds them, and the key of a household's own rows.
RELATIONS = {PERSON: "persons", ITEM: "items", LAND: "land"}

_KINDS = {"year": "integer", "month": "date"}
_KNOWN = {"integer", "decimal", "money", "boolean", "date", "code", "codes", "text"}
_SEALED_TYPES = {"identity", "phone", "account"}
_SEALED_PERSONAL = {"name", "identity", "phone", "account", "address"}


@dataclass(frozen=True, slots=True)
class Type:
    """A type of the rule language; `codes` names the list of a code."""

    kind: str
    codes: str = ""

    def __str__(self) -> str:
        return f"{self.kind}({self.codes})" if self.codes else self.kind

    @property
    def is_number(self) -> bool:
        return self.kind in ("integer", "decimal", "money")


INTEGER, DECIMAL, MONEY = Type("integer"), Type("decimal"), Type("money")
BOOLEAN, DATE, TEXT = Type("boolean"), Type("date"), Type("text")
UNKNOWN = Type("unknown")


@dataclass(frozen=True, slots=True)
class Column:
    """A field that rules may read."""

    name: str
    level: str
    type: Type


@dataclass(frozen=True, slots=True)
class Schema:
    """The fields by name, the codes of each list, and the names that are sealed because they identify a person."""

    columns: Mapping[str, Column]
    codes: Mapping[str, frozenset[str]]
    sealed: frozenset[str] = frozenset()

    def level(self, level: str) -> dict[str, Column]:
        """The columns of one level by name."""
        return {name: column for name, column in self.columns.items() if column.level == level}


def schema_of(fields: Mapping[str, Mapping[str, Any]], codes: Mapping[str, Mapping[str, Any]]) -> Schema:
    """Make the schema from the register's field list and code lists.

    A field without `at` only steers the import and is left out. Numbers, names, addresses and telephones of persons are
    sealed. Raises ValueError for a field of an unknown type or level, or with an unknown code list.
    """
    columns: dict[str, Column] = {}
    sealed: set[str] = set()
    for name, field in fields.items():
        kind = str(field["type"])
        if kind in _SEALED_TYPES or field.get("personal") in _SEALED_PERSONAL:
            sealed.add(name)
            continue
        if "at" not in field:
            continue
        kind = _KINDS.get(kind, kind)
        listed = str(field.get("codes", "")) if kind in ("code", "codes") else ""
        if kind not in _KNOWN or field["level"] not in (*RELATIONS, HOUSEHOLD) or (listed and listed not in codes):
            raise ValueError(f"field {name}: type {kind}, level {field['level']}, codes {listed or '-'}")
        columns[name] = Column(name, str(field["level"]), Type(kind, listed))
    return Schema(columns, {name: frozenset(str(code) for code in entries) for name, entries in codes.items()}, frozenset(sealed))


def internal(value: Any, kind: Type) -> Any:
    """Turn a value that a person wrote into what the columns hold; None stays unknown.

    Money goes from yuan to integer fen, a decimal to float, a date may be written `2020-04-10`, codes become a list.
    Raises ValueError where the value is not of the type.
    """
    if value is None:
        return None
    match kind.kind:
        case "boolean" if isinstance(value, bool):
            return value
        case "integer" if isinstance(value, int) and not isinstance(value, bool):
            return value
        case "decimal" if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return float(value)
        case "money" if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            fen = Decimal(str(value)) * 100
            if fen != fen.to_integral_value():
                raise ValueError(value)
            return int(fen)
        case "date" if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return value
        case "date" if isinstance(value, str):
            return dt.date.fromisoformat(value)
        case "code" | "text" if isinstance(value, str):
            return value
        case "codes" if isinstance(value, list | tuple) and all(isinstance(code, str) for code in value):
            return list(value)
    raise ValueError(value)


DUCKDB_TYPES = {
    "integer": "BIGINT",
    "decimal": "DOUBLE",
    "money": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "code": "VARCHAR",
    "codes": "VARCHAR[]",
    "text": "VARCHAR",
}
