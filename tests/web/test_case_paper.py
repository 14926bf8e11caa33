"""The PDF of a case: what its page shows, in a font of its own, with the signed file attached."""

import io

import orjson
import pypdfium2

from tests.web.test_case_moves import upload
from tests.web.town import PHONE, REPORTER, Town


def opened(content: bytes) -> pypdfium2.PdfDocument:
    """A PDF as a reader opens it."""
    return pypdfium2.PdfDocument(io.BytesIO(content))


def text_of(paper: pypdfium2.PdfDocument) -> str:
    """All its text; where a line is broken says nothing."""
    pages = (paper[place].get_textpage().get_text_range() for place in range(len(paper)))
    return "".join(pages).replace("\r\n", "").replace("\n", "")


def test_the_pdf_of_a_case_says_what_its_page_says(town: Town) -> None:
    photo = upload(town, "grid_member")
    number = town.file(description="后厨地面有老鼠屎😱", photos=[photo])
    town.reach_the_station(number)
    town.do(number, "station_officer", outcome="resolved", measures="责令停业整改")
    visitor = town.visitor("supervisor")

    answer = visitor.get(f"/cases/{number}/file.pdf")
    paper = opened(answer.data)
    text = text_of(paper)

    assert answer.mimetype == "application/pdf"
    for words in (
        number,
        # A sign the font does not have is named.
        "后厨地面有老鼠屎□[face screaming in fear]",
        "责令停业整改",
        "枫亭市场监管所",
        "演示督办01 打印",
    ):
        assert words in text
    assert "2026-03-02 09:00" in text
    kinds = [item.type for item in paper[0].get_objects()]
    assert kinds.count(pypdfium2.raw.FPDF_PAGEOBJ_IMAGE) == 1


def test_the_signed_file_is_attached_to_the_pdf_and_the_export_is_audited(town: Town) -> None:
    """R44: one case, one file, on paper too and still to be verified."""
    number = town.file()

    paper = opened(town.visitor("supervisor").get(f"/cases/{number}/file.pdf").data)

    attached = paper.get_attachment(0)
    assert attached.get_name() == f"{number}.json"
    assert orjson.loads(bytes(attached.get_data()))["case"]["number"] == number
    audited = town.ask("GET", "/audit?action=case_exported", "admin_audit")["items"]
    assert [number in each["subject"] for each in audited] == [True]


def test_every_glyph_of_the_pdf_comes_with_it(town: Town) -> None:
    """No font of the system is asked for: another machine shows the same."""
    number = town.file()

    content = town.visitor("supervisor").get(f"/cases/{number}/file.pdf").data

    fonts = content.count(b"/Type /FontDescriptor")
    assert (fonts, content.count(b"/FontFile")) == (1, 1)
    assert len(content) < 200_000


def test_who_may_not_see_a_case_gets_no_pdf_and_no_pdf_names_the_reporter(town: Town) -> None:
    number, _ = town.report(reporter={"name": REPORTER, "phone": PHONE})

    foreign = town.visitor("unit_leader").get(f"/cases/{number}/file.pdf")
    text = text_of(opened(town.visitor("supervisor").get(f"/cases/{number}/file.pdf").data))

    assert foreign.status_code == 404
    assert (REPORTER in text, PHONE in text) == (False, False)


def test_the_pdf_of_an_open_case_names_its_days_in_full_and_its_weight(town: Town) -> None:
    """An archive is read on another day than the one it was printed on."""
    number = town.file(matter="X01", description="上吐下泻")
    town.ask("POST", f"/cases/{number}/supervise", "supervisor", json={"text": "盯紧"})

    text = text_of(opened(town.visitor("supervisor").get(f"/cases/{number}/file.pdf").data))

    assert "【突发】 【督办】" in text
    assert "期限 2026-03-02 " in text
    assert "今天" not in text
