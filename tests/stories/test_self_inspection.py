"""Businesses inspect themselves by period, and are inspected more when they do not (R55, R56)."""

from datetime import timedelta
from typing import Any

import pytest

from storage.cases.cases import find_case_by_number
from storage.delivery.outbox import list_of_case
from storage.people import actors
from storage.registry.businesses import update_business
from tests.checklists import answered
from tests.stories.pictures import upload
from tests.stories.world import BEGAN, World, at

LINES = answered("canteen")
NOTHING = {"lines": LINES, "found": "nothing"}
MENDED = {
    "lines": LINES,
    "found": "put_right",
    "matter": "H02",
    "description": "纱窗破损，已更换",
    "no_photo_reason": "夜间无法拍摄",
}
LEFT = {
    "lines": LINES,
    "found": "problems",
    "matter": "H02",
    "description": "在改",
    "ready_by": "2026-03-20",
}


def opened(world: World, category: str = "canteen.school", name: str = "school") -> int:
    """A business with its account, given by the station; known as `name`."""
    shop = world.business(name=f"示例{name}")
    with world.database.transaction() as session:
        update_business(session, shop, {"category": category}, at=BEGAN)
    body = {"username": name, "name": "演示主体09"}
    made = world.done(world.ask("POST", f"/businesses/{shop}/account", "station", json=body))
    assert made["link"].startswith("/set-password?link=")
    know(world, made["officer"], name)
    return shop


def know(world: World, officer_id: int, name: str) -> None:
    with world.database.reading() as session:
        world.people[name] = actors.load_actor(session, officer_id, at=world.clock.now())


def owes(world: World, who: str) -> list[dict[str, Any]]:
    return list(world.done(world.ask("GET", "/me/obligations", who))["items"])


def owed(world: World, who: str = "school") -> dict[str, Any]:
    """The one obligation of a business."""
    (item,) = owes(world, who)
    return dict(item)


def report(world: World, form: dict[str, Any], who: str = "school") -> Any:
    return world.ask(
        "POST", f"/self-inspections/{owed(world, who)['id']}", who, json={"form": form}
    )


def reports(world: World, who: str = "station") -> list[dict[str, Any]]:
    return list(world.done(world.ask("GET", "/self-inspections", who))["items"])


def state(world: World, shop: int, who: str = "station") -> str:
    return str(world.done(world.ask("GET", f"/businesses/{shop}/intensity", who))["state"])


def number_of(world: World, who: str = "school") -> str:
    """The case of the open period: its owner sees it, the business sees its task."""
    task = world.done(world.ask("GET", f"/tasks/{owed(world, who)['task']}", who))
    return str(task["case"]["number"])


def test_a_period_opens_by_the_calendar_and_a_report_of_nothing_closes_it(world: World) -> None:
    """R55: not before it is open; a zero report is one step; the period is closed once."""
    shop = opened(world)
    early = report(world, NOTHING)
    before = owed(world)
    world.until(at(2026, 3, 9, 9))
    number = number_of(world)
    done = report(world, NOTHING)
    again = report(world, NOTHING)

    assert (before["period"], before["task"], early.status_code) == ("week", None, 409)
    assert done.status_code == 200, done.get_json()
    assert again.status_code == 409
    assert done.get_json()["status"] == "closed"
    assert world.case(number)["outcome"] == "self_inspected"
    (row,) = reports(world)
    assert (row["business"], row["period"], row["outcome"]) == (shop, "2026-W11", "done")
    assert reports(world, "school") == [row]


def test_a_period_that_opens_for_a_shop_that_owes_it_no_more_ends_at_once(world: World) -> None:
    """R55: another trade since the calendar was made; nobody is asked and nothing is missed."""
    shop = opened(world)
    with world.database.transaction() as session:
        update_business(session, shop, {"category": "small.vendor"}, at=world.clock.now())

    world.until(at(2026, 3, 9, 9))

    (case,) = world.done(world.ask("GET", "/cases", "supervisor"))["items"]
    assert (case["status"], world.case(case["number"])["outcome"]) == ("closed", "not_owed")
    assert reports(world) == []


