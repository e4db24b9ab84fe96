"""Cells: disjoint, together the whole, of the sizes asked for, the same each time."""

from __future__ import annotations

import json
import math
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
import shapely.geometry
from hypothesis import given, settings
from hypothesis import strategies as st

from bangfu.areas.cells import Cell, Place, draw
from bangfu.areas.files import DATA, read_areas, read_seats
from bangfu.areas.power import Seats, part
from bangfu.foundation.problems import Problem

LIST_2023 = Path(str(files("bangfu.demo"))) / "data" / "areas.csv"
OUTLINE: dict[str, Any] = json.loads((LIST_2023.parent / "county.geojson").read_text("utf-8"))
DRAWN = ("county", "township", "village")
ROWS = [row for row in read_areas(LIST_2023) if row.level in DRAWN]
SEATS = {seat.code: seat for seat in read_seats(DATA / "cn-520323-seats.csv")}


def places() -> list[Place]:
    return [
        Place(
            row.code,
            None if row.level == "county" else row.parent,
            seat=(SEATS[row.code].lon, SEATS[row.code].lat) if row.code in SEATS else None,
            fixed=row.code in SEATS and SEATS[row.code].basis == "sourced",
        )
        for row in ROWS
    ]


@pytest.fixture(scope="module")
def county() -> dict[str, Cell]:
    return draw(places(), OUTLINE)


def shape(cell: Cell) -> shapely.Geometry:
    return shapely.geometry.shape(cell.geometry)


def test_villages_are_disjoint_and_fill_the_outline(county: dict[str, Cell]) -> None:
    villages = [shape(county[row.code]) for row in ROWS if row.level == "village"]
    assert len(villages) == 119
    assert all(one.is_valid and one.area > 0 for one in villages)
    assert shapely.coverage_is_valid(villages)
    outline = shapely.geometry.shape(OUTLINE["features"][0]["geometry"])
    assert shapely.union_all(villages).symmetric_difference(outline).area < 1e-4 * outline.area


def test_a_township_is_exactly_its_villages(county: dict[str, Cell]) -> None:
    townships = [row.code for row in ROWS if row.level == "township"]
    assert shapely.coverage_is_valid([shape(county[code]) for code in townships])
    for code in townships:
        below = shapely.union_all([shape(county[row.code]) for row in ROWS if row.parent == code])
        assert below.symmetric_difference(shape(county[code])).area < 1e-12
        assert math.isclose(sum(county[row.code].km2 for row in ROWS if row.parent == code), county[code].km2, rel_tol=1e-6)


def test_cells_have_the_size_that_was_asked_for(county: dict[str, Cell]) -> None:
    villages = [county[row.code].km2 for row in ROWS if row.level == "village"]
    equal = county["520323000000"].km2 / 119
    # Pieces that the outline cuts off change hands, so single cells may be off; the middle half may not.
    assert np.allclose(np.percentile(villages, [25, 50, 75]), equal, rtol=0.03)
    assert min(villages) > 0.4 * equal
    # 2,566 km² by the county's own account, 2,546 km² by the statistics: the outline is coarse.
    assert 2500 < county["520323000000"].km2 < 2620


def test_a_known_seat_lies_in_its_own_cell_and_is_its_centre(county: dict[str, Cell]) -> None:
    seat = SEATS["520323001000"]
    assert county["520323001000"].centre == (seat.lon, seat.lat)
    assert shape(county["520323001000"]).contains(shapely.Point(seat.lon, seat.lat))


def test_every_centre_lies_in_its_cell(county: dict[str, Cell]) -> None:
    assert all(shape(cell).contains(shapely.Point(cell.centre)) for cell in county.values())


def test_the_county_hangs_together(county: dict[str, Cell]) -> None:
    villages = [shape(county[row.code]) for row in ROWS if row.level == "village"]
    assert all(one.geom_type == "Polygon" for one in villages)
    left, right = shapely.STRtree(villages).query(villages, predicate="touches")
    neighbours: dict[int, set[int]] = {}
    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        if shapely.intersection(villages[one], villages[other]).length > 0:
            neighbours.setdefault(one, set()).add(other)
    reached, queue = {0}, [0]
    while queue:
        for other in neighbours[queue.pop()] - reached:
            reached.add(other)
            queue.append(other)
    assert len(reached) == 119
    assert 3 < np.mean([len(found) for found in neighbours.values()]) < 6.5


def test_the_map_is_light_and_exact_to_a_metre(county: dict[str, Cell]) -> None:
    text = json.dumps([county[row.code].geometry for row in ROWS if row.level == "village"], separators=(",", ":"))
    assert len(text) < 150_000
    numbers = [value for cell in county.values() for ring in shapely.get_coordinates(shape(cell)) for value in ring]
    assert all(round(value, 5) == value for value in numbers)


def test_the_same_places_give_the_same_cells_in_any_order(county: dict[str, Cell]) -> None:
    assert draw(list(reversed(places())), OUTLINE) == county


