// The page of what waits on this phone: send, hand in as a remark, discard.
import { bodyOf, decide, drop, flush, officer, post } from "./outbox.js";
import { editAgain } from "./drafts.js";
import * as store from "./store.js";

// The item whose discarding waits for a second press; the list is drawn again in between when
// something else was sent.
let asked = "";
const MOST_OF_A_NOTE = 2000;
const CONFIRMING = Symbol("confirming");

export async function drawQueue() {
  const list = document.querySelector("[data-queue-list]");
  if (!list || !store.canKeep || !officer()) return;
  const items = await store.list(officer());
  const template = document.querySelector("[data-queue-card]");
  list.replaceChildren(...items.map((item) => card(template, item)));
  document.querySelector("[data-queue-empty]").hidden = items.length > 0;
}

function card(template, item) {
  const made = template.content.cloneNode(true).firstElementChild;
  const at = (name) => made.querySelector(`[data-at="${name}"]`);
  made.classList.add(item.state);
  for (const tag of made.querySelectorAll("[data-state]")) {
    tag.hidden = tag.dataset.state !== item.state;
  }
  at("title").textContent = item.content.title;
  at("when").textContent = new Intl.DateTimeFormat(document.documentElement.lang, {
    dateStyle: "short",
    timeStyle: "short",
  }).format(new Date(item.at));
  at("server").hidden = !item.why;
  at("why").textContent = item.why;
  for (const [label, text] of item.content.told) at("told").append(fact("dt", label), fact("dd", text));
  drawBoth(made, item);
  for (const { file } of item.files) at("photos").append(picture(file));
  at("link").hidden = !item.content.number;
  at("link").href = `/cases/${item.content.number}`;
  const isDraft = item.state === "draft";
  act(made, "send", item.state !== "refused" && !isDraft, () => flush({ pressed: item.id }));
  act(made, "edit", item.content.page && (isDraft || item.state === "refused"), () => editAgain(item));
  act(made, "again", item.state === "refused", () => again(made, item));
  act(made, "remark", item.state === "refused" && item.content.number, () => remark(made, item));
  act(made, "drop", true, () => sure(made, item));
  if (asked === item.id) ask(made, item);
  return made;
}

function act(made, name, isOffered, work) {
  const button = made.querySelector(`[data-act="${name}"]`);
  button.hidden = !isOffered;
  button.addEventListener("click", async () => {
    button.setAttribute("aria-busy", "true");
    const isConfirming = (await work()) === CONFIRMING;
    button.removeAttribute("aria-busy");
    if (!isConfirming) drawQueue();
  });
}

// What both sides wrote, field by field; while the task is open one of the two is chosen.
function drawBoth(made, item) {
  const { rows = [], isOpen = false } = item.content.both ?? {};
  const place = made.querySelector('[data-at="both"]');
  place.hidden = rows.length === 0;
  const template = document.querySelector("[data-queue-both]");
  for (const row of rows) {
    const field = template.content.cloneNode(true).firstElementChild;
    field.querySelector("legend").textContent = row.label;
    for (const side of ["mine", "theirs"]) {
      const input = field.querySelector(`[value="${side}"]`);
      input.name = `${item.id}-${row.name}`;
      input.hidden = input.disabled = !isOpen;
      field.querySelector(`[data-side="${side}"]`).textContent = row[side].words;
    }
    place.append(field);
  }
}

async function again(made, item) {
  if (item.content.both?.isOpen) {
    const rows = item.content.both.rows.map(({ name }) => name);
    const chosen = new Map(
      rows.map((name) => [name, made.querySelector(`[name="${item.id}-${name}"]:checked`)?.value]),
    );
    const open = rows.find((name) => !chosen.get(name));
    if (open) {
      made.querySelector(`[name="${item.id}-${open}"]`).reportValidity();
      return CONFIRMING;
    }
    await decide(item, chosen);
  }
  return flush({ pressed: item.id });
}

// An irreversible action needs a second press. The button keeps the focus for it.
function sure(made, item) {
  if (asked !== item.id) return ask(made, item);
  asked = "";
  return drop(item.id);
}

function ask(made, item) {
  const button = made.querySelector('[data-act="drop"]');
  asked = item.id;
  button.textContent = button.dataset.sure;
  return CONFIRMING;
}

async function remark(made, item) {
  const colon = document.documentElement.lang === "en" ? ": " : "：";
  const told = item.content.told.map(([label, text]) => `${label}${colon}${text}`).join("\n");
  const place = made.querySelector('[data-at="failed"]');
  try {
    const { csrf } = await (await fetch("/offline/state")).json();
    let isTaken = true;
    // A note has its limit: what is longer becomes several, and nothing of it is cut off.
    for (let at = 0; isTaken && at < told.length; at += MOST_OF_A_NOTE) {
      const part = told.slice(at, at + MOST_OF_A_NOTE);
      const fields = [["text", part], ["key", `${item.id}-note${at ? `-${at}` : ""}`]];
      const body = bodyOf({ content: { fields }, files: [] }, csrf);
      const answer = await post(`/cases/${item.content.number}/note`, body);
      isTaken = Boolean(answer.headers.get("X-Go-To"));
    }
    if (isTaken) return drop(item.id);
  } catch {
    // reported below
  }
  place.hidden = false;
}

function fact(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

function picture(file) {
  const [item, image] = ["li", "img"].map((tag) => document.createElement(tag));
  image.src = URL.createObjectURL(file);
  image.alt = file.name;
  item.append(image);
  return item;
}

document.addEventListener("hangji:queue", drawQueue);