def test_a_period_that_is_closed_stays_closed(world: World) -> None:
    """R55: its case is not reopened; the station asks for another one instead."""
    opened(world)
    world.until(at(2026, 3, 9, 9))
    number = number_of(world)
    world.done(report(world, NOTHING))
    body = {"reason": "发现新情况"}

    again = world.ask("POST", f"/cases/{number}/reopen", "supervisor", json=body)

    assert (again.status_code, again.get_json()["code"]) == (409, "period_closed")
    assert world.case(number)["status"] == "closed"
    assert [row["outcome"] for row in reports(world)] == ["done"]


def test_a_business_sees_itself_alone_and_never_its_own_case(world: World) -> None:
    """R54, R55: its task, its obligations, its state without the reasons; nothing of others."""
    shop = opened(world)
    other = opened(world, "canteen.school", "second")
    world.until(at(2026, 3, 9, 9))
    number, key = number_of(world), owed(world)["task"]
    foreign = owed(world, "second")

    paths = {
        f"/cases/{number}": 404,
        f"/businesses/{other}/intensity": 404,
        f"/tasks/{foreign['task']}": 404,
        f"/businesses/{shop}/intensity": 200,
        f"/tasks/{key}": 200,
        "/intensity": 403,
        "/rounds/mine": 403,
    }
    seen = {path: world.ask("GET", path, "school").status_code for path in paths}
    theirs = world.ask(
        "POST", f"/self-inspections/{foreign['id']}", "school", json={"form": NOTHING}
    )

    assert seen == paths
    assert theirs.status_code == 404
    assert world.ask("GET", "/me/obligations", "station").status_code == 403


def test_problems_are_put_right_and_checked_where_they_are_severe(world: World) -> None:
    """R55: a light one by its photo; one that is left, or severe, is ordered, proved, checked."""
    opened(world)
    world.until(at(2026, 3, 9, 9))
    light = report(world, MENDED).get_json()["status"]
    world.until(at(2026, 3, 16, 9))
    number = number_of(world)
    photo = upload(world, "school")
    severe = {**MENDED, "matter": "S02", "photos": [photo]}
    left = report(world, severe).get_json()["status"]
    order = {
        "order": "ordered",
        "what": "清理变质食品并建立台账",
        "until": "2026-03-20",
        "legal_basis": "食品安全法第三十四条",
    }
    world.do(number, "station", "order_rectification", **order)
    key = world.task(number, "prove_rectification")["id"]
    words = world.done(world.ask("GET", f"/tasks/{key}", "school"))["asked"]
    proof = {"answer": "done", "measures": "已清理", "no_photo_reason": "已销毁"}
    world.do(number, "school", "prove_rectification", **proof)
    world.check(number)

    assert (light, left) == ("closed", "open")
    assert (words["what"], words["until"]) == (order["what"], "2026-03-20")
    assert world.case(number)["outcome"] == "self_inspected"
    assert [row["found"] for row in reports(world)] == [["S02"], ["H02"]]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({**NOTHING, "photos": ["PHOTO"]}, "/form/found"),
        ({**MENDED, "no_photo_reason": None}, "/form/photos_after"),
        ({**LEFT, "ready_by": None}, "/form/ready_by"),
        ({**MENDED, "found": "problems", "ready_by": "2026-03-01"}, "/form/ready_by"),
        ({**LEFT, "ready_by": "2099-12-31"}, "/form/ready_by"),
        ({**MENDED, "matter": "XX"}, "/form/matter"),
        ({**MENDED, "photos": ["PHOTO"] * 40}, "/form/photos"),
        ({"found": "everything"}, "/form/found"),
        ({**NOTHING, "lines": answered("canteen", wrong=["samples_kept"])}, "/form/found"),
        ({**NOTHING, "lines": LINES[1:]}, "/form/lines"),
        ({"found": "nothing"}, "/form/lines"),
        (
            {**NOTHING, "lines": [*LINES[1:], LINES[0].replace("yes", "no"), LINES[0]]},
            "/form/lines",
        ),
        ({**NOTHING, "lines": [item.partition(":")[0] for item in LINES]}, "/form/lines"),
        ({**MENDED, "lines": [*LINES, "stall_files:no"]}, "/form/lines"),
        ({**LEFT, "lines": answered("canteen", wrong=["clean_premises"])}, "/form/photos"),
    ],
)
def test_a_wrong_report_is_refused_at_its_field(
    world: World, form: dict[str, Any], field: str
) -> None:
    opened(world)
    world.until(at(2026, 3, 9, 9))
    given = {name: value for name, value in form.items() if value is not None}
    if "photos" in form:
        given["photos"] = [upload(world, "school") for _ in form["photos"][:1]] * len(
            form["photos"]
        )

    answer = report(world, given)

    assert answer.status_code == 422
    assert field.removeprefix("/form") in str(answer.get_json()["errors"])


