"""What is half filled in, or was refused, is never typed twice, and nothing is said to be sent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web.phone import FOUND, Officer
from tests.web.signal import Signal
from tests.web.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ANOTHER = "后门的垃圾桶没有盖。"


def is_kept(officer: Officer) -> None:
    """Wait until the device has the draft: what is typed is kept a moment later."""
    script = """async () => {
      for (let at = 0; at < 200; at += 1) {
        const db = await new Promise((done) => {
          const asked = indexedDB.open("hangji");
          asked.onsuccess = () => done(asked.result);
        });
        const keys = await new Promise((done) => {
          const asked = db.transaction("items").objectStore("items").getAll();
          asked.onsuccess = () => done(asked.result);
        });
        db.close();
        const drafts = keys.filter(({ state }) => state === "draft");
        if (drafts.some(({ pictures }) => pictures.length === 1)) return true;
        await new Promise((done) => setTimeout(done, 50));
      }
      return false;
    }"""
    assert officer.person.page.evaluate(script)


def half_written(officer: Officer) -> None:
    """A report that is filled in and not sent, and the browser opened again."""
    officer.person.open("/report")
    officer.fill_in()
    is_kept(officer)
    officer.reopen()


def arrived(town: Town, officer: Officer, signal: Signal) -> list[dict[str, Any]]:
    """The cases there are once there is a signal and nothing waits any more."""
    signal.give_back()
    officer.person.open("/inbox")
    officer.is_quiet()
    listed = town.ask("GET", "/cases", "grid_member")["items"]
    return [town.ask("GET", f"/cases/{one['number']}", "grid_member") for one in listed]


def test_a_report_the_phone_closed_in_the_middle_is_gone_on_with(
    town: Town, officer: Officer, signal: Signal
) -> None:
    officer.begin("grid_member")
    signal.take_away()
    half_written(officer)

    officer.person.open("/report")
    page = officer.person.page
    expect(page.get_by_text("有一份没交的")).to_be_visible()
    page.get_by_role("button", name="接着写").click()

    expect(page.get_by_label("情况描述")).to_have_value(FOUND)
    expect(page.locator(".chosen img")).to_have_count(1)
    signal.give_back()
    page.get_by_role("button", name="上报", exact=True).click()
    page.wait_for_url("**/cases/*")
    (case,) = town.ask("GET", "/cases", "grid_member")["items"]
    whole = town.ask("GET", f"/cases/{case['number']}", "grid_member")
    assert (whole["description"], whole["matter"], len(whole["photos"])) == (FOUND, "H02", 1)
    officer.person.open("/report")
    expect(page.get_by_text("有一份没交的")).to_be_hidden()


def test_what_was_refused_is_offered_to_whoever_left_to_mend_the_cause(officer: Officer) -> None:
    officer.begin("grid_member")
    officer.person.open("/report")
    officer.fill_in()
    page = officer.person.page
    page.get_by_role("button", name="移除").click()
    page.get_by_role("button", name="上报", exact=True).click()
    page.get_by_role("alert").first.wait_for()
    officer.person.open("/inbox")

    officer.person.open("/report")
    page.get_by_role("button", name="接着写").click()

    expect(page.get_by_label("情况描述")).to_have_value(FOUND)


def test_a_draft_that_is_not_wanted_is_gone(officer: Officer) -> None:
    officer.begin("grid_member")
    half_written(officer)

    officer.person.open("/report")
    page = officer.person.page
    # A draft waits for its author, not for a signal.
    page.get_by_role("button", name="退出").click()
    asked = page.get_by_role("dialog")
    named = asked.get_by_role("listitem")
    expect(named).to_have_text(["1 件草稿没有写完：还没有提交过，可以接着写。"])
    page.get_by_role("button", name="先不退出").click()
    page.get_by_role("button", name="不要了").click()
    officer.person.open("/queue")

    expect(page.get_by_text("没有待发送的内容")).to_be_visible()


def test_a_report_that_is_kept_is_not_written_over_by_the_next(
    town: Town, officer: Officer, signal: Signal
) -> None:
    officer.begin("grid_member")
    signal.take_away()
    officer.report()
    page = officer.person.page
    expect(page.get_by_text("已存在这台设备")).to_be_visible()
    expect(page.get_by_label("情况描述")).to_be_hidden()

    page.get_by_role("link", name="再填一份").click()
    officer.fill_in()
    page.get_by_label("情况描述").fill(ANOTHER)
    page.get_by_role("button", name="上报", exact=True).click()
    officer.waits("2 件待发送")

    told = {case["description"] for case in arrived(town, officer, signal)}
    assert told == {FOUND, ANOTHER}


def test_what_was_refused_is_changed_and_sent_again(
    town: Town, officer: Officer, signal: Signal
) -> None:
    officer.begin("grid_member")
    signal.take_away()
    officer.person.open("/report")
    officer.fill_in()
    page = officer.person.page
    page.get_by_role("button", name="移除").click()
    page.get_by_role("button", name="上报", exact=True).click()
    officer.waits()
    signal.give_back()
    officer.person.open("/inbox")
    officer.waits("1 件没有收下")
    officer.person.open("/queue")

    page.get_by_role("button", name="改好再交").click()
    expect(page.get_by_label("情况描述")).to_have_value(FOUND)
    page.get_by_label("没有照片的原因").fill("店主不让拍。")
    page.get_by_role("button", name="上报", exact=True).click()

    page.wait_for_url("**/cases/*")
    officer.is_quiet()
    assert len(town.ask("GET", "/cases", "grid_member")["items"]) == 1


def test_a_stored_page_is_loaded_again_once_there_is_a_signal(
    officer: Officer, signal: Signal
) -> None:
    officer.begin("grid_member")
    signal.take_away()
    officer.report()
    officer.reopen()
    officer.person.open("/inbox")
    officer.waits("没有信号")

    signal.give_back()
    officer.person.page.evaluate("dispatchEvent(new Event('online'))")

    officer.is_quiet()
    expect(officer.person.page.locator("[data-bar-sent]")).to_contain_text("已发出")


def test_what_is_not_kept_is_not_said_to_be_sent_later(officer: Officer, signal: Signal) -> None:
    officer.begin("supervisor")
    officer.person.open("/boards/displays")
    page = officer.person.page
    signal.take_away()
    page.locator("main form button").first.click()

    expect(page.get_by_text("没有发出，也没有存下")).to_be_visible()
    expect(page.get_by_text("有信号时自动发出")).to_have_count(0)


def test_a_report_says_when_it_was_written_and_when_it_arrived(
    town: Town, officer: Officer, signal: Signal
) -> None:
    officer.begin("grid_member")
    signal.take_away()
    officer.report()
    officer.waits()
    written = datetime.now(UTC)
    town.clock.set(town.clock.now() + timedelta(hours=3))

    (case,) = arrived(town, officer, signal)
    (opened, *_) = town.ask("GET", f"/cases/{case['number']}/events", "grid_member")["items"]
    found_at = datetime.fromisoformat(opened["data"]["form"]["found_at"])
    assert abs(found_at - written) < timedelta(minutes=30)
    assert opened["at"] == case["opened_at"]
