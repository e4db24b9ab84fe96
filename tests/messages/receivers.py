"""Receivers on this machine: an HTTP server that answers as it is told and keeps what it was sent, and a small SMTP server."""

from __future__ import annotations

import base64
import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Reply = tuple[int, bytes]


@dataclass
class Got:
    """A request as it came."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {k: v[0] for k, v in parse_qs(self.body.decode()).items()}


@dataclass
class Receiver:
    """What an HTTP receiver got, and how it answers: a function of the request, changed at will."""

    answer: Callable[[Got], Reply]
    got: list[Got] = field(default_factory=list)
    address: str = ""

    @property
    def host(self) -> str:
        return urlsplit(self.address).netloc


def says(code: int, words: str = "ok", status: int = 200) -> Callable[[Got], Reply]:
    """An answer as robots give it."""
    return lambda _: (status, json.dumps({"errcode": code, "errmsg": words}).encode())


@contextmanager
def http_receiver(answer: Callable[[Got], Reply] | None = None) -> Iterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver(answer or says(0))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            got = Got(parts.path, {k: v[0] for k, v in parse_qs(parts.query).items()}, dict(self.headers), body)
            receiver.got.append(got)
            status, said = receiver.answer(got)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", receiver.address + "/elsewhere")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.address = f"http://127.0.0.1:{server.server_port}"
    with _running(server):
        yield receiver


@dataclass
class Mails:
    """What an SMTP receiver took, and whom it refuses."""

    taken: list[tuple[str, str, str]] = field(default_factory=list)  # from, to, the whole mail
    refused: dict[str, str] = field(default_factory=dict)  # recipient: the line with which it is refused
    credentials: tuple[str, str] | None = None
    host: str = ""


@contextmanager
def smtp_receiver() -> Iterator[Mails]:
    """An SMTP server of the few commands that a client needs."""
    mails = Mails()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self) -> None:
            self.say("220 here")
            sender = recipient = ""
            while line := self.rfile.readline().decode().rstrip("\r\n"):
                verb = line[:4].upper()
                if verb == "EHLO":
                    self.say("250-here")
                    self.say("250 AUTH PLAIN" if mails.credentials else "250 8BITMIME")
                elif verb == "AUTH":
                    _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
                    self.say("235 in" if (user, password) == mails.credentials else "535 wrong password")
                elif verb == "MAIL":
                    sender = line.partition("<")[2].partition(">")[0]
                    self.say("250 ok")
                elif verb == "RCPT":
                    recipient = line.partition("<")[2].partition(">")[0]
                    self.say(mails.refused.get(recipient, "250 ok"))
                elif verb == "DATA":
                    self.say("354 go on")
                    lines = []
                    while (part := self.rfile.readline()) != b".\r\n":
                        lines.append(part.decode().removeprefix(".") if part.startswith(b"..") else part.decode())
                    mails.taken.append((sender, recipient, "".join(lines)))
                    self.say("250 taken")
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    mails.host = f"127.0.0.1:{server.server_address[1]}"
    with _running(server):
        yield mails


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
