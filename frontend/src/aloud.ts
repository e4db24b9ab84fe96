/** A text is read aloud by a voice of the machine itself, where it has one for the language: nothing is sent anywhere. */
export function aloud(): void {
  if (!("speechSynthesis" in window)) return;
  const speech = window.speechSynthesis;
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-aloud]")) {
    const text = document.getElementById(button.dataset["aloud"] ?? "");
    if (!text) continue;
    const start = button.textContent ?? "";
    const language = text.lang.startsWith("en") ? "en" : "zh";
    const voice = (): SpeechSynthesisVoice | undefined =>
      speech.getVoices().find((one) => one.localService && one.lang.toLowerCase().startsWith(language));
    const show = (): void => {
      button.hidden = voice() === undefined;
    };
    const over = (): void => {
      button.textContent = start;
    };
    show();
    speech.addEventListener?.("voiceschanged", show);
    button.addEventListener("click", () => {
      const speaker = voice();
      if (speech.speaking || !speaker) {
        speech.cancel();
        over();
        return;
      }
      button.textContent = button.dataset["stop"] ?? start;
      const paragraphs = [...text.querySelectorAll("p")];
      paragraphs.forEach((paragraph, n) => {
        const said = new SpeechSynthesisUtterance(paragraph.textContent ?? "");
        said.voice = speaker;
        said.lang = speaker.lang;
        said.rate = 0.9;
        if (n === paragraphs.length - 1) said.addEventListener("end", over);
        speech.speak(said);
      });
    });
    window.addEventListener("pagehide", () => speech.cancel());
  }
}
