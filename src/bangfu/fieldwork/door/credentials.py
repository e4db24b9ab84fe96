"""Who knocks: a device by the key in its address, by Basic, or by Digest (MD5, qop auth), which is what phones have over plain HTTP.

What is shown is a secret that was made for the device, never the person's password. Over a plain connection a secret is not asked for in the
clear: Basic is offered over TLS and on the machine itself only.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from urllib.request import parse_http_list, parse_keqv_list

from django.conf import settings

from bangfu.fieldwork.door import store
from bangfu.fieldwork.door.replies import Environ, Refused
from bangfu.fieldwork.models.devices import HA1
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt

REALM = "bangfu"
FRESH = 600  # seconds that a nonce is good for
KNOWN = 5.0  # seconds that a device is remembered; what is handed in is held against the database each time
NAMELESS = Text("请用本县发给这台设备的用户名和密钥登录。", "Log in with the name and the key that were made for this device.")
NOT_OURS = Text(
    "这个地址的密钥已失效，请向村指挥所索取新的二维码。",
    "The key in this address is no longer good: ask the village post for a new code.",
)
_remembered: dict[tuple[str, str], tuple[float, store.Worker | None]] = {}


def key_of(secret: str) -> bytes:
    """The digest by which a secret is kept: it has more than a hundred random bits, so nothing slower is needed."""
    return hashlib.sha256(b"bangfu.device " + secret.encode()).digest()


def ha1_of(name: str, secret: str) -> str:
    """What Digest keeps in place of the secret."""
    return hashlib.md5(f"{name}:{REALM}:{secret}".encode(), usedforsecurity=False).hexdigest()


def worker_of(environ: Environ, key: str | None) -> store.Worker:
    """The worker behind a request. Raises Refused 401 with a challenge, 403 for a key in the address that is not good."""
    if key is not None:
        found = _known("key", key)
        if found is None:
            raise Refused(403, NOT_OURS)
        return found
    said = str(environ.get("HTTP_AUTHORIZATION", ""))
    scheme, _, rest = said.partition(" ")
    stale = False
    if scheme.lower() == "basic" and _private(environ):
        found = _basic(rest)
    elif scheme.lower() == "bearer" and _private(environ):
        found = _known("key", rest.strip())
    elif scheme.lower() == "digest":
        found, stale = _digest(rest, environ)
    else:
        found = None
    if found is None:
        raise Refused(401, NAMELESS, challenges(environ, stale=stale))
    return found


def challenges(environ: Environ, *, stale: bool = False) -> list[tuple[str, str]]:
    """What may be shown: Digest always, Basic where nobody can listen."""
    digest = f'Digest realm="{REALM}", qop="auth", algorithm=MD5, nonce="{_nonce()}", opaque="{REALM}"' + (
        ", stale=true" if stale else ""
    )
    basic = [("WWW-Authenticate", f'Basic realm="{REALM}", charset="UTF-8"')] if _private(environ) else []
    return [("WWW-Authenticate", digest), *basic]


def forget() -> None:
    """Forget the devices that were remembered (tests, and a process that has just revoked one)."""
    _remembered.clear()


def by_name(name: str, secret: str) -> store.Worker | None:
    """The worker of a device's name and secret."""
    found = _known("name", name)
    return found if found is not None and hmac.compare_digest(found.key, key_of(secret)) else None


def _known(how: str, shown: str) -> store.Worker | None:
    """A device by its secret (`key`) or by its name, as the database had it a few seconds ago at most."""
    of = how, key_of(shown).hex() if how == "key" else shown
    known = _remembered.get(of)
    now = time.monotonic()
    if known is None or known[0] < now:
        if len(_remembered) > 5_000:
            _remembered.clear()
        found = store.device_of(shown if how == "name" else "", key_of(shown) if how == "key" else b"")
        known = _remembered[of] = (now + KNOWN, found)
    return known[1]


def _basic(said: str) -> store.Worker | None:
    try:
        name, colon, secret = base64.b64decode(said.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return by_name(name, secret) if colon else None


def _digest(said: str, environ: Environ) -> tuple[store.Worker | None, bool]:
    """The worker, or None with whether only the nonce was too old."""
    try:
        told: Mapping[str, str] = parse_keqv_list(parse_http_list(said))
        name, uri, nonce, response = told["username"], told["uri"], told["nonce"], told["response"]
        nc, cnonce, qop = told["nc"], told["cnonce"], told["qop"]
    except (KeyError, ValueError, IndexError):
        return None, False
    if told.get("realm") != REALM or qop != "auth" or told.get("algorithm", "MD5").upper() != "MD5" or uri != _uri(environ):
        return None, False
    found = _known("name", name)
    ha1 = decrypt(found.ha1, HA1) if found is not None else secrets.token_hex(16)
    ha2 = _md5(f"{environ['REQUEST_METHOD']}:{uri}")
    right = hmac.compare_digest(_md5(f"{ha1}:{nonce}:{nc}:{cnonce}:{qop}:{ha2}"), response.lower())
    if found is None or not right:
        return None, False
    return (found, False) if _fresh(nonce) else (None, True)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _uri(environ: Environ) -> str:
    """The address as it was asked for. The server gives the path decoded; RAW_URI keeps it as it came."""
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if raw:
        return str(raw)
    query = environ.get("QUERY_STRING", "")
    return f"{environ.get('SCRIPT_NAME', '')}{environ['PATH_INFO']}" + (f"?{query}" if query else "")


def _nonce() -> str:
    at = f"{int(time.time()):x}.{secrets.token_hex(8)}"
    return f"{at}.{_mark(at)}"


def _mark(at: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), b"bangfu.nonce " + at.encode(), hashlib.sha256).hexdigest()[:24]


def _fresh(nonce: str) -> bool:
    at, _, mark = nonce.rpartition(".")
    if not at or not hmac.compare_digest(_mark(at), mark):
        return False
    return 0 <= time.time() - int(at.partition(".")[0], 16) <= FRESH


def _private(environ: Environ) -> bool:
    """Whether nobody between us can read what is sent."""
    return environ["wsgi.url_scheme"] == "https" or str(environ.get("REMOTE_ADDR", "")) in ("127.0.0.1", "::1", "")
