// Everything an officer sends goes through here: kept first, then sent, each exactly once by its key.
import * as store from "./store.js";

const LOCK = "hangji-outbox";
// So long the server knows a key (KEYS_KEPT in engine/background/scheduler.py).
const OLD = 7 * 24 * 3600 * 1000;
const AGAIN = 30_000;
// Too slow or too many: sent again automatically. Every other 4xx is a refusal people read.
const LATER = new Set([408, 425, 429]);
const SIGNED_OUT = 401;

export const officer = () => Number(document.body.dataset.officer) || null;
export const changed = () => document.dispatchEvent(new Event("hangji:queue"));

// One tab at a time, and one thing after the other.
export function alone(work) {
  return navigator.locks ? navigator.locks.request(LOCK, work) : work();
}

export function isQueued(form, submitter) {
  const isDraft = submitter?.name === "draft" || submitter?.name === "more";
  return Boolean(store.canKeep && officer() && form.matches("[data-queue]") && !isDraft);
}

export async function keepForm(form, body) {
  const item = {
    id: body.get("key"),
    officer: officer(),
    at: Date.now(),
    state: "waiting",
    why: "",
    content: contentOf(form, body),
    files: filesOf(body),
  };
  await store.put(item);
  changed();
  return item;
}

const isFile = ([, value]) => value instanceof File;

// What was typed and where it goes; `page` is where it can be filled in again.
export function contentOf(form, body) {
  return {
    path: new URL(form.action).pathname,
    page: form.matches("[data-remember]") ? location.pathname : "",
    number: form.dataset.case ?? "",
    title: form.dataset.title ?? document.querySelector("h1").innerText.replace(/\s*\n\s*/g, " · "),
    fields: [...body.entries()].filter((entry) => entry[0] !== "csrf" && !isFile(entry)),
    told: toldOf(form),
  };
}

export function filesOf(body) {
  const chosen = [...body.entries()].filter((entry) => isFile(entry) && entry[1].size);
  return chosen.map(([field, file]) => ({ field, file }));
}

// What was filled in, as a person reads it.
function toldOf(form) {
  const told = [];
  for (const field of form.querySelectorAll(".field:not([hidden])")) {
    const label = field.querySelector("legend, label")?.firstChild?.textContent.trim();
    const chosen = [...field.querySelectorAll("input:checked")].map(
      (input) => input.closest("label")?.querySelector("span")?.firstChild?.textContent ?? "",
    );
    const picked = [...field.querySelectorAll("select")].filter((one) => one.value);
    const typed = [...field.querySelectorAll("textarea, input[type=text], input[type=number], input[type=date]")];
    const texts = [
      ...chosen,
      ...picked.slice(-1).map((one) => one.selectedOptions[0].text),
      ...typed.map((one) => one.value),
    ].filter((text) => text.trim());
    if (label && texts.length) told.push([label, texts.join(document.documentElement.lang === "en" ? ", " : "、")]);
  }
  return told;
}

export async function drop(id) {
  await store.remove(id);
  changed();
}

export async function mark(item, state, why, both = null) {
  await store.put({ ...item, state, why, content: { ...item.content, both } });
  changed();
}

export async function waiting() {
  const states = officer() ? await store.states(officer()) : [];
  const count = (wanted) => states.filter((state) => state === wanted).length;
  return {
    waiting: count("waiting"),
    stopped: count("refused") + count("held"),
    drafts: count("draft"),
  };
}

let timer = 0;

// Sends what waits, in the order it was written. `pressed` names the one a person asked for.
export async function flush({ pressed = null } = {}) {
  if (!store.canKeep || !officer()) return;
  clearTimeout(timer);
  const left = await alone(() => flushAll(pressed));
  if (left) timer = setTimeout(flush, AGAIN);
}

