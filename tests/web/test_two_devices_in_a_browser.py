"""One form written on two devices, one of them without a signal: merged, or one is chosen."""

import pytest
from playwright.sync_api import expect

from tests.web.phone import DONE, Officer
from tests.web.signal import Signal
from tests.web.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_what_two_devices_wrote_is_merged_and_what_both_changed_is_chosen(
    town: Town, officer: Officer, signal: Signal
) -> None:
    """What one side touched comes along; the measures both did, and one is chosen."""
    number = town.file()
    town.accept(number, "grid_member")
    task = town.task(number)
    officer.begin("grid_member")
    signal.take_away()
    officer.complete(task)
    officer.waits()
    draft = {"form": {"measures": "电脑上写的。", "rectified": True}}
    town.ask("PUT", f"/tasks/{task}/draft", "grid_member", json=draft)
    signal.give_back()

    officer.person.open("/inbox")
    officer.waits("1 件没有收下")
    officer.person.open("/queue")
    card = officer.person.page.locator("article.unsent-item")
    both = card.locator("fieldset.both")
    expect(both).to_have_count(1)
    expect(both).to_contain_text(DONE)
    expect(both).to_contain_text("电脑上写的。")
    faults = officer.person.faults()
    card.get_by_role("button", name="再发一次").click()
    expect(card).to_be_visible()
    both.get_by_role("radio", name="系统里的").check()
    card.get_by_role("button", name="再发一次").click()
    expect(officer.person.page.get_by_text("没有待发送的内容")).to_be_visible()

    events = town.ask("GET", f"/cases/{number}/events", "supervisor")["items"]
    form = next(one["data"]["form"] for one in events if one["data"].get("form", {}).get("outcome"))
    assert (form["outcome"], form["measures"]) == ("resolved", "电脑上写的。")
    assert form["rectified"] is True
    assert faults == []


def test_another_answer_from_a_second_tab_is_told_and_dropped_by_a_press(
    town: Town, officer: Officer
) -> None:
    number = town.file()
    town.accept(number, "grid_member")
    task = town.task(number)
    officer.begin("grid_member")
    page = officer.person.page
    officer.person.open(f"/tasks/{task}")
    page.get_by_role("radio", name="已解决").check()
    page.get_by_label("处置措施").fill(DONE)
    town.do(number, "grid_member", outcome="resolved", measures="另一页已办。")

    page.get_by_role("button", name="提交").click()

    expect(page.get_by_role("alert")).to_contain_text("演示网格员01 已于")
    officer.waits("1 件没有收下")
    page.get_by_role("button", name="不再保留").click()
    officer.is_quiet()
