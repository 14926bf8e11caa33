"""A hidden plan is in no answer to anybody below its planner: every account, route and page (R21).

Routes come from the url map and queries from the description, as in `test_foreign_areas`: a new one
is asked as well. Besides words, every answer of the API is the same before the plan and after it:
a count or a number that is left out tells as much as a name.
"""

from collections.abc import Iterator

from tests.web.test_county_planner import colleague
from tests.web.test_foreign_areas import Foreign, address, addresses, api_of, rules, shown
from tests.web.town import Town

SHOP = 1
TITLE = "飞行检查密件示例"
NEXT = "2026000000011"
"""The number of the next case of the town: nobody has it yet."""

BELOW = (
    *("unit_leader", "grid_member", "grid_leader", "village_center", "village_assistant"),
    *("station_officer", "station_officer2", "platform_center", "business", "school"),
    *("enforcement", "catering_section", "emergency_center", "triage", "registry_keeper"),
    *("analyst", "publisher", "supervisor", "admin_system", "admin_security"),
)
"""Every account of the sample that is not of a department at or above the county."""
ON_FILE = "admin_audit"
"""Reads that a plan was made and by which seed; never its title or its businesses."""


def hide(town: Town) -> int:
    """Plan an unannounced inspection of the county at a shop."""
    people = [town.ask("GET", "/me", "county_officer")["id"]]
    (other,) = town.ask("GET", "/people?q=演示同事02", "county_officer")["items"]
    body = {
        "kind": "unannounced",
        "title": TITLE,
        "since": "2026-03-02",
        "until": "2026-03-20",
        "businesses": [SHOP],
        "inspectors": [*people, other["id"]],
    }
    return int(town.ask("POST", "/inspections", "county_officer", json=body)["plan"]["id"])


def asked_for(plan: int) -> Foreign:
    """What a stranger would write into addresses: the plan, its shop, the number it will get."""
    parts = {"plan_id": str(plan), "business_id": str(SHOP), "number": NEXT, "day": "2026-03-02"}
    places = {"code": "350322100", "process": "department_inspection", "post_id": "county:J-350322"}
    files = {"name": "cases", "form": "csv", "kind": "businesses", "page": "station"}
    return Foreign(NEXT, {**parts, **places, **files, "source_id": "smart_supervision"})


def told(town: Town, who: str, plan: int, *, pages: bool) -> Iterator[str]:
    """Where somebody reads the title of the plan."""
    visitor = town.visitor(who) if pages else api_of(town, who)
    for _, where in addresses(town, asked_for(plan), pages=pages):
        if TITLE in shown(visitor, where):
            yield f"{who} {where}"


def test_no_route_and_no_page_shows_a_hidden_plan_to_anybody_below(town: Town) -> None:
    """R21: all accounts over the API with every query, and over every page."""
    colleague(town)
    plan = hide(town)

    seen = [
        where
        for who in (*BELOW, ON_FILE)
        for pages in (False, True)
        for where in told(town, who, plan, pages=pages)
    ]

    assert "\n".join(seen) == ""
    for pages in (False, True):
        assert len(list(told(town, "county_officer", plan, pages=pages))) > 1, "it would be found"


def test_no_answer_changes_when_a_plan_is_hidden(town: Town) -> None:
    """R21: no list, count, figure, map, feed, calendar or export, and no number is used up."""
    colleague(town)
    visitors = {who: api_of(town, who) for who in BELOW}
    own = [rule for rule in rules(town) if rule.rule.startswith("/api/")]

    def answers() -> dict[tuple[str, str], str]:
        return {
            (who, rule.rule): shown(visitor, address(rule, asked_for(1).parts))
            for who, visitor in visitors.items()
            for rule in own
        }

    before = answers()
    plan = hide(town)
    after = answers()

    changed = {asked: (before[asked], text) for asked, text in after.items()}
    assert plan == 1
    assert {asked: texts for asked, texts in changed.items() if texts[0] != texts[1]} == {}
    assert sum(bool(text) for text in after.values()) > 10 * len(BELOW)
    assert town.file() == NEXT
