"""Who plans or inspects is told of other offices, never of a plan hidden from them (R21)."""

from datetime import timedelta
from typing import Any

from tests.checklists import fill_in
from tests.web.test_county_planner import colleague
from tests.web.town import Town

NEW = "/inspection-plans/new"
STATION, COUNTY = ("station_officer", "station_officer2"), "county_officer"


def planned(town: Town, who: str, people: list[int], **more: Any) -> int:
    """Plan an inspection of the sample's first shop."""
    body = {
        "kind": "work_supervision",
        "title": "示例检查",
        "since": "2026-03-02",
        "until": "2026-03-06",
        "businesses": [1],
        "inspectors": people,
        **more,
    }
    return int(town.ask("POST", "/inspections", who, json=body)["plan"]["id"])


def of_county(town: Town, **more: Any) -> int:
    """A plan of the county, which has a second inspector for it."""
    colleague(town)
    (other,) = town.ask("GET", "/people?q=演示同事02", COUNTY)["items"]
    return planned(town, COUNTY, [town.ask("GET", "/me", COUNTY)["id"], other["id"]], **more)


def of_station(town: Town) -> int:
    """A plan of the station."""
    return planned(town, STATION[0], [town.ask("GET", "/me", who)["id"] for who in STATION])


def test_both_offices_read_of_each_other_and_may_go_on(town: Town) -> None:
    """R21: on the form of a plan, on the plan, on the case and on the task of who inspects."""
    own = of_station(town)
    before = town.visitor(STATION[0]).page(f"/inspection-plans/{own}")
    form = town.visitor(COUNTY).page(NEW)
    of_county(town)
    station = town.visitor(STATION[0])
    (number,) = town.ask("POST", f"/inspections/{own}/start", STATION[0])["numbers"]
    key = town.task(number)
    pages = [station.page(f"/{path}") for path in (f"inspection-plans/{own}", f"cases/{number}")]
    task = station.page(f"/tasks/{key}")
    fill_in(town.ask, number, STATION[0])
    town.do(number, STATION[0], found="nothing", measures="检查了后厨")

    assert "也要检查" not in before
    assert "枫亭市场监管所也要检查（2026-03-02 — 2026-03-06）" in form
    assert all("也要检查（2026-03-02 — 2026-03-06）" in page for page in (*pages, task))
    assert "枫亭市场监管所 2026-03-02 检查过" in town.visitor(COUNTY).page(NEW)


def test_a_hidden_plan_is_hinted_at_to_nobody_below(town: Town) -> None:
    """R21: the pages of the station are the same before a hidden plan and after it."""
    own = of_station(town)
    station = town.visitor(STATION[0])
    (number,) = town.ask("POST", f"/inspections/{own}/start", STATION[0])["numbers"]
    paths = (f"/inspection-plans/{own}", f"/cases/{number}", f"/tasks/{town.task(number)}")

    hidden = of_county(town, kind="unannounced")

    assert "也要检查" not in "".join(map(station.page, (*paths, NEW)))
    assert "枫亭市场监管所也要检查" in town.visitor(COUNTY).page(f"/inspection-plans/{hidden}")


def test_what_was_inspected_long_ago_is_not_told(town: Town) -> None:
    """R21: only so many days back as the city says."""
    own = of_station(town)
    (number,) = town.ask("POST", f"/inspections/{own}/start", STATION[0])["numbers"]
    fill_in(town.ask, number, STATION[0])
    town.do(number, STATION[0], found="nothing", measures="检查了后厨")
    county = town.visitor(COUNTY)

    soon = county.page(NEW)
    town.wait_until(town.clock.now() + timedelta(days=31))

    assert "枫亭市场监管所 2026-03-02 检查过" in soon
    assert "枫亭市场监管所" not in town.visitor(COUNTY).page(NEW)
