"""Encryption of personal fields and keyed hashes for exact match.

Keys lie outside the data folder (`Home.keys`); the database keeps their fingerprints (table `secret_key`), so that a folder of other
keys, or one that is lost, is refused instead of making the county unreadable bit by bit. They are made once, by `bangfu migrate`.

A ciphertext is `version byte | key number | nonce (12) | AES-256-GCM`. What encrypts is derived (HKDF) from the numbered key for one
purpose (`person.identity`), so that a value copied into another column does not decrypt. A keyed hash is BLAKE2b under a key of its
own; it never leaves the county.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.db import connection

from bangfu.foundation.extension import ExtensionPoint
from bangfu.foundation.home import home
from bangfu.foundation.problems import Problem, declare

VERSION = 1
NONCE = 12
SIZE = 32
HASH = "hash"
FIELDS = "fields"

KEY_LOST = declare(
    "BF-1031",
    zh="密钥文件 {name} 不在 {place}：本县的证件、电话、账号是用它加密的。",
    en="The key file {name} is not in {place}: this county's identity, phone and account numbers are encrypted with it.",
    remedy_zh="把当初保存的密钥目录放回原处，或用 BANGFU_KEYS 指向它；程序不会另造密钥。",
    remedy_en="Put the key folder back from where it is kept, or point BANGFU_KEYS to it; no other key is made in its place.",
    status=503,
)
KEY_OTHER = declare(
    "BF-1032",
    zh="{place} 中的密钥文件 {name} 不是本县的密钥。",
    en="The key file {name} in {place} is not the key of this county.",
    remedy_zh="请核对 BANGFU_KEYS 与 BANGFU_HOME 是否属于同一个县；不要覆盖任何一个密钥文件。",
    remedy_en="Check that BANGFU_KEYS and BANGFU_HOME belong to the same county; overwrite neither key file.",
    status=503,
)
KEYS_NOT_MADE = declare(
    "BF-1033",
    zh="本县的密钥还没有建立。",
    en="The keys of this county have not been made yet.",
    remedy_zh="运行 bangfu migrate。",
    remedy_en="Run `bangfu migrate`.",
    status=503,
)


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column that holds ciphertext, for the change of keys: table, column and the purpose it is encrypted for."""

    table: str
    column: str
    purpose: str


sealed_columns: ExtensionPoint[[], list[SealedColumn]] = ExtensionPoint("sealed_columns")


def fingerprint(key: bytes) -> bytes:
    """What the database keeps of a key: tells whether a file holds it and nothing else."""
    return hashlib.blake2b(b"fingerprint", key=key, digest_size=16, person=b"bangfu.key").digest()


def key_file(name: str) -> Path:
    """Where a key lies: `hash` or `fields.<number>`."""
    return home().keys / f"{name}.key"


