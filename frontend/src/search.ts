import htmx from "htmx.org";

const WAIT_MS = 250;

/** Search while typing, but never in the middle of a pinyin composition: a swap would destroy it. */
export function search(): void {
  // Somebody's whole number is sent by a form of its own and never stands in an address.
  const whole = (field: HTMLInputElement): boolean =>
    Boolean(field.dataset.numbers) && /\d{11,}/.test(field.value.normalize("NFKC").replace(/[\s-]/g, ""));

  document.addEventListener(
    "submit",
    (event) => {
      const field = (event.target as HTMLElement).querySelector<HTMLInputElement>("[data-numbers]");
      if (!field || !whole(field)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const form = document.getElementById(field.dataset.numbers ?? "") as HTMLFormElement;
      (form.elements.namedItem("number") as HTMLInputElement).value = field.value;
      form.submit();
    },
    { capture: true },
  );

  let timer = 0;
  let last = "";

  function later(field: HTMLInputElement): void {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      const form = field.form;
      if (!form || field.value === last || whole(field)) return;
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
