"""A shop that has closed: marked, its operator contacted, checked again, deregistered."""

from datetime import timedelta
from typing import Any

import pytest

from tests.stories.world import World, at, end_of

SEEN = {"seen_on": "2026-03-02", "reason": "卷帘门关闭"}
TEMPORARY = {
    "reached": "reached",
    "contacted_by": "phone",
    "ended": "temporary",
    "reason": "装修",
    "recheck_on": "2026-04-01",
}
TERMINATED = {
    "reached": "reached",
    "contacted_by": "visit",
    "ended": "terminated",
    "reason": "不再经营",
}
UNREACHABLE = {"reached": "unreachable", "contacted_by": "phone"}


def mark(world: World, who: str = "grid_member", **more: Any) -> tuple[int, str]:
    """A business and the number of the case that its mark opened."""
    shop = world.business()
    answer = world.ask("POST", f"/businesses/{shop}/cease", who, json={**SEEN, **more})
    return shop, str(world.done(answer)["number"])


def status(world: World, shop: int) -> str:
    return str(world.done(world.ask("GET", f"/businesses/{shop}", "supervisor"))["status"])


def moves(world: World, shop: int) -> list[str]:
    """The statuses a business went through, oldest first."""
    path = f"/businesses/{shop}/changes"
    items = world.done(world.ask("GET", path, "grid_member"))["items"]
    return [item["after"] for item in reversed(items) if item["field"] == "status"]


def reopen(world: World, shop: int) -> Any:
    return world.ask("PATCH", f"/businesses/{shop}", "grid_leader", json={"status": "operating"})


def notify(world: World, number: str, who: str = "grid_member", **form: Any) -> Any:
    given = {
        "delivered_by": "hand",
        "delivered_on": "2026-03-02",
        "document": "注销通知〔2026〕1号",
        "no_proof_reason": "当面宣读",
        **form,
    }
    return world.doing(number, who, "notify_deregistration", **given)


def test_whoever_marks_a_business_contacts_its_operator_and_checks_again(world: World) -> None:
    """R14, R15: ceased for a time, no notice; checked on the day, and it trades again."""
    world.appoint("grid_member", name="colleague")
    shop, number = mark(world)
    task = world.task(number, "contact_operator")
    by_other = world.doing(number, "colleague", "contact_operator", **TEMPORARY)

    world.do(number, "grid_member", "contact_operator", **TEMPORARY)
    was = status(world, shop)
    world.until(at(2026, 4, 1, 8))
    still = {"seen_state": "still_ceased", "recheck_on": "2026-04-10"}
    world.do(number, "grid_member", "recheck", **still)
    nobody = world.open(number)
    world.until(at(2026, 4, 10, 8))
    world.do(number, "grid_member", "recheck", seen_state="operating")

    assert task["holder"]["post"] == world.post("grid_member")
    assert by_other.status_code == 403
    assert (was, status(world, shop), nobody) == ("ceased", "operating", [])
    assert world.case(number)["outcome"] == "operating_again"
    assert world.notes(number, "deregistration_notified") == []
    assert moves(world, shop) == ["ceased", "operating"]


def test_what_ended_for_good_is_notified_with_a_document_and_followed_by_the_station(
    world: World,
) -> None:
    """R15: notice with proof; thirty days without deregistration are the station's."""
    shop, number = mark(world)
    world.do(number, "grid_member", "contact_operator", **TERMINATED)
    unproved = notify(world, number, no_proof_reason=None)
    world.done(notify(world, number))
    was = status(world, shop)
    world.until(at(2026, 4, 1, 10))
    task = world.task(number)
    world.do(number, "station", "follow_deregistration", result="deregistered", reason="已办结")

    assert (unproved.status_code, unproved.get_json()["clause"]) == (422, "R15")
    assert was == "deregistration_notified"
    assert (task["name"], task["holder"]["post"]) == (
        "follow_deregistration",
        world.post("station"),
    )
    assert world.case(number)["outcome"] == "deregistered"
    assert moves(world, shop) == [
        "ceased",
        "terminated_confirmed",
        "deregistration_notified",
        "deregistered",
    ]


