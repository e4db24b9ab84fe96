import type { MapData } from "./map-view";

/** Maps are an island: the page stands without them, and the library is fetched when a map comes into view. */

function hasWebGL(): boolean {
  try {
    return document.createElement("canvas").getContext("webgl2") !== null;
  } catch {
    return false;
  }
}

function say(place: HTMLElement, words: string): void {
  const message = document.createElement("p");
  message.className = "map-message";
  message.textContent = words;
  place.replaceChildren(message);
  place.style.height = "auto";
}

async function show(place: HTMLElement): Promise<void> {
  const data = JSON.parse(document.getElementById(place.dataset["values"] ?? "")?.textContent ?? "null") as MapData | null;
  if (!data) return;
  if (!hasWebGL()) {
    say(place, data.words.no_webgl);
    return;
  }
  try {
    const { draw } = await import("./map-view");
    await draw(place, data);
  } catch (error) {
    console.error(error);
    say(place, data.words.failed);
  }
}

const seen = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      void show(entry.target as HTMLElement);
    }
  },
  { rootMargin: "200px" },
);

for (const place of document.querySelectorAll<HTMLElement>("[data-map]")) seen.observe(place);
