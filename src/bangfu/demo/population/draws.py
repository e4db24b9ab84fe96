"""Drawing whole columns: weighted choices, whole numbers with an exact sum, and Arrow arrays from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Rng = np.random.Generator
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BLANK = -1  # of an index into a list of words: nobody has asked


def choose(rng: Rng, size: int, weights: Mapping[Any, float] | Sequence[float]) -> Ints:
    """Indices into `weights`, drawn in proportion to them. Shape (size,)."""
    values = np.array(list(weights.values()) if isinstance(weights, Mapping) else list(weights), float)
    steps = np.cumsum(values / values.sum())
    steps[-1] = 1.0  # rounding must not leave a gap above the last step
    return np.searchsorted(steps, rng.random(size), side="right").astype(np.int64)


def exact_sizes(rng: Rng, count: int, total: int, shares: Sequence[float]) -> Ints:
    """`count` household sizes of 1 to len(shares) persons that sum to exactly `total`, near the given distribution.

    The distribution is tilted (p·θ^size) until its mean is the wanted one; the last few persons are added or taken one by
    one at random. Raises ValueError where no such sizes exist.
    """
    largest = len(shares)
    if not count <= total <= count * largest:
        raise ValueError(f"{count} households cannot hold exactly {total} persons")
    if count == 0:
        return np.zeros(0, np.int64)
    size = np.arange(1, largest + 1)
    low, high = -8.0, 8.0
    for _ in range(60):
        tilt = (low + high) / 2
        p = np.array(shares) * np.exp(tilt * (size - size.mean()))
        p /= p.sum()
        low, high = (tilt, high) if (p * size).sum() < total / count else (low, tilt)
    drawn = choose(rng, count, list(p)) + 1
    while (missing := total - int(drawn.sum())) != 0:
        step = 1 if missing > 0 else -1
        movable = np.flatnonzero(drawn < largest if step > 0 else drawn > 1)
        drawn[rng.choice(movable, min(abs(missing), len(movable)), replace=False)] += step
    return drawn


def exactly(rng: Rng, candidates: Bools, count: int, weights: Floats | None = None) -> Bools:
    """Mark exactly `count` of the candidates (all of them where there are fewer), likelier where `weights` are larger."""
    places = np.flatnonzero(candidates)
    keys = rng.random(len(places))
    if weights is not None:
        keys = np.log(np.maximum(keys, 1e-300)) / np.maximum(weights[places], 1e-9)
    marked = np.zeros(len(candidates), bool)
    marked[places[np.argsort(-keys, kind="stable")[: max(count, 0)]]] = True
    return marked


# --- Arrow arrays ------------------------------------------------------------------------------------------------


def coded(indices: NDArray[Any], words: Sequence[str]) -> Any:
    """A dictionary column: index into `words`, BLANK for null."""
    return pa.DictionaryArray.from_arrays(
        pa.array(indices.astype(np.int32), mask=indices < 0), pa.array(list(words), pa.string())
    )


def flags(values: NDArray[Any], known: NDArray[Any] | None = None) -> Any:
    """A yes/no column; null where not `known`."""
    return pa.array(values.astype(bool), mask=None if known is None else ~known.astype(bool))


def whole(values: NDArray[Any], known: NDArray[Any] | None = None) -> Any:
    """A column of whole numbers."""
    return pa.array(values.astype(np.int32), mask=None if known is None else ~known)


def tenths(values: NDArray[Any], known: NDArray[Any] | None = None) -> Any:
    """A column of numbers with one decimal."""
    return pa.array(np.round(values.astype(float), 1), mask=None if known is None else ~known)


def yuan(fen: NDArray[Any], known: NDArray[Any] | None = None) -> Any:
    """Exact money in yuan (decimal with two places) from whole fen."""
    cents = pa.array(fen.astype(np.int64), mask=None if known is None else ~known).cast(pa.decimal128(19, 0))
    return pc.multiply(cents, pa.scalar(Decimal("0.01"))).cast(pa.decimal128(16, 2))


def days(values: NDArray[Any], known: NDArray[Any] | None = None) -> Any:
    """A column of dates from days since 1970-01-01."""
    return pa.array(values.astype(np.int32), pa.int32(), mask=None if known is None else ~known).cast(pa.date32())


def padded(values: NDArray[Any], width: int) -> Any:
    """Whole numbers as text with leading noughts."""
    return pc.utf8_lpad(pa.array(values.astype(np.int64)).cast(pa.string()), width, "0")


def joined(*parts: Any) -> Any:
    """Texts set together element by element; null where one part is null."""
    return pc.binary_join_element_wise(*parts, "")


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


def ages_on(births: NDArray[Any], day: date) -> Ints:
    """Completed years on a day, by the calendar. `births` in days since 1970-01-01."""
    dates = births.astype("datetime64[D]")
    years = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    months = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    in_month = (dates - dates.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    later = (months > day.month) | ((months == day.month) & (in_month > day.day))
    completed: Ints = (day.year - years - later).astype(np.int64)
    return completed