def test_an_operator_who_is_never_reached_is_left_to_the_station(world: World) -> None:
    """R03: twice with five working days between; an assistant never declares the end."""
    shop, number = mark(world, suspected=True)
    suspected = status(world, shop)
    world.do(number, "grid_member", "contact_operator", **UNREACHABLE)
    between = world.open(number)
    world.until(end_of(2026, 3, 9) + timedelta(minutes=1))
    world.do(number, "grid_member", "contact_operator", **UNREACHABLE)
    task = world.task(number)
    finding = {"finding": "operator_found", "reason": "房东提供了电话"}
    world.do(number, "station", "confirm_by_station", **finding)
    world.do(number, "grid_member", "contact_operator", **UNREACHABLE)
    finding = {"finding": "terminated", "reason": "房东证明已退租"}
    by_assistant = world.doing(number, "grid_member", "confirm_by_station", **finding)
    world.do(number, "station", "confirm_by_station", **finding)

    assert (suspected, between) == ("suspected_ceased", [])
    assert (task["name"], task["holder"]["post"]) == ("confirm_by_station", world.post("station"))
    assert by_assistant.status_code == 403
    assert world.task(number)["name"] == "notify_deregistration"
    assert moves(world, shop) == ["suspected_ceased", "ceased", "terminated_confirmed"]


@pytest.mark.parametrize(
    "wait",
    ["contact", "recheck_date", "recheck", "again", "station", "notice", "register", "follow"],
)
def test_a_shop_that_trades_again_ends_its_case_whatever_is_waited_for(
    world: World, wait: str
) -> None:
    """R14: back to operating any time before it is deregistered."""
    shop, number = mark(world)
    if wait in {"recheck_date", "recheck"}:
        world.do(number, "grid_member", "contact_operator", **TEMPORARY)
    if wait == "recheck":
        world.until(at(2026, 4, 1, 8))
    if wait in {"again", "station"}:
        world.do(number, "grid_member", "contact_operator", **UNREACHABLE)
    if wait == "station":
        world.until(end_of(2026, 3, 9) + timedelta(minutes=1))
        world.do(number, "grid_member", "contact_operator", **UNREACHABLE)
    if wait in {"notice", "register", "follow"}:
        world.do(number, "grid_member", "contact_operator", **TERMINATED)
    if wait in {"register", "follow"}:
        world.done(notify(world, number))
    if wait == "follow":
        world.until(at(2026, 4, 1, 10))

    world.done(reopen(world, shop))

    case = world.case(number)
    assert (case["status"], case["outcome"], case["tasks"]) == ("closed", "operating_again", [])
    assert status(world, shop) == "operating"


def test_a_marker_who_leaves_hands_on_to_the_post_and_then_to_the_level_above(
    world: World,
) -> None:
    """R15, A13: the very person, else the post, else who stands above it."""
    world.appoint("grid_member", name="colleague")
    _, number = mark(world)
    world.leave("grid_member")
    world.do(number, "colleague", "contact_operator", **TEMPORARY)
    world.leave("colleague")
    world.until(at(2026, 4, 1, 8))

    assert world.task(number, "recheck")["holder"]["post"] == world.post("grid_leader")


def test_a_mark_is_refused_where_it_cannot_be_true(world: World) -> None:
    """Bad input: no sign of it, a day to come, a second mark, another area, a move by hand."""
    shop = world.business()
    path = f"/businesses/{shop}/cease"

    def refused(who: str = "grid_member", **body: Any) -> tuple[int, str | None]:
        answer = world.ask("POST", path, who, json=body)
        return answer.status_code, answer.get_json().get("clause")

    assert refused(seen_on="2026-03-02") == (422, "R14")
    assert refused(**{**SEEN, "seen_on": "2026-03-03"}) == (422, "R14")
    assert refused("village_center", **SEEN)[0] == 403
    world.done(world.ask("POST", path, "grid_member", json=SEEN))
    assert refused(**SEEN) == (409, "R14")
    for word in ("terminated_confirmed", "deregistered", "suspected_ceased"):
        answer = world.ask("PATCH", f"/businesses/{shop}", "grid_member", json={"status": word})
        assert (answer.status_code, answer.get_json()["clause"]) in {(409, "R14"), (409, "R15")}
    assert world.ask("DELETE", f"/businesses/{shop}", "grid_member").status_code == 405


def test_a_business_rests_and_opens_again_by_a_document(world: World) -> None:
    """歇业: from and to operating, never without the document."""
    shop = world.business()

    def move(**body: Any) -> int:
        path = f"/businesses/{shop}"
        return world.ask("PATCH", path, "grid_member", json=body).status_code

    assert move(status="dormant") == 422
    assert move(status="dormant", document="歇业备案〔2026〕1号") == 200
    assert move(status="ceased", document="1号") == 409
    assert move(status="operating") == 422
    assert move(status="operating", document="恢复〔2026〕2号") == 200
    assert moves(world, shop) == ["dormant", "operating"]
