"""Django's sessions in the database, read by a statement that is planned once: every page begins with it."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from bangfu.foundation import clock
from bangfu.foundation.reading import read


class SessionStore(DatabaseStore):
    """A session of the table `django_session`."""

    def _get_session_from_db(self) -> Any:
        if self.session_key is None:
            return None
        rows = read(
            "SELECT session_data, expire_date FROM django_session WHERE session_key = %s AND expire_date > %s",
            [self.session_key, clock.machine_now()],
        )
        if rows:
            return self.model(session_key=self.session_key, session_data=rows[0][0], expire_date=rows[0][1])
        self._session_key = None
        return None
