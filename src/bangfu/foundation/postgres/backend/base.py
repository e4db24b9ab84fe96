"""Django's PostgreSQL backend, which attaches to the data folder's server before it connects.

Every way to a connection passes `get_connection_params`: a single connection, a pool, and job runners that connect by
themselves with Django's parameters. So that is the one place that attaches; settings without `EMBEDDED` pass through.
"""

from __future__ import annotations

import atexit
from pathlib import Path
from typing import Any, ClassVar

from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper
from django.db.backends.postgresql.client import DatabaseClient as PostgresClient

from bangfu.foundation.home import Home
from bangfu.foundation.postgres.programs import wheel
from bangfu.foundation.postgres.server import Server


class DatabaseClient(PostgresClient):
    """`dbshell` with the psql of the wheel, after attaching."""

    def runshell(self, parameters: Any) -> None:
        wrapper = self.connection
        if isinstance(wrapper, DatabaseWrapper) and wrapper.attach() is not None:
            type(self).executable_name = str(wheel() / "pginstall" / "bin" / "psql")
        super().runshell(parameters)


class DatabaseWrapper(PostgresWrapper):
    """A connection to the operational store."""

    client_class = DatabaseClient
    _connection_pools: ClassVar[dict[str, Any]]

    def attach(self) -> Server | None:
        """Attach to the embedded server and take its present address over; None for any other server."""
        root = self.settings_dict.get("EMBEDDED")
        if not root:
            return None
        server = Server(Home(Path(str(root))))
        endpoint = server.attach()
        # A loopback port that somebody took meanwhile has been changed.
        self.settings_dict["HOST"] = endpoint.host
        self.settings_dict["PORT"] = str(endpoint.port)
        return server

    def get_connection_params(self) -> dict[str, Any]:
        """Django's parameters of a connection, once the server lives."""
        self.attach()
        params: dict[str, Any] = super().get_connection_params()
        if self.settings_dict.get("EMBEDDED"):
            # For `bangfu.foundation.reading`; what Django asks itself is never prepared. An office's own server may stand behind a pooler,
            # which would lose prepared statements.
            params["prepare_threshold"] = params["prepare_threshold"] or 5
        pool = self._connection_pools.get(self.alias)
        if pool is not None and pool.kwargs is not None and not callable(pool.kwargs):
            before = (pool.kwargs.get("host"), pool.kwargs.get("port"))
            if before != (params.get("host"), params.get("port")):
                # It would go on knocking at the old address; the next use makes a pool for the new one.
                del self._connection_pools[self.alias]
                pool.close()
        return params


def close_pools() -> None:
    """Close every pool of this process: before the server may be stopped, so that no pool tries to mend itself."""
    pools = DatabaseWrapper._connection_pools
    for alias in list(pools):
        pools.pop(alias).close()


# Handlers run last in, first out: the server's own was registered when its module was imported, above.
atexit.register(close_pools)
