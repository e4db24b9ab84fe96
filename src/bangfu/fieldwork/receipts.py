"""Receipt numbers of reports: random, so that nobody guesses one, with a check character, so that a slip of the pen is told from a number that is not there. Pure.

`7K3M-9QTR-2XWP`: eleven random characters out of 31 and one that follows from them. The alphabet has nothing that is read for something else
(0 and O, 1, I and L). 31 is prime and the weights differ, so one wrong character, or two that changed places, never fit.
"""

from __future__ import annotations

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
RANDOM = 11
SHOWN = RANDOM + 1 + 2  # with its dashes


def _check(body: str) -> str:
    return ALPHABET[sum((n + 1) * ALPHABET.index(c) for n, c in enumerate(body)) % len(ALPHABET)]


def _dashed(plain: str) -> str:
    return "-".join(plain[n : n + 4] for n in range(0, len(plain), 4))


def new_receipt() -> str:
    """A receipt number that nobody has: one of 31 to the power of 11."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return _dashed(body + _check(body))


def read_receipt(said: str) -> str | None:
    """A receipt number as it is kept, from what somebody typed (small letters, blanks, no dashes); None where it is none or has a slip."""
    plain = "".join(c for c in said.upper() if c not in " -–—　\t")
    if len(plain) != RANDOM + 1 or any(c not in ALPHABET for c in plain):
        return None
    return _dashed(plain) if plain[-1] == _check(plain[:-1]) else None
