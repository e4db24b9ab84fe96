"""Packets as bytes: sealed for one station, signed by another. Pure: keys and bytes in, bytes or a numbered problem out.

    magic (8) | version (1) | length of the header (4) | header (JSON) | ciphertext | signature (64)

The header names sender and recipient by their fingerprints, the number of the packet, when it was made and how long the ciphertext is. The content is
encrypted by ChaCha20-Poly1305 under a key of this packet alone (X25519 of a key made for it and the recipient's, HKDF); all that stands before it is
authenticated along with it. The signature (Ed25519) is over everything before it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import struct
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bangfu.fieldwork.packet_problems import (
    BAD_CARD,
    CHANGED,
    CUT_OFF,
    NEWER_VERSION,
    NOT_A_PACKET,
    NOT_FOR_US,
    OLD_VERSION,
    PACKET_TOO_LARGE,
)
from bangfu.foundation.hiding import Known
from bangfu.foundation.say import is_text

MAGIC = b"BANGFUPK"
VERSION = LEAST = 1  # the version that is written, and the oldest that is read
KEY, SIGNATURE, TAG, NONCE = 32, 64, 16, 12
MOST = 120_000_000  # bytes of a packet
HEADER_BYTES = 2_000
NAME_LENGTH = 60
GROUPS, DIGITS = 8, 5  # of a fingerprint: 40 digits, some 132 bits
CARD_BYTES = 1_000
_PREFIX = struct.Struct(">8sBI")
_SIGNED, _SEALED, _CARD = b"bangfu packet, signed\0", b"bangfu packet, sealed", b"bangfu card\0"


@dataclass(frozen=True, slots=True)
class Card:
    """What a station shows to others: what it calls itself, and its public keys. The name is a claim; the fingerprint is of the keys."""

    name: str
    sealing: bytes
    signing: bytes

    @property
    def fingerprint(self) -> str:
        """Forty digits that two people can read to each other."""
        digest = hashlib.sha256(_CARD + self.signing + self.sealing).digest()
        return str(int.from_bytes(digest, "big") % 10 ** (GROUPS * DIGITS)).zfill(GROUPS * DIGITS)

    def text(self) -> str:
        """The card as it is handed over."""
        told = {"bangfu": "card", "name": self.name, "sealing": _said(self.sealing), "signing": _said(self.signing)}
        return json.dumps(told, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Keys:
    """The two secrets of a station."""

    sealing: bytes
    signing: bytes

    def card(self, name: str) -> Card:
        """The card that goes with them."""
        public = X25519PrivateKey.from_private_bytes(self.sealing).public_key().public_bytes_raw()
        return Card(
            name[:NAME_LENGTH], public, Ed25519PrivateKey.from_private_bytes(self.signing).public_key().public_bytes_raw()
        )


@dataclass(frozen=True, slots=True)
class Head:
    """What stands on the outside of a packet, and where its parts begin."""

    sender: str
    recipient: str
    number: int
    made: datetime
    key: bytes
    start: int
    end: int


def in_groups(fingerprint: str) -> Known:
    """A fingerprint as it is read aloud; no number of a person, so that pages show all of it."""
    return Known(" ".join(fingerprint[n : n + DIGITS] for n in range(0, len(fingerprint), DIGITS)))


def read_card(text: str) -> Card:
    """The card in a text. Raises BF-2690 for a text that is none."""
    try:
        told = json.loads(text.strip().removeprefix("\ufeff")) if len(text) <= CARD_BYTES else None
        if not isinstance(told, dict) or told.get("bangfu") != "card":
            raise BAD_CARD()
        name, sealing, signing = told["name"], _bytes(told["sealing"]), _bytes(told["signing"])
        if not isinstance(name, str) or not 1 <= len(name.strip()) <= NAME_LENGTH or not is_text(name) or not name.isprintable():
            raise BAD_CARD()
        Ed25519PublicKey.from_public_bytes(signing)
        # A key of small order would give everybody the same secret: the library refuses it.
        X25519PrivateKey.from_private_bytes(b"\x01" * KEY).exchange(X25519PublicKey.from_public_bytes(sealing))
    except (KeyError, TypeError, ValueError, RecursionError) as wrong:
        raise BAD_CARD() from wrong
    return Card(name.strip(), sealing, signing)


def seal(content: bytes, keys: Keys, recipient: Card, number: int, made: datetime) -> bytes:
    """A packet of a content for a recipient."""
    own = X25519PrivateKey.generate()
    ephemeral = own.public_key().public_bytes_raw()
    told = {
        "from": keys.card("-").fingerprint, "to": recipient.fingerprint, "number": number, "made": made.isoformat(),
        "key": _said(ephemeral), "length": len(content) + TAG,
    }  # fmt: skip
    header = json.dumps(told).encode()
    outside = _PREFIX.pack(MAGIC, VERSION, len(header)) + header
    key, nonce = _derived(own.exchange(X25519PublicKey.from_public_bytes(recipient.sealing)), ephemeral, recipient.sealing)
    body = outside + ChaCha20Poly1305(key).encrypt(nonce, content, outside)
    return body + Ed25519PrivateKey.from_private_bytes(keys.signing).sign(_SIGNED + body)


def head_of(packet: bytes) -> Head:
    """What stands on the outside; nothing of it is proven yet.

    Raises BF-2691 for what is no packet, BF-2692 for one of a newer version, BF-2693 for one older than is read, BF-2694 for one that was cut off, BF-2695 for one
    whose outside was changed, BF-2696 for one that is too large.
    """
    if len(packet) > MOST:
        raise PACKET_TOO_LARGE(most=MOST // 1_000_000)
    if len(packet) < _PREFIX.size:
        raise (CUT_OFF if packet and MAGIC.startswith(packet[: len(MAGIC)]) else NOT_A_PACKET)()
    magic, version, length = _PREFIX.unpack_from(packet)
    if magic != MAGIC:
        raise NOT_A_PACKET()
    if version > VERSION:
        raise NEWER_VERSION(version=version, own=VERSION)
    if version < LEAST:
        raise OLD_VERSION(version=version, least=LEAST)
    start = _PREFIX.size + length
    if length > HEADER_BYTES:
        raise CHANGED()
    if len(packet) < start:
        raise CUT_OFF()
    try:
        told = json.loads(packet[_PREFIX.size : start])
        made = datetime.fromisoformat(told["made"])
        sender, recipient, number, size, key = told["from"], told["to"], told["number"], told["length"], _bytes(told["key"])
    except (KeyError, TypeError, ValueError, RecursionError) as wrong:
        raise CHANGED() from wrong
    prints = all(isinstance(f, str) and len(f) == GROUPS * DIGITS and f.isascii() and f.isdecimal() for f in (sender, recipient))
    if (
        not prints
        or type(number) is not int
        or type(size) is not int
        or not 1 <= number < 2**31
        or size < TAG
        or made.tzinfo is None
    ):
        raise CHANGED()
    end = start + size
    if len(packet) < end + SIGNATURE:
        raise CUT_OFF()
    if len(packet) > end + SIGNATURE:
        raise CHANGED()
    return Head(sender, recipient, number, made, key, start, end)


def for_us(head: Head, own: Card) -> None:
    """Hold that a packet is for this station. Raises BF-2697."""
    if head.recipient != own.fingerprint:
        raise NOT_FOR_US(recipient=in_groups(head.recipient), own=in_groups(own.fingerprint))


def opened(packet: bytes, head: Head, keys: Keys, sender: Card) -> bytes:
    """The content of a packet, proven to be the sender's and as it was sent. Raises BF-2695 where it is not."""
    body = packet[: head.end]
    try:
        Ed25519PublicKey.from_public_bytes(sender.signing).verify(packet[head.end :], _SIGNED + body)
        own = X25519PrivateKey.from_private_bytes(keys.sealing)
        shared = own.exchange(X25519PublicKey.from_public_bytes(head.key))
        key, nonce = _derived(shared, head.key, own.public_key().public_bytes_raw())
        return ChaCha20Poly1305(key).decrypt(nonce, packet[head.start : head.end], packet[: head.start])
    except (InvalidSignature, InvalidTag, ValueError) as wrong:
        raise CHANGED() from wrong


def _derived(shared: bytes, ephemeral: bytes, recipient: bytes) -> tuple[bytes, bytes]:
    made = HKDF(algorithm=SHA256(), length=KEY + NONCE, salt=ephemeral + recipient, info=_SEALED + bytes([VERSION])).derive(
        shared
    )
    return made[:KEY], made[KEY:]


def _said(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _bytes(said: str) -> bytes:
    try:
        found = base64.b64decode(said, validate=True)
    except binascii.Error as wrong:
        raise ValueError("not base 64") from wrong
    if len(found) != KEY or _said(found) != said:
        raise ValueError("not a key")
    return found