async function flushAll(pressed) {
  const items = (await store.list(officer())).filter(({ id, at, state }) =>
    id === pressed ? true : state === "waiting" && Date.now() - at < OLD,
  );
  const isStale = Boolean(document.documentElement.dataset.keptAt);
  if (!items.length && !isStale) return 0;
  const csrf = await token();
  // A page of this device looks again until there is a signal.
  if (!csrf) return Math.max(items.length, Number(isStale));
  let left = 0;
  for (const item of items) {
    const isDone = await sendOne(item, csrf);
    // Without a signal for one item the others need not be tried.
    if (isDone === null) return items.length;
    if (!isDone) left += 1;
  }
  if (isStale) document.dispatchEvent(new Event("hangji:back"));
  return left;
}

// The token of who is signed in now; none when nobody answers, or somebody else is.
async function token() {
  try {
    const state = await (await fetch("/offline/state")).json();
    const wasOut = document.body.hasAttribute("data-signed-out");
    const isOut = document.body.toggleAttribute("data-signed-out", state.officer !== officer());
    if (wasOut !== isOut) changed();
    return state.officer === officer() ? state.csrf : null;
  } catch {
    return null;
  }
}

async function sendOne(item, csrf) {
  let answer;
  try {
    answer = await post(item.content.path, bodyOf(item, csrf));
  } catch {
    return null;
  }
  const next = answer.headers.get("X-Go-To");
  if (next) {
    await drop(item.id);
    document.dispatchEvent(new CustomEvent("hangji:sent", { detail: { id: item.id, next } }));
    return true;
  }
  if (answer.status === SIGNED_OUT) return null;
  if (answer.status < 400 || answer.status >= 500 || LATER.has(answer.status)) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const why = reasonIn(page);
  // Only a page of this server is a refusal; an answer of a gateway in between is not.
  if (!why) return false;
  await mark(item, "refused", why, bothIn(page));
  return true;
}

export function post(path, body) {
  return fetch(path, { method: "POST", body, headers: { "X-Sent-By": "script" } });
}

export function bodyOf({ content, files }, csrf) {
  const body = new FormData();
  body.append("csrf", csrf);
  for (const [name, value] of content.fields) body.append(name, value);
  for (const { field, file } of files) body.append(field, file);
  return body;
}

// The server's message: who was first and when, or what is wrong with which field.
export function reasonIn(page) {
  const told = page.querySelector("[data-refused], .summary, [data-problem]");
  return told ? told.innerText?.trim() || told.textContent.replace(/\s+/g, " ").trim() : "";
}

// Fields the server has another answer for, to be compared with mine; while the task is open one
// of the two can still be chosen.
function bothIn(page) {
  const rows = [...page.querySelectorAll("[data-both]")].map((row) => {
    const words = (side) => row.querySelector(`[data-words="${side}"]`).textContent;
    return {
      name: row.dataset.both,
      label: row.querySelector("h3").textContent,
      mine: { value: JSON.parse(row.dataset.mine), words: words("mine") },
      theirs: { value: JSON.parse(row.dataset.theirs), words: words("theirs") },
    };
  });
  return rows.length ? { rows, isOpen: Boolean(page.querySelector("form[data-queue]")) } : null;
}

// What was chosen goes into the draft the form says it started from: a side that is the same as
// there has not touched the field, so the server takes the other one.
export async function decide(item, choices) {
  const fields = item.content.fields.filter(([name]) => name !== "base" && name !== "key");
  const base = JSON.parse(item.content.fields.find(([name]) => name === "base")?.[1] ?? "{}");
  for (const { name, mine, theirs } of item.content.both.rows) {
    base[name] = (choices.get(name) === "mine" ? theirs : mine).value;
  }
  // A refusal is kept under its key, so what was decided is sent under another one.
  const key = crypto.randomUUID().replaceAll("-", "");
  fields.push(["base", JSON.stringify(base)], ["key", key]);
  await store.put({ ...item, content: { ...item.content, fields, both: null } });
}

for (const when of ["online", "pageshow"]) addEventListener(when, () => flush());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") flush();
});
