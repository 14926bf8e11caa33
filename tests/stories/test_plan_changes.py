"""A plan is changed, drawn again or cancelled before it starts, with a reason (R21)."""

from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from storage.tables import audit_event
from tests.stories.inspecting import plan, settle_colleagues
from tests.stories.world import World

REASON = "与上级检查重复"
DRAW = {"count": 1, "inspectors": 2}


@pytest.fixture(autouse=True)
def _colleagues(request: pytest.FixtureRequest) -> None:
    settle_colleagues(request)


def changing(world: World, key: int, who: str = "county", **form: Any) -> TestResponse:
    body = {"reason": REASON, **form}
    return world.ask("PATCH", f"/inspections/{key}", who, json=body)


def cancelling(world: World, key: int, who: str = "county", **form: Any) -> TestResponse:
    body = {"reason": REASON, **form}
    return world.ask("POST", f"/inspections/{key}/cancel", who, json=body)


def starting(world: World, key: int) -> TestResponse:
    return world.ask("POST", f"/inspections/{key}/start", "county")


def seen(world: World, key: int, who: str = "county") -> TestResponse:
    return world.ask("GET", f"/inspections/{key}", who)


def audited(world: World, action: str) -> list[dict[str, Any]]:
    question = select(audit_event.c.data).where(audit_event.c.action == action)
    with world.database.reading() as session:
        return [dict(row) for row in session.scalars(question)]


def test_a_plan_is_changed_before_it_starts_and_keeps_what_it_was(world: World) -> None:
    """With a reason, on the audit log; the last day is moved to a working day as in a new plan."""
    first, second = world.business(), world.business(name="另一家")
    made = plan(world, businesses=[first])
    key = made["plan"]["id"]

    bare = world.ask("PATCH", f"/inspections/{key}", "county", json={"title": "改名"})
    nothing = changing(world, key)
    over = changing(world, key, until="2026-02-20")
    changed = world.done(
        changing(world, key, title="改名", until="2026-03-21", businesses=[first, second])
    )
    begun = world.done(starting(world, key))["numbers"]
    late = [changing(world, key, title="又改"), cancelling(world, key)]

    assert [answer.status_code for answer in (bare, nothing, over)] == [422] * 3
    assert bare.get_json()["errors"][0]["pointer"] == "/reason"
    assert (changed["plan"]["title"], changed["plan"]["until"]) == ("改名", "2026-03-23")
    assert (made["version"], changed["version"]) == (1, 2)
    (change,) = changed["changes"]
    assert (change["kind"], change["reason"]) == ("changed", REASON)
    assert change["before"] == {
        "title": made["plan"]["title"],
        "since": "2026-03-02",
        "until": "2026-03-20",
        "businesses": [first],
        "inspectors": made["plan"]["inspectors"],
    }
    assert audited(world, "inspection_plan_changed") == [{"version": 2, "reason": REASON}]
    assert len(begun) == 2
    assert [answer.get_json()["code"] for answer in late] == ["plan_started"] * 2


def test_two_who_change_one_plan_see_each_other(world: World) -> None:
    """The version seen is named by If-Match or in the body; the office alone changes its plan."""
    key = plan(world, businesses=[world.business()])["plan"]["id"]
    tag = seen(world, key).headers["ETag"]
    path = f"/inspections/{key}"
    body = {"reason": REASON, "title": "改名"}

    world.done(world.ask("PATCH", path, "county", json=body, headers={"If-Match": tag}))
    stale = [
        world.ask("PATCH", path, "county", json=body, headers={"If-Match": tag}),
        changing(world, key, title="又改", base_version=1),
        cancelling(world, key, base_version=1),
    ]
    foreign = [changing(world, key, "city", title="改"), cancelling(world, key, "city")]

    assert [answer.status_code for answer in stale] == [412] * 3
    assert [answer.get_json()["code"] for answer in foreign] == ["not_the_planner"] * 2
    assert seen(world, key).get_json()["plan"]["title"] == "改名"


def test_a_cancelled_plan_stays_with_its_reason_and_stays_hidden(world: World) -> None:
    key = plan(world, businesses=[world.business()], kind="unannounced")["plan"]["id"]

    hidden = [changing(world, key, "station", title="改"), cancelling(world, key, "station")]
    given_up = world.done(cancelling(world, key))
    below = [seen(world, key, "station"), world.ask("GET", "/inspections", "station")]
    listed = world.done(world.ask("GET", "/inspections?state=cancelled", "county"))["items"]

    assert [answer.status_code for answer in hidden] == [404, 404]
    assert (given_up["plan"]["state"], given_up["changes"][0]["reason"]) == ("cancelled", REASON)
    assert (below[0].status_code, below[1].get_json()["items"]) == (404, [])
    assert [one["id"] for one in listed] == [key]
    assert starting(world, key).get_json()["code"] == "plan_cancelled"
    assert cancelling(world, key).get_json()["code"] == "plan_cancelled"


def test_a_draw_is_not_shopped_for(world: World) -> None:
    """A second draw needs a reason, has another seed, and stands beside the first; none by hand."""
    shops = [world.business(name=f"示例店{n}") for n in range(3)]
    made = plan(world, kind="double_random", draw=DRAW, businesses=None, inspectors=None)
    key, first = made["plan"]["id"], made["draw"]
    body = {"draw": DRAW}

    bare = world.ask("PATCH", f"/inspections/{key}", "county", json=body)
    by_hand = changing(world, key, businesses=shops[:1])
    again = world.done(changing(world, key, draw=DRAW))
    named = plan(world, businesses=shops)["plan"]["id"]
    foreign = changing(world, named, draw=DRAW)

    assert [answer.status_code for answer in (bare, by_hand, foreign)] == [422] * 3
    assert by_hand.get_json()["errors"][0]["pointer"] == "/businesses"
    assert again["draws"][0] == first
    assert again["draw"] == again["draws"][1]
    assert again["draw"]["seed"] != first["seed"]
    assert again["plan"]["businesses"] == again["draw"]["drawn"]["business"]
    assert all(one["is_repeated"] for one in again["draws"])
    assert again["changes"][0]["kind"] == "drawn"
    (kept,) = audited(world, "inspection_plan_changed")
    assert kept["seed"] == again["draw"]["seed"]
