"""Small maps drawn on the server: GeoJSON in, the paths of an SVG out. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import cos, radians
from typing import Any

from bangfu.kit.parts import Drawing, Shape


def drawing(
    cells: Mapping[str, Any], here: str | Collection[str], *, width: int = 360, height: int = 260, margin: int = 6
) -> Drawing:
    """Draw the polygons of a FeatureCollection, the one whose `path` is `here` (or those whose paths are among it) marked, north up, true in
    proportion.

    Each feature has the properties `path` and `name`. An empty collection gives an empty drawing.
    """
    features = [f for f in cells.get("features", []) if f.get("geometry") and f.get("properties", {}).get("part") != "outline"]
    points = [p for f in features for ring in _rings(f["geometry"]) for p in ring]
    if not points:
        return Drawing(width, height)
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    marked = {here} if isinstance(here, str) else set(here)
    squeeze = cos(radians((south + north) / 2))
    wide, high = max((east - west) * squeeze, 1e-9), max(north - south, 1e-9)
    scale = min((width - 2 * margin) / wide, (height - 2 * margin) / high)
    left, top = (width - wide * scale) / 2, (height - high * scale) / 2

    def at(point: tuple[float, float]) -> str:
        return f"{left + (point[0] - west) * squeeze * scale:.1f} {top + (north - point[1]) * scale:.1f}"

    shapes = [
        Shape(
            d="".join(f"M{'L'.join(at(p) for p in ring)}Z" for ring in _rings(f["geometry"])),
            name=str(f.get("properties", {}).get("name", "")),
            here=f.get("properties", {}).get("path") in marked,
        )
        for f in features
    ]
    return Drawing(width, height, sorted(shapes, key=lambda shape: shape.here))


def _rings(geometry: Mapping[str, Any]) -> Iterator[list[tuple[float, float]]]:
    polygons: Sequence[Any] = {"Polygon": [geometry["coordinates"]], "MultiPolygon": geometry["coordinates"]}.get(
        geometry["type"], []
    )
    for polygon in polygons:
        for ring in polygon:
            yield [(float(p[0]), float(p[1])) for p in ring]
