"""The five ways in of the work plan (R05), each from its first page to a closed case.

The grid's way is walked in `test_story` and `test_round_in_a_browser`, the citizen's in
`test_story`; here are the government's, the department's and the business's.
"""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from storage.registry.businesses import list_businesses, update_business
from tests.web.browsing import DESK, PHONE, Person
from tests.web.town import NOW, Town, a_photo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SHOP = "示例小吃店（演示）"
LEFT = {
    "verify": {"verify_result": "passed", "note": "属实"},
    "write_public_result": {"public_result": "摊点已清离。"},
}
ACCOUNTS = {"station": "station_officer", "county": "county_officer"}


def finish(town: Town, number: str) -> None:
    """What others do in the office, until nobody is waited for."""
    while tasks := town.ask("GET", f"/cases/{number}", "supervisor")["tasks"]:
        role = str(tasks[0]["holder"]["post"]).partition(":")[0]
        form = {"form": LEFT[tasks[0]["name"]]}
        who = ACCOUNTS.get(role, role)
        town.ask("POST", f"/tasks/{tasks[0]['id']}/complete", who, json=form)


def number_of(page: Page) -> str:
    """The number of the case whose page is open."""
    return page.locator(".under .number").inner_text()


def add_photo(page: Page, field: str) -> None:
    """Take a picture into a field."""
    photo = {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": a_photo().read()}
    page.locator(f"#{field}").set_input_files([photo])  # type: ignore[list-item]
    expect(page.get_by_role("button", name="移除 现场.jpg")).to_be_visible()


def test_what_12345_hands_over_is_written_down_handled_and_told(
    town: Town, browser: Browser, address: str
) -> None:
    """R05, government: triage writes it down, the assistant resolves it, the caller reads it."""
    person = Person(browser, address, size=DESK)
    page = person.page
    person.sign_in("triage")
    page.get_by_role("link", name="登记来电").click()
    expect(page.get_by_role("radio", name="热线")).to_be_checked()
    page.get_by_role("checkbox", name="举报").check()
    page.get_by_label("情况描述").fill("12345 转办：学校门口流动摊点无证经营。")
    page.locator("#area").select_option(label="仙游县")
    page.locator("#area-350322").select_option(label="枫亭镇")
    page.locator("#area-350322100").select_option("350322100001")
    page.get_by_role("button", name="提交").click()
    number, code = (page.locator(name).inner_text() for name in ("#number", "#query_code"))

    person.sign_in("village_assistant")
    person.accept()
    person.take_up("处置或上报")
    page.get_by_role("radio", name="已解决").check()
    page.get_by_label("处置措施").fill("摊点已清离。")
    person.submit()
    finish(town, number)
    person.context.clear_cookies(name="hangji")
    person.open("/public/query")
    page.get_by_label("编号").fill(number)
    page.get_by_label("查询码").fill(code)
    page.get_by_role("button", name="查询").click()

    expect(page.locator("main")).to_contain_text("摊点已清离")
    assert town.ask("GET", f"/cases/{number}", "supervisor")["channel"] == "hotline"
    person.leave()


def planned(person: Person) -> str:
    """Plan an inspection of one shop by two inspectors and start it; gives the number."""
    page = person.page
    person.open("/inspection-plans/new")
    page.get_by_label("名称").fill("节前检查")
    page.get_by_role("checkbox", name=SHOP).check()
    for name in ("演示市管所01", "演示市管所02"):
        page.get_by_role("checkbox", name=name).check()
    page.get_by_role("button", name="保存计划").click()
    page.get_by_role("button", name="启动检查").click()
    page.locator("main a[href^='/cases/']").first.click()
    return number_of(page)


def inspected(person: Person) -> None:
    """Answer a line of the checklist, say what was found, have it put right on the spot."""
    page = person.page
    page.get_by_role("link", name="检查表").click()
    page.get_by_text("不符合", exact=True).first.click()
    page.get_by_role("button", name="保存检查表").click()
    expect(page.locator(".page-head")).to_contain_text("已填 1 /")
    person.take_up("现场检查")
    page.get_by_role("radio", name="有问题，要整改").check()
    expect(page.get_by_label("检查人员")).to_have_value("演示市管所01、演示市管所02")
    page.get_by_label("检查情况").fill("没有亮证。")
    person.submit()
    person.take_up("责令整改")
    page.get_by_role("radio", name="已当场改正").check()
    add_photo(page, "photos_after")
    person.submit()


def test_a_department_inspects_orders_checks_and_publishes(
    town: Town, browser: Browser, address: str
) -> None:
    """R05, department: planned, recorded on a phone, put right, checked, published."""
    person = Person(browser, address, size=PHONE)
    page = person.page
    person.sign_in("station_officer")
    number = planned(person)
    inspected(person)
    person.sign_in("station_officer2")
    person.take_up("核查整改")
    page.get_by_role("radio", name="整改到位").check()
    person.submit()
    person.sign_in("county_officer")
    person.open("/home")
    page.get_by_role("link", name="待公开的检查结果").click()
    page.get_by_role("link", name=SHOP).click()
    page.get_by_role("button", name="审核无误，公开").click()
    expect(page.locator("main")).to_contain_text("已公开")
    assert not person.is_scrolled_sideways()
    person.context.clear_cookies(name="hangji")
    person.open("/public/inspections")

    expect(page.locator("main")).to_contain_text("发现问题，已经整改")
    expect(page.locator("main li")).to_contain_text("亮证经营")
    assert number not in page.content()
    assert town.ask("GET", f"/cases/{number}", "station_officer")["status"] == "closed"
    person.leave()


def test_a_business_reports_itself_and_proves_what_it_put_right(
    town: Town, browser: Browser, address: str
) -> None:
    """R05, business: its own report on a phone, the station's order, its proof, a second look."""
    with town.composition.database.transaction() as session:
        shop = list_businesses(session, q=SHOP).items[0].id
        update_business(session, shop, {"category": "canteen.school"}, at=NOW)
    asked = {"business": shop, "period": "week"}
    town.ask("POST", "/processes/self_inspection/cases", "station_officer", json=asked)
    person = Person(browser, address, size=PHONE)
    page = person.page
    person.sign_in("business")
    person.take_up("自查")
    for line in page.locator(".line[role=radiogroup]").all():
        line.get_by_role("radio", name="符合", exact=True).check()
    page.get_by_role("radio", name="有问题，正在整改").check()
    page.get_by_label("主要属于哪个事项").select_option("S02")
    page.get_by_label("问题和整改措施").fill("冷库温度偏高，正在维修。")
    soon = (NOW + timedelta(days=7)).date().isoformat()
    page.get_by_label("自定的整改期限").fill(soon)
    person.submit()
    person.sign_in("station_officer")
    person.take_up("责令整改")
    page.get_by_role("radio", name="限期整改").check()
    page.get_by_label("整改要求").fill("修好冷库，做好温度记录。")
    page.get_by_label("整改期限").fill(soon)
    page.get_by_label("依据").fill("食品安全法第五十四条")
    person.submit()
    person.open("/rectifications")
    expect(page.locator("main")).to_contain_text("待证明")
    person.sign_in("business")
    person.take_up("证明整改")
    page.get_by_role("radio", name="已整改").check()
    page.get_by_label("怎样整改的").fill("已维修，温度正常。")
    add_photo(page, "photos_after")
    person.submit()
    person.sign_in("station_officer2")
    person.take_up("核查整改")
    number = town.ask("GET", "/rectifications", "station_officer2")["items"][0]["number"]
    page.get_by_role("radio", name="整改到位").check()
    person.submit()

    closed = town.ask("GET", f"/cases/{number}", "station_officer")
    assert (closed["status"], closed["outcome"]) == ("closed", "self_inspected")
    person.leave()
