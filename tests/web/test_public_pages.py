"""What a citizen reads on the pages without an account: what is missing, what happens next."""

import io
import re

import pytest

from tests.web.town import VILLAGE, Town, a_photo, hidden_fields, words

TIP = {"kind": "tip", "description": "后厨有老鼠"}
OF_THE_PLACE = "想起来了，是菜市场东门第二家"
ADDING = ("grid_member", "supervisor")


def test_a_complaint_nobody_could_find_says_what_to_write(town: Town) -> None:
    citizen = town.visitor()

    page = citizen.submit("/public/report", **TIP, reporter_phone="12345")
    asked = citizen.submit("/public/report", kind="inquiry", description="怎么办证")

    text = words(page.text)
    assert page.status_code == 422
    assert "填一项就可以，不然找不到这家店" in text
    assert "电话号码不完整" in text
    assert "已收到" in asked.text


def test_a_complaint_that_is_a_tip_too_says_that_one_number_shows_both(town: Town) -> None:
    page = town.visitor().submit(
        "/public/report", **{**TIP, "kind": ["complaint", "tip"]}, area=VILLAGE
    )

    assert "用这一个编号和查询码，两件都查得到" in page.text


def test_who_follows_a_report_reads_the_promise_until_somebody_takes_it_up(town: Town) -> None:
    number, code = town.report()
    citizen = town.visitor()

    before = words(citizen.client.post("/public/query", data={"number": number, "code": code}).text)
    town.accept(number, "village_assistant")
    after = words(citizen.client.post("/public/query", data={"number": number, "code": code}).text)

    assert re.search(r"等工作人员收下，最迟 \d", before)
    assert "等工作人员收下" not in after


def test_a_reporter_adds_words_and_a_photo_that_the_holder_reads(town: Town) -> None:
    """On the page of the task, apart from the step before, and in the case file."""
    number, code = town.report()
    citizen = town.visitor()
    asked = {"number": number, "code": code}
    shown = citizen.client.post("/public/query", data=asked).text
    key = hidden_fields(shown, "/public/add")["key"]
    sent = {**asked, "key": key, "added": OF_THE_PLACE}

    empty = citizen.client.post("/public/add", data={**sent, "added": " "})
    then = citizen.client.post("/public/add", data={**sent, "photos.files": (a_photo(), "a.jpg")})
    assistant = town.visitor("village_assistant")
    task = words(assistant.page(f"/tasks/{town.task(number)}"))
    case = words(assistant.page(f"/cases/{number}"))

    assert empty.status_code == 422
    assert "已收到您的补充" in then.text
    assert f"{OF_THE_PLACE} 照片 1 张" in words(then.text).partition("您补充的")[2]
    assert OF_THE_PLACE in task.partition("上报人补充的")[2]
    assert "群众 举报人补充" in case


def test_a_hostile_file_is_no_photo_of_an_addition(town: Town) -> None:
    number, code = town.report()
    sent = {"number": number, "code": code, "key": "k" * 24, "added": OF_THE_PLACE}
    script = (io.BytesIO(b"<svg onload=alert(1)>"), "a.jpg")

    refused = town.visitor().client.post("/public/add", data={**sent, "photos.files": script})

    assert refused.status_code == 422
    events = town.ask("GET", f"/cases/{number}/events", "supervisor")["items"]
    assert "case_added_by_reporter" not in [one["kind"] for one in events]


def test_a_collector_adds_to_an_own_case_from_its_page(town: Town) -> None:
    number = town.file()
    member = town.visitor("grid_member")
    offered = f'href="/cases/{number}/add"'

    is_offered = [offered in town.visitor(who).page(f"/cases/{number}") for who in ADDING]
    then = member.submit(f"/cases/{number}/add", added=OF_THE_PLACE)
    refused = town.visitor("supervisor").get(f"/cases/{number}/add").status_code

    assert is_offered == [True, False]
    assert OF_THE_PLACE in words(member.page(then.headers["Location"]))
    assert refused == 403


