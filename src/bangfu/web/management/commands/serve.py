"""`bangfu serve`: the pages, with a worker beside them, until Ctrl-C."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.say import Text
from bangfu.foundation.schema import OnTheSchema
from bangfu.foundation.terminal import wrong_usage
from bangfu.web.serving import Wish, serve


class Command(OnTheSchema, BangfuCommand):
    at_terminal = False
    help = "Serve the pages, on this machine or to phones, and run the jobs beside them."

    def handle(
        self,
        port: Annotated[
            int | None, typer.Option("--port", help="the port, the next free one where it is taken; 8000, with TLS 8443")
        ] = None,
        host: Annotated[str | None, typer.Option("--host", help="the address to listen on; else this machine alone")] = None,
        lan: Annotated[bool, typer.Option("--lan", help="listen in every network of this machine, not encrypted")] = False,
        tls: Annotated[bool, typer.Option("--tls", help="HTTPS in every network of this machine")] = False,
        certificate: Annotated[
            Path | None,
            typer.Option(
                "--certificate", dir_okay=False, resolve_path=True, help="the office's certificate; else the county's own"
            ),
        ] = None,
        key: Annotated[
            Path | None,
            typer.Option("--key", dir_okay=False, resolve_path=True, help="its private key, where it is not in the same file"),
        ] = None,
        plain_port: Annotated[
            int | None,
            typer.Option("--plain-port", help="the port beside HTTPS that phones start at and that leads to HTTPS; 8000"),
        ] = None,
        worker: Annotated[bool, typer.Option(help="run the jobs beside the pages")] = True,
    ) -> None:
        """Serve until Ctrl-C."""
        if key is not None and certificate is None:
            wrong_usage(Text("--key 要与 --certificate 一起写。", "--key goes with --certificate."))
        serve(Wish(host, port, lan, tls, certificate, key, plain_port), with_worker=worker)
