/** Rows that are ticked for a form: all of a page at once, how many they are, and only the fields that the chosen act needs. Without a script every box and field is there. */
export function ticking(): void {
  const boxes = (form: string): HTMLInputElement[] => [...document.querySelectorAll<HTMLInputElement>(`input[type="checkbox"][name="row"][form="${form}"]`)];

  function count(form: string): void {
    const rows = boxes(form);
    const ticked = rows.filter((box) => box.checked).length;
    for (const all of document.querySelectorAll<HTMLInputElement>(`input[data-ticks="${form}"]`)) {
      all.checked = rows.length > 0 && ticked === rows.length;
      all.indeterminate = ticked > 0 && ticked < rows.length;
    }
    const element = document.getElementById(form);
    element?.classList.toggle("ticking", ticked > 0);
    for (const told of element?.querySelectorAll("[data-ticked]") ?? []) told.textContent = ticked ? ticked.toLocaleString() : "";
  }

  function choose(select: HTMLSelectElement): void {
    for (const field of select.form?.querySelectorAll<HTMLElement>("[data-for]") ?? [])
      field.hidden = !(field.dataset["for"] ?? "").split(" ").includes(select.value);
  }

  function begin(): void {
    for (const all of document.querySelectorAll<HTMLInputElement>("input[data-ticks]")) {
      all.closest<HTMLElement>("[hidden]")?.removeAttribute("hidden");
      count(all.dataset["ticks"] ?? "");
    }
    document.querySelectorAll<HTMLSelectElement>("select[data-shows]").forEach(choose);
  }

  document.addEventListener("change", (event) => {
    const field = event.target as HTMLInputElement | HTMLSelectElement;
    if (field instanceof HTMLSelectElement) {
      if ("shows" in field.dataset) choose(field);
    } else if (field.dataset["ticks"]) {
      for (const box of boxes(field.dataset["ticks"])) box.checked = field.checked;
      count(field.dataset["ticks"]);
    } else if (field.name === "row" && field.getAttribute("form")) count(field.getAttribute("form") ?? "");
  });
  document.addEventListener("htmx:afterSettle", begin);
  window.addEventListener("pageshow", begin); // also after going back: the browser keeps what was ticked
}
