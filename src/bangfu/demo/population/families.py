"""Families: who lives with whom, of what sex and age.

A household of a given size is one of a few dozen *templates*, written as letters:

    H head            S spouse            C child of the couple     D wife of the eldest son   W husband of the eldest daughter
    G child of the eldest son             g child of the eldest daughter
    F M father, mother (of the husband where the head is a married woman)     B brother or sister     A grandmother
    f m wife's father, mother             N brother's child           O brother's wife            U uncle

Ages are drawn from the youngest upwards (a mother is her eldest child's age plus her age at its birth), so that no draw has to
be thrown away and every parent is old enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bangfu.demo.population.draws import Bools, Floats, Ints, Rng, choose

# Persons per household on record in such counties, before the tilt to the exact mean.
SIZE_SHARES = (0.055, 0.115, 0.155, 0.215, 0.190, 0.150, 0.070, 0.032, 0.012, 0.006)

RELATIONS = (
    "head", "spouse", "son", "daughter", "daughter_in_law", "son_in_law", "grandson", "granddaughter", "daughters_son",
    "daughters_daughter", "father", "mother", "husbands_father", "husbands_mother", "sibling", "grandmother", "wifes_father",
    "wifes_mother", "nephew", "niece", "brothers_wife", "uncle", "other", "great_grandson", "great_granddaughter", "grandfather",
    "mothers_father", "mothers_mother",
)  # fmt: skip
RELATION = {name: place for place, name in enumerate(RELATIONS)}

# Whose family name a person bears: the head's, the spouse's, a third one of the household (a late husband's), or their own.
OF_HEAD, OF_SPOUSE, OF_THIRD, OWN = range(4)


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of family: its letters, how common it is among households of its size, and the age (years) of its youngest
    member of the youngest generation (`low` to `high`, skewed to `low` as `skew` grows)."""

    letters: str
    weight: float
    low: float
    high: float
    skew: float = 1.0


TEMPLATES = (
    Template("H", 55, 27, 60), Template("H", 45, 60, 90),
    Template("HS", 42, 55, 82), Template("HS", 12, 23, 34), Template("HC", 22, 3, 34), Template("HM", 14, 26, 56), Template("HG", 10, 3, 17),
    Template("HSC", 50, 0, 26, 0.8), Template("HSC", 18, 22, 36), Template("HCC", 10, 2, 26), Template("HSM", 10, 28, 58),
    Template("HCM", 6, 2, 22), Template("HSG", 6, 2, 15),
    Template("HSCC", 58, 0, 26, 0.75), Template("HSCM", 11, 1, 25), Template("HSCD", 6, 21, 30), Template("HCDG", 12, 0, 15),
    Template("HCCM", 4, 2, 20), Template("HCCC", 3, 2, 20), Template("HSGG", 4, 1, 13), Template("HSMB", 2, 30, 55),
    Template("HSCCC", 24, 1, 21, 0.85), Template("HSCCM", 23, 2, 24, 0.85), Template("HSCDG", 29, 0, 17), Template("HSCFM", 8, 0, 18),
    Template("HCDGG", 11, 0, 14), Template("HSCWg", 3, 0, 14), Template("HSCCB", 1, 2, 18), Template("HSCCm", 1, 1, 18),
    Template("HSCDGG", 36, 0, 14), Template("HSCCFM", 20, 2, 20), Template("HSCCCM", 12, 2, 19), Template("HSCDGM", 8, 0, 8),
    Template("HSCCDG", 14, 0, 9), Template("HSCCCC", 7, 0, 16), Template("HSCWgg", 2, 0, 12), Template("HSCCMN", 1, 2, 16),
    Template("HSCDGGM", 27, 0, 8), Template("HSCCDGG", 30, 0, 9), Template("HSCCCFM", 20, 0, 15), Template("HSCDGGG", 14, 0, 10),
    Template("HSCCCCM", 5, 0, 14), Template("HSCCBON", 2, 2, 15), Template("HSCCMAU", 1, 0, 10), Template("HSCCfmB", 1, 0, 14),
    Template("HSCCDGGM", 38, 0, 6), Template("HSCDGGFM", 27, 0, 6), Template("HSCCDGGG", 22, 0, 8), Template("HSCCCCFM", 13, 0, 13),
    Template("HSCCDGGFM", 50, 0, 5), Template("HSCCCDGGM", 50, 0, 5),
    Template("HSCCCDGGFM", 60, 0, 4), Template("HSCCCDGGGM", 40, 0, 4),
)  # fmt: skip


@dataclass(slots=True)
class Skeleton:
    """Persons before they have names. Shapes: all (persons,); rows lie household by household, the head first.

    `household` is the place of the household, `age` is in years with fractions, `line` says whose family name is borne.
    """

    household: Ints
    relation: Ints
    male: Bools
    age: Floats
    line: Ints


