import "./styles/phone.css";

// `navigator.clipboard` is missing on plain pages and in the windows of messengers: the old way works there.
async function copied(field: HTMLInputElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.setSelectionRange(0, field.value.length);
    return document.execCommand("copy");
  }
}

document.addEventListener("click", async (event) => {
  const button = (event.target as HTMLElement).closest<HTMLButtonElement>("[data-copies]");
  const field = button && document.getElementById(button.dataset.copies ?? "");
  if (!button || !(field instanceof HTMLInputElement)) return;
  if (!(await copied(field))) return;
  button.textContent = button.dataset.done ?? "";
  const voice = document.getElementById("voice");
  if (voice) voice.textContent = button.textContent;
});
