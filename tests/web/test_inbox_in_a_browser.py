"""The inbox by keyboard and by thumb, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.web.browsing import PHONE, Person
from tests.web.town import Town

pytestmark = pytest.mark.browser


def test_the_inbox_is_worked_through_by_keyboard(town: Town, person: Person) -> None:
    numbers = [town.file(matter="L07") for _ in range(3)]
    person.sign_in("station_officer")
    person.open("/inbox")
    page = person.page

    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("[data-chosen]").inner_text() == "2"
    assert page.locator('[data-act="accept"]').inner_text().split() == ["签收", "2"]
    assert page.locator('[data-act="extend"]').is_hidden()
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("?")
    assert page.locator("#keys").is_hidden()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks/*")
    assert numbers[0] in page.content()
    in_the_list = page.locator("[data-at]")
    page.keyboard.press("j")
    expect(in_the_list).to_have_text("2 / 3")
    page.keyboard.press("k")
    expect(in_the_list).to_have_text("1 / 3")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    assert person.faults() == []
    page.keyboard.press("Escape")
    # One key accepts it; the message of that has the focus, and then the first field.
    page.keyboard.press("a")
    expect(page.locator(".notice[data-focus]")).to_be_focused()
    page.keyboard.press("f")
    expect(page.locator("#task-form [type=radio]:focus")).to_have_count(1)
    page.keyboard.press("Space")
    remark = page.locator("#task-form textarea:visible").first
    remark.press_sequentially("?aj")
    expect(remark).to_have_value("?aj")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**done=*_task*")
    expect(page.locator(".notice[data-focus]")).to_be_focused()
    page.keyboard.press("b")
    page.wait_for_url("**/inbox*")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find-task"
    assert person.faults() == []


def test_cards_become_ticks_on_a_phone_and_are_accepted_together(
    town: Town, person: Person
) -> None:
    for _ in range(2):
        town.file(matter="L07")
    person.resize(PHONE)
    person.sign_in("station_officer")
    person.open("/inbox")
    page = person.page

    assert page.locator(".tick").first.is_hidden()
    page.locator("[data-choose]").click()
    every = page.get_by_role("checkbox", name="全选这一页")
    every.check()
    assert page.locator("[data-chosen]").inner_text() == "2"
    page.locator("ul.list .tick input").first.uncheck()
    assert not every.is_checked()
    page.locator("ul.list .tick input").first.check()
    assert every.is_checked()
    assert person.faults() == []
    page.locator('[data-act="accept"]').click()
    page.get_by_role("button", name="签收 2 件").click()
    page.get_by_text("全部办成").wait_for()
    assert person.faults() == []
    # The browser keeps no answer to a form: going back leads to the list, not to 没有信号.
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.go_back()
    page.get_by_role("heading", name="待办", level=1).wait_for()


def test_a_chip_opens_what_may_be_chosen_and_a_press_beside_it_closes_it(
    town: Town, person: Person
) -> None:
    town.file()
    person.sign_in("grid_member")
    person.open("/inbox")
    page = person.page

    page.get_by_text("期限", exact=True).click()
    assert person.faults() == []
    page.get_by_role("link", name="本周", exact=True).click()
    page.get_by_role("link", name="去掉 期限 本周").wait_for()
    page.get_by_text("来源", exact=True).click()
    page.locator("h1").click()
    assert page.locator("details.chip[open]").count() == 0
