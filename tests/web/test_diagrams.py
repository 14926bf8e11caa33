"""A case on its diagrams, drawn in Chromium: what was passed, where it waits, whose mark it is."""

import pytest
from playwright.sync_api import Locator, expect

from tests.web.browsing import Person
from tests.web.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def unfold(person: Person, number: str) -> None:
    """Open a case and its diagrams, which stand behind the short way it took."""
    person.open(f"/cases/{number}")
    person.page.get_by_text("展开流程图").click()


def tab(person: Person, title: str) -> Locator:
    """The tab of a diagram."""
    summary = person.page.locator("summary").filter(has_text=title)
    return person.page.locator("[data-diagram]").filter(has=summary)


def marked(drawing: Locator, marker: str) -> set[str]:
    """Ids of the elements with a mark."""
    ids = drawing.locator(f".djs-element.{marker}").evaluate_all(
        "all => all.map((one) => one.dataset.elementId)"
    )
    return set(ids)


def test_the_diagram_of_the_open_task_is_open_and_shows_where_it_waits(
    town: Town, person: Person
) -> None:
    number = town.file()
    town.reach_the_station(number)
    person.sign_in("station_officer")
    unfold(person, number)

    handling = tab(person, "一级处置").locator(".diagram")
    expect(handling).to_have_attribute("data-warnings", "0")
    assert marked(handling, "waiting") == {"resolve_or_pass_up"}
    assert {"accept", "was_it_accepted"} <= marked(handling, "passed")
    expect(handling.locator(".times").first).to_have_text("×3")
    waits = handling.locator('[data-element-id="resolve_or_pass_up"] rect').first
    box, frame = waits.bounding_box(), handling.bounding_box()
    assert box is not None
    assert frame is not None
    assert frame["x"] <= box["x"]
    assert box["x"] + box["width"] <= frame["x"] + frame["width"]
    assert waits.evaluate("(one) => getComputedStyle(one).fill") == "rgb(255, 232, 214)"


def test_a_tab_is_drawn_when_it_is_opened(town: Town, person: Person) -> None:
    number = town.file()
    person.sign_in("grid_member")
    unfold(person, number)
    chain = tab(person, "逐级流转")
    assert chain.locator(".diagram svg").count() == 0

    chain.locator("summary").click()

    drawing = chain.locator(".diagram")
    expect(drawing).to_have_attribute("data-drawn", "yes")
    expect(drawing).to_have_attribute("data-warnings", "0")
    box = drawing.locator('[data-element-id="handle_in_unit_or_grid"] rect').first.bounding_box()
    assert box is not None
    assert box["width"] > 20


def test_the_mark_of_its_makers_is_seen_and_nothing_covers_it(town: Town, person: Person) -> None:
    """The licence of bpmn-js asks for it."""
    number = town.file()
    person.sign_in("grid_member")
    unfold(person, number)
    drawing = person.page.locator("[data-diagram][open] .diagram")
    expect(drawing).to_have_attribute("data-drawn", "yes")

    mark = drawing.locator("a.bjs-powered-by")
    mark.scroll_into_view_if_needed()
    expect(mark).to_be_visible()
    is_on_top = mark.evaluate(
        """(one) => {
             const box = one.getBoundingClientRect();
             const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
             return one.contains(top);
           }"""
    )
    assert is_on_top


def test_a_drawing_is_made_larger_and_fitted_again(town: Town, person: Person) -> None:
    number = town.file()
    person.sign_in("grid_member")
    unfold(person, number)
    open_tab = person.page.locator("[data-diagram][open]")
    expect(open_tab.locator(".diagram")).to_have_attribute("data-drawn", "yes")
    shape = open_tab.locator('[data-element-id="accept"] rect').first

    def width() -> float:
        box = shape.bounding_box()
        assert box is not None
        return box["width"]

    before = width()
    open_tab.get_by_role("button", name="放大").click()
    larger = width()
    open_tab.get_by_role("button", name="全图").click()

    assert larger > before
    assert width() < larger
