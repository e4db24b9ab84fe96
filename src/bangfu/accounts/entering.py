"""Who a request belongs to: the user with the roles of the day, and the log-in, each in one statement.

They are read anew with every request, so that a role that was taken away, an account that was closed or a session that was ended
elsewhere holds from the next request on.
"""

from __future__ import annotations

from functools import lru_cache

from django.contrib.auth.backends import ModelBackend

from bangfu.accounts.models import Assignment, LogIn, User
from bangfu.foundation import clock
from bangfu.foundation.reading import columns_of, instance, read


class Backend(ModelBackend):
    """Django's, with a cheaper way to the user of a session."""

    def get_user(self, user_id: int) -> User | None:
        """The user of a session, with the roles of today; None where there is none or the account is closed."""
        rows = read(_user_statement(), {"user": user_id, "day": clock.today()})
        if not rows:
            return None
        user = instance(User, rows[0])
        user.held = clock.today(), [_assignment(user, *held) for held in rows[0][-1] or ()]
        return user if self.user_can_authenticate(user) else None


@lru_cache(maxsize=1)
def _user_statement() -> str:
    return (
        f"SELECT {columns_of(User, 'u')}, (SELECT json_agg(json_build_array(a.id, a.role, a.path) ORDER BY a.path, a.role, a.id) "
        "FROM accounts_assignment a WHERE a.user_id = u.id AND a.valid @> %(day)s::date) FROM accounts_user u WHERE u.id = %(user)s"
    )


def _assignment(user: User, key: int, role: str, path: str) -> Assignment:
    """An assignment of a user as its row has it, its days left where they are."""
    found = Assignment.from_db(user._state.db or "default", ["id", "user_id", "role", "path"], [key, user.pk, role, path])
    found.user = user
    return found


def assignments_of(user: User) -> list[Assignment]:
    """What a user holds today, the widest scope first."""
    day, held = user.held
    if day == clock.today():
        return list(held)
    return list(Assignment.objects.of(user).on(clock.today()).select_related("user"))


def log_in_of(user: User, key: int) -> LogIn | None:
    """The user's own log-in with a key, unless it has ended."""
    rows = read(_log_in_statement(), [key, user.pk])
    return instance(LogIn, rows[0]) if rows else None


@lru_cache(maxsize=1)
def _log_in_statement() -> str:
    return f"SELECT {columns_of(LogIn)} FROM accounts_login WHERE id = %s AND user_id = %s AND ended_at IS NULL"
