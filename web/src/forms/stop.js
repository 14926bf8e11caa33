// Words for an emergency, or its matter, open the stop: whom to call before the report goes on.

export function guardEmergency(stop) {
  const form = stop.closest("form");
  const { matter, description } = form.elements;
  const button = form.querySelector("[data-in-an-emergency]");
  const ordinary = button.lastChild.textContent;
  const isSaid = sayer(stop.dataset.words.split(";"));
  const known = new Set(stop.dataset.emergency.split(" "));
  const look = () => {
    const isChosen = known.has(matter.value);
    const cause = isChosen ? matter : isSaid(description.value) ? description : null;
    show(stop, Boolean(cause));
    show(stop.querySelector("[data-unless-chosen]"), Boolean(cause) && !isChosen);
    if (cause && stop.previousElementSibling !== cause.closest(".field")) cause.closest(".field").after(stop);
    const isUrgent = cause && answerOf(form) !== "no";
    button.classList.toggle("stop", Boolean(isUrgent));
    button.lastChild.textContent = isUrgent ? button.dataset.inAnEmergency : ordinary;
  };
  for (const what of ["input", "change"]) form.addEventListener(what, look);
  // Before anything else sends or keeps the form.
  form.addEventListener("submit", (event) => refuse(event, stop, form), { capture: true });
  look();
}

// Words of the Latin script stand alone in a text; Chinese ones stand anywhere.
function sayer(words) {
  const patterns = words.map((word) => (/^[\x20-\x7e]+$/.test(word) ? new RegExp(`\\b${word}\\b`) : word));
  return (text) => {
    const said = text.toLowerCase();
    return patterns.some((one) => (typeof one === "string" ? said.includes(one) : one.test(said)));
  };
}

const answerOf = (form) => form.querySelector("[name=emergency]:checked:not(:disabled)")?.value;

function show(part, isShown) {
  part.hidden = !isShown;
  for (const input of part.querySelectorAll("input")) input.disabled = !isShown;
}

// It goes as every error does, once the field is filled in.
function errorOf(field) {
  const error = document.createElement("p");
  error.className = "error";
  error.id = "emergency-error";
  error.textContent = field.dataset.choose;
  return error;
}

function refuse(event, stop, form) {
  if (event.submitter?.name || stop.hidden || answerOf(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const first = stop.querySelector("[name=emergency]:not(:disabled)");
  const field = first.closest(".field");
  if (!field.querySelector(".error")) field.querySelector("legend").after(errorOf(field));
  first.focus();
}
