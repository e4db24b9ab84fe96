"""What a visit of each mode may prove."""

from __future__ import annotations

# Never a house or water by anything but a visit to the home.
ONLY_AT_HOME = frozenset({"house", "water"})


def never_proven(mode: str) -> frozenset[str]:
    """The tables of facts that a visit of a mode may not prove."""
    return frozenset() if mode == "home" else ONLY_AT_HOME
