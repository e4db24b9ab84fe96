"""The JSON Schema of a pack's files, for editors: made from the loader's own keys and the register's fields.

One schema for every `*.yaml` of a pack: what may stand only in `pack.yaml` is allowed in each. It knows shapes, keys, field names and
codes; whether a name in an expression is known, only `bangfu policy check` says. Dates are texts to an editor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bangfu.foundation.say import Text
from bangfu.rules.schema import HOUSEHOLD, PERSON, RELATIONS, Column, Schema
from bangfu.screening.pack import keys
from bangfu.screening.pack.keys import Keys
from bangfu.screening.pack.model import BOUNDS, RESULTS, SEVERITIES, STATES

NAME = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,62}$"}
PACK_NAME = {"type": "string", "pattern": "^[a-z][a-z0-9_-]{0,62}$"}
DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
WORDS = {"type": "string", "minLength": 1}
PLAIN: dict[str, Any] = {"type": ["string", "number", "boolean"]}
EXPRESSION: dict[str, Any] = {"type": ["string", "boolean", "number"]}
TYPES = ("integer", "decimal", "money", "boolean", "date", "code", "codes")


def json_schema(schema: Schema) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the files of a pack whose rules speak of a register."""
    sections: dict[str, Any] = {name: _ref(key.shape, key.says) for name, key in keys.TOP.items()}
    for name, entry in keys.ENTRIES.items():
        sections[name] = (
            _ref(name)
            if name in ("work", "modes")  # sections whose names are known
            else _by_name(_ref(entry) if isinstance(entry, str) else _ref(f"entry_{name}"))
        )
    sections["situations"] = {"type": ["array", "null"], "items": _ref("situation")}
    sections["written_for"] = _ref(
        "date", Text("共用情形写作时的日期", "the day for which the situations of a shared part were written")
    )
    # A section without entries, which is nothing to YAML, is no fault.
    made = {
        name: one if name in keys.TOP or name in ("situations", "written_for") else _or_null(one)
        for name, one in sections.items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "policy-pack.schema.json",
        "title": "Bangfu policy pack 规则包",
        "type": ["object", "null"],
        "properties": made,
        "additionalProperties": False,
        "$defs": _shapes(schema),
    }


def _shapes(schema: Schema) -> dict[str, Any]:
    """Every shape that a key may have, by name."""
    entries = {f"entry_{name}": _keyed(entry) for name, entry in keys.ENTRIES.items() if not isinstance(entry, str)}
    return {
        **entries,
        "work": _object({name: _keyed(known) for name, known in keys.WORK.items()}, []),
        "modes": _object({name: _ref("entry_modes", title) for name, title in keys.MODES.items()}, []),
        "proven": {"type": "array", "items": {"enum": list(keys.PROVEN)}},
        "signatures": {"type": "array", "items": {"enum": list(keys.SIGNATURES)}},
        "any": {},
        "any_mapping": {"type": "object"},
        "boolean": {"type": "boolean"},
        "words": {"type": "string"},
        "text": _object({"zh": WORDS, "en": WORDS}, ["zh", "en"]),
        "saying": {"anyOf": [{"type": "string"}, _ref("text")]},
        "expression": EXPRESSION,
        "name": PACK_NAME,
        "names": {"type": "array", "items": NAME},
        "parts": {"anyOf": [{"type": "array", "items": PACK_NAME}, PACK_NAME]},
        "date": {"type": "string", "pattern": DAY},
        "span": _object({"from": _ref("date"), "to": _ref("date")}, ["from", "to"]),
        "chosen": {"enum": ["by_day", "by_name"]},
        "type": {"enum": list(TYPES)},
        "about": {"enum": list(keys.ABOUT)},
        "dated": {
            "type": "object",
            "patternProperties": {DAY: {"anyOf": [PLAIN, {"type": "array", "items": {"type": "string"}}, {"type": "null"}]}},
            "additionalProperties": False,
        },
        "verified": {
            "anyOf": [
                {"type": "boolean"},
                {"type": "object", "patternProperties": {DAY: {"type": "boolean"}}, "additionalProperties": False},
            ]
        },
        "code_list": {"type": "object", "additionalProperties": _ref("text"), "minProperties": 1},
        "codes": {"type": "object", "additionalProperties": PLAIN},
        "codes_of_fields": {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}},
        "conditions": {"type": "object", "additionalProperties": EXPRESSION},
        "lists_by_field": {
            "type": "object",
            "propertyNames": NAME,
            "additionalProperties": {"type": "array", "items": {"type": ["string", "boolean"]}},
        },
        "names_by_code": {"type": "object", "additionalProperties": NAME},
        "days_by_severity": _object(dict.fromkeys(SEVERITIES, NAME), SEVERITIES[:1]),
        "reasons_by_severity": _object(dict.fromkeys(SEVERITIES[1:], _ref("names")), []),
        "sets": {"type": "object", "propertyNames": NAME, "additionalProperties": {"type": ["string", "boolean"]}},
        "subject": {"enum": list(keys.SUBJECTS)},
        "by": {"enum": list(keys.BY)},
        "act": {"enum": list(keys.ACTS)},
        "parts_of_score": _by_name(_keyed(keys.PART)),
        "met_by": _by_name(_keyed(keys.MET_BY)),
        "unmet": _by_name(_keyed(keys.UNMET)),
        "missing": _by_name(_keyed(keys.MISSING)),
        "grounds": _by_name(_keyed(keys.GROUNDS)),
        "situation": _keyed(keys.SITUATION),
        "household": _household(schema),
        **{f"rows_of_{level}": {"type": "array", "items": _fields(schema, level)} for level in RELATIONS},
        "expect": _expect(),
    }


