"""What packages bring to the pages: their place in the left rail, panels of a record, columns of lists, streams, the day's work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bangfu.foundation.actor import Actor
from bangfu.foundation.extension import ExtensionPoint
from bangfu.foundation.say import Text


@dataclass(frozen=True, slots=True)
class PageLink:
    """A place in the left rail: at most eight of them. A blank permission: everybody who acts in a role may open it."""

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


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of a place of the rail that stands beside others of it. A blank permission: everybody who acts in a role may open it."""

    key: str
    title: Text
    url: str
    permission: str


rail: ExtensionPoint[[], list[PageLink]] = ExtensionPoint("rail")
# The tabs of a place of the rail, asked with its key.
place_tabs: ExtensionPoint[[str], list[Tab]] = ExtensionPoint("place_tabs")
record_panels: ExtensionPoint[[Actor, int], list[Panel]] = ExtensionPoint("record_panels")
# What may be done about a household, asked with its number: (title, address, whether it is the first thing to do).
record_actions: ExtensionPoint[[Actor, str], list[tuple[Text, str, bool]]] = ExtensionPoint("record_actions")
area_pages: ExtensionPoint[[], list[AreaPage]] = ExtensionPoint("area_pages")
board_streams: ExtensionPoint[[Actor], list[Any]] = ExtensionPoint("board_streams")


@dataclass(frozen=True, slots=True)
class Line:
    """A line under the head of a record, such as who answers for it: what it is, and its HTML, made by the package that brings it."""

    title: Text
    html: str


@dataclass(frozen=True, slots=True)
class DayItem:
    """Something that somebody has to do: what, where, by when, and why it is theirs. `late` by so many days; `url` leads to where it is done."""

    title: Text
    url: str
    where: Text | str = ""
    due: date | None = None
    late: int = 0
    why: Text | str = ""
    do: Text | str = ""  # what the link is called


@dataclass(frozen=True, slots=True)
class DaySection:
    """A part of somebody's day: the most urgent things first, `count` of them in all, `late` of these, and where the whole list is."""

    key: str
    title: Text
    items: Sequence[DayItem]
    count: int
    url: str = ""
    note: Text | str = ""
    late: int = 0

    @property
    def any(self) -> bool:
        """Whether there is anything to show: things to do, or the word that something of them is not known."""
        return bool(self.count or self.note)


# Lines under the head of a household's page: asked with its key, its path and the day shown.
record_lines: ExtensionPoint[[Actor, int, str, date], list[Line]] = ExtensionPoint("record_lines")
# What the actor has to do today, by package; sections without anything are left out.
my_day: ExtensionPoint[[Actor], list[DaySection]] = ExtensionPoint("my_day")


@dataclass(frozen=True, slots=True)
class FigureNow:
    """A figure of the catalogue as it was last computed: what it is called, and its value for an area; None where it is not known there."""

    title: Text
    value: float | None


# Figures of the catalogue by key, for the area of a path; keys that the catalogue does not have are left out.
figures_now: ExtensionPoint[[Actor, str, Sequence[str]], Mapping[str, FigureNow]] = ExtensionPoint("figures_now")


def places_for(actor: Actor) -> list[PageLink]:
    """The places of the rail that the actor's role may open, in the packages' order."""
    return [link for _, links in rail.ask() for link in links if not link.permission or actor.may(link.permission)]


def tabs_for(actor: Actor, place: str) -> list[Tab]:
    """The tabs of a place that the actor's role may open, in the packages' order."""
    return [tab for _, tabs in place_tabs.ask(place) for tab in tabs if not tab.permission or actor.may(tab.permission)]


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
    provisional: Text | None = None  # why the verdict may change: what it rests on is not verified, or still open
    url: str = ""  # why it is so


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of a record beside its verdicts: of which sort, what it is called, its state in a word, the numbers and why; what is
    missing; how many unverified values it rests on. `url` leads to how it was reached, `more` to all of whom the same was found."""

    sort: Text
    title: Text
    state: str
    word: Text
    values: Text | None
    reason: Text | None
    missing: Text | None
    doubtful: int
    url: str
    more: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a household stands on a day: what calls for a step, then the other verdicts (guarantee, state, reason, url, provisional), what they were
    judged by, and a note where nothing can be judged of the day; `found` is what was found beside the verdicts."""

    steps: list[NextStep]
    settled: list[dict[str, Any]]
    policy: dict[str, Any] | None
    note: Text | None = None
    found: Sequence[Found] = ()


@dataclass(frozen=True, slots=True)
class Addition:
    """What a package adds to a list: columns, filters, and a function that loads what the columns need for the rows of a page."""

    columns: list[Any]
    filters: list[Any]
    load: Any


@dataclass(frozen=True, slots=True)
class ListAction:
    """What may be done with the rows of a list: the ticked ones, else all that it is narrowed to. `url` is opened with the state of the
    list, and `row` once for each that is ticked."""

    title: Text
    url: str
    icon: str


standing_of: ExtensionPoint[[Actor, int, date], Standing | None] = ExtensionPoint("standing_of")
list_additions: ExtensionPoint[[str], Addition | None] = ExtensionPoint("list_additions")
# What the actor may do with the rows of a list, asked with its name and the path of its area.
list_actions: ExtensionPoint[[Actor, str, str], list[ListAction]] = ExtensionPoint("list_actions")
demo_logins: ExtensionPoint[[], list[tuple[str, str, Text, Text]]] = ExtensionPoint("demo_logins")
