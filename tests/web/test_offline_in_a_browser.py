"""A day with a bad signal: what is sent goes out exactly once, whatever is closed in between."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.web.phone import DONE, FOUND, KEPT_PAGES, WHOSE_HOME, Officer
from tests.web.signal import Signal
from tests.web.town import PASS_UP, PASSWORD, REPORTER, UNIT, Town
from tests.web.town import PHONE as TELEPHONE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MONTHS_LATER = "const told = Date.now; Date.now = () => told() + 90 * 24 * 3600 * 1000;"


def break_at(signal: Signal, point: str, line: bytes) -> None:
    """Let the network fail before, while or after something is sent."""
    if point == "before":
        signal.take_away()
    elif point == "while":
        signal.cut_at = line
    else:
        signal.lose_at = line


@pytest.mark.parametrize("point", ["before", "while", "after"])
def test_a_report_is_filed_exactly_once_wherever_the_network_ends(
    town: Town, officer: Officer, signal: Signal, point: str
) -> None:
    officer.begin("grid_member")
    break_at(signal, point, b"POST /report")

    officer.report()
    expect(officer.person.page.get_by_text("已存在这台设备")).to_be_visible()
    signal.take_away()
    officer.reopen()
    officer.person.open("/inbox")
    officer.waits()
    signal.give_back()
    officer.reopen()
    officer.person.open("/inbox")
    officer.is_quiet()

    (case,) = town.ask("GET", "/cases", "grid_member")["items"]
    whole = town.ask("GET", f"/cases/{case['number']}", "grid_member")
    assert (whole["description"], len(whole["photos"])) == (FOUND, 1)


@pytest.mark.parametrize("point", ["before", "while", "after"])
def test_a_task_is_completed_exactly_once_wherever_the_network_ends(
    town: Town, officer: Officer, signal: Signal, point: str
) -> None:
    number = town.file()
    town.accept(number, "grid_member")
    task = town.task(number)
    officer.begin("grid_member")
    break_at(signal, point, f"POST /tasks/{task}".encode())

    officer.complete(task)
    expect(officer.person.page.get_by_text("已存在这台设备")).to_be_visible()
    officer.reopen()
    signal.give_back()
    officer.person.open("/inbox")
    officer.is_quiet()

    events = town.ask("GET", f"/cases/{number}/events", "supervisor")["items"]
    assert [DONE in json.dumps(one, ensure_ascii=False) for one in events].count(True) == 1


def test_the_days_work_opens_without_a_signal_and_never_the_browsers_own_page(
    town: Town, officer: Officer, signal: Signal
) -> None:
    number = town.file()
    town.accept(number, "grid_member")
    officer.begin("grid_member")
    signal.take_away()
    officer.reopen()
    page = officer.person.page

    officer.person.open("/")
    expect(page.get_by_role("heading", name="首页", level=1)).to_be_visible()
    expect(page.locator("[data-bar]")).to_contain_text("没有信号")
    # The clock of the device runs on: list and task count the time left from when they were kept.
    page.add_init_script(MONTHS_LATER)
    officer.person.open("/inbox?view=mine")
    in_the_list = page.locator("ul.list .left").first
    expect(in_the_list).to_have_text(re.compile(r"^超期 \d+ 天$"))
    told = in_the_list.inner_text()
    page.locator("ul.list a").first.click()
    expect(page.locator(".clock.overdue .left.overdue")).to_have_text(told)
    expect(page.get_by_role("radio", name="已解决")).to_be_visible()
    faults = officer.person.faults()
    officer.person.open("/report")
    expect(page.get_by_label("情况描述")).to_be_visible()
    officer.person.open(f"/cases/{number}")
    expect(page.get_by_text("没有信号，这一页没有存在本机")).to_be_visible()
    faults += officer.person.faults()
    # A form may be half filled in: its page is not loaded again, but says that the signal is back.
    officer.person.open("/report")
    expect(page.get_by_text("没有信号", exact=True)).to_be_visible()
    signal.give_back()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("信号恢复了")).to_be_visible()
    expect(page.get_by_text("没有信号", exact=True)).to_be_hidden()

    assert faults == []
    assert not officer.person.is_scrolled_sideways()


def test_two_reports_written_on_one_kept_page_are_two_cases(
    town: Town, officer: Officer, signal: Signal
) -> None:
    officer.begin("grid_member")
    signal.take_away()
    for waiting in ("1 件待发送", "2 件待发送"):
        officer.report()
        officer.waits(waiting)
    signal.give_back()

    officer.person.open("/inbox")
    officer.is_quiet()

    assert len(town.ask("GET", "/cases", "grid_member")["items"]) == 2


def test_a_conflict_is_told_in_words_beside_what_was_written_and_may_go_on_file(
    town: Town, officer: Officer, signal: Signal
) -> None:
    number = town.file()
    town.accept(number, "grid_member")
    task = town.task(number)
    officer.begin("grid_member")
    signal.take_away()
    officer.complete(task)
    officer.waits()
    town.do(number, "grid_member", outcome="resolved", measures="另一台电脑上已办。")
    signal.give_back()

    officer.person.open("/inbox")
    officer.waits("1 件没有收下")
    officer.person.open("/queue")
    page = officer.person.page
    card = page.locator("article.unsent-item")
    expect(card).to_contain_text("演示网格员01 已于")
    expect(card).to_contain_text(DONE)
    faults = officer.person.faults()
    card.get_by_role("button", name="记为案卷备注").click()
    expect(page.get_by_text("没有待发送的内容")).to_be_visible()

    events = town.ask("GET", f"/cases/{number}/events", "supervisor")["items"]
    assert DONE in json.dumps(events, ensure_ascii=False)
    assert faults == []


def test_an_acceptance_that_came_too_late_says_what_happened_and_waits_for_its_officer(
    town: Town, officer: Officer, signal: Signal
) -> None:
    """Sent again it is told the same; discarded it is gone, and the case is as others left it."""
    number = town.file()
    town.do(number, "grid_member", **PASS_UP)
    task = town.task(number)
    officer.begin("grid_leader")
    signal.take_away()
    officer.person.open(f"/tasks/{task}")
    page = officer.person.page
    page.get_by_role("button", name="签收", exact=True).click()
    officer.waits()
    into = {"into": town.file("unit_leader"), "reason": "同一件事"}
    town.ask("POST", f"/cases/{number}/merge", "supervisor", json=into)
    events = town.ask("GET", f"/cases/{number}/events", "supervisor")
    signal.give_back()

    officer.person.open("/inbox")
    officer.waits("1 件没有收下")
    officer.person.open("/queue")
    card = page.locator("article.unsent-item")
    expect(card).to_contain_text("2026-03-02 09:00 演示督办01")
    expect(card).to_contain_text("合并")
    card.get_by_role("button", name="再发一次").click()
    expect(card).to_contain_text("合并")
    card.get_by_role("button", name="丢弃").click()
    card.get_by_role("button", name="再按一次就删除").click()
    expect(page.get_by_text("没有待发送的内容")).to_be_visible()
    officer.is_quiet()

    assert town.ask("GET", f"/cases/{number}/events", "supervisor") == events


def test_what_waits_is_sent_by_its_own_officer_only(
    town: Town, officer: Officer, signal: Signal
) -> None:
    officer.begin("grid_member")
    signal.take_away()
    officer.report()
    officer.waits()
    # Signed out first: with the signal back the page would send it for its own officer at once.
    officer.person.context.clear_cookies(name="hangji")
    signal.give_back()

    officer.begin("station_officer")
    officer.is_quiet()
    officer.person.open("/queue")
    expect(officer.person.page.get_by_text("没有待发送的内容")).to_be_visible()
    held = officer.holds()
    assert town.ask("GET", "/cases", "supervisor")["items"] == []
    assert held["databases"]["items"] == 1
    assert not any(FOUND in text for text in held["texts"])
    officer.begin("grid_member")
    officer.person.open("/inbox")
    officer.is_quiet()

    assert len(town.ask("GET", "/cases", "supervisor")["items"]) == 1


def test_what_was_sent_while_somebody_else_was_signed_in_waits_with_its_photo(
    town: Town, officer: Officer
) -> None:
    officer.begin("grid_member")
    page = officer.person.page
    officer.person.open("/report")
    other = officer.person.context.new_page()
    # On the same phone, in another tab: the form of the first stays open.
    officer.person.context.clear_cookies(name="hangji")
    other.goto(f"{officer.signal.address}/sign-in")
    other.get_by_label("用户名").fill("station_officer")
    other.get_by_label("密码").fill(PASSWORD)
    other.get_by_role("button", name="登录").click()
    other.wait_for_url("**/home")
    officer.fill_in()
    page.get_by_role("button", name="上报", exact=True).click()
    expect(page.get_by_text("这个页面是另一位工作人员打开的")).to_be_visible()
    other.close()

    officer.begin("grid_member")
    officer.person.open("/queue")

    card = page.locator("article.unsent-item")
    expect(card).to_contain_text(FOUND)
    expect(card.get_by_role("img")).to_have_count(1)
    card.get_by_role("button", name="现在发送").click()
    expect(page.get_by_text("没有待发送的内容")).to_be_visible()
    assert len(town.ask("GET", "/cases", "grid_member")["items"]) == 1


def test_nobody_finds_the_pages_of_who_had_the_phone_before(
    officer: Officer, signal: Signal
) -> None:
    officer.begin("business")
    page = officer.person.page
    officer.person.context.clear_cookies(name="hangji")
    # On to a page that is not kept; neither of the two has a task, so their lists are alike.
    officer.person.open("/messages")
    page.get_by_label("用户名").fill("triage")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/messages")
    assert page.evaluate(WHOSE_HOME) == "mine"
    signal.take_away()

    officer.person.open("/home")

    expect(page.locator(".who-am-i")).to_contain_text("演示初分岗01")
    assert "演示主体负责人01" not in json.dumps(officer.holds(), ensure_ascii=False)


def test_signing_out_asks_about_what_is_unsent_and_leaves_nothing_behind(
    officer: Officer, signal: Signal
) -> None:
    officer.begin("grid_member")
    signal.take_away()
    officer.report()
    officer.waits()
    page = officer.person.page
    page.get_by_role("button", name="退出").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("1 件没有发出：已经写好，有信号时自动发出")
    expect(asked.get_by_role("listitem")).to_have_count(1)
    faults = officer.person.faults()
    page.get_by_role("button", name="先不退出").click()
    officer.waits()

    page.get_by_role("button", name="退出").click()
    page.get_by_role("button", name="删除 1 件并退出").click()
    # There is no signal: the sign-in ends as soon as there is one.
    expect(page.get_by_text("没有信号，这一页没有存在本机")).to_be_visible()
    held = officer.holds()
    signal.give_back()
    officer.person.open("/home")
    page.get_by_role("link", name="我要反映").first.wait_for()

    assert held["databases"] == {"items": 0, "keys": 0}
    assert not any(FOUND in text or "演示网格员" in text for text in held["texts"])
    assert faults == []


def test_nothing_of_a_reporter_is_kept_on_a_phone(town: Town, officer: Officer) -> None:
    number, code = town.report(
        reporter={"name": REPORTER, "phone": TELEPHONE}, description="后厨有老鼠"
    )
    officer.begin("station_officer")
    officer.person.open(f"/tasks/{town.task(number)}")
    officer.person.open(f"/cases/{number}")
    held = json.dumps(officer.holds(), ensure_ascii=False)
    kept = officer.person.page.evaluate(KEPT_PAGES)
    officer.person.open("/home")
    officer.person.page.get_by_role("button", name="退出").click()
    officer.person.page.get_by_role("link", name="我要反映").first.wait_for()
    left = officer.holds()

    assert "后厨有老鼠" in held, "the task itself is kept"
    assert f"/cases/{number}" not in kept
    assert [word for word in (REPORTER, TELEPHONE, code) if word in held] == []
    assert not any("后厨有老鼠" in text for text in left["texts"])
    assert (left["databases"], left["session"]) == ({"items": 0, "keys": 0}, {})


def test_a_citizens_report_is_never_kept_on_the_phone(officer: Officer, signal: Signal) -> None:
    officer.begin("grid_member")
    page = officer.person.page
    officer.person.open("/public/report")
    page.get_by_label("情况描述").fill(FOUND)
    page.get_by_label("姓名").fill(REPORTER)
    signal.take_away()
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("没有连上系统，内容都还在。")).to_be_visible()

    held = officer.holds()
    assert held["databases"].get("items", 0) == 0
    assert REPORTER not in json.dumps(held, ensure_ascii=False)


def test_the_pages_can_be_installed(officer: Officer) -> None:
    officer.person.open("/sign-in")
    page = officer.person.page
    told = page.evaluate(
        "fetch(document.querySelector('link[rel=manifest]').href).then(r => r.json())"
    )
    sizes = page.evaluate(
        """async (icons) => Promise.all(icons.map(async ({ src }) => {
          const image = new Image();
          image.src = src;
          await image.decode();
          return `${image.naturalWidth}x${image.naturalHeight}`;
        }))""",
        told["icons"],
    )

    assert sizes == [one["sizes"] for one in told["icons"]] == ["192x192", "512x512", "512x512"]
    assert [one["purpose"] for one in told["icons"]] == ["any", "any", "maskable"]
    assert (told["display"], told["scope"]) == ("standalone", "/")
    assert PASSWORD not in json.dumps(told)


def test_a_stall_surveyed_without_a_signal_is_registered_once_it_is_back(
    town: Town, officer: Officer, signal: Signal
) -> None:
    """R07: unlicensed, found where nothing reaches; the phone keeps the form and sends it once."""
    officer.begin("grid_member")
    signal.take_away()
    officer.reopen()
    page = officer.person.page
    officer.person.open("/businesses/new")
    page.get_by_label("名称").fill("无信号示例烤饼摊")
    page.locator("#category").select_option("small.vendor")
    page.get_by_role("button", name="登记", exact=True).click()
    officer.waits()

    signal.give_back()
    officer.reopen()
    officer.person.open("/inbox")
    officer.is_quiet()

    found = town.ask("GET", "/businesses?q=无信号示例烤饼摊", "grid_member")["items"]
    assert len(found) == 1


def test_a_correction_without_a_signal_is_written_where_nobody_else_wrote_and_asked_elsewhere(
    town: Town, officer: Officer, signal: Signal
) -> None:
    """R07: the phone sends the version it saw; the telephone both changed becomes a question."""
    body = {"name": "无信号更正示例摊", "category": "small.vendor", "area": UNIT}
    shop = town.ask("POST", "/businesses", "grid_member", json=body)["id"]
    card = f"/businesses/{shop}"
    officer.begin("grid_member")
    officer.person.open(f"{card}/edit")
    signal.take_away()
    officer.reopen()
    page = officer.person.page
    officer.person.open(f"{card}/edit")
    page.get_by_label("地址").fill("新街口9号")
    page.get_by_label("电话").fill("05940000001")
    page.get_by_role("button", name="提交更正").click()
    officer.waits()
    town.ask("PATCH", card, "unit_leader", json={"phone": "05940000002"})

    signal.give_back()
    officer.reopen()
    officer.person.open("/inbox")
    officer.is_quiet()

    known = town.ask("GET", card, "station_officer")
    questions = town.ask("GET", "/reviews?kind=conflict", "registry_keeper")["items"]
    assert (known["address"], known["phone"]) == ("新街口9号", "05940000002")
    assert [(each["field"], each["proposals"]["proposed"]) for each in questions] == [
        ("phone", "05940000001")
    ]
