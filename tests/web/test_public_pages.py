"""What a citizen reads on the pages without an account: what is missing, what happens next."""

import re

from tests.web.town import VILLAGE, Town, words

TIP = {"kind": "tip", "description": "后厨有老鼠"}


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
