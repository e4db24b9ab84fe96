"""Identity numbers: validity and what is derived from them, whole columns at a time.

A scheme is data, known by the name that country profiles give as `check`; a package brings its own with `declare_scheme`. GB 11643-1999: 17 digits with weights, sum modulo 11, check character of
`10X98765432`; digits 1-6 region at first registration, 7-14 birth date, the 17th odd for men.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bangfu.register.problems import UNKNOWN_CHECK


@dataclass(frozen=True, slots=True)
class Scheme:
    """A numbering scheme: fixed length, weighted digits, a check character, and where birth date, sex and region stand.

    `sex` is the place of a digit that is odd for men. A scheme without weights has no check: whatever is written is taken.
    """

    name: str
    length: int
    weights: tuple[int, ...]
    modulus: int
    checks: str
    birth: tuple[int, int] | None = None
    sex: int | None = None
    region: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.checked and (len(self.weights) != self.length - 1 or len(self.checks) != self.modulus):
            raise ValueError(f"{self.name}: a weight per digit and a check character per remainder are needed")

    @property
    def checked(self) -> bool:
        """Whether the numbers carry a check character."""
        return bool(self.weights)


UNCHECKED = Scheme(name="none", length=0, weights=(), modulus=1, checks="")
GB11643 = Scheme(
    name="gb11643",
    length=18,
    weights=(7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2),
    modulus=11,
    checks="10X98765432",
    birth=(6, 14),
    sex=16,
    region=(0, 6),
)
_schemes = {one.name: one for one in (UNCHECKED, GB11643)}


def declare_scheme(scheme: Scheme) -> Scheme:
    """Make a scheme known under its name. Raises ValueError where another one has it."""
    if _schemes.setdefault(scheme.name, scheme) != scheme:
        raise ValueError(f"identity scheme {scheme.name} is declared twice")
    return scheme


def scheme(check: str) -> Scheme:
    """The scheme that a profile names as `check`. Raises BF-1226 where no package has declared it."""
    if check not in _schemes:
        raise UNKNOWN_CHECK(check=check, known=", ".join(sorted(_schemes)))
    return _schemes[check]


@dataclass(frozen=True, slots=True)
class Derived:
    """What the numbers say, one entry per value: well-formed, check right, birth date (NaT where none), male, region."""

    formed: npt.NDArray[np.bool_]
    valid: npt.NDArray[np.bool_]
    birth: npt.NDArray[np.datetime64]
    male: npt.NDArray[np.bool_]
    region: npt.NDArray[np.str_]


def derive(values: list[str | None], scheme: Scheme = GB11643) -> Derived:
    """Judge a column of cleaned numbers (upper case, no spaces). A blank is not well-formed."""
    if not scheme.checked:
        return _unchecked(values)
    n, body = len(values), scheme.length - 1
    fixed = np.array([v or "" for v in values], dtype=f"U{scheme.length + 1}")
    formed = np.char.str_len(fixed) == scheme.length
    points = (
        fixed.astype(f"U{scheme.length}").view(np.uint32).reshape(n, scheme.length)
        if n
        else np.zeros((0, scheme.length), np.uint32)
    )
    digits = points[:, :body].astype(np.int64) - ord("0")
    formed &= ((digits >= 0) & (digits <= 9)).all(axis=1)
    total = np.where(formed, (digits * np.array(scheme.weights)).sum(axis=1), 0) % scheme.modulus
    expected = np.array([ord(c) for c in scheme.checks], dtype=np.uint32)[total]
    valid = formed & (points[:, body] == expected)
    birth = np.full(n, np.datetime64("NaT"), dtype="datetime64[D]")
    if scheme.birth is not None:
        start, _ = scheme.birth
        d = np.where(formed[:, None], digits[:, start : start + 8], 0)
        year = d[:, 0] * 1000 + d[:, 1] * 100 + d[:, 2] * 10 + d[:, 3]
        month, day = d[:, 4] * 10 + d[:, 5], d[:, 6] * 10 + d[:, 7]
        plausible = formed & (year >= 1880) & (year <= 2100) & (month >= 1) & (month <= 12) & (day >= 1)
        months = ((np.where(plausible, year, 1970) - 1970) * 12 + np.where(plausible, month, 1) - 1).astype("datetime64[M]")
        length = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64)
        plausible &= day <= length
        birth = np.where(plausible, months.astype("datetime64[D]") + np.where(plausible, day - 1, 0), birth)
        valid &= plausible
    male = np.zeros(n, dtype=bool) if scheme.sex is None else formed & (digits[:, scheme.sex] % 2 == 1)
    region = (
        np.array([""] * n)
        if scheme.region is None
        else np.array([v[scheme.region[0] : scheme.region[1]] for v in fixed.tolist()])
    )
    return Derived(formed, valid, birth, male, region)


def _unchecked(values: list[str | None]) -> Derived:
    n = len(values)
    there = np.array([bool(v) for v in values], dtype=bool)
    return Derived(there, there.copy(), np.full(n, np.datetime64("NaT"), "datetime64[D]"), np.zeros(n, bool), np.array([""] * n))


def mask(value: str | None) -> str:
    """An identity number as lists show it: the last four, and of the first six those that leave eight hidden (GB/T 37964)."""
    if not value:
        return ""
    if len(value) <= 10:
        return "*" * len(value)
    shown = min(6, max(len(value) - 12, 0))
    return value[:shown] + "*" * (len(value) - shown - 4) + value[-4:]
