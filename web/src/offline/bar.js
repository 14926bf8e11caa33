// The bar under the head: whether there is a signal, and how much waits on this phone.
import { officer, waiting } from "./outbox.js";

export async function drawBar() {
  const bar = document.querySelector("[data-bar]");
  if (!bar || !officer()) return;
  const { waiting: unsent, stopped } = await waiting();
  const keptAt = document.documentElement.dataset.keptAt;
  const isOffline = Boolean(keptAt) || !navigator.onLine;
  const isSignedOut = document.body.hasAttribute("data-signed-out");
  show(bar, "offline", isOffline && !isBack);
  show(bar, "back", isOffline && isBack);
  show(bar, "kept", keptAt, clock(keptAt));
  show(bar, "unsent", unsent, unsent);
  show(bar, "stopped", stopped, stopped);
  show(bar, "signin", isSignedOut && unsent > 0);
  bar.hidden = !(isOffline || unsent || stopped);
  bar.toggleAttribute("data-drawn", true);
}

// Set once the server answered: a kept page with a form in it is not loaded again unasked.
let isBack = false;

function show(bar, name, isShown, words) {
  const part = bar.querySelector(`[data-part="${name}"]`);
  part.hidden = !isShown;
  if (part.dataset.words && isShown) {
    part.querySelector("[data-put]").textContent = part.dataset.words.replace("{}", words);
  }
}

function clock(at) {
  if (!at) return "";
  const day = { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false };
  return new Intl.DateTimeFormat(document.documentElement.lang, day).format(new Date(at));
}

document.addEventListener("hangji:queue", drawBar);
document.addEventListener("hangji:back", () => {
  isBack = true;
  drawBar();
});
addEventListener("offline", () => (isBack = false));
for (const when of ["online", "offline"]) addEventListener(when, drawBar);

// The worker keeps the pages of open tasks; browsers without one work as before.
export async function keepPages() {
  if (!officer() || !("serviceWorker" in navigator)) return;
  const { active } = await navigator.serviceWorker
    .register("/sw.js")
    .then(() => navigator.serviceWorker.ready)
    .catch(() => ({ active: null }));
  active?.postMessage({ keep: officer() });
}
