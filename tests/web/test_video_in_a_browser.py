"""A kitchen is watched on a phone: the list, three big answers a row, a problem is a case."""

import re

import pytest
from playwright.sync_api import expect

from tests.web.browsing import Person
from tests.web.test_video_patrols import period  # noqa: F401 - the same month of the same unit
from tests.web.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_kitchen_is_watched_on_a_phone(
    town: Town,
    person: Person,
    period: str,  # noqa: F811 - the fixture imported above
) -> None:
    """R34: nothing is scrolled sideways, each answer is a press under the thumb."""
    assert town.app is not None
    page = person.page
    page.set_viewport_size({"width": 390, "height": 844})
    person.sign_in("catering_section")
    person.open(period)
    assert not person.is_scrolled_sideways()
    page.get_by_role("link", name=re.compile("填清单")).first.click()
    page.locator("#watched_from").fill("2026-03-02T08:30")
    rows = page.locator(".three [role=radiogroup]")
    for name, answer in (("mask", "否"), ("work_clothes", "是"), ("work_cap", "看不清")):
        group = rows.filter(has=page.locator(f"input[name={name}]"))
        choices = group.locator("label.choice")
        boxes = [choice.bounding_box() for choice in choices.all()]
        assert len({box["y"] for box in boxes if box}) == 1, "three in a row"
        assert min(box["height"] for box in boxes if box) >= 48
        group.get_by_text(answer, exact=True).click()
    page.locator("#problem").fill("两名厨师未戴口罩")
    assert not person.is_scrolled_sideways()
    assert person.faults() == []
    page.get_by_role("button", name="记下这一家").click()

    expect(page.get_by_text("已记下，可以接着看下一家。")).to_be_visible()
    expect(page.get_by_text("已看 1 家，应看 5 家")).to_be_visible()
    expect(
        page.locator("[data-patrol]").get_by_role("link", name=re.compile("案件"))
    ).to_be_visible()
    assert not person.is_scrolled_sideways()
    assert person.faults() == []
    person.open("/video")
    assert not person.is_scrolled_sideways()
    assert person.faults() == []
