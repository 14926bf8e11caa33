// Sends a form so that nothing typed is lost; without it forms go the browser's own way.
// When no answer comes the page stays as it is, photos too, and a second press sends the same key.
// What an officer files or completes is kept on the device first and sent from there.
import { photosReady } from "./forms/photos.js";
import { forgetDraft } from "./offline/drafts.js";
import { alone, drop, isQueued, keepForm, mark, reasonIn } from "./offline/outbox.js";

const MARGIN = 1 << 20;
const SIGNED_OUT = 401;
const FINAL = new Set([404, 409]);

// Leaving a page with unsent input needs a confirmation.
let isUnsaved = false;
window.addEventListener("beforeunload", (event) => {
  if (!isUnsaved) return;
  event.preventDefault();
  // Runs only when one stays: what was pressed may be pressed again.
  setTimeout(revive);
});
document.addEventListener("input", ({ target }) => {
  isUnsaved ||= Boolean(target.closest("[data-keep]"));
});

// A form is sent once: a second press while the first is on its way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.sent === "yes") {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  (event.submitter ?? form.querySelector("[type=submit], button"))?.setAttribute("aria-busy", "true");
  if (form.matches("[data-unsaved]")) isUnsaved = false;
  if (!form.matches("[data-keep]")) return;
  event.preventDefault();
  send(form, event.submitter);
});

// The browser's back button restores the old page with its form still marked as sent.
window.addEventListener("pageshow", revive);

function revive() {
  for (const form of document.querySelectorAll("form")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-busy");
  }
}

async function send(form, submitter) {
  tell(form, "sending");
  await photosReady();
  const body = new FormData(form);
  // Older browsers leave the pressed button out, and a draft must not become a submission.
  if (submitter?.name) body.append(submitter.name, submitter.value);
  if (isTooLarge(form)) return tell(form, "large");
  if (!isQueued(form, submitter)) return sendNow(form, body, null);
  await alone(async () => sendNow(form, body, await keepForm(form, body).catch(() => null)));
}

