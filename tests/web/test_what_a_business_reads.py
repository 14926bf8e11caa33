"""A business reads what it sent, what it is asked for and what came of it; nothing else (R54)."""

import re

import pytest
from sqlalchemy import update

from engine.delivery.channels import Notices
from storage.tables import business
from tests.checklists import answered
from tests.delivering import deliver_due
from tests.web.town import Town, Visitor, a_photo, words

RED, GREEN = (190, 40, 40), (40, 160, 40)


@pytest.fixture
def number(town: Town) -> str:
    """A self-inspection that a station asked the sample's business for."""
    with town.composition.database.transaction() as session:
        school = update(business).where(business.c.id == 1)
        session.execute(school.values(category="canteen.school"))
    body = {"business": 1, "period": "week"}
    asked = town.ask("POST", "/processes/self_inspection/cases", "station_officer", json=body)
    return str(asked["number"])


def photo(town: Town, who: str, colour: tuple[int, int, int]) -> str:
    """A photo somebody has uploaded."""
    sent = {"file": (a_photo(colour=colour), "photo.jpg", "image/jpeg")}
    return str(town.ask("POST", "/attachments", who, data=sent)["id"])


def report_problem(town: Town, number: str) -> str:
    """The business says what is wrong; gives the photo it adds."""
    shown = photo(town, "business", RED)
    town.do(
        number,
        "business",
        found="problems",
        lines=answered("canteen"),
        matter="S02",
        description="冷库温度偏高",
        photos=[shown],
        ready_by="2026-03-09",
    )
    return shown


def order(town: Town, number: str) -> None:
    """The station orders it to be put right."""
    what = {"what": "修好冷库", "legal_basis": "食品安全法第五十四条"}
    town.do(number, "station_officer", order="ordered", until="2026-03-09", **what)


def prove(town: Town, number: str) -> str:
    """The business proves it; gives the photo it adds."""
    shown = photo(town, "business", GREEN)
    town.do(number, "business", answer="done", measures="已维修", photos_after=[shown])
    return shown


def columns(page: str) -> dict[str, list[str]]:
    """The photos of a page under each of the two heads."""
    figures = re.findall(r"<figure><figcaption>(.*?)</figure>", page, re.DOTALL)
    named = {words(figure.split("</figcaption>")[0]): figure for figure in figures}
    return {name[:3]: re.findall(r'href="/photos/(\w+)"', figure) for name, figure in named.items()}


def test_the_photo_of_a_problem_stands_before_and_the_proof_after(town: Town, number: str) -> None:
    """R23: whoever checks judges the repair by its own picture, wherever the case began."""
    problem = report_problem(town, number)
    order(town, number)
    proof = prove(town, number)
    checker = town.visitor("station_officer2")

    task = columns(checker.page(f"/tasks/{town.task(number)}"))
    file = columns(checker.page(f"/cases/{number}"))

    assert task == {"处置前": [problem], "处置后": [proof]}
    assert file == task


def test_who_checks_reads_what_was_ordered_and_a_second_order_starts_from_it(
    town: Town, number: str
) -> None:
    """R24: each line beside the proof; what was not put right is not typed again."""
    report_problem(town, number)
    what = {"what": "修好冷库\n每天记录温度", "legal_basis": "食品安全法第五十四条"}
    town.do(number, "station_officer", order="ordered", until="2026-03-09", **what)
    proof = prove(town, number)
    check = town.visitor("station_officer2").page(f"/tasks/{town.task(number)}")
    refuse(town, number, "没有温度记录")
    again = town.visitor("station_officer").page(f"/tasks/{town.task(number)}")

    ordered = check.partition("责令整改的内容和证明")[2].partition("</section>")[0]
    assert re.findall(r"<li>([^<]+)</li>", ordered) == ["修好冷库", "每天记录温度"]
    assert "已维修" in ordered
    assert f'href="/photos/{proof}"' in ordered
    assert "责令整改的内容和证明" not in again
    offered = re.search(r'<textarea id="what"[^>]*>(.*?)</textarea>', again, re.DOTALL)
    assert offered is not None
    assert offered[1].splitlines() == ["修好冷库", "每天记录温度", "核查不到位：没有温度记录"]
    assert 'value="食品安全法第五十四条"' in again


def refuse(town: Town, number: str, note: str) -> None:
    """A second person of the station finds that it is not put right."""
    town.do(number, "station_officer2", check_result="not_passed", note=note)


