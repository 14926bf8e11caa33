// A list to tick, by keyboard, and acts on many tasks: the inbox, which has a table of its keys and
// a search, and lists behind numbers, which have neither. The pages work without it.
const list = document.querySelector("ul.picks");
const links = list ? [...list.querySelectorAll(":scope > li > a")] : [];
const ticks = list ? [...list.querySelectorAll(".tick input")] : [];
const head = document.querySelector(".list-head");
const everyTick = head?.querySelector("input");
const keys = document.getElementById("keys");

// A key moves the focus, so that Enter opens what is in front of the reader.
function move(by) {
  const at = links.indexOf(document.activeElement?.closest("li")?.querySelector(":scope > a"));
  const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by;
  links[Math.max(0, Math.min(next, links.length - 1))]?.focus();
}
function tick() {
  document.activeElement?.closest("li")?.querySelector(".tick input")?.click();
}
// Escape closes the table before its key is heard here: it does one thing at a time.
let isClosing = false;
keys?.addEventListener("cancel", () => {
  isClosing = true;
  setTimeout(() => (isClosing = false), 50);
});
function turn() {
  if (keys?.open) keys.close();
  else keys?.showModal();
}
const ACTS = {
  j: () => move(1),
  k: () => move(-1),
  x: tick,
  "/": () => document.getElementById("find-task")?.focus(),
  "?": turn,
  Escape: clear,
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  if (isClosing || (keys?.open && event.key !== "?")) return;
  const act = ACTS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// The bar shows to how many of the ticked tasks each act applies.
function count() {
  const chosen = ticks.filter((one) => one.checked);
  document.querySelector("[data-chosen]").textContent = String(chosen.length);
  if (everyTick) {
    everyTick.checked = ticks.length > 0 && chosen.length === ticks.length;
    everyTick.indeterminate = chosen.length > 0 && !everyTick.checked;
  }
  for (const button of document.querySelectorAll("[data-act]")) {
    const able = chosen.filter((one) => one.dataset.acts.split(" ").includes(button.dataset.act));
    button.hidden = able.length === 0;
    button.querySelector("span").textContent = String(able.length);
  }
}
function clear() {
  for (const one of ticks) one.checked = false;
  count();
}
for (const one of ticks) one.addEventListener("change", count);
everyTick?.addEventListener("change", () => {
  for (const one of ticks) one.checked = everyTick.checked;
  count();
});
if (head && ticks.length) head.querySelector("[data-tick-all]").hidden = false;
document.querySelector("[data-choose-nothing]").addEventListener("click", (event) => {
  event.preventDefault();
  clear();
});
count();

// On a phone checkboxes are shown on request only.
const choose = document.querySelector("[data-choose]");
choose.hidden = ticks.length === 0;
choose.addEventListener("click", () => {
  const on = list.classList.toggle("choosing");
  head.classList.toggle("choosing", on);
  choose.setAttribute("aria-pressed", String(on));
  if (!on) clear();
});
for (const hint of document.querySelectorAll("[data-keys-hint]")) hint.hidden = false;
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// One pane at a time, closed by a press beside it.
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.chip[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});
