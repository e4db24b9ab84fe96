"""Addresses that a page needs by the hundred: reversed once, then filled in."""

from __future__ import annotations

from urllib.parse import quote

from django.urls import get_script_prefix, reverse

SAFE = "!$&'()*+,;=/~:@"  # what stands in the path of an address as it is: as Django's `reverse` has it
MARK = "0mark0"


class Address:
    """The address of a page with one text in it, of a `<path:…>` or `<str:…>`: `Address("register:household", "number")`."""

    def __init__(self, name: str, place: str) -> None:
        self.name, self.place = name, place
        self._around: dict[str, tuple[str, str]] = {}

    def __call__(self, value: str) -> str:
        """The address with the place filled."""
        prefix = get_script_prefix()
        if prefix not in self._around:
            before, _, after = reverse(self.name, kwargs={self.place: MARK}).partition(MARK)
            self._around[prefix] = before, after
        before, after = self._around[prefix]
        return f"{before}{quote(value, safe=SAFE)}{after}"
