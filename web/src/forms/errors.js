// What is wrong with a field: said in the language of the page, and gone once it is mended.
function isFilled(field) {
  return [...field.querySelectorAll("input, select, textarea")].some((input) => {
    if (input.type === "hidden" || input.disabled) return false;
    return input.matches("[type=radio], [type=checkbox]") ? input.checked : input.value.trim();
  });
}

function mend({ target }) {
  target.setCustomValidity?.("");
  const field = target.closest?.(".field");
  const error = field?.querySelector(":scope > .error");
  if (!error || !isFilled(field)) return;
  const name = error.id.replace(/-error$/, "");
  error.remove();
  for (const wrong of [field, ...field.querySelectorAll("[aria-invalid]")]) wrong.removeAttribute("aria-invalid");
  const summary = field.closest("form").querySelector(".summary");
  summary?.querySelector(`[href="#${CSS.escape(name)}"]`)?.closest("li").remove();
  if (summary && !summary.querySelector("li")) summary.remove();
}

// The browser's own words are in the browser's language, and say nothing of the field.
function tell({ target }) {
  if (!target.validity?.valueMissing) return;
  const isChosen = target.matches("select, [type=radio], [type=checkbox]");
  const { pleaseChoose, pleaseFill } = document.body.dataset;
  target.setCustomValidity((isChosen ? pleaseChoose : pleaseFill) ?? "");
}

export function mendErrors() {
  for (const what of ["input", "change"]) document.addEventListener(what, mend);
  document.addEventListener("invalid", tell, true);
  document.addEventListener("change", ({ target }) => {
    if (target.type !== "radio") return;
    for (const other of target.form?.querySelectorAll(`[name="${target.name}"]`) ?? []) other.setCustomValidity("");
  });
}
