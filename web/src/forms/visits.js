// My round on a phone: when and where a visit was recorded, what waits to be sent, nearest first.
import { officer } from "../offline/outbox.js";
import * as store from "../offline/store.js";

const WAIT = 15_000;
const EARTH = 6_371_008;

// By the clock of the phone: it may be hours until the visit is sent.
document.addEventListener(
  "submit",
  ({ target }) => {
    for (const name of ["taken_at", "found_at"]) {
      const at = target.elements?.[name];
      if (at?.type === "hidden") at.value = new Date().toISOString();
    }
  },
  true,
);

export async function markWaiting() {
  const list = document.querySelector("[data-round]");
  if (!list || !store.canKeep || !officer()) return;
  const items = await store.list(officer());
  const fields = items.map(({ content }) => new Map(content.fields));
  const waiting = new Set(fields.map((sent) => sent.get("result") && sent.get("business")));
  let visited = 0;
  for (const visit of list.children) {
    const isRecorded = waiting.has(visit.dataset.visit);
    visit.querySelector("[data-waiting]").hidden = !isRecorded;
    // A second press would record a second visit; a problem seen afterwards is still reported.
    for (const button of visit.querySelectorAll(".actions button")) button.hidden = isRecorded;
    if (isRecorded && visit.dataset.due === "yes") visited += 1;
  }
  const due = document.querySelector("[data-due-count]");
  if (due) due.textContent = String(Math.max(0, Number(due.dataset.dueCount) - visited));
}

export function offerNearest(button) {
  if (!navigator.geolocation) return;
  const told = document.querySelector("[data-nearest-told]");
  const failed = () => (told.textContent = button.dataset.failed);
  const found = ({ coords }) => {
    told.textContent = "";
    sort(coords);
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    const exactly = { enableHighAccuracy: true, timeout: WAIT, maximumAge: 60_000 };
    navigator.geolocation.getCurrentPosition(found, failed, exactly);
  });
}

// Due ones stay in front; the position goes with every visit recorded from now on.
function sort({ latitude, longitude }) {
  const list = document.querySelector("[data-round]");
  const far = new Map();
  for (const visit of list.children) {
    const { lat, lon } = visit.dataset;
    const metres = lat ? between(latitude, longitude, Number(lat), Number(lon)) : Infinity;
    far.set(visit, metres);
    visit.querySelector("[name=lat]").value = latitude.toFixed(6);
    visit.querySelector("[name=lon]").value = longitude.toFixed(6);
    const place = visit.querySelector("[data-metres]");
    place.hidden = !lat;
    place.textContent = metres < 1000 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(1)} km`;
  }
  const rank = (visit) => (visit.dataset.due === "yes" ? 0 : 1);
  const order = [...list.children].sort((a, b) => rank(a) - rank(b) || far.get(a) - far.get(b));
  list.replaceChildren(...order);
}

export function between(lat, lon, otherLat, otherLon) {
  const turn = Math.PI / 180;
  const x = (otherLon - lon) * turn * Math.cos(((lat + otherLat) / 2) * turn);
  return EARTH * Math.hypot(x, (otherLat - lat) * turn);
}

// A form kept on the phone knows nothing of the link that led to it.
export function fillFromLink() {
  const form = document.querySelector("form[data-linked]");
  if (!form || !document.documentElement.dataset.keptAt) return;
  const given = new URLSearchParams(location.search);
  for (const name of ["business", "matter"]) {
    const [select, value] = [form.elements[name], given.get(name)];
    if (!select || !value) continue;
    const isListed = [...select.options].some((option) => option.value === value);
    if (!isListed) select.add(new Option(given.get("shop") ?? value, value));
    select.value = value;
  }
  if (!given.get("area")) return;
  // The deepest area given is the one that counts.
  const area = Object.assign(document.createElement("input"), { type: "hidden", name: "area" });
  area.value = given.get("area");
  form.append(area);
}

document.addEventListener("hangji:queue", markWaiting);
