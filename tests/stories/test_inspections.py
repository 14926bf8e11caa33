"""Departments plan inspections, draw by chance, and open a case for each business (R21)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select
from werkzeug.test import TestResponse

from storage.cases.cases import find_case_by_number
from storage.delivery.outbox import list_of_case
from storage.people import staffing
from storage.people.roles import ROLES
from storage.tables import audit_event
from tests.build import UNIT, an_officer
from tests.stories.inspecting import SHOP, TITLE, plan, settle_colleagues, started
from tests.stories.world import BEGAN, MONDAY, World

REMARKED = {"no": {"remark": "光线太暗，没有照片"}}
FOUND = {"measures": "检查了后厨"}


@pytest.fixture(autouse=True)
def _colleagues(request: pytest.FixtureRequest) -> None:
    settle_colleagues(request)


def put_right(world: World, number: str) -> None:
    """Have it put right on the spot, checked by the second inspector of the county."""
    form = {"order": "on_the_spot", "reason": "当场改正，没有照片"}
    world.do(number, "county", "order_rectification", **form)
    world.do(number, "county_colleague", "check_rectification", check_result="passed")


@pytest.mark.parametrize("who", ["station", "county", "city"])
def test_a_plan_becomes_one_case_for_each_business_when_it_is_started(
    world: World, who: str
) -> None:
    """R21: at each of the three levels; without a problem the result waits to be published."""
    shops = [world.business(name=f"示例店{n}") for n in range(3)]
    made = plan(world, who, businesses=shops)["plan"]["id"]
    before = world.done(world.ask("GET", "/cases", "supervisor"))["items"]

    first = world.done(world.ask("POST", f"/inspections/{made}/start", who))["numbers"]
    again = world.done(world.ask("POST", f"/inspections/{made}/start", who))["numbers"]
    world.fill_in(first[0], who)
    world.do(first[0], who, "carry_out", found="nothing", **FOUND)

    assert (before, len(first), again) == ([], 3, [])
    assert world.task(first[1], "carry_out")["holder"]["post"] == world.post(who)
    case = world.case(first[0])
    assert (case["status"], case["outcome"], case["owner_level"]) == (
        "closed",
        "nothing_found",
        who,
    )
    assert world.notes(first[0], "inspection_closed")[0]["publish_by"] == "2026-03-30"


def test_problems_are_put_right_and_checked_before_an_inspection_closes(world: World) -> None:
    """R24, R26: the second inspector of the office checks; the owner stays the county."""
    (number,) = started(world, businesses=[world.business()])
    world.do(number, "county", "carry_out", found="problems", **FOUND)
    still_open = world.case(number)["status"]
    put_right(world, number)

    assert (still_open, world.case(number)["status"]) == ("open", "closed")
    assert world.notes(number, "verified")[-1]["rectification"] == "rectified"
    assert set(world.levels(number)) == {"county"}


@pytest.mark.parametrize("is_lead_first", [True, False])
def test_a_lead_found_beside_problems_is_investigated_while_they_are_put_right(
    world: World, *, is_lead_first: bool
) -> None:
    """R24, R25: both begin at once, in any order, and the case closes when both have ended."""
    (number,) = started(world, businesses=[world.business()])
    world.do(number, "county", "carry_out", found="both", **FOUND)
    at_once = {task["name"] for task in world.open(number)}
    first, second = (world.enforce, partial(put_right, world))[:: 1 if is_lead_first else -1]
    first(number)
    still_open = world.case(number)["status"]
    second(number)

    case = world.case(number)
    assert at_once == {"order_rectification", "decide_filing"}
    assert (still_open, case["status"], case["outcome"]) == ("open", "closed", "resolved")
    assert set(world.levels(number)) == {"county"}


def test_a_refusal_beside_a_lead_waits_for_its_investigation_and_is_then_a_lead(
    world: World,
) -> None:
    """R24, R25: one lead of a case at a time; neither closes what is not put right."""
    (number,) = started(world, businesses=[world.business()])
    refusal = {"order": "case_lead", "reason": "拒不改正"}
    world.do(number, "county", "carry_out", found="both", **FOUND)
    again = world.doing(number, "county", "order_rectification", **refusal)
    world.enforce(number, filed_as="示例1号")
    world.do(number, "county", "order_rectification", **refusal)
    (lead,) = [task for task in world.open(number) if task["name"] == "decide_filing"]
    world.enforce(number, filed_as="示例2号")
    still_open = world.case(number)["status"]
    put_right(world, number)

    assert (again.status_code, again.get_json()["clause"]) == (422, "R25")
    assert "不用再移交一次" in again.get_data(as_text=True)
    assert lead["holder"]["post"] == world.post("enforcement")
    assert (still_open, world.case(number)["status"]) == ("open", "closed")


@pytest.mark.parametrize("who", ["station", "county", "city"])
def test_the_result_of_a_superior_is_copied_to_the_station_to_read(world: World, who: str) -> None:
    """R21, R26 (inspection rules, art. 35): a notification and sight of it; no owner changes."""
    (number,) = started(world, who, businesses=[world.business()], kind="unannounced")
    before = world.ask("GET", f"/cases/{number}", "station").status_code
    world.fill_in(number, who)
    world.do(number, who, "carry_out", found="nothing", **FOUND)
    seen = {
        reader: world.ask("GET", f"/cases/{number}", reader).status_code
        for reader in ("station", "grid_member")
    }
    with world.database.reading() as session:
        case = find_case_by_number(session, number)
        assert case is not None
        copies = [one.receiver for one in list_of_case(session, case.id) if is_copy(one)]

    assert (before, seen["station"]) == ((200 if who == "station" else 404), 200)
    assert seen["grid_member"] == 404
    assert copies == ([] if who == "station" else [world.post("station")])
    assert set(world.levels(number)) == {who}
    reopened = world.ask("POST", f"/cases/{number}/reopen", "station", json={"reason": "复查"})
    assert reopened.status_code in {403, 409}


def is_copy(delivery: Any) -> bool:
    return bool(delivery.template == "inspection_copied")


def test_a_lead_alone_and_a_refusal_go_to_enforcement(world: World) -> None:
    """R25: what is not put right in the end is investigated and ordered again."""
    alone, refused = started(world, businesses=[world.business(), world.business(name="另一家")])
    world.do(alone, "county", "carry_out", found="case_lead", **FOUND)
    world.enforce(alone)
    world.do(refused, "county", "carry_out", found="problems", **FOUND)
    world.do(refused, "county", "order_rectification", order="case_lead", reason="拒不改正")
    world.enforce(refused)
    still_open = world.case(refused)["status"]
    put_right(world, refused)

    assert [world.case(number)["status"] for number in (alone, refused)] == ["closed"] * 2
    assert world.case(alone)["outcome"] == "case_lead"
    assert still_open == "open"


def waiting(world: World, who: str) -> list[dict[str, Any]]:
    return list(world.done(world.ask("GET", "/inspections/results", who))["items"])


def corrected(world: World, number: str, who: str) -> TestResponse:
    """Try to add a sentence to a published result."""
    sentence = {"text": "第一项已经复核", "reason": "登记时看错"}
    return world.ask("POST", f"/cases/{number}/inspection/correct", who, json=sentence)


def test_a_result_is_public_once_somebody_who_did_not_inspect_has_reviewed_it(
    world: World,
) -> None:
    """R21: queued for twenty working days, previewed, published once, on the audit log.

    Neither inspector reviews; an office that has nobody else leaves it to the one above.
    """
    (number,) = started(world, businesses=[world.business(name=SHOP)])
    written(world, number, "county", raw_and_cooked=(0, "no"))
    world.do(number, "county", "carry_out", found="problems", **FOUND)
    publishing = f"/cases/{number}/inspection/publish"
    early = world.ask("POST", publishing, "county_colleague")
    put_right(world, number)

    queued = waiting(world, "county")
    preview = world.done(world.ask("GET", f"/cases/{number}/inspection/result", "county"))
    before = world.done(world.ask("GET", "/public/inspections"))["items"]
    refused = [
        world.ask("POST", publishing, who) for who in ("county", "county_colleague", "station")
    ]
    too_soon = corrected(world, number, "city")
    done = world.done(world.ask("POST", publishing, "city"))
    again = world.ask("POST", publishing, "city")
    answer = world.ask("GET", "/public/inspections")
    (public,) = world.done(answer)["items"]
    own = corrected(world, number, "county")
    with_text = world.done(corrected(world, number, "city"))
    (afterwards,) = world.done(world.ask("GET", "/public/inspections"))["items"]
    with world.database.reading() as session:
        acts = list(session.execute(select(audit_event.c.action)).scalars())

    assert early.status_code == 404
    assert [(row["number"], row["publish_on"]) for row in queued] == [(number, "2026-03-30")]
    assert before == waiting(world, "county") == []
    assert [one.get_json()["code"] for one in refused] == [
        "own_record",
        "own_record",
        "not_the_owner",
    ]
    assert (again.status_code, again.get_json()["code"]) == (409, "already_published")
    assert public == {**preview, "published_at": done["published_at"]}
    assert (public["business"], public["result"], len(public["problems"])) == (SHOP, "resolved", 1)
    assert too_soon.get_json()["code"] == "not_published"
    assert own.get_json()["code"] == "own_record"
    assert afterwards == with_text == {**public, "corrections": afterwards["corrections"]}
    assert [each["text"] for each in afterwards["corrections"]] == ["第一项已经复核"]
    assert TITLE.encode() not in answer.data
    assert number.encode() not in answer.data
    assert acts.count("inspection_published") == 1


def test_a_calendar_holds_own_inspections_and_due_tasks_and_never_a_hidden_plan(
    world: World,
) -> None:
    """R21: whole days for a plan, a moment for a task; a hidden one not even for its planner."""
    shop = world.business()
    plan(world, businesses=[shop], title="例行检查，第一批")
    plan(world, businesses=[shop], kind="unannounced")
    (number,) = started(world, businesses=[world.business()], title="已启动的检查")
    due = world.task(number, "carry_out")["due_at"]

    def events(who: str) -> dict[str, Any]:
        answer = world.ask("GET", "/calendar.ics", who)
        assert answer.content_type == "text/calendar; charset=utf-8"
        found = Calendar.from_ical(answer.data).walk("VEVENT")
        return {str(event["summary"]): event for event in found}

    own, other = events("county"), events("station")

    assert set(own) == {"例行检查，第一批", "已启动的检查", "现场检查：监督检查"}
    days = own["例行检查，第一批"]
    assert (days["dtstart"].dt, days["dtend"].dt) == (date(2026, 3, 2), date(2026, 3, 21))
    assert own["现场检查：监督检查"]["dtstart"].dt == datetime.fromisoformat(due)
    assert other == {}


def test_how_often_to_inspect_is_proposed_to_planners_alone_and_assigns_nothing(
    world: World,
) -> None:
    """R21, R56: due at once when never inspected, then by category; no business learns it."""
    shop = world.business()
    (number,) = started(world, businesses=[shop])
    path = f"/inspections/frequency?business={shop}"
    (before,) = world.done(world.ask("GET", path, "county"))["items"]
    world.fill_in(number, "county")
    world.do(number, "county", "carry_out", found="nothing", **FOUND)
    (after,) = world.done(world.ask("GET", path, "station"))["items"]
    refused = [world.ask("GET", path, who).status_code for who in ("grid_member", "enforcement")]
    world.until(MONDAY + timedelta(days=366))
    (later,) = world.done(world.ask("GET", "/inspections/frequency", "county"))["items"]

    assert (before["last_on"], before["is_due"]) == (None, True)
    assert (after["rule"], after["every_days"], after["is_due"]) == ("*", 365, False)
    assert (after["last_on"], after["due_on"]) == ("2026-03-02", "2027-03-02")
    assert later["is_due"]
    assert refused == [403, 403]
    assert world.done(world.ask("GET", "/inspections", "county"))["items"][1:] == []


def test_rectifications_stand_on_a_board_the_first_due_first(world: World) -> None:
    """R24: to be ordered, proved or checked; what is overdue; nothing for another's area."""
    first, second = started(world, businesses=[world.business(), world.business(name="另一家")])
    for number in (first, second):
        world.do(number, "county", "carry_out", found="problems", **FOUND)
    order = {"order": "ordered", "what": "更换纱窗", "legal_basis": "食品安全法第三十三条"}
    world.do(second, "county", "order_rectification", until="2026-03-06", **order)
    world.do(first, "county", "order_rectification", until="2026-03-04", **order)

    def board(query: str = "", who: str = "county") -> list[tuple[str, str]]:
        items = world.done(world.ask("GET", f"/rectifications{query}", who))["items"]
        return [(item["number"], item["step"]) for item in items]

    both = [(first, "prove_rectification"), (second, "prove_rectification")]
    assert (board(), board("?overdue=true"), board("?step=check")) == (both, [], [])
    world.until(MONDAY + timedelta(days=3))
    assert (board("?overdue=true"), board("?step=prove")) == (both[:1], both)
    assert board(who="grid_member") == []
    page = world.done(world.ask("GET", "/rectifications?limit=1", "county"))
    rest = world.done(world.ask("GET", f"/rectifications?limit=1&cursor={page['next']}", "county"))
    assert [item["number"] for item in page["items"] + rest["items"]] == [first, second]


