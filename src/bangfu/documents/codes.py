"""The code on a page of paper: which matter, which form, which page of how many, and a check that tells a code of ours from any other.

    BF1:2020-000123:HF:3/6:7Q2ZKD
    ^   ^           ^  ^   ^ thirty bits of HMAC-SHA256 under the county's key, in Crockford's letters
    |   |           |  the page of so many
    |   |           the kind of document
    |   the number of the case, the decision, the household
    the edition of this notation

Capitals, digits and `-.:/` only: a QR code holds them in its small alphanumeric mode.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

EDITION = "BF1"
MOST_PAGES = 999
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O, U, which are misread
CHECK_LENGTH = 6
MATTER = re.compile(r"[0-9A-Z](?:[0-9A-Z.-]{0,22}[0-9A-Z])?")
FORM = re.compile(r"[0-9A-Z]{1,8}")
_WHOLE = re.compile(rf"({MATTER.pattern}):({FORM.pattern}):([1-9][0-9]{{0,2}})/([1-9][0-9]{{0,2}})")
_OURS = re.compile(r"BF([1-9][0-9]*):")


class Misread(StrEnum):
    """Why a text is no code of a page of ours."""

    FOREIGN = "foreign"  # something else altogether: a payment code, a parcel
    NEWER = "newer"  # another edition of the notation
    DAMAGED = "damaged"  # ours in form, but the check does not hold: misread, altered, or of another county


@dataclass(frozen=True, slots=True, order=True)
class PageKey:
    """What a page belongs to: a document of a matter."""

    matter: str
    form: str

    def __post_init__(self) -> None:
        if not MATTER.fullmatch(self.matter):
            raise ValueError(f"not the number of a matter: {self.matter!r}")
        if not FORM.fullmatch(self.form):
            raise ValueError(f"not the code of a form: {self.form!r}")

    def page(self, number: int, pages: int) -> PageCode:
        """The code of one of its pages."""
        return PageCode(self.matter, self.form, number, pages)


@dataclass(frozen=True, slots=True, order=True)
class PageCode:
    """One page of a document. Raises ValueError for what cannot be printed."""

    matter: str
    form: str
    page: int
    pages: int

    def __post_init__(self) -> None:
        PageKey(self.matter, self.form)
        if not 1 <= self.page <= self.pages <= MOST_PAGES:
            raise ValueError(f"no page {self.page} of {self.pages}")

    @property
    def key(self) -> PageKey:
        return PageKey(self.matter, self.form)


def encode(code: PageCode, key: bytes = b"") -> str:
    """The text of the code. Without a key the check finds misreading, but anybody can make it."""
    body = f"{code.matter}:{code.form}:{code.page}/{code.pages}"
    return f"{EDITION}:{body}:{_check(body, key)}"


def judge(text: str, key: bytes = b"") -> PageCode | Misread:
    """The page that a text stands for, or why it stands for none."""
    begun = _OURS.match(text)
    if begun is None:
        return Misread.FOREIGN
    if f"BF{begun[1]}" != EDITION:
        return Misread.NEWER
    body, _, check = text.removeprefix(f"{EDITION}:").rpartition(":")
    parts = _WHOLE.fullmatch(body)
    if parts is None or not check.isascii() or not hmac.compare_digest(check, _check(body, key)):
        return Misread.DAMAGED
    try:
        return PageCode(parts[1], parts[2], int(parts[3]), int(parts[4]))
    except ValueError:  # page 7 of 6, under a check that holds
        return Misread.DAMAGED


def decode(text: str, key: bytes = b"") -> PageCode | None:
    """The page that a text stands for, or none."""
    found = judge(text, key)
    return found if isinstance(found, PageCode) else None


def typed(text: str, key: bytes = b"") -> PageCode | None:
    """The page of a code that somebody typed from the paper: small letters and blanks do not matter, nor full-width signs."""
    said = re.sub(r"\s", "", text).upper().replace("：", ":").replace("／", "/")
    return decode(said, key) or decode(f"{EDITION}:{said}", key)


def _check(body: str, key: bytes) -> str:
    number = int.from_bytes(hmac.digest(key, f"{EDITION}:{body}".encode(), "sha256")[:4]) >> 2
    return "".join(LETTERS[number >> 5 * place & 31] for place in reversed(range(CHECK_LENGTH)))
