"""The places of the left rail, the pages of an area, and what a phone will be missing."""

from __future__ import annotations

from django.urls import reverse

from bangfu.foundation.doctor import phone_checks
from bangfu.foundation.postgres.doctor import Check
from bangfu.foundation.say import Text
from bangfu.foundation.screens import AreaPage, PageLink, area_pages, rail
from bangfu.web.phones.checks import checks


@rail.provider("web", order=10)
def places() -> list[PageLink]:
    """The county table and the list of households."""
    return [
        PageLink("county", Text("总览", "Overview"), "/", "county", "figure.read"),
        PageLink("households", Text("农户", "Households"), "/households/", "people", "household.read"),
    ]


@area_pages.provider("web", order=10)
def tables() -> list[AreaPage]:
    """The table of an area, and the list of its households."""
    return [
        AreaPage("county", lambda path: reverse("web:county", kwargs={"path": path}), "area.read"),
        AreaPage("households", lambda path: reverse("register:households", kwargs={"path": path}), "household.read"),
    ]


@phone_checks.provider("web", order=10)
def phone() -> list[Check]:
    """How a phone reaches the pages, and what it finds."""
    return checks()
