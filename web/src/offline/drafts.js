// A form half filled in is kept on this device: phones close the browser while the camera is open.
// It is not sent automatically; the form offers it again, and so does the page of what waits.
import { putPhotos } from "../forms/photos.js";
import { contentOf, filesOf, officer } from "./outbox.js";
import * as store from "./store.js";

const PAUSE = 800;
const GO_ON = "#go-on";
// Each opening of a form is a submission of its own.
const OWN = new Set(["csrf", "key", "base"]);

const nameOf = (page) => `draft:${officer()}:${page}`;
const form = () => document.querySelector("form[data-remember]");

let timer = 0;

export function rememberForm() {
  if (!form() || !store.canKeep || !officer()) return;
  for (const what of ["input", "change"]) form().addEventListener(what, soon);
  // What was refused stands in the form: whoever leaves it to mend the cause finds it offered again.
  if (document.querySelector("[data-unsaved]")) keepDraft();
  else offer();
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(keepDraft, PAUSE);
}

async function keepDraft() {
  clearTimeout(timer);
  const made = form();
  // Not `made.hidden`: a form may have a field of that name.
  if (!made || made.hasAttribute("hidden") || made.dataset.sent === "yes") return;
  timer = 0;
  const body = new FormData(made);
  await store.put({
    id: nameOf(location.pathname),
    officer: officer(),
    at: Date.now(),
    state: "draft",
    why: "",
    content: contentOf(made, body),
    files: filesOf(body),
  });
}

// Whoever leaves for the camera or another app may not come back to this page.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden" && timer) keepDraft();
});

export async function forgetDraft() {
  clearTimeout(timer);
  timer = 0;
  if (store.canKeep && officer()) await store.remove(nameOf(location.pathname));
}

// Something refused is filled in again: it becomes the draft of its form.
export async function editAgain(item) {
  const { page } = item.content;
  await store.put({ ...item, id: nameOf(page), state: "draft", why: "" });
  if (item.id !== nameOf(page)) await store.remove(item.id);
  location.assign(`${page}${GO_ON}`);
}

async function offer() {
  const made = form();
  const box = document.querySelector("[data-draft]");
  const drafts = await store.list(officer());
  const draft = drafts.find(({ id }) => id === nameOf(location.pathname));
  if (!draft || !box) return;
  const at = new Date(draft.at);
  const told = { dateStyle: "short", timeStyle: "short" };
  box.querySelector("[data-put]").textContent = at.toLocaleString(document.documentElement.lang, told);
  const goOn = async () => {
    box.hidden = true;
    await fill(made, draft);
  };
  box.querySelector("[data-go-on]").addEventListener("click", goOn);
  box.querySelector("[data-forget]").addEventListener("click", async () => {
    box.hidden = true;
    await forgetDraft();
  });
  if (location.hash === GO_ON) return goOn();
  box.hidden = false;
}

async function fill(made, { content, files }) {
  const given = new Map();
  for (const [name, value] of content.fields) {
    if (OWN.has(name) || name.endsWith(".taken")) continue;
    given.set(name, [...(given.get(name) ?? []), value]);
  }
  // A field may stand or fall with the answer to another one, so the answers come first.
  for (const ticked of [true, false]) {
    for (const control of made.querySelectorAll("input, select, textarea")) {
      if (Boolean(control.matches("[type=radio], [type=checkbox]")) === ticked) put(control, given);
    }
    made.dispatchEvent(new Event("change", { bubbles: true }));
  }
  putArea(made, given.get("area")?.findLast(Boolean));
  for (const input of made.querySelectorAll("input[type=file]:not([data-album])")) {
    const chosen = files.filter(({ field }) => field === input.name);
    if (chosen.length) putPhotos(input, chosen.map(({ file }) => file));
  }
}

function put(control, given) {
  const values = given.get(control.name);
  // What a page hides is its own, but for a position.
  const isOwn = control.type === "hidden" && !/\.(lat|lon)$/.test(control.name);
  if (isOwn || control.type === "file" || control.name === "area") return;
  if (control.matches("[type=radio], [type=checkbox]")) {
    control.checked = Boolean(values?.includes(control.value));
  } else if (values) {
    const [value] = values;
    const isListed = !control.options || [...control.options].some((option) => option.value === value);
    if (!isListed) control.add(new Option(value, value));
    control.value = value;
  }
}

// The deepest area given is the one that counts; it is told in the words it was chosen by.
function putArea(made, code) {
  const steps = document.getElementById("area-steps");
  const shown = [...made.querySelectorAll('[name="area"]')].findLast(({ value }) => value)?.value;
  if (!steps || !code || code === shown) return;
  const area = Object.assign(document.createElement("input"), { type: "hidden", name: "area", value: code });
  made.append(area);
  steps.addEventListener("change", () => area.remove(), { once: true });
}

// A photo is no typing: it tells of itself.
document.addEventListener("hangji:photos", ({ target }) => target.closest("[data-remember]") && soon());
