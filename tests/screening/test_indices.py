"""The figures of an index: against a county reckoned by hand, and whatever the unknowns turn out to be."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bangfu.foundation.say import Text
from bangfu.rules.source import Place
from bangfu.screening.engine import screen
from bangfu.screening.engine.running import asking
from bangfu.screening.indices import Index, index_of
from bangfu.screening.pack import Part, Score, load_pack

DAY = dt.date(2020, 4, 28)
WEIGHTS = {"food": 3, "school": 2, "roof": 1, "light": 1}
CONSTANTS = {**{f"{name}_points": weight for name, weight in WEIGHTS.items()}, "limit": 3, "total": 7}
Home = tuple[int, tuple[bool | None, ...]]  # members, and of each part whether it holds


@functools.cache
def _score() -> Score:
    nothing = load_pack("global-mpi").scores["mpi"]
    named = Text("一", "one")
    parts = tuple(Part(name, named, nothing.low, f"{name}_points") for name in WEIGHTS)
    return Score("s", named, parts, nothing.low, nothing.high, "limit", "total", "", "", Place("s", 1))


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:", config={"threads": 1}) as con:
        con.execute("PRAGMA disable_optimizer")  # for a handful of rows it costs more than it saves
        yield con


def reckon(con: duckdb.DuckDBPyConnection, homes: Sequence[Home], groups: Sequence[Sequence[str]] | None = None) -> Index:
    """The index of households given by their members and parts, by way of a result relation."""
    rows = [_row(number, home, groups[number] if groups else ()) for number, home in enumerate(homes)]
    names = "household, score_s_low, score_s_high, score_s_parts, score_s_open, groups"
    blank = "(-1, 0::DOUBLE, 0::DOUBLE, []::VARCHAR[], []::VARCHAR[], []::VARCHAR[])"  # nobody lives there: it gives the types
    people = [f"({number})" for number, (size, _) in enumerate(homes) for _ in range(size)]
    result = f"(SELECT * FROM (VALUES {', '.join([blank, *rows])}) t({names}))"
    persons = f"(SELECT * FROM (VALUES {', '.join(['(-2)', *people])}) t(household))"
    return index_of(asking(con), result, _score(), CONSTANTS, persons=persons, groups=("old",) if groups else ())


def _row(number: int, home: Home, groups: Sequence[str]) -> str:
    parts = [name for name, holds in zip(WEIGHTS, home[1], strict=True) if holds]
    still_open = [name for name, holds in zip(WEIGHTS, home[1], strict=True) if holds is None]
    low = sum(WEIGHTS[name] for name in parts)
    high = low + sum(WEIGHTS[name] for name in still_open)
    return f"({number}, {low}, {high}, {parts}, {still_open}, {list(groups)})"


def test_a_county_reckoned_by_hand(connection: duckdb.DuckDBPyConnection) -> None:
    """Four households, ten persons.

    Two persons lack food and light (4 points: poor), three lack school and roof (3: poor), one lacks light (1) and nothing more,
    four lack light for certain and perhaps school (1 to 3: possibly poor).
    """
    homes: list[Home] = [
        (2, (True, False, False, True)),
        (3, (False, True, True, False)),
        (1, (False, False, False, True)),
        (4, (False, None, False, True)),
    ]
    found = reckon(connection, homes, [["old"], [], ["old"], []])
    assert (found.persons, found.known_persons) == (10, 6)
    assert found.headcount == (0.5, 0.9)
    assert found.certain.intensity == pytest.approx((2 * 4 + 3 * 3) / (5 * 7))
    assert found.possible.intensity == pytest.approx((2 * 4 + 3 * 3 + 4 * 3) / (9 * 7))
    assert found.m0 == (pytest.approx(17 / 70), pytest.approx(29 / 70))
    assert found.intensity == (pytest.approx(29 / 63), pytest.approx(17 / 35))
    one = {name: (i.headcount, i.contribution) for name, i in found.certain.indicators.items()}
    assert one["food"] == (0.2, pytest.approx(6 / 17))
    assert one["school"] == (0.3, pytest.approx(6 / 17))
    assert one["roof"] == (0.3, pytest.approx(3 / 17))
    assert one["light"] == (0.2, pytest.approx(2 / 17))
    assert found.possible.indicators["light"].headcount == pytest.approx(0.6)
    assert found.deprived["light"] == (0.7, 0.7)
    assert found.deprived["school"] == (0.3, 0.7)
    assert found.groups == {"old": 0.3}


def test_of_nobody_there_are_no_figures(connection: duckdb.DuckDBPyConnection) -> None:
    for homes in ([], [(0, (True, True, True, True))]):
        found = reckon(connection, homes)
        assert found.persons == 0
        assert found.headcount == found.m0 == found.intensity == (None, None)
    nobody_poor = reckon(connection, [(3, (False, False, True, False))])
    assert nobody_poor.headcount == nobody_poor.m0 == (0.0, 0.0)
    assert nobody_poor.intensity == (None, None)
    assert nobody_poor.certain.indicators["roof"].headcount == 0.0
    assert nobody_poor.certain.indicators["roof"].contribution is None


_HOMES = st.lists(st.tuples(st.integers(0, 5), st.tuples(*[st.sampled_from([True, False, None])] * len(WEIGHTS))), max_size=5)


@given(homes=_HOMES)
@settings(max_examples=40, deadline=None)
def test_m0_is_headcount_times_intensity_and_contributions_sum_to_one(
    connection: duckdb.DuckDBPyConnection, homes: list[Home]
) -> None:
    found = reckon(connection, homes)
    for figures in (found.certain, found.possible):
        if not figures.persons:
            assert figures.intensity is None
            continue
        assert figures.headcount is not None
        assert figures.intensity is not None
        assert figures.m0 == pytest.approx(figures.headcount * figures.intensity)
        contributions = [one.contribution for one in figures.indicators.values()]
        assert sum(c for c in contributions if c is not None) == pytest.approx(1)
        assert figures.m0 == pytest.approx(sum(WEIGHTS[n] / 7 * (one.headcount or 0) for n, one in figures.indicators.items()))


def _within(value: float | None, bounds: tuple[float | None, float | None]) -> bool:
    low, high = bounds
    if value is None:
        return True
    return low is not None and high is not None and low - 1e-9 <= value <= high + 1e-9


@given(homes=_HOMES, draw=st.data())
@settings(max_examples=40, deadline=None)
def test_the_bounds_hold_whatever_the_unknowns_turn_out_to_be(
    connection: duckdb.DuckDBPyConnection, homes: list[Home], draw: st.DataObject
) -> None:
    bounds = reckon(connection, homes)
    told: list[Home] = [
        (size, tuple(draw.draw(st.booleans()) if holds is None else holds for holds in held)) for size, held in homes
    ]
    true = reckon(connection, told)
    assert true.certain == true.possible
    assert true.persons == true.known_persons
    assert _within(true.certain.headcount, bounds.headcount)
    assert _within(true.certain.m0, bounds.m0)
    assert _within(true.certain.intensity, bounds.intensity)
    for name, one in true.certain.indicators.items():
        assert _within(one.headcount, (bounds.certain.indicators[name].headcount, bounds.possible.indicators[name].headcount))
        assert _within(true.deprived[name][0], bounds.deprived[name])


def test_the_bounds_of_intensity_are_reached(connection: duckdb.DuckDBPyConnection) -> None:
    """Of every way in which three open households can turn out, the least and greatest intensity are the bounds."""
    homes: list[Home] = [(2, (True, True, False, False)), (3, (None, False, False, False)), (1, (None, None, True, None))]
    found = reckon(connection, homes)
    blanks = [(n, at) for n, (_, held) in enumerate(homes) for at, holds in enumerate(held) if holds is None]
    seen = []
    for answers in product([True, False], repeat=len(blanks)):
        told = [[size, list(held)] for size, held in homes]
        for (n, at), answer in zip(blanks, answers, strict=True):
            told[n][1][at] = answer  # type: ignore[index]
        true = reckon(connection, [(size, tuple(held)) for size, held in told])  # type: ignore[arg-type,misc]
        assert true.certain.intensity is not None
        seen.append(true.certain.intensity)
    assert found.intensity == (pytest.approx(min(seen)), pytest.approx(max(seen)))


def test_an_index_comes_with_the_screening_of_a_pack_without_guarantees(tmp_path: Path) -> None:
    pack = load_pack("global-mpi")
    assert pack.guarantees == {}
    with duckdb.connect(":memory:") as con:
        schema = pack.program.schema
        types = {
            "boolean": "BOOLEAN",
            "integer": "BIGINT",
            "code": "VARCHAR",
            "codes": "VARCHAR[]",
            "date": "DATE",
            "decimal": "DOUBLE",
        }
        for level, relation, key in (("household", "households", "path VARCHAR"), ("person", "persons", "person BIGINT")):
            columns = ", ".join(f"{c} {types[schema.columns[c].type.kind]}" for c in pack.columns[level])
            con.execute(f"CREATE TABLE {relation} (household BIGINT, {key}, {columns})")
        con.execute(
            "INSERT INTO households (household, path, child_deaths, fuel) VALUES (1, 'a/', 1, 'coal'), (2, 'a/', 0, 'clean')"
        )
        con.execute(
            "INSERT INTO persons (household, person, birth_date, undernourished, education) VALUES "
            "(1, 1, '1980-01-01', true, 'junior'), (1, 2, '1982-01-01', false, 'junior'), (2, 3, '1970-01-01', false, 'junior')"
        )
        result = screen(con, pack, DAY, into=tmp_path / "result.parquet")
    assert result.counts == {}
    assert result.findings["score"]["mpi"] == {"poor": 1, "not_poor": 1, "unknown": 0}
    assert result.findings["score"]["severe_mpi"] == {"poor": 0, "not_poor": 1, "unknown": 1}
    said = result.as_json()["indices"]["mpi"]
    assert said["headcount"] == [pytest.approx(2 / 3)] * 2
    assert said["m0"][0] == pytest.approx(2 / 3 * 7 / 18)
    assert said["certain"]["indicators"]["cooking_fuel"]["headcount"] == pytest.approx(2 / 3)
    assert set(said["groups"]) == {"severe", "vulnerable"}
