// A place far from the shop that was chosen is asked about before the form goes; it is never refused.
import { between } from "./visits.js";

export function askIfFar(box) {
  const form = box.closest("form");
  if (!form || box.dataset.watched) return;
  box.dataset.watched = "yes";
  const agreed = box.querySelector("[data-far-agreed]");
  const words = box.querySelector("[data-words]");
  let asked = "";
  const look = ({ target } = {}) => {
    if (target === agreed) return;
    const shop = form.querySelector("option[data-at]:checked");
    const metres = shop ? metresTo(shop, form) : 0;
    box.hidden = metres <= Number(box.dataset.far);
    if (box.hidden) return;
    const far = inWords(metres, box);
    words.textContent = words.dataset.words.replace("{shop}", shop.text).replace("{far}", far);
    // Another shop or place is another question.
    const question = `${shop.value} ${far}`;
    if (question !== asked) agreed.checked = false;
    asked = question;
  };
  for (const what of ["input", "change"]) form.addEventListener(what, look);
  // Before anything else sends or keeps the form.
  form.addEventListener("submit", (event) => refuse(event, box, agreed), { capture: true });
  look();
}

function metresTo(shop, form) {
  const [lat, lon] = [".lat", ".lon"].map((end) => form.querySelector(`[name$="${end}"]`)?.value);
  if (!lat || !lon) return 0;
  const [shopLat, shopLon] = shop.dataset.at.split(",").map(Number);
  return between(Number(lat), Number(lon), shopLat, shopLon);
}

function inWords(metres, box) {
  if (metres < 1000) return box.dataset.m.replace("{}", String(Math.round(metres / 10) * 10));
  return box.dataset.km.replace("{}", (metres / 1000).toFixed(1));
}

function refuse(event, box, agreed) {
  // A draft may wait with the question.
  if (box.hidden || agreed.checked || event.submitter?.name) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  box.setAttribute("role", "alert");
  box.scrollIntoView({ block: "center" });
  agreed.focus();
}