def families(rng: Rng, sizes: Ints, *, elderly: Bools) -> Skeleton:
    """People for households of the given sizes; where `elderly` (extreme-poverty support), only people past working age.

    Shapes: sizes and elderly (households,). Elderly households must have one or two members.
    """
    wanted = np.zeros(len(sizes), np.int64)
    for size in np.unique(sizes):
        fitting = [t for t, template in enumerate(TEMPLATES) if len(template.letters) == size]
        here = np.flatnonzero(sizes == size)
        wanted[here] = np.array(fitting)[choose(rng, len(here), [TEMPLATES[t].weight for t in fitting])]
    wanted[elderly & (sizes == 1)] = 1
    wanted[elderly & (sizes == 2)] = 2
    parts: list[tuple[NDArray[np.int64], ...]] = []
    floats: list[Floats] = []
    for t, template in enumerate(TEMPLATES):
        here = np.flatnonzero(wanted == t)
        if not len(here):
            continue
        male, age = _ages(rng, template, len(here), elderly[here])
        relation, line = _relations(rng, template, male)
        seat = np.tile(np.arange(len(template.letters)), len(here))
        parts.append(
            (np.repeat(here, len(template.letters)), seat, relation.ravel(), male.ravel().astype(np.int64), line.ravel())
        )
        floats.append(age.ravel())
    household, seat, relation, male, line = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((seat, household))
    return Skeleton(household[order], relation[order], male[order].astype(bool), np.concatenate(floats)[order], line[order])


def _ages(rng: Rng, template: Template, n: int, elderly: Bools) -> tuple[Bools, Floats]:
    """Sex and age of every seat. Shapes (n, seats). In men's seats True."""
    letters = template.letters
    seats = {letter: [place for place, found in enumerate(letters) if found == letter] for letter in set(letters)}
    age = np.zeros((n, len(letters)))
    male = rng.random((n, len(letters))) < 0.525
    for letter in "DMmOA":
        male[:, seats.get(letter, [])] = False
    for letter in "WFfU":
        male[:, seats.get(letter, [])] = True
    if "O" in seats:
        male[:, seats["B"]] = True
    if "D" in seats or "G" in seats:
        male[:, seats.get("C", [])[:1]] = True
    if "W" in seats:
        male[:, seats["C"][0]] = False

    youngest = template.low + (template.high - template.low) * rng.random(n) ** template.skew
    youngest = np.where(elderly, np.clip(60.3 + 26 * rng.random(n) ** 1.4, 60.3, 90), youngest)
    grand = seats.get("G", []) + seats.get("g", [])
    children = seats.get("C", [])
    eldest: Floats | None = None
    if grand:
        oldest = _upwards(rng, age, grand, youngest)
        mother = oldest + _birth_age(rng, n)
        father = np.maximum(mother + rng.normal(1.8, 2.2, n), oldest + 19.2)
        if "W" in seats:
            age[:, children[0]], age[:, seats["W"][0]] = mother, father
        elif children:
            age[:, children[0]] = father
            if "D" in seats:
                age[:, seats["D"][0]] = mother
        if children:
            eldest = age[:, children[0]]
    elif "D" in seats:
        age[:, seats["D"][0]] = youngest
        age[:, children[0]] = youngest + np.abs(rng.normal(1.8, 2.0, n))
        eldest = age[:, children[0]]
    elif children:
        eldest = _upwards(rng, age, children, youngest)
    if grand or "D" in seats:
        for before, place in pairwise(children):  # younger brothers and sisters of the one who has married
            age[:, place] = age[:, before] - rng.uniform(1.3, 4.5, n)
    if eldest is not None:
        woman = eldest + _birth_age(rng, n)
        man = np.maximum(woman + rng.normal(2.0, 2.4, n), eldest + 19.2)
    elif grand:  # grandparents who raise their grandchildren
        oldest = age[:, grand].max(axis=1)
        woman = oldest + np.clip(rng.normal(47, 4.5, n), 38, 60)
        man = np.maximum(woman + rng.normal(2.0, 2.4, n), oldest + 39)
    else:
        woman = youngest
        man = np.maximum(woman + rng.normal(1.5, 2.4, n), 22.2)
    if "S" in seats:
        # The rarer relatives are told from a man's side only.
        head_male = (rng.random(n) < 0.9) | bool(set(letters) & set("ABNOUfm"))
        male[:, 0], male[:, 1] = head_male, ~head_male
        age[:, 0], age[:, 1] = np.where(head_male, man, woman), np.where(head_male, woman, man)
    else:
        male[:, 0] = rng.random(n) < np.where(elderly, 0.78, 0.8 if "M" in seats else 0.55)
        age[:, 0] = np.where(male[:, 0], man, woman)
    _elders(rng, age, seats, man)
    return male, np.minimum(age, 104.0)


