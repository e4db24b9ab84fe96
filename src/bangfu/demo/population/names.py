"""Names: family names that pass from father to child, given names by sex and year of birth; all combinations invented."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from bangfu.demo.population.draws import Bools, Ints, Rng, choose, joined
from bangfu.demo.population.families import OF_HEAD, OF_SPOUSE, OF_THIRD, OWN, RELATION
from bangfu.demo.population.setting import Setting


def names(
    rng: Rng, setting: Setting, *, household: Ints, relation: Ints, line: Ints, male: Bools, born: Ints, households: int
) -> Any:
    """A name for each person, as an Arrow text column. Shapes: all (persons,); `born` is the year of birth.

    In a county whose wives take their husband's name (`wife_takes_name`), a couple and their children share one.
    """
    words = setting["names"]
    bank = list(words["family"])
    # Four family names per household and person: the head's, the spouse's, a third one, and the person's own.
    of_household = np.stack([choose(rng, households, words["family"]) for _ in range(3)])
    own = choose(rng, len(household), words["family"])
    borne = np.array(line)
    if words["wife_takes_name"]:
        of_household[OF_SPOUSE] = of_household[OF_THIRD] = of_household[OF_HEAD]
        for wife in ("daughter_in_law", "mother", "husbands_mother", "grandmother", "brothers_wife"):
            borne[relation == RELATION[wife]] = OF_HEAD
    family = np.where(borne == OWN, own, of_household[np.minimum(borne, OF_THIRD), household]).astype(np.int64)
    family_text = pa.array(bank).take(pa.array(family))
    pool, given = _given(rng, words["given"], male, born)
    for _ in range(8):  # nobody shares their whole name with another member of the household
        again = np.flatnonzero(_repeats(household, family, given))
        if not len(again):
            break
        given[again] = _given(rng, words["given"], male[again], born[again])[1]
    given_text = pa.array(pool).take(pa.array(given))
    if words["order"] == "family_first":
        return joined(family_text, words["separator"], given_text) if words["separator"] else joined(family_text, given_text)
    return joined(given_text, words["separator"] or " ", family_text)


def _repeats(household: Ints, family: Ints, given: Ints) -> Bools:
    """Persons whose whole name an earlier member of their household has. Shape (persons,)."""
    order = np.lexsort((given, family, household))
    same = np.zeros(len(household), bool)
    for column in (household, family, given):
        sorted_column = column[order]
        equal = np.r_[False, sorted_column[1:] == sorted_column[:-1]]
        same = equal if column is household else same & equal
    result = np.zeros(len(household), bool)
    result[order] = same
    return result


def _given(rng: Rng, cohorts: list[dict[str, Any]], male: Bools, born: Ints) -> tuple[list[str], Ints]:
    """A list of given names and each person's index into it.

    A cohort's names are one or two characters from a text, or whole names from a list. Earlier ones are commoner.
    """
    pool: list[str] = []
    index = np.zeros(len(male), np.int64)
    low = -(10**6)
    for cohort in cohorts:
        for sex, men in (("male", True), ("female", False)):
            here = np.flatnonzero((born > low) & (born <= cohort["until"]) & (male == men))
            source = cohort[sex]
            size = len(source)
            weights = 1 / (np.arange(size) + 6.0)
            first = choose(rng, len(here), list(weights))
            if isinstance(source, str):
                second = (first + 1 + choose(rng, len(here), list(weights[: size - 1]))) % size
                single = rng.random(len(here)) < cohort["single"]
                index[here] = len(pool) + np.where(single, size * size + first, first * size + second)
                pool += [a + b for a in source for b in source] + list(source)
            else:
                index[here] = len(pool) + first
                pool += source
        low = cohort["until"]
    # A name that stands in the lists of several cohorts is one name.
    place = {name: number for number, name in enumerate(dict.fromkeys(pool))}
    return list(place), np.array([place[name] for name in pool], np.int64)[index]
