import "./styles/report.css";

const LONGEST = 3 * 60 * 1000; // milliseconds of a recording
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

function button(words: string): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button";
  made.textContent = words;
  return made;
}

/** A recorder beside the field for a file: what was recorded becomes that field's file, so that the form is the same with and without it. */
function recording(field: HTMLElement): void {
  const input = field.querySelector<HTMLInputElement>("input[type=file]");
  if (!input || !navigator.mediaDevices?.getUserMedia || typeof MediaRecorder === "undefined" || typeof DataTransfer === "undefined") return;
  const words = (name: string) => field.dataset[name] ?? "";
  const start = button(words("start"));
  const drop = button(words("drop"));
  const sound = document.createElement("audio");
  const clock = document.createElement("span");
  const told = document.createElement("p");
  const row = document.createElement("p");
  clock.className = "number";
  told.className = "hint";
  told.setAttribute("role", "status");
  sound.controls = true;
  sound.hidden = drop.hidden = true;
  row.className = "buttons";
  row.append(start, clock, drop);
  input.before(row, sound, told);
  let recorder: MediaRecorder | null = null;
  let ticking = 0;

  const show = (file: File | null) => {
    if (sound.src) URL.revokeObjectURL(sound.src);
    if (file) sound.src = URL.createObjectURL(file);
    else sound.removeAttribute("src");
    sound.hidden = drop.hidden = !file;
    start.textContent = words(file ? "again" : "start");
    clock.textContent = "";
  };

  const begin = async () => {
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      told.textContent = words("denied");
      return;
    }
    told.textContent = "";
    const kind = KINDS.find((one) => MediaRecorder.isTypeSupported(one));
    const made = new MediaRecorder(stream, { ...(kind ? { mimeType: kind } : {}), audioBitsPerSecond: 32_000 });
    const pieces: Blob[] = [];
    const from = Date.now();
    made.addEventListener("dataavailable", (event) => pieces.push(event.data));
    made.addEventListener("stop", () => {
      window.clearInterval(ticking);
      for (const track of stream.getTracks()) track.stop();
      recorder = null;
      const type = (made.mimeType || "audio/webm").split(";")[0] ?? "audio/webm";
      const file = new File(pieces, `voice.${type.endsWith("mp4") ? "m4a" : (type.split("/")[1] ?? "webm")}`, { type });
      const carrier = new DataTransfer();
      carrier.items.add(file);
      input.files = carrier.files;
      show(file);
    });
    ticking = window.setInterval(() => {
      const seconds = Math.floor((Date.now() - from) / 1000);
      clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      if (seconds * 1000 >= LONGEST) made.stop();
    }, 250);
    recorder = made;
    made.start();
    start.textContent = words("stop");
  };

  start.addEventListener("click", () => {
    if (recorder) recorder.stop();
    else void begin();
  });
  drop.addEventListener("click", () => {
    input.value = "";
    show(null);
  });
  input.addEventListener("change", () => show(input.files?.[0] ?? null));
  // A form that is sent while somebody still speaks would go without the recording.
  input.form?.addEventListener("submit", (event) => {
    const form = input.form;
    if (!recorder || !form) return;
    event.preventDefault();
    recorder.addEventListener("stop", () => window.setTimeout(() => form.requestSubmit(), 0));
    recorder.stop();
  });
}

for (const field of document.querySelectorAll<HTMLElement>("[data-voice]")) recording(field);

/** Buttons that need a script show themselves with one. */
for (const one of document.querySelectorAll<HTMLButtonElement>("[data-copies], [data-prints]")) one.hidden = false;

document.addEventListener("click", async (event) => {
  const pressed = (event.target as HTMLElement).closest<HTMLButtonElement>("[data-copies], [data-prints]");
  if (!pressed) return;
  if ("prints" in pressed.dataset) {
    window.print();
    return;
  }
  const field = document.getElementById(pressed.dataset["copies"] ?? "");
  if (!(field instanceof HTMLInputElement)) return;
  let done = false;
  if (window.isSecureContext && navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(field.value);
      done = true;
    } catch {
      // not permitted: the other way may be
    }
  }
  if (!done) {
    field.select();
    done = document.execCommand("copy");
  }
  if (done) pressed.textContent = pressed.dataset["done"] ?? "";
});