def make_key(name: str) -> bytes:
    """Make a key file, readable by its owner only. Raises FileExistsError where there is one: no key is ever overwritten."""
    handle = os.open(key_file(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(secrets.token_bytes(SIZE))
        out.flush()
        os.fsync(out.fileno())
    return key_file(name).read_bytes()


def recorded() -> dict[str, bytes]:
    """The county's keys: name and fingerprint, as the database keeps them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, fingerprint FROM secret_key")
        return {name: bytes(mark) for name, mark in cursor.fetchall()}


def record_key(name: str, key: bytes) -> None:
    """Enter a key among the county's (the owner of the database only)."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO secret_key (name, fingerprint) VALUES (%s, %s)", [name, fingerprint(key)])


def settle_keys() -> None:
    """Give a new database its keys: those that lie in the key folder, else new ones. Raises BF-1031, BF-1032 as `require_keys`."""
    home().make()
    known = recorded()
    for name in (HASH, f"{FIELDS}.1"):
        if not any(k == HASH if name == HASH else k.startswith(FIELDS) for k in known):
            record_key(name, key_file(name).read_bytes() if key_file(name).exists() else make_key(name))
    require_keys()


def require_keys() -> None:
    """Hold that the key folder has every key of the county. Raises BF-1031 where one is missing, BF-1032 where one is another."""
    _key.cache_clear()
    _cipher.cache_clear()
    _newest.clear()
    names = recorded()
    if not names:
        raise KEYS_NOT_MADE()
    for name in sorted(names):
        _key(name)


@lru_cache(maxsize=64)
def _key(name: str) -> bytes:
    """A key of the county, held against its fingerprint. Raises BF-1031, BF-1032; BF-1033 where the county has no such key."""
    mark = recorded().get(name)
    if mark is None:
        raise KEYS_NOT_MADE()
    return held_key(name, mark)


def held_key(name: str, mark: bytes | None) -> bytes:
    """A key of the key folder, held against a fingerprint (None: any key will do). Raises BF-1031 without it, BF-1032 for another."""
    place = key_file(name)
    try:
        key = place.read_bytes()
    except FileNotFoundError as error:
        raise KEY_LOST(name=place.name, place=place.parent) from error
    if len(key) != SIZE or (mark is not None and not secrets.compare_digest(fingerprint(key), mark)):
        raise KEY_OTHER(name=place.name, place=place.parent)
    return key


@lru_cache(maxsize=256)
def _cipher(number: int, purpose: str) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=SIZE, salt=None, info=purpose.encode())
    return AESGCM(derived.derive(_key(f"{FIELDS}.{number}")))


def current_number() -> int:
    """The number of the key that encrypts: the newest of the key folder that is the county's.

    Asked of the folder whenever that was changed, so that a change of keys reaches every process at once.
    """
    folder = home().keys
    changed = folder.stat().st_mtime_ns if folder.exists() else 0
    known = _newest.get(str(folder))
    if known is not None and known[0] == changed:
        return known[1]
    numbers = sorted(int(m[1]) for p in folder.glob(f"{FIELDS}.*.key") if (m := re.fullmatch(r"fields\.(\d+)\.key", p.name)))
    number = _newest_of(numbers)
    # While a newer one is not recorded yet, or a change may hide behind the clock's tick, it is asked again each time.
    if numbers and number == numbers[-1] and time.time_ns() - changed > SETTLED:
        _newest[str(folder)] = changed, number
    return number


SETTLED = 1_000_000_000  # nanoseconds
_newest: dict[str, tuple[int, int]] = {}  # by key folder: when it was changed, and the number of its newest key


def _newest_of(numbers: list[int]) -> int:
    """The newest of the keys that lie there which is the county's."""
    for number in reversed(numbers[1:]):
        try:
            _key(f"{FIELDS}.{number}")
        except Problem as problem:
            if problem.kind is not KEYS_NOT_MADE:
                raise
            continue  # a file that a change of keys has not recorded (it was cut off, or is another county's)
        return number
    return numbers[0] if numbers else 1


def hash_key() -> bytes:
    """The key of the keyed hashes, for workers that hash rows in another process."""
    return _key(HASH)


def encrypt_many(values: Iterable[str | None], purpose: str) -> list[bytes | None]:
    """Encrypt a column of values; None stays None. Raises BF-1031, BF-1032 where the county's key is not to be had."""
    number = current_number()
    cipher, header, context = _cipher(number, purpose), bytes([VERSION, number]), purpose.encode()
    listed = list(values)
    nonces = os.urandom(NONCE * len(listed))
    return [
        None
        if value is None
        else header + (nonce := nonces[i * NONCE : (i + 1) * NONCE]) + cipher.encrypt(nonce, value.encode(), context)
        for i, value in enumerate(listed)
    ]


def decrypt(value: bytes | memoryview | None, purpose: str) -> str | None:
    """The clear value. Raises BF-1031, BF-1032 without its key, cryptography's InvalidTag where it was written for another purpose."""
    if value is None:
        return None
    raw = bytes(value)
    return _cipher(raw[1], purpose).decrypt(raw[2 : 2 + NONCE], raw[2 + NONCE :], purpose.encode()).decode()


def encrypt_bytes(content: bytes, purpose: str) -> bytes:
    """The ciphertext of a whole content, in the form of the values'. Raises BF-1031, BF-1032 where the county's key is not to be had."""
    number, nonce = current_number(), os.urandom(NONCE)
    return bytes([VERSION, number]) + nonce + _cipher(number, purpose).encrypt(nonce, content, purpose.encode())


def decrypt_bytes(sealed: bytes, purpose: str) -> bytes:
    """The clear content. Raises BF-1031, BF-1032 without its key, cryptography's InvalidTag where it was written for another purpose."""
    return _cipher(sealed[1], purpose).decrypt(sealed[2 : 2 + NONCE], sealed[2 + NONCE :], purpose.encode())


def keyed_hash(value: str, purpose: str, *, key: bytes | None = None, size: int = 16) -> bytes:
    """The keyed hash of a value for a purpose: equal values give equal hashes, nothing else is told."""
    return hashlib.blake2b(value.encode(), key=key or hash_key(), digest_size=size, person=purpose.encode()[:16]).digest()
