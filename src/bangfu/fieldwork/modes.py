"""What a visit of each way may prove, how it may be signed and by when: as the pack of the day says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from bangfu.fieldwork.models import Visit
from bangfu.fieldwork.models.signing import WAYS
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
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


def ways_of(visit: Visit, mode: Mode | None) -> tuple[str, ...]:
    """The ways in which a visit may be signed, `mode` being that of its day: all where the pack says nothing of it; none where nobody was there to sign."""
    if visit.away:
        return ()
    return mode.signature if mode is not None else tuple(WAYS)


def days_to_sign(mode: Mode | None) -> int | None:
    """The days in which the signature has to be there; None where the pack says none, or leaves it open."""
    within = mode.sign_within.value if mode is not None and mode.sign_within is not None else None
    return int(within) if within is not None else None


def sign_by(visit: Visit, mode: Mode | None) -> date | None:
    """The last day on which a visit is signed in time; None where there is none."""
    days = days_to_sign(mode)
    return visit.day + timedelta(days) if days is not None and not visit.away else None


class ModesOfDays:
    """The modes of several days, each day's read once, for lists. A pack with a fault, or two for one day, stop judging and no list: the page of packs tells of them."""

    def __init__(self) -> None:
        self._days: dict[date, Mapping[str, Mode]] = {}

    def of(self, visit: Visit) -> Mode | None:
        """The mode of a visit on its day; None where the pack knows none."""
        if visit.day not in self._days:
            try:
                self._days[visit.day] = modes_of(visit.day)
            except Problem:
                self._days[visit.day] = {}
        return self._days[visit.day].get(visit.mode)
