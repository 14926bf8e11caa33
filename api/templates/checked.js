"use strict";
const PACE = 900;
const figures = [...document.querySelectorAll("figure")];
const parts = (id, file) => {
  const own = figures.filter((figure) => figure.dataset.file === file);
  const found = (some) => some.flatMap((figure) => [...figure.querySelectorAll("[data-id]")]).filter((part) => part.dataset.id === id);
  const first = found(own);
  return first.length ? first : found(figures).slice(0, 1);
};
const words = (text) => (text || "").split(" ").filter(Boolean);
for (const figure of figures) {
  for (const kind of ["visited", "missed"]) {
    for (const id of words(figure.dataset[kind])) for (const part of parts(id, figure.dataset.file)) part.classList.add(kind);
  }
}
const look = (part) => {
  const canvas = part.closest(".canvas");
  part.closest("figure").scrollIntoView({ block: "nearest" });
  const box = part.getBoundingClientRect();
  const frame = canvas.getBoundingClientRect();
  canvas.scrollBy(box.left - frame.left - frame.width / 2 + box.width / 2, box.top - frame.top - frame.height / 2 + box.height / 2);
};
const clear = () => {
  for (const part of document.querySelectorAll(".on-way,.here")) part.classList.remove("on-way", "here");
  for (const one of document.querySelectorAll("article.current")) one.classList.remove("current");
};
let playing = 0;
const prepare = (article) => {
  const { element, file } = article.dataset;
  const trace = words(article.dataset.trace);
  const output = article.querySelector(".step");
  let place = -1;
  for (const part of parts(element, file)) part.classList.add(`has-${article.classList[0]}`);
  const go = (to) => {
    place = Math.max(0, Math.min(to, trace.length - 1));
    clear();
    article.classList.add("current");
    for (const id of trace.slice(0, place + 1)) for (const part of parts(id, file)) part.classList.add("on-way");
    const [here] = parts(trace[place], file);
    if (here) { here.classList.add("here"); look(here); }
    output.textContent = `${place + 1}/${trace.length} ${trace[place]}`;
  };
  const stop = () => { clearInterval(playing); };
  article.querySelector(".show").addEventListener("click", () => {
    stop();
    clear();
    article.classList.add("current");
    const [part] = parts(element, file);
    const figure = figures.find((one) => one.dataset.file === file);
    if (part) look(part); else if (figure) figure.scrollIntoView();
  });
  if (!trace.length) return;
  article.querySelector(".back").addEventListener("click", () => { stop(); go(place - 1); });
  article.querySelector(".next").addEventListener("click", () => { stop(); go(place + 1); });
  article.querySelector(".play").addEventListener("click", () => {
    stop();
    go(0);
    playing = setInterval(() => (place + 1 < trace.length ? go(place + 1) : stop()), PACE);
  });
};
document.querySelectorAll("article[data-element]").forEach(prepare);
