// A text over its limit is never cut in silence: a count stands below it, and it is refused in words.
const NEAR = 0.8;
const FIELDS = "textarea[maxlength], input[maxlength]:not([type=search], [type=password])";

// The limit of the browser cuts what is pasted; from the first touch on this module keeps it.
document.addEventListener("focusin", ({ target: field }) => {
  if (!field.matches?.(FIELDS)) return;
  field.dataset.mostChars = field.maxLength;
  field.removeAttribute("maxlength");
  draw(field);
});
document.addEventListener("input", ({ target }) => {
  if (target.dataset?.mostChars) draw(target);
});

function draw(field) {
  const most = Number(field.dataset.mostChars);
  const over = field.value.length - most;
  const isOver = over > 0;
  const words = isOver ? said("over", over, most) : field.value.length >= NEAR * most ? said("left", -over, most) : "";
  const place = placeOf(field, words);
  if (place) {
    place.textContent = words;
    place.classList.toggle("over", isOver);
  }
  field.classList.toggle("is-over", isOver);
  if (isOver) field.setAttribute("aria-invalid", "true");
  else if (place) field.removeAttribute("aria-invalid");
}

function said(name, count, most) {
  return document.querySelector("[data-lengths]").dataset[name].replace("{}", count).replace("{most}", most);
}

function placeOf(field, words) {
  const id = `${field.id || field.name}-length`;
  let place = document.getElementById(id);
  if (!place && words) {
    place = document.createElement("p");
    Object.assign(place, { id, className: "length small" });
    place.setAttribute("role", "status");
    field.after(place);
    field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${id}`.trim());
  }
  return place;
}

// Heard before anything is sent or kept on the device.
document.addEventListener(
  "submit",
  (event) => {
    const field = event.target.querySelector(".is-over:enabled");
    if (!field) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    field.focus();
    field.scrollIntoView({ block: "center" });
  },
  true,
);