def _elders(rng: Rng, age: Floats, seats: dict[str, list[int]], man: Floats) -> None:
    """Fill the ages of parents, brothers and sisters, in place. The parents of a couple are the husband's."""
    n = len(age)
    child = man if "S" in seats else age[:, 0]
    mother = np.clip(child + np.clip(rng.normal(23.5, 3.5, n), 17.5, 38), child + 17.0, np.maximum(97, child + 17.5))
    for place in seats.get("M", []):
        age[:, place] = mother
    for place in seats.get("F", []):
        age[:, place] = np.maximum(mother + rng.normal(2.0, 2.0, n), child + 18.2)
    for place in seats.get("A", []):
        age[:, place] = np.maximum(mother + np.clip(rng.normal(21, 2.0, n), 17.5, 26), mother + 17.2)
    for place in seats.get("B", []):
        age[:, place] = np.maximum(np.minimum(child + rng.uniform(-9, 8, n), mother - 18.0), 5.0)
    if "m" in seats:
        age[:, seats["m"][0]] = age[:, 1] + np.clip(rng.normal(23, 3, n), 17.5, 34)  # seat 1 is the wife
        for place in seats.get("f", []):
            age[:, place] = age[:, seats["m"][0]] + np.abs(rng.normal(2.0, 2.0, n))
    for place in seats.get("N", []):
        brother = age[:, seats["B"][0]] if "B" in seats else child
        age[:, place] = np.clip(brother - rng.uniform(21, 34, n), 0.4, None)
    for place in seats.get("O", []):
        age[:, place] = np.maximum(age[:, seats["B"][0]] - rng.uniform(-1, 5, n), 21.0)
    for place in seats.get("U", []):
        age[:, place] = np.minimum(mother + rng.uniform(-6, 6, n), 92)


def _upwards(rng: Rng, age: Floats, seats: list[int], youngest: Floats) -> Floats:
    """Ages of brothers and sisters from the youngest (last seat) to the eldest, whose ages are returned."""
    current = youngest
    for place in reversed(seats):
        age[:, place] = current
        last = current
        # Twins are one in ninety; otherwise at least thirteen months lie between births.
        current = current + np.where(rng.random(len(age)) < 0.011, 0.0, 1.1 + np.minimum(rng.gamma(2.0, 1.25, len(age)), 9))
    return last


def _birth_age(rng: Rng, n: int) -> Floats:
    return np.clip(rng.normal(24.2, 3.3, n), 18.8, 38.0)


def _relations(rng: Rng, template: Template, male: Bools) -> tuple[Ints, Ints]:
    """Relation to the head and whose family name each bears. Shapes (n, seats)."""
    relation = np.zeros(male.shape, np.int64)
    line = np.full(male.shape, OWN)
    married_woman = ~male[:, 0] & ("S" in template.letters)
    # A father's name goes to the children: the head's, the husband's, or that of a husband who is gone.
    fathers = np.where(male[:, 0], OF_HEAD, np.where(married_woman, OF_SPOUSE, OF_THIRD))
    code = RELATION
    for place, letter in enumerate(template.letters):
        man = male[:, place]
        match letter:
            case "H":
                relation[:, place], line[:, place] = code["head"], OF_HEAD
            case "S":
                relation[:, place], line[:, place] = code["spouse"], OF_SPOUSE
            case "C":
                relation[:, place], line[:, place] = np.where(man, code["son"], code["daughter"]), fathers
            case "D":
                relation[:, place] = code["daughter_in_law"]
            case "W":
                relation[:, place] = code["son_in_law"]
            case "G":
                relation[:, place], line[:, place] = np.where(man, code["grandson"], code["granddaughter"]), fathers
            case "g":
                relation[:, place] = np.where(man, code["daughters_son"], code["daughters_daughter"])
            case "F":
                relation[:, place] = np.where(married_woman, code["husbands_father"], code["father"])
                line[:, place] = np.where(married_woman, OF_SPOUSE, OF_HEAD)
            case "M":
                relation[:, place] = np.where(married_woman, code["husbands_mother"], code["mother"])
            case "B" | "U":
                relation[:, place] = code["sibling"] if letter == "B" else code["uncle"]
                line[:, place] = OF_HEAD
            case "N":
                relation[:, place], line[:, place] = np.where(man, code["nephew"], code["niece"]), OF_HEAD
            case "O":
                relation[:, place] = code["brothers_wife"]
            case "A":
                relation[:, place] = code["grandmother"]
            case "f" | "m":
                relation[:, place] = code["wifes_father"] if letter == "f" else code["wifes_mother"]
                if letter == "f":
                    line[:, place] = OF_SPOUSE
    return relation, line
