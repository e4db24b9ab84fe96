"""The addresses that pages of the register lead to."""

from __future__ import annotations

from django.urls import reverse


def households_url(path: str) -> str:
    """The address of the list of an area's households."""
    return reverse("register:households", kwargs={"path": path})


def household_url(number: str) -> str:
    """The address of a household."""
    return reverse("register:household", kwargs={"number": number})
