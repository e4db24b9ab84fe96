"""The one way out over the network: a POST to an allowed host, with a timeout, over HTTPS, without redirects and without proxies."""

from __future__ import annotations

import ipaddress
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.parse import urlsplit

from bangfu.foundation.hiding import hide

TIMEOUT = 10.0  # seconds
LARGEST = 64 * 1024  # bytes of an answer that are read
WORDS = 200  # characters of an answer that are kept


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, what was said, and, where nobody answered, why (`status` 0)."""

    status: int
    body: bytes = b""
    fault: str = ""

    @property
    def document(self) -> dict[str, Any]:
        """The answer as a JSON object; empty where it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def said(self) -> str:
        """What was answered, as it came."""
        return " ".join((self.fault or f"HTTP {self.status} {self.body.decode('utf-8', 'replace')}").split())

    @property
    def words(self) -> str:
        """What was answered, for people, numbers of persons hidden."""
        return hide(self.said)[:WORDS]

    @property
    def passing(self) -> bool:
        """Whether another attempt may go better: nobody answered, too many asked, or the other side is out of order."""
        return self.status in (0, 408, 425, 429) or self.status >= 500


def host_of(address: str) -> str:
    """The host of an address with its port, as it is allowed: `qyapi.weixin.qq.com`, `127.0.0.1:8081`; blank where it has none."""
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").lower()
    named = f"[{host}]" if ":" in host else host
    return f"{named}:{port}" if host and port is not None else named


def is_loopback(host: str) -> bool:
    """Whether a host (with or without a port) is this machine itself."""
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def fit_to_call(address: str) -> bool:
    """Whether an address may be called at all: HTTPS with a host and no password in it; plain HTTP on this machine only."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    host = host_of(address)
    if not host or parts.username is not None or parts.fragment or any(c.isspace() or ord(c) < 33 for c in address):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other: it is not followed."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Nothing is asked elsewhere."""


def post(address: str, body: bytes, headers: Mapping[str, str], *, timeout: float = TIMEOUT) -> Answer:
    """Post to an address that `fit_to_call` has passed. Whatever happens is told in the answer.

    Raises ValueError for an address that may not be called.
    """
    if not fit_to_call(address):
        raise ValueError("an address that may not be called")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay())
    request = urllib.request.Request(address, data=body, headers={"User-Agent": "Bangfu", **headers}, method="POST")
    try:
        with opener.open(request, timeout=timeout) as answer:
            return Answer(int(answer.status), answer.read(LARGEST))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read(LARGEST))
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        return Answer(0, fault=f"{type(reason).__name__}: {reason}" if str(reason) else type(reason).__name__)


def post_json(address: str, document: Mapping[str, Any], *, timeout: float = TIMEOUT) -> Answer:
    """Post a JSON document."""
    body = json.dumps(document, ensure_ascii=False).encode()
    return post(address, body, {"Content-Type": "application/json; charset=utf-8"}, timeout=timeout)
