"""One task filled in on two pages: merged by touched fields, compared where both changed one."""

import re
from html import unescape

from tests.web.town import Town, hidden_fields


def begun(town: Town, **draft: object) -> str:
    """A task of the grid member with a draft of theirs."""
    number = town.file()
    town.accept(number, "grid_member")
    task = town.task(number)
    town.ask("PUT", f"/tasks/{task}/draft", "grid_member", json={"form": draft})
    return task


def test_two_pages_that_changed_different_fields_end_in_one_form(town: Town) -> None:
    task = begun(town, measures="开始时")
    page = town.visitor("grid_member")
    hidden = {"base": base_of(page.page(f"/tasks/{task}"))}
    elsewhere = {"form": {"measures": "另一处写的"}}
    town.ask("PUT", f"/tasks/{task}/draft", "grid_member", json=elsewhere)

    sent = page.submit(f"/tasks/{task}", **hidden, outcome="resolved", measures="开始时")

    assert sent.status_code == 303
    done = page.page(f"/tasks/{task}")
    assert "另一处写的" in page.page(f"/cases/{number_in(done)}")


def test_what_both_pages_changed_stands_side_by_side_and_the_next_press_decides(town: Town) -> None:
    task = begun(town, measures="开始时")
    page = town.visitor("grid_member")
    hidden = {"base": base_of(page.page(f"/tasks/{task}"))}
    elsewhere = {"form": {"measures": "另一处写的"}}
    town.ask("PUT", f"/tasks/{task}/draft", "grid_member", json=elsewhere)

    refused = page.submit(f"/tasks/{task}", **hidden, outcome="resolved", measures="这里写的")
    text = refused.get_data(as_text=True)
    again = page.submit(
        f"/tasks/{task}", base=base_of(text), outcome="resolved", measures="这里写的"
    )

    assert refused.status_code == 409
    assert re.findall(r'data-words="\w+">([^<]+)<', text) == ["这里写的", "另一处写的"]
    assert 'id="measures-error"' in text
    assert ">这里写的</textarea>" in text
    assert again.status_code == 303


def test_a_draft_of_another_page_is_not_written_over(town: Town) -> None:
    task = begun(town)
    first, second = town.visitor("grid_member"), town.visitor("grid_member")
    base = base_of(first.page(f"/tasks/{task}"))
    second.submit(f"/tasks/{task}", base=base, outcome="resolved", draft="yes")

    kept = first.submit(f"/tasks/{task}", base=base, measures="只写了措施", draft="yes")

    assert kept.status_code == 303
    draft = town.ask("GET", f"/tasks/{task}/form", "grid_member")["values"]
    assert (draft["outcome"], draft["measures"]) == ("resolved", "只写了措施")


def test_who_was_too_late_sees_both_answers_of_a_completed_task(town: Town) -> None:
    task = begun(town)
    first, second = town.visitor("grid_member"), town.visitor("grid_member")
    hidden = hidden_fields(first.page(f"/tasks/{task}"), f"/tasks/{task}")
    second.submit(f"/tasks/{task}", outcome="resolved", measures="先到的")

    sent = {**hidden, "outcome": "resolved", "measures": "晚到的"}
    late = first.client.post(f"/tasks/{task}", data=sent)
    text = late.get_data(as_text=True)

    assert late.status_code == 409
    assert re.findall(r'data-words="\w+">([^<]+)<', text) == ["晚到的", "先到的"]


def base_of(page: str) -> str:
    """The draft a page says it was drawn from."""
    return unescape(re.findall(r'name="base" value="([^"]*)"', page)[0])


def number_in(page: str) -> str:
    """The number of the case a page leads to."""
    return re.findall(r"/cases/(\d+)", page)[0]


def test_the_same_answer_from_two_tabs_is_taken_as_sent_and_another_one_is_not(town: Town) -> None:
    task = begun(town)
    first, second, third = (town.visitor("grid_member") for _ in range(3))
    answer = {"outcome": "resolved", "measures": "已经整改"}
    path = f"/tasks/{task}"
    opened = [hidden_fields(each.page(path), path) for each in (first, second, third)]

    sent = first.client.post(path, data={**opened[0], **answer})
    same = second.client.post(path, data={**opened[1], **answer})
    other = third.client.post(path, data={**opened[2], **answer, "measures": "另一种写法"})

    assert sent.status_code == same.status_code == 303
    assert "done=again" in same.headers["Location"]
    assert "您已经提交过，内容一样" in second.page(same.headers["Location"])
    assert other.status_code == 409
    assert "演示网格员01 已于" in unescape(other.text)
    assert "另一种写法</textarea>" in unescape(other.text)


def test_the_same_answer_of_a_colleague_is_told_as_theirs(town: Town) -> None:
    number = town.file(matter="L07")
    path = f"/tasks/{town.task(number)}"
    first, second = town.visitor("station_officer"), town.visitor("station_officer2")
    opened = [hidden_fields(each.page(path), path) for each in (first, second)]

    first.client.post(path, data={**opened[0], "answer": "accept"})
    same = second.client.post(path, data={**opened[1], "answer": "accept"})

    assert same.status_code == 409
    assert "演示市管所01 已于" in unescape(same.text)
