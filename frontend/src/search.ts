import htmx from "htmx.org";

const WAIT_MS = 250;

/** Search while typing, but never in the middle of a pinyin composition: a swap would destroy it. */
export function search(): void {
  let timer = 0;
  let last = "";

  function later(field: HTMLInputElement): void {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      const form = field.form;
      if (!form || field.value === last) return;
      last = field.value;
      htmx.trigger(form, "kit:search");
    }, WAIT_MS);
  }

  document.addEventListener("focusin", (event) => {
    const field = event.target as HTMLInputElement;
    if (field.matches?.("[data-search]")) last = field.value;
  });
  for (const kind of ["input", "compositionend"]) {
    document.addEventListener(kind, (event) => {
      const field = event.target as HTMLInputElement;
      if (!field.matches?.("[data-search]") || (event as InputEvent).isComposing) return;
      later(field);
    });
  }
}
