"""The places of the left rail."""

from __future__ import annotations

from bangfu.foundation.say import Text
from bangfu.foundation.screens import PageLink, rail


@rail.provider("web", order=10)
def places() -> list[PageLink]:
    """The county table and the list of households."""
    return [
        PageLink("county", Text("总览", "Overview"), "/", "county", "area.read"),
        PageLink("households", Text("农户", "Households"), "/households/", "people", "household.read"),
    ]
