"""Forms on a phone: matters by common words, areas by name, the phone's place, small photos."""

import io
import re
from datetime import datetime

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect
from sqlalchemy import text

from storage.moments import CHINA
from storage.registry.businesses import list_of_areas, update_business
from tests.web.browsing import PHONE, Person
from tests.web.town import GRID, NOW, Town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

EXIF, TAKEN, GPS, TURNED = 0x8769, 0x9003, 0x8825, 0x0112
KILOBYTE = 1024


def shot_by_a_phone() -> bytes:
    """A large picture that lies on its side and says where and when it was taken."""
    picture = Image.effect_noise((3000, 2000), 90).convert("RGB")
    said = picture.getexif()
    said[TURNED] = 6
    said.get_ifd(EXIF)[TAKEN] = "2026:02:28 10:48:09"
    said.get_ifd(GPS).update({1: "N", 2: (25.0, 15.0, 36.0), 3: "E", 4: (118.0, 41.0, 24.0)})
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=95, exif=said)
    return out.getvalue()


def test_a_photo_is_made_small_and_keeps_where_and_when_it_was_taken(
    town: Town, browser: Browser, address: str
) -> None:
    person = Person(browser, address, size=PHONE)
    page = person.page
    large = shot_by_a_phone()
    person.sign_in("grid_member")
    person.open("/report")
    page.get_by_label("事项").select_option("L04")
    page.get_by_label("情况描述").fill("店里有鼠迹")
    page.locator("#photos").set_input_files(
        [{"name": "一.jpg", "mimeType": "image/jpeg", "buffer": large}]
    )
    expect(page.locator(".chosen")).to_contain_text(re.compile(r"\d+ KB"))
    page.get_by_role("button", name="上报", exact=True).click()
    page.get_by_role("status").filter(has_text="已上报").wait_for()

    with town.composition.database.reading() as session:
        size, taken, position = session.execute(
            text("select size, taken_at, position from attachment")
        ).one()
    shown = page.locator(".case-now .photos img")
    wide = shown.evaluate(
        "image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])"
    )
    assert len(large) > 2000 * KILOBYTE
    assert size < 900 * KILOBYTE
    assert datetime.fromisoformat(str(taken)) == datetime(2026, 2, 28, 10, 48, 9, tzinfo=CHINA)
    assert "25.26" in str(position)
    assert wide[0] < wide[1], "it stands upright"
    person.leave()


def test_a_matter_is_found_by_common_words_and_an_area_by_its_name(person: Person) -> None:
    page = person.page
    person.sign_in("station_officer")
    person.open("/report")

    page.get_by_role("searchbox", name="用常用词查找").fill("老鼠")
    page.get_by_role("button", name="三防设施缺失").click()
    page.get_by_role("searchbox", name="按地名查找").fill("第1网格2单元")
    page.get_by_role("button", name="学士社区第1网格2单元").click()
    expect(page.locator("[name=area]").last).to_have_value("350322100001001002")
    page.get_by_role("searchbox", name="用常用词查找").fill("月亮")

    expect(page.get_by_text("没有找到，请从下面的列表里选")).to_be_visible()
    expect(page.locator("#matter")).to_have_value("H02")
    assert person.faults() == []


def test_the_phones_place_is_kept_in_words_and_left_out_again(
    browser: Browser, address: str
) -> None:
    person = Person(browser, address, size=PHONE)
    page = person.page
    person.context.grant_permissions(["geolocation"])
    person.context.set_geolocation({"latitude": 25.26, "longitude": 118.69, "accuracy": 24})
    person.open("/public/report")

    page.get_by_role("button", name="我的位置").click()
    expect(page.get_by_text("已记下位置，误差约 24 米")).to_be_visible()
    expect(page.locator("[name='location.lat']")).to_have_value("25.260000")
    page.get_by_role("button", name="不用位置").click()
    expect(page.locator("[name='location.lat']")).to_have_value("")
    person.context.clear_permissions()
    page.get_by_role("button", name="我的位置").click()

    expect(page.get_by_text("这台设备不允许取得位置")).to_be_visible()
    person.leave()


