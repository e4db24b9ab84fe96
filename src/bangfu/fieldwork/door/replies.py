"""What the door says, in the form that phones understand: headers, XML, statuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, quote
from xml.sax.saxutils import escape

from bangfu.foundation.say import Text

XML, JSON = "text/xml; charset=utf-8", "application/json"
ACCEPTS = 10_000_000  # bytes of one post, as phones assume
Start = Callable[[str, list[tuple[str, str]]], Any]
Environ = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: status, body, type and further headers."""

    status: int
    body: bytes = b""
    kind: str = XML
    headers: Sequence[tuple[str, str]] = ()

    def send(self, start: Start, *, head: bool = False) -> Iterable[bytes]:
        """Send it; the headers of the protocol stand on every answer, on errors too."""
        headers = [
            ("X-OpenRosa-Version", "1.0"),
            ("Date", formatdate(usegmt=True)),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *self.headers,
        ]
        if self.status != 204:
            headers += [("Content-Type", self.kind), ("Content-Length", str(len(self.body)))]
        start(f"{self.status} {HTTPStatus(self.status).phrase}", headers)
        return [] if head or self.status == 204 else [self.body]


class Refused(Exception):
    """Something is refused: with a status, and words that the person at the phone reads."""

    def __init__(self, status: int, words: Text, headers: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(words.en)
        self.status, self.words, self.headers = status, words, headers


def spoken(words: Text, environ: Environ) -> str:
    """Words in the language that the client asks for; in both where it asks for none."""
    asked = str(environ.get("HTTP_ACCEPT_LANGUAGE", "")).lower().lstrip()
    return words.zh if asked.startswith("zh") else words.en if asked.startswith("en") else f"{words.zh} / {words.en}"


def message(status: int, words: Text, environ: Environ, headers: Sequence[tuple[str, str]] = ()) -> Reply:
    """An OpenRosaResponse with a message; JSON where the client is a programme of the REST door."""
    said = spoken(words, environ)
    if "/v1/" in path_of(environ):
        return as_json({"message": said, "code": f"{status}.0"}, status, headers)
    nature = "submit_success" if status < 300 else "submit_error"
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<OpenRosaResponse xmlns="http://openrosa.org/http/response">'
        f'<message nature="{nature}">{escape(said)}</message></OpenRosaResponse>'
    )
    return Reply(status, body.encode(), XML, headers)


def as_json(value: Any, status: int = 200, headers: Sequence[tuple[str, str]] = ()) -> Reply:
    """A value as JSON."""
    return Reply(status, json.dumps(value, ensure_ascii=False, default=str).encode(), JSON, headers)


def path_of(environ: Environ) -> str:
    """The path, decoded: WSGI hands its bytes over as Latin-1."""
    raw = str(environ["PATH_INFO"])
    try:
        return raw.encode("latin-1").decode()
    except UnicodeError:
        return raw  # a server that has decoded it already


def base_of(environ: Environ) -> str:
    """Scheme, host and the part of the path before ours, as the client called us."""
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return f"{environ['wsgi.url_scheme']}://{host}{quote(str(environ.get('SCRIPT_NAME', '')))}"


def asked(environ: Environ) -> dict[str, str]:
    """The query parameters, each once."""
    return {name: values[0] for name, values in parse_qs(str(environ.get("QUERY_STRING", "")), keep_blank_values=True).items()}
