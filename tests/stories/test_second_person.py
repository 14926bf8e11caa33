"""Who acted before is not offered what a second person does, and cannot take it (R42)."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.stories.world import World

ON_THE_SPOT = {"order": "on_the_spot", "reason": "当场改正，没有照片"}


def to_be_checked(world: World) -> tuple[str, str, str, str]:
    """An order the first officer of the station had put right on the spot."""
    world.appoint("station", name="colleague")
    number = world.file("station")
    world.accept(number, "station")
    world.resolve(number, "station")
    world.do(number, "station", "order_rectification", **ON_THE_SPOT)
    return number, "check_rectification", "station", "colleague"


def to_be_verified(world: World) -> tuple[str, str, str, str]:
    """What a member of the grid resolved, who holds the post that verifies as well."""
    world.give("grid_leader", "grid_member")
    number = world.file()
    world.accept(number, "grid_member")
    world.resolve(number, "grid_member")
    return number, "verify", "grid_member", "grid_leader"


def to_be_extended(world: World) -> tuple[str, str, str, str]:
    """An extension that somebody asks who holds the post above as well."""
    number = world.file("station")
    world.accept(number, "station")
    world.give("county", "station")
    key = world.task(number, "resolve_or_pass_up")["id"]
    world.done(world.act(key, "station", "extend", reason="等检验"))
    return number, "answer", "station", "county"


def mine(world: World, who: str) -> set[str]:
    page = world.done(world.ask("GET", "/tasks?mine=true", who))
    return {task["id"] for task in page["items"]}


@pytest.mark.parametrize("prepare", [to_be_checked, to_be_verified, to_be_extended])
def test_who_acted_before_is_neither_offered_the_task_nor_may_take_it(
    world: World, prepare: Callable[[World], tuple[str, str, str, str]]
) -> None:
    number, name, first, second = prepare(world)
    key = world.task(number, name)["id"]

    def told(who: str) -> dict[str, Any]:
        return world.done(world.ask("GET", f"/tasks/{key}", who))

    def hand_on(who: str, to: str) -> TestResponse:
        body = {"officer": world.people[to].id, "reason": "请代办"}
        return world.act(key, who, "delegate", **body)

    claimed = world.act(key, first, "claim")
    handed = hand_on(second, first)
    offered = {who: told(who)["allowed_actions"] for who in (first, second)}
    listed = {who: key in mine(world, who) for who in (first, second)}
    taken = world.act(key, second, "claim")

    assert (claimed.status_code, claimed.get_json()["code"]) == (403, "acted_before")
    assert (claimed.get_json()["clause"], "没有经手" in claimed.get_json()["detail"]) == (
        "R42",
        True,
    )
    assert handed.status_code in {403, 409}
    assert offered[first] == []
    assert {"complete", "claim"} <= set(offered[second])
    assert listed == {first: False, second: True}
    assert taken.status_code == 200
