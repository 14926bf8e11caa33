"""My round on a phone: two taps a shop without a signal, and each visit is on file once (R37)."""

import pytest
from playwright.sync_api import expect

from tests.build import a_business
from tests.web.phone import Officer
from tests.web.signal import Signal
from tests.web.town import NOW, Town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SHOPS, QUEUE = 12, 50


def reopened(officer: Officer) -> None:
    """Open the browser again on the round, with the clock of the phone at the city's time."""
    officer.reopen()
    officer.person.context.clock.set_fixed_time(NOW)
    officer.person.open("/round")


def visited(town: Town, officer: Officer, signal: Signal, many: int) -> list[int]:
    """So many shops of a round, each visited by two taps while there is no signal."""
    with town.composition.database.transaction() as session:
        shops = [a_business(session, name=f"第{n}家示例店") for n in range(many)]
    officer.begin("grid_member")
    officer.person.open("/round")
    signal.take_away()
    reopened(officer)
    for shop in shops:
        visit = officer.person.page.locator(f"[data-visit='{shop}']")
        visit.locator("summary").first.click()
        visit.get_by_role("button", name="没有问题，记一次巡查").click()
        expect(visit.get_by_text("已记，待发送")).to_be_visible()
    return shops


def test_a_round_without_a_signal_is_on_file_once_and_a_problem_opens_a_filled_report(
    town: Town, officer: Officer, signal: Signal
) -> None:
    shops = visited(town, officer, signal, SHOPS)
    reopened(officer)
    page = officer.person.page
    expect(page.get_by_text("已记，待发送").filter(visible=True)).to_have_count(SHOPS)
    first = page.locator(f"[data-visit='{shops[0]}']")
    first.locator("summary").first.click()
    first.get_by_role("link", name="发现问题，上报").click()
    expect(page.locator("#business")).to_have_value(str(shops[0]))
    assert not officer.person.is_scrolled_sideways()

    signal.give_back()
    officer.person.open("/inbox")
    officer.is_quiet()
    listed = town.ask("GET", "/patrols?limit=200", "grid_member")["items"]

    assert sorted(each["business"] for each in listed) == sorted(shops)
    assert all(each["taken_at"] is not None for each in listed)


def test_a_queue_of_fifty_goes_out_with_one_request_each(
    town: Town, officer: Officer, signal: Signal
) -> None:
    """R28: what the server has taken is never sent a second time."""
    shops = visited(town, officer, signal, QUEUE)
    officer.waits(f"{QUEUE} 件待发送")
    sent: list[str] = []
    officer.person.context.on(
        "request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None
    )
    signal.give_back()
    officer.person.open("/inbox")
    expect(officer.person.page.locator("[data-bar]")).to_be_hidden(timeout=240_000)
    officer.is_quiet()
    listed = town.ask("GET", "/patrols?limit=200", "grid_member")["items"]

    assert sorted(each["business"] for each in listed) == sorted(shops)
    assert [url.removeprefix(officer.signal.address) for url in sent] == ["/round"] * QUEUE
