/** A button copies a text and then sends its form, which notes that somebody did; without a script the form alone is sent. */
export function copying(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const from = form.dataset["copies"];
    const text = from === undefined ? null : (document.getElementById(from) as HTMLTextAreaElement | null);
    if (!text) return;
    event.preventDefault();
    void copy(text).then((done) => {
      const voice = document.getElementById("voice");
      if (voice) voice.textContent = (done ? form.dataset["done"] : form.dataset["failed"]) ?? "";
      if (done) form.submit();
      else text.focus();
    });
  });
}

/** The clipboard is there on secure pages only; elsewhere the text is selected and the browser is asked to copy it. */
async function copy(text: HTMLTextAreaElement): Promise<boolean> {
  if (window.isSecureContext && navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text.value);
      return true;
    } catch {
      // not permitted: the other way may be
    }
  }
  text.select();
  text.setSelectionRange(0, text.value.length);
  return document.execCommand("copy");
}
