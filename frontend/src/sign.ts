import "./styles/sign.css";

const INK = "#1d1a18";

/** A box to sign in with a finger or the mouse. Without this script a typed name with a tick does. */
function signing(form: HTMLFormElement): void {
  const box = form.querySelector<HTMLElement>("[data-box]");
  const canvas = box?.querySelector("canvas");
  const field = box?.querySelector<HTMLInputElement>('input[name="drawing"]');
  const pen = canvas?.getContext("2d");
  if (!box || !canvas || !field || !pen) return;
  box.hidden = false;
  pen.lineWidth = 5;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  pen.strokeStyle = pen.fillStyle = INK;
  let from: [number, number] | null = null;

  // The box is drawn as wide as the page is; its points are those of the picture.
  const at = (event: PointerEvent): [number, number] => {
    const place = canvas.getBoundingClientRect();
    return [((event.clientX - place.left) * canvas.width) / place.width, ((event.clientY - place.top) * canvas.height) / place.height];
  };
  const line = (to: [number, number]): void => {
    if (!from) return;
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(...to);
    pen.stroke();
    from = to;
  };

  if (field.value) {
    // What was drawn before something else was refused.
    const before = new Image();
    before.onload = () => pen.drawImage(before, 0, 0);
    before.src = field.value;
  }
  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    from = at(event);
    pen.beginPath();
    pen.arc(...from, pen.lineWidth / 2, 0, Math.PI * 2);
    pen.fill();
  });
  canvas.addEventListener("pointermove", (event) => {
    for (const one of event.getCoalescedEvents?.() ?? []) line(at(one));
    line(at(event));
  });
  for (const ending of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(ending, () => {
      if (!from) return;
      from = null;
      field.value = canvas.toDataURL("image/png");
    });
  }
  form.querySelector("[data-clears]")?.addEventListener("click", () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    field.value = "";
  });
}

for (const form of document.querySelectorAll<HTMLFormElement>("[data-signs]")) signing(form);
