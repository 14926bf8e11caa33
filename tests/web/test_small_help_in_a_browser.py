"""Small help that scripts give: the eye, the scanned receipt, one's place in a list of cases."""

import re

import pytest
from playwright.sync_api import expect

from tests.web.browsing import PHONE, Person
from tests.web.town import PASSWORD, Town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_scanned_receipt_is_looked_up_without_typing_and_leaves_no_code_in_the_address(
    person: Person,
) -> None:
    page = person.page
    person.resize(PHONE)
    person.open("/public/report")
    page.get_by_role("checkbox", name="举报").check()
    page.get_by_label("情况描述").fill("后厨有老鼠，碗筷不消毒。")
    page.locator("#area").select_option(label="仙游县")
    page.locator("#area-350322").select_option(label="枫亭镇")
    page.locator("#area-350322100").select_option("350322100001")
    page.get_by_role("button", name="提交").click()
    number = page.locator("#number").inner_text()
    code = re.sub(r"\s", "", page.locator("#query_code").inner_text())
    expect(page.locator(".received")).to_contain_text("最迟")
    faults, is_wide = person.faults(), person.is_scrolled_sideways()

    person.open(f"/public/query#{number}.{code}")
    page.get_by_role("button", name="查询", exact=True).click()

    expect(page.locator("main")).to_contain_text("还没有结果")
    assert code not in page.url
    assert (faults, is_wide) == ([], False)


def test_a_case_knows_its_place_in_the_list_and_its_file_is_narrowed(
    town: Town, person: Person
) -> None:
    first, second = (town.file() for _ in range(2))
    page = person.page
    person.open("/sign-in")
    page.get_by_label("用户名").fill("supervisor")
    page.get_by_label("密码").fill(PASSWORD)
    # The driver cannot turn the lock of the keyboard on, so the page hears of a key that says so.
    pressed = "new KeyboardEvent('keyup', {key: 'A', modifierCapsLock: %s})"
    page.get_by_label("密码").evaluate(f"field => field.dispatchEvent({pressed % 'true'})")
    expect(page.get_by_text("大写锁定开着")).to_be_visible()
    page.get_by_label("密码").evaluate(f"field => field.dispatchEvent({pressed % 'false'})")
    expect(page.get_by_text("大写锁定开着")).to_be_hidden()
    page.get_by_role("button", name="显示输入的内容").click()
    expect(page.get_by_label("密码")).to_have_attribute("type", "text")
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/home")
    person.open("/cases?status=open")
    page.locator("ul.list > li > a").nth(1).click()

    expect(page.locator("[data-at]")).to_have_text("第 2 件，共 2 件")
    expect(page.locator("h1 + .tags .number")).to_have_text(first)
    page.locator("[data-before]").click()
    expect(page.locator("h1 + .tags .number")).to_have_text(second)
    page.get_by_role("radio", name="督促").check()
    expect(page.locator("ol.file > li:visible")).to_have_count(0)
    assert person.faults() == []
    page.get_by_role("link", name="返回列表").click()
    expect(page).to_have_url(re.compile(r"/cases\?status=open$"))
