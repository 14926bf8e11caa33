"""What pages say and do, without a browser: names instead of codes, actions, refusals, headers."""

import re
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.casefile.proof import verify
from storage.moments import CHINA
from tests.web.town import (
    PASS_UP,
    PHONE,
    REPORTER,
    Town,
    Visitor,
    hidden_fields,
    words,
)


def test_an_inbox_names_places_and_marks_what_is_late(town: Town) -> None:
    town.file()
    visitor = town.visitor("grid_member")
    before = words(visitor.page("/inbox"))

    # The due moment of two working days, and nothing fired yet.
    town.clock.set(datetime(2026, 3, 5, 0, 30, tzinfo=CHINA))
    late = words(town.visitor("grid_member").page("/inbox?view=late"))

    assert "还剩 2 个工作日 下一件 许可证、登记证过期" in before
    assert "枫亭镇 学士社区第1网格1单元 处置或上报" in before
    assert "03-04 周三" in before
    assert "已超期 0" in before
    assert "已超期 1" in late
    assert "超期 30 分 下一件 许可证、登记证过期" in late


def test_an_empty_view_says_what_is_empty(town: Town) -> None:
    visitor = town.visitor("grid_leader")

    assert "没有待办。" in visitor.page("/inbox")
    assert "没有超期的环节。" in visitor.page("/inbox?view=late")
    assert "没有找到与“老鼠”相符的环节。" in visitor.page("/inbox?q=老鼠")
    assert "没有已办结的案件。" in visitor.page("/cases?status=closed")


def test_a_draft_is_there_again(town: Town) -> None:
    number = town.file()
    town.accept(number, "grid_member")
    path, visitor = f"/tasks/{town.task(number)}", town.visitor("grid_member")

    kept = visitor.submit(path, outcome="pass_up", reason="写到一半", draft="yes")

    assert "草稿已保存" in visitor.page(kept.headers["Location"])
    page = visitor.page(path)
    assert "写到一半" in page
    assert re.search(r'value="pass_up"\s+checked', page)


def test_a_task_of_the_post_is_claimed_and_released(town: Town) -> None:
    number = town.file()
    town.do(number, "grid_member", outcome="resolved", measures="已改正")
    path, visitor = f"/tasks/{town.task(number)}", town.visitor("grid_leader")

    visitor.submit(f"{path}/claim", on=path)
    claimed = words(visitor.page(path))
    visitor.submit(f"{path}/release", on=path)

    assert "释放（交回本岗）" in claimed
    assert "认领（由我办理）" in visitor.page(path)


def test_an_acceptance_is_one_button_and_nothing_to_choose_or_claim(town: Town) -> None:
    number = town.file()
    town.do(number, "grid_member", **PASS_UP)
    path, visitor = f"/tasks/{town.task(number)}", town.visitor("grid_leader")

    page = visitor.page(path)
    accepted = visitor.submit(path, on=path, answer="accept")

    assert 'type="radio"' not in page[page.index('id="task-form"') : page.index("</form>")]
    assert not any(word in words(page) for word in ("是否签收", "退回理由", "认领", "存草稿"))
    assert accepted.status_code == 303
    assert "处置或上报" in words(visitor.page("/inbox"))


def test_others_are_asked_for_help_by_the_titles_of_their_posts(town: Town) -> None:
    """R27."""
    number = town.file()
    town.accept(number, "grid_member")
    path, visitor = f"/tasks/{town.task(number)}", town.visitor("grid_member")
    page = visitor.page(path)
    post = "unit_leader:350322100001001001"
    assert f'value="{post}"' in page

    form = {"kind": "assist", "posts": post, "reason": "请先到现场看一看"}
    answer = visitor.submit(f"{path}/beside", on=path, **form)

    told = visitor.page(answer.headers["Location"])
    assert "已请学士社区第1网格1单元长协办" in told
    assert answer.headers["Location"].startswith(path)
    assert "提出协办会商" in words(visitor.page(f"/cases/{number}"))
    assert "请先到现场看一看" in town.visitor("supervisor").page(f"/cases/{number}")
    assert "答复" in words(town.visitor("unit_leader").page("/inbox?view=team"))


def test_an_action_that_is_refused_keeps_what_was_written(town: Town) -> None:
    number = town.file()
    path, visitor = f"/tasks/{town.task(number)}", town.visitor("grid_member")

    answer = visitor.submit(f"{path}/pause", on=path, reason="很" * 2001)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "很" * 2001 in page
    assert re.search(r"<details class=\"act\" open>\s*<summary>缓办", page)


