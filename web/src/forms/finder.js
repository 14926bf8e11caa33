// A search over a long list: by its words, by common ones, or by names from the server.

const MOST = 6;
const PAUSE = 250;

export function offerFinder(finder) {
  if (!finder.hidden) return;
  finder.hidden = false;
  const input = finder.querySelector("input");
  const list = finder.querySelector("ul");
  let latest = 0;
  let timer = 0;

  const show = async () => {
    const words = input.value.trim().toLowerCase();
    const mine = (latest += 1);
    const found = words ? await look(finder, words) : [];
    if (mine !== latest) return;
    const rows = found.map(({ value, label }) => row(label, () => pick(finder, value)));
    list.replaceChildren(...(words && !rows.length ? [nothing(finder)] : rows));
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, finder.dataset.ask ? PAUSE : 0);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    // The form is not sent by searching in it.
    event.preventDefault();
    list.querySelector("button")?.click();
  });
}

function row(label, choose) {
  const [item, button] = ["li", "button"].map((tag) => document.createElement(tag));
  button.type = "button";
  button.textContent = label;
  button.addEventListener("click", choose);
  item.append(button);
  return item;
}

function nothing(finder) {
  const item = document.createElement("li");
  item.className = "small soft";
  item.textContent = finder.dataset.nothing;
  return item;
}

async function look(finder, words) {
  if (!finder.dataset.ask) return among(document.getElementById(finder.dataset.finder), words);
  try {
    const url = new URL(finder.dataset.ask, location.href);
    url.searchParams.set("q", words);
    const answer = await fetch(url);
    return answer.ok ? await answer.json() : [];
  } catch {
    return []; // no signal: the list below is still there
  }
}

function among(select, words) {
  const wanted = words.split(/\s+/);
  const fits = (option) => {
    const text = `${option.text} ${option.dataset.words ?? ""}`.toLowerCase();
    return option.value && wanted.every((word) => text.includes(word));
  };
  return [...select.options].filter(fits).slice(0, MOST).map(({ value, text }) => ({
    value,
    label: text,
  }));
}

async function pick(finder, value) {
  const name = finder.dataset.finder;
  if (finder.dataset.ask) await chooseArea(name, value);
  else document.getElementById(name).value = value;
  finder.querySelector("input").value = "";
  finder.querySelector("ul").replaceChildren();
  // The steps down are shown already: notify only the fields that depend on the area.
  const changed = document.getElementById(finder.dataset.ask ? `${name}-steps` : name);
  changed.dispatchEvent(new Event("change", { bubbles: true }));
  document.getElementById(name)?.focus();
}

export async function chooseArea(name, code) {
  const steps = document.getElementById(`${name}-steps`);
  const query = new URLSearchParams({ field: name, code });
  const answer = await fetch(`/area-steps?${query}`).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  steps.replaceChildren(...page.body.childNodes);
  document.dispatchEvent(new CustomEvent("hangji:changed", { detail: steps }));
}

// A shop that is chosen says more exactly where it lies, never another place than was chosen.
export function placeByShop(select) {
  if (select.dataset.watched) return;
  select.dataset.watched = "yes";
  const name = select.dataset.places;
  select.addEventListener("change", async () => {
    const area = select.selectedOptions[0]?.dataset.area;
    const steps = document.getElementById(`${name}-steps`);
    if (!area || !steps) return;
    const chosen = [...steps.querySelectorAll("select")].findLast((one) => one.value)?.value ?? "";
    if (chosen === area || !area.startsWith(chosen)) return;
    await chooseArea(name, area);
    steps.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
