"""Power diagrams with given areas: a polygon parted among seats so that each cell has its share. Pure geometry, in metres.

A power diagram gives seat i the points x with |x - s_i|² - w_i least. For any seats there are weights w under which the cells
have any given areas (Aurenhammer, Hoffmann, Aronov 1998); they are found by a damped Newton iteration, whose Jacobian is made
of the lengths of shared edges (Kitagawa, Mérigot, Thibert 2019). Seats that nobody knows move to the middle of their cells
(Lloyd), which makes cells compact. Everything is deterministic. Work grows with the square of the number of seats: made for the
tens of children that an area has.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROUNDS = 10  # of moving seats to the middle of their cells
STEPS = 25  # of Newton's iteration at most
CLOSE_ENOUGH = 0.01  # of the smallest share
LEAST_SHARE = 0.05  # of an equal share: no weight makes a cell vanish


@dataclass(frozen=True, slots=True)
class Seats:
    """Where cells begin. Shapes: `at` (n, 2) in metres, NaN where unknown; `fixed` (n,): known and not to be moved; `weight` (n,)."""

    at: Floats
    fixed: NDArray[np.bool_]
    weight: Floats


@dataclass(frozen=True, slots=True)
class _Diagram:
    """Cells within the domain, their areas (m²) and the length (m) of the edges that two of them share."""

    cells: list[shapely.Geometry]
    area: Floats
    shared: Floats


def part(domain: shapely.Geometry, seats: Seats) -> tuple[list[shapely.Geometry], Floats]:
    """Part a domain among seats: the cells, in their order, and where the seats came to lie.

    Cells do not overlap, fill the domain and are never empty; areas are in proportion to the weights (to about one per cent) unless
    a fixed seat would fall out of its own cell: then they come as near as the seat allows. A piece that the domain's shape cuts off
    from its cell goes to the neighbour that it touches most, and takes its area along.
    """
    count = len(seats.weight)
    if count == 1:
        at = seats.at.copy()
        if np.isnan(at).any() or not domain.covers(shapely.points(at[0])):
            at[0] = _middle(domain)
        return [domain], at
    equal = 1.0 / count
    share = np.maximum(seats.weight / seats.weight.sum(), LEAST_SHARE * equal)
    target = share / share.sum() * domain.area
    at, fixed = _start(domain, seats)
    shapely.prepare(domain)
    weights = np.zeros(count)
    for _ in range(ROUNDS):
        weights, diagram = _fit(domain, at, target, weights)
        moved = np.array([_middle(cell) for cell in diagram.cells])
        step = np.where(fixed[:, None], at, moved)
        if np.abs(step - at).max() < 1e-3 * math.sqrt(domain.area * equal):
            break
        at = step
    _, diagram = _fit(domain, at, target, weights)
    if not _seated(diagram, at, fixed):
        plain = _diagram(domain, at, np.zeros(count))
        for blend in (0.75, 0.5, 0.25, 0.0):
            diagram = plain if blend == 0 else _fit(domain, at, blend * target + (1 - blend) * plain.area, np.zeros(count))[1]
            if _seated(diagram, at, fixed):
                break
    return _whole(diagram.cells, at), at


def _start(domain: shapely.Geometry, seats: Seats) -> tuple[Floats, NDArray[np.bool_]]:
    """A place in the domain for every seat: the known ones, the others each as far from all before it as can be."""
    at, fixed = seats.at.copy(), seats.fixed.copy()
    grid = _lattice(domain, 60 * len(at))
    taken: list[Floats] = []
    spread = math.sqrt(domain.area / len(at))
    for number in range(len(at)):
        if np.isnan(at[number]).any():
            fixed[number] = False
        elif not domain.covers(shapely.points(at[number])):
            at[number] = np.nan if domain.distance(shapely.points(at[number])) > spread else _nearest(grid, at[number])
            fixed[number] = False
        if not np.isnan(at[number]).any():
            if any(np.hypot(*(one - at[number])) < 1e-3 * spread for one in taken):
                at[number], fixed[number] = np.nan, False  # two seats on one spot cannot both have a cell
            else:
                taken.append(at[number])
    for number in np.flatnonzero(np.isnan(at[:, 0])).tolist():
        if taken:
            gap = np.min([np.hypot(*(grid - one).T) for one in taken], axis=0)
            at[number] = grid[int(np.argmax(gap))]
        else:
            at[number] = _nearest(grid, np.array(_middle(domain)))
        taken.append(at[number])
    return at, fixed


def _lattice(domain: shapely.Geometry, count: int) -> Floats:
    """About so many points of a regular lattice that lie in the domain."""
    west, south, east, north = domain.bounds
    step = math.sqrt(domain.area / count)
    while True:
        x, y = np.meshgrid(np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step))
        x = x + np.where(np.arange(len(y))[:, None] % 2, step / 2, 0.0)  # rows are shifted, so that no two distances tie
        points = np.column_stack([x.ravel(), y.ravel()])
        inside: Floats = points[shapely.contains_xy(domain, points[:, 0], points[:, 1])]
        if len(inside) >= count / 2:
            return inside
        step *= 0.7


def _nearest(grid: Floats, point: Floats) -> Floats:
    found: Floats = grid[int(np.argmin(np.hypot(*(grid - point).T)))]
    return found


def _middle(cell: shapely.Geometry) -> tuple[float, float]:
    """The centroid where it lies within, else a point that does."""
    point = cell.centroid
    if not cell.contains(point):
        point = cell.representative_point()
    return float(point.x), float(point.y)


def _fit(domain: shapely.Geometry, at: Floats, target: Floats, weights: Floats) -> tuple[Floats, _Diagram]:
    """Weights under which the cells have the target areas (to `CLOSE_ENOUGH` of the smallest), and their diagram."""
    diagram = _diagram(domain, at, weights)
    if diagram.area.min() <= 0:
        weights = np.zeros(len(at))
        diagram = _diagram(domain, at, weights)
    floor = 0.5 * min(diagram.area.min(), target.min())
    distance = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    np.fill_diagonal(distance, 1.0)
    error = float(np.abs(target - diagram.area).max())
    for _ in range(STEPS):
        if error < CLOSE_ENOUGH * target.min():
            break
        jacobian = -diagram.shared / (2 * distance)
        np.fill_diagonal(jacobian, 0.0)
        np.fill_diagonal(jacobian, -jacobian.sum(axis=1))
        # Weights count up to a constant: the least-squares solution has mean zero.
        step = np.linalg.lstsq(jacobian, target - diagram.area, rcond=None)[0]
        for halving in range(12):
            tried = weights + step / 2**halving
            next_diagram = _diagram(domain, at, tried)
            next_error = float(np.abs(target - next_diagram.area).max())
            if next_diagram.area.min() > floor and next_error < error:
                weights, diagram, error = tried, next_diagram, next_error
                break
        else:
            break
    return weights, diagram


def _diagram(domain: shapely.Geometry, at: Floats, weights: Floats) -> _Diagram:
    """The power diagram of seats and weights within the domain."""
    west, south, east, north = domain.bounds
    margin = 0.1 * max(east - west, north - south)
    box = [
        (west - margin, south - margin),
        (east + margin, south - margin),
        (east + margin, north + margin),
        (west - margin, north + margin),
    ]
    count = len(at)
    hulls: list[list[tuple[float, float]]] = []
    pairs: list[tuple[int, int]] = []
    edges: list[list[tuple[float, float]]] = []
    squares = (at**2).sum(axis=1)
    for one in range(count):
        corners, sides = list(box), [-1] * 4
        for other in np.argsort(((at - at[one]) ** 2).sum(axis=1), kind="stable"):
            if other == one or not corners:
                continue
            normal = 2 * (at[other] - at[one])
            bound = squares[other] - squares[one] - weights[other] + weights[one]
            corners, sides = _cut(corners, sides, float(normal[0]), float(normal[1]), float(bound), int(other))
        hulls.append(corners)
        for number, other in enumerate(sides):
            if other > one:
                pairs.append((one, other))
                edges.append([corners[number], corners[(number + 1) % len(corners)]])
    shapes = shapely.intersection([shapely.Polygon(hull) if len(hull) > 2 else shapely.Polygon() for hull in hulls], domain)
    shared = np.zeros((count, count))
    if edges:
        lengths = shapely.length(shapely.intersection(shapely.linestrings(np.array(edges)), domain))
        for (one, other), length in zip(pairs, lengths, strict=True):
            shared[one, other] = shared[other, one] = length
    return _Diagram(list(shapes), shapely.area(shapes), shared)


def _cut(
    corners: list[tuple[float, float]], sides: list[int], a: float, b: float, bound: float, other: int
) -> tuple[list[tuple[float, float]], list[int]]:
    """The part of a convex polygon where a·x + b·y ≤ bound. `sides[k]` says whose border runs from corner k to the next."""
    over = [a * x + b * y - bound for x, y in corners]
    if max(over) <= 0:
        return corners, sides
    made: list[tuple[float, float]] = []
    marks: list[int] = []
    for number, (corner, excess) in enumerate(zip(corners, over, strict=True)):
        following = (number + 1) % len(corners)
        inside, stays = excess <= 0, over[following] <= 0
        if inside:
            made.append(corner)
            marks.append(sides[number])
        if inside != stays:
            ratio = excess / (excess - over[following])
            x, y = corners[following]
            made.append((corner[0] + ratio * (x - corner[0]), corner[1] + ratio * (y - corner[1])))
            # Leaving the half-plane the new border begins here, entering it the old side goes on.
            marks.append(other if inside else sides[number])
    return made, marks


def _seated(diagram: _Diagram, at: Floats, fixed: NDArray[np.bool_]) -> bool:
    """Whether each fixed seat lies in its own cell."""
    return all(diagram.cells[one].covers(shapely.points(at[one])) for one in np.flatnonzero(fixed))


def _whole(cells: Sequence[shapely.Geometry], at: Floats) -> list[shapely.Geometry]:
    """Cells in one piece where the domain allows: a piece that is cut off goes to the neighbour that it touches most."""
    mains: list[list[shapely.Geometry]] = []
    loose: list[tuple[int, shapely.Geometry]] = []
    for one, cell in enumerate(cells):
        pieces = [piece for piece in shapely.get_parts(cell) if piece.geom_type == "Polygon" and piece.area > 0]
        pieces.sort(key=lambda piece: (not piece.covers(shapely.points(at[one])), -piece.area))
        mains.append(pieces[:1])
        loose += [(one, piece) for piece in pieces[1:]]
    for owner, piece in sorted(loose, key=lambda pair: -pair[1].area):
        ring = piece.buffer(1.0)
        touch = [shapely.area(shapely.intersection(ring, shapely.union_all(main))) for main in mains]
        best = int(np.argmax(touch))
        mains[best if touch[best] > 0 else owner].append(piece)
    return [main[0] if len(main) == 1 else shapely.union_all(main, grid_size=0.001) for main in mains]
