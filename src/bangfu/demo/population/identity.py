"""Identity numbers of invented people: valid in form, impossible in fact, unique, and the same at every run.

A scheme is data of the county's setting: region prefixes (or none), birth date, a sequence of three digits that is odd for men,
and a check character from weights, a modulus and a row of characters. GB 11643 is one such scheme.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from bangfu.demo.population.draws import Bools, Ints, Rng, choose, joined, padded
from bangfu.demo.population.setting import Setting

GENERATED = 450  # sequence slots per birth date and sex for generated people; the rest belong to the stories
SLOTS = 500


def check_characters(body: Ints, scheme: Mapping[str, Any]) -> Any:
    """The check character of each row of digits: weighted sum, modulo, place in `checks`. Shape (n, k) → Arrow text (n,)."""
    return pa.array(list(scheme["checks"])).take(pa.array(body @ np.array(scheme["weights"]) % scheme["modulus"]))


def slots(births: Ints, male: Bools, spread: Ints) -> Ints:
    """A number within each birth date and sex, unique there, in an order that `spread` (random) decides. Shape (persons,).

    Raises ValueError where more people share a date and sex than there are numbers.
    """
    key = births * 2 + male
    order = np.lexsort((spread, key))
    ordered = key[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.zeros(0, np.int64)
    rank = np.arange(len(ordered)) - np.repeat(starts, np.diff(np.r_[starts, len(ordered)]))
    if len(rank) and rank.max() >= GENERATED:
        raise ValueError(
            f"{int(rank.max()) + 1} people of one sex on one birth date: the scheme has {GENERATED} numbers for them"
        )
    result = np.empty(len(births), np.int64)
    # 67 and 450 have no common factor: neighbours in rank do not get neighbouring numbers.
    result[order] = rank * 67 % GENERATED
    return result


def identities(rng: Rng, setting: Setting, births: Ints, male: Bools, slot: Ints) -> Any:
    """Identity numbers as an Arrow text column. `births` in days since 1970-01-01, `slot` below 500 and unique per date and sex."""
    scheme = setting["identity"]
    dates, sequence = _dates(births), slot * 2 + male
    digits = [_digits(dates, 8), _digits(sequence, 3)]
    texts = [padded(dates, 8), padded(sequence, 3)]
    if prefixes := scheme.get("prefixes"):
        values = np.array([[int(digit) for digit in prefix] for prefix in prefixes])
        chosen = choose(rng, len(births), prefixes)
        digits.insert(0, values[chosen])
        texts.insert(0, pa.array(list(prefixes)).take(pa.array(chosen)))
    return joined(*texts, check_characters(np.column_stack(digits), scheme))


def _dates(births: Ints) -> Ints:
    """Birth dates as whole numbers YYYYMMDD."""
    dates = births.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    day = (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
    number = months.astype(np.int64)
    result: Ints = (number // 12 + 1970) * 10_000 + (number % 12 + 1) * 100 + day
    return result


def _digits(values: Ints, width: int) -> Ints:
    return values[:, None] // 10 ** np.arange(width - 1, -1, -1) % 10