def test_what_was_passed_up_is_taken_back_from_the_done_view(town: Town) -> None:
    number = town.file()
    town.accept(number, "grid_member")
    path = f"/tasks/{town.task(number)}"
    town.do(number, "grid_member", **PASS_UP)
    visitor = town.visitor("grid_member")
    assert f'href="{path}"' in visitor.page("/inbox?view=done")

    answer = visitor.submit(f"{path}/withdraw", on=path, reason="可以自行处置")

    assert "已撤回" in visitor.page(answer.headers["Location"])
    assert "第1网格1单元 处置或上报" in words(visitor.page("/inbox"))


def test_a_supervisor_chases_a_grid_member_does_not(town: Town) -> None:
    number = town.file()
    path, supervisor = f"/cases/{number}", town.visitor("supervisor")
    assert "催办" not in words(town.visitor("grid_member").page(path))

    answer = supervisor.submit(f"{path}/chase", on=path, text="请于今日签收")

    assert "已催办" in supervisor.page(answer.headers["Location"])
    assert "请于今日签收" in words(supervisor.page(path))


def test_the_file_is_downloaded_and_proven(town: Town, tmp_path: Path) -> None:
    """R44."""
    number = town.file()

    answer = town.visitor("grid_member").get(f"/cases/{number}/file.zip")

    kept = tmp_path / "case.zip"
    kept.write_bytes(answer.get_data())
    assert answer.headers["Content-Disposition"] == f"attachment; filename={number}.zip"
    assert verify(kept).is_whole
    assert "manifest.json" in zipfile.ZipFile(kept).namelist()


def test_a_dispute_brings_the_case_back(town: Town) -> None:
    """R51."""
    number, code = town.report()
    town.accept(number, "village_assistant")
    town.do(number, "village_assistant", outcome="resolved", measures="已督促整改")
    town.do(number, "station_officer", verify_result="passed")
    town.do(number, "village_assistant", public_result="经核查，已督促店家整改。")
    visitor, form = town.visitor(), {"number": number, "code": code}

    found = visitor.client.post("/public/query", data=form).get_data(as_text=True)
    answer = visitor.client.post("/public/dispute", data={**form, "reason": "没有整改"})
    again = visitor.client.post("/public/dispute", data={**form, "reason": "没有整改"})

    assert "经核查，已督促店家整改。" in found
    assert "对结果不满意" in found
    assert "案件重新办理" in visitor.page(answer.headers["Location"])
    assert code not in answer.headers["Location"]
    assert again.status_code == 409
    assert "举报人提出异议" in words(town.visitor("supervisor").page(f"/cases/{number}"))


def test_a_wrong_code_and_an_unknown_number_look_alike(town: Town) -> None:
    number, code = town.report()
    visitor = town.visitor()

    pages = []
    for asked, given in (
        (number, "A" * 16),
        ("2026000009990", code),
        ("../cases", code),
        ("１２", code),
    ):
        answer = visitor.client.post("/public/query", data={"number": asked, "code": given})
        assert answer.status_code == 404
        pages.append(words(answer.get_data(as_text=True)))

    assert len(set(pages)) == 1


def test_no_page_of_an_officer_tells_who_reported(town: Town) -> None:
    """R48: the name is in the vault."""
    number, _ = town.report(reporter={"name": REPORTER, "phone": PHONE})

    for who in ("village_assistant", "station_officer", "supervisor"):
        visitor = town.visitor(who)
        pages = visitor.page(f"/cases/{number}") + visitor.page("/inbox?view=all")
        assert REPORTER not in pages
        assert PHONE not in pages


def test_pages_allow_no_script_or_style_but_their_own(town: Town) -> None:
    number = town.file()
    visitor = town.visitor("grid_member")
    task = f"/tasks/{town.task(number)}"

    for path in ("/inbox", "/cases", f"/cases/{number}", task, "/report", "/public", "/nowhere"):
        answer = visitor.get(path, headers={"Accept": "text/html"})
        page, policy = answer.get_data(as_text=True), answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'self'" in policy
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"
        inline = re.findall(r"<script(?![^>]*\b(?:src=|application/json))[^>]*>", page)
        assert inline == []
        assert re.findall(r'\s(?:style|on\w+)="', page) == []


