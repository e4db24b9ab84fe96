"""Serving: the pages as the web role in worker processes of their own, the jobs as the owner beside them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from types import FrameType
from urllib.request import urlopen

from rich.console import Console

from bangfu.foundation.county import find_county
from bangfu.foundation.postgres import dsn
from bangfu.foundation.postgres.doctor import require_version, require_weak
from bangfu.foundation.postgres.server import Server
from bangfu.foundation.secrecy import require_keys

PATIENCE = 60.0


def free_port(host: str, port: int) -> int:
    """The port, or the next one that nobody listens on."""
    for candidate in range(port, port + 50):
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
            except OSError:
                continue
            return candidate
    return port


def serve(host: str, port: int, *, with_worker: bool = True) -> None:
    """Serve the pages until Ctrl-C or a termination signal; stop everything that was started.

    Refuses a second `serve` of the same data folder (BF-1015), a database role that row-level security does not bind (BF-1024)
    and a key folder that is not the county's (BF-1031, BF-1032).
    """
    server = Server()
    with server.exclusive("serve"):
        with closing(dsn.connect("web")) as connection:
            require_version(connection)
            require_weak(connection)
        require_keys()
        find_county()
        chosen = free_port(host, port)
        children = [_start(_granian(host, chosen), web=True)]
        if with_worker:
            children.append(_start([sys.executable, "-m", "bangfu", "worker"], web=False))
        stopping = False

        def stop(number: int, frame: FrameType | None) -> None:
            nonlocal stopping
            stopping = True

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        try:
            address = f"http://{host}:{chosen}"
            _wait_until_ready(address, children[0])
            Console(stderr=True).print(f"[bold]{address}[/]    Ctrl-C 停止 to stop", highlight=False)
            while not stopping and all(child.poll() is None for child in children):
                time.sleep(0.2)
        finally:
            for child in children:
                if child.poll() is None:
                    child.send_signal(signal.SIGTERM)
            for child in children:
                try:
                    child.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()


def _granian(host: str, port: int) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", "2",
        "--blocking-threads", "4", "--backlog", "256", "--log-level", "warning", "--no-access-log", "bangfu.web.wsgi:application",
    ]  # fmt: skip


def _start(command: list[str], *, web: bool) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, so that Ctrl-C reaches us first and we stop it in order."""
    environment = os.environ | {"BANGFU_PROCESS": "web" if web else "owner"}
    return subprocess.Popen(command, env=environment, start_new_session=True)


def _wait_until_ready(address: str, child: subprocess.Popen[bytes]) -> None:
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE and child.poll() is None:
        try:
            with urlopen(f"{address}/login/", timeout=5) as answer:
                answer.read()
            return
        except OSError:
            time.sleep(0.1)


def work() -> None:
    """Run the jobs until stopped; a second worker of the same data folder is refused (BF-1015)."""
    from procrastinate.contrib.django import app

    find_county()
    with Server().exclusive("worker"):
        worker = app.with_connector(app.connector.get_worker_connector())
        with worker.open():
            worker.run_worker(concurrency=1, install_signal_handlers=True)
