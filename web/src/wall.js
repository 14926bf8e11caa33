// The wall reloads periodically; when that fails it shows the time of its numbers.
import { drawAll } from "./charts.js";

const EVERY = 30_000;
async function refresh() {
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok) {
      location.reload();
      return;
    }
    document.querySelector("main").replaceWith(page.querySelector("main"));
    document.body.classList.remove("is-lost");
    drawAll();
  } catch {
    // Until the next answer the old numbers stay, with the time they are of.
    const told = document.querySelector(".lost");
    const since = document.querySelector(".time b").textContent;
    told.textContent = `${document.body.dataset.lost} ${since}`;
    document.body.classList.add("is-lost");
  }
}
setInterval(refresh, EVERY);
