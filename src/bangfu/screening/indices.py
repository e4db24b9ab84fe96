"""The figures of an index that counts persons: headcount, intensity, their product, and what each indicator adds to it.

A score made of parts is an index of the Alkire-Foster kind: a person is poor where the household's deprivations weigh `limit` points
or more out of `total`. With N persons, n of them in poor households, and c the share of all points that a household is deprived of:

    headcount H   n / N
    intensity A   the mean of c over the poor persons
    M0            H x A, which is the sum of c over the poor persons, divided by N

Parts that are not known leave the figures between bounds. H and M0 are least where nothing unknown is a deprivation (`certain`: who
is poor already) and greatest where everything unknown is one (`possible`: who can be poor). A may lie outside of those two: whoever
is poor by the barest margin pulls it down. Its bounds are taken over every choice of who of the possibly poor is poor.

Shares are of persons, between 0 and 1. A figure of nobody is None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bangfu.rules.dialects import DUCKDB, Dialect
from bangfu.screening.pack import Pack, Score

Ask = Callable[[str], list[tuple[Any, ...]]]  # a question in SQL, answered by all its rows
Bounds = tuple[float | None, float | None]  # at least, at most


@dataclass(frozen=True, slots=True)
class Indicator:
    """What one indicator comes to in a reading of the unknowns: `headcount` is the share of persons who are poor and deprived in it,
    `contribution` its share of M0; None where nobody is poor."""

    headcount: float | None
    contribution: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """An index where the unknowns are read one way: `persons` are the poor; the contributions of the indicators sum to 1."""

    persons: int
    headcount: float | None
    intensity: float | None
    m0: float | None
    indicators: Mapping[str, Indicator]

    def as_json(self) -> dict[str, Any]:
        return {
            "persons": self.persons,
            "headcount": self.headcount,
            "intensity": self.intensity,
            "m0": self.m0,
            "indicators": {
                name: {"headcount": one.headcount, "contribution": one.contribution} for name, one in self.indicators.items()
            },
        }


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a county. `persons` are all, `known_persons` those of households of whom every indicator is known; `certain` reads
    what is unknown as no deprivation, `possible` as one; `intensity` has bounds of its own.

    `deprived` is by indicator the share of persons deprived in it, poor or not, at least and at most; `groups` the share of persons
    in the households of each of the pack's groups, who belong to it for certain.
    """

    persons: int
    known_persons: int
    certain: Figures
    possible: Figures
    intensity: Bounds
    deprived: Mapping[str, Bounds] = field(default_factory=dict)
    groups: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def headcount(self) -> Bounds:
        return self.certain.headcount, self.possible.headcount

    @property
    def m0(self) -> Bounds:
        return self.certain.m0, self.possible.m0

    def as_json(self) -> dict[str, Any]:
        """The index as plain data: bounds are pairs `[at least, at most]`."""
        return {
            "persons": self.persons,
            "known_persons": self.known_persons,
            "headcount": list(self.headcount),
            "intensity": list(self.intensity),
            "m0": list(self.m0),
            "certain": self.certain.as_json(),
            "possible": self.possible.as_json(),
            "deprived": {name: list(bounds) for name, bounds in self.deprived.items()},
            "groups": dict(self.groups),
        }


def indices_of(
    ask: Ask, relation: str, pack: Pack, constants: Mapping[str, Any], *, persons: str, dialect: Dialect = DUCKDB
) -> dict[str, Index]:
    """The index of each score made of parts, by the score's name; none where a limit is still to be entered.

    `relation` is a result relation, `persons` the relation of members (a row each, with `household`), `constants` the parameters of
    the day.
    """
    return {
        score.name: index_of(ask, relation, score, constants, persons=persons, groups=tuple(pack.groups), dialect=dialect)
        for score in pack.scores.values()
        if score.parts and constants[score.limit] is not None and constants[score.total]
    }


