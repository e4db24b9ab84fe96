"""Cells of a map that nobody has drawn: a county's outline parted among townships, each of them among its villages. Pure.

The parts are computed (`power.py`) in an equal-area projection around the county, then all borders are put together on one grid of
degrees and cut into faces, so that neighbours share their borders to the last digit: cells neither overlap nor leave gaps, and a
township is exactly its villages. They are **schematic**: the outline may be real, a border within it never is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
import shapely.geometry
from pyproj import CRS, Transformer

from bangfu.areas.power import Seats, part
from bangfu.areas.problems import BAD_OUTLINE

DECIMALS = 5  # of a degree: about a metre
MOST_POINTS = 1500  # of an outline: more are simplified away
KM2_PER_LEAF = 20.0  # of a county without an outline: what a village has in hilly country
MARGIN = 0.35  # around known seats where there is no outline, as a part of their spread


@dataclass(frozen=True, slots=True)
class Place:
    """An area to be drawn. `seat` in degrees (lon, lat); a seat that is not `fixed` is only where the computation begins.

    `weight` says how large it is beside its sisters: by default as many as there are lowest areas in it.
    """

    key: str
    parent: str | None
    weight: float | None = None
    seat: tuple[float, float] | None = None
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A drawn area: a GeoJSON geometry in degrees, its size, and where its label stands (the seat where that is fixed)."""

    geometry: dict[str, Any]
    km2: float
    centre: tuple[float, float]


def draw(places: Sequence[Place], outline: Mapping[str, Any] | None = None) -> dict[str, Cell]:
    """Draw one area (the only place without a parent) and all below it. The same places give the same cells.

    `outline`: a GeoJSON geometry, feature or collection of one. Raises BF-1110 for an outline that is no area in degrees,
    ValueError unless exactly one place has no parent and every parent is among the places.
    """
    places = sorted(places, key=lambda place: place.key)
    children: dict[str, list[Place]] = {}
    roots = [place for place in places if place.parent is None]
    keys = {place.key for place in places}
    if len(roots) != 1 or any(place.parent not in keys for place in places if place.parent is not None):
        raise ValueError("one place stands at the top and every other one has its parent among the places")
    root = roots[0]
    for place in places:
        if place.parent is not None:
            children.setdefault(place.parent, []).append(place)
    leaves: dict[str, int] = {}
    for place in _from_below(places):
        leaves[place.key] = sum(leaves[child.key] for child in children[place.key]) if place.key in children else 1
    given = _light(_polygons(outline)) if outline is not None else _hull(places, leaves[root.key])
    to_metres, to_degrees = _projection(given)
    domain = shapely.transform(given, to_metres)

    shapes: dict[str, shapely.Geometry] = {root.key: domain}
    seats: dict[str, tuple[float, float]] = {}
    queue = [root]
    while queue:
        above = queue.pop(0)
        below = children.get(above.key, [])
        if not below:
            continue
        queue += below
        at = to_metres(np.array([place.seat or (math.nan, math.nan) for place in below], dtype=float))
        fixed = np.array([place.fixed and place.seat is not None for place in below])
        weight = np.array([leaves[place.key] if place.weight is None else place.weight for place in below], dtype=float)
        parted, _ = part(shapes[above.key], Seats(at, fixed, weight))
        shapes |= {place.key: shape for place, shape in zip(below, parted, strict=True)}
        seats |= {place.key: place.seat for place in below if place.seat is not None and place.fixed}
    if root.seat is not None and root.fixed:
        seats[root.key] = root.seat

    ends = [place.key for place in places if place.key not in children]
    final = _faces({key: shapes[key] for key in ends}, domain, to_metres, to_degrees)
    for place in _from_below(places):
        if place.key in children:
            final[place.key] = shapely.coverage_union_all([final[child.key] for child in children[place.key]])
    return {place.key: _cell(final[place.key], seats.get(place.key), to_metres) for place in places}


def _cell(shape: shapely.Geometry, seat: tuple[float, float] | None, to_metres: Any) -> Cell:
    shape = shapely.orient_polygons(shape)
    km2 = float(shapely.area(shapely.transform(shape, to_metres))) / 1e6
    if seat is None:
        point = shape.centroid if shape.contains(shape.centroid) else shape.representative_point()
        seat = (round(point.x, DECIMALS), round(point.y, DECIMALS))
    return Cell(_rounded(shapely.geometry.mapping(shape)), km2, seat)


def _from_below(places: Sequence[Place]) -> list[Place]:
    """Children before their parents."""
    by_key = {place.key: place for place in places}

    def depth(place: Place) -> int:
        return 0 if place.parent is None else 1 + depth(by_key[place.parent])

    return sorted(places, key=depth, reverse=True)