def test_a_business_answers_the_checklist_of_its_category_line_by_line(world: World) -> None:
    """R55: each line is on file; a key one that is not in order is checked by a second person."""
    shop = opened(world)
    asked = world.done(world.ask("GET", f"/checklists?business={shop}", "school"))["lines"]
    numbers, statuses = [], []
    for week, lines in enumerate(([], ["tableware"], ["samples_kept", "tableware"])):
        world.until(at(2026, 3, 9 + 7 * week, 9))
        numbers.append(number_of(world))
        form = {**MENDED, "lines": answered("canteen", wrong=lines)} if lines else NOTHING
        statuses.append(world.done(report(world, form))["status"])
    wrong = [
        [line["item"] for line in world.notes(number, "self_inspected")[0]["lines"] if is_no(line)]
        for number in numbers
    ]
    lines = world.notes(numbers[0], "self_inspected")[0]["lines"]

    assert [line["item"] for line in lines] == [line["item"] for line in asked]
    assert {line["item"] for line in asked} >= {"samples_kept", "tableware", "clean_premises"}
    assert wrong == [[], ["tableware"], ["samples_kept", "tableware"]]
    assert statuses == ["closed", "closed", "open"]


def test_what_is_not_answered_is_named_and_what_does_not_apply_is_on_file(world: World) -> None:
    """R55: a line left out is no answer; one that does not apply says so."""
    opened(world)
    world.until(at(2026, 3, 9, 9))
    number = number_of(world)
    named = {line.partition(":")[0]: line for line in LINES}

    left_out = report(world, {**NOTHING, "lines": [named["tableware"]]}).get_json()["errors"]
    lines = [*LINES[:-1], LINES[-1].replace(":yes", ":na")]
    world.done(report(world, {**NOTHING, "lines": lines}))

    said = left_out[0]["message"]
    assert f"还有 {len(LINES) - 1} 项没有答" in said
    assert "食品留样" in said
    assert "餐具洗净" not in said
    on_file = world.notes(number, "self_inspected")[0]["lines"]
    assert [f"{line['item']}:{line['answer']}" for line in on_file] == lines


def is_no(line: dict[str, Any]) -> bool:
    return bool(line["answer"] == "no")