def test_a_place_far_from_the_shop_is_asked_about_before_the_report_goes(
    town: Town, person: Person
) -> None:
    with town.composition.database.transaction() as session:
        shop = next(iter(list_of_areas(session, [GRID], q=None, limit=1)))
        place = {"lat": 25.24, "lon": 118.69}
        update_business(session, shop.id, place, at=NOW)
    page = person.page
    person.context.grant_permissions(["geolocation"])
    person.context.set_geolocation({"latitude": 25.26, "longitude": 118.69, "accuracy": 24})
    person.sign_in("grid_member")
    person.open("/report")
    page.get_by_label("事项").select_option("L02")
    page.get_by_label("情况描述").fill("许可证过期")
    page.get_by_label("没有照片").fill("无")
    page.locator("#business").select_option(str(shop.id))
    page.get_by_role("button", name="我的位置").click()
    asked = page.locator("[data-far]")

    expect(asked).to_contain_text("登记的位置约 2.2 公里")
    page.get_by_role("button", name="上报", exact=True).click()
    expect(asked.get_by_role("checkbox")).to_be_focused()
    assert page.url.endswith("/report")
    asked.get_by_role("checkbox").check()
    page.get_by_role("button", name="上报", exact=True).click()
    expect(page.get_by_text("离主体登记的位置约 2.2 公里")).to_be_visible()
    assert person.faults() == []


def test_the_public_finds_areas_down_to_the_village_only(town: Town) -> None:
    areas = town.visitor().get("/areas-found?field=area&q=学士社区").get_json()

    assert [area["label"] for area in areas] == ["枫亭镇 学士社区居委会"]
    assert town.visitor().get("/areas-found?q=").get_json() == []


def test_a_form_asks_what_its_result_needs_and_forgets_what_is_mended(
    town: Town, person: Person
) -> None:
    """On the way: one's place in the list, and the words of the page instead of the browser's."""
    for _ in range(2):
        town.file()
    page = person.page
    person.sign_in("grid_member")
    person.take_up("处置或上报")
    photos, rectified = page.locator("#photos_after"), page.get_by_label("已整改到位")

    expect(page.locator("[data-place]")).to_contain_text("1 / 2")
    page.get_by_role("radio", name="解决不了").check()
    expect(rectified).to_be_hidden()
    expect(photos).to_be_disabled()
    expect(page.locator(".field:has(#reason) .need")).to_have_text("必填")
    page.get_by_label("上报原因").select_option(label="需要行政执法")
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".summary li")).to_have_count(1)
    page.get_by_role("textbox", name="理由").first.fill("多次劝导仍营业，需要执法权。")
    expect(page.locator(".summary")).to_have_count(0)
    expect(page.locator(".field:has(#reason) > .error")).to_have_count(0)

    page.get_by_text("协办、会商、会签", exact=True).first.click()
    asked = page.locator("[name=kind]").first
    page.get_by_role("button", name="发出请求").click()
    assert asked.evaluate("input => input.validationMessage") == "请选择一项。"
    page.get_by_role("radio", name="会商").check()
    expect(page.get_by_role("button", name="发出会商")).to_be_visible()


def test_a_text_over_its_limit_is_counted_and_refused_and_never_cut(
    town: Town, person: Person
) -> None:
    person.sign_in("grid_member")
    person.open("/report")
    page = person.page
    page.get_by_label("事项").select_option("L04")
    page.get_by_label("没有照片的原因").fill("店主不同意")
    written = page.get_by_label("情况描述")
    most = int(written.get_attribute("maxlength") or 0)
    written.fill("字" * (most - 10))
    expect(page.get_by_text("还可以写 10 字")).to_be_visible()
    written.press_sequentially("又写了十二个字放不下了吧")

    page.get_by_role("button", name="上报", exact=True).click()

    expect(page.get_by_text(f"多了 2 字，最多 {most} 字")).to_be_visible()
    expect(written).to_be_focused()
    assert len(written.input_value()) == most + 2
    assert town.ask("GET", "/cases", "grid_member")["items"] == []
    assert person.faults() == []
    written.fill("写短了")
    page.get_by_role("button", name="上报", exact=True).click()
    page.get_by_role("status").filter(has_text="已上报").wait_for()