def _faces(
    shapes: Mapping[str, shapely.Geometry], domain: shapely.Geometry, to_metres: Any, to_degrees: Any
) -> dict[str, shapely.Geometry]:
    """The shapes on the grid of degrees, borders shared exactly: all lines snapped and cut, each face given to the shape it lies in."""
    lines = [shapely.boundary(shapely.transform(shape, to_degrees)) for shape in [*shapes.values(), domain]]
    noded = shapely.union_all(lines, grid_size=10.0**-DECIMALS)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    inner = shapely.transform(shapely.point_on_surface(faces), to_metres)
    # A face outside the outline is a hole of it, or the metre by which the grid moved the border.
    within = shapely.distance(inner, domain) < 2.0
    keys = list(shapes)
    owned: dict[str, list[shapely.Geometry]] = {key: [] for key in keys}
    tree = shapely.STRtree([shapes[key] for key in keys])
    for face, owner in zip(faces[within], tree.nearest(inner[within]), strict=True):
        owned[keys[int(owner)]].append(face)
    if empty := [key for key, mine in owned.items() if not mine]:
        raise BAD_OUTLINE(why=f"too small for {len(shapes)} cells ({', '.join(empty[:3])})")
    return {key: shapely.coverage_union_all(mine) for key, mine in owned.items()}


def _polygons(outline: Mapping[str, Any]) -> shapely.Geometry:
    """The area that a GeoJSON object describes, valid and in degrees. Raises BF-1110."""
    kind = outline.get("type")
    if kind == "FeatureCollection":
        features = outline.get("features") or []
        if len(features) != 1:
            raise BAD_OUTLINE(why=f"{len(features)} features")
        outline = features[0]
        kind = outline.get("type")
    if kind == "Feature":
        outline = outline.get("geometry") or {}
    try:
        shape = shapely.force_2d(shapely.geometry.shape(outline))
    except (shapely.errors.ShapelyError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise BAD_OUTLINE(why=str(error)) from error
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    parts = [one for one in shapely.get_parts(shapely.get_parts(shape)) if one.geom_type == "Polygon" and one.area > 0]
    if not parts:
        raise BAD_OUTLINE(why=f"{shape.geom_type}, no area")
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -89 <= south <= north <= 89):
        raise BAD_OUTLINE(why=f"not in degrees: {west:.0f}…{east:.0f}, {south:.0f}…{north:.0f}")
    return shapely.union_all(parts, grid_size=10.0**-DECIMALS)


def _light(shape: shapely.Geometry) -> shapely.Geometry:
    """The same outline with at most `MOST_POINTS` points."""
    tolerance = 2 * 10.0**-DECIMALS
    light = shape
    while shapely.get_num_coordinates(light) > MOST_POINTS:
        light = shape.simplify(tolerance)
        tolerance *= 1.6
    return light


def _hull(places: Sequence[Place], leaves: int) -> shapely.Geometry:
    """A plain shape for a county without an outline: around the known seats, else a hexagon around the one known (or none)."""
    known = [place.seat for place in places if place.seat is not None]
    middle = tuple(np.mean(known, axis=0)) if known else (0.0, 0.0)
    to_metres, to_degrees = _projection(shapely.Point(middle))
    side = math.sqrt(2 * KM2_PER_LEAF * 1e6 * leaves / (3 * math.sqrt(3)))
    corners = [(side * math.cos(math.radians(60 * k)), side * math.sin(math.radians(60 * k))) for k in range(6)]
    shape = shapely.Polygon(corners)
    if len(known) >= 3:
        around = shapely.MultiPoint(to_metres(np.array(known, dtype=float))).convex_hull
        if around.area > 0:
            shape = around.buffer(MARGIN * math.sqrt(around.area), quad_segs=4)
    return shapely.set_precision(shapely.transform(shape, to_degrees), 10.0**-DECIMALS)


def _projection(shape: shapely.Geometry) -> tuple[Any, Any]:
    """Functions from degrees to metres and back: Lambert's equal-area projection around the shape's middle."""
    middle = shape.centroid
    local = CRS.from_proj4(f"+proj=laea +lat_0={middle.y:.6f} +lon_0={middle.x:.6f} +datum=WGS84 +units=m")
    there = Transformer.from_crs("EPSG:4326", local, always_xy=True)

    def to_metres(points: Any) -> Any:
        return np.column_stack(there.transform(points[:, 0], points[:, 1]))

    def to_degrees(points: Any) -> Any:
        return np.column_stack(there.transform(points[:, 0], points[:, 1], direction="INVERSE"))

    return to_metres, to_degrees


def _rounded(geometry: Any) -> dict[str, Any]:
    """A GeoJSON geometry with lists for tuples and `DECIMALS` digits."""

    def numbers(value: Any) -> Any:
        return round(value, DECIMALS) if isinstance(value, float) else [numbers(one) for one in value]

    return {"type": geometry["type"], "coordinates": numbers(geometry["coordinates"])}
