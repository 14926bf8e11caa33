"""The list of enforcement cases as a brigade and its neighbours see it."""

from tests.web.town import Town


def lead(town: Town) -> str:
    """A lead that the brigade has to decide on."""
    number = town.file()
    town.reach_the_station(number)
    town.accept(number, "station")
    town.do(number, "station_officer", outcome="case_lead", reason="涉嫌违法")
    return number


def test_a_brigade_finds_what_it_filed_and_where_the_lead_came_from(town: Town) -> None:
    """R25: number, officers, decision and the case it came from, in both languages."""
    number = lead(town)
    town.do(number, "enforcement", filing="filed", enforcement_case="示例〔2026〕7号")
    brigade = town.visitor("enforcement")
    waiting = brigade.page("/enforcement-cases?state=open")
    town.do(number, "enforcement", officers="演示执法01、演示市管所01", measures="现场检查")
    decision = {"measure": "penalty", "document": "示例罚字1号", "fine_yuan": 12000}
    town.do(number, "enforcement", **decision)

    decided = brigade.page("/enforcement-cases")
    english = town.visitor("enforcement", language="en").page("/enforcement-cases")
    elsewhere = town.visitor("registry_keeper").page("/enforcement-cases")

    assert "示例〔2026〕7号" in waiting
    assert "查处中" in waiting
    assert f"/cases/{number}" in decided
    assert "行政处罚，示例罚字1号，罚款 12,000 元" in decided
    assert "演示执法01、演示市管所01" in decided
    assert "fine 12,000 yuan" in english
    assert "/enforcement-cases" in brigade.page("/home")
    assert "没有查处案件" in elsewhere
