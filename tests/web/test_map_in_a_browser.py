"""The map in a real browser: drawn within the policy, drilled by keyboard, without a network."""

import io
from collections import Counter

import pytest
from PIL import Image
from playwright.sync_api import expect

from handlers.map.invented import CITY, LEADER, invent_city
from tests.web.browsing import PHONE, Person
from tests.web.town import GRID, NOW, PASSWORD, QUICKLY, UNIT, Town

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
    for figure in ("ceased", "bright", "shops"):
        page.locator(f"[data-figure={figure}]").click()
        expect(page.locator(".map-page")).to_have_attribute("data-layer", figure)
        assert page.url.endswith(f"layer={figure}")
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


def test_outlines_are_drawn_with_their_watermark_and_shops_open_their_card(
    town: Town, person: Person
) -> None:
    """R09: zooming past the edge of a band opens the level below; shops come as tiles."""
    with town.composition.database.transaction() as session:
        invent_city(session, password_hash=QUICKLY.hash(PASSWORD), on=NOW.date(), at=NOW)
    page = person.page
    person.resize(DESK)
    person.sign_in(LEADER)
    person.open("/map")
    assert colours(person)[PALE] > 50_000
    expect(page.get_by_text("虚构边界", exact=True)).to_be_visible()
    person.resize(PHONE)
    person.open(f"/map?area={CITY}01")
    assert colours(person)[PALE] > 10_000
    assert not person.is_scrolled_sideways()
    assert person.faults() == []

    grid = f"{CITY}01001001001"
    person.resize(DESK)
    person.open(f"/map?area={grid}&layer=ceased")
    colours(person)
    wheel_in(person)
    page.wait_for_url(f"**area={grid}00*")

    person.open(f"/map?area={grid}")
    colours(person)
    with person.page.expect_response("**/map/card/*") as card:
        tap_a_shop(person)
    assert card.value.ok
    expect(page.locator("#map-card").get_by_role("link", name="看主体")).to_be_visible()


def wheel_in(person: Person) -> None:
    """Zoom into the middle until the page is left."""
    here = person.page.url
    for _ in range(8):
        if person.page.url != here:
            return
        person.page.locator(".maplibregl-ctrl-zoom-in").click(no_wait_after=True)
        person.page.wait_for_timeout(700)


def tap_a_shop(person: Person) -> None:
    """Tap the first spot of the canvas that has the colour of a bright kitchen."""
    canvas = person.page.locator("[data-map] canvas")
    picture = Image.open(io.BytesIO(canvas.screenshot())).convert("RGB")
    place = next(
        number
        for number, (red, green, blue) in enumerate(picture.get_flattened_data())
        if green > red + 60 and green > blue + 30
    )
    down, across = divmod(place, picture.width)
    box = canvas.bounding_box()
    assert box is not None
    person.page.mouse.click(box["x"] + across, box["y"] + down + 3)


def test_without_webgl_the_table_stands_alone_and_says_why(person: Person) -> None:
    person.context.add_init_script(
        "const made = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        "return kind.startsWith('webgl') ? null : made.call(this, kind, ...more); };"
    )
    person.sign_in("county_officer")
    person.open("/map")

    expect(person.page.get_by_text("表里有同样的内容")).to_be_visible()
    expect(person.page.locator(".map-canvas")).to_be_hidden()
    expect(person.page.locator("tr[data-code]").first).to_be_visible()
