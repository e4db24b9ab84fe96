"""What command answers to the extension points of the layers below."""

from __future__ import annotations

from bangfu.command import (
    bench,  # noqa: F401 (registers the bench)
    day,  # noqa: F401 (fills the day)
)
from bangfu.command.actions.chain import IDENTITY, PHONE
from bangfu.command.models import Avoidance, Officer, Pairing, PairingRequest, PlannedPairing, Volunteering
from bangfu.command.pages import additions, lines, places  # noqa: F401 (what command adds to other pages, and the pages of areas)
from bangfu.foundation.changes import Change, Effect, Reference, effects_of, references_of
from bangfu.foundation.say import Text
from bangfu.foundation.screens import PageLink, rail
from bangfu.foundation.secrecy import SealedColumn, sealed_columns


@sealed_columns.provider("command", order=30)
def encrypted() -> list[SealedColumn]:
    """Numbers of officers."""
    return [SealedColumn("command_officer", "identity", IDENTITY), SealedColumn("command_officer", "phone", PHONE)]


@effects_of.provider("command", order=30)
def pairings_touched(change: Change) -> list[Effect]:
    """The household's pairings, requests and avoidances, and the plans that name it."""
    counts = {
        "pairings": Pairing.objects.filter(household=change.household).count(),
        "requests": PairingRequest.objects.filter(household=change.household).count(),
        "avoidances": Avoidance.objects.filter(household=change.household).count(),
        "planned pairings": PlannedPairing.objects.filter(household=change.household).count(),
    }
    return [Effect("command", what, count) for what, count in counts.items() if count]


@references_of.provider("command", order=30)
def officers_of(person: int) -> list[Reference]:
    """Officers and volunteers who are a person of the register."""
    found = [(m._meta.db_table, m.objects.filter(person=person).count()) for m in (Officer, Volunteering)]
    return [Reference("command", table, count) for table, count in found if count]


@rail.provider("command", order=5)
def my_day_first() -> list[PageLink]:
    """What somebody has to do today."""
    return [PageLink("today", Text("今日", "My day"), "/today/", "tasks", "")]
