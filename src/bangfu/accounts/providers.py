"""What accounts bring to the pages: the place of users in the left rail."""

from __future__ import annotations

from bangfu.accounts import middleware  # noqa: F401 (notes every log-in, however it begins, from the first one on)
from bangfu.accounts.actions import FACTOR
from bangfu.foundation.say import Text
from bangfu.foundation.screens import PageLink, rail
from bangfu.foundation.secrecy import SealedColumn, sealed_columns


@sealed_columns.provider("accounts", order=5)
def encrypted() -> list[SealedColumn]:
    """The secrets of second factors."""
    return [SealedColumn("accounts_user", "factor_secret", FACTOR)]


@rail.provider("accounts", order=90)
def places() -> list[PageLink]:
    """The users, for those who manage or review them."""
    return [PageLink("users", Text("用户", "Users"), "/users/", "person", "user.review")]
