"""Cases that are made one, cases that are made several, and cases that are opened once more."""

from typing import Any

import pytest
from sqlalchemy import text

from storage.cases import cases
from storage.delivery import outbox
from tests.stories.world import RESOLVED, UNIT, VILLAGE, World

PART = {"matter": "L01", "area": UNIT, "description": "另一件事", "no_photo_reason": "无"}
IDENTITY = {"name": "演示举报人钱", "phone": "13900000000"}


def change(world: World, number: str, act: str, **body: Any) -> Any:
    """A clerk does something with a whole case."""
    return world.ask("POST", f"/cases/{number}/{act}", "supervisor", json={"reason": "x", **body})


def told(world: World, number: str) -> set[str]:
    """Whom a case sent something to."""
    with world.database.reading() as session:
        case = cases.find_case_by_number(session, number)
        assert case is not None
        return {one.receiver for one in outbox.list_of_case(session, case.id)}


def published(world: World) -> str:
    """A public report with its public result."""
    number = world.report()
    world.resolve(number, "village_assistant")
    world.do(number, "station", "verify", verify_result="passed")
    who = world.task(number)["holder"]["post"].split(":")[0]
    world.do(number, who, "write_public_result", public_result="已经整改")
    return number


def test_two_cases_are_never_merged_into_each_other(world: World) -> None:
    """R45: every item ends with a result; two duplicates of each other would have none."""
    one, other = world.file(), world.file()

    merged = change(world, one, "merge", into=other)
    back = change(world, other, "merge", into=one)

    assert merged.status_code == 200
    assert (back.status_code, back.get_json()["code"]) == (409, "original_is_duplicate")
    assert world.case(other)["status"] == "open"


def test_a_duplicate_is_nobodys_original(world: World) -> None:
    """R45, as above, by the answer of whoever handles it."""
    one, other = world.file(), world.file()
    world.resolve(one, "grid_member", outcome="duplicate", original=other, reason="同一件事")
    world.accept(other, "grid_member")

    form = {**RESOLVED, "outcome": "duplicate", "original": one, "reason": "同一件事"}
    answer = world.doing(other, "grid_member", "resolve_or_pass_up", **form)

    assert (answer.status_code, answer.get_json()["code"]) == (422, "original_is_duplicate")


@pytest.mark.parametrize("is_public", [True, False])
def test_whoever_filed_a_merged_case_hears_of_it(world: World, *, is_public: bool) -> None:
    """Flows: every end is reached only after feedback to the reporter or collector."""
    one, other = (world.report() if is_public else world.file() for _ in range(2))

    assert change(world, one, "merge", into=other).status_code == 200

    who = "reporter" if is_public else world.people["grid_member"].reference
    assert {"platform", who} <= told(world, one)


def test_a_merged_case_leaves_no_work_behind_and_its_original_says_so(world: World) -> None:
    """R44, R45: what was asked beside a case ends with it; both files name the other."""
    one, other = world.file("station"), world.file("station")
    world.accept(one, "station")
    body = {"posts": [world.post("grid_member")], "question": "请到场协助"}
    world.done(world.act(world.task(one)["id"], "station", "assist", **body))

    world.done(change(world, one, "merge", into=other))

    assert world.open(one) == []
    assert [entry["data"]["into"] for entry in world.entries(one, "case_merged")] == [other]
    assert [entry["data"]["from"] for entry in world.entries(other, "case_taken_in")] == [one]


def test_the_original_of_a_duplicate_has_it_on_file_and_both_lead_to_each_other(
    world: World,
) -> None:
    """The file of the original tells no number: who reads it need not see the other case."""
    one, other = world.file("grid_member"), world.file("grid_member")

    world.resolve(one, "grid_member", outcome="duplicate", original=other, reason="同一件事")

    (joined,) = world.entries(other, "case_joined")
    links = [
        [(link["number"], link["kind"], link["is_outgoing"]) for link in world.case(each)["links"]]
        for each in (one, other)
    ]
    assert world.entries(one, "case_joined") == []
    assert one not in str(joined["data"])
    assert joined["actor"] == world.people["grid_member"].reference
    assert links == [[(other, "duplicate_of", True)], [(one, "duplicate_of", False)]]
    assert world.case(other)["status"] == "open"