def test_an_address_nobody_serves_is_a_page_for_people_and_a_problem_for_programs(
    town: Town,
) -> None:
    client = town.visitor().client
    person, program = {"Accept": "text/html"}, {"Accept": "application/json"}

    assert "没有这个页面" in client.get("/nowhere", headers=person).get_data(as_text=True)
    assert client.get("/nowhere", headers=program).mimetype == "application/problem+json"
    assert client.get("/api/v1/nowhere", headers=person).mimetype == "application/problem+json"


def test_a_case_of_another_area_is_not_there(town: Town) -> None:
    number = town.file()

    answer = town.visitor("business").get(f"/cases/{number}")

    assert answer.status_code == 404
    assert "许可证过期" not in answer.get_data(as_text=True)


def test_what_somebody_wrote_is_never_mark_up(town: Town) -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)></script>{{ 7*7 }}'
    number = town.file(description=evil)
    visitor = town.visitor("grid_member")

    for path in (f"/cases/{number}", f"/tasks/{town.task(number)}", f"/cases?q={evil}"):
        page = visitor.page(path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "49" not in words(page).split()


def test_nothing_a_browser_can_send_breaks_a_page(town: Town) -> None:
    visitor, task = town.visitor("grid_member"), town.task(town.file())
    csrf = re.findall(r'name="csrf" value="([^"]*)"', visitor.page("/report"))[0]
    odd = ["/cases/2026%3Fx", "/tasks/1-1%3Fx", "/photos/x%23y", "/cases?cursor=x", "/inbox?q=%00"]

    answers = [visitor.get(path).status_code for path in odd]
    for key in ("a\nb", "中文", "x" * 5000):
        form = {"csrf": csrf, "key": key, "description": "x"}
        answers += [
            visitor.client.post(path, data=form).status_code
            for path in (f"/tasks/{task}/claim", "/report", "/public/report", "/public/dispute")
        ]
    handed = {"csrf": csrf, "officer": "9" * 5000, "reason": "x"}
    answers.append(visitor.client.post(f"/tasks/{task}/delegate", data=handed).status_code)
    large = "9" * 20
    answers.append(visitor.get(f"/operations/{large}").status_code)
    answers.append(visitor.get(f"/boards/chase?holder={large * 250}").status_code)
    for path in (f"/inbox/views/{large}/remove", f"/messages/{large}/open"):
        answers.append(visitor.client.post(path, data={"csrf": csrf}).status_code)

    assert max(answers) < 500


def test_a_draft_another_program_saved_is_shown_as_far_as_it_fits(town: Town) -> None:
    number = town.file()
    town.accept(number, "grid_member")
    path = f"/tasks/{town.task(number)}"
    draft = {"photos_after": 5, "outcome": {"a": 1}, "measures": [1], "reason": "写到一半", "x": 1}
    town.ask("PUT", f"{path}/draft", "grid_member", json={"form": draft})

    assert "写到一半" in town.visitor("grid_member").page(path)


def test_both_languages_are_whole(town: Town) -> None:
    """No Chinese is left in the frame of an English page; data stay as they were written."""
    visitor = town.visitor("grid_leader", language="en")

    for path in ("/inbox", "/cases", "/sign-in", "/public", "/public/query"):
        told = words(visitor.page(path)).replace("中文", "")
        rest = re.sub(r"演示网格长01|学士社区第1网格(长|\d+单元)?", "", told)
        assert re.findall(r"[\u4e00-\u9fff]+", rest) == [], path


def test_pages_are_quick_to_say_that_nothing_moved_meanwhile(town: Town) -> None:
    """A task that somebody has completed is not completed again; the page says who did it."""
    number = town.file(matter="L07")
    path, visitor = f"/tasks/{town.task(number)}", town.visitor("station_officer")
    page = visitor.page(path)
    hidden = dict(re.findall(r'type="hidden" name="(csrf|key)" value="([^"]*)"', page))
    town.wait_until(town.clock.now() + timedelta(hours=11))
    town.accept(number, "station_officer2")

    answer = visitor.client.post(path, data={**hidden, "answer": "accept"})

    assert answer.status_code == 409
    assert "环节已经办结或已被收回" in answer.get_data(as_text=True)
    assert "演示市管所02 已于" in answer.get_data(as_text=True)


@pytest.mark.parametrize(("path", "kind"), [("/sign-in", "html"), ("/api/v1/me", "problem+json")])
def test_a_host_that_cannot_be_one_is_refused_in_words(town: Town, path: str, kind: str) -> None:
    answer = town.app.test_client().get(path, headers={"Host": "a..b", "Accept": "text/html"})

    assert (answer.status_code, kind in answer.content_type) == (400, True)


def too_late(visitor: Visitor, task: str, hidden: dict[str, str]) -> str:
    """What an acceptance is answered that was filled in before the task was taken away."""
    csrf = hidden_fields(visitor.page("/report"), "/report")["csrf"]
    form = {**hidden, "csrf": csrf, "answer": "accept"}
    answer = visitor.client.post(f"/tasks/{task}", data=form)
    assert answer.status_code == 409
    return answer.get_data(as_text=True)


def test_an_acceptance_that_comes_too_late_is_told_what_happened_who_and_when(town: Town) -> None:
    """A colleague was first, somebody merged the case, or the limit passed it on."""
    first, merged, late = town.file(matter="L07"), town.file(), town.file()
    for number in (merged, late):
        town.do(number, "grid_member", **PASS_UP)
    tasks = {number: town.task(number) for number in (first, merged, late)}
    officer, leader = town.visitor("station_officer"), town.visitor("grid_leader")
    visitors = {first: officer, merged: leader, late: leader}
    hidden = {
        number: hidden_fields(visitors[number].page(f"/tasks/{task}"), f"/tasks/{task}")
        for number, task in tasks.items()
    }
    town.accept(first, "station_officer2")
    into = {"into": first, "reason": "同一件事"}
    town.ask("POST", f"/cases/{merged}/merge", "supervisor", json=into)
    answers = {
        number: too_late(visitors[number], tasks[number], hidden[number])
        for number in (first, merged)
    }
    town.wait_until(town.clock.now() + timedelta(days=3))
    again = town.visitor("grid_leader")
    answers[late] = too_late(again, tasks[late], hidden[late])

    assert "演示市管所02 已于 <time>2026-03-02 09:00</time> 办结这个环节" in answers[first]
    assert "2026-03-02 09:00 演示督办01：合并" in answers[merged]
    assert re.search(r"2026-03-0\d \d\d:\d\d 系统：期限已到", answers[late])
    assert all("data-refused" in answer for answer in answers.values())


def test_a_refused_act_says_so_at_the_top_and_its_field_names_the_last_day(town: Town) -> None:
    """More time is at most as long again: two working days after the fourth are the sixth."""
    visitor = town.visitor("grid_member")
    path = f"/tasks/{town.task(town.file(matter='L02'))}"
    until = "2027-06-01T09:00"

    page = visitor.page(path)
    refused = visitor.submit(f"{path}/extend", on=path, reason="等检验报告", until=until)

    assert "最迟 2026-03-06 23:59" in page
    assert 'max="2026-03-06T23:59"' in page
    top = refused.text.split('id="task-form"')[0]
    assert "申请延期：没有办成" in top
    assert "最迟到 2026-03-06 23:59" in top
    assert 'href="#extend-reason"' in top
    assert f'value="{until}"' in refused.text
    assert refused.text.count('role="alert"') == 1


def test_who_reports_the_same_matter_and_place_again_is_told_before_sending(town: Town) -> None:
    """Their own open ones of the last days; a warning, no refusal."""
    shop = town.ask("GET", "/businesses", "grid_member")["items"][0]["id"]
    at_shop, in_unit = town.file(matter="L02", business=shop), town.file(matter="H01")
    member, other = town.visitor("grid_member"), town.visitor("grid_leader")

    def told(visitor: Visitor, **form: Any) -> list[str]:
        csrf = {"csrf": hidden_fields(visitor.page("/report"), "/report")["csrf"]}
        page = visitor.client.post("/report/alike", data={**csrf, **form}).text
        return re.findall(r'href="/cases/(\d+)"', page)

    area = town.ask("GET", f"/cases/{in_unit}", "grid_member")["area"]
    same = {"matter": "L02", "area": area, "business": str(shop)}

    assert told(member, **same) == [at_shop]
    assert told(member, matter="H01", area=area) == [in_unit]
    assert told(member, matter="H01", area=[area[:-3], area, ""]) == [in_unit]
    assert told(member, matter="L02", area=area) == []
    assert told(member, matter="H01", area=area, business=str(shop)) == []
    assert told(member, matter="H01", area="") == []
    assert told(other, **same) == []
    town.clock.advance(timedelta(days=8))
    assert told(town.visitor("grid_member"), **same) == []
