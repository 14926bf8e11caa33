"""The main story as people do it in a browser, at a desk and on a phone."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.casefile.proof import verify
from tests.web.browsing import DESK, PHONE, Person
from tests.web.town import a_photo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def file_a_report(person: Person) -> str:
    """File a report with a photo; gives the number of the case."""
    page = person.page
    page.get_by_role("link", name="上报问题").click()
    page.get_by_label("事项").select_option("L02")
    expect(page.locator("#area")).to_have_value("350322100001001")
    page.locator("#area-350322100001001").select_option(label="学士社区第1网格1单元")
    page.get_by_label("情况描述").fill("食品经营许可证过期两个月，仍在营业。")
    photo = {"name": "店面.jpg", "mimeType": "image/jpeg", "buffer": a_photo().read()}
    page.get_by_label("照片", exact=False).first.set_input_files([photo])  # type: ignore[list-item]
    expect(page.get_by_role("button", name="移除 店面.jpg")).to_be_visible()
    page.get_by_role("button", name="上报").click()
    page.get_by_role("status").filter(has_text="已上报").wait_for()
    return page.locator(".under .number").inner_text()


def photos_are_shown(page: Page) -> bool:
    """Whether every photo of the page has arrived."""
    shown = page.evaluate(
        """() => Promise.all([...document.images].map((one) => {
             one.loading = "eager";
             return one.decode().then(() => one.naturalWidth > 0);
           })).then((all) => all.length > 0 && all.every(Boolean))"""
    )
    return bool(shown)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_report_travels_the_chain_and_its_file_is_proven_offline(
    browser: Browser, address: str, tmp_path: Path, size: tuple[int, int]
) -> None:
    """R36, R38-R40, R44: filed with a photo, passed up twice, relayed, resolved, verified."""
    person = Person(browser, address, size=size)
    page = person.page
    person.sign_in("grid_member")
    number = file_a_report(person)
    person.pass_up()
    person.sign_in("grid_leader")
    person.accept()
    person.pass_up()
    person.sign_in("village_center")
    person.take_up("分类转办")
    page.get_by_role("radio", name="转市场监管所").check()
    person.submit()
    person.sign_in("station_officer")
    person.accept()
    person.take_up("处置或上报")
    page.get_by_role("radio", name="已解决").check()
    page.get_by_label("处置措施").fill("责令限期改正，已补办延续手续。")
    person.submit()
    person.sign_in("grid_member")
    person.take_up("核查")
    page.get_by_role("radio", name="通过", exact=True).check()
    person.submit()

    person.open(f"/cases/{number}")

    expect(page.locator(".under")).to_contain_text("已办结 · 已解决")
    assert [one.get_attribute("class") for one in page.locator(".steps > li").all()] == [
        "not_recorded",
        *["done"] * 4,
        "skipped_resolved",
    ]
    assert photos_are_shown(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载案卷").click()
    kept = tmp_path / "case.zip"
    download.value.save_as(kept)
    assert verify(kept).is_whole
    assert [name for name in zipfile.ZipFile(kept).namelist() if name.endswith(".jpg")]
    person.leave()


def test_a_citizen_reports_and_follows_the_report(person: Person) -> None:
    """R51, R53: number and code, and nothing for whoever has only one of them."""
    page = person.page
    person.open("/")
    page.get_by_role("link", name="我要反映").last.click()
    page.get_by_role("checkbox", name="举报").check()
    page.get_by_label("情况描述").fill("后厨有老鼠，碗筷不消毒。")
    page.locator("#area").select_option(label="仙游县")
    page.locator("#area-350322").select_option(label="枫亭镇")
    page.locator("#area-350322100").select_option("350322100001")
    page.get_by_role("button", name="提交").click()
    number = page.locator("#number").inner_text()
    code = page.locator("#query_code").inner_text()
    assert len(code.replace(" ", "")) == 12

    page.get_by_role("link", name="查询进度").click()
    page.get_by_label("编号").fill(number)
    page.get_by_label("查询码").fill("AAAA BBBB CCCC DDDD")
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("alert")).to_have_text("没有这个编号，或查询码不对。")
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("查询码").fill(code.lower())
    page.get_by_role("button", name="查询").click()

    expect(page.get_by_role("heading", level=2)).to_contain_text("举报")
    expect(page.locator("main")).to_contain_text("还没有结果")
    assert code.replace(" ", "") not in page.url


def test_what_was_wrong_takes_the_focus_and_nothing_typed_is_lost(person: Person) -> None:
    """R38: a matter that needs a photo or the reason why there is none."""
    page = person.page
    person.sign_in("grid_member")
    person.open("/report")
    page.get_by_label("事项").select_option("L02")
    page.locator("#area-350322100001001").select_option(label="学士社区第1网格2单元")
    page.get_by_label("情况描述").fill("证照过期")
    page.get_by_role("button", name="上报").click()

    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("事项")).to_have_value("L02")
    expect(page.locator("#area-350322100001001")).to_have_value("350322100001001002")
    expect(page.get_by_label("情况描述")).to_have_value("证照过期")
    page.get_by_role("alert").get_by_role("link").first.click()
    assert page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"


def test_fields_appear_with_the_answer_that_needs_them(person: Person) -> None:
    page = person.page
    person.sign_in("grid_member")
    file_a_report(person)
    person.take_up("处置或上报")

    expect(page.get_by_label("上报原因")).to_be_hidden()
    page.get_by_role("radio", name="解决不了").check()
    expect(page.get_by_label("上报原因")).to_be_visible()
    expect(page.get_by_label("处置措施")).to_be_hidden()
    page.get_by_role("button", name="＋ 处置措施").click()
    expect(page.get_by_label("处置措施")).to_be_focused()


def test_the_button_is_pressed_twice_and_one_case_is_filed(person: Person) -> None:
    page = person.page
    person.sign_in("grid_member")
    person.open("/report")
    page.get_by_label("事项").select_option("L04")
    page.get_by_label("情况描述").fill("未亮证")
    page.get_by_label("没有照片的原因").fill("店主不同意")
    page.get_by_role("button", name="上报").dblclick()
    page.get_by_role("status").filter(has_text="已上报").wait_for()

    person.open("/cases")
    expect(page.locator("ul.list > li")).to_have_count(1)


def test_the_language_is_switched_and_stays(person: Person) -> None:
    page = person.page
    person.open("/public/report")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Report a food-safety problem")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("banner").get_by_role("link", name="Staff sign-in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Staff sign-in")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_the_story_of_the_keyboard(person: Person) -> None:
    """Signing in without a mouse; the first thing reached is the way past the bar."""
    page = person.page
    person.open("/sign-in")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("跳到正文")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("我要反映")
    page.keyboard.press("Tab")
    expect(page.get_by_label("用户名")).to_be_focused()
    page.keyboard.type("grid_member")
    page.keyboard.press("Tab")
    page.keyboard.type("hangji-demo")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("首页")