def done_by_business(owner: Visitor) -> list[str]:
    """Where what the business did leads to."""
    page = owner.page("/inbox?view=done")
    return list(dict.fromkeys(re.findall(r'href="/tasks/([\w-]+)"', page)))


def test_a_business_opens_its_own_photos_and_reads_why_it_was_refused(
    town: Town, number: str
) -> None:
    """R42, R54: a second order shows the first, the proof and what the check said of it."""
    problem = report_problem(town, number)
    order(town, number)
    proof = prove(town, number)
    others = photo(town, "station_officer2", (40, 40, 190))
    town.do(
        number,
        "station_officer2",
        check_result="not_passed",
        note="没有看到温度记录表",
        photos=[others],
    )
    order(town, number)
    owner = town.visitor("business")

    page = owner.page(f"/tasks/{town.task(number)}")

    assert columns(page) == {"处置前": [problem], "处置后": [proof]}
    assert owner.get(f"/photos/{proof}/small").status_code == 200
    assert owner.get(f"/photos/{others}").status_code == 404
    assert f"/photos/{others}" not in page
    assert "没有看到温度记录表" in page


def test_a_business_does_not_read_what_officers_note_while_it_is_asked(
    town: Town, number: str
) -> None:
    """R54, R50: a note may name who complained, or a visit to come."""
    report_problem(town, number)
    order(town, number)
    key = town.task(number)
    town.ask("POST", f"/cases/{number}/note", "station_officer", json={"text": "明天突击复查"})
    owner = town.visitor("business")

    page = owner.page(f"/tasks/{key}")

    assert "修好冷库" in page
    assert "明天突击复查" not in page
    assert "明天突击复查" not in str(town.ask("GET", f"/tasks/{key}", "business"))
    assert "明天突击复查" in town.visitor("station_officer2").page(f"/cases/{number}")


def test_a_business_finds_again_what_it_did_and_what_came_of_it(town: Town, number: str) -> None:
    """R54: its own steps are among what it did; the case of it stays closed to it."""
    report_problem(town, number)
    order(town, number)
    proof = prove(town, number)
    town.do(number, "station_officer2", check_result="passed", note="已见温度记录")
    owner = town.visitor("business")

    tasks = done_by_business(owner)
    proved = owner.page(f"/tasks/{tasks[0]}")

    assert len(tasks) == 2
    assert "已维修" in proved
    assert "已见温度记录" in proved
    assert f"/photos/{proof}" in proved
    assert f"/cases/{number}" not in proved
    assert owner.get(f"/cases/{number}").status_code == 404
    cases = owner.page("/cases")
    assert "我办过的" in words(cases)
    assert "辖区内还没有案件" not in cases


def test_a_business_is_told_of_an_order_and_of_what_the_check_said(town: Town, number: str) -> None:
    """R24, R54: it is told what it is asked for, and the end; nothing else of the case."""
    report_problem(town, number)
    order(town, number)
    prove(town, number)
    refuse(town, number, "没有看到温度记录表")
    order(town, number)
    prove(town, number)
    town.do(number, "station_officer2", check_result="passed")
    while deliver_due(town.composition.database, {"notice": Notices({})}, town.clock).sent:
        pass

    page = town.visitor("business").page("/messages")
    read = re.findall(r'<p class="dotted"><span>([^<]+)</span>', page)

    assert sorted(read) == sorted(
        ["该自查了", "责令整改", "整改没有通过核查：没有看到温度记录表", "整改核查通过"]
    )
    assert "未读 5" in page
    assert "没有看到温度记录表" in page
    assert f"/cases/{number}" not in page
    assert 'href="/my-obligations"' in page


def test_a_business_reads_nothing_of_the_steps_before_and_beside_its_order(town: Town) -> None:
    """R54: how officers found it out, and what they do besides, is not for whom it is about."""
    number = town.file("station_officer", business=1)
    town.accept(number, "station_officer")
    town.do(number, "station_officer", outcome="resolved", measures="线人带路，已暗访两次")
    order(town, number)
    key = town.task(number)
    owner = town.visitor("business")

    page = owner.page(f"/tasks/{key}")
    answer = str(town.ask("GET", f"/tasks/{key}", "business"))
    prove(town, number)
    afterwards = owner.page(f"/tasks/{done_by_business(owner)[0]}")

    assert "修好冷库" in page
    for text in (page, answer, afterwards):
        assert "线人带路" not in text
    assert "已维修" in afterwards