def routes(app: Flask) -> Iterator[str]:
    """Every GET route of the API, with something in the place of each parameter."""
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.rule.startswith("/api/v1/"):
            yield rule.rule.removeprefix("/api/v1")


def filled(rule: str, plan_id: int, shop: int, number: str) -> str:
    """The address of a route for the plan, its business, or a number nobody has yet."""
    path = rule
    for part, value in (
        ("<row:plan_id>", str(plan_id)),
        ("<row:business_id>", str(shop)),
        ("<number:number>", number),
    ):
        path = path.replace(part, value)
    return path


def test_an_unannounced_plan_is_seen_in_no_route_by_anybody_below_it(world: World) -> None:
    """R21: every role x every GET route; lists, searches, counts, numbers; then it starts."""
    shop = world.business(name=SHOP, area_code=UNIT)
    with world.database.transaction() as session:
        post = staffing.add_post(session, "business", str(shop))
        owner = an_officer(session, business_id=shop)
        staffing.hold(session, post.id, owner.id, since=BEGAN)
        for role in sorted(set(ROLES) - set(world.people) - {"business"}):
            held = staffing.add_post(session, role, "3503")
            world.people[role] = an_officer(session)
            staffing.hold(session, held.id, world.people[role].id, since=BEGAN)
    world.people["shop"] = owner
    made = plan(world, "county", kind="unannounced", businesses=[shop])["plan"]["id"]
    assert {*world.people} >= {*ROLES} - {"business"}
    planners = {"county", "county_colleague", "city", "city_colleague"}
    next_number = world.file()

    told = []
    for who in sorted(set(world.people) - planners):
        for rule in routes(world.app):
            path = filled(rule, made, shop, "2026000000029")
            if "<" in path:
                continue
            answer = world.ask("GET", path, who)
            if TITLE.encode() in answer.data:
                told.append((who, path))
            if path in {f"/inspections/{made}", "/cases/2026000000029"}:
                assert answer.status_code == 404, (who, path)
        listed = world.ask("GET", "/inspections", who).get_json()
        assert listed["items"] == [], who
    seen = [world.ask("GET", f"/inspections/{made}", who).status_code for who in sorted(planners)]
    (number,) = world.done(world.ask("POST", f"/inspections/{made}/start", "county"))["numbers"]

    assert told == []
    assert seen == [200] * 4
    assert int(number[4:12]) == int(next_number[4:12]) + 1, "a hidden plan left a gap"
    assert world.ask("GET", f"/cases/{number}", "county").status_code == 200
    assert world.ask("GET", f"/cases/{number}", "shop").status_code == 404


