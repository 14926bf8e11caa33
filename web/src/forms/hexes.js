// Choosing an area by tapping: the options of the last select as hexagons, in the order of codes.
// A tap chooses in the select, which stays the field; the level below is then drawn in its place.

const MOST = 120;
const WIDE = 68;
const HALF = 34;

export function offerHexes(box) {
  const steps = document.getElementById(box.dataset.hexes);
  if (!steps || box.dataset.ready) return;
  box.dataset.ready = "yes";
  box.hidden = false;
  const list = box.querySelector("ul");
  const draw = () => {
    const selects = [...steps.querySelectorAll("select")];
    const open = selects.find((select) => !select.value) ?? selects.at(-1);
    const options = open ? [...open.options].filter(({ value }) => value) : [];
    const fitting = Math.floor((list.parentElement.clientWidth - HALF) / WIDE) || 1;
    const across = Math.max(1, Math.min(fitting, Math.round(Math.sqrt(options.length))));
    list.replaceChildren(...(options.length <= MOST ? rows(options, across) : []));
    list.querySelectorAll("button").forEach((button) => {
      button.setAttribute("aria-pressed", String(open.value === button.value));
      button.addEventListener("click", () => choose(open, button.value));
    });
    box.querySelector("[data-up]").hidden = !selects[0]?.value;
  };
  const choose = (select, value) => {
    select.value = value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  box.querySelector("[data-up]").addEventListener("click", () => {
    const chosen = [...steps.querySelectorAll("select")].filter(({ value }) => value);
    if (chosen.length) choose(chosen.at(-1), "");
  });
  steps.addEventListener("change", () => setTimeout(draw));
  new MutationObserver(draw).observe(steps, { childList: true, subtree: true });
  box.addEventListener("toggle", draw);
}

function rows(options, across) {
  const made = [];
  for (let first = 0; first < options.length; first += across) {
    const row = document.createElement("li");
    // Rows run to and fro, as on the map: neighbours by code lie side by side.
    row.append(...options.slice(first, first + across).map(button));
    made.push(row);
  }
  return made;
}
function button({ value, textContent }) {
  return Object.assign(document.createElement("button"), { type: "button", value, textContent });
}
