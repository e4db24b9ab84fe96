import type { FeatureCollection, Geometry, Position } from "geojson";

/** More than nothing, however little: the threshold that keeps what is nothing apart from what is little. */
const ANYTHING = Number.MIN_VALUE;

/** A value as people read it: a share to a thousandth, where what is not nothing never becomes nothing. Classes go by it, so that two areas
 * with one number have one colour. */
export function asRead(value: number, shares: boolean): number {
  return shares && value > 0 ? Math.max(Math.round(value * 1000) / 1000, ANYTHING) : value;
}

/**
 * Rising thresholds of at most `classes` classes with about equally many values in each. What is nothing has a class of its own, no class
 * is empty, and thresholds differ as they are written: shares as `asRead` gives them, else to two digits.
 */
export function breaksOf(values: number[], classes: number, shares: boolean): number[] {
  const some = values.filter((value) => value > 0).sort((a, b) => a - b);
  const least = some[0];
  if (least === undefined) return [];
  const breaks = some.length < values.length ? [ANYTHING] : [];
  const parts = classes - breaks.length;
  let below = least;
  for (let i = 1; i < parts; i += 1) {
    const at = some[Math.floor((i * some.length) / parts)] ?? 0;
    const written = shares ? at : Number(at.toPrecision(2));
    if (!some.some((value) => value >= below && value < written) || !some.some((value) => value >= written)) continue;
    breaks.push(written);
    below = written;
  }
  return breaks;
}

/** What each class is called: by its lower threshold, the first by its upper one, a single one by the values that are there. */
export function wordsOf(values: number[], breaks: number[], write: (value: number) => string): string[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const from = (limit: number): string => (limit === ANYTHING ? "> 0" : `≥ ${write(limit)}`);
  if (values.length === 0) return [];
  const [first, second] = breaks;
  if (first === undefined) {
    const [low, high] = [least, most].map((value) => (value === ANYTHING ? "> 0" : write(value)));
    return [low === high ? String(low) : `${low} – ${high}`];
  }
  const words = [first === ANYTHING ? write(0) : `< ${write(first)}`, ...breaks.map(from)];
  if (first === ANYTHING && second !== undefined) words[1] = `< ${write(second)}`;
  return words;
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
