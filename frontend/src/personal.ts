/** What is shown in full goes after a while, and at once when the page is left or comes back from the browser's memory. */
export function personal(): void {
  const shown = document.querySelector<HTMLElement>("[data-goes]");
  if (!shown) return;
  const back = shown.dataset.back ?? "/";
  const go = (): void => {
    shown.remove();
    window.location.replace(back);
  };
  window.setTimeout(go, Number(shown.dataset.goes) * 1000);
  window.addEventListener("pagehide", () => shown.remove());
}