def written(world: World, number: str, who: str, **lines: tuple[int, str]) -> dict[str, Any]:
    """Write lines of a checklist, each from the version it was edited from."""
    items = [
        {"item": item, "base": base, "answer": said, **REMARKED.get(said, {})}
        for item, (base, said) in lines.items()
    ]
    answer = world.ask("PUT", f"/cases/{number}/inspection", who, json={"items": items})
    return world.done(answer)


def test_two_inspectors_edit_one_record_and_see_what_both_touched(world: World) -> None:
    """R28: what one of them touched is taken; what both did comes back with the other's answer."""
    (number,) = started(world, businesses=[world.business()])
    written(world, number, "county", raw_and_cooked=(0, "yes"), tableware=(0, "yes"))

    second = written(
        world,
        number,
        "county_colleague",
        raw_and_cooked=(0, "no"),
        tableware=(0, "yes"),
        cold_storage=(0, "na"),
    )
    again = written(world, number, "county_colleague", raw_and_cooked=(1, "no"))
    record = world.done(world.ask("GET", f"/cases/{number}/inspection", "county"))
    foreign = world.ask("PUT", f"/cases/{number}/inspection", "station", json={"items": []})
    denied = world.doing(number, "county", "carry_out", found="nothing", **FOUND)
    world.do(number, "county", "carry_out", found="problems", **FOUND)
    late = {"items": [{"item": "tableware", "base": 1, "answer": "no"}]}

    assert [one["item"] for one in second["conflicts"]] == ["raw_and_cooked"]
    assert second["conflicts"][0]["answer"] == "yes"
    assert {one["item"] for one in second["saved"]} == {"tableware", "cold_storage"}
    assert again["conflicts"] == []
    said = {one["item"]: (one["answer"], one["version"]) for one in record["items"]}
    assert said["raw_and_cooked"] == ("no", 2)
    assert said["tableware"] == ("yes", 1)
    assert len(record["lines"]) > len(said)
    assert foreign.status_code in {404, 422}
    assert (denied.status_code, denied.get_json()["clause"]) == (422, "R24")
    assert world.notes(number, "inspected")[0]["problems"] == ["raw_and_cooked"]
    ended = world.ask("PUT", f"/cases/{number}/inspection", "county", json=late)
    assert ended.status_code == 409


