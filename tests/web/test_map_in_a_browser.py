"""The map in a real browser: drawn within the policy, drilled by keyboard, without a network."""

import io
from collections import Counter

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.web.browsing import PHONE, Person
from tests.web.town import GRID, UNIT, Town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

DESK = (1440, 900)
PALE, PAPER = (230, 241, 243), (255, 255, 255)


def colours(person: Person) -> Counter[tuple[int, ...]]:
    """What the canvas shows, in colours."""
    expect(person.page.locator("[data-map]")).to_have_attribute("data-drawn", "yes")
    person.page.wait_for_timeout(500)
    picture = Image.open(io.BytesIO(person.page.locator(".map-canvas").screenshot()))
    return Counter(picture.convert("RGB").get_flattened_data())


def test_the_map_is_drawn_drilled_by_keyboard_and_goes_on_without_a_network(
    town: Town, person: Person
) -> None:
    """R08, R09: five steps down and up; figures change without a request; axe finds nothing."""
    town.file(area=GRID)
    page = person.page
    for size in (DESK, PHONE):
        person.resize(size)
        if size == DESK:
            person.sign_in("supervisor")
        person.open("/map")
        seen = colours(person)
        assert seen[PALE] > 5_000
        assert seen[PAPER] > 5_000
        assert person.faults() == []
        assert not person.is_scrolled_sideways()
    person.resize(DESK)
    person.open("/map")
    colours(person)

    for length in (6, 9, 12, 15, 18):
        link = page.locator(f"tr[data-code='{UNIT[:length]}'] th a")
        link.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**area={UNIT[:length]}*")
        if length == 12:
            expect(page.locator(f"tr[data-code='{GRID}']")).to_have_attribute("data-open", "1")
    for length in (15, 12, 9, 6):
        page.go_back()
        page.wait_for_url(f"**area={UNIT[:length]}*")
    page.go_back()
    page.wait_for_url("**/map")

    before = colours(person)
    assert before[PALE] > 5_000
    person.context.set_offline(True)
    page.locator("[data-figure=shops]").click()
    expect(page.locator(".map-page")).to_have_attribute("data-layer", "shops")
    assert page.url.endswith("layer=shops")
    assert colours(person)[PALE] > 5_000
    person.context.set_offline(False)


def test_a_tap_opens_a_card_with_its_lists_and_escape_closes_it(person: Person) -> None:
    person.sign_in("county_officer")
    person.open("/map")
    colours(person)
    box = person.page.locator("[data-map] canvas").bounding_box()
    assert box is not None

    person.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + 17)
    card = person.page.locator("#map-card")
    expect(card.get_by_role("link", name="看下一级")).to_be_visible()
    assert person.faults() == []
    person.page.keyboard.press("Escape")

    expect(card).to_be_hidden()