def test_a_school_that_forgets_is_watched_inspected_more_and_comes_back(world: World) -> None:
    """R56: two weeks -> watch, a third -> more checks on the round; two clean weeks -> normal."""
    shop = opened(world)
    states = []
    for week in range(1, 4):
        # Each period is missed five working days after its end.
        world.until(at(2026, 3, 2) + timedelta(weeks=week + 2, days=0))
        states.append(state(world, shop))
    watched = world.done(world.ask("GET", "/intensity", "station"))["items"]
    visited = world.ask("POST", "/patrols", "station", json={"business": shop, "result": "none"})
    (due,) = [
        each
        for each in world.done(world.ask("GET", "/rounds/mine", "station"))["items"]
        if each["business"]["id"] == shop
    ]
    missed = [row["outcome"] for row in reports(world)]

    assert states == ["normal", "watch", "intensified"]
    assert missed == ["missed"] * 3
    assert (watched[0]["state"], watched[0]["because"]["missed"]) == ("intensified", 3)
    # The category's fifteen days have become three.
    assert (visited.status_code, due["days_over"]) == (201, -3)

    for task in world.done(world.ask("GET", "/tasks", "school"))["items"]:
        # The week before is late and still counts; with the week that began they are two.
        world.done(world.act(task["id"], "school", "complete", form=NOTHING))
        states.append(state(world, shop))
    assert states[3:] == ["intensified", "normal"]
    history = world.done(world.ask("GET", f"/businesses/{shop}/intensity", "station"))["history"]
    assert [row["state"] for row in history] == ["normal", "intensified", "watch"]
    own = world.done(world.ask("GET", f"/businesses/{shop}/intensity", "school"))["history"]
    assert {str(row["because"]) for row in own} == {"None"}


def test_what_it_found_itself_protects_it_and_what_others_found_counts_once(world: World) -> None:
    """R55, R56: the same matter twice from outside is one; found by the business it is none."""
    shop, honest = opened(world), opened(world, "canteen.school", "honest")
    world.until(at(2026, 3, 9, 9))
    for business in (shop, honest):
        for _ in range(2):
            number = world.file("unit_leader", business=business, matter="H02")
            world.resolve(number, world.task(number)["level"])
            verifier = str(world.task(number, "verify")["holder"]["post"]).split(":")[0]
            world.do(number, verifier, "verify", verify_result="passed", note="属实")
    assert report(world, NOTHING).status_code == 200
    assert report(world, MENDED, "honest").status_code == 200

    assert (state(world, shop), state(world, honest)) == ("watch", "normal")
    because = world.done(world.ask("GET", f"/businesses/{shop}/intensity", "station"))
    assert because["history"][0]["because"]["found_by_others"] == 1


def test_a_market_owes_months_a_maker_three_kinds_and_a_stall_with_a_post_one(world: World) -> None:
    """R55: who owes what is a table; a post in the grid brings an obligation of its own."""
    opened(world, "farm_market", "market")
    opened(world, "central_kitchen", "maker")
    stall = opened(world, "small.vendor", "stall")
    before = owes(world, "stall")
    world.give("unit_leader", "stall")
    path = f"/businesses/{stall}/obligations"
    after = world.done(world.ask("POST", path, "station", json={}))
    again = world.done(world.ask("POST", path, "station", json={}))

    periods = {
        who: [
            item["period"] for item in world.done(world.ask("GET", "/me/obligations", who))["items"]
        ]
        for who in ("market", "maker", "stall")
    }
    assert before == []
    assert after == again == {"owed": ["month"]}
    assert periods == {
        "market": ["month"],
        "maker": ["day", "week", "month"],
        "stall": ["month"],
    }


def test_a_business_that_no_longer_owes_ends_its_period_by_itself(world: World) -> None:
    shop = opened(world)
    with world.database.transaction() as session:
        update_business(session, shop, {"category": "retailer.convenience"}, at=BEGAN)
    world.until(at(2026, 3, 9, 9))

    assert owed(world)["task"] is None
    assert reports(world) == []
    assert state(world, shop) == "normal"


def asked_for(world: World, shop: int, period: str = "month") -> Any:
    """The station asks for one more."""
    body = {"business": shop, "period": period}
    return world.ask("POST", "/processes/self_inspection/cases", "station", json=body)


def a_market(world: World) -> int:
    """A business that owes months and has no account."""
    shop = world.business()
    with world.database.transaction() as session:
        update_business(session, shop, {"category": "farm_market"}, at=BEGAN)
    return shop


