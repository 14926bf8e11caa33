"""Work asked of others beside the owner, who stays the owner."""

from typing import Any

import pytest

from engine.delivery.channels import LogChannel, Notices
from tests.delivering import deliver_due
from tests.stories.world import RESOLVED, World


def handling(world: World, who: str = "county") -> str:
    number = world.file(who)
    world.accept(number, who)
    return number


def asked(world: World, number: str, who: str, kind: str, *posts: str) -> dict[str, Any]:
    task = world.task(number, "resolve_or_pass_up")["id"]
    body = {"posts": [world.post(post) for post in posts], "question": "请协助督促整改"}
    return world.done(world.act(task, who, kind, **body))


def test_a_superior_asks_those_below_to_assist_and_stays_the_owner(world: World) -> None:
    """R27: an assist task has no ownership and no right to close."""
    number = handling(world)

    asked(world, number, "county", "assist", "station", "grid_member")
    holders = {one["holder"]["post"] for one in world.open(number) if one["name"] == "answer"}
    (of_station,) = [
        one for one in world.open(number) if one["holder"]["post"] == world.post("station")
    ]
    form = {"opinion": "agree", "reply": "已到现场"}
    world.done(world.act(of_station["id"], "station", "complete", form=form))

    assert holders == {world.post("station"), world.post("grid_member")}
    assert world.case(number)["owner_level"] == "county"
    assert world.task(number, "resolve_or_pass_up")["holder"]["post"] == world.post("county")


def test_an_open_question_does_not_hold_the_owner_up(world: World) -> None:
    """R27, R69: configurable; by default the owner goes on."""
    number = handling(world)
    asked(world, number, "county", "consult", "station")

    world.do(number, "county", "resolve_or_pass_up", **RESOLVED)

    assert {one["name"] for one in world.open(number)} == {"answer", "order_rectification"}


@pytest.mark.parametrize(
    ("opinions", "result"),
    [(("agree", "agree"), "agreed"), (("agree", "disagree"), "refused")],
)
def test_a_countersignature_counts_when_all_agree(
    world: World, opinions: tuple[str, str], result: str
) -> None:
    """Flows, side_task: countersign = all must agree."""
    number = handling(world, "station")
    asked(world, number, "station", "countersign", "county", "city")

    for who, opinion in zip(("county", "city"), opinions, strict=True):
        (task,) = [one for one in world.open(number) if one["holder"]["post"] == world.post(who)]
        form = {"opinion": opinion, "reply": "意见"}
        world.done(world.act(task["id"], who, "complete", form=form))

    (recorded,) = world.notes(number, "side_task_recorded")
    assert recorded["result"] == result
    assert set(recorded["answers"]) == {world.post("county"), world.post("city")}
    assert world.task(number)["name"] == "resolve_or_pass_up"


def test_nobody_but_the_one_asked_answers(world: World) -> None:
    """R27: the post that was asked."""
    number = handling(world)
    asked(world, number, "county", "assist", "station")
    task = world.task(number, "answer")["id"]

    answer = world.act(task, "grid_leader", "complete", form={"opinion": "agree"})

    assert answer.status_code in {403, 404}


def test_a_question_to_nobody_is_refused(world: World) -> None:
    """R27, R69."""
    number = handling(world)
    task = world.task(number)["id"]

    body = {"posts": ["station:ST-nowhere"], "question": "请协助"}
    answer = world.act(task, "county", "assist", **body)

    assert answer.status_code in {404, 422}
    assert len(world.open(number)) == 1


@pytest.mark.parametrize("kind", ["assist", "consult", "countersign"])
@pytest.mark.parametrize("asked_of", ["county", "enforcement"])
def test_a_question_is_withdrawn_when_the_case_ends_and_who_was_asked_is_told(
    world: World, kind: str, asked_of: str
) -> None:
    """R69: nobody is kept waiting to answer for a case that is over."""
    original = world.file("station")
    number = handling(world, "station")
    asked(world, number, "station", kind, asked_of)

    ended = {"outcome": "duplicate", "original": original}
    world.do(number, "station", "resolve_or_pass_up", **ended)
    while deliver_due(world.database, {"notice": Notices(LogChannel())}, world.clock).sent:
        pass
    box = world.done(world.ask("GET", "/messages", asked_of))["items"]

    assert world.case(number)["status"] == "closed"
    assert world.open(number) == []
    (withdrawn,) = world.notes(number, "side_task_ended")
    assert withdrawn["told"]
    assert "side_task_withdrawn" in [each["template"] for each in box]


def test_a_question_is_withdrawn_when_a_verification_ends_the_case(world: World) -> None:
    """R69: the same for a case that somebody else ends."""
    number = handling(world, "grid_leader")
    asked(world, number, "grid_leader", "consult", "station")
    world.do(number, "grid_leader", "resolve_or_pass_up", **RESOLVED)
    verifier = str(world.task(number, "verify")["holder"]["post"]).split(":")[0]

    world.do(number, verifier, "verify", verify_result="passed")

    assert world.case(number)["status"] == "closed"
    assert world.open(number) == []
