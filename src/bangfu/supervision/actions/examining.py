"""Who examines: the officer of an account, and that nothing ties them to what they examine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bangfu.command.models import Officer
from bangfu.foundation.actor import Actor
from bangfu.supervision.problems import NO_OFFICER, TIED
from bangfu.supervision.ties import ties_of

PERMISSION = "supervision.examine"


def the_examiner(actor: Actor, day: date) -> Officer:
    """The officer whose account acts. Raises BF-1001 without `supervision.examine`, BF-2910 for an account of no officer."""
    actor.require(PERMISSION)
    found: Officer | None = (
        Officer.objects.on(day).filter(user=actor.user_id).select_related("unit").first() if actor.user_id else None
    )
    if found is None:
        raise NO_OFFICER()
    return found


def require_no_tie(officer: Officer, household: int | None, path: str, day: date) -> None:
    """Hold that nothing ties an officer to a household, or to a place. Raises BF-2911."""
    require_no_ties([(officer, household, path)], day)


def require_no_ties(rows: Sequence[tuple[Officer, int | None, str]], day: date) -> None:
    """Hold that nothing ties each officer to their household, or to a place. Raises BF-2911 for the first."""
    for (officer, *_), why in zip(rows, ties_of(rows, day), strict=True):
        if why is not None:
            raise TIED(officer=officer.name, why=why)
