"""What a department found is put right, proved and checked before it is fed back (R24)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from storage.people import staffing
from tests.build import an_officer
from tests.stories.pictures import upload
from tests.stories.world import BEGAN, World, at, end_of

ORDERED = {
    "order": "ordered",
    "what": "更换破损的纱窗",
    "until": "2026-03-10",
    "legal_basis": "食品安全法第三十三条",
}
DONE = {"answer": "done", "measures": "已更换", "no_photo_reason": "夜间无法拍摄"}
ENDS = ("rectified", "cannot", "not_needed")


@pytest.fixture(name="shop")
def _shop(world: World) -> int:
    """A business with an account of its own, known as `shop`."""
    business = world.business()
    with world.database.transaction() as session:
        post = staffing.add_post(session, "business", str(business))
        officer = an_officer(session, business_id=business)
        staffing.hold(session, post.id, officer.id, since=BEGAN)
        world.people["shop"] = officer
    return business


def found(world: World, who: str = "station", **form: Any) -> str:
    """Something a department found and handled, to be put right."""
    number = world.file(who, **form)
    world.resolve(number, who)
    assert world.case(number)["status"] == "open"
    return number


def ended(world: World, number: str) -> str:
    """How the rectification of a closed case ended."""
    assert world.case(number)["status"] == "closed"
    return str(world.notes(number, "verified")[-1]["rectification"])


@pytest.mark.parametrize("who", ["station", "county", "city"])
def test_what_a_department_finds_is_handled_put_right_checked_and_fed_back(
    world: World, who: str
) -> None:
    """R24, R26: at each of the three levels; a second person checks, never below the level."""
    number = found(world, who)

    world.do(number, who, "order_rectification", **ORDERED)
    world.do(number, who, "prove_rectification", **DONE)
    checker = world.check(number)

    assert ended(world, number) == "rectified"
    assert checker != who
    assert set(world.levels(number)) == {who}
    assert len(world.notes(number, "fed_back")) == 1


def test_the_business_proves_and_a_second_person_checks(world: World, shop: int) -> None:
    """R24, R54: it sees what it has to do, and nothing of the case."""
    number = found(world, business=shop, description="群众反映的细节不外传")
    world.do(number, "station", "order_rectification", **ORDERED)
    task = world.task(number, "prove_rectification")

    seen = world.done(world.ask("GET", f"/tasks/{task['id']}", "shop"))
    inbox = world.done(world.ask("GET", "/tasks", "shop"))["items"]
    case = world.ask("GET", f"/cases/{number}", "shop")
    paused = world.act(task["id"], "shop", "pause", reason="还没有买到")
    photo = upload(world, "shop")
    form = {"answer": "done", "measures": "已更换", "photos_after": [photo]}
    world.do(number, "shop", "prove_rectification", **form)
    world.check(number)

    assert task["holder"]["post"] == f"business:{shop}"
    assert [one["id"] for one in inbox] == [task["id"]]
    assert "细节" not in str(seen)
    assert (seen["allowed_actions"], paused.status_code) == (["complete", "draft"], 403)
    assert (seen["case"].get("source", ""), case.status_code) == ("", 404)
    assert world.notes(number, "rectification_proved")[0]["entered_by"] == "business"
    assert ended(world, number) == "rectified"


def test_no_other_business_and_no_post_in_the_grid_sees_the_proof_that_is_asked(
    world: World, shop: int
) -> None:
    """R54: a business in a grid post never sees a case about itself there."""
    other = world.business(name="另一家")
    world.appoint("grid_leader", name="neighbour", business=other)
    world.appoint("grid_leader", name="itself", business=shop)
    number = found(world, business=shop)
    world.do(number, "station", "order_rectification", **ORDERED)
    path = f"/tasks/{world.task(number, 'prove_rectification')['id']}"

    assert [world.ask("GET", path, who).status_code for who in ("neighbour", "itself")] == [404] * 2


def test_what_is_not_put_right_is_ordered_again_and_the_third_time_a_lead_is_suggested(
    world: World,
) -> None:
    """Not rectified twice, then a lead; enforcement reports back, and it is still put right."""
    number = found(world)
    for _ in range(2):
        world.do(number, "station", "order_rectification", **ORDERED)
        world.do(number, "station", "prove_rectification", **DONE)
        world.check(number, check_result="not_passed", note="纱窗仍然破损")
    failed = world.notes(number, "rectification_failed")

    lead = {"order": "case_lead", "reason": "拒不改正"}
    world.do(number, "station", "order_rectification", **lead)
    world.enforce(number)
    still_open = world.case(number)["status"]
    world.put_right(number)

    assert [(one["times"], one["suggests_lead"]) for one in failed] == [(1, False), (2, True)]
    assert still_open == "open"
    assert ended(world, number) == "rectified"


def test_a_business_that_does_not_put_it_right_is_reminded_and_then_visited(
    world: World, shop: int
) -> None:
    """The department case whose business does not rectify: overdue leads on, never to a close."""
    number = found(world, business=shop)
    world.do(number, "station", "order_rectification", **ORDERED)

    world.until(end_of(2026, 3, 10) + timedelta(seconds=2))
    reminded = world.notes(number, "business_reminded")
    still = world.task(number, "prove_rectification")
    world.until(end_of(2026, 3, 17) + timedelta(seconds=2))
    checker = world.task(number, "check_rectification")["holder"]["post"].split(":")[0]
    unseen = world.doing(number, checker, "check_rectification", check_result="passed")
    photo = upload(world, checker)
    world.check(number, photos=[photo])

    assert reminded[0]["told"] == [f"business:{shop}", world.post("station")]
    assert still["is_overdue"]
    assert len(world.notes(number, "rectification_not_proven")) == 1
    assert (unseen.status_code, unseen.get_json()["clause"]) == (422, "R24")
    assert ended(world, number) == "rectified"


@pytest.mark.parametrize(
    ("order", "proof", "result"),
    [
        ({"order": "not_needed", "reason": "只是标签褪色"}, None, "not_needed"),
        (ORDERED, {"answer": "cannot", "reason": "已经停业"}, "cannot"),
    ],
)
def test_what_is_not_put_right_says_why_and_is_checked_too(
    world: World, order: dict[str, str], proof: dict[str, str] | None, result: str
) -> None:
    """R24: it ends only rectified, or with a reason a second person has looked at."""
    number = found(world)

    world.do(number, "station", "order_rectification", **order)
    if proof is not None:
        world.do(number, "station", "prove_rectification", **proof)
    own = world.doing(number, "station", "check_rectification", check_result="passed")
    world.check(number)

    assert own.status_code in {403, 409}
    assert ended(world, number) == result


def test_nobody_checks_what_they_proved_or_handled_themselves(world: World) -> None:
    """R42: two colleagues of the station, one handles, the other proves for the business."""
    world.appoint("station", name="colleague")
    number = found(world)
    world.do(number, "station", "order_rectification", **ORDERED)
    world.do(number, "colleague", "prove_rectification", **DONE)

    assert world.task(number, "check_rectification")["holder"]["post"] == world.post("county")
    assert world.notes(number, "rectification_proved")[0]["entered_by"] == "officer"


@pytest.mark.parametrize(
    ("given", "due"),
    [
        ("2026-03-10", end_of(2026, 3, 10)),
        ("2026-03-14", end_of(2026, 3, 16)),
        ("2026-04-06", end_of(2026, 4, 7)),
    ],
    ids=["a working day", "a Saturday", "a holiday"],
)
def test_a_date_on_a_day_off_moves_to_the_next_working_day(
    world: World, given: str, due: datetime
) -> None:
    number = found(world)

    world.do(number, "station", "order_rectification", **{**ORDERED, "until": given})

    (note,) = world.notes(number, "rectification_ordered")
    assert note["until"] == due.isoformat()
    assert note.get("day_off") == (None if due.date().isoformat() == given else given)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({**ORDERED, "until": "2026-02-27"}, "until"),
        ({**ORDERED, "until": "2099-12-31"}, "until"),
        ({"order": "ordered", "until": "2026-03-10"}, "what"),
        ({"order": "on_the_spot"}, "photos_after"),
        ({"order": "not_needed"}, "reason"),
    ],
)
def test_an_order_without_what_it_needs_is_refused_at_the_field(
    world: World, form: dict[str, str], field: str
) -> None:
    number = found(world)

    answer = world.doing(number, "station", "order_rectification", **form)

    assert answer.status_code == 422
    assert f"/form/{field}" in [error["pointer"] for error in answer.get_json()["errors"]]


def test_a_proof_without_photo_or_reason_is_refused_and_an_older_photo_is_on_file(
    world: World,
) -> None:
    number = found(world)
    old = upload(world, "station", taken_at=at(2026, 2, 1).isoformat())
    world.do(number, "station", "order_rectification", **ORDERED)

    bare = world.doing(number, "station", "prove_rectification", answer="done", measures="已更换")
    form = {"answer": "done", "measures": "已更换", "photos_after": [old]}
    world.do(number, "station", "prove_rectification", **form)

    assert bare.status_code == 422
    assert world.notes(number, "rectification_proved")[0]["older_photos"] == 1
