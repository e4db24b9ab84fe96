"""The columns of a file as our fields, in SQL: the value of each, and whether what stands there could not be read.

A blank stays blank, and so does what the mapping calls blank. What is there and cannot be read is never guessed at: it is *bad*, and a
file with bad values is not judged.
"""

from __future__ import annotations

from collections.abc import Mapping as Mapped
from dataclasses import dataclass

from bangfu.foundation.say import Text
from bangfu.register.fields import fields
from bangfu.rules.compile import text_literal
from bangfu.rules.dialects import DUCKDB
from bangfu.rules.schema import DUCKDB_TYPES
from bangfu.screening.foreign.mapping import FieldFrom, Table
from bangfu.screening.pack import register_schema

_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_DECIMAL = "DECIMAL(24, 6)"
WANTED = {
    "integer": Text("整数", "a whole number"),
    "decimal": Text("数", "a number"),
    "money": Text("金额（到分）", "an amount to the fen"),
    "boolean": Text("是或否", "yes or no"),
    "date": Text("日期", "a date"),
    "codes": Text("代码", "codes"),
    "text": Text("文字", "a text"),
}


def quoted(name: str) -> str:
    """A column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Translated:
    """A field in SQL: what stands in the file (`written`, a text), its `value`, and `bad` where it is there and cannot be read."""

    field: FieldFrom
    written: str
    value: str
    bad: str


def as_text(column: str, kind: str) -> str:
    """A column as the text that a person would write for its value; blank where nothing stands there."""
    name = quoted(column)
    if kind in ("FLOAT", "DOUBLE") or kind.startswith("DECIMAL"):
        # 1.0 is written 1: codes and years are often kept as numbers with a point.
        whole = f"{name} = floor({name}) AND abs({name}) < 1e15"
        return f"CASE WHEN {whole} THEN {name}::BIGINT::VARCHAR ELSE {name}::VARCHAR END"
    if kind.startswith("TIMESTAMP"):
        return f"{name}::DATE::VARCHAR"
    return f"nullif(trim({name}::VARCHAR), '')"


def translate(found: FieldFrom, types: Mapped[str, str]) -> Translated:
    """A field in SQL over a file whose columns have these types."""
    kind = found.column.type.kind
    if found.source is None:
        listed = found.value
        value = DUCKDB.literal(tuple(listed) if isinstance(listed, list) else listed, kind)
        return Translated(found, "NULL", DUCKDB.cast(value, kind), "FALSE")
    written = as_text(found.source, types[found.source])
    if found.blank:
        listed = ", ".join(map(text_literal, dict.fromkeys(found.blank)))
        written = f"CASE WHEN {written} NOT IN ({listed}) THEN {written} END"
    if kind == "code":
        return _code(found, written)
    if kind == "codes":
        return _codes(found, written)
    value, more = _plain(found, written)
    bad = f"({written} IS NOT NULL AND {value} IS NULL)"
    return Translated(found, written, value, f"({bad} OR coalesce({more}, FALSE))" if more else bad)


def _code(found: FieldFrom, written: str) -> Translated:
    codes = _listed(found)
    listed = ", ".join(map(text_literal, codes))
    bad = f"({written} NOT IN ({listed}))" if codes else f"({written} IS NOT NULL)"
    return Translated(found, written, _chosen(codes, written), f"coalesce({bad}, FALSE)")


def _codes(found: FieldFrom, written: str) -> Translated:
    codes = _listed(found)
    parts = f"[{written}]" if found.split is None else f"string_split({written}, {text_literal(found.split)})"
    one = "trim(x)"
    known = f"list_filter({parts}, lambda x: {one} <> '')"
    listed = ", ".join(map(text_literal, codes)) or "NULL"
    value = f"list_filter(list_transform({known}, lambda x: {_chosen(codes, one)}), lambda x: x IS NOT NULL)"
    bad = f"({written} IS NOT NULL AND len(list_filter({known}, lambda x: {one} NOT IN ({listed}))) > 0)"
    return Translated(found, written, f"CASE WHEN {written} IS NOT NULL THEN {value} END", bad)


def _listed(found: FieldFrom) -> dict[str, str | None]:
    """What may stand in a column of codes and what it means; without a translation the codes themselves."""
    if found.codes is not None:
        return dict(found.codes)
    return {code: code for code in known_codes(found)}


def known_codes(found: FieldFrom) -> list[str]:
    """The codes of a field's list."""
    return sorted(register_schema().codes[found.column.type.codes])


