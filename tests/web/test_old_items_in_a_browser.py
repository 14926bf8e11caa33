"""What has waited on a phone for longer than the server remembers is sent by a press alone."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.web.phone import FOUND, Officer
from tests.web.signal import Signal
from tests.web.town import NOW, Town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_what_waits_for_more_than_seven_days_stays_and_goes_out_by_a_press(
    town: Town, officer: Officer, signal: Signal
) -> None:
    """R28: the server no longer knows its key, so nobody sends it a second time unseen."""
    officer.begin("grid_member")
    officer.person.context.clock.set_fixed_time(NOW)
    officer.person.open("/inbox")
    signal.take_away()
    officer.report()
    officer.waits()
    # While the page of that day is open it would be sent as soon as there is a signal.
    officer.reopen()
    signal.give_back()
    officer.person.context.clock.set_fixed_time(NOW + timedelta(days=8))
    page = officer.person.page
    officer.person.open("/inbox")
    page.wait_for_load_state("networkidle")
    officer.waits()
    officer.person.open("/queue")
    card = page.locator("article.unsent-item")
    expect(card).to_contain_text(FOUND)
    before = town.ask("GET", "/cases", "supervisor")["items"]
    card.get_by_role("button", name="现在发送").click()
    expect(page.get_by_text("没有待发送的内容")).to_be_visible()

    assert before == []
    assert len(town.ask("GET", "/cases", "supervisor")["items"]) == 1