def shop_named(town: Town, name: str) -> int:
    """The id of a shop of the sample."""
    found = town.ask("GET", f"/businesses?q={name}", "supervisor")["items"]
    return int(next(one["id"] for one in found if name in one["name"]))


def test_a_shop_is_found_by_name_and_reported_from_its_page(town: Town) -> None:
    """The report is about that shop, and at its place."""
    citizen = town.visitor()
    shop = shop_named(town, "示例小吃店")
    here = f"/public/businesses/{shop}"
    told = town.ask("GET", f"/businesses/{shop}", "supervisor")

    found = citizen.page("/public/shops?q=小吃")
    nothing = words(citizen.page("/public/shops?q=没有这家店"))
    page = citizen.page(here)
    form = citizen.page(f"/public/report?business={shop}")
    filed = citizen.client.post(
        "/public/report",
        data={"key": "k" * 24, **TIP, "business_name": told["name"], "area": VILLAGE},
    )

    assert (f'href="{here}"' in found, "示例超市" in words(found)) == (True, False)
    assert "没有找到“没有这家店”" in nothing
    assert f'href="/public/report?business={shop}"' in page
    assert (f'value="{told["name"]}"' in form, f'value="{VILLAGE}" selected' in form) == (
        True,
        True,
    )
    number = re.search(r"\d{13}", filed.text)
    assert number is not None
    case = town.ask("GET", f"/cases/{number[0]}", "supervisor")
    assert (case["business"], case["area"]) == (shop, told["area"])


def test_the_page_of_a_shop_reads_the_same_after_it_was_reported(town: Town) -> None:
    """Whoever runs it opens the page as well: nothing hints at what is open."""
    shop = shop_named(town, "示例小吃店")
    pages = (f"/public/businesses/{shop}", "/public/shops", "/public/shops?q=小吃")
    citizen = town.visitor()
    before = [words(citizen.page(page)) for page in pages]

    town.report(business_name="示例小吃店（演示）", description="后厨有老鼠")

    assert [words(citizen.page(page)) for page in pages] == before


def test_a_licence_is_told_to_everybody_and_the_person_in_charge_is_not(town: Town) -> None:
    """R10."""
    shops = town.ask("GET", "/businesses", "supervisor")["items"]
    citizen = town.visitor()

    pages = [(one, citizen.page(f"/public/businesses/{one['id']}")) for one in shops]

    for one, page in pages:
        told = town.ask("GET", f"/businesses/{one['id']}", "supervisor")
        assert not told["licence_number"] or told["licence_number"] in page
        held = town.ask("GET", f"/businesses/{one['id']}/credentials", "supervisor")["items"]
        assert all(credential["number"] in page for credential in held)
        for private in ("person_in_charge", "phone"):
            assert not told[private] or told[private] not in page


@pytest.mark.parametrize("ident", ["x", "999999", "9" * 40])
def test_a_shop_nobody_knows_fills_in_nothing(town: Town, ident: str) -> None:
    page = town.visitor().get(f"/public/report?business={ident}")

    assert page.status_code == 200
    assert re.search(r'name="business_name" value=""', page.text)


def test_a_report_is_looked_up_from_the_first_page_however_its_code_is_typed(town: Town) -> None:
    """Case, blanks and dashes do not matter, as the page says."""
    number, code = town.report()
    citizen = town.visitor()
    typed = "-".join((code[:4], code[4:8], code[8:])).lower() + " "

    found = citizen.submit("/public/query", on="/public", number=f" {number}", code=typed)
    wrong = citizen.submit("/public/query", on="/public", number=number, code="AAAA-BBBB-CCCC")

    assert "大小写、空格、横线都可以不管" in citizen.page("/public")
    assert number in words(found.text)
    assert "收到时间" in words(found.text)
    assert "收到时间" not in words(wrong.text)
