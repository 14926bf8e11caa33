"""Every kind of page each role is led to by links, and how wide it is; holds no test."""

import re
from collections.abc import Iterator

from tests.web.browsing import Person

ROLES_OF_THE_SAMPLE = (
    "grid_member",
    "village_center",
    "station_officer",
    "county_officer",
    "supervisor",
    "triage",
    "business",
    "registry_keeper",
    "enforcement",
    "emergency_center",
    "analyst",
    "publisher",
    "admin_system",
    "admin_security",
    "admin_audit",
)


def led_to(person: Person, kinds: set[str]) -> Iterator[str]:
    """Open every page links lead to from the first one; each kind of address once in all."""
    waiting = ["/home", "/inbox", "/queue"]
    while waiting:
        path = waiting.pop(0)
        person.open(path)
        yield path
        links = person.page.eval_on_selector_all(
            "a[href^='/']", "all => all.map((one) => one.getAttribute('href'))"
        )
        for link in links:
            kind = re.sub(r"[0-9A-Za-z]*\d[\w-]*", "N", link.partition("#")[0].partition("?")[0])
            is_file = any(part in kind for part in ("/assets", "/photos", "export", ".", "days"))
            if not is_file and kind not in {*kinds, "/home", "/inbox", "/queue"}:
                kinds.add(kind)
                waiting.append(link.partition("#")[0])


NARROW = (320, 640)
"""The narrowest phone people still carry; a page that fits it fits every other one."""
WIDE = """() => {
  const window_ = document.documentElement.clientWidth;
  const isShut = (one) => one.closest("details:not([open]), [hidden], .visually-hidden");
  const scrolls = (one) => {
    for (let up = one; up && up !== document.body; up = up.parentElement) {
      if (["auto", "scroll", "hidden"].includes(getComputedStyle(up).overflowX)) return true;
    }
    return false;
  };
  const wide = [...document.body.querySelectorAll("*")].filter(
    (one) => one.getBoundingClientRect().right > window_ + 1 && !isShut(one) && !scrolls(one),
  );
  if (document.documentElement.scrollWidth <= window_) return "";
  return wide.slice(0, 3).map((one) => `${one.tagName}.${one.className}`).join() || "?";
}"""
OPENED = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"


def too_wide(person: Person) -> list[str]:
    """What is wider than the window, with everything that opens on the page open."""
    person.page.evaluate(OPENED)
    over = person.page.evaluate(WIDE)
    return [over] if over else []
