"""What accounts bring: the place of users in the left rail, what of theirs is encrypted, what a restored county must not bring back."""

from __future__ import annotations

from bangfu.accounts import (
    day,  # noqa: F401 (fills the day)
    middleware,  # noqa: F401 (notes every log-in, however it begins, from the first one on)
)
from bangfu.accounts.actions import FACTOR, end_every_log_in
from bangfu.accounts.audit import go_on_after_restore
from bangfu.accounts.models import Duty
from bangfu.backup.actions import county_restored
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.changes import Change, Effect, effects_of
from bangfu.foundation.say import Text
from bangfu.foundation.screens import PageLink, rail
from bangfu.foundation.secrecy import SealedColumn, sealed_columns


@sealed_columns.provider("accounts", order=5)
def encrypted() -> list[SealedColumn]:
    """The secrets of second factors."""
    return [SealedColumn("accounts_user", "factor_secret", FACTOR)]


@rail.provider("accounts", order=90)
def places() -> list[PageLink]:
    """The users, for those who manage or review them; the audit, for those who read it."""
    return [
        PageLink("users", Text("用户", "Users"), "/users/", "person", "user.review"),
        PageLink("audit", Text("审计", "Audit"), "/audit/", "tasks", "audit.read"),
    ]


@effects_of.provider("accounts", order=80)
def duties_touched(change: Change) -> list[Effect]:
    """The duties that are for the household that a change touches."""
    count = Duty.objects.on(clock.today()).filter(household=change.household).count()
    return [Effect("accounts", "duties", count)] if count else []


@county_restored.provider("accounts")
def end_sessions_of_before(actor: Actor) -> None:
    """A backup holds sessions that were ended since: none of them comes back. What was noted since is told to be lacking."""
    end_every_log_in(by="restored")
    go_on_after_restore(actor)
