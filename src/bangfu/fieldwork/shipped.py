"""The forms that Bangfu ships, from their recipes (`data/forms/*.yaml`) to the sheets of an XLSForm.

A recipe names what is asked; type, words and choices of what the register keeps come from its fields and code lists, so that a form cannot drift from them.

    id: visit_registered
    version: "2020-03-11"
    title: {zh: …, en: …}
    questions:
      - {fact: house_grade, required: true, when: "${met} = 'yes'"}       a field of the register
      - {name: words, type: text, zh: …, en: …, fact: visit.words}          a question of its own
      - {note: hint, zh: …, en: …}
      - {group: house, zh: …, en: …, questions: […]}
      - {repeat: members, of: person, zh: …, en: …, questions: […]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bangfu.fieldwork.facts import INCOME_DAYS, NEEDS, VISIT, YES_OR_NO
from bangfu.fieldwork.xform import FACTS
from bangfu.foundation.say import Text
from bangfu.register.fields import Code, Field, code_lists, fields
from bangfu.register.income import lines

RECIPES = Path(__file__).parent / "data" / "forms"
ZH, EN = "中文 (zh)", "English (en)"
TYPES = {
    "text": "text", "integer": "integer", "decimal": "decimal", "money": "decimal", "date": "date", "month": "date", "year": "integer",
    "identity": "text", "phone": "text", "account": "text",
}  # fmt: skip
YES_NO = "yes_no"
BY_HOUSEHOLD = "select_one_from_file households.csv"
BASE = "instance('households')/root/item[name = ${{{}}}]/__version"  # the version of the household that the worker's list has
Row = dict[str, Any]


@lru_cache(maxsize=1)
def recipes() -> Mapping[str, Mapping[str, Any]]:
    """The recipes by the id of the form, in the order of their files."""
    found = [yaml.safe_load(file.read_text("utf-8")) for file in sorted(RECIPES.glob("*.yaml"))]
    return {recipe["id"]: recipe for recipe in found}


def sheets_of(recipe: Mapping[str, Any], kinds: Mapping[str, Text], severities: Mapping[str, Text]) -> dict[str, list[Row]]:
    """The sheets of an XLSForm: survey, choices, settings. `kinds` and `severities` are those of cases by the pack. Raises ValueError for a fact or a key that is not known."""
    book = _Book(date.fromisoformat(recipe["version"][:10]), kinds, severities)
    survey = list(book.rows(recipe["questions"]))
    title = Text(recipe["title"]["zh"], recipe["title"]["en"])
    settings = {
        "form_id": recipe["id"],
        "form_title": f"{title.zh} {title.en}",
        "version": recipe["version"],
        "default_language": ZH,
        "namespaces": f'bf="{FACTS}"',
    }
    if "instance_name" in recipe:
        settings["instance_name"] = recipe["instance_name"]
    return {"survey": survey, "choices": book.choices, "settings": [settings]}


class _Book:
    """Sheets while they are written."""

    def __init__(self, day: date, kinds: Mapping[str, Text], severities: Mapping[str, Text]) -> None:
        self.day, self.kinds, self.severities = day, kinds, severities
        self.choices: list[Row] = []
        self.lists: set[str] = set()

    def rows(self, questions: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
        """The rows of some questions, groups and repeats."""
        for one in questions:
            if "group" in one or "repeat" in one:
                kind = "group" if "group" in one else "repeat"
                row = {"type": f"begin_{kind}", "name": one[kind], **_words(one), **_rest(one)}
                if one.get("of"):
                    row["bind::bf:fact"] = one["of"]
                yield row
                yield from self.rows(one["questions"])
                yield {"type": f"end_{kind}"}
            elif "note" in one:
                yield {"type": "note", "name": one["note"], **_words(one), **_rest(one)}
            else:
                yield self.row(one)
                if one.get("fact") == "household" and one.get("type") == BY_HOUSEHOLD:
                    yield {
                        "type": "calculate",
                        "name": "base",
                        "calculation": BASE.format(one["name"]),
                        "bind::bf:fact": "visit.base",
                    }

    def row(self, one: Mapping[str, Any]) -> Row:
        """The row of a question."""
        fact = one.get("fact", "")
        row: Row = {"name": one.get("name") or fact.replace(".", "_"), **_rest(one)}
        field = fields().get(fact)
        if field is not None:
            row |= {"type": self.type_of(field), **_labelled(field.title_on(self.day), one)}
            if field.type in ("integer", "decimal", "money", "year"):
                row |= _within(field)
        elif fact.startswith("income.") and fact not in INCOME_DAYS:
            line = lines()[fact.removeprefix("income.")]
            row |= {"type": "decimal", **_labelled(line.title, one), "constraint": ". >= 0 and . <= 5000000"}
        else:
            row |= {"type": self.own_type(fact, one), **_words(one)}
            if fact in VISIT and "zh" not in one:
                row |= _labelled(VISIT[fact][0], one)
            if fact in NEEDS and "zh" not in one:
                row |= _labelled(NEEDS[fact][0], one)
            if fact in INCOME_DAYS and "zh" not in one:
                row |= _labelled(INCOME_DAYS[fact], one)
        if fact:
            row["bind::bf:fact"] = fact
        if one.get("reader"):
            row["bind::bf:reader"] = one["reader"]
        return row

    def type_of(self, field: Field) -> str:
        """The type of XLSForm that tells a field."""
        if field.type in TYPES:
            return TYPES[field.type]
        if field.type == "boolean":
            return f"select_one {self.listed(YES_NO, {'yes': Text('是', 'Yes'), 'no': Text('否', 'No')})}"
        codes = field.codes or ""
        known = {key: code.title(self.day) for key, code in code_lists()[codes].items() if _in_force(code, self.day)}
        return f"{'select_multiple' if field.type == 'codes' else 'select_one'} {self.listed(codes, known)}"

    def own_type(self, fact: str, one: Mapping[str, Any]) -> str:
        """The type of a question that tells no field: as the recipe says, or what its fact wants."""
        if "choices" in one:
            sort = "select_multiple" if one.get("several") else "select_one"
            known = {key: Text(words["zh"], words["en"]) for key, words in one["choices"].items()}
            return f"{sort} {self.listed(one.get('list') or one['name'], known)}"
        if "type" in one:
            given: str = one["type"]
            return (
                f"select_one {self.listed(YES_NO, {'yes': Text('是', 'Yes'), 'no': Text('否', 'No')})}"
                if given == "yes_no"
                else given
            )
        if fact == "need.kind":
            return f"select_one {self.listed('case_kind', self.kinds)}"
        if fact == "need.severity":
            return f"select_one {self.listed('severity', self.severities)}"
        if fact in INCOME_DAYS:
            return "date"
        if fact in VISIT:
            codes = VISIT[fact][2]
            if codes is not None:
                return f"select_one {self.listed(fact.replace('.', '_'), codes)}"
            if fact in YES_OR_NO:
                return f"select_one {self.listed(YES_NO, {'yes': Text('是', 'Yes'), 'no': Text('否', 'No')})}"
            return {"date": "date", "binary": "image", "geopoint": "geopoint", "int": "integer"}.get(VISIT[fact][1][0], "text")
        return "text"

    def listed(self, name: str, known: Mapping[str, Text]) -> str:
        """The name of a list of choices, written once."""
        if name not in self.lists:
            self.lists.add(name)
            self.choices += [
                {"list_name": name, "name": key, f"label::{ZH}": said.zh, f"label::{EN}": said.en} for key, said in known.items()
            ]
        return name


def _words(one: Mapping[str, Any]) -> Row:
    row: Row = {f"label::{ZH}": one["zh"], f"label::{EN}": one["en"]} if "zh" in one else {}
    return row | _hint(one)


def _labelled(title: Text, one: Mapping[str, Any]) -> Row:
    return _words(one) if "zh" in one else {f"label::{ZH}": title.zh, f"label::{EN}": title.en} | _hint(one)


def _hint(one: Mapping[str, Any]) -> Row:
    return {f"hint::{ZH}": one["hint"]["zh"], f"hint::{EN}": one["hint"]["en"]} if "hint" in one else {}


_TAKEN = {"when": "relevant", "calculate": "calculation", "default": "default", "must": "constraint", "look": "appearance", "filter": "choice_filter", "parameters": "parameters", "times": "repeat_count"}  # fmt: skip


def _rest(one: Mapping[str, Any]) -> Row:
    row: Row = {column: one[key] for key, column in _TAKEN.items() if key in one}
    if one.get("required"):
        row["required"] = "yes"
    if "says" in one:
        row |= {f"constraint_message::{ZH}": one["says"]["zh"], f"constraint_message::{EN}": one["says"]["en"]}
    return row


def _within(field: Field) -> Row:
    return {"constraint": f". >= {field.minimum:g} and . <= {field.maximum:g}"} if field.minimum is not None else {}


def _in_force(code: Code, day: date) -> bool:
    return (code.valid_from is None or code.valid_from <= day) and (code.valid_to is None or day <= code.valid_to)
