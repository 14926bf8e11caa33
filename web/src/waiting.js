// How much waits, in the menu: counted by the pages that show it anyway, asked for on the others.
const KEPT = "hangji.waiting";
const FRESH = 30_000;

export async function countWaiting() {
  const place = document.querySelector("[data-waiting-count]");
  const officer = document.body.dataset.officer;
  if (!place || !officer) return;
  if (place.dataset.waitingCount) return keep(officer, place.dataset.waitingCount);
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  if (kept.officer === officer) draw(place, kept.count);
  const isFresh = kept.officer === officer && Date.now() - kept.at < FRESH;
  const isDone = document.querySelector("[data-changed]");
  const isNew = isDone || new URLSearchParams(location.search).has("done");
  if ((isFresh && !isNew) || !navigator.onLine || document.documentElement.dataset.keptAt) return;
  try {
    const answer = await fetch("/inbox/waiting");
    if (!answer.ok) return;
    const { count } = await answer.json();
    keep(officer, count);
    draw(place, count);
  } catch {
    // Without a signal the number of before stays.
  }
}

function keep(officer, count) {
  sessionStorage.setItem(KEPT, JSON.stringify({ officer, count, at: Date.now() }));
}

function draw(place, count) {
  place.textContent = count;
  // A page writes its count as text.
  place.hidden = !count || count === "0";
}
