"""Forms of an inspection are offered with what its plan and its record already say."""

from tests.web.test_case_paper import opened, text_of
from tests.web.town import Town

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
    inspecting = visitor.page(f"/tasks/{town.task(number)}")
    line = {"item": "licence_shown", "base": 0, "answer": "no", "remark": "许可证过期"}
    town.ask("PUT", f"/cases/{number}/inspection", "station_officer", json={"items": [line]})
    town.do(number, "station_officer", found="problems", measures="检查了后厨")
    ordering = visitor.page(f"/tasks/{town.task(number)}")

    assert 'value="演示市管所01、演示市管所02"' in inspecting
    assert "1. 亮证经营，许可或备案在有效期内：许可证过期" in ordering
    assert 'value="食品安全法第三十五条"' in ordering
    told = "检查表 1 项：符合 0，不符合 1；亮证经营，许可或备案在有效期内（许可证过期）"
    assert told in visitor.page(f"/cases/{number}")
    paper = visitor.get(f"/cases/{number}/file.pdf").data
    assert "许可证过期" in text_of(opened(paper))
