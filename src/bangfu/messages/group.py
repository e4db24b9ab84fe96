"""Texts for chat groups: made of declared templates, numbers, days and names of areas, so that nothing of a person can get in.

    OVERDUE = template("command.overdue", zh="{place}：逾期任务 {n} 件", en="{place}: {n} tasks overdue")

    @group_texts.provider("command", order=20)
    def orders_of_the_day(actor: Actor, path: str, day: date) -> list[GroupText]:
        return [GroupText("command.day", TITLE.say(), [OVERDUE.say(place=Place(p), n=n) for p, n in counts])]

The words of a template are the program's own. What fills it is a number, a day, a time or an area; anything else is refused (BF-2301),
and so is a number as long as somebody's telephone number (BF-2302).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from bangfu.areas.models import Area
from bangfu.foundation.actor import Actor
from bangfu.foundation.extension import ExtensionPoint
from bangfu.foundation.hiding import LONG_RUN
from bangfu.foundation.say import LANGUAGES, Text
from bangfu.foundation.terms import worded
from bangfu.kit.numbers import short_day
from bangfu.messages.problems import NOT_FOR_GROUPS, NOT_THE_SAME_PLACES, NUMBER_FOR_GROUPS, UNKNOWN_PLACE

LARGEST = 10_000_000_000  # a mobile telephone number has eleven digits
_FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Place:
    """An area in a text for a group: its path; the name is that of the area, never one that was handed over."""

    path: str


Value = int | Decimal | date | time | Place


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence in both languages with places for values."""

    key: str
    words: Text

    def say(self, **values: Value) -> Line:
        """The sentence with its values. Raises BF-2301 for a value of another kind, BF-2302 for too long a number, BF-2303 for a missing one."""
        wanted = set(_FIELD.findall(self.words.zh))
        if wanted != set(values):
            raise NOT_THE_SAME_PLACES(template=self.key, places=", ".join(sorted(wanted ^ set(values))))
        for name, value in values.items():
            _require_plain(self.key, name, value)
        return Line(self, values)


@dataclass(frozen=True, slots=True)
class Line:
    """A template with its values."""

    template: Template
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class GroupText:
    """A text for the chat group of an area: its key, its title, its lines; `deadline` where one falls on a day."""

    key: str
    title: Line
    lines: Sequence[Line]
    deadline: date | None = None


_templates: dict[str, Template] = {}
group_texts: ExtensionPoint[[Actor, str, date], list[GroupText]] = ExtensionPoint("group_texts")


def template(key: str, *, zh: str, en: str) -> Template:
    """Make a template known. Raises ValueError where the key is taken, the languages differ in their places, or the words hold a long number."""
    if key in _templates:
        raise ValueError(f"template {key} is declared twice")
    if set(_FIELD.findall(zh)) != set(_FIELD.findall(en)):
        raise ValueError(f"template {key} has other places in its other language")
    if LONG_RUN.search(zh + en):
        raise ValueError(f"template {key} holds a number")
    return _templates.setdefault(key, Template(key, Text(zh, en)))


def told(text: GroupText) -> tuple[Text, Text]:
    """Title and body as they are read, in both languages.

    Raises BF-2301, BF-2302 and BF-2303 for a line that was not made by a declared template, BF-2304 for an area that there is not.
    """
    lines = [text.title, *text.lines]
    for line in lines:
        if not isinstance(line, Line) or _templates.get(line.template.key) is not line.template:
            raise NOT_FOR_GROUPS(template=text.key, place=Text("句子", "a sentence"))
        line.template.say(**line.values)
    names = _names({v.path for line in lines for v in line.values.values() if isinstance(v, Place)})
    said = [_filled(line, names) for line in lines]
    return said[0], Text(*("\n".join(s.in_language(lang) for s in said[1:]) for lang in LANGUAGES))


def _filled(line: Line, names: Mapping[str, Text]) -> Text:
    values: dict[str, Any] = {}
    for name, value in line.values.items():
        if isinstance(value, Place):
            values[name] = names[value.path]
        elif isinstance(value, time):
            values[name] = f"{value:%H:%M}"
        elif isinstance(value, date):
            values[name] = Text(*(short_day(value, lang) for lang in LANGUAGES))
        else:
            values[name] = f"{value:,}"
    return worded(line.template.words).format(**values)


def _names(paths: set[str]) -> dict[str, Text]:
    found = {a.path: Text(a.name, a.name_en or a.name) for a in Area.objects.filter(path__in=paths)}
    for path in paths - found.keys():
        raise UNKNOWN_PLACE(path=path)
    return found


def _require_plain(key: str, name: str, value: object) -> None:
    number = value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
    if number is None and not isinstance(value, date | time | Place):
        raise NOT_FOR_GROUPS(template=key, place=name)
    if number is not None and not (Decimal(number).is_finite() and -LARGEST < number < LARGEST):
        raise NUMBER_FOR_GROUPS(template=key, place=name)