def _expect() -> dict[str, Any]:
    """What may be expected: results of guarantees by name, and the sections beside them."""
    listed = {"type": "array", "items": NAME}
    result = _outcome(RESULTS, "result", {"reasons": listed})
    number = {"type": ["number", "null"]}
    made: dict[str, Any] = {
        "proposals": {"type": "object", "additionalProperties": _outcome(STATES, "state", {"reasons": listed, "risks": listed})},
        "scores": {
            "type": "object",
            "additionalProperties": _outcome(BOUNDS, "state", {"low": number, "high": number, "parts": listed, "open": listed}),
        },
        "hints": listed,
        "groups": listed,
        "visit": {"type": "string"},
    }
    return {"type": "object", "minProperties": 1, "properties": made, "additionalProperties": result}


def _outcome(states: tuple[str, ...], key: str, more: Mapping[str, Any]) -> dict[str, Any]:
    one = {"enum": list(states)}
    return {"anyOf": [one, _object({key: one, **more}, [key])]}


def _household(schema: Schema) -> dict[str, Any]:
    made = _fields(schema, HOUSEHOLD)
    rows = {("members" if level == PERSON else relation): _ref(f"rows_of_{level}") for level, relation in RELATIONS.items()}
    like = {"type": "string", "description": "从哪个示例户出发 · the example to start from"}
    return {**made, "properties": {"like": like, **rows, **made["properties"]}}


def _fields(schema: Schema, level: str) -> dict[str, Any]:
    return _object({name: _value(schema, column) for name, column in schema.level(level).items()}, [])


def _value(schema: Schema, column: Column) -> dict[str, Any]:
    """What may stand for a field; blank is always allowed and means not known."""
    match column.type.kind:
        case "integer":
            return {"type": ["integer", "null"]}
        case "decimal" | "money":
            return {"type": ["number", "null"]}
        case "boolean":
            return {"type": ["boolean", "null"]}
        case "date":
            return {"anyOf": [_ref("date"), {"type": "null"}]}
        case "code":
            return {"enum": [*sorted(schema.codes.get(column.type.codes, ())), None]}
        case "codes":
            return {"type": ["array", "null"], "items": {"enum": sorted(schema.codes.get(column.type.codes, ()))}}
    return {"type": ["string", "null"]}


def _keyed(known: Keys) -> dict[str, Any]:
    return _object({name: _ref(key.shape, key.says) for name, key in known.items()}, sorted(keys.needed(known)))


def _object(properties: Mapping[str, Any], required: Sequence[str]) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return {**made, "required": list(required)} if required else made


def _by_name(entry: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "propertyNames": NAME, "additionalProperties": entry}


def _or_null(shape: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [shape, {"type": "null"}]}


def _ref(shape: str, says: Text | None = None) -> dict[str, Any]:
    made: dict[str, Any] = {"$ref": f"#/$defs/{shape}"}
    if says is not None:
        made["description"] = f"{says.zh} · {says.en}"
    return made
