"""The JSON Schema for editors: every shipped pack fits it, and what the loader refuses for its keys does not."""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.environment import ROOT

from bangfu.rules.source import read_file
from bangfu.screening.pack import PACKS, register_schema
from bangfu.screening.pack.json_schema import json_schema
from bangfu.screening.writing import SKELETON, schema_text

SCHEMA = json_schema(register_schema())
FILES = sorted([*PACKS.rglob("*.yaml"), *SKELETON.rglob("*.yaml")])
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,), "null": (type(None),), "integer": (int,), "number": (int, float),
}  # fmt: skip
_KNOWN = {
    "$schema", "$id", "$defs", "$ref", "title", "description", "type", "enum", "anyOf", "properties", "required", "additionalProperties",
    "patternProperties", "propertyNames", "minProperties", "maxProperties", "items", "pattern", "minLength",
}  # fmt: skip


def faults(value: Any, schema: dict[str, Any] | bool, at: str = "") -> list[str]:
    """What a value does not fit of a schema: the part of JSON Schema that ours uses, and nothing else."""
    if isinstance(schema, bool):
        return [] if schema else [f"{at}: not allowed"]
    assert set(schema) <= _KNOWN, set(schema) - _KNOWN
    made: list[str] = []
    if "$ref" in schema:
        made += faults(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], at)
    if "type" in schema:
        kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        fits = any(isinstance(value, _TYPES[k]) and (k == "boolean" or not isinstance(value, bool)) for k in kinds)
        if not fits:
            return [*made, f"{at}: {value!r} is not {kinds}"]
    if "enum" in schema and value not in schema["enum"]:
        made.append(f"{at}: {value!r} is none of {schema['enum']}")
    if "anyOf" in schema and not any(not faults(value, one, at) for one in schema["anyOf"]):
        made.append(f"{at}: {value!r} fits none")
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            made.append(f"{at}: {value!r} is not like {schema['pattern']}")
        if len(value) < schema.get("minLength", 0):
            made.append(f"{at}: too short")
    if isinstance(value, list):
        for n, one in enumerate(value):
            made += faults(one, schema.get("items", True), f"{at}/{n}")
    if isinstance(value, dict):
        made += [f"{at}: {key} is missing" for key in schema.get("required", []) if key not in value]
        if not schema.get("minProperties", 0) <= len(value) <= schema.get("maxProperties", 10**6):
            made.append(f"{at}: too few or too many")
        for key, one in value.items():
            made += faults(key, schema.get("propertyNames", True), f"{at}/{key} (name)")
            fitting = [s for p, s in schema.get("patternProperties", {}).items() if re.search(p, key)]
            if key in schema.get("properties", {}):
                fitting.append(schema["properties"][key])
            for each in fitting or [schema.get("additionalProperties", True)]:
                made += faults(one, each, f"{at}/{key}")
    return made


def plain(value: Any) -> Any:
    """A YAML document as an editor sees it: dates are texts."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, dt.date) else value


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-3:]))
def test_every_shipped_pack_fits(path: Path) -> None:
    assert faults(plain(read_file(path).data), SCHEMA) == []


@pytest.mark.parametrize(
    "spoil",
    [
        {"parametres": {}},
        {"guarantees": {"food": {"met_because": {}}}},
        {"guarantees": {"food": {"unmet": {"no_staple": {"then": "x"}}}}},
        {"guarantees": {"Food": {}}},
        {"parameters": {"line": {"source": "s", "verified": "yes", "title": {"zh": "a", "en": "b"}}}},
        {"parameters": {"line": {"verified": True, "title": {"zh": "a", "en": "b"}}}},
        {"terms": {"village": {"zh": "村"}}},
        {"situations": [{"name": {"zh": "a", "en": "b"}, "as_of": "today", "household": {}, "expect": {"food": "met"}}]},
        {
            "situations": [
                {
                    "name": {"zh": "a", "en": "b"},
                    "as_of": "2020-04-28",
                    "household": {"house_grade": "E"},
                    "expect": {"food": "met"},
                }
            ]
        },
        {
            "situations": [
                {
                    "name": {"zh": "a", "en": "b"},
                    "as_of": "2020-04-28",
                    "household": {"hause_grade": "C"},
                    "expect": {"food": "met"},
                }
            ]
        },
        {"situations": [{"name": {"zh": "a", "en": "b"}, "as_of": "2020-04-28", "household": {}, "expect": {"food": "fine"}}]},
    ],
)
def test_a_bad_key_or_value_does_not_fit(spoil: dict[str, Any]) -> None:
    assert faults(spoil, SCHEMA)


@pytest.mark.parametrize("section", sorted(SCHEMA["$defs"]))
def test_every_key_is_told_to_the_editor(section: str) -> None:
    """Each reference leads somewhere."""
    text = json.dumps(SCHEMA["$defs"][section])
    for name in re.findall(r"#/\$defs/(\w+)", text):
        assert name in SCHEMA["$defs"]


def test_the_schema_in_the_repository_is_that_of_the_code() -> None:
    assert (ROOT / "docs" / "policy-pack.schema.json").read_text("utf-8") == schema_text()
    assert json.loads(schema_text()) == json.loads(json.dumps(copy.deepcopy(SCHEMA)))
