// What every page needs in the browser; pages work without it.
import "htmx.org";

// A form is sent once: a second press while the first is on its way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent === "yes") {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-busy", "true");
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
    list.replaceChildren(
      ...Array.from(input.files, (file) => {
        const item = document.createElement("li");
        item.textContent = file.name;
        return item;
      }),
    );
  });
}

// The place of the phone, only when asked for.
for (const button of document.querySelectorAll("[data-locate]")) {
  button.hidden = !navigator.geolocation;
  button.addEventListener("click", () => {
    const name = button.dataset.locate;
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      document.getElementById(`${name}.lat`).value = coords.latitude.toFixed(6);
      document.getElementById(`${name}.lon`).value = coords.longitude.toFixed(6);
    });
  });
}

// Fields that only some answers need are shown with those answers.
const depending = document.querySelectorAll("[data-needed-for]");
function showNeeded() {
  for (const field of depending) {
    const needed = JSON.parse(field.dataset.neededFor);
    const fits = Object.entries(needed).every(([name, values]) => {
      const chosen = document.querySelector(`[name="${name}"]:checked`) ?? document.querySelector(`select[name="${name}"]`);
      return chosen && values.map(String).includes(chosen.value);
    });
    field.dataset.needed = fits ? "yes" : "no";
  }
}
if (depending.length) {
  document.addEventListener("change", showNeeded);
  showNeeded();
}
