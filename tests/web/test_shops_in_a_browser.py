"""A shop and a place that are chosen in one form help each other, and neither drops the other."""

import pytest
from playwright.sync_api import Browser, expect

from tests.web.browsing import DESK, Person
from tests.web.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TOWN_CODE = "350322100"


def test_a_shop_fills_in_where_it_lies_and_stays_when_the_place_changes(
    town: Town, browser: Browser, address: str
) -> None:
    """Triage lost the shop of an emergency by choosing the place, and had to look it up by hand."""
    del town
    officer = Person(browser, address, size=DESK)
    officer.sign_in("station_officer")
    officer.open("/report")
    page = officer.page
    shops, steps = page.locator("select[name=business]"), page.locator("#area-steps select")
    shop = shops.locator("option[data-area]").first
    area, ident = shop.get_attribute("data-area"), shop.get_attribute("value")
    assert area is not None
    assert ident is not None

    shops.select_option(ident)
    expect(page.locator(f'#area-steps option:checked[value="{area}"]')).to_have_count(1)
    expect(shops).to_have_value(ident)
    coarse = steps.nth(0)
    with page.expect_response("**/businesses-there?*"):
        coarse.select_option(TOWN_CODE)

    expect(shops).to_have_value(ident)
    assert officer.faults() == []
    officer.leave()
