"""The keys of this station: two files in the key folder, made when they are first needed, never in the database."""

from __future__ import annotations

import contextlib
import os
import secrets

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.fieldwork.sealing import KEY, Card, Keys
from bangfu.foundation.home import home
from bangfu.foundation.secrecy import held_key, key_file

SEALING, SIGNING = "station.sealing", "station.signing"


def own_keys() -> Keys:
    """The station's keys; made where there are none. Raises BF-1008 where the key folder cannot be used, BF-1032 for a file that is no key."""
    home().make()
    for name in (SEALING, SIGNING):
        if not key_file(name).exists():
            _make(name)
    return Keys(held_key(SEALING, None), held_key(SIGNING, None))


def own_card(scope: str, name: str = "") -> Card:
    """The station's card; called by the place of a scope where no name is given."""
    return own_keys().card(name.strip() or " ".join(str(name_of(a)) for a in areas().line(scope)[-2:]))


def _make(name: str) -> None:
    """Make a key whole before it has its name, so that nobody reads half of one; the first of two that are made at once stays."""
    place = key_file(name)
    half = place.with_name(f"{place.name}.{os.getpid()}.{secrets.token_hex(4)}.half")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(secrets.token_bytes(KEY))
        out.flush()
        os.fsync(out.fileno())
    with contextlib.suppress(FileExistsError):  # another process was faster: its key stays
        os.link(half, place)
    half.unlink()
