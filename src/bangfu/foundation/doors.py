"""Doors: applications that stand before the pages, by the beginning of their addresses. For what programmes and phones knock at thousands of times.

@doors.provider("fieldwork")
def openrosa() -> dict[str, Application]: ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bangfu.foundation.extension import ExtensionPoint

Application = Callable[[Mapping[str, Any], Callable[..., Any]], Iterable[bytes]]
doors: ExtensionPoint[[], dict[str, Application]] = ExtensionPoint("doors")


def before(pages: Application) -> Application:
    """The pages with the doors of every package before them."""
    known = [(start, door) for _, found in doors.ask() for start, door in found.items()]

    def application(environ: Mapping[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        for beginning, door in known:
            if path.startswith(beginning):
                return door(environ, start)
        return pages(environ, start)

    return application
