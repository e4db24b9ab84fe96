import type { FeatureCollection, Geometry, Position } from "geojson";

/** Thresholds that put about equally many values into each class, rounded to two digits and without repeats. */
export function breaksOf(values: number[], classes: number): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  const breaks: number[] = [];
  for (let i = 1; i < classes; i += 1) {
    const at = sorted[Math.floor((i * sorted.length) / classes)];
    if (at === undefined || at <= 0) continue;
    const nice = Number(at.toPrecision(2));
    if (nice > (breaks.at(-1) ?? -Infinity)) breaks.push(nice);
  }
  return breaks;
}

/** The class a value falls into: the number of thresholds that it reaches. */
export function classOf(value: number, breaks: number[]): number {
  return breaks.filter((limit) => value >= limit).length;
}

function rings(geometry: Geometry): Position[][] {
  if (geometry.type === "Polygon") return geometry.coordinates.slice(0, 1);
  if (geometry.type === "MultiPolygon") return geometry.coordinates.flatMap((polygon) => polygon.slice(0, 1));
  if (geometry.type === "LineString") return [geometry.coordinates];
  if (geometry.type === "MultiLineString") return geometry.coordinates;
  if (geometry.type === "GeometryCollection") return geometry.geometries.flatMap(rings);
  return [];
}

/** The centroid of the largest ring: good enough for cells, which are nearly convex. */
export function labelPoint(geometry: Geometry): Position {
  let best: { area: number; at: Position } = { area: -1, at: [0, 0] };
  for (const ring of rings(geometry)) {
    let doubled = 0;
    let x = 0;
    let y = 0;
    for (let i = 0; i + 1 < ring.length; i += 1) {
      const [x1 = 0, y1 = 0] = ring[i] ?? [];
      const [x2 = 0, y2 = 0] = ring[i + 1] ?? [];
      const cross = x1 * y2 - x2 * y1;
      doubled += cross;
      x += (x1 + x2) * cross;
      y += (y1 + y2) * cross;
    }
    if (Math.abs(doubled) > best.area && doubled !== 0) best = { area: Math.abs(doubled), at: [x / (3 * doubled), y / (3 * doubled)] };
  }
  return best.at;
}

/** West, south, east, north of everything in a collection. */
export function extent(collection: FeatureCollection): [number, number, number, number] {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const feature of collection.features) {
    for (const [x = 0, y = 0] of rings(feature.geometry).flat()) {
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
  }
  return box;
}
