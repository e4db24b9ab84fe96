"""The product's WSGI application on a free port, for a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.wsgi import get_wsgi_application
from django.db import connections

from bangfu.foundation.doors import before


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = True

    def process_request_thread(self, request: object, client_address: object) -> None:
        """Answer, and give back this thread's connection: a database with users cannot be dropped."""
        try:
            super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        finally:
            connections.close_all()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def served() -> Iterator[str]:
    """The address of the running application."""
    server = make_server("127.0.0.1", 0, before(get_wsgi_application()), _Server, _Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
