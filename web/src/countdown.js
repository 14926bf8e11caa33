// A page that stays open or was kept without a signal counts the time left itself, each minute.
import { dayOf, leftAt } from "./left.js";

const MINUTE = 60_000;
let isTicking = false;

export function countDown() {
  rewrite();
  if (isTicking) return;
  isTicking = true;
  setInterval(rewrite, MINUTE);
  // A phone that slept has missed its minutes.
  document.addEventListener("visibilitychange", rewrite);
}

function rewrite() {
  const told = document.querySelector("[data-counting]");
  if (!told) return;
  const counting = { ...JSON.parse(told.dataset.counting), words: JSON.parse(told.dataset.words) };
  const now = serverTime(counting.made);
  // What was made this minute is as the server says.
  if (now - counting.made < 60) return;
  for (const mark of document.querySelectorAll(".left[data-until]")) write(mark, now, counting);
}

// By the clock of the server: that of the device may be wrong, but it runs as fast. A kept page
// says when it was kept by the clock of the device.
let countedFrom = 0;
let opened = 0;
function serverTime(made) {
  if (made !== countedFrom) {
    const keptAt = Date.parse(document.documentElement.dataset.keptAt ?? "");
    // The answer to a form that stands in the place of a kept page was made just now.
    opened = (!countedFrom && keptAt) || Date.now();
    countedFrom = made;
  }
  return made + Math.floor((Date.now() - opened) / 1000);
}

function write(mark, now, counting) {
  const told = (mark.dataset.told ??= mark.lastChild.textContent);
  const left = leftAt(mark.dataset.until, now, counting);
  const text = left?.words ?? asOf(told, now, counting);
  if (mark.lastChild.textContent !== text) mark.lastChild.textContent = text;
  if (left?.step) colour(mark, left.step);
}

// What a page cannot count says of when it is.
function asOf(told, now, { made, words }) {
  const day = dayOf(made) === dayOf(now) ? {} : { month: "2-digit", day: "2-digit" };
  const clock = { ...day, hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" };
  const at = new Intl.DateTimeFormat(document.documentElement.lang, clock).format(made * 1000);
  return words.asOf[0].replace("{}", told).replace("{}", at);
}

const STEPS = ["normal", "half", "near", "overdue"];
function colour(mark, step) {
  const around = mark.closest("li, .clock");
  for (const part of [mark, around]) {
    if (!part || !STEPS.some((each) => part.classList.contains(each))) continue;
    part.classList.remove(...STEPS);
    part.classList.add(step);
  }
  const drawn = mark.querySelector("use");
  const name = step === "overdue" ? "octagon-alert" : "triangle-alert";
  const href = drawn?.getAttribute("href").replace(/#.*$/, `#${name}`);
  if (href && drawn.getAttribute("href") !== href) drawn.setAttribute("href", href);
}
