"""Nothing typed is lost: sign-ins that end, networks that fail, with and without JavaScript."""

import re

import pytest
from playwright.sync_api import Browser, Dialog, Page, Route, expect

from storage.people.actors import find_officer
from storage.people.sessions import end_sign_ins_of
from tests.web.browsing import DESK, PHONE, Person
from tests.web.town import PASSWORD, Town, a_photo, without

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TYPED = "后厨有鼠迹，已当场清理。"


def ends_the_sign_in(town: Town, who: str = "grid_member") -> None:
    """The sign-in of an officer is over."""
    with town.composition.database.transaction() as session:
        officer = find_officer(session, who)
        assert officer is not None
        end_sign_ins_of(session, officer.id)


def fill_in_a_task(town: Town, person: Person) -> None:
    """Open a task and type."""
    town.file()
    person.sign_in("grid_member")
    person.take_up("处置或上报")
    person.page.get_by_role("radio", name="已解决").check()
    person.page.get_by_label("处置措施").fill(TYPED)


def fill_in_a_report(person: Person) -> None:
    """Type a report and choose a photo."""
    person.sign_in("grid_member")
    person.open("/report")
    # Answered before the signal goes: nothing else is under way then.
    with person.page.expect_response("**/report/alike"):
        person.page.get_by_label("事项").select_option("L04")
    person.page.get_by_label("情况描述").fill(TYPED)
    photo = {"name": "店面.jpg", "mimeType": "image/jpeg", "buffer": a_photo().read()}
    person.page.get_by_label("照片", exact=False).first.set_input_files([photo])  # type: ignore[list-item]


def sign_in_again(page: Page) -> None:
    """Fill in the sign-in form one was shown."""
    page.get_by_label("用户名").fill("grid_member")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def check(person: Person) -> list[str]:
    """What is wrong with the page as it stands, at both sizes."""
    faults = person.faults()
    for size in (DESK, PHONE):
        person.resize(size)
        faults += ["wider than the window"] if person.is_scrolled_sideways() else []
    return faults


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "no_scripts"])
def test_a_sign_in_ends_while_somebody_types(
    town: Town, browser: Browser, address: str, *, has_scripts: bool
) -> None:
    person = Person(browser, address, size=PHONE, has_scripts=has_scripts)
    page = person.page
    fill_in_a_task(town, person)
    ends_the_sign_in(town)

    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("status").first).to_contain_text("内容已经保留")
    faults = check(person) if has_scripts else []
    sign_in_again(page)
    expect(page.get_by_role("status").filter(has_text="请核对后再提交")).to_be_visible()
    expect(page.get_by_label("处置措施")).to_have_value(TYPED)
    expect(page.get_by_role("radio", name="已解决")).to_be_checked()
    faults += check(person) if has_scripts else []
    person.submit()

    assert faults == []
    person.leave()


def test_a_press_without_network_leaves_everything_in_its_place(person: Person) -> None:
    page = person.page
    fill_in_a_report(person)
    key = page.locator("form.card [name=key]").input_value()
    person.context.set_offline(True)

    page.get_by_role("button", name="上报").click()
    expect(page.get_by_text("没有连上系统，内容都还在")).to_be_visible()
    assert any("ERR_INTERNET_DISCONNECTED" in complaint for complaint in person.complaints)
    person.complaints.clear()
    faults = check(person)
    assert page.locator("form.card [name=key]").input_value() == key
    person.context.set_offline(False)  # it is sent without a press
    page.get_by_role("status").filter(has_text="已上报").wait_for()

    assert faults == []
    expect(page.locator(".case-now .photos img")).to_have_count(1)


def test_an_answer_that_is_lost_is_asked_for_again_and_nothing_done_twice(person: Person) -> None:
    page = person.page
    fill_in_a_report(person)

    def lose(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort()

    page.route("**/report", lose, times=1)
    page.get_by_role("button", name="上报").click()
    expect(page.get_by_text("没有连上系统，内容都还在")).to_be_visible()
    person.complaints.clear()
    expect(page.get_by_role("link", name="看待发送")).to_be_visible()
    page.evaluate("dispatchEvent(new Event('online'))")
    page.get_by_role("status").filter(has_text="已上报").wait_for()

    person.open("/cases")
    expect(page.locator("ul.list > li")).to_have_count(1)


def test_photos_over_the_limit_are_not_even_sent(person: Person) -> None:
    page = person.page
    fill_in_a_report(person)
    page.locator("form.card").evaluate("form => { form.dataset.most = '1000'; }")

    page.get_by_role("button", name="上报").click()

    expect(page.get_by_text("照片太大或太多，还没有提交")).to_be_visible()
    expect(page.get_by_label("情况描述")).to_have_value(TYPED)


def test_a_proxy_that_answers_for_us_takes_nothing_away(person: Person) -> None:
    page = person.page
    person.open("/public/report")
    page.get_by_label("情况描述").fill(TYPED)
    page.route(
        "**/public/report", lambda route: route.fulfill(status=502, body="Bad gateway"), times=1
    )

    page.get_by_role("button", name="提交").click()

    expect(page.get_by_text("没有连上系统，内容都还在")).to_be_visible()
    expect(page.get_by_label("情况描述")).to_have_value(TYPED)
    person.complaints.clear()


def test_a_fault_that_leaves_no_form_leaves_the_one_on_the_page(town: Town, person: Person) -> None:
    page = person.page
    fill_in_a_report(person)
    with without("process_definition", town):
        page.get_by_role("button", name="上报").click()
        expect(page.get_by_text("内容都还在这一页")).to_be_visible()
    person.complaints.clear()
    page.get_by_role("button", name="上报").click()
    page.get_by_role("status").filter(has_text="已上报").wait_for()

    expect(page.locator(".case-now .photos img")).to_have_count(1)


def test_reloading_asks_first_when_something_was_typed(person: Person) -> None:
    page = person.page
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    person.open("/public/report")
    page.get_by_label("情况描述").press_sequentially("有鼠")
    page.on("dialog", stay)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_label("情况描述")).to_have_value("有鼠")
    page.remove_listener("dialog", stay)
    page.get_by_role("button", name="English").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert asked == ["beforeunload"]


def test_a_refused_note_leaves_the_diagrams_of_its_case(town: Town, person: Person) -> None:
    """The answer takes the place of the page, and what the page draws is drawn again."""
    number = town.file()
    person.sign_in("grid_member")
    person.open(f"/cases/{number}")
    page = person.page
    page.locator("summary").filter(has_text="写备注").click()
    page.get_by_label("备注内容").fill(TYPED)
    ends_the_sign_in(town)
    page.get_by_role("button", name="写备注").click()
    sign_in_again(page)

    expect(page.get_by_label("备注内容")).to_have_value(TYPED)
    page.get_by_text("展开流程图").click()
    expect(page.locator("[data-diagram][open] .diagram")).to_have_attribute("data-drawn", "yes")
    page.get_by_role("button", name="写备注").click()
    expect(page.get_by_role("status").filter(has_text="备注已记入案卷")).to_be_visible()
    assert re.search(rf"/cases/{number}\?done=note$", page.url)
