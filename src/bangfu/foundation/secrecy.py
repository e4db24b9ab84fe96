"""Encryption of personal fields and keyed hashes for exact match.

Keys lie outside the data folder (`Home.keys`). A ciphertext is `version byte | key number | nonce (12) | AES-256-GCM`, bound to its
purpose (`person.identity`), so that a value copied into another column does not decrypt. A keyed hash is BLAKE2b under a key
of its own; it never leaves the county.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bangfu.foundation.home import home

VERSION = 1
NONCE = 12


def _key(name: str) -> bytes:
    place: Path = home().make().keys / name
    if not place.exists():
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(secrets.token_bytes(32))
    return place.read_bytes()


@lru_cache(maxsize=1)
def _cipher() -> AESGCM:
    return AESGCM(_key("fields.1.key"))


@lru_cache(maxsize=1)
def hash_key() -> bytes:
    """The key of the keyed hashes, for workers that hash rows in another process."""
    return _key("hash.key")


def encrypt_many(values: Iterable[str | None], purpose: str) -> list[bytes | None]:
    """Encrypt a column of values; None stays None."""
    cipher, header, context = _cipher(), bytes([VERSION, 1]), purpose.encode()
    listed = list(values)
    nonces = os.urandom(NONCE * len(listed))
    return [
        None
        if value is None
        else header + (nonce := nonces[i * NONCE : (i + 1) * NONCE]) + cipher.encrypt(nonce, value.encode(), context)
        for i, value in enumerate(listed)
    ]


def decrypt(value: bytes | memoryview | None, purpose: str) -> str | None:
    """The clear value. Raises cryptography's InvalidTag where the key or the purpose is not the one it was written with."""
    if value is None:
        return None
    raw = bytes(value)
    return _cipher().decrypt(raw[2 : 2 + NONCE], raw[2 + NONCE :], purpose.encode()).decode()


def keyed_hash(value: str, purpose: str, *, key: bytes | None = None, size: int = 16) -> bytes:
    """The keyed hash of a value for a purpose: equal values give equal hashes, nothing else is told."""
    return hashlib.blake2b(value.encode(), key=key or hash_key(), digest_size=size, person=purpose.encode()[:16]).digest()
