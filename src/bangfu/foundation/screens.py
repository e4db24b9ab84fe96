"""What packages bring to the pages: their place in the left rail, panels of a record, columns of lists, streams, the day's work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from bangfu.foundation.actor import Actor
from bangfu.foundation.extension import ExtensionPoint
from bangfu.foundation.say import Text


@dataclass(frozen=True, slots=True)
class PageLink:
    """A place in the left rail: at most eight of them."""

    key: str
    title: Text
    url: str
    icon: str
    permission: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a record's page: its title and its HTML, made by the package that brings it."""

    key: str
    title: Text
    html: str


@dataclass(frozen=True, slots=True)
class AreaPage:
    """A page that every area has: its key, what makes the address of a path, the permission that it needs."""

    key: str
    url: Callable[[str], str]
    permission: str


rail: ExtensionPoint[[], list[PageLink]] = ExtensionPoint("rail")
record_panels: ExtensionPoint[[Actor, int], list[Panel]] = ExtensionPoint("record_panels")
# What may be done about a household, asked with its number: (title, address, whether it is the first thing to do).
record_actions: ExtensionPoint[[Actor, str], list[tuple[Text, str, bool]]] = ExtensionPoint("record_actions")
area_pages: ExtensionPoint[[], list[AreaPage]] = ExtensionPoint("area_pages")
board_streams: ExtensionPoint[[Actor], list[Any]] = ExtensionPoint("board_streams")
my_day: ExtensionPoint[[Actor], list[Any]] = ExtensionPoint("my_day")


def places_for(actor: Actor) -> list[PageLink]:
    """The places of the rail that the actor's role may open, in the packages' order."""
    return [link for _, links in rail.ask() for link in links if actor.may(link.permission)]


def area_page(actor: Actor, key: str) -> AreaPage | None:
    """The page of areas with a key, else the first that the actor's role may open."""
    known = [one for _, pages in area_pages.ask() for one in pages if actor.may(one.permission)]
    return next((one for one in known if one.key == key), next(iter(known), None))


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is to be done about a record: which guarantee, its state, why, and what to do."""

    guarantee: Text
    state: str
    reason: Text
    do: Text
    owner: str = ""
    due: Any = None
    action: tuple[Text, str] | None = None
    url: str = ""  # why it is so


@dataclass(frozen=True, slots=True)
class Standing:
    """How a household stands on a day: what calls for a step, then the other verdicts (guarantee, state, reason, url), what they were
    judged by, and a note where nothing can be judged of the day."""

    steps: list[NextStep]
    settled: list[dict[str, Any]]
    policy: dict[str, Any] | None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Addition:
    """What a package adds to a list: columns, filters, and a function that loads what the columns need for the rows of a page."""

    columns: list[Any]
    filters: list[Any]
    load: Any


standing_of: ExtensionPoint[[Actor, int, date], Standing | None] = ExtensionPoint("standing_of")
list_additions: ExtensionPoint[[str], Addition | None] = ExtensionPoint("list_additions")
demo_logins: ExtensionPoint[[], list[tuple[str, str, Text, Text]]] = ExtensionPoint("demo_logins")
