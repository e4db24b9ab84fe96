// Fills a form in as ODK Web Forms does: the engine of its makers, without a browser.
// Reads {xml, files: {name: text}, wishes: {name: value}, picture: base64} from standard input; writes {status, xml, files: {name: base64}, violations}.
import { createRequire } from "node:module";
import { JSDOM } from "jsdom";

const page = new JSDOM("<!doctype html>");
for (const name of ["DOMParser", "XMLSerializer", "Node", "Element", "Document", "XMLDocument", "Attr", "Text", "Comment", "CDATASection", "NodeFilter", "XPathResult", "Blob", "File", "FormData"]) {
  globalThis[name] = page.window[name] ?? globalThis[name];
}
globalThis.document ??= page.window.document;
globalThis.require = createRequire(import.meta.url); // the engine's parser takes itself for a script of old
globalThis.__dirname = import.meta.dirname;
const { loadForm } = await import("@getodk/xforms-engine");

const input = JSON.parse(await new Promise((done) => {
  let told = "";
  process.stdin.on("data", (piece) => (told += piece)).on("end", () => done(told));
}));
const TYPES = { csv: "text/csv", xml: "text/xml", geojson: "application/geo+json" };
const fetchFormAttachment = async (url) => {
  const name = decodeURIComponent(String(url.href ?? url).split("/").pop());
  if (!(name in input.files)) return new Response("", { status: 404 });
  return new Response(input.files[name], { status: 200, headers: { "content-type": TYPES[name.split(".").pop()] ?? "text/plain" } });
};
const form = await loadForm(input.xml, { fetchFormAttachment });
if (form.status === "failure") throw form.error;
const { root } = form.createInstance();

const GUESSES = {
  date: ["2020-04-27"], int: ["2", "5", "2020", "1990"], decimal: ["5", "50", "0.5"], geopoint: ["27.95 107.19 870 5"],
  string: ["测试", "13800138000", "0851 2345678", "52032319900101001X"], time: ["10:00:00.000+08:00"], dateTime: ["2020-04-27T10:00:00.000+08:00"], barcode: ["1"],
};
const valid = (node) => node.validationState?.violation == null;
const nameOf = (node) => node.currentState.reference.split("/").pop().replace(/\[\d+\]$/, "");

function answer(node) {
  const wish = input.wishes?.[nameOf(node)];
  if (node.currentState.relevant === false || node.currentState.readonly) return;
  if (node.nodeType === "select") {
    const options = node.currentState.valueOptions.map((one) => one.value);
    const chosen = wish !== undefined && options.includes(wish) ? wish : options[0];
    if (chosen === undefined) return;
    if (node.selectType === "select") node.selectValues([chosen]);
    else node.selectValue(chosen);
  } else if (node.nodeType === "rank") {
    node.setValues(node.currentState.valueOptions.map((one) => one.value));
  } else if (node.nodeType === "upload") {
    if (input.picture) node.setValue(new page.window.File([Buffer.from(input.picture, "base64")], "photo.jpg", { type: "image/jpeg" }));
  } else if (node.nodeType === "trigger") {
    node.setValue(true);
  } else if (node.nodeType === "input" || node.nodeType === "range") {
    for (const guess of wish !== undefined ? [wish] : (GUESSES[node.valueType] ?? GUESSES.string)) {
      try {
        node.setValue(node.valueType === "int" ? BigInt(guess) : node.valueType === "decimal" ? Number(guess) : guess);
      } catch {
        try { node.setValue(guess); } catch { continue; }
      }
      if (valid(node)) return;
    }
  }
}

function walk(node) {
  if (node.nodeType === "repeat-range:uncontrolled") {
    if (node.currentState.children.length === 0 && node.currentState.relevant) node.addInstances();
  }
  const children = node.currentState.children;
  if (!children) return answer(node);
  for (const child of children) walk(child);
}
walk(root);
walk(root); // what became relevant by the answers of the first walk
const payload = await root.prepareInstancePayload({ payloadType: "monolithic" });
const read = (blob, how) => new Promise((done) => {
  const reader = new page.window.FileReader();
  reader.onload = () => done(reader.result);
  reader[how](blob);
});
const files = {};
let xml = "";
for (const [name, value] of payload.data[0]) {
  if (name === "xml_submission_file") xml = await read(value, "readAsText");
  else files[name] = String(await read(value, "readAsDataURL")).split(",").pop();
}
process.stdout.write(JSON.stringify({
  status: payload.status, xml, files, violations: (payload.violations ?? []).map((one) => ({ reference: one.reference, message: String(one.violation?.message?.asString ?? "") })),
}));
