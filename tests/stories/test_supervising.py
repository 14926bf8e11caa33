"""Who may put a case under supervised handling (督办), and what a repeated claim leaves on file."""

import pytest

from tests.stories.world import World


@pytest.mark.parametrize("who", ["grid_leader", "village_center", "village_assistant", "station"])
def test_the_grid_the_village_and_the_station_do_not_supervise(world: World, who: str) -> None:
    """Requirements, section 14: supervised handling begins at the county."""
    number = world.file("grid_member")

    answer = world.ask("POST", f"/cases/{number}/supervise", who, json={"text": "请抓紧"})

    assert (answer.status_code, answer.get_json()["code"]) == (403, "not_supervising")
    assert "supervise" not in world.case(number, who)["allowed_actions"]
    assert not world.case(number)["supervised"]


@pytest.mark.parametrize("who", ["county", "city", "supervisor"])
def test_who_supervises_does_so_for_owners_below_their_rank(world: World, who: str) -> None:
    number = world.file("grid_member")

    offered = world.case(number, who)["allowed_actions"]
    world.done(world.ask("POST", f"/cases/{number}/supervise", who, json={"text": "请抓紧"}))

    assert "supervise" in offered
    assert world.case(number)["supervised"]


def test_nobody_supervises_their_equal(world: World) -> None:
    number = world.file("county")

    answer = world.ask("POST", f"/cases/{number}/supervise", "county", json={"text": "请抓紧"})

    assert (answer.status_code, answer.get_json()["code"]) == (403, "not_supervising")


def test_claiming_ones_own_task_again_leaves_one_entry(world: World) -> None:
    number = world.file("grid_member")
    key = world.task(number)["id"]
    world.done(world.act(key, "grid_member", "release"))

    for _ in range(3):
        world.done(world.act(key, "grid_member", "claim"))

    assert len(world.entries(number, "task_claimed")) == 1
