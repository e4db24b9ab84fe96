"""The file of a backup: records, encrypted and authenticated piece by piece, so that it is written and read as a stream.

    head    magic | salt (16) | nonce prefix (7) | check (16)
    piece   length of the ciphertext (4) | last (1) | AES-256-GCM ciphertext of: kind (1) | content

The key comes from the passphrase by scrypt (n = 2^17, r = 8, p = 1) over the file's own salt; `check` tells a wrong passphrase from a
damaged file. The nonce of a piece is `prefix | number | last` and the head is authenticated with every piece: a piece that is altered,
missing, moved, doubled, or of another file is refused, and so is a file that ends before its last piece or goes on after it.
"""

from __future__ import annotations

import hmac
import os
import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from bangfu.backup.problems import DAMAGED, NO_BACKUP, WRONG_PASSPHRASE

MAGIC = b"BANGFU BACKUP 1\n"
SALT, PREFIX, CHECK = 16, 7, 16
HEAD = len(MAGIC) + SALT + PREFIX + CHECK
PIECE = 1 << 20
_LONGEST = 8 * PIECE  # of a piece's ciphertext: a damaged length must not ask for memory
_FRAME = struct.Struct(">IB")


@lru_cache(maxsize=2)
def _keys(passphrase: str, salt: bytes) -> tuple[bytes, bytes]:
    """The key that encrypts, and the one of the check."""
    made = Scrypt(salt=salt, length=64, n=1 << 17, r=8, p=1).derive(passphrase.encode())
    return made[:32], made[32:]


class Writer:
    """Writes the records of one file. The file is whole only after a record that was written as the last."""

    def __init__(self, out: BinaryIO, passphrase: str) -> None:
        salt, prefix = os.urandom(SALT), os.urandom(PREFIX)
        key, check = _keys(passphrase, salt)
        head = MAGIC + salt + prefix
        self._head = head + hmac.digest(check, head, "sha256")[:CHECK]
        self._prefix, self._cipher, self._out, self._number = prefix, AESGCM(key), out, 0
        out.write(self._head)

    def write(self, kind: bytes, content: bytes, *, last: bool = False) -> None:
        """Write one record of a kind (one byte). Raises OSError where there is no room."""
        nonce = self._prefix + struct.pack(">IB", self._number, last)
        sealed = self._cipher.encrypt(nonce, kind + content, self._head)
        self._out.write(_FRAME.pack(len(sealed), last) + sealed)
        self._number += 1


def read(file: Path, passphrase: str) -> Iterator[tuple[bytes, bytes]]:
    """The records of a file, kind and content, each authenticated before it is given; ends after the last.

    Raises BF-2105 for another kind of file, BF-2106 for a wrong passphrase, BF-2107 where the file is truncated, altered or reordered.
    """
    with file.open("rb") as source:
        head = source.read(HEAD)
        if len(head) != HEAD or not head.startswith(MAGIC):
            raise NO_BACKUP(file=file)
        salt, prefix = head[len(MAGIC) :][:SALT], head[len(MAGIC) + SALT :][:PREFIX]
        key, check = _keys(passphrase, salt)
        if not hmac.compare_digest(hmac.digest(check, head[:-CHECK], "sha256")[:CHECK], head[-CHECK:]):
            raise WRONG_PASSPHRASE(file=file)
        cipher, number, last = AESGCM(key), 0, 0
        while not last:
            at = source.tell()
            frame = source.read(_FRAME.size)
            length, last = _FRAME.unpack(frame) if len(frame) == _FRAME.size else (0, 0)
            sealed = source.read(length) if 0 < length <= _LONGEST and last <= 1 else b""
            try:
                clear = cipher.decrypt(prefix + struct.pack(">IB", number, last), sealed, head)
            except InvalidTag as error:
                raise DAMAGED(file=file, at=at) from error
            if last and source.read(1):
                raise DAMAGED(file=file, at=source.tell() - 1)
            yield clear[:1], clear[1:]
            number += 1
