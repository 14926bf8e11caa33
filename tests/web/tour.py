"""Every kind of page each role is led to by links from its first one; holds no test."""

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
