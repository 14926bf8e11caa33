"""Orders and records of inspections on paper: printed, signed, for whoever may read them (R24)."""

import re

import pytest

from tests.web.test_case_paper import opened, text_of
from tests.web.test_what_a_business_reads import (
    GREEN,
    RED,
    columns,
    order,
    photo,
    prove,
    refuse,
    report_problem,
)
from tests.web.test_what_a_business_reads import number as asked_number
from tests.web.town import Town, Visitor, a_photo, words

number = asked_number
WHAT = "1. 生熟食品分开存放\n2. 补办健康证明"


@pytest.fixture
def inspected(town: Town) -> str:
    """An inspection of a station with two lines that do not comply, ended; its number."""
    body = {
        "kind": "work_supervision",
        "title": "示例检查",
        "since": "2026-03-02",
        "until": "2026-03-20",
        "draw": {"count": 1, "inspectors": 2},
    }
    plan = town.ask("POST", "/inspections", "station_officer", json=body)["plan"]["id"]
    (case,) = town.ask("POST", f"/inspections/{plan}/start", "station_officer")["numbers"]
    sent = {"file": (a_photo(), "photo.jpg", "image/jpeg")}
    photo = town.ask("POST", "/attachments", "station_officer", data=sent)["id"]
    lines = town.ask("GET", f"/cases/{case}/inspection", "station_officer")["lines"]
    first, second, third = (line["item"] for line in lines[:3])
    items = [
        {"item": third, "answer": "yes"},
        {"item": second, "answer": "no", "remark": "两人没有健康证明"},
        {"item": first, "answer": "no", "remark": "生熟混放", "photos": [photo]},
    ]
    town.ask("PUT", f"/cases/{case}/inspection", "station_officer", json={"items": items})
    return str(case)


def carry_out(town: Town, case: str) -> str:
    """End the inspection with problems; gives the id of its task."""
    key = town.task(case)
    town.do(case, "station_officer", found="problems", measures="负责人在场，认可检查结果")
    return key


def paper(visitor: Visitor, key: str) -> str:
    """The text of the paper of a task."""
    answer = visitor.get(f"/tasks/{key}/paper.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    return text_of(opened(answer.data)).replace(" ", "")


def test_a_record_is_printed_line_by_line_with_places_to_sign(town: Town, inspected: str) -> None:
    """R21: who inspected whom, every line as the checklist has it, photos by their numbers."""
    visitor = town.visitor("station_officer")
    key = carry_out(town, inspected)
    said = town.ask("GET", f"/tasks/{key}/paper", "station_officer")

    content = visitor.get(f"/tasks/{key}/paper.pdf").data
    text = text_of(opened(content)).replace(" ", "")

    assert [line["answer"] for line in said["lines"]] == ["no", "no", "yes"]
    assert [line["photos"] for line in said["lines"]] == [[1], [], []]
    for expected in (
        "现场检查笔录",
        f"检笔〔2026〕{inspected}-1号",
        "枫亭市场监管所",
        said["party"]["name"],
        *said["officers"],
        "2026年3月2日",
        "生熟混放",
        "不符合",
        "负责人在场，认可检查结果",
        "被检查单位负责人或现场人员（签名）",
        "见证人",
        "照片1",
    ):
        assert expected in text
    assert len(said["officers"]) == 2
    assert content.count(b"/Type /FontDescriptor") == content.count(b"/FontFile") == 1


def test_an_order_is_printed_with_what_was_found_and_the_day_it_is_due(
    town: Town, inspected: str
) -> None:
    """R24: offered at once after the order, then on the task and on the case."""
    visitor = town.visitor("station_officer")
    record = carry_out(town, inspected)
    key = town.task(inspected)
    page = f"/tasks/{key}"
    basis = "食品安全法第三十三条"

    given = {"order": "ordered", "what": WHAT, "until": "2026-03-08", "legal_basis": basis}
    went = visitor.submit(page, on=page, **given).headers["Location"]
    after = visitor.page(went)
    case = visitor.page(f"/cases/{inspected}")
    text = paper(visitor, key)

    assert f'href="/tasks/{key}/paper.pdf"' in after
    for each in (record, key):
        assert f'href="/tasks/{each}/paper.pdf"' in case
    for expected in (
        "责令改正通知书",
        "负责人在场，认可检查结果",
        f"责改〔2026〕{inspected}-1号",
        "枫亭市场监管所",
        "生熟混放",
        "两人没有健康证明",
        "生熟食品分开存放",
        basis,
        "2026年3月9日前",
        "2026年3月2日",
        "六十日内",
        "受送达人（签名或盖章）",
    ):
        assert expected in text


def test_what_an_inspection_photographed_was_there_before_its_order(
    town: Town, inspected: str
) -> None:
    """R23: the picture of the violation stood under 处置后, beside nothing."""
    found, mended = (photo(town, "station_officer", colour) for colour in (RED, GREEN))
    town.do(inspected, "station_officer", found="problems", measures="生熟混放", photos=[found])
    basis = {"legal_basis": "食品安全法第三十三条", "what": WHAT, "until": "2026-03-08"}
    town.do(inspected, "station_officer", order="on_the_spot", photos_after=[mended], **basis)

    shown = columns(town.visitor("station_officer2").page(f"/cases/{inspected}"))

    assert found in shown["处置前"]
    assert shown["处置后"] == [mended]


def test_a_city_changes_the_words_and_the_page_speaks_english(town: Town, inspected: str) -> None:
    """The words around what is on file are the pack's, in the language of the reader."""
    visitor = town.visitor("station_officer", language="en")
    key = carry_out(town, inspected)

    text = paper(visitor, key)

    assert "Recordofanon-siteinspection" in text
    assert "Inspectors(twosignatures)" in text


def test_a_paper_is_for_who_may_read_its_task_and_is_audited(town: Town, inspected: str) -> None:
    """R04, R21: another town's grid finds nothing; printing is on the audit log like an export."""
    key = carry_out(town, inspected)
    nothing_yet = town.visitor("station_officer").get(f"/tasks/{town.task(inspected)}/paper.pdf")
    below = town.visitor("grid_member").get(f"/tasks/{key}/paper.pdf")
    nobody = town.visitor().get(f"/tasks/{key}/paper.pdf")
    paper(town.visitor("station_officer2"), key)

    audited = town.ask("GET", "/audit?action=paper_printed", "admin_audit")["items"]

    assert (nothing_yet.status_code, below.status_code) == (404, 404)
    assert nobody.status_code == 303
    assert [key in each["subject"] for each in audited] == [True]


def test_a_business_prints_its_own_order_and_no_other_paper(town: Town, number: str) -> None:
    """R54: by its own task; the order of the first time stays with the first proof."""
    report_problem(town, number)
    order(town, number)
    first = town.task(number)
    prove(town, number)
    refuse(town, number, "没有看到温度记录表")
    ordering = town.task(number)
    order(town, number)
    second = town.task(number)
    owner = town.visitor("business")

    page = owner.page(f"/tasks/{second}")

    assert re.findall(r'href="(/tasks/[\w-]+/paper.pdf)"', page) == [f"/tasks/{second}/paper.pdf"]
    assert "责令改正通知书" in words(page)
    assert f"{number}-2号" in paper(owner, second)
    assert f"{number}-1号" in paper(owner, first)
    assert owner.get(f"/tasks/{ordering}/paper.pdf").status_code == 404
