"""Text messages to people who are no users: a number that a package above holds, over the nearest channel that reaches telephones. For the worker."""

from __future__ import annotations

from collections.abc import Sequence

from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.messages.actions import require_allowed
from bangfu.messages.channels import FAILED, Letter, Receipt, known
from bangfu.messages.models import Channel


def route_to_phones(path: str) -> Channel | None:
    """The channel that reaches telephones and is nearest to a place, at or above it; None where none is at work."""
    kinds = [key for key, kind in known().items() if kind.reaches == "phone"]
    over = [c for c in Channel.objects.at_work().filter(kind__in=kinds) if path.startswith(c.path)]
    return max(over, key=lambda c: (len(c.path), -c.pk)) if over else None


def text_out(actor: Actor, route: Channel, letters: Sequence[Letter]) -> list[Receipt]:
    """Hand letters over at once, whatever the hour, each with the number as its address; gives what was answered. Nothing of it is kept here.

    The caller says nothing personal in it: a gateway is somebody else's machine. Whoever calls is outside a transaction, for another server is waited for.
    """
    kind = known()[route.kind]
    with acting(actor):
        try:
            settings = route.opened()
            require_allowed(kind, route, settings)
        except Problem as problem:
            return [Receipt(letter.key, FAILED, str(problem)[:300]) for letter in letters]
    return kind.deliver(list(letters), settings)
