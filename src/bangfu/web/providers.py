"""The places of the left rail."""

from __future__ import annotations

from django.urls import reverse

from bangfu.foundation.say import Text
from bangfu.foundation.screens import AreaPage, PageLink, area_pages, rail


@rail.provider("web", order=10)
def places() -> list[PageLink]:
    """The county table and the list of households."""
    return [
        PageLink("county", Text("总览", "Overview"), "/", "county", "area.read"),
        PageLink("households", Text("农户", "Households"), "/households/", "people", "household.read"),
    ]


@area_pages.provider("web", order=10)
def tables() -> list[AreaPage]:
    """The table of an area, and the list of its households."""
    return [
        AreaPage("county", lambda path: reverse("web:county", kwargs={"path": path}), "area.read"),
        AreaPage("households", lambda path: reverse("register:households", kwargs={"path": path}), "household.read"),
    ]
