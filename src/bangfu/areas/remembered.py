"""The areas that pages have read, remembered for one revision of the county: every page asks for the same few dozen.

Areas are public and readable by whoever acts at some area (`ddl.county_wide`). Whoever acts nowhere is not answered from memory: the
database shows them none. What is remembered is shared by threads, so nobody changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar, cast

from bangfu.areas.models import Area, ancestors
from bangfu.foundation.acting import current_actor
from bangfu.foundation.county import present_revision

MOST = 20_000  # areas and lists of areas; a county has a few thousand
T = TypeVar("T")


class Remembered:
    """Areas by path, and the areas below an area, as they were read."""

    def __init__(self, of: str) -> None:
        self.of = of
        self._by_path: dict[str, Area | None] = {}
        self._below: dict[int, list[Area]] = {}
        self._made: dict[tuple[Any, ...], Any] = {}

    def full(self) -> bool:
        """Whether more is remembered than there should be."""
        return len(self._by_path) + len(self._below) + len(self._made) > MOST

    def by_path(self, paths: Iterable[str]) -> dict[str, Area]:
        """The areas of some paths, by path."""
        wanted = set(paths)
        missing = wanted - self._by_path.keys()
        if missing:
            self._by_path |= dict.fromkeys(missing) | {a.path: a for a in Area.objects.filter(path__in=missing)}
        return {path: area for path in wanted if (area := self._by_path[path]) is not None}

    def line(self, path: str) -> list[Area]:
        """The area of a path and those above it, the country first."""
        found = self.by_path([*ancestors(path), path])
        return [found[one] for one in sorted(found)]

    def below(self, area: Area, day: date) -> list[Area]:
        """The areas directly below an area that exist on a day, in the order of their paths."""
        if area.pk not in self._below:
            self._below[area.pk] = list(Area.objects.children_of(area))
        return [a for a in self._below[area.pk] if _holds(a.valid, day)]

    def made(self, make: Callable[..., T], *key: Any) -> T:
        """What a function makes of its arguments and of areas alone."""
        whole = (make, *key)
        if whole not in self._made:
            self._made[whole] = make(*key)
        return cast(T, self._made[whole])


def _holds(valid: Any, day: date) -> bool:
    return not valid.isempty and (valid.lower is None or valid.lower <= day) and (valid.upper is None or day < valid.upper)


_present = Remembered("")


def areas() -> Remembered:
    """What this process remembers; outside of a request, and for whoever acts nowhere, what is read now."""
    global _present
    of = present_revision()
    actor = current_actor()
    if not of or actor is None or not actor.scope:
        return Remembered("")
    if _present.of != of or _present.full():
        _present = Remembered(of)
    return _present
