"""Forms of an inspection are offered with what its plan and its record already say."""

import re

from tests.web.test_case_paper import opened, text_of
from tests.web.town import Town, hidden_fields, words

PLAN = {
    "title": "示例双随机",
    "kind": "double_random",
    "since": "2026-03-02",
    "until": "2026-03-20",
    "count": "1",
    "drawn_inspectors": "2",
}
PAGE = "/inspection-plans/new"


def test_the_planned_inspectors_and_the_lines_found_wrong_are_not_typed_again(town: Town) -> None:
    """R21, R24: the names of the plan; what is to be put right, and the clause it rests on."""
    visitor = town.visitor("station_officer")
    plan = visitor.submit(PAGE, on=PAGE, **PLAN).headers["Location"]
    visitor.submit(f"{plan}/start", on=plan)
    number = town.ask("GET", "/cases", "station_officer")["items"][0]["number"]
    task = f"/tasks/{town.task(number)}"
    inspecting = visitor.page(task)
    checklist = visitor.page(f"/cases/{number}/inspection")
    planned = visitor.page(f"/cases/{number}")
    line = {"item": "licence_shown", "base": 0, "answer": "no", "remark": "许可证过期"}
    town.ask("PUT", f"/cases/{number}/inspection", "station_officer", json={"items": [line]})
    town.do(number, "station_officer", found="problems", measures="检查了后厨")
    ordering = visitor.page(f"/tasks/{town.task(number)}")

    assert 'value="演示市管所01、演示市管所02"' in inspecting
    assert "1. 应做到：亮证经营，许可或备案在有效期内（现场：许可证过期）" in ordering
    assert 'value="食品安全法第三十五条"' in ordering
    assert re.search(r'name="until"[^>]* value="2026-03-09"', ordering)
    told = "检查表 1 项：符合 0，不符合 1；亮证经营，许可或备案在有效期内（许可证过期）"
    assert told in visitor.page(f"/cases/{number}")
    assert checklist.count(f'href="{task}"') == 2
    assert task not in town.visitor("county_officer").page(f"/cases/{number}/inspection")
    assert "演示市管所01、演示市管所02（计划）" in words(planned)
    assert f'<a href="{plan}">示例双随机</a>' in planned
    rows = words(visitor.page(plan))
    assert f"{number} 办理中 演示市管所01、演示市管所02 有问题，要整改" in rows
    paper = visitor.get(f"/cases/{number}/file.pdf").data
    assert "许可证过期" in text_of(opened(paper))


def test_a_plan_keeps_what_was_typed_through_a_search_a_refusal_and_a_sign_in(town: Town) -> None:
    """R21: each thing that is wrong stands at its field, and nothing is typed twice."""
    visitor = town.visitor("station_officer")
    ids = re.findall(r'name="businesses" value="(\d+)"', visitor.page(PAGE))
    typed = {"title": "示例计划", "kind": "work_supervision", "businesses": ids[0]}

    found = visitor.submit(PAGE, on=PAGE, **typed, q="没有这样的店", find="1")
    refused = visitor.submit(PAGE, on=PAGE, **{**typed, "businesses": ""})
    hidden = hidden_fields(visitor.page(PAGE), PAGE)
    visitor.sign_in("station_officer")
    again = visitor.client.post(PAGE, data={**hidden, **typed})

    for page in (found, again):
        shown = page.get_data(as_text=True)
        assert 'value="示例计划"' in shown
        assert re.search(rf'name="businesses" value="{ids[0]}"\s+checked', shown)
    assert refused.status_code == 422
    assert {'id="businesses-error"', 'id="inspectors-error"'} & set(
        re.findall(r'id="\w+-error"', refused.get_data(as_text=True))
    )
    assert again.status_code == 403
    assert "示例计划" not in visitor.page("/inspection-plans")
