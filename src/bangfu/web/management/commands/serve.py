"""`bangfu serve`: the pages, with a worker beside them, until Ctrl-C."""

from __future__ import annotations

from typing import Annotated

import typer
from django_typer.management import TyperCommand

from bangfu.web.serving import serve


class Command(TyperCommand):
    help = "Serve the pages on this machine and run the jobs beside them."

    def handle(
        self,
        port: Annotated[int, typer.Option("--port", help="the port; the next free one where it is taken")] = 8000,
        host: Annotated[str, typer.Option("--host", help="the address to listen on")] = "127.0.0.1",
        worker: Annotated[bool, typer.Option(help="run the jobs beside the pages")] = True,
    ) -> None:
        """Serve until Ctrl-C."""
        serve(host, port, with_worker=worker)
