// Photos are added one by one, as a phone's camera returns them; each can be removed before sending.
// Without it a field of photos takes what is chosen last, as browsers do.
import { shrink } from "./shrink.js";

const PICKED = new WeakMap();
const BUSY = new Set();

export function collectPhotos(input) {
  if (PICKED.has(input)) return;
  PICKED.set(input, [...input.files]);
  const album = document.querySelector(`[data-album="${input.id}"]`);
  for (const source of [input, album]) {
    source?.addEventListener("change", () => track(add(input, source)));
  }
  input.form.addEventListener("formdata", ({ formData }) => tellWhen(input, formData));
}

// Wait until the chosen photos are shrunk before sending.
export async function photosReady() {
  while (BUSY.size) await Promise.all(BUSY);
}

// Puts pictures into a field as if they had been chosen, when a kept form is filled in again.
export function putPhotos(input, files) {
  keep(input, files);
}

function track(work) {
  BUSY.add(work);
  work.finally(() => BUSY.delete(work));
}

async function add(input, source) {
  const chosen = [...source.files];
  const known = PICKED.get(input);
  if (source !== input) source.value = "";
  const added = chosen.filter((file) => !known.some((one) => isSame(one, file)));
  // The field keeps what it had while the new ones are made smaller.
  keep(input, known);
  const list = listOf(input);
  const waiting = added.map(() => list.appendChild(busy(list)));
  for (const [at, file] of added.entries()) {
    const small = await shrink(file);
    SOURCE.set(small, file);
    waiting[at].remove();
    keep(input, [...PICKED.get(input), small], waiting.slice(at + 1));
  }
}

const SOURCE = new WeakMap();

function isSame(one, other) {
  const first = SOURCE.get(one) ?? one;
  return ["name", "size", "lastModified"].every((what) => first[what] === other[what]);
}

function keep(input, files, waiting = []) {
  PICKED.set(input, files);
  const held = new DataTransfer();
  for (const file of files) held.items.add(file);
  input.files = held.files;
  input.dispatchEvent(new Event("hangji:photos", { bubbles: true }));
  const list = listOf(input);
  for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  list.replaceChildren(...files.map((file) => shown(input, file)), ...waiting);
}

function listOf(input) {
  return document.getElementById(`${input.id}-chosen`);
}

function busy(list) {
  const item = document.createElement("li");
  item.className = "busy";
  item.textContent = list.closest(".shots").dataset.busy;
  return item;
}

function shown(input, file) {
  const [item, image, name, button] = ["li", "img", "span", "button"].map((tag) =>
    document.createElement(tag),
  );
  const remove = listOf(input).closest(".shots").dataset.remove;
  image.src = URL.createObjectURL(file);
  image.alt = file.name;
  name.textContent = `${Math.ceil(file.size / 1024)} KB`;
  button.type = "button";
  button.className = "remove";
  button.textContent = "×";
  button.setAttribute("aria-label", `${remove} ${(SOURCE.get(file) ?? file).name}`);
  button.addEventListener("click", () => {
    keep(
      input,
      PICKED.get(input).filter((one) => one !== file),
    );
    // The pressed button is gone, so the focus moves to the field.
    input.focus();
  });
  item.append(image, name, button);
  return item;
}

// The time from the picture's EXIF data, else from the file.
function tellWhen(input, data) {
  for (const file of PICKED.get(input)) {
    const at = new Date(file.lastModified || Date.now());
    data.append(`${input.id}.taken`, at.toISOString());
  }
}