def test_a_station_asks_for_one_more_of_what_a_business_of_its_area_owes(world: World) -> None:
    """R55: beside the calendar; another period, area or role is refused and nothing begins."""
    shop = world.business()
    path = "/processes/self_inspection/cases"
    body = {"business": shop, "period": "month"}
    wrong = [
        world.ask("POST", path, who, json=form).status_code
        for who, form in (
            ("station", {"period": "month"}),
            ("station", {"business": 10**6, "period": "month"}),
            ("grid_member", body),
        )
    ]
    not_owed = [asked_for(world, shop), asked_for(world, a_market(world), "week")]

    assert wrong == [422, 422, 403]
    assert [answer.status_code for answer in not_owed] == [422, 422]
    assert "不用按这个周期自查" in not_owed[0].get_data(as_text=True)
    assert world.done(world.ask("GET", "/cases", "supervisor"))["items"] == []
    assert asked_for(world, a_market(world)).status_code == 201


def test_nobody_inspects_itself_in_the_place_of_a_business_without_an_account(
    world: World,
) -> None:
    """R55: its station is asked for an account; who has it in time reports, else it is missed."""
    shop, silent = a_market(world), a_market(world)
    number, missed = (str(world.done(asked_for(world, each))["number"]) for each in (shop, silent))
    task = world.task(number, "inspect_self")
    station = world.ask("POST", f"/tasks/{task['id']}/complete", "station", json={"form": NOTHING})
    with world.database.reading() as session:
        case = find_case_by_number(session, missed)
        assert case is not None
        letters = [(one.receiver, one.template) for one in list_of_case(session, case.id)]
    body = {"username": "market", "name": "演示主体09"}
    made = world.done(world.ask("POST", f"/businesses/{shop}/account", "station", json=body))
    know(world, made["officer"], "market")
    lines = answered("farm_market")
    form = {**MENDED, "lines": lines, "description": "冷藏柜温度偏高，已经调低"}
    world.do(number, "market", "inspect_self", **form)
    world.until(at(2026, 4, 1))
    found = world.done(world.ask("GET", "/cases?q=冷藏柜温度", "station"))["items"]

    assert task["holder"]["post"] == f"business:{shop}"
    assert station.status_code in {403, 404}
    assert (world.post("station"), "nobody_represents") in letters
    assert world.notes(number, "self_inspected")[0]["entered_by"] == "business"
    assert [case["number"] for case in found] == [number]
    assert [world.case(each)["outcome"] for each in (number, missed)] == [
        "self_inspected",
        "period_missed",
    ]


def test_who_ordered_it_does_not_check_what_a_colleague_entered(world: World) -> None:
    """R42, R55: one of the station orders, the other enters the proof; somebody else checks."""
    world.appoint("station", name="colleague")
    shop = opened(world, "farm_market", "market")
    number = str(world.done(asked_for(world, shop))["number"])
    world.do(
        number,
        "market",
        "inspect_self",
        **{**MENDED, "matter": "S02", "lines": answered("farm_market")},
    )
    world.leave("market")
    order = {"what": "清理", "until": "2026-03-20", "legal_basis": "食品安全法第三十四条"}
    world.do(number, "colleague", "order_rectification", order="ordered", **order)
    proof = {"answer": "done", "measures": "已清理", "no_photo_reason": "已销毁"}
    world.do(number, "station", "prove_rectification", **proof)

    assert world.task(number, "check_rectification")["holder"]["post"] == world.post("county")


def test_only_the_department_of_the_area_gives_an_account(world: World) -> None:
    shop = world.business()
    body = {"username": "x09", "name": "演示主体09"}
    path = f"/businesses/{shop}/account"
    first = world.ask("POST", path, "county", json=body)
    taken = world.ask("POST", path, "station", json=body)
    grid = world.ask("POST", path, "grid_member", json=body)

    assert (first.status_code, taken.status_code, grid.status_code) == (201, 409, 403)


@pytest.mark.postgres
def test_a_missed_week_is_the_same_on_postgres(postgres_world: World) -> None:
    shop = opened(postgres_world)
    postgres_world.until(at(2026, 3, 24, 9))

    assert [row["outcome"] for row in reports(postgres_world)] == ["missed"]
    assert state(postgres_world, shop) == "normal"