def _chosen(codes: Mapped[str, str | None], value: str) -> str:
    whens = "".join(f" WHEN {text_literal(word)} THEN {text_literal(code)}" for word, code in codes.items() if code is not None)
    return f"CASE {value}{whens} END" if whens else "NULL::VARCHAR"


def _plain(found: FieldFrom, written: str) -> tuple[str, str]:
    """The value of a field that is no code, and where it is out of the field's bounds."""
    kind = found.column.type.kind
    number = f"try_cast({written} AS {_DECIMAL})"
    if kind == "boolean":
        yes, no = (", ".join(map(text_literal, side)) for side in (found.yes or ("true",), found.no or ("false",)))
        return f"CASE WHEN {written} IN ({yes}) THEN TRUE WHEN {written} IN ({no}) THEN FALSE END", ""
    if kind == "integer":
        return f"CASE WHEN {number} = floor({number}) THEN {number}::BIGINT END", _outside(found, number)
    if kind == "money":
        fen = number if found.unit == "fen" else f"({number} * 100)"
        if found.rounded:
            return f"round({fen})::BIGINT", _outside(found, f"({fen} / 100)")
        return f"CASE WHEN {fen} = floor({fen}) THEN {fen}::BIGINT END", _outside(found, f"({fen} / 100)")
    if kind == "decimal":
        value = f"try_cast({written} AS DOUBLE)"
        return f"CASE WHEN isfinite({value}) THEN {value} END", _outside(found, value)
    if kind == "date":
        day = f"try_cast({written} AS DATE)"
        if found.formats:
            day = f"try_strptime({written}, [{', '.join(map(text_literal, found.formats))}])::DATE"
        known = fields().get(found.column.name)
        return (f"date_trunc('month', {day})::DATE" if known is not None and known.type == "month" else day), ""
    return written, ""


def _outside(found: FieldFrom, value: str) -> str:
    known = fields().get(found.column.name)
    if known is None or known.minimum is None or known.maximum is None:
        return ""
    return f"{value} NOT BETWEEN {known.minimum} AND {known.maximum}"


# --- relations


def whole_key(table: Table, types: Mapped[str, str]) -> bool:
    """Whether the key of a household is one column of whole numbers."""
    return len(table.key) == 1 and types.get(table.key[0]) in _WHOLE


def key_of(table: Table, types: Mapped[str, str], whole: bool) -> str:
    """The household's key in SQL: a whole number where it is one in every file, else a text; blank where a part of it is."""
    if whole:
        return f"{quoted(table.key[0])}::BIGINT"
    texts = [as_text(column, types[column]) for column in table.key]
    return texts[0] if len(texts) == 1 else "(" + " || '/' || ".join(texts) + ")"


def relation_of(table: Table, types: Mapped[str, str], source: str, reads: tuple[str, ...], whole: bool) -> str:
    """A file as rules read it, as it may stand after FROM: the keys and the fields that are read; what is not mapped is blank."""
    selected = [f"{key_of(table, types, whole)} AS household"]
    if table.relation == "households":
        known = table.path is not None and table.path in types
        selected.append(f"{as_text(table.path or '', types[table.path or ''])} AS path" if known else "''::VARCHAR AS path")
    if table.relation == "persons":
        selected.append(f"{_person(table, types)} AS person")
    for name in reads:
        selected.append(f"{_field(table, name, types)} AS {name}")
    return f"(SELECT {', '.join(selected)} FROM {source})"


def unknown_rows(households: str, reads: tuple[str, ...]) -> str:
    """A row of which nothing is known for every household, as it may stand after FROM."""
    return f"(SELECT household{''.join(f', {_blank(name)} AS {name}' for name in reads)} FROM {households})"


def _person(table: Table, types: Mapped[str, str]) -> str:
    if table.person is None or table.person not in types:
        return "row_number() OVER ()"
    kind = types[table.person]
    return f"{quoted(table.person)}::BIGINT" if kind in _WHOLE else as_text(table.person, kind)


def _field(table: Table, name: str, types: Mapped[str, str]) -> str:
    if table.plain and name in types:
        return quoted(name)
    if name in table.fields:
        return translate(table.fields[name], types).value
    return _blank(name)


def _blank(name: str) -> str:
    return f"NULL::{DUCKDB_TYPES[register_schema().columns[name].type.kind]}"
