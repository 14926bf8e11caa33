"""The search of cases finds businesses and officers as well, of those its reader may see."""

import pytest

from tests.web.town import Town, words

REPORTER = {"name": "金丝雀名字", "phone": "000-00009876"}


def groups(town: Town, who: str, q: str) -> tuple[str, str]:
    """What the page says of businesses and of people."""
    whole = town.visitor(who).page(f"/cases?q={q}")
    page = words(whole.partition("<main")[2])
    shops, _, rest = page.partition(" 主体 ")[2].partition(" 人员 ")
    return shops, rest.partition(" 案件 ")[0]


def test_a_shop_and_an_officer_are_results_of_their_own(town: Town) -> None:
    page = town.visitor("station_officer").page("/cases?q=示例便利店")
    shops, people = groups(town, "station_officer", "示例便利店")

    assert 'href="/businesses/2"' in page
    assert "示例便利店（演示）" in shops
    assert "没有找到与“示例便利店”相符的人员" in people


@pytest.mark.parametrize("q", ["演示市管所02", "枫亭市场监管所"])
def test_an_officer_is_found_by_name_and_by_post(town: Town, q: str) -> None:
    _, people = groups(town, "station_officer", q)

    assert "演示市管所02 枫亭市场监管所" in people


def test_nothing_is_found_of_areas_the_reader_does_not_see(town: Town) -> None:
    """One rule of visibility: that of the registry and of the directory."""
    shops, people = groups(town, "business", "示例便利店")
    _, colleagues = groups(town, "business", "演示市管所02")

    assert "示例便利店（演示）" not in shops
    assert "演示市管所02 枫亭" not in colleagues
    assert "没有找到" in people


def test_who_reported_is_never_found(town: Town) -> None:
    town.report(reporter=REPORTER)

    for q in REPORTER.values():
        page = words(town.visitor("supervisor").page(f"/cases?q={q}"))
        assert page.count("没有找到与") == 3, q


def test_a_list_without_a_search_has_no_groups(town: Town) -> None:
    page = town.visitor("supervisor").page("/cases?status=open").partition("<main")[2]
    assert " 人员 " not in words(page)
