/** `/` goes to the search, j and k (or the arrows, once a row is chosen) walk the rows, Enter or o opens the row; n and p turn to the
 *  next and the previous page, where the page has them. */
export function keyboard(): void {
  const rows = (): HTMLTableRowElement[] => [...document.querySelectorAll<HTMLTableRowElement>("table.data tbody tr[data-href]")];
  const chosen = (): HTMLTableRowElement | null => document.querySelector('table.data tbody tr[data-chosen]');

  function choose(step: number): void {
    const all = rows();
    if (all.length === 0) return;
    const now = chosen();
    const next = now ? Math.min(Math.max(all.indexOf(now) + step, 0), all.length - 1) : step > 0 ? 0 : all.length - 1;
    now?.removeAttribute("data-chosen");
    const row = all[next];
    if (!row) return;
    row.setAttribute("data-chosen", "");
    row.querySelector<HTMLAnchorElement>("a[href]")?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target as HTMLElement;
    if (target.matches("input, select, textarea, [contenteditable], .maplibregl-canvas")) {
      if (event.key === "Escape" && target.matches('input[type="search"]')) target.blur();
      return;
    }
    switch (event.key) {
      case "/": {
        const field = document.querySelector<HTMLInputElement>("[data-search]");
        if (!field) return;
        field.focus();
        field.select();
        break;
      }
      case "j":
        choose(1);
        break;
      case "k":
        choose(-1);
        break;
      case "ArrowDown":
      case "ArrowUp":
        if (!chosen()?.contains(target)) return;
        choose(event.key === "ArrowDown" ? 1 : -1);
        break;
      case "o": {
        const href = chosen()?.dataset["href"];
        if (!href) return;
        window.location.assign(href);
        break;
      }
      case "n":
      case "p": {
        const turn = document.querySelector<HTMLAnchorElement>(event.key === "n" ? 'a[rel="next"]' : 'a[rel="prev"]');
        if (!turn) return;
        turn.click();
        break;
      }
      default:
        return;
    }
    event.preventDefault();
  });

  // A click anywhere on a row opens it, unless it lands on something of its own or selects text.
  document.addEventListener("click", (event) => {
    const target = event.target as HTMLElement;
    const row = target.closest<HTMLTableRowElement>("table.data tbody tr[data-href]");
    if (!row || target.closest("a, button, input, label, summary") || window.getSelection()?.toString()) return;
    const href = row.dataset["href"] ?? "";
    if (event.ctrlKey || event.metaKey) window.open(href, "_blank", "noopener");
    else window.location.assign(href);
  });
}
