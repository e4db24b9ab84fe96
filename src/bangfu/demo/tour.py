"""The tour of the hand-written families: `tour.yaml` beside the households of `stories.yaml`. No result is written there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import yaml

from bangfu.demo.building import COUNTRIES, NAME
from bangfu.demo.population import DATA, read_setting, read_villages
from bangfu.demo.population.stories import read
from bangfu.foundation.county import County
from bangfu.foundation.say import Text, text

TO = ("household", "then", "list", "township", "county")


@dataclass(frozen=True, slots=True)
class Look:
    """Something to look at: a household's page today or (`then`) on a day, or a list of households narrowed by a query."""

    words: Text
    to: str
    record: int
    day: date | None = None
    query: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """The page of a story: its household numbers, what happened, which facts show it, what to look at, what is built of it."""

    key: str
    title: Text
    numbers: tuple[str, ...]
    line: Text
    told: tuple[Text, ...]
    shows: tuple[str, ...]
    people: Mapping[str, tuple[str, ...]]
    income: bool
    look: tuple[Look, ...]
    today: Text
    ink: str
    accent: str


def has_tour(county: County) -> bool:
    """Whether the families of the tour live in a county: in the demo county of the mission, not in the second."""
    return county.synthetic and county.country == COUNTRIES[NAME]


@lru_cache(maxsize=1)
def chapters() -> tuple[Chapter, ...]:
    """The chapters in the order of the stories. Raises KeyError for a story without a page, ValueError for a place to look at that
    there is not."""
    raw = yaml.safe_load((DATA / "tour.yaml").read_text("utf-8"))
    stories = read(read_setting(), {village.code for village in read_villages()})
    return tuple(_chapter(story.key, text(story.title), tuple(story.numbers), raw[story.key]) for story in stories)


def _chapter(key: str, title: Text, numbers: tuple[str, ...], raw: Mapping[str, Any]) -> Chapter:
    look = tuple(Look(text(one), one["to"], one["record"], one.get("day"), one.get("query", "")) for one in raw["look"])
    for one in look:
        if one.to not in TO or not 0 <= one.record < len(numbers) or (one.to == "then") != (one.day is not None):
            raise ValueError(f"tour: {key} looks at {one.to} {one.record}")
    return Chapter(
        key=key,
        title=title,
        numbers=numbers,
        line=text(raw["line"]),
        told=tuple(text(one) for one in raw["told"]),
        shows=tuple(raw["shows"]),
        people={name: tuple(tables) for name, tables in raw["people"].items()},
        income=raw["income"],
        look=look,
        today=text(raw["today"]),
        ink=raw["sketch"]["ink"],
        accent=raw["sketch"]["accent"],
    )
