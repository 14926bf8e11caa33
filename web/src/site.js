// What every page needs in the browser; pages work without it.
import htmx from "htmx.org";
import "./icon.svg?no-inline";
import "./icons/any-192.png?no-inline";
import "./icons/any-512.png?no-inline";
import "./icons/maskable-512.png?no-inline";
import { nameFile } from "./forms/files.js";
import { offerFinder, placeByShop } from "./forms/finder.js";
import { askIfFar } from "./forms/far.js";
import { offerHexes } from "./forms/hexes.js";
import { collectPhotos } from "./forms/photos.js";
import { offerPlace } from "./forms/place.js";
import { guardEmergency } from "./forms/stop.js";
import { fillFromLink, markWaiting, offerNearest } from "./forms/visits.js";
import { drawBar, keepPages } from "./offline/bar.js";
import { rememberForm } from "./offline/drafts.js";
import { guardLeaving, noteLeft } from "./offline/leaving.js";
import { drawQueue } from "./offline/queue.js";
import "./forms/length.js";
import { mendErrors } from "./forms/errors.js";
import { countDown } from "./countdown.js";
import "./keys.js";
import { keepList, placeInList } from "./list.js";
import { offerSmall, readDates } from "./small.js";
import { countWaiting } from "./waiting.js";
import { freshen } from "./sending.js";

// No style of its own in the page: the policy of the pages allows style sheets only.
htmx.config.includeIndicatorCSS = false;

// In the frame of an app the bar on top is the app's own.
if (window.top !== window) document.documentElement.classList.add("in-app");

// Fields that only some answers need are shown with those answers; hidden ones are not sent.
let depending = [];
function chosenValue(name) {
  const chosen = document.querySelector(`[name="${name}"]:checked`);
  return (chosen ?? document.querySelector(`select[name="${name}"], [data-chosen][name="${name}"]`))?.value;
}
function showNeeded() {
  for (const field of depending) {
    const needed = Object.entries(JSON.parse(field.dataset.neededFor));
    const fits = needed.every(([name, values]) => values.map(String).includes(chosenValue(name)));
    show(field, fits);
    const need = field.querySelector("[data-always]");
    if (need) need.textContent = fits ? need.dataset.always : need.dataset.forSome;
    offer(field, !fits && needed.some(([name]) => chosenValue(name)));
  }
  // A field that makes sense with some answers only; before anything is chosen it stands there.
  for (const field of document.querySelectorAll("[data-asked-for]")) {
    const asked = Object.entries(JSON.parse(field.dataset.askedFor));
    show(field, asked.every(([name, values]) => [undefined, "", ...values].includes(chosenValue(name))));
  }
}
function show(field, isShown) {
  field.hidden = !isShown;
  for (const input of field.querySelectorAll("input, select, textarea")) input.disabled = !isShown;
}
// A text nobody has to write may still be written: a button opens its field.
function offer(field, isOffered) {
  const before = field.previousElementSibling;
  if (before?.matches("button.add")) before.remove();
  const label = field.querySelector("label")?.firstChild;
  if (!isOffered || !label || !field.querySelector("textarea")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "add";
  button.textContent = `＋ ${label.textContent.trim()}`;
  button.addEventListener("click", () => {
    button.remove();
    show(field, true);
    field.querySelector("textarea").focus();
  });
  field.before(button);
}
document.addEventListener("change", showNeeded);
// After Back the browser puts the answers back without a word; the fields follow them.
addEventListener("pageshow", showNeeded);

// Whether a photo is asked for depends on the matter.
function askByMatter() {
  const matter = document.querySelector("option[data-pictured]")?.closest("select");
  for (const said of matter ? document.querySelectorAll("[data-by-matter]") : []) {
    const isAsked = matter.selectedOptions[0].hasAttribute("data-pictured");
    said.className = isAsked ? "need" : "may";
    said.textContent = isAsked ? said.dataset.byMatter : matter.value ? said.dataset.not : said.dataset.else;
  }
}
document.addEventListener("change", askByMatter);

// A button that does what was chosen beside it is called by it.
document.addEventListener("change", ({ target }) => {
  const button = target.form?.querySelector(`[data-named-by="${target.name}"]`);
  if (button) button.textContent = target.dataset.names;
});

mendErrors();

// On a phone a row is a card: each value carries the head of its column.
for (const table of document.querySelectorAll("table.cards")) {
  const heads = [...table.tHead.rows[0].cells].map((head) => head.textContent.trim());
  for (const cell of table.querySelectorAll("tbody td")) cell.dataset.label = heads[cell.cellIndex];
}

// The way back leads to the list one came from, with its view and search; a sign-in forgets it.
const CAME_FROM = "hangji.came_from";
function rememberTheWayBack() {
  if (document.querySelector("[data-came-from]")) {
    sessionStorage.setItem(CAME_FROM, location.search);
  }
  if (document.querySelector("[name=password]")) sessionStorage.removeItem(CAME_FROM);
  const query = new URLSearchParams(sessionStorage.getItem(CAME_FROM) ?? "");
  query.delete("done");
  for (const link of document.querySelectorAll("[data-back]")) link.search = query.toString();
  for (const field of document.querySelectorAll("[data-list]")) field.value = query.toString();
}

// A page may name keys that press its buttons and links.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) return;
  if (/^[0-9]$/.test(event.key)) document.querySelector(`[data-pressed-by="${event.key}"]`)?.click();
});

function dress() {
  rememberTheWayBack();
  for (const input of document.querySelectorAll("input[type=file]:not([data-album], [data-whole])")) {
    collectPhotos(input);
  }
  for (const input of document.querySelectorAll("input[data-whole]")) nameFile(input);
  for (const finder of document.querySelectorAll("[data-finder]")) offerFinder(finder);
  for (const shops of document.querySelectorAll("[data-places]")) placeByShop(shops);
  for (const button of document.querySelectorAll("[data-locate]")) offerPlace(button);
  for (const box of document.querySelectorAll("[data-hexes]")) offerHexes(box);
  for (const button of document.querySelectorAll("[data-nearest]")) offerNearest(button);
  fillFromLink();
  for (const stop of document.querySelectorAll("[data-emergency]")) guardEmergency(stop);
  for (const box of document.querySelectorAll("[data-far]")) askIfFar(box);
  markWaiting();
  depending = document.querySelectorAll("[data-needed-for]");
  showNeeded();
  askByMatter();
  guardLeaving();
  rememberForm();
  keepList();
  placeInList();
  countWaiting();
  countDown();
  offerSmall();
  readDates();
  drawBar();
  drawQueue();
  // The first error or notice gets the focus.
  document.querySelector("[data-focus]")?.focus();
}
for (const form of document.querySelectorAll("form[data-queue]")) freshen(form);
dress();
noteLeft();
keepPages();
// A page that came as the answer to a form stands in the place of the old one.
// A part that was put into the page has requests of its own.
document.addEventListener("hangji:changed", ({ detail }) => htmx.process(detail));
document.addEventListener("hangji:shown", () => {
  htmx.process(document.body);
  dress();
});