def test_a_county_without_an_outline_gets_a_plain_one() -> None:
    tree = [
        Place("x", None),
        *(Place(f"x{t}", "x") for t in range(3)),
        *(Place(f"x{t}{v}", f"x{t}") for t in range(3) for v in range(4)),
    ]
    cells = draw(tree)
    villages = [shape(cells[place.key]) for place in tree if len(place.key) == 3]
    assert shapely.coverage_is_valid(villages)
    assert shapely.union_all(villages).symmetric_difference(shape(cells["x"])).area < 1e-9
    assert shape(cells["x"]).centroid.distance(shapely.Point(0, 0)) < 0.01


def test_without_an_outline_the_known_seats_are_within() -> None:
    seats = [(36.7, -1.2), (36.9, -1.25), (36.8, -1.05), (37.0, -1.1)]
    tree = [Place("x", None), *(Place(f"x{n}", "x", seat=seat, fixed=True) for n, seat in enumerate(seats))]
    cells = draw(tree)
    for number, seat in enumerate(seats):
        assert shape(cells[f"x{number}"]).contains(shapely.Point(seat))


def test_an_outline_of_two_islands_with_a_lake_is_parted() -> None:
    first = shapely.Point(20.0, 60.0).buffer(0.2).difference(shapely.Point(20.05, 60.0).buffer(0.05))
    outline = shapely.geometry.mapping(shapely.union_all([first, shapely.Point(20.6, 60.0).buffer(0.08)]))
    tree = [Place("x", None), *(Place(f"x{n}", "x") for n in range(9))]
    cells = draw(tree, outline)
    parts = [shape(cells[f"x{n}"]) for n in range(9)]
    assert shapely.coverage_is_valid(parts)
    whole = shapely.geometry.shape(outline)
    assert shapely.union_all(parts).symmetric_difference(whole).area < 1e-3 * whole.area
    assert not any(part_.contains(shapely.Point(20.05, 60.0)) for part_ in parts)


@pytest.mark.parametrize(
    "outline",
    [
        {"type": "Point", "coordinates": [107.0, 28.0]},
        {"type": "Polygon", "coordinates": [[[107000, 28000], [108000, 28000], [108000, 29000], [107000, 28000]]]},
        {"type": "Polygon", "coordinates": [[[1, 1], [1, 1], [1, 1], [1, 1]]]},
        {"type": "Circle"},
        {"type": "FeatureCollection", "features": []},
        {},
    ],
)
def test_an_outline_that_is_no_area_is_refused(outline: dict[str, Any]) -> None:
    with pytest.raises(Problem, match="BF-1110"):
        draw([Place("x", None), Place("y", "x")], outline)


def test_a_tree_must_have_one_top() -> None:
    with pytest.raises(ValueError, match="top"):
        draw([Place("x", None), Place("y", None)])
    with pytest.raises(ValueError, match="top"):
        draw([Place("x", None), Place("y", "z")])


SQUARE = shapely.box(0, 0, 10_000, 10_000)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.floats(1, 10), min_size=2, max_size=9))
def test_areas_follow_the_weights(weights: list[float]) -> None:
    count = len(weights)
    cells, _ = part(SQUARE, Seats(np.full((count, 2), np.nan), np.zeros(count, bool), np.array(weights)))
    wanted = np.array(weights) / sum(weights) * SQUARE.area
    assert np.allclose([cell.area for cell in cells], wanted, atol=0.03 * wanted.min())
    assert math.isclose(sum(cell.area for cell in cells), SQUARE.area, rel_tol=1e-9)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 99), st.integers(1, 99)), min_size=2, max_size=8, unique=True), st.data())
def test_fixed_seats_stay_and_keep_their_own_cell(at: list[tuple[int, int]], data: st.DataObject) -> None:
    seats = np.array(at, float) * 100
    weights = np.array(data.draw(st.lists(st.floats(0.1, 10), min_size=len(at), max_size=len(at))))
    cells, where = part(SQUARE, Seats(seats, np.ones(len(at), bool), weights))
    assert np.array_equal(where, seats)
    for cell, seat in zip(cells, seats, strict=True):
        assert cell.area > 0
        assert cell.distance(shapely.Point(seat)) < 1e-6


def test_two_seats_on_one_spot_both_get_a_cell() -> None:
    cells, _ = part(SQUARE, Seats(np.array([[5000.0, 5000.0]] * 2), np.ones(2, bool), np.ones(2)))
    assert all(cell.area > 0.4 * SQUARE.area for cell in cells)


def test_a_seat_outside_the_outline_does_not_lose_its_cell() -> None:
    cells, where = part(SQUARE, Seats(np.array([[-90_000.0, 0.0], [5000.0, 5000.0]]), np.ones(2, bool), np.ones(2)))
    assert all(cell.area > 0.4 * SQUARE.area for cell in cells)
    assert SQUARE.covers(shapely.Point(where[0]))


def test_the_seats_file_says_what_is_known() -> None:
    assert {seat.basis for seat in SEATS.values()} == {"sourced", "estimated"}
    assert all(seat.source for seat in SEATS.values())
    assert Path(DATA / "cn-520323-seats.csv").read_text("utf-8").count("\n") == 16
