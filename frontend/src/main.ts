import "./styles/main.css";
import htmx from "htmx.org";
import { aloud } from "./aloud";
import { copying } from "./copying";
import { menus } from "./menus";
import { keyboard } from "./keyboard";
import { personal } from "./personal";
import { search } from "./search";
import { ticking } from "./ticking";

// Nothing is evaluated from attributes, no style is written into the page, no script comes with a fragment.
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0;
htmx.config.refreshOnHistoryMiss = true;
htmx.config.scrollIntoViewOnBoost = false;
htmx.config.defaultSwapStyle = "outerHTML";
htmx.config.timeout = 30_000;

function cookie(name: string): string {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

document.addEventListener("htmx:configRequest", (event) => {
  const { detail } = event as CustomEvent<{ verb: string; headers: Record<string, string>; formData: FormData }>;
  if (detail.verb !== "get") {
    detail.headers["X-CSRFToken"] = cookie("__Host-csrftoken") || cookie("csrftoken");
    return;
  }
  // Columns that nobody chose are not part of the address.
  const form = (event.target as HTMLElement).closest("form");
  const boxes = [...(form?.querySelectorAll<HTMLInputElement>('input[name="cols"]') ?? [])];
  if (boxes.length > 0 && boxes.every((box) => "default" in box.dataset && box.checked === box.defaultChecked)) detail.formData.delete("cols");
  // The address is the state and is shared: leave out of it what says nothing.
  for (const name of new Set(detail.formData.keys())) {
    const said = detail.formData.getAll(name).filter((value) => value !== "");
    detail.formData.delete(name);
    for (const value of said) detail.formData.append(name, value);
  }
});

// A log-in page or a problem page that comes in answer to a partial request is shown whole.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event as CustomEvent<{ xhr: XMLHttpRequest; shouldSwap: boolean; target: HTMLElement; requestConfig: { path: string; verb: string } }>;
  if (detail.target.id === "area-hits" && detail.xhr.status < 400) return;
  if ("partial" in detail.target.dataset) {
    // What somebody has typed beside it is not lost to an answer that is none.
    detail.shouldSwap = detail.xhr.status < 400 && detail.xhr.responseText.includes("data-partial");
    return;
  }
  const whole = detail.xhr.status >= 400 || !detail.xhr.responseText.includes('id="listing"');
  if (!whole) return;
  detail.shouldSwap = false;
  if (detail.requestConfig.verb === "get") window.location.assign(detail.xhr.responseURL || detail.requestConfig.path);
  else window.location.reload();
});

// What is said aloud after a list has changed.
document.addEventListener("htmx:afterSettle", (event) => {
  const count = (event.target as HTMLElement).querySelector?.("[data-count]");
  const voice = document.getElementById("voice");
  if (count && voice) voice.textContent = count.textContent;
});

// A choice that is the whole of its form is sent as it is made; without it there is a button.
document.addEventListener("change", (event) => {
  const field = event.target as HTMLSelectElement;
  if (!field.matches("[data-submits]")) return;
  const query = new URLSearchParams(window.location.search);
  for (const name of [field.name, "after", "before"]) query.delete(name);
  if (field.name === "guarantee") query.delete("sort");
  if (field.value) query.set(field.name, field.value);
  window.location.assign(`${window.location.pathname}?${query}`);
});

menus();
personal();
keyboard();
search();
aloud();
copying();
ticking();
