"""Filing and completing in a browser that runs no JavaScript at all."""

import pytest
from playwright.sync_api import Browser, expect

from tests.web.browsing import PHONE, Person

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_report_is_filed_and_completed(browser: Browser, address: str) -> None:
    person = Person(browser, address, size=PHONE, has_scripts=False)
    page = person.page
    person.sign_in("grid_member")
    person.open("/report")
    page.get_by_label("事项").select_option("L04")
    page.get_by_label("情况描述").fill("未亮证")
    page.get_by_role("button", name="上报").click()
    expect(page.get_by_role("alert")).to_contain_text("请写明原因")
    page.get_by_label("没有照片的原因").fill("店主不同意")
    page.get_by_role("button", name="上报").click()
    page.get_by_role("status").filter(has_text="已上报").wait_for()
    page.get_by_text("展开流程图").click()
    assert "流程图需要 JavaScript" in page.locator("main").inner_text()
    person.take_up("处置或上报")
    page.get_by_role("radio", name="已解决").check()
    page.get_by_label("处置措施").fill("当场整改")
    person.submit()
    page.get_by_role("link", name="我办过的").click()

    expect(page.locator("ul.list > li")).to_have_count(1)
    person.leave()


def test_a_citizen_chooses_the_village_step_by_step(browser: Browser, address: str) -> None:
    person = Person(browser, address, has_scripts=False)
    page = person.page
    person.open("/public/report")
    page.get_by_label("情况描述").fill("后厨有老鼠")
    page.locator("#area").select_option(label="仙游县")
    page.get_by_role("button", name="列出下一级").click()
    page.locator("#area-350322").select_option(label="枫亭镇")
    page.get_by_role("button", name="列出下一级").click()
    page.locator("#area-350322100").select_option("350322100001")
    expect(page.get_by_label("情况描述")).to_have_value("后厨有老鼠")
    page.get_by_role("checkbox", name="投诉").check()
    page.get_by_role("button", name="提交").click()

    page.get_by_role("button", name="查看进度").click()
    expect(page.locator("main")).to_contain_text("已收到，等工作人员收下")
    person.leave()