def test_a_line_that_is_not_on_the_checklist_is_refused(world: World) -> None:
    """R21: the list is that of the city for the kind of business; no inspection has none."""
    (number,) = started(world, businesses=[world.business()])
    other = world.file()
    body = {"items": [{"item": "no_such_line", "base": 0, "answer": "yes"}]}

    unknown = world.ask("PUT", f"/cases/{number}/inspection", "county", json=body)

    assert unknown.status_code == 422
    assert world.ask("GET", f"/cases/{other}/inspection", "county").status_code == 404


@pytest.mark.postgres
def test_on_postgresql_a_plan_is_drawn_started_recorded_and_investigated(
    postgres_world: World,
) -> None:
    """R21, R25: the statements of plans, draws, records and enforcement cases."""
    world = postgres_world
    shops = [world.business(name=f"示例店{n}") for n in range(4)]
    wanted = {"kind": "double_random", "draw": {"count": 2}, "inspectors": None}
    first, second = started(world, **wanted)
    written(world, first, "county", raw_and_cooked=(0, "yes"))
    conflict = written(world, first, "county_colleague", raw_and_cooked=(0, "no"))["conflicts"]
    world.do(first, "county", "carry_out", found="case_lead", **FOUND)
    world.enforce(first)
    world.do(second, "county", "carry_out", found="problems", **FOUND)
    put_right(world, second)

    assert len(shops) == 4
    assert [one["answer"] for one in conflict] == ["yes"]
    assert {world.case(number)["status"] for number in (first, second)} == {"closed"}
    assert {row["number"] for row in waiting(world, "county")} == {first, second}
    world.done(world.ask("POST", f"/cases/{first}/inspection/publish", "city"))
    assert len(world.done(world.ask("GET", "/public/inspections"))["items"]) == 1
    assert world.done(world.ask("GET", "/rectifications", "county"))["items"] == []
    cases = world.done(world.ask("GET", "/enforcement-cases", "enforcement"))["items"]
    assert [one["origin"] for one in cases] == [first]
