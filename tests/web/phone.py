"""An officer with a phone on a bad signal, whose browser may be closed in between; no test."""

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, BrowserType, expect

from tests.web.browsing import PHONE, SWITCHES, Person, chromium
from tests.web.signal import Signal
from tests.web.town import a_photo

FOUND = "货架上有老鼠屎，店主正在清理。"
DONE = "已当场清理，加装挡鼠板。"
KEPT_PAGES = """async () => {
  const kept = await (await caches.open("hangji-pages")).keys();
  return kept.map(({ url }) => new URL(url).pathname);
}"""
WHOSE_HOME = """async () => {
  for (let at = 0; at < 100; at += 1) {
    const whose = (await caches.match("/home"))?.headers.get("X-Kept-For");
    if (whose === document.body.dataset.officer) return "mine";
    await new Promise((done) => setTimeout(done, 50));
  }
  return "of another";
}"""
READY = """async () => {
  for (let at = 0; at < 400; at += 1) {
    if (navigator.serviceWorker.controller && (await caches.match("/offline/stamps"))) return "";
    await new Promise((done) => setTimeout(done, 50));
  }
  const { installing, waiting, active } = await navigator.serviceWorker.getRegistration();
  return [installing, waiting, active].map((one) => one?.state).join() + (await caches.keys());
}"""
EVERYTHING = """async () => {
  const texts = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      texts.push(request.url, await (await cache.match(request)).text());
    }
  }
  const databases = {};
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise((done) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => done(asked.result);
    });
    for (const store of db.objectStoreNames) {
      const rows = await new Promise((done) => {
        const asked = db.transaction(store).objectStore(store).getAll();
        asked.onsuccess = () => done(asked.result);
      });
      databases[store] = rows.length;
    }
    db.close();
  }
  const [local, session] = [{ ...localStorage }, { ...sessionStorage }];
  return JSON.stringify({ texts, databases, local, session });
}"""


class Handset:
    """A phone: its browser may be closed, and opens again with what it had kept."""

    def __init__(self, kind: BrowserType, folder: Path) -> None:
        self.kind, self.folder = kind, folder

    def new_context(self, **options: Any) -> BrowserContext:
        """Open the browser."""
        return self.kind.launch_persistent_context(
            self.folder, executable_path=chromium(), args=SWITCHES, **options
        )


class Officer:
    """An officer with a phone on a bad signal."""

    def __init__(self, kind: BrowserType, folder: Path, signal: Signal) -> None:
        self.handset, self.signal = Handset(kind, folder), signal
        self.person = self.opened()

    def opened(self) -> Person:
        """Open the browser."""
        return Person(self.handset, self.signal.address, size=PHONE)

    def reopen(self) -> None:
        """Close the browser and open it again; a failing network is complained of on purpose."""
        self.person.context.close()
        self.person = self.opened()

    def begin(self, who: str) -> None:
        """Sign in and wait until the phone has kept what is needed."""
        self.person.sign_in(who)
        assert self.person.page.evaluate(READY) == ""

    def report(self) -> None:
        """Fill in a report with a photo and press."""
        self.person.open("/report")
        self.fill_in()
        self.person.page.get_by_role("button", name="上报", exact=True).click()

    def fill_in(self) -> None:
        """Fill in the report that is open."""
        page = self.person.page
        page.get_by_label("事项").select_option("H02")
        page.get_by_label("情况描述").fill(FOUND)
        photo = {"name": "一.jpg", "mimeType": "image/jpeg", "buffer": a_photo(side=600).read()}
        page.locator("#photos").set_input_files([photo])  # type: ignore[list-item]
        expect(page.locator(".chosen img")).to_have_count(1)

    def complete(self, task: str) -> None:
        """Fill in a task and press."""
        page = self.person.page
        self.person.open(f"/tasks/{task}")
        page.get_by_role("radio", name="已解决").check()
        page.get_by_label("处置措施").fill(DONE)
        page.get_by_role("button", name="提交").click()

    def waits(self, words: str = "1 件待发送") -> None:
        """The bar says what has not gone out."""
        expect(self.person.page.locator("[data-bar]")).to_contain_text(words)

    def is_quiet(self) -> None:
        """Everything has gone out; a page that has not yet looked says nothing either."""
        expect(self.person.page.locator("[data-bar][data-drawn]")).to_have_count(1)
        expect(self.person.page.locator("[data-bar]")).to_be_hidden()

    def holds(self) -> dict[str, Any]:
        """Everything the phone keeps."""
        return dict(json.loads(self.person.page.evaluate(EVERYTHING)))
