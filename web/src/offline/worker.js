// Keeps the shell and an officer's own pages for places without a signal; never sends input.
// `self.HANGJI` is written before it by the server. It stands alone: a worker loads no other file.

const TOLD = self.HANGJI;
const PAGES = "hangji-pages";
const STAMPS = "/offline/stamps";
const SHELL = `hangji-shell-${TOLD.shell.join("").replace(/\W+/g, "")}`;
const SLOW = 6_000;
const PAUSE = 120_000;

// A response requested before the cache was cleared is not stored afterwards.
let generation = 0;
let keptAt = 0;
let keptFor = null;
let keeping = null;

self.addEventListener("install", (event) => {
  const fill = async () => (await caches.open(SHELL)).addAll([...TOLD.shell, TOLD.offline, TOLD.unsent]);
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const clean = async () => {
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith("hangji-shell-") && name !== SHELL);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(clean());
});

self.addEventListener("message", (event) => {
  const { keep: officer } = event.data;
  const work = officer ? keepOnce(officer) : forget();
  event.waitUntil(work.finally(() => event.ports[0]?.postMessage("done")));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (request.method !== "GET") return;
  else if (pathname.startsWith("/assets/")) event.respondWith(asset(request));
  else if (pathname.startsWith("/photos/")) event.respondWith(photo(request));
});

async function page(request) {
  const began = generation;
  const kept = request.method === "GET" ? await find(request) : undefined;
  const answer = fetch(request).then(async (response) => {
    await keep(request.url, response, began);
    return response;
  });
  try {
    // A signal without throughput is no reason to wait.
    const late = kept && new Promise((show) => setTimeout(show, SLOW, kept.clone()));
    return await (late ? Promise.race([answer, late]) : answer);
  } catch {
    answer.catch(() => {});
    // Going back to the answer to a form asks the browser for what it did not keep: no lack of a signal.
    if (isLeftBehind(request)) return Response.redirect(request.referrer || TOLD.home, 303);
    // Signing out has cleared this device already, and ends the sign-in once there is a signal.
    const isLeaving = new URL(request.url).pathname === TOLD.leave;
    const told = request.method === "GET" || isLeaving ? TOLD.offline : TOLD.unsent;
    return kept ?? (await caches.match(told)) ?? Response.error();
  }
}

function isLeftBehind(request) {
  const isBack = request.isHistoryNavigation || request.cache === "only-if-cached";
  return request.method !== "GET" && isBack && self.navigator.onLine;
}

async function asset(request) {
  return (await caches.match(request, { cacheName: SHELL })) ?? fetch(request);
}

async function photo(request) {
  try {
    return await fetch(request);
  } catch {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 120"><rect width="120" height="120" fill="#ebf0f3"/><text x="60" y="64" font-size="13" text-anchor="middle" fill="#4a5b66">${TOLD.noPhoto}</text></svg>`;
    return new Response(svg, { headers: { "Content-Type": "image/svg+xml" } });
  }
}

// The page of this address, or the list without its filter, as long as the sign-in would last.
async function find(request) {
  const cache = await caches.open(PAGES);
  const url = new URL(request.url);
  if (url.pathname === "/") url.pathname = TOLD.home;
  const found = (await cache.match(url)) ?? (await cache.match(url, { ignoreSearch: true }));
  if (!found || Number(found.headers.get("X-Kept-Until")) < Date.now()) return undefined;
  const at = found.headers.get("X-Kept-At");
  const text = (await found.text()).replace("<html ", `<html data-kept-at="${at}" `);
  return new Response(text, { headers: found.headers });
}

async function keep(url, response, began) {
  const officer = response.headers.get("X-Kept-For");
  if (!officer || response.redirected) return;
  const text = await response.clone().text();
  const headers = new Headers(response.headers);
  const life = Number(headers.get("X-Kept-Seconds")) * 1000;
  headers.set("X-Kept-At", new Date().toISOString());
  headers.set("X-Kept-Until", Date.now() + life);
  await forgetOthers(officer);
  if (began !== generation) return;
  await (await caches.open(PAGES)).put(url, new Response(text, { headers }));
  if (began !== generation) await caches.delete(PAGES);
}

function keepOnce(officer) {
  if (keptFor === officer && Date.now() - keptAt < PAUSE) return Promise.resolve();
  keptFor = officer;
  keeping ??= keepAll(officer)
    .catch(() => {}) // no signal: what is kept stays
    .finally(() => (keeping = null));
  return keeping;
}

async function keepAll(officer) {
  await forgetOthers(officer);
  const began = generation;
  const answer = await fetch(TOLD.list);
  if (!answer.ok || answer.redirected) return;
  const { pages } = await answer.json();
  const cache = await caches.open(PAGES);
  const known = (await (await cache.match(STAMPS))?.json()) ?? {};
  for (const { path, stamp } of pages) {
    if (began !== generation) return;
    const isKept = known[path] === stamp && (await cache.match(path));
    if (!isKept) await keep(new URL(path, self.location).href, await fetch(path), began);
  }
  const stamps = Object.fromEntries(pages.map(({ path, stamp }) => [path, stamp]));
  const gone = Object.keys(known).filter((path) => !(path in stamps));
  await Promise.all(gone.map((path) => cache.delete(path)));
  if (began !== generation) return;
  await (await caches.open(PAGES)).put(STAMPS, Response.json(stamps));
  keptAt = Date.now();
}

// Whoever signs in finds nothing here of who had the phone before.
async function forgetOthers(officer) {
  for (const page of await (await caches.open(PAGES)).matchAll()) {
    const whose = page.headers.get("X-Kept-For");
    if (whose && whose !== String(officer)) await caches.delete(PAGES);
  }
}

async function forget() {
  generation += 1;
  keptAt = 0;
  await keeping;
  await caches.delete(PAGES);
}