// `item` is what is kept of it on the device, null where nothing is.
async function sendNow(form, body, item) {
  try {
    const headers = { "X-Sent-By": "script" };
    const answer = await fetch(form.action, { method: "POST", body, headers });
    const next = answer.headers.get("X-Go-To");
    if (next) {
      if (item) await drop(item.id);
      if (form.matches("[data-remember]")) await forgetDraft().catch(() => {});
      return leave(next);
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const problem = page.querySelector("[data-problem]");
    const isTaken = answer.ok && page.getElementById("main");
    // A refusal shows its reason, whether or not it has a form to send again.
    const isTold = !problem && page.querySelector("[data-unsaved], [data-refused]");
    // Only a page of this server that accepts or refuses the input replaces the form.
    if (isTaken || isTold) {
      const isKept = item && (await settle(item, answer.status, page));
      show(page);
      return isKept ? offerToForget(item) : null;
    }
    tell(form, item ? "kept" : "lost", problem?.textContent);
  } catch {
    tell(form, item ? "kept" : "lost");
    if (item) await finish(form);
  }
}

// What is on the device goes out automatically; a second text would take the place of the first.
async function finish(form) {
  const next = form.querySelector("[data-after-kept]");
  if (!next) return;
  form.classList.add("is-kept");
  next.hidden = false;
  await forgetDraft().catch(() => {});
}

// The new page shows the input; input it cannot show stays on the device, with the reason.
// Whether it stays as refused is returned: an answer without a text or a photo is nothing to keep.
async function settle(item, status, page) {
  const isForSignIn = status === SIGNED_OUT || page.querySelector("[name=password]");
  if (isForSignIn) await mark(item, "held", "").then(forgetDraft);
  // What both sides wrote is decided on the page that shows it, where its form is still open.
  else if (page.querySelector("[data-both-sides]") && page.querySelector("form[data-queue]")) {
    await drop(item.id);
  } else if (FINAL.has(status) && (item.files.length || page.getElementById("unsent"))) {
    await mark(item, "refused", reasonIn(page)).then(forgetDraft);
    return true;
  } else await drop(item.id);
  return false;
}

// What was refused has been read, so whoever wrote it may say that it is not needed.
function offerToForget(item) {
  const offer = document.querySelector("[data-refused-kept]");
  if (!offer) return;
  offer.hidden = false;
  offer.querySelector("button").addEventListener("click", async () => {
    await drop(item.id);
    isUnsaved = false;
    offer.hidden = true;
  });
}

// The kept item was sent automatically, so the page with its form is finished.
document.addEventListener("hangji:sent", ({ detail }) => {
  const keys = [...document.querySelectorAll("form[data-queue] [name=key]")];
  if (keys.some((key) => key.value === detail.id)) leave(detail.next);
  else tellSent(detail.next);
});

// What was sent automatically is reported: one with a link to it, several by how many.
const sent = [];
function tellSent(...more) {
  sent.push(...more);
  const told = document.querySelector("[data-bar-sent]");
  if (!told) return;
  const { pathname } = new URL(sent.at(-1), location.href);
  const number = pathname.match(/^\/cases\/(\d+)$/)?.[1];
  const place = told.querySelector("[data-put]");
  const isOne = sent.length === 1;
  place.textContent = isOne ? number ?? "" : place.dataset.words.replace("{}", sent.length);
  const link = told.querySelector("a");
  // What was completed waits for nobody here any more: it is among what was done.
  link.href = isOne && number ? pathname : "/inbox?view=done";
  told.hidden = false;
}

// A page of this device is out of date once there is a signal. It is loaded again where nothing is
// filled in; a signal so slow that the kept page comes back must not turn in a circle.
const SENT = "hangji.sent";
const AGAIN = 60_000;
document.addEventListener("hangji:back", () => {
  const before = JSON.parse(sessionStorage.getItem(SENT) ?? "null");
  const isTried = before && Date.now() - before.at < AGAIN;
  if (isUnsaved || isTried || document.querySelector("form[data-remember]")) return;
  sessionStorage.setItem(SENT, JSON.stringify({ at: Date.now(), sent }));
  location.reload();
});
function tellBefore() {
  const before = JSON.parse(sessionStorage.getItem(SENT) ?? "null");
  if (!before?.sent.length) return;
  tellSent(...before.sent);
  sessionStorage.setItem(SENT, JSON.stringify({ ...before, sent: [] }));
}
tellBefore();

// A page kept on the device may be sent from twice: each opening is a submission of its own.
export function freshen(form) {
  if (document.querySelector("[data-unsaved]") || !crypto.randomUUID) return;
  form.elements.key.value = crypto.randomUUID().replaceAll("-", "");
}

function isTooLarge(form) {
  const files = Array.from(form.querySelectorAll("input[type=file]"), (one) => [...one.files]);
  const bytes = files.flat().reduce((sum, file) => sum + file.size, 0);
  return bytes + MARGIN > Number(form.dataset.most ?? Infinity);
}

function tell(form, what, words) {
  // The forms of a list share one place where it is said.
  const place = form.querySelector("[data-told]") ?? document.querySelector("[data-told]");
  place.textContent = words ? `${words} ${place.dataset.still}` : place.dataset[what];
  place.classList.toggle("error", what !== "sending" && what !== "kept");
  if (what === "sending") return;
  isUnsaved = what !== "kept";
  place.scrollIntoView({ block: "center" });
  revive();
}

function leave(address) {
  isUnsaved = false;
  location.assign(address);
}

function show(page) {
  // The page was parsed without scripts, so its `noscript` content is active.
  for (const one of page.querySelectorAll("noscript")) one.remove();
  document.title = page.title;
  // Whatever was on the screen before, this came from the server.
  delete document.documentElement.dataset.keptAt;
  document.body.replaceWith(page.body);
  isUnsaved = Boolean(document.querySelector("[data-unsaved]"));
  window.scrollTo(0, 0);
  document.dispatchEvent(new Event("hangji:shown"));
  if (document.activeElement === document.body) document.getElementById("main").focus();
}

// A page that came as a response holds unsent input from the start.
isUnsaved = Boolean(document.querySelector("[data-unsaved]"));
