// What every page needs in the browser; pages work without it.
import htmx from "htmx.org";
import "./icon.svg?no-inline";

// No style of its own in the page: the policy of the pages allows style sheets only.
htmx.config.includeIndicatorCSS = false;

// A form is sent once: a second press while the first is on its way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent === "yes") {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-busy", "true");
});

// Coming back with the browser's button brings the old page to life again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-busy");
  }
});

// The summary of what is wrong takes the focus, so that nobody has to look for it.
document.querySelector("[data-focus]")?.focus();

// Photos are named under their field as soon as they are chosen.
for (const input of document.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", () => {
    const list = document.getElementById(`${input.id}-chosen`);
    const items = Array.from(input.files, (file) => {
      const item = document.createElement("li");
      item.textContent = file.name;
      return item;
    });
    list.replaceChildren(...items);
  });
}

// The place of the phone, only when asked for.
for (const button of document.querySelectorAll("[data-locate]")) {
  const name = button.dataset.locate;
  const status = document.getElementById(`${name}-status`);
  button.hidden = !navigator.geolocation;
  const found = ({ coords }) => {
    document.getElementById(name).value = coords.latitude.toFixed(6);
    document.getElementById(`${name}-lon`).value = coords.longitude.toFixed(6);
    status.textContent = "✓";
  };
  const failed = () => {
    status.textContent = status.dataset.failed;
  };
  button.addEventListener("click", () => navigator.geolocation.getCurrentPosition(found, failed));
}

// Fields that only some answers need are shown with those answers; hidden ones are not sent.
const depending = document.querySelectorAll("[data-needed-for]");
function chosenValue(name) {
  const chosen = document.querySelector(`[name="${name}"]:checked`);
  return (chosen ?? document.querySelector(`select[name="${name}"]`))?.value;
}
function showNeeded() {
  for (const field of depending) {
    const needed = Object.entries(JSON.parse(field.dataset.neededFor));
    const fits = needed.every(([name, values]) => values.map(String).includes(chosenValue(name)));
    show(field, fits);
    offer(field, !fits && needed.some(([name]) => chosenValue(name)));
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
  if (!isOffered || !field.querySelector("textarea")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "add";
  button.textContent = `＋ ${field.querySelector("label").firstChild.textContent.trim()}`;
  button.addEventListener("click", () => {
    button.remove();
    show(field, true);
    field.querySelector("textarea").focus();
  });
  field.before(button);
}
if (depending.length) {
  document.addEventListener("change", showNeeded);
  showNeeded();
}