def index_of(
    ask: Ask,
    relation: str,
    score: Score,
    constants: Mapping[str, Any],
    *,
    persons: str,
    groups: tuple[str, ...] = (),
    dialect: Dialect = DUCKDB,
) -> Index:
    """The index of one score over a result relation; arguments as in `indices_of`, `groups` the names to give shares of."""
    limit, total = constants[score.limit], constants[score.total]
    weights = {part.name: constants[part.weight] for part in score.parts}
    wanted = ["sum(people)", "sum(people) FILTER (WHERE low = high)"]
    for way in ("low", "high"):
        wanted += [f"sum(people) FILTER (WHERE {way} >= {limit})", f"sum(people * {way}) FILTER (WHERE {way} >= {limit})"]
    for name in weights:
        for way, held in _held(name, dialect).items():
            wanted += [f"sum(people) FILTER (WHERE {held} AND {way} >= {limit})", f"sum(people) FILTER (WHERE {held})"]
    wanted += [f"sum(people) FILTER (WHERE {dialect.has('groups', dialect.text(group))})" for group in groups]
    sized = _sized(relation, score.name, persons, grouped=bool(groups))
    numbers = iter([int(value or 0) for value in ask(f"SELECT {', '.join(wanted)} FROM ({sized})")[0]])
    people, known = next(numbers), next(numbers)
    poor = {way: (next(numbers), next(numbers)) for way in ("low", "high")}
    counted = {name: {way: (next(numbers), next(numbers)) for way in ("low", "high")} for name in weights}
    grouped = {group: _share(next(numbers), people) for group in groups}
    certain, possible = (
        _figures(*poor[way], people, total, {name: (weights[name], counted[name][way][0]) for name in weights})
        for way in ("low", "high")
    )
    return Index(
        persons=people,
        known_persons=known,
        certain=certain,
        possible=possible,
        intensity=_intensity(ask, sized, limit, total),
        deprived={name: (_share(ways["low"][1], people), _share(ways["high"][1], people)) for name, ways in counted.items()},
        groups=grouped,
    )


def _sized(relation: str, score: str, persons: str, *, grouped: bool) -> str:
    """A SELECT of each household's bounds, parts and number of members."""
    column = f"score_{score}"
    return (
        f"SELECT {column}_low AS low, {column}_high AS high, {column}_parts AS parts, {column}_open AS still_open, "
        f"coalesce(people, 0) AS people{', groups' if grouped else ''} FROM {relation} "
        f"LEFT JOIN (SELECT household, count(*) AS people FROM {persons} GROUP BY household) USING (household)"
    )


def _held(part: str, dialect: Dialect) -> dict[str, str]:
    """Whether a part is a deprivation, as SQL: for certain, and at most."""
    certain, still_open = (dialect.has(listed, dialect.text(part)) for listed in ("parts", "still_open"))
    return {"low": certain, "high": f"({certain} OR {still_open})"}


def _figures(poor: int, points: int, people: int, total: int, parts: Mapping[str, tuple[int, int]]) -> Figures:
    """The figures of one reading: `poor` persons who lack `points` together; `parts` is name → (weight, poor and deprived persons)."""
    return Figures(
        persons=poor,
        headcount=_share(poor, people),
        intensity=_share(points, poor * total),
        m0=_share(points, people * total),
        indicators={
            name: Indicator(_share(held, people), _share(weight * held, points)) for name, (weight, held) in parts.items()
        },
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _intensity(ask: Ask, sized: str, limit: int, total: int) -> Bounds:
    """The least and greatest mean of the poor's points, over every choice of who of the possibly poor is poor.

    The certainly poor count in any case. Of the others those come in first who move the mean furthest, so that the best choice is a
    first part of their order: at the least each with the fewest points that make poor, at the most with all that are possible.
    """

    def bound(points: str, order: str, best: str) -> float | None:
        must = f"(SELECT coalesce(sum(people), 0) AS n, coalesce(sum(people * {points}), 0) AS p FROM few WHERE low >= {limit})"
        may = (
            f"SELECT sum(people) OVER run AS n, sum(people * {points}) OVER run AS p FROM few WHERE low < {limit} "
            f"WINDOW run AS (ORDER BY {points} {order} ROWS UNBOUNDED PRECEDING)"
        )
        row = ask(
            f"WITH few AS (SELECT low, high, sum(people) AS people FROM ({sized}) WHERE high >= {limit} AND people > 0 GROUP BY low, high) "
            f"SELECT {best}((must.p + more.p) / ((must.n + more.n) * {total})) FROM {must} must, "
            f"(SELECT 0 AS n, 0 AS p UNION ALL {may}) more WHERE must.n + more.n > 0"
        )[0]
        return None if row[0] is None else float(row[0])

    return bound(f"greatest(low, {limit})", "ASC", "min"), bound("high", "DESC", "max")
