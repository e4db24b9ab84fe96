"""Values that somebody tries in place of a pack's own, checked before anything is judged by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bangfu.screening.pack import Pack
from bangfu.screening.problems import NEGATIVE_PARAMETER

NEVER_NEGATIVE = ("money", "integer", "decimal")


def require_no_negatives(pack: Pack, overrides: Mapping[str, Any]) -> None:
    """Hold that amounts, counts and measures that are tried are not below nought: nothing that a pack names can be.

    Raises BF-1580 for one that is, BF-1507 for an unknown parameter, BF-1508 for a value of another type.
    """
    for name, said in overrides.items():
        value = pack.override(name, said)
        if pack.parameters[name].type.kind in NEVER_NEGATIVE and value < 0:
            raise NEGATIVE_PARAMETER(parameter=name, title=pack.parameters[name].title, value=said)
