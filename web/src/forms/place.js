// The position of the phone, on request only; nobody types degrees.

import { chooseArea } from "./finder.js";

const WAIT = 15_000;

export function offerPlace(button) {
  const name = button.dataset.locate;
  const [lat, lon, status] = [name, `${name}-lon`, `${name}-status`].map((id) =>
    document.getElementById(id),
  );
  const undo = document.querySelector(`[data-unlocate="${name}"]`);
  const put = (latitude, longitude, words) => {
    [lat.value, lon.value, status.textContent] = [latitude, longitude, words];
    undo.hidden = !latitude;
    button.form?.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const found = ({ coords }) => {
    const words = status.dataset.found.replace("{}", Math.max(1, Math.round(coords.accuracy)));
    put(coords.latitude.toFixed(6), coords.longitude.toFixed(6), words);
    lookAround(button.form, name, coords);
  };
  const failed = ({ code, PERMISSION_DENIED }) => {
    const isDenied = code === PERMISSION_DENIED;
    status.textContent = isDenied ? status.dataset.denied : status.dataset.failed;
  };
  button.addEventListener("click", () => {
    if (!navigator.geolocation) return failed({ code: 1, PERMISSION_DENIED: 1 });
    status.textContent = status.dataset.locating;
    const exactly = { enableHighAccuracy: true, timeout: WAIT, maximumAge: 60_000 };
    navigator.geolocation.getCurrentPosition(found, failed, exactly);
  });
  undo.addEventListener("click", () => {
    put("", "", "");
    document.getElementById(`${name}-near`)?.replaceChildren();
    button.focus();
  });
}

// As if the area had been chosen step by step; fields that depend on it notice.
async function choose(code) {
  await chooseArea("area", code);
  document.getElementById("area-steps").dispatchEvent(new Event("change", { bubbles: true }));
}

// The village there, two on a border, and what is open near by; without a network nothing is shown.
async function lookAround(form, name, { latitude, longitude, accuracy }) {
  const box = document.getElementById(`${name}-near`);
  if (!box) return;
  const body = new FormData();
  for (const [key, value] of Object.entries({ lat: latitude, lon: longitude, accuracy: Math.min(accuracy, 5000) })) body.append(key, value);
  body.append("address", form.elements.address?.value ?? "");
  body.append("csrf", form.elements.csrf?.value ?? "");
  const answer = await fetch(box.dataset.near, { method: "POST", body }).catch(() => null);
  if (!answer?.ok) return;
  box.replaceChildren(document.createRange().createContextualFragment(await answer.text()));
  for (const village of box.querySelectorAll("[data-village]")) {
    village.addEventListener("click", () => choose(village.dataset.village));
  }
}