def test_the_parts_of_a_report_belong_to_its_reporter(world: World) -> None:
    """R48: who reported the whole reported its parts."""
    world.grant("supervisor", "reporter_identity:view")
    number = world.report(reporter=IDENTITY)
    part = {"kind": ["tip"], "description": "另一件", "channel": "web", "area": VILLAGE}

    (made,) = world.done(change(world, number, "split", parts=[part]))["into"]
    body = {"purpose": "核实举报内容"}
    answer = world.ask("POST", f"/cases/{made}/reporter", "supervisor", json=body)

    assert world.done(answer) == IDENTITY


@pytest.mark.parametrize("who", [None, "station"])
def test_the_parts_of_a_report_came_in_as_the_whole_did(world: World, who: str | None) -> None:
    """R20, R48: the clerk who splits is no reporter; by telephone it was whoever took the call."""
    report = {"kind": "tip", "description": "示例", "channel": "hotline", "area": VILLAGE}
    number = world.done(world.ask("POST", "/public/reports", who, json=report))["number"]
    part = {"kind": ["complaint"], "description": "另一件", "channel": "web", "area": VILLAGE}

    (made,) = world.done(change(world, number, "split", parts=[part]))["into"]
    shown = world.case(made)

    assert shown["collector"]["id"] == (None if who is None else world.people[who].id)
    assert (shown["source"], shown["channel"]) == ("public_report", "hotline")
    assert (world.task(made)["level"], shown["kind"]) == ("village_assistant", "public_report")


def test_a_report_split_by_hand_and_again_by_its_diagram_has_no_clerk_for_collector(
    world: World,
) -> None:
    """R20: a part that is both complaint and tip is two cases; nobody collected either."""
    number = world.report()
    part = {
        "kind": ["complaint", "tip"],
        "description": "另一件",
        "channel": "web",
        "area": VILLAGE,
    }

    (made,) = world.done(change(world, number, "split", parts=[part]))["into"]
    (split_off,) = [
        link["number"] for link in world.case(made)["links"] if link["number"] != number
    ]
    shown = world.case(split_off)

    assert shown["collector"]["id"] is None
    assert shown["source"] == "public_report"


def test_the_parts_of_an_event_keep_its_source(world: World) -> None:
    """R20, R24: counted for the channel that found it, held by who collected it."""
    number = world.file("station")
    with world.database.transaction() as session:
        # As a case of another way in has it: not what its collector would tell.
        named = {"source": "video_patrol", "number": number}
        session.execute(text("update case_ set source = :source where number = :number"), named)

    (made,) = world.done(change(world, number, "split", parts=[PART]))["into"]
    shown = world.case(made)

    assert (shown["source"], shown["collector"]["id"]) == (
        "video_patrol",
        world.people["station"].id,
    )


def test_a_closed_case_is_not_split(world: World) -> None:
    number = world.file()
    world.resolve(number, "grid_member", outcome="not_valid", reason="现场没有问题")

    answer = change(world, number, "split", parts=[PART])

    assert (answer.status_code, answer.get_json()["code"]) == (409, "case_closed")


def test_what_is_handled_again_shows_no_result_meanwhile(world: World) -> None:
    """R51: the reporter reads the result of the work, not that of the time before."""
    number = published(world)
    world.wait(days=10)

    before = world.look_up(number)
    world.done(change(world, number, "reopen"))
    after = world.look_up(number)

    assert (before["status"], before["result"]) == ("closed", "已经整改")
    assert (after["status"], after["result"], after["outcome"]) == ("open", None, None)
