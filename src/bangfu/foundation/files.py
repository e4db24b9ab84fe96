"""Files that are kept for good (scans of documents): encrypted, found by what is in them, in `files/` of the data folder.

A file's name is the keyed hash of its content: the same scan handed in twice lies there once, and the name tells nothing without the
county's key. A backup takes the folder as it is; a change of keys puts every file under the new one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from bangfu.foundation.home import home
from bangfu.foundation.secrecy import decrypt_bytes, encrypt_bytes, hash_key

PURPOSE = "file"
_SUFFIX = ".sealed"


def keep(content: bytes) -> str:
    """Keep a content; gives the name by which `read` finds it. Raises BF-1031, BF-1032 where the county's key is not to be had."""
    name = hashlib.blake2b(content, key=hash_key(), digest_size=24, person=PURPOSE.encode()).hexdigest()
    place = _place(name)
    if not place.exists():
        _write(place, encrypt_bytes(content, PURPOSE))
    return name


def read(name: str) -> bytes:
    """The content of a kept file. Raises FileNotFoundError where it is not there, cryptography's InvalidTag where it was changed."""
    return decrypt_bytes(_place(name).read_bytes(), PURPOSE)


def kept() -> Iterator[Path]:
    """Every kept file as it lies there."""
    yield from sorted(home().files.glob(f"??/*{_SUFFIX}"))


def reseal_files(number: int) -> int:
    """Put every kept file that is under another key under the present one; how many there were."""
    done = 0
    for place in kept():
        sealed = place.read_bytes()
        if sealed[1] != number:
            _write(place, encrypt_bytes(decrypt_bytes(sealed, PURPOSE), PURPOSE))
            done += 1
    return done


def _place(name: str) -> Path:
    return home().files / name[:2] / f"{name}{_SUFFIX}"


def _write(place: Path, sealed: bytes) -> None:
    """Write beside the place and move it there at once: nobody reads half a file."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = place.with_suffix(f".{os.getpid()}.half")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(sealed)
        out.flush()
        os.fsync(out.fileno())
    half.replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name too: what was acknowledged is there after the power has failed
    finally:
        os.close(folder)
