"""The addresses that pages of the register lead to."""

from __future__ import annotations

from functools import lru_cache

from django.urls import get_script_prefix, reverse

from bangfu.kit.addresses import Address


def households_url(path: str) -> str:
    """The address of the list of an area's households."""
    return _households_url(path, get_script_prefix())


@lru_cache(maxsize=5_000)
def _households_url(path: str, prefix: str) -> str:
    return reverse("register:households", kwargs={"path": path})


_household = Address("register:household", "number")


def household_url(number: str) -> str:
    """The address of a household."""
    return _household(number)
