// Signing out leaves nothing on this phone; what was not sent is never dropped without being asked.
import { flush, officer, waiting } from "./outbox.js";
import * as store from "./store.js";

const LEAVING = "hangji.leaving";
const PATIENCE = 5_000;

export function guardLeaving() {
  const form = document.querySelector("[data-sign-out]");
  if (!form) return;
  // Somebody signed out where there was no signal: the sign-in ends now.
  if (localStorage.getItem(LEAVING) === String(officer())) return leave(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    ask(form);
  });
}

async function ask(form) {
  await flush();
  const counted = await waiting();
  const unsent = counted.waiting + counted.stopped + counted.drafts;
  const dialog = document.querySelector("[data-leaving]");
  if (!unsent) return leave(form);
  for (const place of dialog.querySelectorAll("[data-words]")) {
    // What is not finished or was refused is not sent by any signal.
    const number = counted[place.dataset.kind] ?? unsent;
    place.hidden = number === 0;
    place.textContent = place.dataset.words.replace("{}", number);
  }
  dialog.querySelector("[value=leave]").onclick = () => leave(form);
  dialog.showModal();
}

async function leave(form) {
  localStorage.setItem(LEAVING, String(officer()));
  await forget();
  form.submit();
}

async function forget() {
  if (store.canKeep) await store.clear(officer());
  sessionStorage.clear();
  const worker = navigator.serviceWorker?.controller;
  if (worker) await told(worker, { forget: true });
  await globalThis.caches?.delete("hangji-pages");
}

function told(worker, what) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((done) => {
    port1.onmessage = done;
    setTimeout(done, PATIENCE);
    worker.postMessage(what, [port2]);
  });
}

// The page of somebody who is not signed in: the sign-in has ended.
export function noteLeft() {
  if (!officer()) localStorage.removeItem(LEAVING);
}
