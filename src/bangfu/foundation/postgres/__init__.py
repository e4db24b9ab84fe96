"""The operational store: the data folder's own PostgreSQL, or any other server named by `DATABASE_URL`.

`Server(home).attach()` gives a living server; `connection_settings(kind)` says how to reach it without needing it.
"""

from bangfu.foundation.postgres.dsn import connect, connection_settings, libpq, uri
from bangfu.foundation.postgres.server import Endpoint, Server

__all__ = ["Endpoint", "Server", "connect", "connection_settings", "libpq", "uri"]
