// The list one came from: how many it has, the task before this one and the one after.
const KEPT = "hangji.list";

export function keepList() {
  const list = document.querySelector("ul.picks");
  if (!list) return;
  const tasks = [...list.querySelectorAll(":scope > li > a")].map((link) => new URL(link.href).pathname);
  sessionStorage.setItem(KEPT, JSON.stringify({ tasks, total: list.dataset.total || String(tasks.length) }));
}

export function placeInList() {
  const place = document.querySelector("[data-place]");
  if (!place) return;
  const { tasks = [], total } = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  const at = tasks.indexOf(location.pathname);
  if (at < 0 || tasks.length < 2) return;
  place.querySelector("[data-at]").textContent = `${at + 1} / ${total}`;
  for (const [name, to] of [["before", tasks[at - 1]], ["after", tasks[at + 1]]]) {
    const link = place.querySelector(`[data-${name}]`);
    link.toggleAttribute("hidden", !to);
    if (to) link.href = to;
  }
  place.hidden = false;
}
