"""What accounts bring to the pages: the place of users in the left rail."""

from __future__ import annotations

from bangfu.foundation.say import Text
from bangfu.foundation.screens import PageLink, rail


@rail.provider("accounts", order=90)
def places() -> list[PageLink]:
    """The users, for those who manage or review them."""
    return [PageLink("users", Text("用户", "Users"), "/users/", "person", "user.review")]
