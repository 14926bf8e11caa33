"""Every move of tasks and cases, pressed at a desk in Chinese and on a phone in English."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.browsing import DESK, PHONE, Person
from tests.web.town import PASSWORD, REPORTER, Town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(params=[(DESK, "zh"), (PHONE, "en")], ids=["desk", "phone_in_english"])
def officer(request: Any, browser: Browser, address: str) -> Iterator[Person]:
    """Somebody with a browser, who reads one of the two languages."""
    size, language = request.param
    made = Person(browser, address, size=size)
    made.context.add_cookies([{"name": "hangji_language", "value": language, "url": address}])
    yield made
    made.leave()


def enter(person: Person, who: str) -> None:
    """Sign in, in whichever language."""
    person.context.clear_cookies(name="hangji")
    person.open("/sign-in")
    person.page.locator("[name=username]").fill(who)
    person.page.locator("[name=password]").fill(PASSWORD)
    person.page.locator("form:has([name=password]) button[type=submit]").click()
    person.page.wait_for_url("**/home")


def press(page: Page, action: str, **fields: str) -> None:
    """Open the form of a move, fill it in and send it; the page has to say that it was done."""
    form = opened(page, action)
    for name, value in fields.items():
        put(form.locator(f"[name={name}]").first, value)
    was = page.url
    form.locator("button[type=submit]").last.click()
    page.wait_for_url(lambda now: now != was)
    expect(page.locator("main [role=status]:visible").first).to_be_visible()
    assert page.locator("[data-refused]").count() == 0


def opened(page: Page, action: str) -> Locator:
    """The form that leads to this move, unfolded as somebody would."""
    form = page.locator(f'form[action$="/{action}"]').first
    folded = form.locator("xpath=ancestor::details[not(@open)]")
    if folded.count():
        folded.first.locator("summary").first.click()
    return form


def put(field: Locator, value: str) -> None:
    """Fill in a field of any kind; of a choice the value says which."""
    kind = field.evaluate("(one) => one.type")
    if kind in {"radio", "checkbox"}:
        field.check()
    elif kind == "select-one":
        field.select_option(index=int(value))
    else:
        field.fill(value)


def acts(town: Town, number: str) -> set[str]:
    """What stands in a case file."""
    items = town.ask("GET", f"/cases/{number}/events", "supervisor")["items"]
    return {one["kind"] for one in items}


def test_every_move_of_a_task_is_pressed(officer: Person, town: Town) -> None:
    """R39, R42, R69: let go, claim, ask for time, pause, ask others, wait, minutes, hand over."""
    number = town.file()
    town.reach_the_station(number)
    task = f"/tasks/{town.task(number)}"
    page = officer.page
    enter(officer, "station_officer")

    officer.open(task)
    press(page, "release")
    officer.open(task)
    press(page, "claim")
    press(page, "extend", reason="等检验报告")
    press(page, "pause", reason="等检验", until="2026-03-05")
    press(page, "resume")
    opened(page, "beside").locator("[name=kind][value=consult]").check()
    press(page, "beside", reason="这家店能不能补办？", posts="yes", wait="yes")
    expect(page.locator("#task-form")).to_have_count(0)
    press(page, "go_on")
    expect(page.locator("#task-form")).to_be_visible()
    press(page, "minutes", participants="市管所、镇食安办", reason="同意限期补办。")
    officer.open(task)
    press(page, "delegate", officer="1", reason="他负责这个片区")

    assert acts(town, number) >= {
        "task_released",
        "task_claimed",
        "task_paused",
        "task_resumed",
        "task_delegated",
        "minutes_written",
    }


def test_every_move_of_a_case_is_pressed(officer: Person, town: Town) -> None:
    """R42, R43, R51: chase, supervise, note, who reported, split, merge, reopen."""
    number, _ = town.report(reporter={"name": REPORTER, "phone": "13900000000"})
    other, twin, closed = town.file(), town.file(), town.file()
    town.do(closed, "grid_member", outcome="resolved", measures="已改正")
    town.do(closed, "grid_leader", verify_result="passed")
    page = officer.page
    enter(officer, "supervisor")
    officer.open(f"/cases/{number}")

    press(page, "chase", text="请今天办理")
    press(page, "supervise", text="领导交办，查清为止")
    press(page, "note", text="已电话核实")
    form = opened(page, "reporter")
    form.locator("[name=text]").fill("核实举报内容")
    form.locator("button[type=submit]").click()
    expect(page.locator("main")).to_contain_text(REPORTER)
    officer.open(f"/cases/{number}/split")
    press(page, "split", kind="tip", description="后厨有老鼠，另一家", reason="两件事")
    officer.open(f"/cases/{twin}/merge")
    press(page, "merge", other=other, reason="同一件事")
    officer.open(f"/cases/{closed}")
    press(page, "reopen", text="又发现同样问题")

    assert acts(town, number) >= {"case_chased", "case_supervised", "note_added"}
    assert town.ask("GET", f"/cases/{twin}", "supervisor")["outcome"] == "duplicate"
    assert town.ask("GET", f"/cases/{closed}", "supervisor")["status"] == "open"


def test_what_went_up_is_taken_back_while_nobody_has_accepted_it(
    officer: Person, town: Town
) -> None:
    """R39: the case is in the hands of whoever passed it up, and on file."""
    number = town.file()
    task = f"/tasks/{town.task(number)}"
    page = officer.page
    enter(officer, "grid_member")
    officer.open(task)
    form = page.locator("#task-form")
    form.locator("[name=outcome][value=pass_up]").check()
    page.goto(page.url.replace(task, "/cases"))
    page.go_back()
    expect(form.locator("[name=outcome][value=pass_up]")).to_be_checked()
    expect(form.locator("[name=measures]")).to_be_hidden()
    form.locator("[name=reason_code]").select_option(index=1)
    form.locator("[name=reason]:visible").fill("多次劝导无效。")
    # The field still has the focus: whoever types and sends has read who gets it.
    expect(form.locator("[data-effect] strong")).to_be_visible()
    form.locator("button.main").click()
    page.wait_for_url(lambda now: task not in now)
    officer.open(task)

    press(page, "withdraw", reason="现场已改正")

    assert "withdrawn" in acts(town, number)
    assert town.ask("GET", f"/cases/{number}", "supervisor")["owner_level"] == "grid_member"
