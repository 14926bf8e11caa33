"""The entry form says first where to enter; what was answered stays with a form shown again."""

import re

from tests.web.town import Town


def test_a_department_reads_where_to_enter_before_it_types_and_an_assistant_does_not(
    town: Town,
) -> None:
    """R30."""
    page = town.visitor("station_officer").page("/report")
    english = town.visitor("station_officer", language="en").page("/report")
    assistant = town.visitor("grid_member").page("/report")

    assert page.index("先看在哪里录入") < page.index('name="matter"')
    assert page.count("<strong>到综合监督管理系统录入") == 3
    # A browser that cannot choose shows all four, each with the answers it is for.
    assert len(set(re.findall('<span class="when">(.*?)</span>', page))) == 4
    assert "Where to enter it: only once" in english
    assert "Enter it in the supervision system" in english
    assert "在哪里录入" not in assistant
    assert "found_problem" not in assistant


def test_a_form_sent_against_the_advice_is_shown_as_such_on_the_case_page(town: Town) -> None:
    """R30."""
    officer = town.visitor("station_officer")
    form = {"found_problem": "no", "can_collect_here": "yes", "description": "示例"}

    again = officer.submit("/report", **form)
    sent = officer.submit(
        "/report", **form, matter="L01", area="350322100001001001", no_photo_reason="无"
    )
    page = officer.page(sent.headers["Location"])

    assert again.status_code == 422
    assert re.search(r'name="found_problem" value="no" checked', again.text)
    assert sent.status_code == 303
    assert "综合监督管理系统（采集人仍在本平台上报）" in page
