"""What a visit of each way may prove, how it may be signed and by when: as the pack of the day says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bangfu.foundation.county import the_county
from bangfu.screening.pack.modes import Mode, modes_on
from bangfu.screening.present import valid_pack


def modes_of(day: date) -> Mapping[str, Mode]:
    """The modes of the pack that is in force on a day; empty where there is none, or where it says nothing of them."""
    pack = valid_pack(day, the_county().country)
    return modes_on(pack, day) if pack is not None else {}


def never_proven(mode: str, day: date) -> frozenset[str]:
    """The tables of facts that a visit of a mode never proves on a day."""
    known = modes_of(day).get(mode)
    return known.never if known is not None else frozenset()
