"""The one way into the database: who acts, where, and what time it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction

from bangfu.foundation import clock
from bangfu.foundation.actor import Actor

WEB_ROLE = "bangfu_web"
WHOLE_SCOPE = "all"  # of the setting `bangfu.duty`; else the user whose duties limit what is seen
_acting: ContextVar[Actor | None] = ContextVar("bangfu_acting", default=None)

_TELL = (
    "SELECT set_config('bangfu.actor', %s, true), set_config('bangfu.scope', %s, true), set_config('bangfu.duty', %s, true), "
    "set_config('bangfu.audit', %s, true), set_config('bangfu.messages', %s, true), set_config('bangfu.now', %s, true), "
    "set_config('bangfu.today', %s, true), "
    "set_config('role', %s, true)"
)


def current_actor() -> Actor | None:
    """Who acts now in this context, if anybody."""
    return _acting.get()


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Open the transaction of a request, job or command and tell PostgreSQL the actor, the scope, the duty and the time.

    The settings live as long as the transaction; nothing else in the product sets them. A person acts as the web role,
    so row-level security limits the reach even of a command that holds the owner's connection; the system acts as
    the connection's own role. Within a block of the same actor it is only a savepoint.
    """
    outer = _acting.get()
    nested = connection.in_atomic_block
    with transaction.atomic():
        if outer is not actor or not nested:
            _tell(actor)
        token = _acting.set(actor)
        try:
            yield
        finally:
            _acting.reset(token)
        if nested and outer is not actor:
            # The settings would outlive the savepoint; hand them back (a rollback hands them back by itself).
            _tell(outer)


@contextmanager
def reading_as(actor: Actor) -> Iterator[None]:
    """`acting` for what only reads: within a block of the same actor it needs no savepoint."""
    if _acting.get() is actor and connection.in_atomic_block:
        yield
        return
    with acting(actor):
        yield


def _tell(actor: Actor | None) -> None:
    with connection.cursor() as cursor:
        if actor is None:
            cursor.execute(_TELL, ["", "", "", "", "", "", "", "none"])
        else:
            role = "none" if actor.is_system else WEB_ROLE
            duty = WHOLE_SCOPE if actor.duty is None else str(actor.user_id)
            now, today = clock.now().isoformat(), clock.today().isoformat()
            stands = actor.stands or actor.scope
            audit, messages = (stands if actor.may(permission) else "" for permission in ("audit.read", "message.manage"))
            cursor.execute(_TELL, [str(actor.user_id or actor.name), actor.scope, duty, audit, messages, now, today, role])
