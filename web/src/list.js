// The list one came from: how many it has, the task or case before this one and the one after.
const KEPT = "hangji.list";

export function keepList() {
  const list = document.querySelector("ul.picks, ul[data-total]");
  if (!list) return;
  const tasks = [...list.querySelectorAll(":scope > li > a")].map((link) => new URL(link.href).pathname);
  const total = list.dataset.total ?? String(tasks.length);
  sessionStorage.setItem(KEPT, JSON.stringify({ tasks, total, from: location.pathname + location.search }));
}

export function placeInList() {
  const place = document.querySelector("[data-place]");
  if (!place) return;
  const { tasks = [], total, from } = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  const at = tasks.indexOf(location.pathname);
  if (at < 0 || tasks.length < 2) return;
  const words = (total && place.dataset.wordsOf) || place.dataset.words || "{} / {}";
  place.querySelector("[data-at]").textContent = [at + 1, total].reduce((said, number) => said.replace("{}", number), words);
  const back = document.querySelector("[data-list-back]");
  if (back && from) {
    back.href = from;
    back.textContent = place.dataset.backWords;
  }
  const following = document.querySelector("[data-following]");
  if (following) following.value = tasks[at + 1]?.match(/^\/tasks\/([\d-]+)$/)?.[1] ?? "";
  for (const [name, to] of [["before", tasks[at - 1]], ["after", tasks[at + 1]]]) {
    const link = place.querySelector(`[data-${name}]`);
    link.toggleAttribute("hidden", !to);
    if (to) link.href = to;
  }
  place.hidden = false;
}
