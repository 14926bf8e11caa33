"""Work asked of others beside the owner, who stays the owner."""

from typing import Any

import pytest

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
