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

  // Areas can be many: a menu with a filter field shows those that contain what is typed.
  document.addEventListener("input", (event) => {
    const field = event.target as HTMLInputElement;
    if (!field.matches?.("[data-narrows]")) return;
    const words = field.value.trim().toLowerCase();
    for (const item of field.closest(".sheet")?.querySelectorAll<HTMLElement>("li[data-words]") ?? []) {
      item.hidden = words !== "" && !(item.dataset["words"] ?? "").toLowerCase().includes(words);
    }
  });
}
