"""The stop before an emergency: whom to call, how it goes on, and who sees it at once."""

import pytest
from playwright.sync_api import Browser, expect

from tests.web.browsing import PHONE, Person
from tests.web.town import VILLAGE, Town

PATH = "/public/report"
ILL = {"kind": "tip", "description": "全家吃了外卖上吐下泻，两个孩子发烧"}
THREATENED = {"kind": "tip", "description": "The owner made a threat and hit me", "area": VILLAGE}


@pytest.mark.parametrize(
    "form",
    [ILL, {"kind": "tip", "description": "有人不舒服", "matter": "X01"}, THREATENED],
    ids=["a_word", "the_matter", "a_word_in_english"],
)
def test_an_emergency_is_not_taken_before_its_answer(town: Town, form: dict[str, str]) -> None:
    """R55: nothing is filed yet; the page says whom to call and keeps the input."""
    visitor = town.visitor()

    answer = visitor.submit(PATH, **form)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'href="tel:120"' in page
    assert 'href="tel:110"' in page
    assert form["description"] in page
    assert town.ask("GET", "/cases", "supervisor")["items"] == []


def test_a_word_is_one_only_where_it_stands_alone(town: Town) -> None:
    calm = {**THREATENED, "description": "The classic homesick dish is sold without a label"}

    answer = town.visitor().submit(PATH, **calm)

    assert answer.status_code == 200
    assert 'id="query_code"' in answer.get_data(as_text=True)


def test_a_confirmed_emergency_needs_no_place_and_is_filed_as_one(town: Town) -> None:
    answer = town.visitor().submit(PATH, **ILL, emergency="yes", people_ill="some")

    page = answer.get_data(as_text=True)
    assert 'href="tel:120"' in page
    (case,) = town.ask("GET", "/cases", "supervisor")["items"]
    assert (case["matter"], case["priority"]) == ("X01", "urgent")
    file = town.visitor("supervisor").page(f"/cases/{case['number']}")
    assert "2–9 人" in file


def test_who_is_not_in_danger_reports_as_ever(town: Town) -> None:
    calm = {"kind": "tip", "description": "听说以前有人中毒", "area": VILLAGE}

    answer = town.visitor().submit(PATH, **calm, emergency="no", people_ill="some")

    assert answer.status_code == 200
    (case,) = town.ask("GET", "/cases", "supervisor")["items"]
    assert (case["matter"], case["priority"]) == (None, "normal")


def test_who_chose_an_emergency_cannot_say_that_it_is_none(town: Town) -> None:
    answer = town.visitor().submit(PATH, **ILL, matter="X01", emergency="no")

    assert answer.status_code == 422


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_an_emergency_on_a_phone_is_stopped_then_seen_by_everybody_on_duty(
    browser: Browser, address: str, town: Town
) -> None:
    """R55, A11: typed by a citizen who knows no place; first in red for whoever has to sign."""
    citizen = Person(browser, address, size=PHONE)
    page = citizen.page
    citizen.open(PATH)
    page.get_by_role("checkbox", name="举报").check()
    stop = page.locator("#emergency")
    expect(stop).to_be_hidden()
    page.get_by_label("情况描述").fill("全家吃了外卖上吐下泻")
    expect(stop.get_by_role("link", name="拨打 120")).to_be_visible()
    page.get_by_role("button", name="继续反映（突发）").click()
    expect(stop.get_by_text("请选一项再提交")).to_be_visible()
    assert page.evaluate("document.activeElement.name") == "emergency"
    assert citizen.faults() == []
    stop.get_by_role("radio", name="没有人不舒服").check()
    expect(page.get_by_role("button", name="提交", exact=True)).to_be_visible()
    stop.get_by_role("radio", name="我知道了").check()
    stop.get_by_role("radio", name="2–9 人").check()
    page.get_by_role("button", name="继续反映（突发）").click()
    expect(page.get_by_role("heading", name="已直接报给值班岗")).to_be_visible()
    number = page.locator("#number").inner_text()
    citizen.leave()

    town.file("station_officer", description="证照过期")
    for who in ("county_officer", "emergency_center"):
        officer = Person(browser, address, size=PHONE)
        officer.sign_in(who)
        expect(officer.page.locator("main").get_by_text("突发").first).to_be_visible()
        officer.open("/inbox")
        first = officer.page.locator("ul.list > li").first
        expect(first).to_contain_text("突发")
        first.locator("a").first.click()
        expect(officer.page.locator("main")).to_contain_text("全家吃了外卖上吐下泻")
        expect(officer.page.locator("main")).to_contain_text(number[-4:])
        officer.leave()
