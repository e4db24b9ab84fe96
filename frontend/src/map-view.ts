import { Map as MapLibre, NavigationControl, setWorkerUrl } from "maplibre-gl";
import type { LngLatBoundsLike, MapGeoJSONFeature, MapMouseEvent } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import "maplibre-gl/dist/maplibre-gl.css";
import type { Feature, FeatureCollection, Geometry, Position } from "geojson";
import { asRead, breaksOf, classOf, labelPoint, extent, wordsOf } from "./shapes";

setWorkerUrl(workerUrl);

export interface MapCell {
  value: number | null;
  text: string;
  name?: string;
  url?: string;
}

export interface MapData {
  cells: Record<string, MapCell>;
  breaks?: number[];
  here?: string;
  percent?: boolean;
  words: { none: string; failed: string; no_webgl: string; open: string; title: string; gestures: string };
}

type Cells = FeatureCollection<Geometry, Record<string, unknown>>;

const CLASSES = 5;

async function read(url: string): Promise<Cells> {
  const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/geo+json, application/json" } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return (await answer.json()) as Cells;
}

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function pathOf(feature: Feature<Geometry, Record<string, unknown>> | MapGeoJSONFeature): string {
  return String(feature.properties?.["path"] ?? feature.id ?? "");
}

/** Draw the outline and the cells, coloured by their figures; hover and tap name the figure, click goes into the cell. */
export async function draw(place: HTMLElement, data: MapData): Promise<void> {
  const borders = place.dataset["borders"];
  const [drawn, border] = await Promise.all([read(place.dataset["cells"] ?? ""), borders ? read(borders) : Promise.resolve(null)]);
  const part = (outer: boolean): Cells => ({
    type: "FeatureCollection",
    features: drawn.features.filter((feature) => (feature.properties["part"] === "outline") === outer),
  });
  const [outline, cells] = [part(true), part(false)];
  const english = document.documentElement.lang.startsWith("en");
  const scale = Array.from({ length: CLASSES }, (_, i) => token(`--seq-${i + 1}`));
  const empty = token("--seq-none");
  const shares = data.percent ?? false;
  const values = Object.values(data.cells).flatMap((cell) => (cell.value === null ? [] : [asRead(cell.value, shares)]));
  const breaks = data.breaks ?? breaksOf(values, CLASSES, shares);

  const labels: Feature[] = [];
  for (const feature of cells.features) {
    const path = pathOf(feature);
    const cell = data.cells[path];
    const step = cell?.value == null ? -1 : classOf(asRead(cell.value, shares), breaks);
    const name = cell?.name ?? String((english && feature.properties["name_en"]) || feature.properties["name"] || "");
    feature.properties = { ...feature.properties, path, name, fill: step < 0 ? empty : (scale[step] ?? empty) };
    const at = (feature.properties["label"] as Position | undefined) ?? labelPoint(feature.geometry);
    const text = cell?.value == null ? name : `${name}\n${cell.text}`;
    labels.push({
      type: "Feature",
      geometry: { type: "Point", coordinates: at },
      properties: { text, order: -(cell?.value ?? 0), light: step >= 3 },
    });
  }

  const bounds: LngLatBoundsLike = extent(outline.features.length ? outline : cells);
  place.replaceChildren();
  const map = new MapLibre({
    container: place,
    bounds,
    fitBoundsOptions: { padding: 18 },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    renderWorldCopies: false,
    cooperativeGestures: true,
    fadeDuration: 0,
    maxZoom: 14,
    locale: {
      "Map.Title": data.words.title,
      "CooperativeGesturesHandler.WindowsHelpText": data.words.gestures,
      "CooperativeGesturesHandler.MacHelpText": data.words.gestures,
      "CooperativeGesturesHandler.MobileHelpText": data.words.gestures,
    },
    localIdeographFontFamily: token("--font-cjk"),
    // Without a glyphs address every letter is drawn here, from the fonts of this machine.
    style: { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": token("--wash") } }] },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  await map.once("load");

  map.addSource("cells", { type: "geojson", data: cells, promoteId: "path" });
  map.addSource("outline", { type: "geojson", data: outline });
  map.addSource("labels", { type: "geojson", data: { type: "FeatureCollection", features: labels } });
  map.addLayer({ id: "cells", type: "fill", source: "cells", paint: { "fill-color": ["get", "fill"], "fill-antialias": false } });
  map.addLayer({ id: "cell-edges", type: "line", source: "cells", paint: { "line-color": token("--paper"), "line-width": 1 } });
  if (border) {
    map.addSource("borders", { type: "geojson", data: border });
    map.addLayer({ id: "borders", type: "line", source: "borders", paint: { "line-color": token("--ink-2"), "line-width": 1 } });
  }
  map.addLayer({ id: "outline", type: "line", source: "outline", paint: { "line-color": token("--ink-2"), "line-width": 1.5 } });
  map.addLayer({
    id: "chosen",
    type: "line",
    source: "cells",
    filter: ["==", ["get", "path"], data.here ?? ""],
    paint: { "line-color": token("--ink"), "line-width": 2.5 },
  });
  map.addLayer({
    id: "labels",
    type: "symbol",
    source: "labels",
    layout: {
      "text-field": ["get", "text"],
      "text-font": [token("--font")],
      "text-size": 12,
      "text-line-height": 1.25,
      "text-padding": 3,
      "text-max-width": 7,
      "symbol-sort-key": ["get", "order"],
    },
    paint: {
      "text-color": ["case", ["get", "light"], token("--paper"), token("--ink")],
      "text-halo-color": ["case", ["get", "light"], token("--seq-5"), token("--paper")],
      "text-halo-width": 1.1,
    },
  });
  map.getCanvas().setAttribute("aria-label", data.words.title);

  legend(place, data, wordsOf(values, breaks, writer(data)), scale, empty, cells.features.some((f) => data.cells[pathOf(f)]?.value == null));
  pointing(place, map, data);
}

function writer(data: MapData): (value: number) => string {
  const number = new Intl.NumberFormat(document.documentElement.lang, {
    maximumFractionDigits: 1,
    ...(data.percent ? { style: "percent" as const } : {}),
  });
  return (value) => number.format(value);
}

function legend(place: HTMLElement, data: MapData, words: string[], scale: string[], empty: string, blank: boolean): void {
  const list = document.getElementById(place.dataset["scale"] ?? "");
  if (!list) return;
  const items = words.map((word, i) => item(scale[i] ?? empty, word));
  list.replaceChildren(...items, ...(blank ? [item(empty, data.words.none, "none")] : []));
}

function item(colour: string, words: string, kind = ""): HTMLLIElement {
  const li = document.createElement("li");
  li.className = kind;
  const swatch = document.createElement("i");
  swatch.style.background = colour;
  li.append(swatch, words);
  return li;
}

function pointing(place: HTMLElement, map: MapLibre, data: MapData): void {
  const tip = document.createElement("div");
  tip.className = "map-tip";
  tip.hidden = true;
  place.append(tip);
  let shown = "";

  const rowOf = (path: string): HTMLElement | null =>
    path ? document.querySelector<HTMLElement>(`tr[data-path="${CSS.escape(path)}"]`) : null;

  function choose(path: string): void {
    rowOf(shown)?.removeAttribute("data-chosen");
    rowOf(path)?.setAttribute("data-chosen", "");
    shown = path;
    map.setFilter("chosen", ["==", ["get", "path"], path || (data.here ?? "")]);
  }

  function show(event: MapMouseEvent, path: string, name: string): void {
    const cell = data.cells[path];
    const title = document.createElement("b");
    title.textContent = cell?.name ?? name;
    tip.replaceChildren(title, cell ? cell.text : data.words.none);
    if (cell?.url && isTouch()) {
      const link = document.createElement("a");
      link.href = cell.url;
      link.textContent = data.words.open;
      tip.append(" ", link);
    }
    tip.hidden = false;
    const { clientWidth: width, clientHeight: height } = place;
    tip.style.left = `${Math.max(4, Math.min(event.point.x + 14, width - tip.offsetWidth - 4))}px`;
    tip.style.top = `${Math.max(4, Math.min(event.point.y + 14, height - tip.offsetHeight - 4))}px`;
    choose(path);
  }

  function hide(): void {
    tip.hidden = true;
    choose("");
    map.getCanvas().style.cursor = "";
  }

  const under = (event: MapMouseEvent): MapGeoJSONFeature | undefined => map.queryRenderedFeatures(event.point, { layers: ["cells"] })[0];

  map.on("mousemove", (event) => {
    const feature = under(event);
    if (!feature) {
      hide();
      return;
    }
    const path = pathOf(feature);
    map.getCanvas().style.cursor = data.cells[path]?.url ? "pointer" : "";
    show(event, path, String(feature.properties["name"] ?? ""));
  });
  map.on("mouseout", hide);
  map.on("click", (event) => {
    const feature = under(event);
    if (!feature) {
      hide();
      return;
    }
    const path = pathOf(feature);
    const url = data.cells[path]?.url;
    if (url && !isTouch()) window.location.assign(url);
    else show(event, path, String(feature.properties["name"] ?? ""));
  });

  // The list beside the map and the map point at each other.
  for (const kind of ["mouseover", "focusin"]) {
    document.addEventListener(kind, (event) => {
      const row = (event.target as HTMLElement).closest?.<HTMLElement>("tr[data-path]");
      map.setFilter("chosen", ["==", ["get", "path"], row?.dataset["path"] ?? shown ?? data.here ?? ""]);
    });
  }
  new ResizeObserver(() => map.resize()).observe(place);
}

function isTouch(): boolean {
  return window.matchMedia("(hover: none)").matches;
}
