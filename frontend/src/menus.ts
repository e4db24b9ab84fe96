/** Menus are details elements: one open at a time, Escape and a click elsewhere close them. */
export function menus(): void {
  const open = (): HTMLDetailsElement[] => [...document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")];

  document.addEventListener("click", (event) => {
    const target = event.target as Node;
    for (const menu of open()) {
      const inside = menu.contains(target);
      const onSheet = inside && (menu.querySelector(".sheet")?.contains(target) ?? false);
      const onSummary = inside && (menu.querySelector("summary")?.contains(target) ?? false);
      if (!onSheet && !onSummary) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector<HTMLElement>("summary")?.focus();
      event.preventDefault();
    }
  });

  // A list changes the address without a new page: what a form brings one back to is the address at the time it is sent.
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const next = form.querySelector<HTMLInputElement>('input[name="next"]');
    if (next && form.getAttribute("action") === "/language/") next.value = window.location.pathname + window.location.search;
  });
}
