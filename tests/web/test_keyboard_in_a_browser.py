"""Every page by keyboard alone and for screen readers, as each role is led to it."""

from datetime import datetime

import pytest

from storage.moments import CHINA
from tests.web.browsing import DESK, Person
from tests.web.tour import NARROW, ROLES_OF_THE_SAMPLE, led_to, too_wide
from tests.web.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MOST_PRESSES = 400
WATCH = """() => {
  const isThere = (one) => one.tabIndex >= 0 && !one.disabled && one.type !== "hidden"
    && one.checkVisibility({ visibilityProperty: true });
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")];
  window.toReach = new Set(all.filter(isThere));
  window.unseen = [];
  window.wanted = window.toReach.size;
  const isRinged = (one) => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  document.addEventListener("focusin", ({ target }) => {
    const sameGroup = (one) => one.type === "radio" && one.name === target.name;
    for (const one of [...window.toReach]) {
      if (one === target || (target.type === "radio" && sameGroup(one))) window.toReach.delete(one);
    }
    const labels = [target.closest("label"), ...(target.labels ?? [])];
    const around = [target, ...labels, target.parentElement];
    if (!around.some((one) => one && isRinged(one))) window.unseen.push(target.outerHTML);
  });
  return window.wanted;
}"""
MISSED = """() => [
  ...[...window.toReach].map((one) => `not reached: ${one.outerHTML.slice(0, 120)}`),
  ...window.unseen.map((one) => `no ring: ${one.slice(0, 120)}`),
]"""


def by_keyboard(person: Person) -> list[str]:
    """What Tab does not reach, or reaches without a ring that shows it."""
    wanted = person.page.evaluate(WATCH)
    # A field for a time has a stop for each of its parts.
    parts = 4 * person.page.locator("input[type=time], input[type^=date]").count()
    for _ in range(min(wanted + parts + 3, MOST_PRESSES)):
        person.page.keyboard.press("Tab")
    missed: list[str] = person.page.evaluate(MISSED)
    return missed


def on_the_narrowest_phone(person: Person) -> list[str]:
    """What of the page is wider than that."""
    person.resize(NARROW)
    over = too_wide(person)
    person.resize(DESK)
    return [f"too wide: {one}" for one in over]


def test_every_page_of_every_role_is_done_by_keyboard_and_read_by_axe(
    town: Town, person: Person
) -> None:
    number = town.file()
    town.reach_the_station(number)
    town.file(matter="X01", description="疑似食物中毒")
    town.report()
    town.wait_until(datetime(2026, 3, 3, 9, 0, tzinfo=CHINA))

    faults, kinds = [], set[str]()
    for path in ("/public", "/public/report", "/public/query", "/sign-in"):
        person.open(path)
        faults += [f"{path}: {fault}" for fault in [*person.faults(), *by_keyboard(person)]]
    for who in ROLES_OF_THE_SAMPLE:
        person.sign_in(who)
        for path in led_to(person, kinds):
            found = [*person.faults(), *by_keyboard(person), *on_the_narrowest_phone(person)]
            faults += [f"{who} {path}: {fault}" for fault in found]

    assert "\n".join(faults) == ""
    assert len(kinds) > 15
